"""Partners register themselves: RFC 7591, UK Open Banking, Open Finance Brazil; good requests and every bad one."""

import itertools
import json
import time
import uuid

import pytest
from harness import directory, expect, profiles
from harness.client import Partner
from harness.directory import Key, clients, refused
from harness.jose import b64url, jwk_of
from harness.server import eventually

_ids = itertools.count(1)

SELF_SIGNED = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "tls_client_auth_subject_dn": None}
BOTH = ["sqlite", "postgresql"]


@pytest.fixture(scope="module", params=BOTH)
def store_kind(request):
    return request.param


@pytest.fixture(scope="module")
def server(make_server, store, authorities, key_server):
    made = make_server(store)
    made.trust("partners", authorities.ca)
    made.trust("uk", authorities.ca, profile="obuk")
    made.trust("brazil", authorities.ca, profile="ofbr")
    made.trust("eidas", authorities.ca, profile="psd2")
    made.config["roles"] = [
        {"role": "AISP", "scopes": ["accounts"]}, {"role": "PISP", "scopes": ["payments"]},
        {"role": "PSP_AI", "scopes": ["accounts"]}, {"role": "PSP_PI", "scopes": ["payments"]},
        {"role": "DADOS", "scopes": ["accounts", "consents"]},
    ]
    made.config["registration"] = {"audiences": ["0015800001ZEZ1iAAH"]}
    made.config["outbound"] = {"allowed_addresses": ["127.0.0.0/8"], "ca_file": str(key_server.authority.pem), "timeout": "5s"}
    made.sandbox = directory.Directory(made, "sandbox", "generic", "partners", alg="ES256")
    made.uk = directory.Directory(made, "uk", "obuk", "uk")
    made.brazil = directory.Directory(made, "brazil", "ofbr", "brazil")
    made.eidas = directory.Directory(made, "eidas", "obuk", "eidas")
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


SIGNING = Key("PS256")


@pytest.fixture
def uk(server, authorities, key_server):
    org_id = f"0015800001{next(_ids):08}"
    identity = profiles.obwac(authorities.ca, org_id, f"PSDGB-FCA-{next(_ids)}", roles=("PSP_AI", "PSP_PI"))
    return directory.Uk(server, server.uk, identity, key_server, org_id, key=SIGNING)


@pytest.fixture
def brazil(server, authorities):
    org_id, software_id = str(uuid.uuid4()), str(uuid.uuid4())
    return directory.Brazil(server, server.brazil, profiles.brcac(authorities.ca, org_id, software_id), org_id, software_id)


@pytest.fixture
def unchanged(server):
    """The store holds afterwards what it held before."""
    before = clients(server)
    yield
    assert clients(server) == before


# --- who registers gets a token


def test_the_generic_profile(sandbox):
    reply = sandbox.register()
    assert reply.status == 201, reply.body
    assert reply.headers["cache-control"] == "no-store"
    made = reply.json
    sandbox.remember(reply)
    assert made["client_name"] == "Stated name"  # the statement's word counts
    assert made["scope"] == "accounts"
    assert made["grant_types"] == ["client_credentials"]
    assert made["response_types"] == []
    assert made["redirect_uris"] == ["https://partner.example/cb"]
    assert made["tls_client_auth_subject_dn"] == sandbox.identity.subject
    assert made["tls_client_certificate_bound_access_tokens"] is True
    assert made["software_id"] == sandbox.software_id
    assert abs(made["client_id_issued_at"] - time.time()) < 60
    assert made["registration_client_uri"] == f"{sandbox.server.mtls_url}/register/{made['client_id']}"
    assert len(made["registration_access_token"]) == 43
    line = sandbox.server.log.like(request=expect.request_id(reply), event="client_registered")
    assert (line["client_id"], line["x5t"]) == (made["client_id"], sandbox.identity.x5t)
    expect.issued(sandbox, sandbox.token(), scope="accounts")  # at once


def test_the_statement_comes_back_as_it_was_sent(sandbox):
    statement = sandbox.directory.statement(sandbox.stated({}))
    assert sandbox.registered(statement=statement)["software_statement"] == statement
    assert sandbox.read().json["software_statement"] == statement


