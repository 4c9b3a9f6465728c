"""A database that is away: at the start, later, for a while. Tokens go on from what was read before."""

import subprocess

import pytest
from harness import expect
from harness.client import Partner
from harness.handed_on import rfc9440
from harness.proxy import Proxy, through
from harness.server import eventually
from harness.store import postgresql_schema


@pytest.fixture
def database(postgresql):
    """A schema that is reached by way of a proxy, up at first."""
    direct = postgresql_schema(postgresql)
    proxy = Proxy(direct)
    proxy.up()
    proxy.direct = direct
    proxy.conninfo = through(direct, proxy)
    yield proxy
    proxy.down()


@pytest.fixture
def server(make_server, authorities, identities, database):
    server = make_server(database.conninfo)
    server.trust("partners", authorities.ca)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners",
                      scope="accounts payments")
    yield server
    server.stop()


def not_ready(server):
    return server.ops("/readyz")[0] == 503


def test_down_at_the_start(server, database, identities):
    database.down()
    server.start(wait=False)
    a = Partner(server, identities.a, "partner-a")
    assert eventually(lambda: not_ready(server)), server.log.text()
    assert "store: down" in server.ops("/readyz")[1]
    assert server.log.like(event="store_lost")["reason"] == "store_unavailable"
    reply = a.token()
    expect.refused(a, reply, 503, "temporarily_unavailable", "not_ready", event="request_failed")
    assert a.get("/jwks").status == 503
    assert a.get("/.well-known/oauth-authorization-server").status == 200
    assert server.ops("/livez")[0] == 200

    database.up()
    server.wait_ready()
    assert server.log.like(event="store_back")
    assert server.log.like(event="server_ready")
    expect.issued(a, a.token())


def test_whether_to_believe_a_proxy_is_not_known_before_the_store_was_read(make_server, authorities, identities, pki, database):
    """Its certificate may be revoked here. Who came through it has done nothing wrong, and may come again."""
    server = make_server(database.conninfo)
    proxies = pki.authority("Proxy CA")
    server.trust("partners", authorities.ca)
    server.trust("proxies", proxies)
    server.config["listeners"]["mtls"]["proxy"] = {"certificate_header": "rfc9440", "trust_group": "proxies"}
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners",
                      scope="accounts payments")
    database.down()
    server.start(wait=False)
    assert eventually(lambda: not_ready(server)), server.log.text()
    proxy = Partner(server, proxies.issue("proxy"), "partner-a")
    form = {"grant_type": "client_credentials", "client_id": "partner-a"}
    reply = proxy.post(form, headers=dict(rfc9440(identities.a.der)))
    expect.refused(proxy, reply, 503, "temporarily_unavailable", "not_ready", event="request_failed")
    server.log.unlike(event="client_cert_header_ignored")
    database.up()
    server.wait_ready()
    assert eventually(lambda: proxy.post(form, headers=dict(rfc9440(identities.a.der))).status == 200)
    server.stop()


def test_down_later_and_back(server, database, identities):
    server.start()
    a = Partner(server, identities.a, "partner-a")
    expect.issued(a, a.token())
    database.down()
    assert server.log.like(event="store_lost", timeout=15)
    assert "store: down" in server.ops("/readyz")[1]
    # Tokens, keys and metadata go on from what was read before; so the server stays ready.
    assert server.ops("/readyz")[0] == 200
    for _ in range(20):
        expect.issued(a, a.token())
    assert a.get("/jwks").status == 200
    assert server.reload()["event"] == "reloaded"
    expect.issued(a, a.token())

    database.up()
    assert server.log.like(event="store_back", timeout=15)
    assert "store: up" in server.ops("/readyz")[1]
    expect.issued(a, a.token())
    assert len(server.log.find(event="store_lost")) == 1, "said once, not every second"


def test_change_made_during_the_outage_is_seen_afterwards(server, database, identities):
    server.start()
    a = Partner(server, identities.a, "partner-a")
    database.down()
    server.log.like(event="store_lost", timeout=15)
    direct = server.folder / "direct.yaml"
    direct.write_text(server.write_config().read_text().replace(database.conninfo, database.direct))
    server.cli("client", "disable", "partner-a", "--config", str(direct), config=False)
    expect.issued(a, a.token())
    database.up()
    assert eventually(lambda: a.token().status == 400, timeout=15)
    expect.refused(a, a.token(), 400, "invalid_client", "client_disabled")


def test_connections_ended_by_the_database(server, database, postgresql, identities):
    """What a restart or fail-over of PostgreSQL looks like: it hangs up and is there again."""
    server.start()
    a = Partner(server, identities.a, "partner-a")
    subprocess.run(["psql", "-qXtA", postgresql, "-c",
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where pid <> pg_backend_pid() and application_name like 'certbound%'"],
                   check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    for _ in range(20):
        expect.issued(a, a.token())
    server.cli("client", "disable", "partner-a")
    assert eventually(lambda: a.token().status == 400, timeout=15)


def test_other_schema_version(server, database, postgresql, identities):
    """A database that another version migrated further: refused with the command that helps, until it fits."""
    subprocess.run(["psql", "-qX", database.direct, "-v", "ON_ERROR_STOP=1", "-c",
                    "insert into schema_migrations select max(number) + 1, 'from-the-future', repeat('0', 64), 0"
                    " from schema_migrations"], check=True, stdin=subprocess.DEVNULL)
    assert server.cli("db", "status", check=False).returncode == 1
    assert "store_schema_differs" in server.refused_start()
    database.down()
    server.start(wait=False)
    assert eventually(lambda: not_ready(server))
    database.up()
    assert server.log.like(event="registry_refused", timeout=10)["reason"] == "store_schema_differs"
    assert eventually(lambda: not_ready(server))
    a = Partner(server, identities.a, "partner-a")
    assert a.token().status == 503


def test_cli_says_that_the_database_is_away(server, database):
    database.down()
    for command in (["client", "list"], ["key", "list"], ["db", "status"], ["db", "migrate"]):
        done = server.cli(*command, check=False)
        assert done.returncode == 1
        assert "password" not in done.stderr
        assert done.stderr.strip()


def test_password_in_the_store_is_never_shown(make_server, postgresql):
    password = "hunter2-in-the-uri"
    server = make_server(f"postgresql://certbound:{password}@127.0.0.1:1/none")
    server.canary.secret(password)
    assert password not in server.cli("config", "print").stdout
    server.start(wait=False)
    assert server.log.like(event="store_lost", timeout=10)
    assert eventually(lambda: not_ready(server))
    server.stop()
    assert password not in server.log.text()
    done = server.cli("db", "status", check=False)
    assert done.returncode == 1 and password not in done.stdout + done.stderr
