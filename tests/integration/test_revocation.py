"""Revoked certificates: lists from files and URLs, OCSP, on live connections and resumed sessions."""

import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from harness import expect
from harness.client import FORM, Partner
from harness.handed_on import Through, rfc9440
from harness.server import HOST, eventually, free_port
from harness.status import (GOOD, OCSP_SIGNING, REVOKED, UNKNOWN, Responder, StatusServer, crl, names, now, seconds)

INVALID = 400, "invalid_client", "certificate_revoked"
NOT_KNOWN = 503, "temporarily_unavailable", "revocation_unknown"


@pytest.fixture
def status():
    server = StatusServer()
    yield server
    server.stop()


@pytest.fixture
def server(make_server, authorities, status):
    """Not started, nothing checked yet: tests set the policy of group `partners` by `policy`."""
    server = make_server()
    server.config["outbound"] = {"allowed_addresses": [HOST], "plain_http": [HOST], "timeout": "2s"}
    yield server
    server.stop()


def start(server, authority, identity, **policy):
    """A server whose group follows the policy, and a partner of it."""
    server.trust("partners", authority, revocation=policy)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identity.subject, trust_group="partners",
                      scope="accounts")
    server.start()
    return Partner(server, identity, "partner-a")


def refused(partner, reply, kind, **fields):
    status, error, reason = kind
    event = "request_failed" if status == 503 else "token_refused"
    return expect.refused(partner, reply, status, error, reason, event=event, **fields)


