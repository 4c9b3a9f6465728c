"""A partner reads, replaces and deletes its registration: RFC 7592, with the token and the certificate both."""

import itertools
import json
import threading
import time

import pytest
from harness import directory, expect
from harness.client import Partner
from harness.directory import clients, refused
from harness.jose import jwk_of
from harness.pki import key_hash
from harness.server import eventually
from harness.status import crl

_ids = itertools.count(1)

SELF_SIGNED = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "tls_client_auth_subject_dn": None}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store_kind(request):
    return request.param


@pytest.fixture(scope="module")
def rival(pki):
    """Another CA of the partners' group."""
    return pki.authority("Rival CA")


@pytest.fixture(scope="module")
def server(make_server, store, authorities, rival):
    made = make_server(store)
    made.trust("partners", authorities.ca, rival)
    made.sandbox = directory.Directory(made, "sandbox", "generic", "partners", alg="ES256", suspend_expired=True)
    made.lasting = directory.Directory(made, "lasting", "generic", "partners", alg="ES256")
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


@pytest.fixture
def applicant(server, authorities):
    """Makes applicants, not registered yet."""
    def make(of=None, **options):
        return directory.Sandbox(server, of or server.sandbox, authorities.ca.issue(f"partner-{next(_ids)}"), **options)
    return make


@pytest.fixture
def partner(applicant):
    made = applicant()
    made.registered()
    return made


def not_allowed(someone, reply):
    refused(someone, reply, 401, "invalid_token", "registration_token_refused")
    assert reply.headers["www-authenticate"] == 'Bearer realm="certbound", error="invalid_token"'


def stored(someone):
    return next(c for c in clients(someone.server) if c["client_id"] == someone.client_id)


# --- reading


def test_reading(partner):
    reply = partner.read()
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    found = reply.json
    assert found["registration_access_token"] == partner.token_in_hand
    assert found["registration_client_uri"] == partner.uri
    assert (found["client_id"], found["scope"]) == (partner.client_id, "accounts")


def test_reading_with_a_renewed_certificate(server, partner, authorities):
    partner_again = directory.Sandbox(server, server.sandbox,
                                      authorities.ca.issue("renewed", subject=partner.identity.certificate.subject))
    partner_again.client_id, partner_again.token_in_hand = partner.client_id, partner.token_in_hand
    assert partner_again.read().status == 200


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Bearer x", "Basic eA==", "Bearer " + "A" * 43,
                                           "Bearer " + "A" * 44, "Bearer " + "A" * 4000], ids=lambda a: str(a)[:20])
def test_no_token_or_a_wrong_one(partner, authorization):
    headers = {"Authorization": authorization} if authorization is not None else {}
    reply = partner.request("GET", partner.path(), headers=headers)
    assert (reply.status, reply.json["error"]) == (401, "invalid_token")
    assert "www-authenticate" in reply.headers
    assert partner.read().status == 200  # and its own is still good


@pytest.mark.parametrize("client_id", ["x" * 128, "x" * 129, "x" * 3000, "%C3%A9", "a%20b", "'", "%25"], ids=lambda c: c[:10])
def test_a_client_id_that_cannot_be(partner, client_id):
    not_allowed(partner, partner.read(client_id=client_id))


@pytest.mark.parametrize("path", ["/register/", "/register/a/b", "/register/%00", "/register/%2f", "/register/%ff"])
def test_a_path_that_cannot_be(partner, path):
    reply = partner.request("GET", path, headers={"Authorization": f"Bearer {partner.token_in_hand}"})
    assert (reply.status, reply.json["error"]) == (404, "not_found")
    assert partner.read().status == 200


def test_an_unknown_client(partner):
    not_allowed(partner, partner.read(client_id="nobody"))
    not_allowed(partner, partner.read())  # the token was shown where it does not belong: it has ended


def test_a_token_of_another_client(partner, applicant):
    other = applicant()
    other.registered()
    not_allowed(partner, partner.read(client_id=other.client_id))
    not_allowed(partner, partner.read())
    assert other.read().status == 200


