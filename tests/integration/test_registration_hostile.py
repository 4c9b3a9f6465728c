"""Registration requests that somebody made to hurt: headers of JWS, JSON that readers disagree about, members of every
wrong type. Each gets its documented refusal, and nothing changes."""

import copy
import itertools
import json
import time
import uuid

import pytest
from harness import directory, profiles
from harness.client import Partner
from harness.directory import Key, clients, refused
from harness.jose import b64url
from harness.server import eventually

_ids = itertools.count(1)


@pytest.fixture(scope="module")
def server(make_server, authorities, key_server):
    made = make_server()
    made.trust("partners", authorities.ca)
    made.trust("uk", authorities.ca, profile="obuk")
    made.trust("brazil", authorities.ca, profile="ofbr")
    made.config["roles"] = [{"role": "AISP", "scopes": ["accounts"]}, {"role": "PSP_AI", "scopes": ["accounts"]},
                            {"role": "PISP", "scopes": ["payments"]}, {"role": "DADOS", "scopes": ["accounts", "consents"]}]
    made.config["outbound"] = {"allowed_addresses": ["127.0.0.0/8"], "ca_file": str(key_server.authority.pem),
                               "timeout": "5s"}
    made.sandbox = directory.Directory(made, "sandbox", "generic", "partners", alg="ES256", suspend_expired=True)
    made.uk = directory.Directory(made, "uk", "obuk", "uk")
    made.brazil = directory.Directory(made, "brazil", "ofbr", "brazil")
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


PS256 = Key("PS256")


@pytest.fixture
def uk(server, authorities, key_server):
    org_id = f"0015800001{next(_ids):08}"
    identity = profiles.obwac(authorities.ca, org_id, f"PSDGB-FCA-{next(_ids)}", roles=("PSP_AI",))
    return directory.Uk(server, server.uk, identity, key_server, org_id, key=PS256)


@pytest.fixture
def brazil(server, authorities):
    org_id, software_id = str(uuid.uuid4()), str(uuid.uuid4())
    return directory.Brazil(server, server.brazil, profiles.brcac(authorities.ca, org_id, software_id), org_id, software_id)


@pytest.fixture
def unchanged(server):
    before = clients(server)
    yield
    assert clients(server) == before


def bad_statement(someone, reply, text, rule="application"):
    return refused(someone, reply, 400, "invalid_software_statement", "software_statement_refused", rule=rule,
                   problem=f"{rule}: {text}")


def bad_request(someone, reply, text, rule="application"):
    return refused(someone, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule=rule,
                   problem=f"{rule}: {text}")


# --- headers

UNREADABLE = {
    "crit": ({"crit": ["exp"]}, "the header has crit"),
    "b64": ({"crit": ["b64"], "b64": False}, "the header has crit"),
    "an empty crit": ({"crit": []}, "the header has crit"),
    "kid a number": ({"kid": 7}, "kid is not a string"),
    "kid an object": ({"kid": {"a": "b"}}, "kid is not a string"),
    "a kid of 129": ({"kid": "k" * 129}, "kid of 129 bytes"),
    "a kid of 8 KB": ({"kid": "k" * 8192}, "JWS header of 10978 characters"),
    "alg a list": ({"alg": ["ES256"]}, "the header has no alg"),
    "no alg": ({"alg": None}, "the header has no alg"),
    "deep": ({"x": json.loads("[" * 16 + "]" * 16)}, "JSON is nested deeper than 16"),
}


def signed(key, claims, header):
    """As Key.sign, also where the header names an algorithm that is none."""
    whole = {"alg": key.alg, "kid": key.kid, "typ": "JWT"} | header
    head = json.dumps({k: v for k, v in whole.items() if v is not None}).encode()
    data = f"{b64url(head)}.{b64url(json.dumps(claims).encode())}".encode()
    return f"{data.decode()}.{b64url(key.signature(data, key.alg))}"