def put(path, data):
    """As an operator's cron job should: whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(data)
    fresh.rename(path)


def metric(server, name):
    for line in server.ops("/metrics")[1].splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            yield line


# --- lists in files


@pytest.fixture
def listed(server, authorities):
    """A running server that reads `path`, its partner, and the CA."""
    ca = authorities.ca
    path = server.folder / "partners.crl"
    put(path, crl(ca))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)])
    partner.path = path
    partner.ca = ca
    return partner


def test_the_list_is_there_at_the_start(server, listed):
    line = server.log.like(event="crl_loaded", trust_group="partners", location=str(listed.path))
    assert line["entries"] == 0 and line["generation"] > 1 and line["next_update"].endswith("Z")
    expect.issued(listed, listed.token())
    assert f'certbound_crl_held{{trust_group="partners",location="{listed.path}"}} 1' in server.ops("/metrics")[1]


def test_a_revoked_certificate_is_refused_on_a_live_connection_within_a_second(server, listed):
    connection = listed.connection()
    expect.issued(listed, listed.token(connection=connection))
    local = connection.sock.getsockname()
    generation = server.log.like(event="crl_loaded")["generation"]
    put(listed.path, crl(listed.ca, listed.identity))
    arrived = time.monotonic()
    assert eventually(lambda: listed.token(connection=connection).status == 400, every=0.02)
    assert time.monotonic() - arrived < 1.0
    line = refused(listed, listed.token(connection=connection), INVALID)
    assert "keyCompromise" in line["detail"] and str(listed.path) in line["detail"]
    assert connection.sock.getsockname() == local, "the connection was dropped"
    loaded = server.log.like(event="crl_loaded", entries=1)
    assert loaded["generation"] > generation and loaded["microseconds"] > 0
    assert 'certbound_revocation_checks_total{outcome="revoked"} ' in server.ops("/metrics")[1]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_is_checked_again(server, listed, version):
    partner = Partner(server, listed.identity, "partner-a", version=version)
    body = "grant_type=client_credentials&client_id=partner-a"
    request = (f"POST /token HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n"
               f"Connection: close\r\n\r\n{body}").encode()
    with partner.connect() as tls:
        tls.sendall(request)
        assert b" 200 " in tls.recv(65536)
        session = tls.session
    put(listed.path, crl(listed.ca, listed.identity))
    server.log.like(event="crl_loaded", entries=1)
    with partner.connect(session=session) as tls:
        assert tls.session_reused
        tls.sendall(request)
        assert b" 400 " in tls.recv(65536)


def test_a_certificate_in_a_header_field_is_refused_within_a_second(server, authorities):
    """What a proxy hands on is remembered between requests, like a connection's own."""
    ca = authorities.ca
    path = server.folder / "partners.crl"
    put(path, crl(ca))
    mtls = server.config["listeners"]["mtls"]
    del mtls["certificate"], mtls["private_key"]
    mtls["proxy"] = {"certificate_header": "rfc9440", "addresses": [HOST]}
    identity = ca.issue("partner-a")
    start(server, ca, identity, check="crl", crls=[str(path)])
    partner = Through(server, rfc9440(identity.der), "partner-a", identity)
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    put(path, crl(ca, identity))
    arrived = time.monotonic()
    assert eventually(lambda: partner.token(connection=connection).status == 400, every=0.02)
    assert time.monotonic() - arrived < 1.0
    refused(partner, partner.token(), INVALID)
    put(path, crl(ca, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token(connection=connection).status == 200)


def test_a_list_that_takes_it_back_lets_the_partner_in_again(server, listed):
    put(listed.path, crl(listed.ca, listed.identity))
    assert eventually(lambda: listed.token().status == 400)
    put(listed.path, crl(listed.ca, this_update=now() + seconds(1)))
    assert eventually(lambda: listed.token().status == 200)


def spoilt_bytes(listed):
    data = bytearray(crl(listed.ca, listed.identity))
    data[len(data) // 2] ^= 1
    return bytes(data)


def another_ca(listed):
    return crl(listed.authorities.other_ca, listed.identity)


def twin_ca(listed):
    return crl(listed.authorities.twin_ca, listed.identity)


def delta(listed):
    return crl(listed.ca, listed.identity, extensions=[(x509.DeltaCRLIndicator(1), True)])


def indirect(listed):
    point = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
    return crl(listed.ca, listed.identity, extensions=[(point, True)])


def demanding(listed):
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    return crl(listed.ca, listed.identity, extensions=[(unknown, True)])


def older(listed):
    return crl(listed.ca, listed.identity, this_update=now() - seconds(600))


def of_tomorrow(listed):
    return crl(listed.ca, listed.identity, this_update=now() + seconds(86400), next_update=now() + seconds(2 * 86400))


def behind(listed):
    return crl(listed.ca, listed.identity) + b"x"


@pytest.mark.parametrize("make, reason", [
    (spoilt_bytes, None),
    (another_ca, "crl_issuer_unknown"),
    (twin_ca, "crl_signature_invalid"),
    (delta, "crl_kind_unsupported"),
    (indirect, "crl_kind_unsupported"),
    (demanding, "crl_kind_unsupported"),
    (older, "crl_older_than_held"),
    (of_tomorrow, "crl_not_yet_valid"),
    (behind, "crl_malformed"),
    (lambda listed: b"", "crl_malformed"),
    (lambda listed: None, "file_unreadable"),
], ids=["spoilt", "another CA", "a same-named CA", "delta", "indirect", "unknown and critical", "older", "of tomorrow", "bytes behind", "empty", "gone"])
def test_a_bad_list_changes_nothing_and_is_said_once(server, listed, authorities, make, reason):
    listed.authorities = authorities
    data = make(listed)
    if data is None:
        listed.path.unlink()
    else:
        put(listed.path, data)
    line = server.log.like(event="crl_refused", trust_group="partners", location=str(listed.path))
    assert line["held"] is True and line["reason"] == (reason or line["reason"])
    assert line["reason"].startswith("crl_") or reason == "file_unreadable"
    expect.issued(listed, listed.token())
    assert list(metric(server, "certbound_crl_last_attempt_failed"))[0].endswith(" 1")
    time.sleep(0.6)
    assert len(server.log.find(event="crl_refused")) == 1
    # And once mended, the next one counts.
    put(listed.path, crl(listed.ca, listed.identity, this_update=now() + seconds(1)))
    assert eventually(lambda: listed.token().status == 400)
    assert list(metric(server, "certbound_crl_last_attempt_failed"))[0].endswith(" 0")


def test_no_list_at_the_start_refuses_until_there_is_one(server, authorities):
    ca = authorities.ca
    path = server.folder / "later.crl"
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)])
    assert server.log.like(event="crl_refused")["held"] is False
    reply = partner.token()
    refused(partner, reply, NOT_KNOWN)
    assert int(reply.headers["retry-after"]) >= 1
    put(path, crl(ca))
    assert eventually(lambda: partner.token().status == 200)