def test_private_keys_are_not_taken(sandbox, unchanged):
    """They would be kept, and shown."""
    key = {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "d": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I"}
    sandbox.server.canary.secret(key["d"])
    refused(sandbox, sandbox.register({"jwks": {"keys": [key]}}), 400, "invalid_client_metadata",
            "client_metadata_refused", rule="keys_form",
            problem="keys_form: key 1 of jwks is private: register public keys only, and replace this key")


def test_the_uk_profile(uk):
    made = uk.registered()
    assert made["client_name"] == "UK partner"
    assert set(made["scope"].split()) == {"accounts", "payments"}
    assert made["jwks_uri"] == uk.key_server.url(f"/{uk.software_id}")
    assert made["id_token_signed_response_alg"] == "PS256"
    stored = next(c for c in clients(uk.server) if c["client_id"] == made["client_id"])
    assert (stored["directory"], stored["software_id"], stored["organisation_id"]) == ("uk", uk.software_id, uk.org_id)
    expect.issued(uk, uk.token(scope="payments"), scope="payments")


def test_the_uk_profile_with_the_older_certificate(server, authorities, key_server):
    org_id, software_id = f"0015800001{next(_ids):08}", uuid.uuid4().hex[:22]
    identity = profiles.ob_legacy(authorities.ca, org_id, software_id)
    uk = directory.Uk(server, server.uk, identity, key_server, org_id, software_id, key=SIGNING)
    uk.registered()
    expect.issued(uk, uk.token(scope="accounts"), scope="accounts")


def test_the_uk_media_type_that_is_also_met(uk):
    assert uk.register(content_type="application/jwt").status == 201


def test_the_brazilian_profile(brazil):
    made = brazil.registered()
    assert set(made["scope"].split()) == {"accounts", "consents"}
    assert made["tls_client_auth_subject_dn"] == directory.brazilian(brazil.identity)
    assert made["jwks_uri"] == brazil.jwks_uri
    expect.issued(brazil, brazil.token(scope="accounts"), scope="accounts")


def test_a_role_in_the_statement_and_not_in_the_certificate(server, authorities, key_server):
    """Registered for both; the certificate of each connection bounds what a token gets."""
    org_id = f"0015800001{next(_ids):08}"
    organisation = f"PSDGB-FCA-{next(_ids)}"
    one = profiles.obwac(authorities.ca, org_id, organisation, roles=("PSP_AI",))
    uk = directory.Uk(server, server.uk, one, key_server, org_id, key=SIGNING)
    made = uk.registered(stated={"software_roles": ["AISP", "PISP"]})
    assert set(made["scope"].split()) == {"accounts", "payments"}
    expect.issued(uk, uk.token(scope="accounts payments"), scope="accounts")
    expect.refused(uk, uk.token(scope="payments"), 400, "invalid_scope", "scope_not_allowed_by_role")
    both = profiles.obwac(authorities.ca, org_id, organisation, roles=("PSP_AI", "PSP_PI"))  # renewed with more
    renewed = Partner(server, both, uk.client_id)
    expect.issued(renewed, renewed.token(scope="payments"), scope="payments")


def test_what_is_not_offered_is_left_out(uk):
    made = uk.registered({"scope": "openid accounts", "grant_types": ["refresh_token", "client_credentials"]})
    assert made["scope"] == "accounts"
    assert made["grant_types"] == ["client_credentials"]


def test_roles_of_the_statement_bound_the_scope(uk):
    made = uk.registered(stated={"software_roles": ["AISP"]})
    assert made["scope"] == "accounts"
    expect.refused(uk, uk.token(scope="payments"), 400, "invalid_scope", "scope_not_allowed")


def test_a_role_that_the_directory_withdrew_does_not_come_back(uk):
    both, one = {"software_roles": ["AISP", "PISP"]}, {"software_roles": ["AISP"]}
    issued = int(time.time()) - 60
    uk.registered(stated=both | {"iat": issued})
    assert uk.update(stated=one | {"iat": issued + 30}).json["scope"] == "accounts"
    refused(uk, uk.update(stated=both | {"iat": issued}), 400, "invalid_software_statement", "software_statement_refused",
            rule="statement_newest")
    expect.refused(uk, uk.token(scope="payments"), 400, "invalid_scope", "scope_not_allowed")


def test_a_role_in_the_certificate_and_not_in_the_statement(server, authorities, key_server, unchanged):
    org_id = f"0015800001{next(_ids):08}"
    identity = profiles.obwac(authorities.ca, org_id, roles=("PSP_PI",))
    uk = directory.Uk(server, server.uk, identity, key_server, org_id, key=SIGNING)
    refused(uk, uk.register(stated={"software_roles": ["AISP"]}), 400, "invalid_client_metadata", "client_metadata_refused",
            rule="scope_of_certificate",
            problem="scope_of_certificate: the roles of the client certificate allow nothing of what would be registered")


def test_a_client_id_of_the_partners_own_is_ignored(sandbox):
    made = sandbox.registered({"client_id": "mine", "client_secret": "mine-too-and-secret"})
    assert made["client_id"] != "mine"
    assert "client_secret" not in made


def test_metadata_names_the_endpoint(server, sandbox):
    found = sandbox.get("/.well-known/oauth-authorization-server").json
    assert found["registration_endpoint"] == f"{server.mtls_url}/register"
    assert found["mtls_endpoint_aliases"]["registration_endpoint"] == f"{server.mtls_url}/register"


def test_self_signed_keys_that_the_directory_vouches_for(server, pki):
    identity = pki.self_signed(f"own-{next(_ids)}")
    someone = directory.Sandbox(server, server.sandbox, identity)
    keys = {"keys": [jwk_of(identity)]}
    made = someone.registered(SELF_SIGNED, {"jwks": keys})
    assert made["jwks"] == keys
    assert made["token_endpoint_auth_method"] == "self_signed_tls_client_auth"
    expect.issued(someone, someone.token(), scope="accounts")


def test_self_signed_keys_are_one_client(server, pki):
    identity = pki.self_signed(f"own-{next(_ids)}")
    someone = directory.Sandbox(server, server.sandbox, identity)
    stated = {"jwks": {"keys": [jwk_of(identity)]}}
    someone.registered(SELF_SIGNED, stated)
    before = clients(server)
    refused(someone, someone.register(SELF_SIGNED, stated), 400, "invalid_client_metadata", "client_metadata_refused",
            rule="identity_free")
    assert clients(server) == before


def test_self_signed_keys_that_nobody_vouches_for(server, pki, unchanged):
    identity = pki.self_signed(f"own-{next(_ids)}")
    someone = directory.Sandbox(server, server.sandbox, identity)
    asked = SELF_SIGNED | {"jwks": {"keys": [jwk_of(identity)]}}
    refused(someone, someone.register(asked), 400, "invalid_client", "certificate_issuer_unknown", rule="certificate_trusted")


def test_self_signed_keys_of_somebody_else(server, authorities, pki, unchanged):
    """A certificate that is good for everything else is still none of the keys."""
    own = {"jwks": {"keys": [jwk_of(pki.self_signed(f"own-{next(_ids)}"))]}}
    someone = directory.Sandbox(server, server.sandbox, authorities.ca.issue(f"other-{next(_ids)}"))
    refused(someone, someone.register(SELF_SIGNED, own), 400, "invalid_client", "certificate_not_registered",
            rule="certificate_trusted")


def test_keys_of_ones_own_that_nobody_vouches_for(server, authorities, unchanged):
    """Else who has a certificate that its CA may revoke could go on without its CA."""
    someone = directory.Sandbox(server, server.sandbox, authorities.ca.issue(f"other-{next(_ids)}"))
    asked = SELF_SIGNED | {"jwks": {"keys": [jwk_of(someone.identity)]}}
    refused(someone, someone.register(asked), 400, "invalid_client", "certificate_not_registered",
            rule="certificate_trusted")


def test_self_signed_keys_that_the_operator_revoked(server, pki):
    identity = pki.self_signed(f"own-{next(_ids)}")
    someone = directory.Sandbox(server, server.sandbox, identity)
    stated = {"jwks": {"keys": [jwk_of(identity)]}}
    server.cli("client", "revoke-certificate", identity.pem, "--reason", "a stolen laptop")
    assert eventually(lambda: someone.register(SELF_SIGNED, stated, dry_run=True).json["valid"] is False, timeout=5)
    refused(someone, someone.register(SELF_SIGNED, stated), 400, "invalid_client", "certificate_revoked",
            rule="certificate_trusted")


def test_a_statement_that_names_its_subject_is_good_for_nobody_else(sandbox, authorities, server, unchanged):
    """Neither with the thief's own name in the request, nor without any."""
    stolen = sandbox.directory.statement(sandbox.stated({"tls_client_auth_subject_dn": sandbox.identity.subject}))
    thief = directory.Sandbox(server, server.sandbox, authorities.ca.issue(f"thief-{next(_ids)}"))
    for asked in ({}, {"tls_client_auth_subject_dn": None}):
        refused(thief, thief.register(asked, statement=stolen), 400, "invalid_client_metadata", "client_metadata_refused",
                rule="certificate_subject")


# --- the statement


def forged(someone, reply, text, rule="statement_signature"):
    return refused(someone, reply, 400, "invalid_software_statement", "software_statement_refused", rule=rule,
                   problem=f"{rule}: {text}")


def test_a_forged_statement(sandbox, unchanged):
    stranger = Key("ES256", kid="sandbox-1")
    text = sandbox.directory.statement(sandbox.stated({}), key=stranger)
    forged(sandbox, sandbox.register(statement=text),
           "software_statement is not signed by its directory: the signature does not verify")
    good = sandbox.directory.statement(sandbox.stated({}))
    head, body, signature = good.split(".")
    claims = b64url(json.dumps(sandbox.stated({"iss": sandbox.directory.issuer, "scope": "payments"})).encode())
    forged(sandbox, sandbox.register(statement=f"{head}.{claims}.{signature}"),
           "software_statement is not signed by its directory: the signature does not verify")


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_statement_with_an_algorithm_that_is_never_accepted(sandbox, unchanged, alg):
    forged(sandbox, sandbox.register(alg=alg), "software_statement must be signed with PS256, ES256 or EdDSA",
           "statement_algorithm")


@pytest.mark.parametrize("alg", ["RS256", "none"])
def test_a_uk_statement_with_another_algorithm(uk, unchanged, alg):
    forged(uk, uk.register(alg=alg), "software_statement must be signed with PS256", "statement_algorithm")


@pytest.mark.parametrize("header", ["jku", "x5u"])
def test_keys_that_a_header_names_are_never_fetched(sandbox, key_server, unchanged, header):
    evil = Key("ES256", kid="evil")
    key_server.pages["/evil"] = directory.jwks(evil)
    text = sandbox.directory.statement(sandbox.stated({}), key=evil, **{header: key_server.url("/evil"), "jwk": evil.jwk})
    forged(sandbox, sandbox.register(statement=text),
           "software_statement is not signed by its directory: no key of the issuer has this kid and algorithm")
    time.sleep(0.3)
    assert "/evil" not in key_server.hits


def test_an_expired_statement(sandbox, unchanged):
    reply = sandbox.register(stated={"exp": int(time.time()) - 1})
    line = refused(sandbox, reply, 400, "invalid_software_statement", "software_statement_refused", rule="statement_expiry")
    assert "software_statement expired at " in line["detail"]


def test_a_statement_of_the_future(sandbox, unchanged):
    forged(sandbox, sandbox.register(stated={"nbf": int(time.time()) + 120}), "nbf of software_statement is in the future",
           "statement_start")


def test_an_old_brazilian_statement(brazil, unchanged):
    forged(brazil, brazil.register(stated={"iat": int(time.time()) - 310}),
           "software_statement is older than 300 seconds: fetch a new one", "statement_age")


def test_an_unknown_directory(sandbox, unchanged):
    reply = sandbox.register(stated={"iss": "https://evil.example"})
    refused(sandbox, reply, 400, "unapproved_software_statement", "software_statement_unapproved", rule="application",
            sent=["evil.example"])


def test_a_statement_of_another_organisation(uk, unchanged):
    forged(uk, uk.register(stated={"org_id": "0015800001999999"}),
           "the client certificate is of another organisation than software_statement", "certificate_organisation")


def test_an_eidas_certificate_of_another_organisation(server, authorities, key_server):
    """It is known by its authority, the authority's country and the number there, all three."""
    number = f"{next(_ids)}"
    identity = profiles.qwac(authorities.ca, f"PSDAT-FMA-{number}", roles=("PSP_AI", "PSP_PI"))
    uk = directory.Uk(server, server.eidas, identity, key_server, f"0015800001{next(_ids):08}", key=SIGNING)
    good = {"authority_id": "FMAAUT", "registration_id": number, "status": "Active"}
    before = clients(server)
    for wrong in ({"authority_id": "FMALIE"}, {"authority_id": "FMA"}, {"registration_id": "x"}, {"status": "Revoked"}):
        reply = uk.register(stated={"organisation_competent_authority_claims": good | wrong})
        forged(uk, reply, "the client certificate is of another organisation than software_statement",
               "certificate_organisation")
    assert clients(server) == before
    uk.registered(stated={"organisation_competent_authority_claims": good})


def test_a_brazilian_statement_of_another_software(brazil, unchanged):
    forged(brazil, brazil.register(stated={"software_id": str(uuid.uuid4())}),
           "the client certificate is of another software than software_statement", "certificate_software")


def test_a_token_of_our_own_is_no_statement(sandbox, unchanged):
    forged(sandbox, sandbox.register(typ="at+jwt"), "typ of software_statement must be JWT or absent", "statement_type")


@pytest.mark.parametrize("statement, problem", [
    (None, "software_statement is missing"),
    (7, "software_statement is not a string"),
    ("x", "software_statement cannot be read: JWS has not exactly three parts"),
    ("e30.e30.", "software_statement cannot be read: the header has no alg"),
], ids=str)
def test_a_statement_that_is_none(sandbox, unchanged, statement, problem):
    body = sandbox.asked({"software_statement": statement})
    reply = sandbox.register(body=json.dumps(body))
    forged(sandbox, reply, problem, "application")


def test_a_member_twice_in_the_statement(sandbox, unchanged):
    claims = json.dumps(sandbox.stated({"iss": sandbox.directory.issuer})).encode()[:-1] + b',"software_id":"other"}'
    text = sandbox.directory.key.sign(claims)
    reply = sandbox.register(statement=text)
    refused(sandbox, reply, 400, "invalid_software_statement", "software_statement_refused", rule="application")


# --- the signed request of the UK


def test_a_request_that_somebody_else_signed(uk, unchanged):
    stranger = Key("PS256", kid=uk.key.kid)
    reply = uk.register(request_key=stranger)
    refused(uk, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="request_signature")


def test_a_request_that_was_used_before(uk):
    body = uk.body({}, {})
    assert uk.register(body=body).status == 201
    before = clients(uk.server)
    refused(uk, uk.register(body=body), 400, "invalid_client_metadata", "client_metadata_refused", rule="request_once",
            problem="request_once: this request was used before")
    assert clients(uk.server) == before


@pytest.mark.parametrize("member, value, rule", [
    ("aud", "https://other.example", "request_audience"),
    ("exp", 1, "request_times"),
    ("iss", "other", "request_issuer"),
    ("jti", "1", "request_id"),
    ("software_id", "other", "request_software"),
])
def test_a_request_that_is_not_for_now_and_here(uk, unchanged, member, value, rule):
    refused(uk, uk.register({member: value}), 400, "invalid_client_metadata", "client_metadata_refused", rule=rule)


def test_an_audience_of_the_configuration(uk):
    uk.registered({"aud": ["x", "0015800001ZEZ1iAAH"]})


def test_plain_json_in_the_uk_and_a_jws_elsewhere(uk, brazil, unchanged):
    claims = uk.asked({"software_statement": uk.directory.statement(uk.stated({}))})
    reply = uk.register(body=json.dumps(claims), content_type="application/json")
    refused(uk, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="request_form",
            problem="request_form: send a signed request, as application/jose")
    reply = brazil.register(body=SIGNING.sign(json.loads(brazil.body({}, {}))), content_type="application/jose")
    refused(brazil, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="request_form",
            problem="request_form: send plain JSON, as application/json")


# --- metadata


@pytest.mark.parametrize("asked, error, rule, problem", [
    ({"redirect_uris": ["https://evil.example/cb"]}, "invalid_redirect_uri", "redirect_uris_in_statement",
     "redirect_uris[0] is not among the software_redirect_uris of software_statement"),
    ({"redirect_uris": None}, "invalid_redirect_uri", "redirect_uris_present", "redirect_uris is missing"),
    ({"jwks": {"keys": []}}, "invalid_client_metadata", "keys_once", "give jwks or jwks_uri, not both"),
    ({"jwks_uri": "https://evil.example/jwks"}, "invalid_client_metadata", "keys_of_statement",
     "jwks_uri is not the one of software_statement"),
    ({"token_endpoint_auth_method": "private_key_jwt"}, "invalid_client_metadata", "authentication_method",
     "token_endpoint_auth_method must be tls_client_auth"),
    ({"tls_client_auth_san_dns": "api.banco.example"}, "invalid_client_metadata", "authentication_subject",
     "give tls_client_auth_subject_dn and no other subject"),
    ({"grant_types": ["authorization_code"]}, "invalid_client_metadata", "grant_types",
     "grant_types must hold client_credentials, the one that is offered here"),
    ({"scope": "openid payments"}, "invalid_client_metadata", "scope_allowed",
     "the roles of software_statement allow nothing of scope"),
    ({"scope": "everything"}, "invalid_client_metadata", "scope_known", "word 1 of scope does not exist on this server"),
    ({"id_token_signed_response_alg": "RS256"}, "invalid_client_metadata", "metadata_algorithms",
     "id_token_signed_response_alg must be PS256, ES256 or EdDSA"),
    ({"tls_client_certificate_bound_access_tokens": False}, "invalid_client_metadata", "bound_tokens",
     "tls_client_certificate_bound_access_tokens must be true: every token here is bound"),
], ids=str)
def test_bad_metadata(brazil, unchanged, asked, error, rule, problem):
    reason = {"invalid_redirect_uri": "redirect_uri_refused"}.get(error, "client_metadata_refused")
    refused(brazil, brazil.register(asked), 400, error, reason, rule=rule, problem=f"{rule}: {problem}",
            sent=["evil.example"])


def test_a_brazilian_subject_in_another_tools_form(brazil, unchanged):
    refused(brazil, brazil.register({"tls_client_auth_subject_dn": brazil.identity.subject}), 400, "invalid_client_metadata",
            "client_metadata_refused", rule="authentication_subject_form")


def test_the_subject_of_another_certificate(sandbox, unchanged):
    reply = sandbox.register({"tls_client_auth_subject_dn": "CN=somebody-else,O=Test"})
    refused(sandbox, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="certificate_subject")


def test_a_subject_that_is_taken(server, sandbox, authorities):
    sandbox.registered()
    before = clients(server)
    twin = directory.Sandbox(server, server.sandbox, sandbox.identity)
    refused(twin, twin.register(), 400, "invalid_client_metadata", "client_metadata_refused", rule="identity_free",
            problem="identity_free: a client with this subject is registered already")
    assert clients(server) == before


def test_all_violations_are_told_at_once(uk, unchanged):
    asked = {"scope": "everything", "redirect_uris": ["https://localhost/cb"], "aud": "x"}
    reply = uk.register(asked, {"org_status": "Revoked"})
    refused(uk, reply, 400, "invalid_software_statement", "software_statement_refused", rule="statement_organisation_active")
    rules = [problem.split(":")[0] for problem in reply.json["problems"]]
    assert rules == ["statement_organisation_active", "request_audience", "redirect_uris_not_local",
                     "redirect_uris_in_statement", "scope_known", "scope_allowed"]


# --- asking first


def test_a_dry_run_that_is_good_stores_nothing(sandbox, unchanged):
    since = sandbox.server.log.position()
    reply = sandbox.register(dry_run=True)
    assert reply.status == 200, reply.body
    found = reply.json
    assert (found["valid"], found["violations"]) == (True, [])
    assert found["registration"]["scope"] == "accounts"
    assert not {"client_id", "registration_access_token"} & set(found["registration"])
    time.sleep(0.2)
    sandbox.server.log.unlike(since, event="client_registered")


def test_a_dry_run_that_is_bad_names_every_rule(uk, unchanged):
    asked = {"scope": "everything", "redirect_uris": ["https://evil.example/cb"]}
    reply = uk.register(asked, dry_run=True)
    assert reply.status == 200, reply.body
    assert reply.json["valid"] is False
    assert [(v["rule"], v["error"]) for v in reply.json["violations"]] == [
        ("redirect_uris_in_statement", "invalid_redirect_uri"), ("scope_known", "invalid_client_metadata"),
        ("scope_allowed", "invalid_client_metadata")]
    assert "registration" not in reply.json


def test_a_request_is_not_used_up_by_a_dry_run(uk):
    body = uk.body({}, {})
    assert uk.register(body=body, dry_run=True).json["valid"] is True
    assert uk.register(body=body).status == 201


def test_a_dry_run_of_something_that_cannot_be_read(sandbox, unchanged):
    reply = sandbox.register(body="[]", dry_run=True)
    assert reply.status == 200
    assert [v["rule"] for v in reply.json["violations"]] == ["application"]


# --- the certificate


def test_no_certificate(server, unchanged):
    nobody = directory.Sandbox(server, server.sandbox, server.pki.self_signed("subject"))
    body = nobody.body({}, {})
    bare = Partner(server)
    reply = bare.request("POST", "/register", body, {"Content-Type": "application/json"})
    assert (reply.status, reply.json["error"]) == (400, "invalid_client")
    server.log.like(request=expect.request_id(reply), event="registration_refused", reason="certificate_missing")


def test_a_certificate_of_another_group(server, authorities, unchanged):
    someone = directory.Sandbox(server, server.sandbox, authorities.other_ca.issue("stranger"))
    refused(someone, someone.register(), 400, "invalid_client", "certificate_issuer_unknown", rule="certificate_trusted")


def test_an_expired_certificate(server, authorities, unchanged):
    from harness.pki import days, now
    old = authorities.ca.issue("old", not_before=now() - days(10), not_after=now() - days(1))
    someone = directory.Sandbox(server, server.sandbox, old)
    refused(someone, someone.register(), 400, "invalid_client", "certificate_expired", rule="certificate_trusted")


def test_a_certificate_that_does_not_fit_the_profile(server, authorities, key_server, unchanged):
    plain = authorities.ca.issue("plain")
    uk = directory.Uk(server, server.uk, plain, key_server, "0015800001000000AA", key=SIGNING)
    refused(uk, uk.register(), 400, "invalid_client", "certificate_profile_mismatch", rule="certificate_trusted")


# --- HTTP


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "text/plain", ""])
def test_a_wrong_media_type(sandbox, unchanged, content_type):
    reply = sandbox.request("POST", "/register", sandbox.body({}, {}), {"Content-Type": content_type})
    assert (reply.status, reply.json["error"]) == (415, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method(sandbox, method):
    reply = sandbox.request(method, "/register")
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


def test_a_body_at_its_limit_and_beyond(sandbox):
    limit = 64 * 1024
    body = sandbox.body({"x": ""}, {})
    padded = body.replace('"x": ""', '"x": "%s"' % ("x" * (limit - len(body))))
    assert len(padded) == limit
    assert sandbox.register(body=padded).status == 201
    reply = sandbox.register(body=padded + " ")
    assert (reply.status, reply.json["error"]) == (413, "invalid_request")


def chunks(body):
    return [body[i:i + 1000].encode() for i in range(0, len(body), 1000)]


def test_a_chunked_body_at_its_limit_and_beyond(sandbox):
    limit = 64 * 1024
    body = sandbox.body({"x": ""}, {})
    padded = body.replace('"x": ""', '"x": "%s"' % ("x" * (limit - len(body))))
    assert sandbox.register(body=chunks(padded)).status == 201
    reply = sandbox.register(body=chunks(padded + " "))
    assert (reply.status, reply.json["error"]) == (413, "invalid_request")


def test_a_long_body_is_told_all_its_violations(sandbox, unchanged):
    body = sandbox.body({"x": "y" * 60000, "redirect_uris": ["http://partner.example/cb", "/#"], "scope": "nothing"}, {"exp": 1})
    reply = sandbox.register(body=chunks(body))
    assert reply.status == 400 and reply.json["error"] != "server_error"
    assert len(reply.json["problems"]) > 1


def test_a_body_of_ten_megabytes(sandbox, unchanged):
    before = sandbox.server.resident_kib()
    try:
        reply = sandbox.register(body=b"x" * 10_000_000)
        assert reply.status == 413
    except OSError:
        pass  # the server does not read on
    assert sandbox.server.resident_kib() - before < 2048


@pytest.mark.parametrize("body", ["", "[]", "null", '{"a":1,"a":1}', "{" * 100, '{"a":"\\u0000"}', "{} x", "\xff"], ids=str)
def test_json_that_is_none(sandbox, unchanged, body):
    reply = sandbox.register(body=body.encode("latin-1"))
    refused(sandbox, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="application")


def test_a_query_that_is_repeated(sandbox, unchanged):
    reply = sandbox.send("POST", "/register?dry_run=true&dry_run=true", sandbox.body({}, {}))
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("value", ["True", "1", "yes", "truetruetrue"])
def test_a_dry_run_that_is_not_quite_asked_for(sandbox, unchanged, value):
    """Whoever writes that does not mean to register."""
    reply = sandbox.send("POST", f"/register?dry_run={value}", sandbox.body({}, {}))
    assert (reply.status, reply.json["error"]) == (400, "invalid_request")


# --- on the command line, before anything is sent


def check(someone, body, *arguments):
    path = someone.server.folder / "request"
    path.write_text(body)
    done = someone.server.cli("client", "check-registration", path, *arguments, "--json", check=False)
    return done.returncode, json.loads(done.stdout)


def test_checking_a_good_request_offline(sandbox, brazil, unchanged):
    for someone in (sandbox, brazil):
        status, found = check(someone, someone.body({}, {}), "--certificate", someone.identity.pem)
        assert (status, found["valid"], found["violations"]) == (0, True, []), found
        assert "not_judged" not in found
        assert found["registration"]["token_endpoint_auth_method"] == "tls_client_auth"


def test_checking_a_signed_request_offline(uk, unchanged):
    body = uk.body({}, {})
    keys = uk.server.folder / "software.jwks"
    keys.write_text(json.dumps(directory.jwks(uk.key)))
    status, found = check(uk, body)
    assert (status, found["valid"]) == (0, True)
    assert found["not_judged"] == ["certificate_trusted", "certificate_organisation", "certificate_software",
                                   "certificate_subject", "request_signature", "scope_of_certificate"]
    status, found = check(uk, body, "--certificate", uk.identity.pem, "--software-jwks", keys, "--directory", "uk")
    assert (status, found["valid"]) == (0, True)
    assert "not_judged" not in found
    stranger = uk.body({}, {}, request_key=Key("PS256", kid=uk.key.kid))
    status, found = check(uk, stranger, "--software-jwks", keys)
    assert (status, [v["rule"] for v in found["violations"]]) == (1, ["request_signature"])


def test_checking_a_bad_request_offline(uk, unchanged):
    status, found = check(uk, uk.body({"scope": "everything"}, {"org_status": "Revoked"}))
    assert status == 1
    assert [v["rule"] for v in found["violations"]] == ["statement_organisation_active", "scope_known", "scope_allowed"]
    done = uk.server.cli("client", "check-registration", uk.server.folder / "request", check=False)
    assert done.returncode == 1
    assert "scope_known                    invalid_client_metadata     word 1 of scope does not exist on this server" in done.stdout


def test_checking_against_another_directory(sandbox, unchanged):
    path = sandbox.server.folder / "request"
    path.write_text(sandbox.body({}, {}))
    done = sandbox.server.cli("client", "check-registration", path, "--directory", "uk", check=False)
    assert done.returncode == 1
    assert "the software statement is of directory sandbox, not uk" in done.stderr
