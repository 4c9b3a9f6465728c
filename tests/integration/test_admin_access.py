"""The admin API: who may, at once when that changes, and that nobody else learns anything."""

import datetime

import pytest
from harness.admin import (  # noqa: F401 (fixtures)
    Admin, admin, admin_ca, people, refused, server, store_kind, with_admin)
from harness.pki import days, now
from harness.server import eventually
from harness.status import crl, put


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


def test_no_body_of_a_stranger_is_read(server, people, admin):
    """Who it is comes before what it says: what a body is refused for is none of a stranger's business."""
    for who, status in ((None, 401), ("unlisted", 403), ("reader", 403)):
        stranger = Admin(server, people[who] if who else None)
        for path in ("/clients", "/revocations", "/signing-keys"):
            reply = stranger.ask("POST", path, b'{"scope":1,"scope":2}')
            assert reply.status == status and "problems" not in reply.json


def test_a_stranger_learns_nothing_of_queries(server, people):
    refused(Admin(server, None).ask("GET", "/clients?colour=blue"), 401, "administrator_certificate_refused")
    refused(Admin(server, people["unlisted"]).ask("GET", "/clients?limit=x"), 403, "administrator_unknown")


def test_the_other_listeners_have_no_admin_api(server, people):
    admin = Admin(server, people["writer"])
    for listener in ("public", "mtls"):
        assert admin.request("GET", "/admin/v1/clients", listener=listener).status == 404
    assert admin.request("POST", "/token", b"", listener="admin").status == 404