def test_a_list_that_ends_is_said_and_refuses(server, authorities):
    ca = authorities.ca
    path = server.folder / "short.crl"
    put(path, crl(ca, next_update=now() + seconds(4)))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)])
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    assert eventually(lambda: partner.token(connection=connection).status == 503)
    line = server.log.like(event="crl_expired", trust_group="partners", location=str(path))
    assert line["reason"] == "crl_expired"
    put(path, crl(ca, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token(connection=connection).status == 200)


def test_an_old_list_in_grace_still_revokes(server, authorities):
    ca = authorities.ca
    path = server.folder / "old.crl"
    revoked = ca.issue("partner-r")
    put(path, crl(ca, revoked, this_update=now() - seconds(7200), next_update=now() - seconds(3600)))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)], grace="2h")
    server.add_client("partner-r", tls_client_auth_subject_dn=revoked.subject, trust_group="partners",
                      scope="accounts")
    expect.issued(partner, partner.token())
    assert server.log.like(event="revocation_stale", trust_group="partners")
    assert any('outcome="stale"' in line and not line.endswith(" 0")
               for line in metric(server, "certbound_revocation_checks_total"))
    other = Partner(server, revoked, "partner-r")
    assert eventually(lambda: "revoked" in other.token().json["error_description"])
    refused(other, other.token(), INVALID)


