"""Who a client is: both methods of RFC 8705 section 2, and every certificate that must not pass."""

import base64
import itertools
import json
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from harness import expect
from harness.client import Partner, curl, s_client, wait_known
from harness.jose import claims_of, jwk_of
from harness.pki import SERVER_AUTH, days, name, now, weak_key
from harness.server import eventually

_ids = itertools.count(1)


def register(server, **fields):
    """A new client; waits until the running server knows it."""
    client_id = f"client-{next(_ids)}"
    server.add_client(client_id, **fields)
    wait_known(server, client_id)
    return client_id


def register_subject(server, identity, **fields):
    return register(server, tls_client_auth_subject_dn=identity.subject, trust_group="partners", scope="accounts",
                    **fields)


# --- no certificate, or one that proves nothing


def test_no_certificate(server):
    partner = Partner(server, None, "partner-a")
    line = expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_missing",
                          client_id="partner-a")
    assert "x5t" not in line


def test_no_certificate_by_curl_is_an_oauth_error_not_a_tls_one(server):
    status, out, err = curl("--cacert", server.tls_authority.pem, "-d", "grant_type=client_credentials",
                            "-d", "client_id=partner-a", f"{server.mtls_url}/token")
    assert status == 0, err
    assert json.loads(out)["error"] == "invalid_client"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_no_certificate_in_either_tls_version(server, version):
    partner = Partner(server, None, "partner-a", version)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_missing")


def spoiled(authorities):
    """The subject is right each time: only one thing is wrong."""
    ca, pki = authorities.ca, authorities.ca.pki
    good = name(("O", "Test"), ("CN", "partner-a"))
    return {
        "expired": ca.issue("x", subject=good, not_before=now() - days(9), not_after=now() - days(1)),
        "not yet valid": ca.issue("x", subject=good, not_before=now() + days(1), not_after=now() + days(9)),
        "wrong EKU": ca.issue("x", subject=good, eku=[SERVER_AUTH]),
        "untrusted CA": authorities.untrusted_ca.issue("x", subject=good),
        "same-named CA with another key": authorities.twin_ca.issue("x", subject=good),
        "CA of another group": authorities.other_ca.issue("x", subject=good),
        "self-signed": pki.self_signed("x", subject=good),
        "weak key": ca.issue("x", subject=good, private_key=weak_key()),
        "the CA itself": ca.identity,
    }


@pytest.fixture(scope="module")
def bad(authorities):
    return spoiled(authorities)


@pytest.mark.parametrize("kind, reason", [
    ("expired", "certificate_expired"),
    ("not yet valid", "certificate_not_yet_valid"),
    ("wrong EKU", "certificate_purpose_wrong"),
    ("untrusted CA", "certificate_issuer_unknown"),
    ("same-named CA with another key", "certificate_signature_invalid"),
    ("CA of another group", "certificate_issuer_unknown"),
    ("self-signed", "certificate_issuer_unknown"),
    ("weak key", "certificate_too_weak"),
    ("the CA itself", "certificate_chain_invalid"),
])
def test_bad_certificate(server, bad, kind, reason):
    identity = bad[kind]
    partner = Partner(server, None, "partner-a")
    partner.identity = identity
    if kind == "weak key":
        partner.context.set_ciphers("DEFAULT@SECLEVEL=0")  # or OpenSSL would not load it
    partner.context.load_cert_chain(identity.pem, identity.key)
    expect.refused(partner, partner.token(), 400, "invalid_client", reason, client_id="partner-a", x5t=identity.x5t)


def test_twin_ca_does_not_pass_by_repetition(server, bad):
    """Not even when a verdict on it is remembered."""
    identity = bad["same-named CA with another key"]
    partner = Partner(server, identity, "partner-a")
    for _ in range(3):
        assert partner.token().status == 400


def test_intermediates_that_the_partner_sends(server, authorities, pki):
    intermediate = pki.authority("Issuing CA", issuer=authorities.ca)
    identity = intermediate.issue("via-intermediate")
    assert identity.pem.read_bytes().count(b"BEGIN CERTIFICATE") == 2
    partner = Partner(server, identity, register_subject(server, identity))
    expect.issued(partner, partner.token())


def test_intermediates_that_the_partner_forgot(server, authorities, pki):
    intermediate = pki.authority("Issuing CA", issuer=authorities.ca)
    identity = intermediate.issue("via-intermediate-2", send_chain=False)
    partner = Partner(server, identity, register_subject(server, identity))
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_issuer_unknown")


