"""The admin API: who may, what it answers, and that no change is lost."""

import concurrent.futures
import datetime
import json
import re
import threading
import time

import jsonschema
import pytest
from harness.client import Partner
from harness.fixtures import ROOT
from harness.jose import jwk_of
from harness.pki import days, now
from harness.server import HOST, eventually, free_port
from harness.status import crl


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store_kind(request):
    return request.param


@pytest.fixture(scope="module")
def admin_ca(pki):
    return pki.authority("Admin CA")


@pytest.fixture(scope="module")
def people(admin_ca, authorities):
    return {
        "writer": admin_ca.issue("alice"),
        "reader": admin_ca.issue("bob"),
        "unlisted": admin_ca.issue("carol"),
        "other CA": authorities.ca.issue("alice"),
    }


def with_admin(server, admin_ca, people, **options):
    server.trust("administrators", admin_ca, **options)
    server.ports["admin"] = free_port()
    server.config["listeners"]["admin"] = {
        "address": f"{HOST}:{server.ports['admin']}", "certificate": str(server.tls.pem),
        "private_key": str(server.tls.key), "trust_group": "administrators"}
    server.config["administrators"] = [
        {"subject": people["writer"].subject, "role": "write"},
        {"subject": people["reader"].subject},
    ]


@pytest.fixture(scope="module")
def server(make_server, store, authorities, admin_ca, people):
    server = make_server(store)
    server.trust("partners", authorities.ca)
    with_admin(server, admin_ca, people)
    server.write_config()
    server.migrate()
    return server.start()


