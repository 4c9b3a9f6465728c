"""Fixtures shared by all topics. A module gets one server of its own; `store_kind` says on which database."""

import os
import pathlib
import shutil
import tempfile
import uuid
from types import SimpleNamespace

import pytest

from .canary import Canary
from .client import Partner
from .directory import KeyServer, Sandbox
from .pki import Pki
from .server import Certbound
from .store import postgresql_schema

ROOT = pathlib.Path(__file__).resolve().parents[3]
SKIPPED = 77  # for ctest: nothing could be tried here


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    ran = [kind for kind in reporter.stats if kind in ("passed", "failed", "error", "xfailed", "xpassed")]
    if exitstatus == 0 and not ran and reporter.stats.get("skipped"):
        session.exitstatus = SKIPPED


def program(variable, name):
    path = pathlib.Path(os.environ.get(variable, ROOT / "build/dev/bin" / name))
    assert path.is_file(), f"{path} is not built; {variable} may name another"
    return path


@pytest.fixture(scope="session")
def binary():
    return program("CERTBOUND_BIN", "certbound")


@pytest.fixture(scope="session")
def resource_server_binary():
    return program("CERTBOUND_RESOURCE_SERVER_BIN", "resource-server")


@pytest.fixture(scope="session")
def canary():
    """Everything that was written for others' eyes is searched when the tests are through."""
    watch = Canary()
    yield watch
    watch.check()


@pytest.fixture(scope="session")
def scratch():
    """A private folder with a short name: it may hold Unix sockets."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="certbound-test-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def pki(scratch):
    return Pki(scratch / f"pki-{uuid.uuid4().hex[:8]}")


# --- stores


@pytest.fixture(scope="session")
def postgresql():
    """Connection string of the private cluster that ctest's fixture started."""
    conninfo = os.environ.get("CB_TEST_POSTGRESQL")
    state = os.environ.get("CB_TEST_POSTGRESQL_FILE")
    if not conninfo and state and pathlib.Path(state).is_file():
        conninfo = pathlib.Path(state).read_text().strip()
    if not conninfo:
        pytest.skip("no PostgreSQL cluster: run by ctest, or set CB_TEST_POSTGRESQL")
    return conninfo


@pytest.fixture(scope="module")
def store_kind():
    """Modules that hold for both databases override this with a parameter."""
    return "sqlite"


@pytest.fixture(scope="module")
def store(store_kind, request):
    if store_kind == "sqlite":
        return None  # the installation's own file
    return postgresql_schema(request.getfixturevalue("postgresql"))


# --- installations


@pytest.fixture(scope="module")
def make_server(binary, scratch, pki, canary):
    """make_server(store=..., clients=False) -> an installation that is migrated and not started."""
    made = []

    def make(store=None):
        server = Certbound(binary, scratch / uuid.uuid4().hex[:8], pki, canary, store)
        made.append(server)
        return server

    yield make
    failures = []
    for server in made:
        try:
            server.stop()
        except AssertionError as failure:
            failures.append(str(failure))
    assert not failures, "\n".join(failures)


@pytest.fixture(scope="module")
def authorities(pki):
    """ca and other_ca are trusted, each by a group of its own; twin_ca has ca's name and another key."""
    return SimpleNamespace(
        ca=pki.authority("Partner CA"),
        other_ca=pki.authority("Other CA"),
        untrusted_ca=pki.authority("Untrusted CA"),
        twin_ca=pki.authority("Partner CA"),
    )


@pytest.fixture(scope="module")
def identities(authorities):
    ca = authorities.ca
    return SimpleNamespace(a=ca.issue("partner-a"), b=ca.issue("partner-b"), other=authorities.other_ca.issue("partner-o"))


@pytest.fixture(scope="module")
def installation(make_server, store, authorities, identities):
    """Migrated, with trust groups `partners` and `others` and the clients partner-a, partner-b, partner-o."""
    server = make_server(store)
    server.trust("partners", authorities.ca)
    server.trust("others", authorities.other_ca)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners",
                      scope="accounts payments")
    server.add_client("partner-b", tls_client_auth_subject_dn=identities.b.subject, trust_group="partners",
                      scope="accounts")
    server.add_client("partner-o", tls_client_auth_subject_dn=identities.other.subject, trust_group="others",
                      scope="consents")
    return server


@pytest.fixture(scope="module")
def server(installation):
    installation.start()
    yield installation
    installation.stop()


@pytest.fixture
def a(server, identities):
    return Partner(server, identities.a, "partner-a")


@pytest.fixture
def b(server, identities):
    return Partner(server, identities.b, "partner-b")


# --- registration


@pytest.fixture(scope="module")
def key_server(pki):
    """Where directories and partners publish keys."""
    made = KeyServer(pki)
    yield made
    made.stop()


@pytest.fixture
def sandbox(server, authorities):
    """Nobody registered yet, whom server.sandbox vouches for."""
    return Sandbox(server, server.sandbox, authorities.ca.issue(f"partner-{uuid.uuid4().hex[:8]}"))
