"""A listener that takes the partner's certificate from a header field: whom it believes, and what it makes of the
field. The proxy is this test, over plain HTTP; test_proxies.py has real ones."""

import copy
import json

import pytest
from harness import expect
from harness.client import wait_known
from harness.handed_on import FORMS, Through
from harness.jose import claims_of, jwk_of
from harness.pki import days, now
from harness.server import HOST

STRANGER = "127.0.0.2"  # an address that is not listed


def put_behind(server, form, **proxy):
    """The mtls listener speaks plain HTTP and believes the test's own address."""
    mtls = server.config["listeners"]["mtls"]
    del mtls["certificate"], mtls["private_key"]
    mtls["proxy"] = {"certificate_header": form, "addresses": [HOST], **proxy}
    server.config["trust_groups"][0]["depth"] = 4
    server.write_config()


@pytest.fixture(scope="module", params=FORMS)
def form(request):
    return request.param


@pytest.fixture(scope="module")
def server(form, installation):
    """One start for each form; the configuration and the clients are the same."""
    kept = copy.deepcopy(installation.config)
    put_behind(installation, form)
    installation.start()
    yield installation
    installation.stop()
    installation.config = kept


@pytest.fixture
def fields(form):
    return FORMS[form]


@pytest.fixture
def through(server, fields, identities):
    """through(identity, client_id): the requests of a partner, handed on by the proxy."""
    return lambda identity, client_id=None: Through(
        server, fields(identity.der) if identity else [], client_id, identity)


def test_token_of_the_partner(through, identities):
    a = through(identities.a, "partner-a")
    assert claims_of(expect.issued(a, a.token()))["cnf"] == {"x5t#S256": identities.a.x5t}


def test_another_partners_certificate(through, identities):
    mixed = through(identities.b, "partner-a")
    expect.refused(mixed, mixed.token(), 400, "invalid_client", "certificate_subject_mismatch",
                   x5t=identities.b.x5t)


def test_no_field_is_no_certificate(through):
    bare = through(None, "partner-a")
    expect.refused(bare, bare.token(), 400, "invalid_client", "certificate_missing")


def test_an_empty_field_is_no_certificate(server, fields):
    empty = Through(server, [(name, "") for name, _ in fields(b"x", b"y")], "partner-a")
    expect.refused(empty, empty.token(), 400, "invalid_client", "certificate_missing")


def test_the_chain_is_verified_here(through, authorities, identities):
    subject = identities.a.certificate.subject
    for identity, reason in (
        (authorities.ca.issue("x", subject=subject, not_before=now() - days(9), not_after=now() - days(1)),
         "certificate_expired"),
        (authorities.untrusted_ca.issue("x", subject=subject), "certificate_issuer_unknown"),
        (authorities.twin_ca.issue("x", subject=subject), "certificate_signature_invalid"),
    ):
        partner = through(identity, "partner-a")
        expect.refused(partner, partner.token(), 400, "invalid_client", reason)


def test_a_self_signed_client(server, through, pki, form):
    identity = pki.self_signed(f"self-signed-{form}")
    jwks = server.folder / f"jwks-{form}.json"
    jwks.write_text(json.dumps({"keys": [jwk_of(identity)]}))
    server.add_client(f"self-{form}", jwks=jwks, scope="accounts")
    partner = through(identity, f"self-{form}")
    wait_known(server, f"self-{form}", through(pki.self_signed("probe"), f"self-{form}"))
    expect.issued(partner, partner.token())


def test_intermediates(server, fields, form, authorities, pki):
    """Where the form carries them; nginx has no variable for the chain."""
    middle = pki.authority("Middle CA", issuer=authorities.ca)
    leaf = middle.issue("partner-a")
    chained = Through(server, fields(leaf.der, middle.identity.der), "partner-a", leaf)
    if form == "nginx":
        expect.refused(chained, chained.token(), 400, "invalid_client", "certificate_issuer_unknown")
    else:
        expect.issued(chained, chained.token())
    alone = Through(server, fields(leaf.der), "partner-a", leaf)
    expect.refused(alone, alone.token(), 400, "invalid_client", "certificate_issuer_unknown")


def test_one_connection_carries_many_partners(through, identities):
    """In any order, with and without certificate, over and over: nobody gets another's."""
    a, b, nobody = (through(i, c) for i, c in ((identities.a, "partner-a"), (identities.b, "partner-b"),
                                               (None, "partner-a")))
    connection = a.connection()
    for _ in range(20):
        for partner in (a, b, nobody, b, a):
            reply = partner.token(connection=connection)
            if partner is nobody:
                expect.refused(nobody, reply, 400, "invalid_client", "certificate_missing")
            else:
                assert claims_of(expect.issued(partner, reply))["cnf"] == {"x5t#S256": partner.identity.x5t}
    connection.close()


def test_a_reload_counts_for_what_is_remembered(server, through, identities):
    """The parsed certificate stays, its verdict does not."""
    a = through(identities.a, "partner-a")
    connection = a.connection()
    expect.issued(a, a.token(connection=connection))
    anchors = server.config["trust_groups"][0]["anchors"]
    good = open(anchors, "rb").read()
    try:
        open(anchors, "wb").write(open(server.config["trust_groups"][1]["anchors"], "rb").read())
        assert server.reload()["event"] == "reloaded"
        expect.refused(a, a.token(connection=connection), 400, "invalid_client", "certificate_issuer_unknown")
    finally:
        open(anchors, "wb").write(good)
        assert server.reload()["event"] == "reloaded"
    expect.issued(a, a.token(connection=connection))
    connection.close()


