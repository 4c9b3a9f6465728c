"""SIGHUP: certificates, trust and configuration change without dropping a connection, or nothing changes."""

import re
import shutil
import signal
import ssl

import pytest
from harness import expect
from harness.client import Partner, raw_token, s_client
from harness.handed_on import FORMS
from harness.pki import SERVER_AUTH
from harness.server import HOST, eventually, free_port


def asks_for_certificates(server):
    return all("read server certificate request" in s_client(server, version, "-state")
               for version in ("-tls1_2", "-tls1_3"))


@pytest.fixture
def server(make_server, authorities, identities):
    """A fresh one for each test: they spoil it. After any reload, good or refused, it still asks for client
    certificates, and says its generation."""
    server = make_server()
    reload = server.reload

    def reload_and_look():
        line = reload()
        assert asks_for_certificates(server)
        assert line["generation"] <= generation(server)
        return line

    server.reload = reload_and_look
    server.trust("partners", authorities.ca)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners",
                      scope="accounts payments")
    server.start()
    yield server
    server.stop()


def generation(server):
    found = re.search(r"^certbound_snapshot_generation (\d+)$", server.ops("/metrics")[1], re.M)
    return int(found[1])


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
    before = generation(server)
    first, second = server.reload(), server.reload()
    assert (first["event"], second["event"]) == ("reloaded", "reloaded")
    assert before < first["generation"] < second["generation"] <= generation(server)
    loaded = server.log.find(event="trust_loaded", generation=second["generation"])
    assert [(line["trust_group"], line["anchors"]) for line in loaded] == [("partners", 1)]


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


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_trust_that_is_taken_away_ends_for_resumed_sessions(server, authorities, identities, version):
    partner = Partner(server, identities.a, "partner-a", version)
    with partner.connect() as tls:
        assert raw_token(partner, tls)[0] == 200
        session = tls.session
    (server.folder / "partners.pem").write_bytes(authorities.other_ca.pem.read_bytes())
    assert server.reload()["event"] == "reloaded"
    with partner.connect(session=session) as tls:
        status, received = raw_token(partner, tls)
        assert tls.session_reused
        assert (status, b"invalid_client" in received) == (400, True)


@pytest.fixture
def folder(server, authorities):
    """The group's anchors as a folder of files."""
    folder = server.folder / "anchors"
    folder.mkdir()
    (folder / "ca.pem").write_bytes(authorities.ca.pem.read_bytes())
    server.config["trust_groups"][0]["anchors"] = str(folder)
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    return folder


def test_folder_of_anchors(server, folder, live, authorities):
    partner = Partner(server, authorities.other_ca.issue("partner-a"), "partner-a")
    connection = partner.connection()
    expect.refused(partner, partner.token(connection=connection), 400, "invalid_client", "certificate_issuer_unknown")
    (folder / "other.crt").write_bytes(authorities.other_ca.pem.read_bytes())
    loaded = server.reload()
    assert server.log.find(event="trust_loaded", generation=loaded["generation"], anchors=2)
    expect.issued(partner, partner.token(connection=connection))
    (folder / "other.crt").unlink()
    assert server.reload()["event"] == "reloaded"
    expect.refused(partner, partner.token(connection=connection), 400, "invalid_client", "certificate_issuer_unknown")
    connection.close()


def test_folder_with_a_file_that_does_not_parse(server, folder, live):
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")
    line = server.reload()
    assert (line["event"], line["reason"]) == ("reload_refused", "configuration_invalid")
    assert "trust group partners: " in line["detail"] and "broken.pem" in line["detail"]


def test_intermediates(server, a, authorities, pki):
    """Any, then one of them only, then another: each as of the next request of a live connection."""
    sub, other = (pki.authority(name, issuer=authorities.ca) for name in ("Sub CA", "Other Sub CA"))
    partner = Partner(server, sub.issue("partner-a"), "partner-a")
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    for allowed, reason in ((sub, None), (other, "certificate_issuer_not_allowed"), (sub, None)):
        bundle = server.folder / "intermediates.pem"
        bundle.write_bytes(allowed.pem.read_bytes())
        server.config["trust_groups"][0]["intermediates"] = str(bundle)
        server.write_config()
        assert server.reload()["event"] == "reloaded"
        reply = partner.token(connection=connection)
        if reason:
            expect.refused(partner, reply, 400, "invalid_client", reason)
        else:
            expect.issued(partner, reply)
    connection.close()


def test_demands_of_a_group(server, a):
    connection = a.connection()
    expect.issued(a, a.token(connection=connection))
    server.config["trust_groups"][0]["max_validity"] = "24h"
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    expect.refused(a, a.token(connection=connection), 400, "invalid_client", "certificate_validity_too_long")
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


def is_shut_out(server, partner, headers=None):
    """In the log when the configuration is taken, and at every attempt."""
    skipped = server.log.like(event="registry_client_skipped")
    assert (skipped["client_id"], skipped["reason"]) == ("partner-a", "trust_group_reserved")
    form = {"grant_type": "client_credentials", "client_id": "partner-a"}
    expect.refused(partner, partner.post(form, headers=headers), 400, "invalid_client", "trust_group_reserved")


def test_a_group_that_becomes_the_administrators(server, a, authorities):
    server.stop()
    server.trust("administrators", authorities.other_ca)
    admin = server.config["listeners"]["admin"] = server.config["listeners"]["mtls"] | {
        "address": f"{HOST}:{free_port()}", "trust_group": "administrators"}
    del admin["url"]
    server.config["administrators"] = [{"subject": "CN=alice"}]
    server.write_config()
    server.start()
    connection = a.connection()
    expect.issued(a, a.token(connection=connection))
    admin["trust_group"] = "partners"
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    is_shut_out(server, a)
    expect.refused(a, a.token(connection=connection), 400, "invalid_client", "trust_group_reserved")
    admin["trust_group"] = "administrators"
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    expect.issued(a, a.token(connection=connection))
    connection.close()


def test_a_group_that_becomes_the_proxies(server, a, identities):
    """Its certificate now makes a proxy, which hands on its own: even so it is no client."""
    expect.issued(a, a.token())
    server.stop()
    server.config["listeners"]["mtls"]["proxy"] = {"certificate_header": "rfc9440", "trust_group": "partners"}
    server.write_config()
    server.start()
    is_shut_out(server, a, dict(FORMS["rfc9440"](identities.a.der)))
