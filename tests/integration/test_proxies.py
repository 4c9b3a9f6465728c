"""Real load balancers in front of the server, with the configurations of examples/."""

import copy
import json
import ssl

import pytest
from harness import expect
from harness.client import Partner, wait_known
from harness.handed_on import ALL_HEADERS, FORMS
from harness.jose import claims_of, jwk_of
from harness.load_balancer import Behind, Haproxy, Nginx, path_of
from harness.pki import days, now
from harness.server import eventually

CLIENT = "127.0.0.1"  # where the tests connect from
BALANCERS = {"nginx": Nginx, "haproxy": Haproxy}


@pytest.fixture(scope="module")
def proxy_ca(pki):
    return pki.authority("Proxy CA")


@pytest.fixture(scope="module")
def proxy_identity(proxy_ca):
    return proxy_ca.issue("proxy")


@pytest.fixture(scope="module", params=["nginx", "haproxy"])
def program(request):
    if not path_of(request.param):
        pytest.skip(f"{request.param} is not installed")
    return request.param


@pytest.fixture(scope="module", params=["tls", "socket"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def server(installation, program, kind, proxy_ca):
    kept = copy.deepcopy(installation.config)
    installation.trust("proxies", proxy_ca)
    mtls = installation.config["listeners"]["mtls"]
    mtls["proxy"] = {"certificate_header": program}
    if kind == "tls":
        mtls["proxy"]["trust_group"] = "proxies"
    else:
        mtls["address"] = f"unix:{installation.folder / 'mtls.sock'}"
        del mtls["certificate"], mtls["private_key"]
    installation.write_config()
    installation.start()
    yield installation
    installation.stop()
    installation.config = kept


@pytest.fixture(scope="module")
def behind(server, program, kind, proxy_identity, scratch):
    balancer = BALANCERS[program](program, server, kind, scratch / f"{program}-{kind}", proxy_identity)
    yield Behind(server, balancer.start())
    balancer.stop()


@pytest.fixture
def a(behind, identities):
    return Partner(behind, identities.a, "partner-a")


@pytest.fixture
def b(behind, identities):
    return Partner(behind, identities.b, "partner-b")


def bound(partner, **options):
    """A token, bound to the partner's own certificate."""
    reply = partner.token(**options)
    assert claims_of(expect.issued(partner, reply))["cnf"] == {"x5t#S256": partner.identity.x5t}
    return reply


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_token_of_the_partner(behind, identities, version):
    a = Partner(behind, identities.a, "partner-a", version)
    line = behind.log.like(request=expect.request_id(bound(a)), event="token_issued")
    assert line["forwarded_for"] == CLIENT


def test_no_certificate(behind):
    nobody = Partner(behind, None, "partner-a")
    expect.refused(nobody, nobody.token(), 400, "invalid_client", "certificate_missing")


def forged(identity):
    """The header fields of every form, and a few ways to spell them, with another's certificate."""
    fields = dict(field for write in FORMS.values() for field in write(identity.der, identity.der))
    spelled = {name.replace("-", "_"): value for name, value in fields.items()}
    return {**fields, **spelled, "X-Forwarded-For": "192.0.2.99"}


def test_what_a_partner_writes_into_the_header_is_dropped(behind, identities, a, b):
    assert set(forged(identities.a)) >= ALL_HEADERS
    form = {"grant_type": "client_credentials"}
    reply = b.post({**form, "client_id": "partner-b"}, headers=forged(identities.a))
    line = behind.log.like(request=expect.request_id(reply), event="token_issued")
    assert claims_of(reply.json["access_token"])["cnf"] == {"x5t#S256": identities.b.x5t}
    assert (line["x5t"], line["forwarded_for"]) == (identities.b.x5t, CLIENT)
    expect.refused(b, b.post({**form, "client_id": "partner-a"}, headers=forged(identities.a)), 400,
                   "invalid_client", "certificate_subject_mismatch", x5t=identities.b.x5t)
    nobody = Partner(behind, None, "partner-a")
    expect.refused(nobody, nobody.post({**form, "client_id": "partner-a"}, headers=forged(identities.a)), 400,
                   "invalid_client", "certificate_missing")


def test_certificates_that_must_not_pass(behind, authorities, identities, pki):
    subject = identities.a.certificate.subject
    for identity, reason in (
        (authorities.ca.issue("x", subject=subject, not_before=now() - days(9), not_after=now() - days(1)),
         "certificate_expired"),
        (authorities.ca.issue("x", subject=subject, not_before=now() + days(1), not_after=now() + days(9)),
         "certificate_not_yet_valid"),
        (authorities.untrusted_ca.issue("x", subject=subject), "certificate_issuer_unknown"),
        (authorities.other_ca.issue("x", subject=subject), "certificate_issuer_unknown"),
        (pki.self_signed("x", subject=subject), "certificate_issuer_unknown"),
    ):
        partner = Partner(behind, identity, "partner-a")
        expect.refused(partner, partner.token(), 400, "invalid_client", reason, x5t=identity.x5t)


def test_a_self_signed_client(behind, pki, program, kind):
    identity = pki.self_signed("self-signed")
    client_id = f"self-{program}-{kind}"
    jwks = behind.folder / f"{client_id}.json"
    jwks.write_text(json.dumps({"keys": [jwk_of(identity)]}))
    behind.add_client(client_id, jwks=jwks, scope="accounts")
    wait_known(behind, client_id, Partner(behind, pki.self_signed("probe"), client_id))
    bound(Partner(behind, identity, client_id))


def test_intermediates(behind, program, authorities, pki):
    """nginx has no variable for them, so the trust group must (`intermediates`)."""
    leaf = pki.authority("Middle CA", issuer=authorities.ca).issue("partner-a")
    partner = Partner(behind, leaf, "partner-a")
    if program == "haproxy":
        bound(partner)
    else:
        expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_issuer_unknown")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_resumed_sessions(behind, identities, version):
    a = Partner(behind, identities.a, "partner-a", version)
    form = b"grant_type=client_credentials&client_id=partner-a"
    request = (b"POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
               b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(form), form))
    session = None
    for reused in (False, True, True):
        with a.connect(session=session) as tls:
            tls.sendall(request)
            answer = b""
            while chunk := tls.recv(65536):
                answer += chunk
            assert tls.session_reused is reused
            session = tls.session
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), answer
        token = json.loads(body[body.index(b"{"):body.rindex(b"}") + 1])["access_token"]
        behind.canary.secret(token)
        assert claims_of(token)["cnf"] == {"x5t#S256": identities.a.x5t}