@pytest.mark.parametrize("spoil", [
    lambda v: v[:-1], lambda v: v + "x", lambda v: v[:40] + " " + v[40:], lambda v: v[:40] + "!" + v[41:],
    lambda v: v + ", " + v,
], ids=["cut", "behind", "blank", "character", "twice in one"])
def test_a_field_that_does_not_parse(server, fields, identities, spoil):
    spoiled = [(name, spoil(value)) for name, value in fields(identities.a.der) if value]
    partner = Through(server, spoiled, "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_request", "certificate_header_malformed")


def test_a_folded_line_is_never_a_certificate(server, fields, identities):
    """RFC 9112 section 5.2; libraries refuse it, join it, or make an empty field of it."""
    (name, value), *_ = fields(identities.a.der)
    partner = Through(server, [(name, value[:40] + "\r\n " + value[40:])], "partner-a")
    assert partner.token().status == 400


def test_two_fields(server, fields, identities):
    (name, value), *_ = fields(identities.a.der)
    for second in (value, "", fields(identities.b.der)[0][1]):
        partner = Through(server, [(name, value), (name.lower(), second)], "partner-a")
        expect.refused(partner, partner.token(), 400, "invalid_request", "certificate_header_repeated")


def test_too_many_certificates(server, fields, form, identities):
    if form == "nginx":
        pytest.skip("the form carries one")
    ders = [identities.a.der] * 9
    partner = Through(server, fields(*ders), "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_malformed")


@pytest.mark.parametrize("form", ["rfc9440", "haproxy"], indirect=True)
def test_a_chain_without_leaf(server, form, identities):
    name, value = FORMS[form](identities.a.der, identities.b.der)[1]
    for empty in ([], [(FORMS[form](b"x")[0][0], "")]):
        partner = Through(server, [(name, value), *empty], "partner-a")
        expect.refused(partner, partner.token(), 400, "invalid_request", "certificate_header_chain_alone")


@pytest.mark.parametrize("form", ["rfc9440", "haproxy"], indirect=True)
def test_two_fields_of_a_chain(server, form, identities):
    leaf, chain = FORMS[form](identities.a.der, identities.b.der)
    partner = Through(server, [leaf, chain, chain], "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_request", "certificate_header_repeated")


def test_garbage_in_base64_is_a_malformed_certificate(server, fields, identities):
    """Also a good certificate with a byte behind it, or without its last."""
    good = identities.a.der
    for der in (b"\x30\x03\x02\x01\x00", b"not a certificate", good + b"\0", good + good, good[:-1]):
        partner = Through(server, fields(der), "partner-a")
        expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_malformed")


def test_the_header_of_another_form_is_nothing(server, form, identities):
    others = [field for other, write in FORMS.items() if other != form for field in write(identities.a.der)]
    partner = Through(server, others, "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_missing")


def test_from_a_stranger_the_header_is_ignored_and_counted(server, fields, identities):
    stranger = Through(server, fields(identities.a.der), "partner-a", source=STRANGER)
    since = server.log.position()
    counted = server.counted("client_cert_header_ignored")
    expect.refused(stranger, stranger.token(), 400, "invalid_client", "certificate_missing")
    line = server.log.like(since, event="client_cert_header_ignored")
    assert (line["address"], line["listener"]) == (STRANGER, "mtls")
    for _ in range(29):
        stranger.token()
    assert server.counted("client_cert_header_ignored") == counted + 30  # also those that the log held back
    stranger.fields = []
    expect.refused(stranger, stranger.token(), 400, "invalid_client", "certificate_missing")
    assert server.counted("client_cert_header_ignored") == counted + 30


@pytest.mark.parametrize("sent, logged", [
    (["192.0.2.7"], "192.0.2.7"),
    (["10.9.9.9, 192.0.2.7"], "192.0.2.7"),
    (["10.9.9.9", "192.0.2.7"], "192.0.2.7"),
    (["2001:DB8::1"], "2001:db8::1"),
    (["192.0.2.7, evil"], None),
    (["192.0.2.0/24"], None),
    ([""], None),
    ([], None),
])
def test_the_partners_address_in_the_audit_line(server, fields, identities, sent, logged):
    header = fields(identities.a.der) + [("X-Forwarded-For", value) for value in sent]
    partner = Through(server, header, "partner-a", identities.a)
    reply = partner.token()
    expect.issued(partner, reply)
    line = server.log.like(request=expect.request_id(reply), event="token_issued")
    assert (line["address"], line.get("forwarded_for")) == (HOST, logged)


def test_the_partners_address_where_nothing_is_found(server):
    partner = Through(server, [("X-Forwarded-For", "192.0.2.7")])
    reply = partner.request("GET", "/nothing")
    assert reply.status == 404
    line = server.log.like(request=expect.request_id(reply), event="request_refused")
    assert line["forwarded_for"] == "192.0.2.7"


def test_a_stranger_does_not_say_where_it_is(server, fields, identities):
    stranger = Through(server, [("X-Forwarded-For", "192.0.2.7")], "partner-a", source=STRANGER)
    line = expect.refused(stranger, stranger.token(), 400, "invalid_client", "certificate_missing")
    assert "forwarded_for" not in line


def test_a_header_of_32_kib_and_no_more(server, fields, identities):
    partner = Through(server, fields(identities.a.der), "partner-a", identities.a)
    partner.fields += [("X-Padding", "x" * 28000)]
    expect.issued(partner, partner.token())
    partner.fields[-1] = ("X-Padding", "x" * 33000)
    reply = partner.token()
    assert reply.status == 431
