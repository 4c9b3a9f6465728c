"""The admin API: paths, methods and queries that nothing takes."""

import pytest
from harness.admin import admin, admin_ca, people, refused, server, store_kind  # noqa: F401 (fixtures)


@pytest.mark.parametrize("path", [
    "/clients/x%0d%0aInjected:%20yes", "/clients/%00", "/clients/a%2fb", "/clients/%zz", "/clients/%ff", "/clients/",
    "/clients/../clients", "/clients//certificates", "/", "", "/clients/a/b", "/revocations/%2e%2e", "/signing-keys/" + "k" * 4000])
def test_hostile_paths_name_nothing(admin, path):
    for method in ("GET", "DELETE"):
        reply = admin.request(method, "/admin/v1" + path, headers={"If-Match": "*"}, listener="admin")
        assert reply.status in (404, 405), (method, path, reply.status)
        assert "injected" not in reply.headers and b"Injected" not in reply.body


def test_methods_that_no_path_takes(admin):
    for method in ("PATCH", "OPTIONS", "TRACE", "BREW"):
        reply = admin.request(method, "/admin/v1/clients", listener="admin")
        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, POST")
    head = admin.request("HEAD", "/admin/v1/clients", listener="admin")
    assert head.status == 200 and head.body == b""


PLACES = [("GET", "/clients"), ("POST", "/clients"), ("GET", "/clients/first"), ("PUT", "/clients/first"),
          ("DELETE", "/clients/first"), ("GET", "/clients/first/certificates"), ("GET", "/certificates"),
          ("GET", "/revocations"), ("POST", "/revocations"), ("DELETE", "/revocations/" + "A" * 43),
          ("POST", "/explain"), ("GET", "/trust-groups"), ("GET", "/signing-keys"),
          ("POST", "/signing-keys"), ("GET", "/signing-keys/x"), ("DELETE", "/signing-keys/x")]


@pytest.mark.parametrize("method, path", PLACES, ids=lambda v: v)
def test_a_query_that_is_not_known_is_refused_everywhere(admin, method, path):
    body = {} if method in ("POST", "PUT") else None
    refused(admin.ask(method, path + "?colour=blue", body, If_Match="*"), 400, "parameter_unknown")
    refused(admin.ask(method, path + "?client_id=first&client_id=first", body), 400, *(
        ["parameter_repeated"] if path == "/revocations" and method == "GET" else ["parameter_unknown"]))