@pytest.mark.parametrize("header, text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_statement_whose_header_cannot_be_read(sandbox, unchanged, header, text):
    statement = signed(sandbox.directory.key, sandbox.stated({"iss": sandbox.directory.issuer}), header)
    bad_statement(sandbox, sandbox.register(statement=statement), f"software_statement cannot be read: {text}")


@pytest.mark.parametrize("header, text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_request_whose_header_cannot_be_read(uk, unchanged, header, text):
    claims = uk.asked({"software_statement": uk.directory.statement(uk.stated({}))})
    bad_request(uk, uk.register(body=signed(uk.key, claims, header)), f"the signed request cannot be read: {text}")


def test_a_header_that_says_something_twice(sandbox, unchanged):
    head = b64url(b'{"alg":"ES256","kid":"sandbox-1","alg":"none"}')
    claims = b64url(json.dumps(sandbox.stated({"iss": sandbox.directory.issuer})).encode())
    reply = sandbox.register(statement=f"{head}.{claims}.")
    bad_statement(sandbox, reply, "software_statement cannot be read: JSON does not parse at byte 38: a member twice")


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "RS256", "PS384", "es256", "ES256K", "EdDSA", "ES512", ""])
def test_a_statement_that_names_another_algorithm_than_its_key(sandbox, unchanged, alg):
    """The signature is the good one of ES256; what the header says of it is not."""
    statement = signed(sandbox.directory.key, sandbox.stated({"iss": sandbox.directory.issuer}), {"alg": alg})
    if alg == "EdDSA":
        bad_statement(sandbox, sandbox.register(statement=statement), "software_statement is not signed by its directory: "
                      "no key of the issuer has this kid and algorithm", "statement_signature")
    else:
        bad_statement(sandbox, sandbox.register(statement=statement),
                      "software_statement must be signed with PS256, ES256 or EdDSA", "statement_algorithm")


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "EdDSA", "ps256"])
def test_a_request_with_another_algorithm(uk, unchanged, alg):
    claims = uk.asked({"software_statement": uk.directory.statement(uk.stated({}))})
    for signature in (uk.key.signature, lambda data, alg: b""):
        head = b64url(json.dumps({"alg": alg, "kid": uk.key.kid}).encode())
        data = f"{head}.{b64url(json.dumps(claims).encode())}"
        body = f"{data}.{b64url(signature(data.encode(), alg if alg in ('HS256', 'RS256', 'none') else 'PS256'))}"
        bad_request(uk, uk.register(body=body), "the request must be signed with PS256 or ES256", "request_algorithm")


def test_a_request_with_es256(uk, key_server):
    """The other algorithm of the profile, with a key of its own."""
    uk.key = Key("ES256")
    key_server.pages[f"/{uk.software_id}"] = directory.jwks(PS256, uk.key)
    assert uk.register().status == 201


@pytest.mark.parametrize("header", [{}, {"jku": True}, {"x5u": True}, {"x5c": ["MIIB"]}, {"jwk": True}], ids=str)
def test_a_request_that_brings_its_key(uk, key_server, unchanged, header):
    evil = Key("PS256", kid=uk.key.kid)
    key_server.pages["/evil"] = directory.jwks(evil)
    header = {k: evil.jwk if k == "jwk" else key_server.url("/evil") if v is True else v for k, v in header.items()}
    reply = uk.register(request_key=evil, request_header=header)
    bad_request(uk, reply, "the request is not signed by a key of software_jwks_endpoint: the signature does not verify",
                "request_signature")
    assert "/evil" not in key_server.hits


def test_a_kid_that_is_missing_and_one_that_is_unknown(sandbox, uk):
    text = sandbox.directory.statement(sandbox.stated({}), kid="elsewhere")
    before = clients(sandbox.server)
    bad_statement(sandbox, sandbox.register(statement=text), "software_statement is not signed by its directory: "
                  "no key of the issuer has this kid and algorithm", "statement_signature")
    bad_request(uk, uk.register(request_header={"kid": "elsewhere"}), "the request is not signed by a key of "
                "software_jwks_endpoint: no key of the issuer has this kid and algorithm", "request_signature")
    assert clients(sandbox.server) == before
    assert sandbox.register(statement=sandbox.directory.statement(sandbox.stated({}), kid=None)).status == 201
    assert uk.register(request_header={"kid": None}).status == 201


def test_two_keys_of_one_kid(uk, key_server, unchanged):
    key_server.pages[f"/{uk.software_id}"] = directory.jwks(uk.key, Key("PS256", kid=uk.key.kid))
    bad_request(uk, uk.register(), "the request is not signed by a key of software_jwks_endpoint: two keys of one kid",
                "request_signature")


