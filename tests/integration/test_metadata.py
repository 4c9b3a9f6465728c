"""Metadata and JWK set: what clients and resource servers configure themselves from. RFC 8414, RFC 8705 5."""

import http.client
import json

import pytest
from harness import expect
from harness.client import Partner
from harness.server import HOST

DOCUMENTS = ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"]
EVERY = [*DOCUMENTS, "/jwks"]


@pytest.fixture(scope="module")
def public(server):
    return Partner(server)


@pytest.mark.parametrize("path", DOCUMENTS)
def test_metadata(server, public, path):
    reply = public.get(path)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    document = reply.json
    assert document["issuer"] == server.issuer
    assert document["jwks_uri"] == server.issuer + "/jwks"
    assert document["token_endpoint"] == server.mtls_url + "/token"
    assert document["mtls_endpoint_aliases"]["token_endpoint"] == server.mtls_url + "/token"
    assert document["tls_client_certificate_bound_access_tokens"] is True
    assert set(document["token_endpoint_auth_methods_supported"]) == {"tls_client_auth", "self_signed_tls_client_auth"}
    assert document["grant_types_supported"] == ["client_credentials"]
    assert set(document["scopes_supported"]) == {"accounts", "payments", "consents"}
    assert all(value != [] for value in document.values())  # RFC 8414 section 3.2
    assert "none" not in json.dumps(document)


@pytest.mark.parametrize("path", EVERY)
def test_cacheable(public, path):
    first = public.get(path)
    assert "public" in first.headers["cache-control"] and "max-age=" in first.headers["cache-control"]
    etag = first.headers["etag"]
    for sent in (etag, f'"other", {etag}', "*", "W/" + etag):
        again = public.get(path, If_None_Match=sent)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == etag
    for sent in ('"other"', etag.strip('"'), ""):
        assert public.get(path, If_None_Match=sent).status == 200


@pytest.mark.parametrize("path", EVERY)
def test_head_is_get_without_the_body(public, path):
    got, head = public.get(path), public.request("HEAD", path, listener="public")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"] == str(len(got.body))
    assert head.headers["etag"] == got.headers["etag"]


@pytest.mark.parametrize("path", EVERY)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods(public, path, method):
    reply = public.request(method, path, listener="public")
    assert reply.status == 405
    assert reply.headers["allow"] == "GET, HEAD"


def test_get_with_a_body_is_refused(public):
    reply = public.request("GET", "/jwks", "x" * 10, listener="public")
    assert reply.status == 413


def test_jwks_holds_public_keys_only(public):
    keys = public.get("/jwks").json["keys"]
    assert keys
    for key in keys:
        assert {"kty", "kid", "use", "alg"} <= set(key)
        assert key["use"] == "sig"
        assert not {"d", "p", "q", "dp", "dq", "qi", "k", "oth"} & set(key)
    assert len({key["kid"] for key in keys}) == len(keys)


def test_jwks_needs_no_certificate_and_takes_one(server, identities):
    assert Partner(server, identities.a).get("/jwks").status == 200


@pytest.mark.parametrize("path", ["/.well-known/oauth-authorization-server/", "/.well-known", "/jwks/", "/.well-known/jwks.json",
                                  "/token", "/livez"])
def test_other_paths(public, path):
    assert public.get(path).status == 404


def test_documents_are_not_on_the_mtls_listener(public):
    for path in EVERY:
        assert public.get(path, listener="mtls").status == 404


def test_issuer_with_a_path(make_server):
    """RFC 8414 section 3.1: the well-known part goes between host and path; Discovery's goes behind."""
    server = make_server()
    server.config["issuer"] = server.issuer + "/bank/t1"
    server.migrate()
    server.start()
    public = Partner(server)
    for path in ("/.well-known/oauth-authorization-server/bank/t1", "/bank/t1/.well-known/openid-configuration"):
        document = public.get(path).json
        assert document["issuer"] == server.issuer + "/bank/t1"
        assert document["jwks_uri"] == server.issuer + "/bank/t1/jwks"
        assert document["token_endpoint"] == server.mtls_url + "/bank/t1/token"
    assert public.get("/bank/t1/jwks").status == 200
    assert public.get("/jwks").status == 404
    assert public.get("/.well-known/oauth-authorization-server").status == 404
    assert Partner(server).post("x=y", path="/bank/t1/token").status == 400
    server.stop()


# --- the operator's listener


def test_ops(server):
    assert server.ops("/livez")[0] == 200
    status, text = server.ops("/readyz")
    assert status == 200 and text.startswith("ready\n")
    status, text = server.ops("/metrics")
    assert status == 200
    assert "\ncertbound_ready 1\n" in text
    assert "\ncertbound_clients 3\n" in text
    assert 'certbound_events_total{event="token_issued"}' in text
    assert server.ops("/token")[0] == 404


def test_metrics_count_tokens(a):
    def count(event):
        text = a.server.ops("/metrics")[1]
        return int(text.split(f'certbound_events_total{{event="{event}"}} ')[1].split()[0])

    issued, refused = count("token_issued"), count("token_refused")
    expect.issued(a, a.token())
    a.token(scope="unknown-scope")
    assert (count("token_issued"), count("token_refused")) == (issued + 1, refused + 1)


def test_ops_speaks_plain_http(server):
    connection = http.client.HTTPConnection(HOST, server.ports["ops"], timeout=5)
    connection.request("GET", "/livez")
    reply = connection.getresponse()
    assert reply.status == 200
    assert "strict-transport-security" not in {k.lower() for k, _ in reply.getheaders()}
    connection.close()