@pytest.mark.parametrize("make", [
    lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048),
    lambda: ec.generate_private_key(ec.SECP384R1()),
    lambda: ed25519.Ed25519PrivateKey.generate(),
], ids=["RSA 2048", "P-384", "Ed25519"])
def test_key_types(server, authorities, make):
    identity = authorities.ca.issue(f"key-{next(_ids)}", private_key=make())
    partner = Partner(server, identity, register_subject(server, identity))
    expect.issued(partner, partner.token())


# --- another client's certificate, and who the form says it is


def test_certificate_of_another_client(server, identities):
    partner = Partner(server, identities.b, "partner-a")
    line = expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_subject_mismatch",
                          client_id="partner-a", x5t=identities.b.x5t)
    assert line["detail"] == "RDN 1: registered CN=partner-a, certificate CN=partner-b"
    assert line["register"] == "--tls-client-auth-subject-dn 'CN=partner-b,O=Test'"


def test_a_long_subject_to_register_is_logged_whole(server, authorities):
    """The string is there to be copied: cut, it would be worth nothing."""
    identity = authorities.ca.issue("x", subject=name(*[("OU", "u" * 60 + str(i)) for i in range(9)], ("CN", "it's long")))
    partner = Partner(server, identity, "partner-a")
    line = expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_subject_mismatch")
    assert line["register"] == "--tls-client-auth-subject-dn '" + identity.subject.replace("'", r"'\''") + "'"
    assert "truncated" not in line


def test_client_id_missing(a):
    expect.refused(a, a.token(client_id=None), 400, "invalid_client", "client_id_missing")


def test_client_id_empty(a):
    expect.refused(a, a.token(client_id=""), 400, "invalid_client", "client_id_missing")


def test_client_id_repeated(a):
    reply = a.post("client_id=partner-a&client_id=partner-a&grant_type=client_credentials")
    expect.refused(a, reply, 400, "invalid_request", "parameter_repeated")


def test_client_id_unknown(a):
    reply = a.token(client_id="nobody-knows-this-one")
    expect.refused(a, reply, 400, "invalid_client", "client_unknown", sent=["nobody-knows-this-one"])


@pytest.mark.parametrize("client_id", ["partner-a ", "PARTNER-A", "partner-a%00", "partner-", "partner-aa"])
def test_client_id_nearly_right(a, client_id):
    reply = a.post(f"client_id={client_id.replace(' ', '+')}&grant_type=client_credentials")
    assert reply.status == 400
    assert reply.json["error"] in ("invalid_client", "invalid_request")


def test_client_disabled(server, authorities):
    identity = authorities.ca.issue("to-be-disabled")
    client_id = register_subject(server, identity)
    partner = Partner(server, identity, client_id)
    expect.issued(partner, partner.token())
    server.cli("client", "disable", client_id)
    assert eventually(lambda: partner.token().status == 400, timeout=5)
    expect.refused(partner, partner.token(), 400, "invalid_client", "client_disabled", client_id=client_id)