@pytest.mark.parametrize("spoil", [
    lambda s: s + "=", lambda s: s[:-1], lambda s: s + ".x", lambda s: s.rsplit(".", 1)[0] + ".", lambda s: s + "\n",
    lambda s: " " + s, lambda s: s.replace(".", "..", 1), lambda s: "." + s, lambda s: "..", lambda s: ".", lambda s: "",
    lambda s: s.rsplit(".", 1)[0] + "." + "A" * 86, lambda s: s.rsplit(".", 1)[0] + "." + "A" * 8000,
    lambda s: s + "A" * 16384, lambda s: json.dumps({"payload": "e30", "signatures": []}),
])
def test_a_compact_form_that_is_none(sandbox, unchanged, spoil):
    statement = spoil(sandbox.directory.statement(sandbox.stated({})))
    body = json.dumps(sandbox.asked({"software_statement": statement}))
    line = refused(sandbox, sandbox.register(body=body), 400, "invalid_software_statement", "software_statement_refused")
    assert line["rule"] in ("application", "statement_signature")


# --- JSON


@pytest.mark.parametrize("body", [
    b'{"a":{"b":1,"b":2}}', b'{"scope":"accounts","sc\\u006fpe":"payments"}', b'{"a":' + b"[" * 16 + b"]" * 16 + b"}",
    b"[" * 10000, b'{"a":' * 2000, b'{"client_name":"a\\u0000b"}', b'{"a\\u0000":1}', b'{"client_name":"\\ud800"}',
    b'{"client_name":"\\udc00\\ud800"}', b'{"client_name":"\xed\xa0\x80"}', b'{"client_name":"\xff"}',
    b'{"client_name":"\xc0\xaf"}', b'{"a":1e400}', b'{"a":' + b"9" * 40 + b"}", b'{"a":-' + b"9" * 10000 + b"}", b'{"a":01}',
    b'{"a":NaN}', b'{"a":Infinity}', b"{'a':1}", b'{"a":1,}', b"{/**/}", b"\xef\xbb\xbf{}", b"{}{}", b"{}\x00", b"\x00",
    b'{"a":"\t"}', b'{"a":tru}', '{"a":1}'.encode("utf-16"), b"true", b'"{}"',
], ids=lambda b: repr(b)[:30])
def test_json_that_readers_disagree_about(sandbox, unchanged, body):
    reply = sandbox.register(body=body)
    refused(sandbox, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="application")
    assert reply.json["problems"][0].startswith("application: the body cannot be read: JSON ")
    inside = sandbox.directory.key.sign(body)
    reply = sandbox.register(statement=inside)
    refused(sandbox, reply, 400, "invalid_software_statement", "software_statement_refused", rule="application")


ODD = [None, True, False, 0, -1, 1.5, 10**18, "", " ", "x", "é", "\u202e", "a\u0001b", "x" * 3000,
       [], [[]], [None], [1], ["", ""], ["x"] * 100, {}, {"keys": []}, {"keys": [{}]}, {"keys": 7}, {"a": {"b": ["c"]}}]


def with_odd_values(good):
    for member in sorted(good):
        for value in ODD:
            changed = copy.deepcopy(good)
            changed[member] = value
            yield member, value, changed


def judged(someone, connection, body):
    reply = someone.request("POST", "/register?dry_run=true", body, {"Content-Type": someone.content_type},
                            connection=connection)
    assert reply.status == 200, (reply.status, reply.body, body)
    found = reply.json
    assert found["valid"] == (not found["violations"])
    assert all(v["rule"] and v["error"].startswith(("invalid_", "unapproved_")) and v["description"]
               for v in found["violations"])
    return found


GENERIC = {"application_type": "web", "client_id": "x", "client_name": "n", "client_uri": "https://a.example",
           "contacts": ["a@b"], "grant_types": ["client_credentials"], "id_token_signed_response_alg": "ES256", "jwks": None,
           "jwks_uri": "https://keys.example/k", "logo_uri": "https://a.example/l", "response_types": ["code"],
           "software_version": "1", "tls_client_auth_san_dns": None, "tls_client_auth_san_ip": None,
           "tls_client_certificate_bound_access_tokens": True, "token_endpoint_auth_signing_alg": "ES256",
           "tos_uri": "https://a.example/t"}


# What is null or empty is absent; a client_id of the partner's own is ignored.
PASS = {"client_id": ODD, "client_name": [" ", "x", "é", "\u202e"], "software_version": [" ", "x", "é", "\u202e"],
        "contacts": [["", ""]], "response_types": [[], ["", ""]], "tls_client_certificate_bound_access_tokens": [True]}