def test_a_stolen_token(partner, applicant):
    """Somebody else's certificate: of no use, and the owner does not suffer."""
    thief = applicant()
    thief.client_id = partner.client_id
    not_allowed(thief, thief.read(token=partner.token_in_hand))
    not_allowed(thief, thief.delete(token=partner.token_in_hand))
    assert partner.read().status == 200


def test_no_certificate(server, partner):
    bare = Partner(server)
    reply = bare.request("GET", partner.path(), headers={"Authorization": f"Bearer {partner.token_in_hand}"})
    assert (reply.status, reply.json["error"]) == (401, "invalid_token")


def test_an_expired_certificate_costs_nobody_the_token(server, partner, authorities):
    from harness.pki import days, now
    old = authorities.ca.issue("old", subject=partner.identity.certificate.subject, not_before=now() - days(10),
                               not_after=now() - days(1))
    late = directory.Sandbox(server, server.sandbox, old)
    late.client_id = partner.client_id
    line = refused(late, late.read(token=partner.token_in_hand), 401, "invalid_token", "registration_token_refused")
    assert line["detail"].startswith("certificate_expired: ")
    assert partner.read().status == 200


def test_a_client_of_the_operators(server, authorities, partner):
    identity = authorities.ca.issue("by-hand")
    server.add_client("by-hand", tls_client_auth_subject_dn=identity.subject, trust_group="partners", scope="accounts")
    someone = directory.Sandbox(server, server.sandbox, identity)
    someone.client_id = "by-hand"
    not_allowed(someone, someone.read(token="B" * 43))


def test_a_disabled_client(server, partner):
    server.cli("client", "disable", partner.client_id)
    for reply in (partner.read(), partner.update(), partner.delete()):
        refused(partner, reply, 403, "access_denied", "registration_not_allowed")
    server.cli("client", "enable", partner.client_id)
    assert partner.read().status == 200


def software_is_disabled(reply):
    return reply.status == 400 and reply.json["error"] == "unapproved_software_statement"


def test_a_disabled_client_does_not_come_back_under_another_name(server, authorities):
    """By another name in the same certificate, by another certificate, by keys: it is the same software."""
    partner = directory.Sandbox(server, server.sandbox, authorities.ca.issue("twice", sans={"dns": ["twice.example"]}))
    partner.registered()
    server.cli("client", "disable", partner.client_id)
    assert eventually(lambda: partner.token().status == 400, timeout=5), "the server does not know of it"
    before = clients(server)
    asked = {"tls_client_auth_subject_dn": None, "tls_client_auth_san_dns": "twice.example"}
    refused(partner, partner.register(asked), 400, "unapproved_software_statement", "software_statement_unapproved",
            rule="software_enabled", problem="software_enabled: the operator has disabled a client of this software")
    other = directory.Sandbox(server, server.sandbox, authorities.ca.issue("third"), partner.software_id)
    assert software_is_disabled(other.register())
    assert clients(server) == before
    server.cli("client", "enable", partner.client_id)
    assert eventually(lambda: other.register().status == 201, timeout=5)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_wrong_method(partner, method):
    reply = partner.request(method, partner.path())
    assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, PUT, DELETE")


# --- replacing


def test_replacing(partner):
    before = partner.token_in_hand
    reply = partner.update({"scope": "accounts payments", "redirect_uris": None, "contacts": ["ops@partner.example"]})
    assert reply.status == 200, reply.body
    made = reply.json
    assert set(made["scope"].split()) == {"accounts", "payments"}
    assert "redirect_uris" not in made  # left out is given up
    assert made["contacts"] == ["ops@partner.example"]
    assert made["registration_access_token"] != before
    assert stored(partner)["revision"] == 2
    line = partner.server.log.like(request=expect.request_id(reply), event="client_updated")
    assert line["client_id"] == partner.client_id
    expect.issued(partner, partner.token(scope="payments"), scope="payments")  # at once
    not_allowed(partner, partner.read(token=before))


