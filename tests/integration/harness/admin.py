"""A server with an admin API, and administrators. Each answer is checked against docs/openapi.json."""

import concurrent.futures
import json
import threading

import pytest

from .client import Partner
from .openapi import Description
from .server import HOST, free_port

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


@pytest.fixture(scope="module")
def admin(server, people):
    return Admin(server, people["writer"])
