"""The admin API: clients, by pages, and what a registration is refused for."""

import json

import pytest
from harness.admin import admin, admin_ca, partner_of, people, refused, server, store_kind  # noqa: F401 (fixtures)
from harness.client import Partner


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
    refused(admin.ask("PUT", "/clients/first", body, If_Match="1"), 412, "object_changed_meanwhile", "an ETag has quotes")
    for tag in ('W/"1"', '"7", W/"1"', '1', '"1', '"1"x', '"7" "1', '"11"', '', '"7", *', '"1" , "2'):
        expected = (200,) if tag == '"1" , "2' else (412,)  # what stands behind the one that matches is not read
        assert admin.ask("PUT", "/clients/first", body, If_Match=tag).status in expected, tag
    assert admin.ask("PUT", "/clients/first", body, If_Match=' "7",W/"2" ,\t"2"').status == 200
    assert admin.ask("PUT", "/clients/first", body, If_Match='"a,b", "3"').status == 200


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