def test_certificate_revoked_by_the_operator(server, authorities):
    """With the next request of a connection that is open, and only for that certificate."""
    lost, found = authorities.ca.issue("has-lost-one"), authorities.ca.issue("has-lost-one")
    client_id = register_subject(server, lost)
    partner, other = Partner(server, lost, client_id), Partner(server, found, client_id)
    live = partner.connection()
    expect.issued(partner, partner.token(connection=live))
    done = server.cli("client", "revoke-certificate", lost.pem, "--reason", "a stolen laptop")
    assert lost.x5t in done.stdout
    assert eventually(lambda: partner.token(connection=live).status == 400, timeout=5)
    expect.refused(partner, partner.token(connection=live), 400, "invalid_client", "certificate_revoked", client_id=client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_revoked", sent=["stolen"])
    expect.issued(other, other.token())
    server.cli("client", "unrevoke-certificate", lost.x5t)
    assert eventually(lambda: partner.token(connection=live).status == 200, timeout=5)
    live.close()


# --- a certificate in a header field: test_proxied_certificates.py has listeners that may look at it


FORM = {"grant_type": "client_credentials", "client_id": "partner-a"}


@pytest.mark.parametrize("field", ["Client-Cert", "client-cert-chain", "SSL-Client-Cert", "X-Forwarded-Client-Cert"])
def test_a_certificate_in_a_header_is_ignored_and_counted(server, identities, field):
    """No proxy ends TLS here: whoever sends it tries something, or the operator forgot to say that one does."""
    counted = server.counted("client_cert_header_ignored")
    nobody = Partner(server, None, "partner-a")
    reply = nobody.post(FORM, headers={field: base64.b64encode(identities.a.der).decode()})
    expect.refused(nobody, reply, 400, "invalid_client", "certificate_missing")
    line = server.log.like(request=expect.request_id(reply), event="client_cert_header_ignored")
    assert (line["listener"], line["header"].lower()) == ("mtls", field.lower())
    assert server.counted("client_cert_header_ignored") == counted + 1


def test_beside_a_certificate_in_a_header_ones_own_counts(server, identities):
    a, b = (Partner(server, i, "partner-a") for i in (identities.a, identities.b))
    forged = {"Client-Cert": f":{base64.b64encode(identities.a.der).decode()}:"}
    expect.refused(b, b.post(FORM, headers=forged), 400, "invalid_client", "certificate_subject_mismatch",
                   x5t=identities.b.x5t)
    forged = {"Client-Cert": f":{base64.b64encode(identities.b.der).decode()}:"}
    assert claims_of(expect.issued(a, a.post(FORM, headers=forged)))["cnf"] == {"x5t#S256": identities.a.x5t}


# --- other ways of authentication


@pytest.mark.parametrize("header, challenge", [
    ("Basic cGFydG5lci1hOnNlY3JldA==", "Basic"),
    ("basic cGFydG5lci1hOnNlY3JldA==", "Basic"),
    ("Bearer abcdefghijklmnop", "Bearer"),
    ("Negotiate abcdefghijklmnop", "Bearer"),
])
def test_authorization_header(a, header, challenge):
    """RFC 6749 section 5.2: the one case of a 401, with a challenge of the scheme that was tried."""
    reply = a.post({"grant_type": "client_credentials", "client_id": "partner-a"}, headers={"Authorization": header})
    expect.refused(a, reply, 401, "invalid_client", "authorization_header_refused", sent=[header.split()[1]])
    assert reply.headers["www-authenticate"].split()[0] == challenge


@pytest.mark.parametrize("extra", [
    {"client_secret": "such-a-secret-thing"},
    {"client_assertion": "such.a.secret-thing",
     "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
])
def test_two_methods_at_once(a, extra):
    expect.refused(a, a.token(**extra), 400, "invalid_client", "client_auth_method_refused",
                   sent=["such-a-secret-thing", "such.a.secret-thing"])
    assert "secret-thing" not in a.server.log.text()


# --- subject names: STANDARDS of RFC 4514 and RFC 4517


SUBJECT = name(("C", "BR"), ("O", "Banco do Teste, S.A."), ("OU", "Pix + TED"), ("organizationIdentifier", "OFBBR-d7384bd0"),
               ("serialNumber", "43142666000197"), ("UID", "67c57882"), ("CN", "api.test.example"))


def printed_forms():
    """One subject as seven tools print it, or as RFC 4514 allows it to be written."""
    o, ou = r"Banco do Teste\, S.A.", r"Pix \+ TED"
    return {
        "RFC 4514 short names": rf"CN=api.test.example,UID=67c57882,serialNumber=43142666000197,"
                                rf"organizationIdentifier=OFBBR-d7384bd0,OU={ou},O={o},C=BR",
        "numeric OIDs": rf"2.5.4.3=api.test.example,0.9.2342.19200300.100.1.1=67c57882,2.5.4.5=43142666000197,"
                        rf"2.5.4.97=OFBBR-d7384bd0,2.5.4.11={ou},2.5.4.10={o},2.5.4.6=BR",
        "JDK with hex": rf"CN=api.test.example,UID=67c57882,2.5.4.5=#130e3433313432363636303030313937,"
                        rf"2.5.4.97=#0c0e4f464242522d6437333834626430,OU={ou},O={o},C=BR",
        "JDK with OID prefix": rf"CN=api.test.example, OID.0.9.2342.19200300.100.1.1=67c57882, SERIALNUMBER=43142666000197, "
                               rf"OID.2.5.4.97=OFBBR-d7384bd0, OU={ou}, O={o}, C=BR",
        "lower-case names, hex escapes": r"cn=api.test.example,uid=67c57882,serialnumber=43142666000197,"
                                         r"organizationidentifier=OFBBR-d7384bd0,ou=Pix \2b TED,o=Banco do Teste\2c S.A.,c=BR",
        "other letter case": rf"CN=API.TEST.EXAMPLE,UID=67c57882,serialNumber=43142666000197,"
                             rf"organizationIdentifier=ofbbr-D7384BD0,OU={ou.upper()},O={o.upper()},C=br",
    }


@pytest.mark.parametrize("form", printed_forms())
def test_every_printed_form_matches_the_certificate(server, authorities, form):
    """Certificates of one subject by seven tools: a client each, all get their token."""
    identity = authorities.ca.issue("dn", subject=SUBJECT)
    client_id = register(server, tls_client_auth_subject_dn=printed_forms()[form], trust_group="partners", scope="accounts")
    partner = Partner(server, identity, client_id)
    expect.issued(partner, partner.token())
    # One identity belongs to one client: make room for the next form.
    server.cli("client", "remove", client_id)


def test_two_clients_cannot_have_one_subject(server, identities):
    forms = [identities.a.subject, "CN=PARTNER-A,O=test"]
    for form in forms:
        done = server.add_client(f"second-{next(_ids)}", check=False, tls_client_auth_subject_dn=form, trust_group="partners",
                                 scope="accounts")
        assert done.returncode == 1


def test_rdns_in_another_order_differ(server, authorities):
    register(server, tls_client_auth_subject_dn="CN=ordered,O=Left,L=Right", trust_group="partners", scope="accounts")
    client_id = f"client-{next(_ids) - 1}"
    swapped = authorities.ca.issue("x", subject=name(("O", "Left"), ("L", "Right"), ("CN", "ordered")))
    partner = Partner(server, swapped, client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_subject_mismatch")


def test_multi_valued_rdn_matches_in_any_order_within(server, authorities):
    identity = authorities.ca.issue("x", subject=name(("O", "Test"), [("CN", "multi"), ("UID", "7")]))
    for dn in ("UID=7+CN=multi,O=Test", "CN=multi+UID=7,O=Test"):
        client_id = register(server, tls_client_auth_subject_dn=dn, trust_group="partners", scope="accounts")
        partner = Partner(server, identity, client_id)
        expect.issued(partner, partner.token())
        server.cli("client", "remove", client_id)


@pytest.mark.parametrize("subject", [
    name(("O", "Test"), ("UID", "7"), ("CN", "multi-2")),
    name(("O", "Test"), [("CN", "multi-2"), ("UID", "8")]),
    name(("O", "Test"), ("CN", "multi-2")),
    name(("O", "Test"), [("CN", "multi-2"), ("UID", "7"), ("OU", "more")]),
], ids=["split", "other value", "part missing", "part more"])
def test_multi_valued_rdn_is_no_list_of_rdns(server, authorities, subject):
    client_id = register(server, tls_client_auth_subject_dn="CN=multi-2+UID=7,O=Test", trust_group="partners",
                         scope="accounts")
    try:
        partner = Partner(server, authorities.ca.issue("x", subject=subject), client_id)
        expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_subject_mismatch")
    finally:
        server.cli("client", "remove", client_id)


def test_empty_subject_matches_nobody(server, authorities):
    identity = authorities.ca.issue("x", subject=x509.Name([]))
    partner = Partner(server, identity, "partner-a")
    reply = partner.token()
    expect.refused(partner, reply, 400, "invalid_client", "certificate_subject_mismatch")


def test_nul_in_the_subject(server, authorities):
    """CN=partner-a<NUL>.evil must not be read as partner-a."""
    identity = authorities.ca.issue("x", subject=name(("O", "Test"), ("CN", "partner-aX")), patch=(b"partner-aX", b"partner-a\0"))
    partner = Partner(server, identity, "partner-a")
    reply = partner.token()
    line = server.log.like(request=expect.request_id(reply), event="token_refused")
    assert line["reason"] in ("certificate_malformed", "certificate_subject_mismatch")
    expect.refused(partner, reply, 400, "invalid_client", line["reason"])


def long_subject(authorities, rdns):
    rdns = [("OU", "x" * 60 + str(i).zfill(4)) for i in range(rdns)]
    return authorities.ca.issue("x", subject=name(*rdns, ("CN", "partner-a")))


@pytest.mark.parametrize("rdns, size", [(100, 7), (250, 18), (600, 44)])
def test_long_subject(server, authorities, rdns, size):
    """Beyond 64 attributes, or a certificate of 16 KiB."""
    identity = long_subject(authorities, rdns)
    assert len(identity.der) > size * 1024
    partner = Partner(server, identity, "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_malformed", client_id="partner-a")


def test_64_kb_subject(server, authorities):
    """GnuTLS cannot put so much into a session ticket: the answer may be the end of the connection."""
    identity = long_subject(authorities, 880)
    assert len(identity.der) > 64 * 1024
    partner = Partner(server, identity, "partner-a")
    since = server.log.position()
    try:
        expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_malformed", client_id="partner-a")
    except (ssl.SSLError, ConnectionError):
        pass
    server.log.unlike(since, event="token_issued")
    good = Partner(server, authorities.ca.issue("partner-a"), "partner-a")
    expect.issued(good, good.token())


# --- subject alternative names


SANS = {
    "dns": ("tls_client_auth_san_dns", "client.example.com"),
    "uri": ("tls_client_auth_san_uri", "spiffe://example.com/partner/7"),
    "ip": ("tls_client_auth_san_ip", "192.0.2.7"),
    "email": ("tls_client_auth_san_email", "tpp@example.com"),
}


@pytest.mark.parametrize("kind", SANS)
def test_san_of_each_kind(server, authorities, kind):
    field, value = SANS[kind]
    identity = authorities.ca.issue("x", sans={kind: ["198.51.100.1" if kind == "ip" else "first." + value, value]}
                                    if kind in ("dns", "ip") else {kind: [value]})
    client_id = register(server, **{field: value}, trust_group="partners", scope="accounts")
    partner = Partner(server, identity, client_id)
    expect.issued(partner, partner.token())


@pytest.mark.parametrize("kind, registered, presented", [
    ("dns", "dns-1.example.com", {"dns": ["dns-2.example.com"]}),
    ("dns", "dns-3.example.com", {"uri": ["dns-3.example.com"]}),
    ("dns", "dns-4.example.com", {"dns": ["dns-4.example.com.evil.example"]}),
    ("uri", "https://uri-1.example/x", {"uri": ["https://uri-1.example/X"]}),
    ("uri", "https://uri-2.example/x", {"uri": ["https://uri-2.example/x/"]}),
    ("ip", "192.0.2.20", {"ip": ["192.0.2.21"]}),
    ("ip", "192.0.2.22", {"dns": ["192.0.2.22"]}),
    ("email", "one@example.com", {"email": ["two@example.com"]}),
], ids=str)
def test_san_that_differs(server, authorities, kind, registered, presented):
    client_id = register(server, **{SANS[kind][0]: registered}, trust_group="partners", scope="accounts")
    partner = Partner(server, authorities.ca.issue("x", sans=presented), client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_subject_mismatch")


def test_san_dns_in_other_letter_case(server, authorities):
    client_id = register(server, tls_client_auth_san_dns="Case.Example.COM", trust_group="partners", scope="accounts")
    partner = Partner(server, authorities.ca.issue("x", sans={"dns": ["cAsE.example.com"]}), client_id)
    expect.issued(partner, partner.token())


@pytest.mark.parametrize("registered, printed", [("2001:db8::7", "2001:0db8:0:0::0007"), ("192.0.2.33", "192.0.2.33")])
def test_san_ip_is_compared_as_octets(server, authorities, registered, printed):
    client_id = register(server, tls_client_auth_san_ip=registered, trust_group="partners", scope="accounts")
    partner = Partner(server, authorities.ca.issue("x", sans={"ip": [printed]}), client_id)
    expect.issued(partner, partner.token())


def test_wildcard_in_the_certificate_matches_no_name(server, authorities):
    client_id = register(server, tls_client_auth_san_dns="one.wild.example.com", trust_group="partners", scope="accounts")
    partner = Partner(server, authorities.ca.issue("x", sans={"dns": ["*.wild.example.com"]}), client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_subject_mismatch")


def test_wildcard_cannot_be_registered(server):
    done = server.add_client("wild", check=False, tls_client_auth_san_dns="*.example.com", trust_group="partners",
                             scope="accounts")
    assert done.returncode == 1


def test_nul_in_a_san(server, authorities):
    client_id = register(server, tls_client_auth_san_dns="nul.example.com", trust_group="partners", scope="accounts")
    identity = authorities.ca.issue("x", sans={"dns": ["nul.example.comX.evil.example"]},
                                    patch=(b"nul.example.comX", b"nul.example.com\0"))
    partner = Partner(server, identity, client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_malformed")


# --- self_signed_tls_client_auth: RFC 8705 section 2.2


def register_self_signed(server, *identities):
    path = server.folder / f"jwks-{next(_ids)}.json"
    path.write_text(json.dumps({"keys": [jwk_of(i) for i in identities]}))
    return register(server, jwks=path, scope="accounts")


def test_self_signed_client(server, pki):
    identity = pki.self_signed("self-signed-partner")
    partner = Partner(server, identity, register_self_signed(server, identity))
    token = expect.issued(partner, partner.token())
    assert claims_of(token)["cnf"] == {"x5t#S256": identity.x5t}


def test_self_signed_client_with_two_certificates(server, pki):
    old, new = pki.self_signed("old"), pki.self_signed("new")
    client_id = register_self_signed(server, old, new)
    for identity in (old, new):
        partner = Partner(server, identity, client_id)
        expect.issued(partner, partner.token())


def test_self_signed_certificate_that_is_not_registered(server, pki):
    client_id = register_self_signed(server, pki.self_signed("registered"))
    partner = Partner(server, pki.self_signed("registered"), client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_not_registered")


def test_renewed_self_signed_certificate_with_the_same_key_is_another(server, pki):
    first = pki.self_signed("renewed")
    client_id = register_self_signed(server, first)
    second = pki.self_signed("renewed", private_key=first.private_key)
    partner = Partner(server, second, client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_not_registered")


def test_self_signed_certificate_that_expired(server, pki):
    identity = pki.self_signed("gone", not_before=now() - days(9), not_after=now() - days(1))
    partner = Partner(server, identity, register_self_signed(server, identity))
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_expired")


def test_certificate_of_the_trusted_ca_is_not_registered_for_a_self_signed_client(server, pki, identities):
    client_id = register_self_signed(server, pki.self_signed("only-this"))
    partner = Partner(server, identities.a, client_id)
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_not_registered")


def test_jwk_whose_key_is_not_the_certificates(server, pki):
    jwk = jwk_of(pki.self_signed("one")) | {"x5c": jwk_of(pki.self_signed("two"))["x5c"]}
    path = server.folder / "mismatched.json"
    path.write_text(json.dumps({"keys": [jwk]}))
    assert server.add_client("mismatched", check=False, jwks=path, scope="accounts").returncode == 1


# --- renewal and resumption


def test_renewed_certificate_of_the_same_subject_works_at_once(server, authorities):
    """RFC 8705 section 2.1; the new token is bound to the new certificate."""
    first = authorities.ca.issue("renewing")
    client_id = register_subject(server, first)
    for identity in (first, authorities.ca.issue("renewing"), authorities.ca.issue("renewing", private_key=first.private_key)):
        partner = Partner(server, identity, client_id)
        token = expect.issued(partner, partner.token())
        assert claims_of(token)["cnf"] == {"x5t#S256": identity.x5t}


def test_certificate_that_expires_during_a_connection(server, authorities):
    """Each request on a live connection is judged by the clock."""
    import datetime
    import time
    identity = authorities.ca.issue("dying", not_after=now() + datetime.timedelta(seconds=4))
    client_id = register_subject(server, identity)
    partner = Partner(server, identity, client_id)
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    time.sleep(max(0, (identity.certificate.not_valid_after - now()).total_seconds()) + 1.1)
    expect.refused(partner, partner.token(connection=connection), 400, "invalid_client", "certificate_expired")


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_s_client_gets_a_token(server, identities, version):
    body = "grant_type=client_credentials&client_id=partner-a"
    said = s_client(server, version, "-quiet", "-cert", identities.a.pem, "-key", identities.a.key,
                    send=f"POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                         f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}")
    assert "HTTP/1.1 200 OK" in said
    token = json.loads(said[said.index("{"):said.rindex("}") + 1])["access_token"]
    server.canary.secret(token)
    assert claims_of(token)["cnf"] == {"x5t#S256": identities.a.x5t}


def test_key_usage_without_signatures(server, authorities):
    """A key that may not sign proves nothing: the handshake ends, or the answer is a refusal."""
    usage = x509.KeyUsage(False, False, True, False, False, False, False, False, False)
    partner = Partner(server, authorities.ca.issue("partner-a", usage=usage), "partner-a")
    since = server.log.position()
    try:
        assert partner.token().status == 400
    except (ssl.SSLError, ConnectionError):
        pass
    server.log.unlike(since, event="token_issued")