def test_replacing_on_a_live_connection(partner):
    """The same connection had a token with the scope that the registration gives up."""
    connection = partner.connection()
    partner.update({"scope": "accounts payments"})
    expect.issued(partner, partner.token(connection=connection, scope="payments"))
    partner.update({"scope": "accounts"})
    expect.refused(partner, partner.token(connection=connection, scope="payments"), 400, "invalid_scope", "scope_not_allowed")
    connection.close()


@pytest.mark.parametrize("asked, rule", [
    ({"client_id": None}, "request_client"),
    ({"client_id": "other"}, "request_client"),
    ({"registration_access_token": "x"}, "request_servers_own"),
    ({"registration_client_uri": "x"}, "request_servers_own"),
    ({"client_secret_expires_at": 0}, "request_servers_own"),
    ({"client_id_issued_at": 0}, "request_servers_own"),
    ({"client_secret": "x"}, "request_servers_own"),
    ({"scope": "everything"}, "scope_known"),
], ids=str)
def test_replacing_with_what_must_not_be(partner, asked, rule):
    before = stored(partner)
    refused(partner, partner.update(asked), 400, "invalid_client_metadata", "client_metadata_refused", rule=rule)
    assert stored(partner) == before
    assert partner.read().status == 200  # with the same token


def test_replacing_by_another_software(partner):
    before = stored(partner)
    reply = partner.update(stated={"software_id": "another"})
    refused(partner, reply, 400, "invalid_software_statement", "software_statement_refused", rule="statement_same_software")
    assert stored(partner) == before


def test_replacing_by_the_subject_of_another(server, partner, applicant, authorities):
    """A certificate of two names would be two clients."""
    other = applicant()
    other.registered()
    reply = partner.update({"tls_client_auth_subject_dn": other.identity.subject})
    refused(partner, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="certificate_subject")


def test_asking_first_changes_nothing(partner):
    before = stored(partner)
    reply = partner.update({"scope": "accounts payments"}, dry_run=True)
    assert (reply.status, reply.json["valid"]) == (200, True)
    assert set(reply.json["registration"]["scope"].split()) == {"accounts", "payments"}
    assert stored(partner) == before
    assert partner.read().status == 200


def test_replacing_twice_at_once(partner):
    """Both hold the same token; one wins, and the other changes nothing."""
    for _ in range(8):
        revision = stored(partner)["revision"]
        token = partner.token_in_hand
        replies, start = [], threading.Barrier(4)

        def replace(scope):
            connection = partner.connection()
            connection.connect()
            start.wait()
            body = partner.body({"client_id": partner.client_id, "scope": scope}, {})
            replies.append((scope, partner.request("PUT", partner.path(), body, {
                "Content-Type": "application/json", "Authorization": f"Bearer {token}"}, connection=connection)))
            connection.close()

        threads = [threading.Thread(target=replace, args=[scope])
                   for scope in ("accounts", "payments", "accounts payments", "accounts")]
        [t.start() for t in threads]
        [t.join() for t in threads]
        won = [(scope, r) for scope, r in replies if r.status == 200]
        assert len(won) == 1, [r.status for _, r in replies]
        # Who came after the winner had a token that was no longer good, or a revision.
        assert {r.status for _, r in replies} <= {200, 401, 409}
        scope, reply = won[0]
        partner.server.canary.secret(reply.json["registration_access_token"])
        partner.remember(reply)
        assert stored(partner)["revision"] == revision + 1
        assert set(stored(partner)["scope"].split()) == set(scope.split())
        assert partner.read().status == 200