class Description:
    """docs/openapi.json: what an answer may be. Members that it does not name are an error here."""

    def __init__(self):
        self.document = json.loads((ROOT / "docs/openapi.json").read_text())
        for schema in self.document["components"]["schemas"].values():
            schema.setdefault("additionalProperties", False)

    def operation(self, method, path):
        for pattern, item in self.document["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path.split("?")[0]):
                return item.get(method.lower())

    def check(self, method, path, reply):
        operation = self.operation(method, path)
        if operation is None:  # 404 and 405 of paths that are not there
            return
        response = operation["responses"].get(str(reply.status))
        assert response is not None, f"{method} {path}: {reply.status} is not documented"
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        if "content" not in response:
            assert reply.body == b""
            return
        schema = response["content"][reply.headers["content-type"]]["schema"]
        jsonschema.Draft202012Validator({**self.document, **schema}).validate(reply.json)
        for name in response.get("headers", {}):
            assert name.lower() in reply.headers


DESCRIPTION = Description()


class Admin(Partner):
    def ask(self, method, path, body=None, connection=None, **headers):
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        if body is not None:
            headers = {"Content-Type": "application/json"} | headers
            body = body if isinstance(body, (bytes, str)) else json.dumps(body)
        reply = self.request(method, "/admin/v1" + path, body, headers, listener="admin", connection=connection)
        DESCRIPTION.check(method, "/admin/v1" + path, reply)
        return reply


@pytest.fixture(scope="module")
def admin(server, people):
    return Admin(server, people["writer"])


def put(path, content):
    """A list comes whole or not at all."""
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.rename(path)


def refused(reply, status, reason, *problems):
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json
    assert problem["status"] == status and problem["reason"] == reason
    assert problem["type"] == f"urn:certbound:problem:{reason}" and problem["title"]
    for wanted in problems:
        assert any(wanted in said for said in problem.get("problems", [])), problem
    return problem


def partner_of(authorities, name):
    identity = authorities.ca.issue(name)
    return identity, {"client_id": name, "tls_client_auth_subject_dn": identity.subject, "trust_group": "partners",
                      "scope": "accounts"}


# --- who may


@pytest.mark.parametrize("who, status, reason", [
    (None, 401, "administrator_certificate_refused"), ("other CA", 401, "administrator_certificate_refused"),
    ("unlisted", 403, "administrator_unknown")])
def test_who_may_not(server, people, who, status, reason):
    nobody = Admin(server, people[who] if who else None)
    reply = nobody.ask("GET", "/clients")
    refused(reply, status, reason)
    assert ("www-authenticate" in reply.headers) == (status == 401)
    refused(nobody.ask("DELETE", "/clients/x", If_Match="*"), status, reason)


def test_a_reader_reads(server, people):
    reader = Admin(server, people["reader"])
    assert reader.ask("GET", "/clients").status == 200
    refused(reader.ask("POST", "/clients", {}), 403, "administrator_may_read_only")
    refused(reader.ask("DELETE", "/revocations/x"), 403, "administrator_may_read_only")


@pytest.fixture
def shifting(make_server, admin_ca, people, tmp_path):
    """A server whose administrators change; their group has a revocation list."""
    server = make_server()
    server.crl = tmp_path / "admin.crl"
    put(server.crl, crl(admin_ca))
    with_admin(server, admin_ca, people, revocation={"check": "crl", "crls": [str(server.crl)]})
    server.write_config()
    server.migrate()
    yield server.start()
    server.stop()


class Open(Admin):
    """Asks on one connection that stays open."""

    def __init__(self, server, identity):
        super().__init__(server, identity)
        self.kept = self.connection("admin")
        self.kept.connect()
        self.kept.auto_open = False  # a new one would prove nothing

    def status(self, method="GET", path="/clients", body=None):
        return self.ask(method, path, body, connection=self.kept).status


def test_an_administrator_whose_certificate_is_revoked_is_out_on_open_connections(shifting, people, admin_ca):
    writer, reader = Admin(shifting, people["writer"]), Open(shifting, people["reader"])
    assert reader.status() == 200
    assert writer.ask("POST", "/revocations", {"x5t#S256": people["reader"].x5t}).status == 201
    assert eventually(lambda: reader.status() == 401, timeout=5)
    assert shifting.log.like(event="admin_refused", x5t=people["reader"].x5t, reason="administrator_certificate_refused")
    assert writer.ask("DELETE", "/revocations/" + people["reader"].x5t).status == 204
    assert eventually(lambda: reader.status() == 200, timeout=5)
    put(shifting.crl, crl(admin_ca, people["reader"]))
    assert eventually(lambda: reader.status() == 401, timeout=5)
    assert writer.ask("GET", "/clients").status == 200


def test_an_administrator_without_a_fresh_list_is_not_believed(shifting, people, admin_ca):
    """Neither is anybody told that they are no administrator: the list is what is missing."""
    reader = Open(shifting, people["reader"])
    put(shifting.crl, crl(admin_ca, this_update=now() - days(2), next_update=now() - days(1)))
    shifting.stop()
    shifting.start()
    reader = Admin(shifting, people["reader"])
    refused(reader.ask("GET", "/clients"), 503, "revocation_unknown")


def test_an_administrator_whose_certificate_ends_is_out_on_an_open_connection(shifting, admin_ca):
    ending = admin_ca.issue("ending", not_after=now() + datetime.timedelta(seconds=5))
    shifting.config["administrators"].append({"subject": ending.subject, "role": "write"})
    shifting.write_config()
    shifting.reload()
    admin = Open(shifting, ending)
    assert admin.status() == 200
    assert eventually(lambda: admin.status() == 401, timeout=15)
    refused(Admin(shifting, ending).ask("GET", "/clients"), 401, "administrator_certificate_refused")


def test_the_list_of_administrators_is_that_of_the_last_reload(shifting, people):
    writer, reader, other = (Open(shifting, people[who]) for who in ("writer", "reader", "unlisted"))
    assert [a.status() for a in (writer, reader, other)] == [200, 200, 403]
    assert writer.status("POST", "/explain", {}) == 400  # may, and said nothing
    shifting.config["administrators"] = [{"subject": people["writer"].subject, "role": "read"},
                                         {"subject": people["unlisted"].subject, "role": "write"}]
    shifting.write_config()
    shifting.reload()
    assert [a.status() for a in (writer, reader, other)] == [200, 403, 200]
    assert [a.status("POST", "/clients", {}) for a in (writer, reader, other)] == [403, 403, 400]


@pytest.mark.parametrize("path", [
    "/clients/x%0d%0aInjected:%20yes", "/clients/%00", "/clients/a%2fb", "/clients/%zz", "/clients/%ff", "/clients/",
    "/clients/../clients", "/clients//certificates", "/", "", "/clients/a/b", "/revocations/%2e%2e", "/signing-keys/" + "k" * 4000])
def test_hostile_paths_name_nothing(admin, path):
    for method in ("GET", "DELETE"):
        reply = admin.request(method, "/admin/v1" + path, headers={"If-Match": "*"}, listener="admin")
        assert reply.status in (404, 405), (method, path, reply.status)
        assert "injected" not in reply.headers and b"Injected" not in reply.body


def test_methods_that_no_path_takes(admin):
    for method in ("PATCH", "OPTIONS", "TRACE", "BREW"):
        reply = admin.request(method, "/admin/v1/clients", listener="admin")
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")
    head = admin.request("HEAD", "/admin/v1/clients", listener="admin")
    assert head.status == 200 and head.body == b""


def test_no_body_of_a_stranger_is_read(server, people, admin):
    """Who it is comes before what it says: what a body is refused for is none of a stranger's business."""
    for who, status in ((None, 401), ("unlisted", 403), ("reader", 403)):
        stranger = Admin(server, people[who] if who else None)
        for path in ("/clients", "/revocations", "/signing-keys"):
            reply = stranger.ask("POST", path, b'{"scope":1,"scope":2}')
            assert reply.status == status and "problems" not in reply.json


def test_the_other_listeners_have_no_admin_api(server, people):
    admin = Admin(server, people["writer"])
    for listener in ("public", "mtls"):
        assert admin.request("GET", "/admin/v1/clients", listener=listener).status == 404
    assert admin.request("POST", "/token", b"", listener="admin").status == 404


# --- clients


def test_the_life_of_a_client(server, admin, authorities):
    identity, body = partner_of(authorities, "life")
    made = admin.ask("POST", "/clients", body | {"client_name": "Life Ltd"})
    assert made.status == 201, made.body
    assert made.headers["location"] == "/admin/v1/clients/life" and made.headers["etag"] == '"1"'
    assert made.json["client_name"] == "Life Ltd" and made.json["grant_types"] == ["client_credentials"]
    line = server.log.like(event="admin_changed", object="clients/life")
    assert "alice" in line["administrator"] and line["method"] == "POST" and line["client_id"] == "life"
    partner = Partner(server, identity, "life")
    assert partner.token().status == 200

    read = admin.ask("GET", "/clients/life")
    assert (read.status, read.headers["etag"], read.json) == (200, '"1"', made.json)
    changed = admin.ask("PUT", "/clients/life", read.json | {"scope": "accounts payments"}, If_Match='"1"')
    assert changed.status == 200 and changed.headers["etag"] == '"2"', changed.body
    assert changed.json["scope"] == "accounts payments" and changed.json["created_at"] == read.json["created_at"]
    assert partner.token(scope="payments").status == 200

    off = admin.ask("PUT", "/clients/life", changed.json | {"enabled": False}, If_Match='"2"')
    assert off.json["enabled"] is False and partner.token().status == 400
    refused(admin.ask("DELETE", "/clients/life"), 428, "if_match_missing")
    refused(admin.ask("DELETE", "/clients/life", If_Match='"2"'), 412, "object_changed_meanwhile")
    gone = admin.ask("DELETE", "/clients/life", If_Match='"3"')
    assert gone.status == 204 and gone.body == b""
    refused(admin.ask("GET", "/clients/life"), 404, "object_not_found")
    refused(admin.ask("DELETE", "/clients/life", If_Match="*"), 404, "object_not_found")
    assert server.log.like(event="admin_changed", object="clients/life", method="DELETE")
    assert server.log.like(event="admin_refused", object="clients/life", reason="object_changed_meanwhile")


def test_what_a_registration_is_refused_for_all_at_once(admin):
    refused(admin.ask("POST", "/clients", {"client_id": "a/b", "scope": "pets", "tls_client_auth_subject_dn": "nonsense",
                                           "trust_group": "partners"}),
            400, "body_refused", "client_id: must be", "scope: holds a word", "tls_client_auth_subject_dn:")


@pytest.mark.parametrize("body, problem", [
    (b"", "body: must be one JSON object"), (b"[]", "body: must be one JSON object"),
    (b'{"scope":"a","scope":"b"}', "body: must be one JSON object"), (b'{"a":' * 20 + b"1" + b"}" * 20, "body:"),
    (b'{"colour":"blue"}', "colour: is no member"), (b'{"scope":1}', "scope: must be a string"),
    (b'{"jwks":"x"}', "jwks: must be a JWK set"), (b'{"grant_types":"client_credentials"}', "grant_types: must be an array"),
    (b'{"enabled":"yes"}', "enabled: is no member"), (b'{"scope":"\\u0000"}', "body:")])
def test_bodies_that_cannot_be_read(admin, body, problem):
    refused(admin.ask("POST", "/clients", body), 400, "body_refused", problem)


def test_a_body_at_its_limit_and_above(admin):
    body = json.dumps({"scope": "x"}).encode()
    refused(admin.ask("POST", "/clients", body + b" " * (65536 - len(body))), 400, "body_refused", "scope: holds")
    refused(admin.ask("POST", "/clients", body + b" " * (65537 - len(body))), 413, "body_too_large")
    refused(admin.ask("POST", "/clients", b"a=b", Content_Type="application/x-www-form-urlencoded"), 415,
            "media_type_unsupported")
    refused(admin.ask("PATCH", "/clients", {}), 405, "method_not_allowed")


def test_a_client_of_the_administrators_group_is_refused(admin, people):
    refused(admin.ask("POST", "/clients", {"client_id": "insider", "trust_group": "administrators", "scope": "accounts",
                                           "tls_client_auth_subject_dn": people["reader"].subject}),
            400, "body_refused", "trust_group: must name")


def test_what_another_client_has(admin, authorities):
    identity, body = partner_of(authorities, "first")
    assert admin.ask("POST", "/clients", body).status == 201
    refused(admin.ask("POST", "/clients", body), 409, "object_exists_already")
    refused(admin.ask("POST", "/clients", body | {"client_id": "second"}), 409, "object_exists_already", "identity:")
    refused(admin.ask("PUT", "/clients/first", body | {"client_id": "other"}, If_Match="*"), 400, "body_refused",
            "client_id: must be that of the path")
    refused(admin.ask("PUT", "/clients/first", body), 428, "if_match_missing")
    refused(admin.ask("PUT", "/clients/first", body, If_Match='"7"'), 412, "object_changed_meanwhile")
    for tag in ('W/"1"', '"7", W/"1"', '1', '"1', '"1"x', '"7" "1', '"11"', '', '"7", *', '"1" , "2'):
        expected = (200,) if tag == '"1" , "2' else (412,)  # what stands behind the one that matches is not read
        assert admin.ask("PUT", "/clients/first", body, If_Match=tag).status in expected, tag
    assert admin.ask("PUT", "/clients/first", body, If_Match=' "7",W/"2" ,\t"2"').status == 200
    assert admin.ask("PUT", "/clients/first", body, If_Match='"a,b", "3"').status == 200


def test_of_administrators_who_change_one_client_at_once_one_wins(server, people, authorities):
    """With one revision in their hands. Whoever loses has changed nothing."""
    _, body = partner_of(authorities, "raced")
    admin = Admin(server, people["writer"])
    assert admin.ask("POST", "/clients", body).status == 201
    for revision in range(1, 9):
        answers = {}

        def change(own, n, connection):
            answers[n] = own.ask("PUT", "/clients/raced", body | {"client_name": f"name {n}"},
                                 If_Match=f'"{revision}"', connection=connection)
            return answers[n]

        assert at_once(server, people["writer"], 6, change) == [200] + 5 * [412]
        [winner] = [a.json for a in answers.values() if a.status == 200]
        now_ = admin.ask("GET", "/clients/raced")
        assert now_.json == winner and now_.headers["etag"] == f'"{revision + 1}"'
        for lost in (a for a in answers.values() if a.status == 412):
            refused(lost, 412, "object_changed_meanwhile")


def test_of_a_change_a_removal_and_a_new_registration_at_once(server, people, authorities):
    _, body = partner_of(authorities, "mixed")
    admin = Admin(server, people["writer"])
    for _ in range(4):
        assert at_once(server, people["writer"], 6, lambda own, n, c: own.ask(
            "POST", "/clients", body, connection=c)) == [201] + 5 * [409]

        def change_or_remove(own, n, connection):
            if n % 2:
                return own.ask("DELETE", "/clients/mixed", If_Match='"1"', connection=connection)
            return own.ask("PUT", "/clients/mixed", body, If_Match='"1"', connection=connection)

        statuses = at_once(server, people["writer"], 6, change_or_remove)
        assert len([s for s in statuses if s < 300]) == 1 and set(statuses) <= {200, 204, 404, 412}, statuses
        admin.ask("DELETE", "/clients/mixed", If_Match="*")


def test_pages(admin, authorities):
    for n in range(3):
        assert admin.ask("POST", "/clients", partner_of(authorities, f"page-{n}")[1]).status == 201
    seen, after = [], ""
    while after is not None:
        page = admin.ask("GET", "/clients?limit=2" + (f"&after={after}" if after else "")).json
        assert len(page["clients"]) <= 2
        seen += [c["client_id"] for c in page["clients"]]
        after = page["after"]
    assert seen == sorted(seen) and {"page-0", "page-1", "page-2"} <= set(seen)
    assert admin.ask("GET", "/clients?enabled=false").json == {"clients": [], "after": None}
    assert admin.ask("GET", "/clients?trust_group=administrators").json["clients"] == []
    for query in ("limit=0", "limit=201", "limit=x", "enabled=maybe", "limit=1&limit=2", "limit=%zz"):
        assert admin.ask("GET", "/clients?" + query).status == 400, query
    assert admin.ask("GET", "/clients?limit=200").status == 200


def test_the_last_page_says_so_when_it_is_full(admin):
    count = len(admin.ask("GET", "/clients?limit=200").json["clients"])
    assert admin.ask("GET", f"/clients?limit={count}").json["after"] is None
    assert admin.ask("GET", f"/clients?limit={count - 1}").json["after"] is not None


PLACES = [("GET", "/clients"), ("POST", "/clients"), ("GET", "/clients/first"), ("PUT", "/clients/first"),
          ("DELETE", "/clients/first"), ("GET", "/clients/first/certificates"), ("GET", "/certificates"),
          ("GET", "/revocations"), ("POST", "/revocations"), ("DELETE", "/revocations/" + "A" * 43),
          ("POST", "/explain"), ("GET", "/trust-groups"), ("GET", "/signing-keys"),
          ("POST", "/signing-keys"), ("GET", "/signing-keys/x"), ("DELETE", "/signing-keys/x")]


@pytest.mark.parametrize("method, path", PLACES, ids=lambda v: v)
def test_a_query_that_is_not_known_is_refused_everywhere(admin, method, path):
    body = {} if method in ("POST", "PUT") else None
    refused(admin.ask(method, path + "?colour=blue", body, If_Match="*"), 400, "parameter_unknown")
    refused(admin.ask(method, path + "?client_id=first&client_id=first", body), 400, *(
        ["parameter_repeated"] if path == "/revocations" and method == "GET" else ["parameter_unknown"]))


def test_a_stranger_learns_nothing_of_queries(server, people):
    refused(Admin(server, None).ask("GET", "/clients?colour=blue"), 401, "administrator_certificate_refused")
    refused(Admin(server, people["unlisted"]).ask("GET", "/clients?limit=x"), 403, "administrator_unknown")


# --- certificates and revocations


def test_a_revocation_reaches_live_connections(server, admin, authorities):
    identity, body = partner_of(authorities, "revoked")
    assert admin.ask("POST", "/clients", body).status == 201
    partner = Partner(server, identity, "revoked")
    connection = partner.connection()
    assert partner.token(connection=connection).status == 200
    made = admin.ask("POST", "/revocations", {"certificate": identity.pem.read_text(), "reason": "key lost"})
    assert made.status == 201 and made.json.items() >= {
        "x5t#S256": identity.x5t, "reason": "key lost", "expires_at": identity.not_after}.items()
    line = server.log.like(event="admin_changed", object="revocations/" + identity.x5t)
    assert "alice" in line["administrator"] and line["x5t"] != identity.x5t
    assert eventually(lambda: partner.token(connection=connection).status == 400, timeout=5)
    refused(admin.ask("POST", "/revocations", {"x5t#S256": identity.x5t}), 409, "object_exists_already")
    assert made.json in admin.ask("GET", "/revocations").json["revocations"]
    assert admin.ask("DELETE", f"/revocations/{identity.x5t}").status == 204
    assert eventually(lambda: partner.token(connection=connection).status == 200, timeout=5)
    refused(admin.ask("DELETE", f"/revocations/{identity.x5t}"), 404, "object_not_found")
    refused(admin.ask("DELETE", "/revocations/nonsense"), 404, "object_not_found")


def test_an_authority_is_not_revoked_like_a_partners_certificate(server, admin, authorities):
    """What it issued would stay good, and nobody would notice."""
    ca = authorities.ca.identity
    for body in ({"x5t#S256": ca.x5t}, {"certificate": ca.pem.read_text()}):
        refused(admin.ask("POST", "/revocations", body), 400, "body_refused", "certificate: an authority of trust group partners")
    done = server.cli("client", "revoke-certificate", ca.x5t, check=False)
    assert done.returncode == 1 and "authority of trust group partners" in done.stderr


def test_revocations_by_pages_and_until_when(admin, authorities):
    def x5t(n):
        return "B" * 42 + "AEIMQUYcgko"[n]

    never = authorities.ca.issue("never-seen")
    later = (never.certificate.not_valid_after + datetime.timedelta(days=99)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert admin.ask("POST", "/revocations", {"certificate": never.pem.read_text()}).json["expires_at"] == never.not_after
    assert admin.ask("POST", "/revocations", {"x5t#S256": x5t(0), "not_after": later}).json["expires_at"] == later
    kept = admin.ask("POST", "/revocations", {"x5t#S256": x5t(1)}).json
    assert "expires_at" not in kept and "client_id" not in kept
    for n in range(2, 5):
        assert admin.ask("POST", "/revocations", {"x5t#S256": x5t(n)}).status == 201
    whole, after = admin.ask("GET", "/revocations?limit=200").json["revocations"], ""
    paged = []
    while after is not None:
        page = admin.ask("GET", f"/revocations?limit=2{after and '&after=' + after}").json
        paged += page["revocations"]
        after = page["after"]
    assert paged == whole and len(whole) >= 6
    assert admin.ask("GET", f"/revocations?limit={len(whole)}").json["after"] is None
    for query in ("after=x", "after=1", "after=1.x", "after=x." + "A" * 43, "limit=0"):
        refused(admin.ask("GET", "/revocations?" + query), 400, "parameter_malformed")
    for r in whole:
        assert admin.ask("DELETE", "/revocations/" + r["x5t#S256"]).status == 204


@pytest.mark.parametrize("body, problem", [
    ({"x5t#S256": "A" * 43, "not_after": "2020-01-01T00:00:00Z"}, "not_after: must be"),
    ({"x5t#S256": "A" * 43, "not_after": "2999-01-01"}, "not_after: must be"),
    ({"certificate": "x", "not_after": "2999-01-01T00:00:00Z"}, "body: give"),
    ({}, "body: give"), ({"reason": "x"}, "body: give"), ({"x5t#S256": "short"}, "x5t#S256: must be"),
    ({"certificate": "junk"}, "certificate: must be"), ({"x5t#S256": "A" * 43, "certificate": "x"}, "body: give"),
    ({"x5t#S256": "A" * 43, "colour": "x"}, "body: give"), ({"x5t#S256": "A" * 43, "reason": 1}, "body: give"),
    ({"x5t#S256": "A" * 43, "reason": "x" * 201}, "reason: is longer")])
def test_revocations_that_cannot_be_read(admin, body, problem):
    refused(admin.ask("POST", "/revocations", body), 400, "body_refused", problem)


def test_certificates_seen(server, admin, authorities):
    ca = authorities.ca
    soon = ca.issue("seen", not_after=now() + days(9) + datetime.timedelta(hours=1))
    later = ca.issue("seen", not_after=now() + days(98) + datetime.timedelta(hours=1))
    assert admin.ask("POST", "/clients", partner_of(authorities, "seen")[1]).status == 201
    for identity in (soon, later):
        assert Partner(server, identity, "seen").token().status == 200
    server.stop()  # which notes what was seen since the last minute
    server.start()
    certificates = admin.ask("GET", "/clients/seen/certificates").json["certificates"]
    assert [c["x5t#S256"] for c in certificates] == [soon.x5t, later.x5t]
    first = certificates[0]
    assert first["client_id"] == "seen" and first["subject"] == soon.subject and first["not_after"] == soon.not_after
    assert first["issuer"] == ca.identity.subject and first["days_left"] == 9 and first["state"] == "replaced_in_use"
    assert int(first["serial"], 16) == soon.certificate.serial_number and certificates[1]["state"] == "current"
    assert first["issuer_key"] == certificates[1]["issuer_key"] and first["first_seen"] <= first["last_seen"]
    for within, expected in (("9d", 0), ("10d", 1), ("98d", 1), ("99d", 2)):
        assert len(admin.ask("GET", f"/clients/seen/certificates?expiring_within={within}").json["certificates"]) == expected
    page = admin.ask("GET", "/clients/seen/certificates?limit=1").json
    assert page["certificates"] == [first]
    page = admin.ask("GET", "/clients/seen/certificates?limit=1&after=" + page["after"]).json
    assert page == {"certificates": certificates[1:], "after": None}
    assert [c["x5t#S256"] for c in admin.ask("GET", "/certificates?expiring_within=10d").json["certificates"]] == [soon.x5t]

    made = admin.ask("POST", "/revocations", {"x5t#S256": soon.x5t, "not_after": "2999-01-01T00:00:00Z"}).json
    assert made["client_id"] == "seen" and made["expires_at"] == soon.not_after  # its own word counts
    assert server.log.like(event="admin_changed", object="revocations/" + soon.x5t, client_id="seen")
    assert admin.ask("GET", "/revocations?client_id=seen").json["revocations"] == [made]
    assert admin.ask("GET", "/revocations?client_id=first").json["revocations"] == []
    assert eventually(lambda: admin.ask("GET", "/clients/seen/certificates").json["certificates"][0]["state"] == "revoked")


def test_pages_over_certificates_that_ended_long_ago(admin, pki):
    """Before 1970 a Unix time is negative."""
    old = [pki.self_signed(f"old-{year}", not_before=datetime.datetime(1950, 1, 1), not_after=datetime.datetime(year, 1, 1))
           for year in (1960, 1965, 1975)]
    assert admin.ask("POST", "/clients", {"client_id": "antique", "scope": "accounts",
                                          "jwks": {"keys": [jwk_of(i) for i in old]}}).status == 201
    seen, after = [], ""
    while after is not None:
        page = admin.ask("GET", f"/clients/antique/certificates?limit=1{after and '&after=' + after}").json
        seen += [c["x5t#S256"] for c in page["certificates"]]
        after = page["after"]
    assert seen == [i.x5t for i in old]
    for query in ("after=-.x.y", "after=--1.x.y", "after=-1"):
        refused(admin.ask("GET", "/certificates?" + query), 400, "parameter_malformed")


def test_queries_for_certificates(admin):
    refused(admin.ask("GET", "/clients/nobody/certificates"), 404, "object_not_found")
    for query in ("expiring_within=30", "expiring_within=d", "expiring_within=36501d", "after=x", "after=1.x.y"):
        refused(admin.ask("GET", "/certificates?" + query), 400, "parameter_malformed")


def states(admin, client_id):
    certificates = admin.ask("GET", f"/clients/{client_id}/certificates").json["certificates"]
    return {c["x5t#S256"]: c["state"] for c in certificates}


def test_certificates_of_a_key_set_are_listed_before_they_are_used(server, admin, pki):
    first, second = (pki.self_signed(n, not_after=now() + days(d)) for n, d in (("first", 10), ("second", 20)))
    body = {"client_id": "self-signed", "jwks": {"keys": [jwk_of(first)]}, "scope": "accounts"}
    made = admin.ask("POST", "/clients", body)
    assert made.status == 201 and states(admin, "self-signed") == {first.x5t: "not_seen"}
    assert Partner(server, first, "self-signed").token().status == 200
    body["jwks"]["keys"] = [jwk_of(second)]
    assert admin.ask("PUT", "/clients/self-signed", body, If_Match="*").status == 200
    assert states(admin, "self-signed").get(second.x5t) == "not_seen"


def test_who_still_uses_the_old_one(server, admin, authorities):
    old, new = (authorities.ca.issue("renewed", not_after=now() + days(d)) for d in (20, 300))
    body = {"client_id": "renewed", "tls_client_auth_subject_dn": old.subject, "trust_group": "partners", "scope": "accounts"}
    assert admin.ask("POST", "/clients", body).status == 201
    for identity in (old, new):
        assert Partner(server, identity, "renewed").token().status == 200
    time.sleep(1.1)  # times are kept to the second
    assert Partner(server, old, "renewed").token().status == 200
    server.stop()  # what was seen goes to the store
    server.start()
    assert states(admin, "renewed") == {old.x5t: "replaced_in_use", new.x5t: "current"}


# --- explain


def explained(admin, identity, **more):
    reply = admin.ask("POST", "/explain", {"certificate": identity.pem.read_text(), **more})
    assert reply.status == 200, reply.body
    return reply.json


def test_explain_tells_what_a_certificate_says_and_whom_it_authenticates(server, people, admin, authorities):
    identity, body = partner_of(authorities, "explained")
    before = explained(admin, identity, trust_group="partners")
    assert before["clients"] == [] and before["x5t#S256"] == identity.x5t and before["subject"] == identity.subject
    [group] = before["trust_groups"]
    assert group["name"] == "partners" and group["good"] and group["profile"] == "plain" and group["form"] == "plain"
    assert before["register"] == {"tls_client_auth_subject_dn": identity.subject}
    assert admin.ask("POST", "/clients", body | {"issuer_key": group["issuer_key"]}).status == 201
    reader = Admin(server, people["reader"])  # it changes nothing
    after = explained(reader, identity)
    assert after["clients"] == [{"client_id": "explained", "good": True}]
    groups = {g["name"]: g for g in after["trust_groups"]}
    assert groups["partners"]["good"] and groups["administrators"]["reason"] == "certificate_issuer_unknown"
    assert json.loads(server.cli("explain", identity.pem, "--json").stdout) == after
    server.log.unlike(event="admin_changed", path="/admin/v1/explain")


def test_explain_says_what_differs_and_what_to_register(admin, authorities):
    named = authorities.ca.issue("Mister Ltd", sans={"dns": ["a.example"]})
    body = {"trust_group": "partners", "scope": "accounts"}
    assert admin.ask("POST", "/clients", body | {
        "client_id": "by-name", "tls_client_auth_subject_dn": "CN=Mister Limited,O=Test"}).status == 201
    assert admin.ask("POST", "/clients", body | {
        "client_id": "by-san", "tls_client_auth_san_dns": "b.example"}).status == 201
    [client] = explained(admin, named, client_id="by-name")["clients"]
    assert (client["client_id"], client["good"], client["reason"]) == ("by-name", False, "certificate_subject_mismatch")
    assert "CN" in client["detail"] and "Mister Limited" in client["detail"] and "Mister Ltd" in client["detail"]
    assert client["register"] == {"tls_client_auth_subject_dn": named.subject}
    [client] = explained(admin, named, client_id="by-san")["clients"]
    assert "b.example" in client["detail"] and "a.example" in client["detail"]
    assert client["register"] == {"tls_client_auth_san_dns": "a.example"}


def test_explain_names_near_misses_where_nobody_is_meant(server, admin, authorities):
    named = authorities.ca.issue("Mistress Ltd", sans={"dns": ["api.mistress.example"]})
    body = {"trust_group": "partners", "scope": "accounts"}
    for client_id, registered in (("near-name", {"tls_client_auth_subject_dn": "CN=Mistress Ltdd,O=Test"}),
                                  ("near-san", {"tls_client_auth_san_dns": "mtls.mistress.example"}),
                                  ("far", {"tls_client_auth_subject_dn": "CN=Mistress Limited,O=Test"})):
        assert admin.ask("POST", "/clients", body | {"client_id": client_id} | registered).status == 201
    found = explained(admin, named)
    assert found["clients"] == []
    by_name, by_san = found["near_misses"]
    assert by_name == {"client_id": "near-name", "detail": "RDN 1: registered CN=Mistress Ltdd, certificate CN=Mistress Ltd",
                       "register": {"tls_client_auth_subject_dn": named.subject}}
    assert by_san["client_id"] == "near-san"
    assert by_san["register"] == {"tls_client_auth_san_dns": "api.mistress.example"}
    assert json.loads(server.cli("explain", named.pem, "--json", check=False).stdout) == found
    assert explained(admin, named, client_id="near-name")["near_misses"] == []
    # Nobody is near where no group accepts the certificate, or it is somebody's.
    assert explained(admin, named, trust_group="administrators")["near_misses"] == []
    assert admin.ask("PUT", "/clients/near-name", body | by_name["register"], If_Match="*").status == 200
    assert eventually(lambda: explained(admin, named)["clients"] == [{"client_id": "near-name", "good": True}], timeout=5)
    assert explained(admin, named)["near_misses"] == []


def test_explain_of_a_client_that_is_shut_out_and_of_a_revoked_certificate(admin, authorities):
    identity, body = partner_of(authorities, "shut-out")
    assert admin.ask("POST", "/clients", body | {"enabled": False}).status == 201
    [client] = explained(admin, identity)["clients"]
    assert client["reason"] == "client_disabled"
    assert admin.ask("PUT", "/clients/shut-out", body | {"enabled": True}, If_Match="*").status == 200
    assert admin.ask("POST", "/revocations", {"certificate": identity.pem.read_text()}).status == 201
    assert eventually(lambda: explained(admin, identity)["revoked_here"], timeout=5)
    found = explained(admin, identity)
    assert found["clients"][0]["reason"] == "certificate_revoked"
    assert {g["reason"] for g in found["trust_groups"]} == {"certificate_revoked", "certificate_issuer_unknown"}


@pytest.mark.parametrize("kind, reason", [("expired", "certificate_expired"), ("untrusted", "certificate_issuer_unknown")])
def test_explain_says_why_no_group_accepts_a_certificate(admin, authorities, kind, reason):
    identity = (authorities.untrusted_ca.issue("odd") if kind == "untrusted" else
                authorities.ca.issue("odd", not_before=now() - days(9), not_after=now() - days(1)))
    [group] = explained(admin, identity, trust_group="partners")["trust_groups"]
    assert not group["good"] and group["reason"] == reason and group["detail"]


def test_explain_of_an_expired_self_signed_certificate(admin, pki):
    old = pki.self_signed("old", not_before=now() - days(9), not_after=now() - days(1))
    assert admin.ask("POST", "/clients", {
        "client_id": "old", "scope": "accounts", "jwks": {"keys": [jwk_of(old)]}}).status == 201
    [client] = explained(admin, old)["clients"]
    assert client["client_id"] == "old" and client["reason"] == "certificate_expired"


@pytest.mark.parametrize("body, problem", [
    ({}, "body: give"), ({"certificate": 1}, "body: give"), ({"certificate": "x", "colour": "x"}, "body: give"),
    ({"certificate": ""}, "certificate: there is no certificate"), ({"certificate": "PEM"}, "certificate: there is no"),
    ({"certificate": "GOOD", "client_id": "nobody"}, "client_id: there is no such"),
    ({"certificate": "GOOD" * 9}, "certificate: there are more than 8"),
    ({"certificate": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "certificate: "),
    ({"certificate": "GOOD", "trust_group": "nobody"}, "trust_group: there is no such")])
def test_explanations_that_are_refused(admin, people, body, problem):
    if "certificate" in body and isinstance(body["certificate"], str):
        body = body | {"certificate": body["certificate"].replace("GOOD", people["writer"].pem.read_text())}
    refused(admin.ask("POST", "/explain", body), 400, "body_refused", problem)


# --- trust groups and signing keys


def test_trust_groups(admin, authorities, server):
    answer = admin.ask("GET", "/trust-groups").json
    groups = {g["name"]: g for g in answer["trust_groups"]}
    [anchor] = groups["partners"]["anchors"]
    assert anchor["subject"] == authorities.ca.identity.subject and anchor["x5t#S256"] == authorities.ca.identity.x5t
    assert groups["partners"]["profile"] == "plain" and groups["partners"]["revocation"]["check"] == "off"
    assert answer["generation"] >= groups["partners"]["generation"] >= 1 and groups["administrators"]["intermediates"] == []
    by_command = json.loads(server.cli("trust", "list", "--json").stdout)["trust_groups"]
    for group in answer["trust_groups"]:  # a server knows a little more
        for key in ("generation",):
            del group[key]
        for key in ("lists", "responders"):
            assert group["revocation"].pop(key) == []
    assert by_command == answer["trust_groups"]
    table = server.cli("trust", "list").stdout
    assert authorities.ca.identity.x5t in table and "anchor" in table


def test_trust_groups_tell_their_policy_and_the_state_of_lists_and_responders(make_server, pki, admin_ca, people, tmp_path):
    ca = pki.authority("Policy CA")
    good, bad = tmp_path / "good.crl", tmp_path / "bad.crl"
    put(good, crl(ca, ca.issue("gone")))
    put(bad, b"junk")
    server = make_server()
    with_admin(server, admin_ca, people)
    server.trust("policy", ca, depth=2, min_rsa_bits=3072, min_ec_bits=384, extended_key_usage=["clientAuth"],
                 signature_algorithms=["ecdsa-with-SHA256"], max_validity="9528h",
                 revocation={"check": "both", "crls": [str(good), str(bad)], "grace": "1h", "distribution_points": False,
                             "ocsp_responder": "http://127.0.0.1:9/"})
    server.config["outbound"] = {"plain_http": ["127.0.0.1"], "allowed_addresses": ["127.0.0.0/8"]}
    server.write_config()
    server.migrate()
    server.start()
    admin = Admin(server, people["writer"])

    def group():
        [found] = [g for g in admin.ask("GET", "/trust-groups").json["trust_groups"] if g["name"] == "policy"]
        return found

    found = group()
    assert {k: found[k] for k in ("depth", "min_rsa_bits", "min_ec_bits", "extended_key_usage", "signature_algorithms",
                                  "max_validity_seconds")} == {
        "depth": 2, "min_rsa_bits": 3072, "min_ec_bits": 384, "extended_key_usage": ["clientAuth"],
        "signature_algorithms": ["ecdsa-with-SHA256"], "max_validity_seconds": 9528 * 3600}
    policy = found["revocation"]
    assert policy["grace_seconds"] == 3600 and policy["ocsp_responder"] == "http://127.0.0.1:9/" and not policy["responders"]
    lists = {l["location"]: l for l in policy["lists"]}
    assert lists[str(good)]["entries"] == 1 and lists[str(good)]["next_update"] > lists[str(good)]["this_update"]
    assert "failure" not in lists[str(good)] and lists[str(bad)]["failure"] and "next_update" not in lists[str(bad)]
    before = found["generation"]
    assert server.log.like(event="trust_loaded", trust_group="policy", generation=before)

    # The group of the administrators asks a responder that is not there; that of the list needs none.
    server.trust("asking", admin_ca, revocation={"check": "ocsp", "grace": "1h", "ocsp_responder": "http://127.0.0.1:9/"})
    server.config["listeners"]["admin"]["trust_group"] = "asking"
    server.write_config()
    server.reload()
    assert group()["generation"] > before
    assert server.log.like(event="trust_loaded", trust_group="policy", generation=group()["generation"])
    asking = lambda: {g["name"]: g for g in admin.ask("GET", "/trust-groups").json["trust_groups"]}["asking"]["revocation"]
    assert eventually(lambda: asking()["responders"] and "failure" in asking()["responders"][0])
    [responder] = asking()["responders"]
    assert responder == {"origin": "http://127.0.0.1:9", "good": 0, "revoked": 0, "unknown": 0, "waiting": 1,
                         "failure": "fetch_failed"}


def test_signing_keys_show_no_secret(admin):
    [key] = admin.ask("GET", "/signing-keys").json["signing_keys"]
    assert key["state"] == "signing" and key["alg"] == "ES256" and key["jwk"]["kty"] == "EC" and "d" not in key["jwk"]
    assert admin.ask("GET", "/signing-keys/" + key["kid"]).json == key
    refused(admin.ask("GET", "/signing-keys/nobody"), 404, "object_not_found")


def test_a_key_is_rotated_and_withdrawn(server, people, admin):
    def published():
        return {key["kid"] for key in admin.request("GET", "/jwks", listener="public").json["keys"]}

    [old] = published()
    refused(Admin(server, people["reader"]).ask("POST", "/signing-keys", {}), 403, "administrator_may_read_only")
    refused(admin.ask("POST", "/signing-keys", {"alg": "none"}), 400, "body_refused", "body: must be {}")
    refused(admin.ask("POST", "/signing-keys", b"", Content_Type="text/plain"), 415, "media_type_unsupported")
    made = admin.ask("POST", "/signing-keys", {})
    kid = made.json["kid"]
    assert made.status == 201 and made.json["state"] == "pending" and "d" not in made.json["jwk"]
    assert made.headers["location"] == "/admin/v1/signing-keys/" + kid
    assert server.log.like(event="admin_changed", object="signing-keys/" + kid, method="POST")
    assert eventually(lambda: published() == {old, kid}, timeout=8)
    assert [k["kid"] for k in json.loads(server.cli("key", "list", "--json").stdout)["keys"]] == [old, kid]
    refused(admin.ask("POST", "/signing-keys", {}), 409, "object_exists_already", "under way")
    for path in (old, old + "?force=false"):
        refused(admin.ask("DELETE", "/signing-keys/" + path), 409, "signing_key_in_use")
    assert server.log.like(event="admin_refused", object="signing-keys/" + old, reason="signing_key_in_use")
    refused(admin.ask("DELETE", f"/signing-keys/{kid}?force=maybe"), 400, "parameter_malformed")
    assert admin.ask("DELETE", "/signing-keys/" + kid).status == 204  # nothing was signed with it
    assert server.log.like(event="admin_changed", object="signing-keys/" + kid, method="DELETE")
    assert eventually(lambda: published() == {old}, timeout=8)
    refused(admin.ask("DELETE", "/signing-keys/" + kid), 404, "object_not_found")
    assert admin.ask("GET", "/signing-keys/" + kid).json["state"] == "retired"
    assert admin.ask("DELETE", f"/signing-keys/{old}?force=true").status == 204
    assert eventually(lambda: published() and old not in published(), timeout=8)  # the server makes one for itself


def at_once(server, who, count, ask):
    """The statuses of so many administrators who ask one thing at the same moment."""
    start = threading.Barrier(count)

    def one(n):
        own = Admin(server, who)
        connection = own.connection("admin")
        own.request("GET", "/admin/v1/signing-keys", listener="admin", connection=connection)  # the handshake is over
        start.wait()
        return ask(own, n, connection).status

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return sorted(pool.map(one, range(count)))


def test_of_rotations_at_once_one_wins_and_of_withdrawals(server, people, admin):
    for _ in range(4):
        assert at_once(server, people["writer"], 6, lambda own, _, c: own.ask(
            "POST", "/signing-keys", {}, connection=c)) == [201] + 5 * [409]
        [kid] = [k["kid"] for k in admin.ask("GET", "/signing-keys").json["signing_keys"] if k["state"] == "pending"]
        assert at_once(server, people["writer"], 6, lambda own, _, c: own.ask(
            "DELETE", "/signing-keys/" + kid, connection=c)) == [204] + 5 * [404]


def test_a_subject_that_is_no_name_is_refused_at_the_start(make_server, authorities, admin_ca):
    server = make_server()
    server.trust("administrators", admin_ca)
    server.config["administrators"] = [{"subject": "nonsense"}]
    server.write_config()
    server.migrate()
    server.start(wait=False)
    assert eventually(lambda: not server.running())
    assert "administrators[].subject, entry 1" in server.log.text()
    server.process = None