def test_partners_share_the_proxys_connections_and_nothing_else(behind, identities, a, b):
    mixed = Partner(behind, identities.b, "partner-a")
    nobody = Partner(behind, None, "partner-b")
    connections = {partner: partner.connection() for partner in (a, b, mixed, nobody)}
    for _ in range(25):
        for partner, reason in ((a, None), (mixed, "certificate_subject_mismatch"), (b, None),
                                (nobody, "certificate_missing")):
            reply = partner.token(connection=connections[partner])
            if reason:
                expect.refused(partner, reply, 400, "invalid_client", reason)
            else:
                assert claims_of(expect.issued(partner, reply))["cnf"] == {"x5t#S256": partner.identity.x5t}
    for connection in connections.values():
        connection.close()


# --- straight to the listener, past the proxy


@pytest.fixture
def direct(server, kind):
    """Only over TCP can anybody else get there."""
    if kind != "tls":
        pytest.skip("the socket's mode says who may connect")
    return server


def test_a_forged_header_from_a_stranger_is_ignored(direct, identities, program):
    form = {"grant_type": "client_credentials"}
    b = Partner(direct, identities.b, "partner-b")
    reply = b.post({**form, "client_id": "partner-b"}, headers=forged(identities.a))
    line = direct.log.like(request=expect.request_id(reply), event="token_issued")
    assert line["x5t"] == identities.b.x5t and "forwarded_for" not in line
    ignored = direct.log.like(request=expect.request_id(reply), event="client_cert_header_ignored")
    assert (ignored["address"], ignored["reason"]) == (CLIENT, "certificate_issuer_unknown")
    nobody = Partner(direct, None, "partner-a")
    expect.refused(nobody, nobody.post({**form, "client_id": "partner-a"}, headers=forged(identities.a)), 400,
                   "invalid_client", "certificate_missing")


def test_a_former_proxy_is_a_stranger(direct, identities, proxy_ca):
    """Its certificate has expired, so what it hands on counts no more."""
    old = Partner(direct, proxy_ca.issue("proxy", not_before=now() - days(9), not_after=now() - days(1)), "partner-a")
    reply = old.post({"grant_type": "client_credentials", "client_id": "partner-a"}, headers=forged(identities.a))
    assert reply.status == 400
    line = direct.log.like(request=expect.request_id(reply), event="client_cert_header_ignored")
    assert line["reason"] == "certificate_expired"


def test_a_proxy_that_the_operator_revoked_is_a_stranger(direct, identities, proxy_ca):
    lost = proxy_ca.issue("another proxy")
    handed_on = Partner(direct, lost, "partner-a")
    form = {"grant_type": "client_credentials", "client_id": "partner-a"}
    assert handed_on.post(form, headers=forged(identities.a)).status == 200
    direct.cli("client", "revoke-certificate", lost.pem)
    assert eventually(lambda: handed_on.post(form, headers=forged(identities.a)).status == 400)
    reply = handed_on.post(form, headers=forged(identities.a))
    line = direct.log.like(request=expect.request_id(reply), event="client_cert_header_ignored")
    assert line["reason"] == "certificate_revoked"


def test_the_proxys_own_certificate_stands_for_no_partner(direct, proxy_identity):
    proxy = Partner(direct, proxy_identity, "partner-a")
    expect.refused(proxy, proxy.token(), 400, "invalid_client", "certificate_missing")


def test_who_belongs_to_the_proxies_is_no_partner(direct, proxy_identity):
    """Nor may their group be anybody else's: who belongs to it would speak for any partner."""
    done = direct.cli("client", "add", "--client-id", "proxy", "--trust-group", "proxies",
                      "--tls-client-auth-subject-dn", proxy_identity.subject, "--scope", "accounts", check=False)
    assert done.returncode == 1
    assert "and not that of the proxies" in done.stderr
