"""SIGHUP: certificates, trust and configuration change without dropping a connection, or nothing changes."""

import shutil
import signal

import pytest
from harness import expect
from harness.client import Partner, s_client
from harness.pki import SERVER_AUTH
from harness.server import HOST, eventually


@pytest.fixture
def server(make_server, authorities, identities):
    """A fresh one for each test: they spoil it."""
    server = make_server()
    server.trust("partners", authorities.ca)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners",
                      scope="accounts payments")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def live(a):
    """A keep-alive connection that must survive."""
    connection = a.connection()
    expect.issued(a, a.token(connection=connection))
    local = connection.sock.getsockname()
    yield connection
    expect.issued(a, a.token(connection=connection))
    assert connection.sock.getsockname() == local, "the connection was dropped"
    connection.close()


def test_reload_without_a_change(server, live):
    assert server.reload()["event"] == "reloaded"


def served_serial(server):
    said = s_client(server, "-showcerts")
    return said[said.index("-----BEGIN CERTIFICATE-----"):said.index("-----END CERTIFICATE-----")]


def test_new_server_certificate(server, live):
    before = served_serial(server)
    fresh = server.tls_authority.issue("server", sans={"ip": [HOST]}, eku=[SERVER_AUTH])
    shutil.copy(fresh.pem, server.tls.pem)
    shutil.copy(fresh.key, server.tls.key)
    assert server.reload()["event"] == "reloaded"
    assert served_serial(server) != before
    # After any reload the server still asks for client certificates.
    assert "read server certificate request" in s_client(server, "-tls1_2", "-state")


def test_trust_that_is_added(server, live, authorities):
    partner = Partner(server, authorities.other_ca.issue("partner-a"), "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_issuer_unknown")
    bundle = server.folder / "partners.pem"
    bundle.write_bytes(bundle.read_bytes() + authorities.other_ca.pem.read_bytes())
    assert server.reload()["event"] == "reloaded"
    expect.issued(partner, partner.token())


def test_trust_that_is_taken_away_ends_on_live_connections(server, a, authorities):
    connection = a.connection()
    expect.issued(a, a.token(connection=connection))
    (server.folder / "partners.pem").write_bytes(authorities.other_ca.pem.read_bytes())
    assert server.reload()["event"] == "reloaded"
    expect.refused(a, a.token(connection=connection), 400, "invalid_client", "certificate_issuer_unknown")
    connection.close()


def test_scopes_and_lifetime(server, live, a):
    server.config["resources"][0]["scopes"].append("funds")
    server.config["tokens"] = {"lifetime": "60s"}
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    reply = a.token(scope="funds")
    expect.refused(a, reply, 400, "invalid_scope", "scope_not_allowed")
    assert a.token().json["expires_in"] == 60
    assert "funds" in Partner(server).get("/.well-known/oauth-authorization-server").json["scopes_supported"]
    server.config["tokens"] = {"lifetime": "300s"}
    server.write_config()
    server.reload()


def test_log_level(server, live, a):
    server.config["log"]["level"] = "warning"
    server.write_config()
    server.signal(signal.SIGHUP)

    def quiet():
        since = server.log.position()
        assert a.token().status == 200
        return server.log.position() == since

    assert eventually(quiet)
    server.config["log"]["level"] = "debug"
    server.write_config()
    assert server.reload()["event"] == "reloaded"


# --- a reload that does not validate changes nothing and says why


def spoiled_yaml(server):
    server.config_path.write_text(server.config_path.read_text() + "\n  bad: [\n")


def unknown_key(server):
    server.write_config(lambda c: c.update(surprise=1))


def missing_anchor_file(server):
    server.write_config(lambda c: c["trust_groups"][0].update(anchors="/nonexistent/anchors.pem"))


def anchors_without_certificate(server):
    (server.folder / "partners.pem").write_text("no certificate here\n")


def key_of_another_certificate(server):
    other = server.tls_authority.issue("server", sans={"ip": [HOST]}, eku=[SERVER_AUTH])
    shutil.copy(other.key, server.tls.key)


def world_readable_key(server):
    server.tls.key.chmod(0o644)


def config_gone(server):
    server.config_path.unlink()


@pytest.mark.parametrize("spoil, reason", [
    (spoiled_yaml, "configuration_invalid"),
    (unknown_key, "configuration_invalid"),
    (missing_anchor_file, None),
    (anchors_without_certificate, None),
    (key_of_another_certificate, "key_file_invalid"),
    (world_readable_key, "secret_file_exposed"),
    (config_gone, None),
], ids=lambda x: getattr(x, "__name__", ""))
def test_refused_reload(server, live, a, spoil, reason):
    before = served_serial(server)
    trouble = {path: (path.read_bytes(), path.stat().st_mode)
               for path in (server.config_path, server.folder / "partners.pem", server.tls.key)}
    spoil(server)
    line = server.reload()
    assert line["event"] == "reload_refused"
    assert line["reason"] == reason or reason is None
    if reason == "configuration_invalid":
        assert all("certbound.yaml:" in p["problem"] for p in server.log.find(event="reload_refused") if "problem" in p)
    assert served_serial(server) == before
    expect.issued(a, a.token())
    # And once mended, the next one passes.
    for path, (content, mode) in trouble.items():
        path.write_bytes(content)
        path.chmod(mode & 0o777)
    assert server.reload()["event"] == "reloaded"


def test_what_needs_a_restart_is_said(server, live):
    server.config["threads"] = 3
    server.write_config()
    line = server.reload()
    assert "threads" in str(line)


def test_many_reloads_under_load(server, a):
    """Every request is answered while the configuration changes under it."""
    import threading
    statuses, stop = [], threading.Event()

    def ask():
        connection = a.connection()
        while not stop.is_set():
            statuses.append(a.token(connection=connection).status)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        server.reload()
    stop.set()
    for thread in threads:
        thread.join()
    assert len(statuses) > 20 and set(statuses) == {200}
