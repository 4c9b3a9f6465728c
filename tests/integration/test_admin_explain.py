"""The admin API: whose a certificate is, whose it nearly is, and why not."""

import json

import pytest
from harness.admin import (  # noqa: F401 (fixtures)
    Admin, admin, admin_ca, partner_of, people, refused, server, store_kind)
from harness.jose import jwk_of
from harness.pki import days, now
from harness.server import eventually


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