def test_several_lists_and_an_intermediate(server, pki, authorities):
    root = authorities.ca
    sub = pki.authority("Sub CA", issuer=root)
    identity = sub.issue("partner-a")
    files = {name: server.folder / f"{name}.crl" for name in ("root", "sub")}
    put(files["root"], crl(root))
    put(files["sub"], crl(sub))
    # The list of the intermediate can be verified once a partner has presented it.
    partner = start(server, root, identity, check="crl", crls=[str(f) for f in files.values()])
    assert eventually(lambda: partner.token().status == 200)
    put(files["root"], crl(root, sub.identity, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token().status == 400)
    line = refused(partner, partner.token(), INVALID)
    assert "certificate 1 of the chain" in line["detail"]
    put(files["root"], crl(root, this_update=now() + seconds(2)))
    assert eventually(lambda: partner.token().status == 200)
    put(files["sub"], crl(sub, identity, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token().status == 400)
    assert "certificate 0 of the chain" in refused(partner, partner.token(), INVALID)["detail"]


def test_a_list_of_one_group_says_nothing_in_another(server, authorities, pki):
    """Two groups, two CAs of one name, one serial number: revoked here, good there."""
    first, second = authorities.ca, authorities.twin_ca
    mine, theirs = first.issue("partner-a"), second.issue("partner-b")
    paths = server.folder / "first.crl", server.folder / "second.crl"
    put(paths[0], crl(first, mine, theirs))
    put(paths[1], crl(second))
    server.trust("others", second, revocation={"check": "crl", "crls": [str(paths[1])]})
    partner = start(server, first, mine, check="crl", crls=[str(paths[0])])
    server.add_client("partner-b", tls_client_auth_subject_dn=theirs.subject, trust_group="others", scope="accounts")
    other = Partner(server, theirs, "partner-b")
    assert eventually(lambda: other.token().status == 200)
    refused(partner, partner.token(), INVALID)
    expect.issued(other, other.token())


# --- reload


def test_a_reload_turns_it_on_and_keeps_what_is_held(server, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a")
    path = server.folder / "partners.crl"
    put(path, crl(ca, identity))
    partner = start(server, ca, identity, check="off")
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    group = server.config["trust_groups"][0]
    group["revocation"] = {"check": "crl", "crls": [str(path)]}
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    refused(partner, partner.token(connection=connection), INVALID)
    assert len(server.log.find(event="crl_loaded")) == 1
    # The list is gone by now, but what it said is held, also over a reload.
    path.unlink()
    server.log.like(event="crl_refused", reason="file_unreadable")
    assert server.reload()["event"] == "reloaded"
    refused(partner, partner.token(connection=connection), INVALID)
    group["revocation"] = {"check": "off"}
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    expect.issued(partner, partner.token(connection=connection))


# --- lists from URLs


def test_a_configured_url(server, status, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a")
    status.content["/partners.crl"] = crl(ca, identity)
    partner = start(server, ca, identity, check="crl", crls=[status.url + "/partners.crl"])
    assert eventually(lambda: partner.token().status == 400)
    refused(partner, partner.token(), INVALID)


def test_a_distribution_point_over_https(server, authorities):
    ca = authorities.ca
    tls = StatusServer(server.tls)
    try:
        identity = ca.issue("partner-a", raw_extensions=names(crl_url=tls.url + "/ca.crl"))
        server.config["outbound"]["ca_file"] = str(server.tls_authority.pem)
        tls.content["/ca.crl"] = crl(ca)
        partner = start(server, ca, identity, check="crl", distribution_points=True)
        refused(partner, partner.token(), NOT_KNOWN)  # the first request finds out where it is
        assert eventually(lambda: partner.token().status == 200)
        assert server.log.like(event="crl_loaded")["location"] == tls.url + "/ca.crl"
    finally:
        tls.stop()


def test_a_distribution_point_that_is_not_allowed(server, status, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a", raw_extensions=names(crl_url=status.url + "/ca.crl"))
    status.content["/ca.crl"] = crl(ca)
    server.config["outbound"] = {"plain_http": [HOST]}
    partner = start(server, ca, identity, check="crl", distribution_points=True)
    partner.token()
    line = server.log.like(event="crl_refused")
    assert line["reason"] == "fetch_refused"
    refused(partner, partner.token(), NOT_KNOWN)
    assert status.requests == []


def test_a_slow_place_holds_nobody_up(server, status, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a")
    path = server.folder / "partners.crl"
    status.delay = 1.5
    put(path, crl(ca))
    partner = start(server, ca, identity, check="crl",
                    crls=[str(path)] + [f"{status.url}/{n}.crl" for n in range(12)])
    began = time.monotonic()
    expect.issued(partner, partner.token())
    put(path, crl(ca, identity))
    assert eventually(lambda: partner.token().status == 400, every=0.02)
    assert time.monotonic() - began < 1.2


def of_another_ca(authorities):
    return crl(authorities.other_ca, this_update=now())


def of_cas_only(authorities):
    return crl(authorities.ca, this_update=now(),
               extensions=[(x509.IssuingDistributionPoint(None, None, False, True, None, False, False), True)])


@pytest.mark.parametrize("other", [of_another_ca, of_cas_only])
def test_a_genuine_list_in_anothers_place_makes_nobody_good_again(server, status, authorities, other):
    """Whoever sits between us and a CA can serve any list there is, and the group is graceful."""
    ca = authorities.ca
    server.config["outbound"]["cache_folder"] = str(server.folder / "cache")
    identity = ca.issue("partner-a")
    status.content["/partners.crl"] = crl(ca, identity)
    server.trust("partners", ca, authorities.other_ca, revocation={
        "check": "crl", "crls": [status.url + "/partners.crl"], "grace": "1h"})
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identity.subject, trust_group="partners", scope="accounts")
    server.start()
    partner = Partner(server, identity, "partner-a")
    assert eventually(lambda: partner.token().status == 400)
    status.content["/partners.crl"] = other(authorities)
    for _ in range(2):  # the copy comes first, then what is at the URL now
        server.stop()
        server.start()
        server.log.like(event="crl_loaded", entries=0)
        refused(partner, partner.token(), INVALID)


# --- what a restart finds


@pytest.fixture
def kept(server, status, authorities):
    """A partner whose list came from a URL, was kept in a folder, and whose server has stopped; so has the place where
    the list was."""
    ca = authorities.ca
    server.config["outbound"]["cache_folder"] = str(server.folder / "cache")
    status.content["/partners.crl"] = crl(ca, ca.issue("somebody else"))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[status.url + "/partners.crl"])
    assert eventually(lambda: partner.token().status == 200)
    partner.ca = ca
    [partner.file] = (server.folder / "cache").iterdir()
    server.stop()
    del status.content["/partners.crl"]
    return partner


def test_a_restart_does_not_wait_for_the_lists(server, status, kept):
    assert kept.file.stat().st_mode & 0o777 == 0o600 and kept.file.parent.stat().st_mode & 0o777 == 0o700
    server.start()
    expect.issued(kept, kept.token())
    assert server.log.like(event="crl_loaded")["entries"] == 1
    server.log.like(event="crl_refused", held=True)
    # Somebody replays an older one; and then there is a newer one.
    before = kept.file.read_bytes()
    status.content["/partners.crl"] = crl(kept.ca, this_update=now() - seconds(86400))
    server.log.like(event="crl_refused", reason="crl_older_than_held", timeout=15)
    assert kept.file.read_bytes() == before
    status.content["/partners.crl"] = crl(kept.ca, kept.identity, this_update=now())
    assert eventually(lambda: kept.token().status == 400, timeout=20)
    del status.content["/partners.crl"]
    server.stop()
    server.start()
    refused(kept, kept.token(), INVALID)


def test_a_restart_in_grace_still_knows_whom_an_old_list_revoked(server, kept):
    put(kept.file, crl(kept.ca, kept.identity, this_update=now() - seconds(7200), next_update=now() - seconds(60)))
    server.config["trust_groups"][0]["revocation"]["grace"] = "1h"
    server.write_config()
    server.start()
    refused(kept, kept.token(), INVALID)
    server.log.like(event="crl_expired")


@pytest.mark.parametrize("spoil, reason", [
    (lambda k, a: k.file.read_bytes()[:-1], "crl_malformed"),
    (lambda k, a: b"", "crl_malformed"),
    (lambda k, a: crl(a.twin_ca), "crl_signature_invalid"),
    (lambda k, a: crl(a.other_ca), "crl_issuer_unknown"),
    (lambda k, a: crl(k.ca, this_update=now() + seconds(86400), next_update=now() + seconds(2 * 86400)),
     "crl_not_yet_valid"),
], ids=["cut", "empty", "forged", "foreign", "of tomorrow"])
def test_a_kept_list_is_not_believed_for_being_there(server, status, kept, authorities, spoil, reason):
    put(kept.file, spoil(kept, authorities))
    server.start()
    refused(kept, kept.token(), NOT_KNOWN)
    line = server.log.like(event="crl_copy_ignored", trust_group="partners")
    assert line["reason"] == reason and line["file"] == str(kept.file)
    status.content["/partners.crl"] = crl(kept.ca)
    assert eventually(lambda: kept.token().status == 200)
    assert kept.file.read_bytes() == status.content["/partners.crl"]


def test_a_list_that_cannot_be_kept_counts_all_the_same(server, status, kept):
    kept.file.unlink()
    kept.file.mkdir()
    status.content["/partners.crl"] = crl(kept.ca)
    server.start()
    assert eventually(lambda: kept.token().status == 200)
    server.log.like(event="crl_not_kept", reason="file_unreadable")


def test_a_folder_that_cannot_be_written_refuses_the_start(server, kept):
    server.config["outbound"]["cache_folder"] = "/dev/null"
    server.write_config()
    assert "/dev/null" in server.refused_start()


# --- OCSP


@pytest.fixture
def responder(status, authorities):
    made = Responder(authorities.ca)
    status.content["/ocsp"] = made.answer
    return made


def asking(server, status, authorities, **policy):
    identity = authorities.ca.issue("partner-a", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    return start(server, authorities.ca, identity, check="ocsp", **policy)


def test_ocsp_good(server, status, responder, authorities):
    partner = asking(server, status, authorities)
    refused(partner, partner.token(), NOT_KNOWN)
    assert eventually(lambda: partner.token().status == 200)
    for _ in range(5):
        expect.issued(partner, partner.token())
    assert responder.asked == 1, "answers are kept"
    assert "certbound_ocsp_answers 1" in server.ops("/metrics")[1]


def test_ocsp_by_a_configured_responder(server, status, responder, authorities):
    identity = authorities.ca.issue("partner-a")
    partner = start(server, authorities.ca, identity, check="ocsp", ocsp_responder=status.url + "/ocsp")
    assert eventually(lambda: partner.token().status == 200)


def test_ocsp_nowhere_to_ask(server, authorities):
    partner = start(server, authorities.ca, authorities.ca.issue("partner-a"), check="ocsp")
    line = refused(partner, partner.token(), NOT_KNOWN)
    assert "names no OCSP responder" in line["detail"]


def test_ocsp_revoked(server, status, responder, authorities):
    responder.status = REVOKED
    partner = asking(server, status, authorities)
    assert eventually(lambda: partner.token().status == 400)
    refused(partner, partner.token(), INVALID)


def test_ocsp_revoked_later_on_a_live_connection(server, status, responder, authorities):
    responder.next_update = seconds(22)
    partner = asking(server, status, authorities)
    connection = partner.connection()
    assert eventually(lambda: partner.token(connection=connection).status == 200)
    responder.status = REVOKED
    # Half-way to its end, at most every ten seconds, an answer is asked for again.
    assert eventually(lambda: partner.token(connection=connection).status == 400, timeout=45, every=0.5)


def wrong_signer(r, authorities):
    r.signer = authorities.ca.issue("leaf")


def signer_of_another_ca(r, authorities):
    r.signer = authorities.other_ca.issue("ocsp", eku=[OCSP_SIGNING])


def old(r, authorities):
    r.this_update, r.next_update = now() - seconds(7200), seconds(3600)


def of_the_future(r, authorities):
    r.this_update = now() + seconds(600)


def another_nonce(r, authorities):
    r.sent_nonce = bytes(16)


def signed_by_a_namesake(r, authorities):
    r.authority = authorities.twin_ca


def another_certificate(r, authorities):
    r.about = authorities.ca.issue("another")


def try_later(r, authorities):
    r.unsuccessful = ocsp.OCSPResponseStatus.TRY_LATER


def unauthorized(r, authorities):
    r.unsuccessful = ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("spoil, reason", [
    (wrong_signer, "ocsp_signer_not_authorised"),
    (signer_of_another_ca, "ocsp_signer_not_authorised"),
    (signed_by_a_namesake, "ocsp_signer_not_authorised"),
    (old, "ocsp_answer_too_old"),
    (of_the_future, "ocsp_answer_not_yet_valid"),
    (another_nonce, "ocsp_nonce_differs"),
    (another_certificate, "ocsp_answer_for_another"),
    (try_later, "ocsp_try_later"),
    (unauthorized, "ocsp_request_refused"),
], ids=lambda x: getattr(x, "__name__", ""))
def test_ocsp_bad_answer(server, status, responder, authorities, spoil, reason):
    spoil(responder, authorities)
    partner = asking(server, status, authorities)
    refused(partner, partner.token(), NOT_KNOWN)
    line = server.log.like(event="ocsp_answer_refused", trust_group="partners")
    assert line["reason"] == reason and line["responder"] == status.url + "/ocsp"
    refused(partner, partner.token(), NOT_KNOWN)
    # Mended, and asked again after a while.
    fresh = Responder(authorities.ca)
    status.content["/ocsp"] = fresh.answer
    assert eventually(lambda: partner.token().status == 200, timeout=15)


@pytest.mark.parametrize("answer, reason", [
    (b"", "ocsp_malformed"),
    (b"<html>It works!</html>", "ocsp_malformed"),
    (b"\x30\x03\x0a\x01\x00", "ocsp_malformed"),
    (b"\x30\x84\xff\xff\xff\xff", "ocsp_malformed"),
    (b"\x00" * 65536, "ocsp_malformed"),
    (b"\x00" * 65537, "fetch_too_large"),
    (None, "fetch_failed"),
], ids=["empty", "a page", "successful and no more", "4 GB", "64 KiB", "64 KiB and a byte", "404"])
def test_ocsp_what_is_no_answer(server, status, authorities, answer, reason):
    status.content["/ocsp"] = answer
    partner = asking(server, status, authorities)
    refused(partner, partner.token(), NOT_KNOWN)
    assert server.log.like(event="ocsp_answer_refused", trust_group="partners")["reason"] == reason
    refused(partner, partner.token(), NOT_KNOWN)


def test_ocsp_a_delegate_and_one_that_is_revoked(server, status, responder, authorities):
    responder.signer = authorities.ca.issue("ocsp", eku=[OCSP_SIGNING])
    path = server.folder / "cas-only.crl"
    only_cas = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    put(path, crl(authorities.ca, extensions=[(only_cas, True)]))
    identity = authorities.ca.issue("partner-a", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    partner = start(server, authorities.ca, identity, check="both", crls=[str(path)])
    assert eventually(lambda: partner.token().status == 200)
    put(path, crl(authorities.ca, responder.signer, extensions=[(only_cas, True)], this_update=now() + seconds(1)))
    server.log.like(event="crl_loaded", entries=1)
    second = authorities.ca.issue("partner-b", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    server.add_client("partner-b", tls_client_auth_subject_dn=second.subject, trust_group="partners", scope="accounts")
    other = Partner(server, second, "partner-b")
    assert eventually(lambda: other.token().status == 503)
    assert server.log.like(event="ocsp_answer_refused")["reason"] == "ocsp_signer_not_authorised"


def test_ocsp_unknown_there(server, status, responder, authorities):
    responder.status = UNKNOWN
    partner = asking(server, status, authorities, grace="1h")
    assert eventually(lambda: partner.token().status == 503 and responder.asked == 1)
    line = refused(partner, partner.token(), NOT_KNOWN)
    assert "does not know" in line["detail"]


def test_ocsp_down(server, status, responder, authorities):
    partner = asking(server, status, authorities)
    status.stop()
    refused(partner, partner.token(), NOT_KNOWN)
    assert server.log.like(event="ocsp_answer_refused")["reason"] == "fetch_failed"
    refused(partner, partner.token(), NOT_KNOWN)


def test_ocsp_down_in_grace(server, status, responder, authorities):
    partner = asking(server, status, authorities, grace="1h")
    status.stop()
    expect.issued(partner, partner.token())
    assert server.log.like(event="revocation_stale", trust_group="partners")


def test_ocsp_slow(server, status, responder, authorities):
    """A request is answered at once, whatever the responder does, and the server stops at once, too."""
    status.delay = 10
    partner = asking(server, status, authorities)
    for _ in range(3):
        began = time.monotonic()
        refused(partner, partner.token(), NOT_KNOWN)
        assert time.monotonic() - began < 0.5
    assert server.log.like(event="ocsp_answer_refused", timeout=10)["reason"] == "fetch_failed"
    assert responder.asked == 0
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 3


def test_both_takes_whichever_answers(server, status, responder, authorities):
    identity = authorities.ca.issue("partner-a", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    path = server.folder / "partners.crl"
    partner = start(server, authorities.ca, identity, check="both", crls=[str(path)])
    assert eventually(lambda: partner.token().status == 200)
    put(path, crl(authorities.ca, identity))
    assert eventually(lambda: partner.token().status == 400)


# --- OpenSSL as the CA


@pytest.fixture
def openssl_ca(server, authorities, tmp_path):
    """`openssl ca` and `openssl ocsp` on the CA's key: made by nobody who knows our code."""
    ca = authorities.ca
    (tmp_path / "index.txt").write_text("")
    (tmp_path / "crlnumber").write_text("01\n")
    (tmp_path / "ca.cnf").write_text(f"""
[ca]
default_ca = it
[it]
database = {tmp_path}/index.txt
crlnumber = {tmp_path}/crlnumber
certificate = {ca.pem}
private_key = {ca.identity.key}
default_md = sha256
default_crl_days = 1
""")

    class OpenSsl:
        index = tmp_path / "index.txt"

        def enter(self, identity, revoked):
            serial = f"{identity.certificate.serial_number:X}"
            serial = serial.zfill(len(serial) + len(serial) % 2)
            state = ("R", "260101000000Z") if revoked else ("V", "")
            self.index.write_text(f"{state[0]}\t491231235959Z\t{state[1]}\t{serial}\tunknown\t/CN=x\n")

        def crl(self, path):
            subprocess.run(["openssl", "ca", "-config", tmp_path / "ca.cnf", "-gencrl", "-out", path],
                           check=True, capture_output=True)

        def responder(self, port):
            return subprocess.Popen(
                ["openssl", "ocsp", "-index", self.index, "-port", str(port), "-rsigner", ca.pem, "-rkey",
                 ca.identity.key, "-CA", ca.pem, "-rmd", "sha256", "-nmin", "5"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return OpenSsl()


def test_a_list_by_openssl(server, authorities, openssl_ca):
    identity = authorities.ca.issue("partner-a")
    path = server.folder / "openssl.crl"
    openssl_ca.enter(identity, revoked=False)
    openssl_ca.crl(path)
    partner = start(server, authorities.ca, identity, check="crl", crls=[str(path)])
    expect.issued(partner, partner.token())
    time.sleep(1)  # its dates are whole seconds
    openssl_ca.enter(identity, revoked=True)
    openssl_ca.crl(path)
    assert eventually(lambda: partner.token().status == 400)
    refused(partner, partner.token(), INVALID)


@pytest.mark.parametrize("revoked", [False, True])
def test_answers_by_openssl(server, authorities, openssl_ca, revoked):
    port = free_port()
    identity = authorities.ca.issue("partner-a")
    openssl_ca.enter(identity, revoked)
    responder = openssl_ca.responder(port)
    try:
        partner = start(server, authorities.ca, identity, check="ocsp", ocsp_responder=f"http://{HOST}:{port}")
        expected = 400 if revoked else 200
        assert eventually(lambda: partner.token().status == expected), server.log.text()
    finally:
        responder.kill()
        responder.wait()
