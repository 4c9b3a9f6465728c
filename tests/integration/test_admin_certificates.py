"""The admin API: certificates that clients were seen with, and revocations."""

import datetime
import time

import pytest
from harness.admin import admin, admin_ca, partner_of, people, refused, server, store_kind  # noqa: F401 (fixtures)
from harness.client import Partner
from harness.jose import jwk_of
from harness.pki import days, now
from harness.server import eventually


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
        refused(admin.ask("GET", "/certificates?" + query), 400, "parameter_malformed", query.split("=")[0] + ": must be")
    for path in ("/clients?limit=x", "/clients?enabled=yes", "/revocations?after=x", "/signing-keys/x?force=1"):
        method = "DELETE" if "force" in path else "GET"
        name = path.split("?")[1].split("=")[0]
        refused(admin.ask(method, path), 400, "parameter_malformed", name + ": must be")


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
