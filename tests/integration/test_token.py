"""POST /token, grant client_credentials: what a partner gets. RFC 6749 4.4, RFC 8705 3, RFC 9068, RFC 8707."""

import json
import time

import pytest
from harness import expect
from harness.client import FORM, Partner, curl
from harness.jose import claims_of, es256_is_valid, header_of
from harness.server import eventually


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store_kind(request):
    return request.param


def jwks(partner):
    return partner.get("/jwks").json["keys"]


def test_token_is_what_rfc_9068_says(a, identities):
    before = int(time.time())
    token = expect.issued(a, a.token(scope="accounts"), scope="accounts")
    after = int(time.time())

    [key] = [k for k in jwks(a) if k["kid"] == header_of(token)["kid"]]
    assert header_of(token) == {"alg": "ES256", "typ": "at+jwt", "kid": key["kid"]}
    assert es256_is_valid(token, key)
    claims = claims_of(token)
    assert set(claims) == {"iss", "sub", "client_id", "aud", "iat", "exp", "jti", "scope", "cnf"}
    assert claims["iss"] == a.server.issuer
    assert claims["sub"] == claims["client_id"] == "partner-a"
    assert claims["aud"] == "https://api.example.com"
    assert before <= claims["iat"] <= after
    assert claims["exp"] == claims["iat"] + 300
    assert claims["scope"] == "accounts"
    assert claims["cnf"] == {"x5t#S256": identities.a.x5t}


def test_audit_line_names_the_token_and_never_holds_it(a):
    since = a.server.log.position()
    reply = a.token(scope="accounts")
    claims = claims_of(reply.json["access_token"])
    line = a.server.log.like(since, event="token_issued", jti=claims["jti"])
    assert line["scope"] == "accounts"
    assert line["resource"] == "https://api.example.com"
    assert line["listener"] == "mtls" and line["path"] == "/token" and line["status"] == 200
    assert reply.json["access_token"] not in a.server.log.text()


def test_every_token_has_a_jti_of_its_own(a):
    connection = a.connection()
    found = {claims_of(a.token(connection=connection).json["access_token"])["jti"] for _ in range(50)}
    assert len(found) == 50
    assert all(len(jti) == 22 for jti in found)  # 128 bits in base64url


def test_no_scope_asked_gives_all_of_the_default_resource(a):
    token = expect.issued(a, a.token(), scope="accounts payments")
    assert claims_of(token)["scope"] == "accounts payments"


def test_less_than_asked_is_said(b):
    expect.issued(b, b.token(scope="accounts payments"), scope="accounts")


def test_scope_said_twice_is_one(a):
    expect.issued(a, a.token(scope="payments payments"), scope="payments")


@pytest.mark.parametrize("scope", ["accounts payments", "payments accounts"])
def test_both_scopes_in_any_order(a, scope):
    reply = a.token(scope=scope)
    expect.issued(a, reply)
    assert sorted(reply.json["scope"].split()) == ["accounts", "payments"]


def test_resource_chooses_the_audience(server, identities):
    o = Partner(server, identities.other, "partner-o")
    token = expect.issued(o, o.token(resource="https://consents.example.com"), scope="consents")
    assert claims_of(token)["aud"] == "https://consents.example.com"


def test_scope_chooses_the_audience(server, identities):
    o = Partner(server, identities.other, "partner-o")
    token = expect.issued(o, o.token(scope="consents"), scope="consents")
    assert claims_of(token)["aud"] == "https://consents.example.com"


def test_unknown_parameters_and_empty_values_are_ignored(a):
    """RFC 6749 section 3.2."""
    expect.issued(a, a.token(scope="accounts", state="x", resource="", unknown="1"), scope="accounts")


@pytest.mark.parametrize("content_type", [FORM, FORM.upper(), FORM + "; charset=UTF-8", FORM + " ;charset=utf-8"])
def test_content_types_of_a_form(a, content_type):
    body = "client_id=partner-a&grant_type=client_credentials"
    expect.issued(a, a.post(body, headers={"Content-Type": content_type}))


def test_request_ids_differ(a):
    first, second = a.token(), a.token()
    assert expect.request_id(first) != expect.request_id(second)


def test_keep_alive_serves_many_requests_on_one_handshake(a):
    connection = a.connection()
    for _ in range(20):
        expect.issued(a, a.token(connection=connection))
    port = connection.sock.getsockname()
    expect.issued(a, a.token(connection=connection))
    assert connection.sock.getsockname() == port


def test_tokens_cost_no_database_statement(a):
    def statements():
        text = a.server.ops("/metrics")[1]
        return int(text.split("\ncertbound_store_statements_total ")[1].split()[0])

    connection = a.connection()
    a.token(connection=connection)
    # The thread that follows the store may look at it meanwhile: less than one statement a token shows it.
    before = statements()
    for _ in range(200):
        assert a.token(connection=connection).status == 200
    assert statements() - before < 100


def test_curl_gets_a_token(server, identities):
    status, out, err = curl("--cacert", server.tls_authority.pem, "--cert", identities.a.pem, "--key", identities.a.key,
                            "-d", "grant_type=client_credentials", "-d", "client_id=partner-a", "-d", "scope=accounts",
                            f"{server.mtls_url}/token")
    assert status == 0, err
    body = json.loads(out)
    server.canary.secret(body["access_token"])
    assert claims_of(body["access_token"])["cnf"] == {"x5t#S256": identities.a.x5t}


def test_client_added_while_the_server_runs_is_known_within_a_second(server, authorities):
    fresh = authorities.ca.issue("partner-fresh")
    late = Partner(server, fresh, "partner-late")
    expect.refused(late, late.token(), 400, "invalid_client", "client_unknown")
    server.add_client("partner-late", tls_client_auth_subject_dn=fresh.subject, trust_group="partners", scope="accounts")
    begun = time.monotonic()
    assert eventually(lambda: late.token().status == 200, timeout=5)
    assert time.monotonic() - begun < 2.0
    expect.issued(late, late.token(), scope="accounts")


def test_client_disabled_enabled_and_removed_while_the_server_runs(server, authorities):
    identity = authorities.ca.issue("partner-shifting")
    partner = Partner(server, identity, "partner-shifting")
    server.add_client("partner-shifting", tls_client_auth_subject_dn=identity.subject, trust_group="partners",
                      scope="accounts")
    connection = partner.connection()  # a live connection sees every change
    assert eventually(lambda: partner.token(connection=connection).status == 200, timeout=5)
    server.cli("client", "disable", "partner-shifting")
    assert eventually(lambda: partner.token(connection=connection).status == 400, timeout=5)
    expect.refused(partner, partner.token(connection=connection), 400, "invalid_client", "client_disabled")
    server.cli("client", "enable", "partner-shifting")
    assert eventually(lambda: partner.token(connection=connection).status == 200, timeout=5)
    server.cli("client", "remove", "partner-shifting")
    assert eventually(lambda: partner.token(connection=connection).status == 400, timeout=5)
    expect.refused(partner, partner.token(connection=connection), 400, "invalid_client", "client_unknown")


def test_stored_keys_are_sealed(server, store_kind):
    """A dump of the database is no leak of a key."""
    if store_kind != "sqlite":
        pytest.skip("the file of SQLite is at hand, PostgreSQL's are not")
    found = b"".join(p.read_bytes() for p in server.folder.glob("certbound.db*"))
    assert found
    assert b"PRIVATE KEY" not in found
    assert b'"d":' not in found