def registering_at_once(someone, asked=None, stated=None):
    """Four at the same time; one is to win."""
    replies, start = [], threading.Barrier(4)

    def register():
        connection = someone.connection()
        connection.connect()
        start.wait()
        replies.append(someone.request("POST", "/register", someone.body(asked or {}, stated or {}),
                                       {"Content-Type": "application/json"}, connection=connection))
        connection.close()

    threads = [threading.Thread(target=register) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    [someone.server.canary.secret(r.json["registration_access_token"]) for r in replies if r.status == 201]
    assert sorted(r.status for r in replies) == [201, 400, 400, 400]
    assert all(r.json["problems"] == ["identity_free: a client with this subject is registered already"]
               for r in replies if r.status == 400)
    assert len([c for c in clients(someone.server) if c.get("software_id") == someone.software_id]) == 1
    return next(r for r in replies if r.status == 201)


def test_registering_twice_at_once(applicant):
    """One subject is one client, whoever asks at the same time."""
    registering_at_once(applicant())


def test_registering_self_signed_keys_twice_at_once(server, pki):
    for _ in range(4):
        someone = directory.Sandbox(server, server.sandbox, pki.self_signed(f"own-{next(_ids)}"))
        registering_at_once(someone, SELF_SIGNED, {"jwks": {"keys": [jwk_of(someone.identity)]}})


# --- deleting


def test_deleting(partner):
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    reply = partner.delete()
    assert (reply.status, reply.body) == (204, b"")
    partner.server.log.like(request=expect.request_id(reply), event="client_deleted")
    # At once, and on the connection that had a token a moment ago.
    expect.refused(partner, partner.token(connection=connection), 400, "invalid_client", "client_unknown")
    connection.close()
    assert partner.client_id not in [c["client_id"] for c in clients(partner.server)]
    not_allowed(partner, partner.read())
    not_allowed(partner, partner.update())
    not_allowed(partner, partner.delete())
    partner.registered()  # the subject is free again
    expect.issued(partner, partner.token())


# --- statements that end


def with_a_statement_that_ends(change, accepted):
    """`change` registers or replaces with the statement it is given; a slow machine gets more time. Returns when it
    ends."""
    for seconds in (2, 5, 15):
        end = int(time.time()) + seconds
        if change({"exp": end}).status == accepted:
            return end
    raise AssertionError("never in time")


def wait_until(end):
    time.sleep(max(0.0, end - time.time()) + 0.05)


def test_a_statement_that_ends_suspends_its_client(partner):
    since = partner.server.log.position()
    connection = partner.connection()
    end = with_a_statement_that_ends(lambda stated: partner.update(stated=stated), 200)
    wait_until(end)
    refusal = partner.token(connection=connection)  # from that second on, written down or not
    expect.refused(partner, refusal, 400, "invalid_client", "client_suspended")
    connection.close()
    assert eventually(lambda: "suspended_at" in stored(partner), timeout=15), "it is not written down"
    assert len(partner.server.log.find(since, event="client_suspended", client_id=partner.client_id)) == 1
    reply = partner.update(stated={"exp": int(time.time()) + 600})  # a new statement lifts it
    assert reply.status == 200, reply.body
    assert "suspended_at" not in stored(partner)
    expect.issued(partner, partner.token())


def test_registering_again_lifts_a_suspension(partner):
    wait_until(with_a_statement_that_ends(lambda stated: partner.update(stated=stated), 200))
    before = partner.client_id
    partner.registered()
    assert partner.client_id == before
    expect.issued(partner, partner.token())
    assert partner.read().status == 200


def test_registering_again_at_once_lifts_a_suspension_once(partner):
    for _ in range(3):
        wait_until(with_a_statement_that_ends(lambda stated: partner.update(stated=stated), 200))
        partner.remember(registering_at_once(partner))
        assert partner.read().status == 200


# --- statements that were superseded


def superseded(someone, reply):
    refused(someone, reply, 400, "invalid_software_statement", "software_statement_refused", rule="statement_newest")


def test_an_older_statement_brings_nothing_back(partner):
    """The directory withdrew a role; its earlier statement is still valid."""
    issued = int(time.time()) - 5
    assert partner.update(stated={"iat": issued}).status == 200
    before = stored(partner)
    superseded(partner, partner.update({"scope": "accounts payments"}, {"iat": issued - 1}))
    assert stored(partner) == before
    for iat in (issued, issued + 1):
        assert partner.update(stated={"iat": iat}).status == 200
    superseded(partner, partner.update(stated={"iat": issued}))


def test_an_older_statement_does_not_lift_a_suspension(partner):
    issued = int(time.time()) - 5
    wait_until(with_a_statement_that_ends(lambda stated: partner.update(stated=stated | {"iat": issued}), 200))
    before = stored(partner)
    superseded(partner, partner.register(stated={"iat": issued - 1}))
    assert stored(partner)["revision"] - before["revision"] in (0, 1)  # it is suspended meanwhile
    assert partner.register(stated={"iat": issued}).status == 201


def test_what_the_operator_changes_does_not_forget_the_statement(server, partner):
    server.cli("client", "update", partner.client_id, "--name", "Renamed")
    superseded(partner, partner.update(stated={"iat": int(time.time()) - 60}))


def test_another_software_does_not_lift_a_suspension(server, partner):
    wait_until(with_a_statement_that_ends(lambda stated: partner.update(stated=stated), 200))
    other = directory.Sandbox(server, server.sandbox, partner.identity)
    refused(other, other.register(), 400, "invalid_client_metadata", "client_metadata_refused", rule="identity_free")


def test_a_disabled_client_does_not_lift_its_suspension(server, partner):
    wait_until(with_a_statement_that_ends(lambda stated: partner.update(stated=stated), 200))
    server.cli("client", "disable", partner.client_id)
    before = stored(partner)
    assert eventually(lambda: software_is_disabled(partner.register()), timeout=5)
    assert stored(partner) == before


def test_another_ca_than_the_pinned_one_does_not_lift_a_suspension(server, partner, authorities, rival):
    """Its certificate names the same subject, and somebody got hold of a statement: RFC 8705 section 7.4."""
    server.cli("client", "update", partner.client_id, "--issuer-key", key_hash(authorities.ca))
    assert eventually(lambda: partner.read().status == 200)
    wait_until(with_a_statement_that_ends(lambda stated: partner.update(stated=stated), 200))
    before = stored(partner)
    other = directory.Sandbox(server, server.sandbox, rival.issue("x", subject=partner.identity.certificate.subject),
                              partner.software_id)
    refused(other, other.register(), 400, "invalid_client_metadata", "client_metadata_refused", rule="identity_free")
    assert stored(partner)["revision"] == before["revision"]
    assert partner.read().status == 200
    assert partner.register().status == 201


def test_where_the_directory_does_not_ask_for_it_nothing_ends(server, applicant):
    lasting = applicant(server.lasting)
    end = with_a_statement_that_ends(lambda stated: lasting.register(stated=stated), 201)
    wait_until(end)
    lasting.client_id = next(c["client_id"] for c in clients(server) if c.get("software_id") == lasting.software_id)
    expect.issued(lasting, lasting.token())


# --- revoked certificates


def test_a_revoked_certificate_neither_registers_nor_manages(make_server, authorities):
    server = make_server()
    path = server.folder / "partners.crl"
    path.write_bytes(crl(authorities.ca))
    server.trust("partners", authorities.ca, revocation={"check": "crl", "crls": [str(path)]})
    server.sandbox = directory.Directory(server, "sandbox", "generic", "partners", alg="ES256")
    server.write_config()
    server.migrate()
    server.start()
    known = directory.Sandbox(server, server.sandbox, authorities.ca.issue("known"))
    known.registered()
    fresh = directory.Sandbox(server, server.sandbox, authorities.ca.issue("fresh"))
    assert fresh.register(dry_run=True).json["valid"] is True

    path.with_suffix(".new").write_bytes(crl(authorities.ca, known.identity, fresh.identity))
    path.with_suffix(".new").rename(path)
    assert eventually(lambda: known.read().status == 401, timeout=5)
    line = refused(known, known.delete(), 401, "invalid_token", "registration_token_refused")
    assert line["detail"].startswith("certificate_revoked: ")
    refused(fresh, fresh.register(), 400, "invalid_client", "certificate_revoked", rule="certificate_trusted")
    assert [c["client_id"] for c in clients(server)] == [known.client_id]
    server.stop()