@pytest.mark.parametrize("who", ["sandbox", "brazil"])
def test_every_member_of_a_request_with_every_odd_value(request, who, unchanged):
    """No value of any member is a fault of the server's, nor does one that is of a wrong type pass."""
    someone = request.getfixturevalue(who)
    statement = someone.directory.statement(someone.stated({"client_name": None}))
    good = (GENERIC if who == "sandbox" else {}) | someone.asked({"software_statement": statement})
    connection = someone.connection()
    assert judged(someone, connection, json.dumps(good))["valid"] is True
    passed = {}
    for member, value, changed in with_odd_values(good):
        if judged(someone, connection, json.dumps(changed))["valid"]:
            passed.setdefault(member, []).append(value)
    connection.close()
    for member, values in passed.items():
        assert all(v in (None, "") or v in PASS.get(member, []) for v in values), (member, values)


@pytest.mark.parametrize("who", ["sandbox", "uk", "brazil"])
def test_every_claim_of_a_statement_with_every_odd_value(request, who, unchanged):
    someone = request.getfixturevalue(who)
    if who == "uk":
        someone.register(dry_run=True)  # its keys are fetched once
    good = {"iss": someone.directory.issuer, "iat": int(time.time()) - 10, "exp": int(time.time()) + 600} | someone.stated({})
    good |= {"organisation_competent_authority_claims": [{"authority_id": "FCAGBR", "registration_id": "1"}]}
    connection = someone.connection()
    for member, value, changed in itertools.islice(with_odd_values(good), 0, None, 1 if who == "sandbox" else 3):
        text = someone.directory.key.sign(json.dumps(changed).encode())
        asked = someone.asked({"software_statement": text})
        body = someone.key.sign(asked) if who == "uk" else json.dumps(asked)
        found = judged(someone, connection, body)
        if isinstance(value, (bool, dict)) or value in (-1, [[]], [1]):
            assert not found["valid"] or member.startswith(("software_client", "organisation_competent", "org_name")), (
                member, value)
    connection.close()


# --- what a directory vouches for is not fetched without need, and a partner does not stay what it was


def test_pages_of_a_registration_are_never_fetched(sandbox, key_server):
    pages = ["client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri", "sector_identifier_uri", "initiate_login_uri"]
    made = sandbox.registered({name: key_server.url(f"/page/{name}") for name in pages})
    assert made["logo_uri"] == key_server.url("/page/logo_uri")
    assert "sector_identifier_uri" not in made
    sandbox.access_token()
    time.sleep(0.5)
    assert not [path for path in key_server.hits if path.startswith("/page/")]


def test_a_suspended_client_may_read_and_delete_its_registration(sandbox):
    sandbox.registered()
    sandbox.update(stated={"exp": int(time.time()) + 3})
    assert eventually(lambda: sandbox.token().json.get("error") == "invalid_client", timeout=10)
    assert sandbox.read().status == 200
    before = clients(sandbox.server)
    reply = sandbox.update(stated={"exp": int(time.time()) - 1})
    refused(sandbox, reply, 400, "invalid_software_statement", "software_statement_refused", rule="statement_expiry")
    assert [c["client_id"] for c in clients(sandbox.server)] == [c["client_id"] for c in before]
    assert sandbox.delete().status == 204


def test_a_signed_request_replaces_once(uk):
    uk.registered()
    body = uk.body({"client_id": uk.client_id}, {})
    first = uk.send("PUT", uk.path(), body, token=uk.token_in_hand)
    assert first.status == 200, first.body
    uk.remember(first)
    before = clients(uk.server)
    reply = uk.send("PUT", uk.path(), body, token=uk.token_in_hand)
    bad_request(uk, reply, "this request was used before", "request_once")
    assert clients(uk.server) == before
    assert uk.read().status == 200


def test_a_brazilian_registration_is_managed_with_its_own_certificate(server, authorities, brazil):
    brazil.registered()
    other_software = str(uuid.uuid4())
    thief = directory.Brazil(server, server.brazil, profiles.brcac(authorities.ca, brazil.org_id, other_software),
                             brazil.org_id, other_software)
    thief.client_id, thief.token_in_hand = brazil.client_id, brazil.token_in_hand
    before = clients(server)
    for reply in (thief.read(), thief.update(), thief.delete()):
        refused(thief, reply, 401, "invalid_token", "registration_token_refused")
    bare = Partner(server)
    reply = bare.request("DELETE", brazil.path(), headers={"Authorization": f"Bearer {brazil.token_in_hand}"})
    assert (reply.status, reply.json["error"]) == (401, "invalid_token")
    assert clients(server) == before
    assert brazil.read().status == 200
