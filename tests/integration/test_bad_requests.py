"""Requests that are wrong before anybody's rights matter: each gets its documented answer and changes nothing."""

import re

import pytest
from harness import expect
from harness.client import CREDENTIALS, FORM, Partner

GOOD = "client_id=partner-a&grant_type=client_credentials"


# --- the form


@pytest.mark.parametrize("body", [
    GOOD + "&scope=accounts&scope=payments",
    GOOD + "&grant_type=client_credentials",
    GOOD + "&unknown=1&unknown=1",
    GOOD + "&unknown=1&%75nknown=2",
    GOOD + "&scope=&scope=",
], ids=str)
def test_repeated_parameter(a, body):
    expect.refused(a, a.post(body), 400, "invalid_request", "parameter_repeated")


@pytest.mark.parametrize("body", [
    GOOD + "&scope=%ff%fe",
    GOOD + "&scope=%c0%80",
    GOOD + "&scope=%ed%a0%80",
    GOOD + "&scope=%f4%90%80%80",
    GOOD + "&scope=%e2%82",
    GOOD + "&%ff=1",
    (GOOD + "&scope=").encode() + b"\xff",
    GOOD + "&scope=a%00b",
    GOOD + "&scope=a%0ab",
    GOOD + "&scope=%4",
    GOOD + "&scope=%zz",
    GOOD + "&scope=%",
], ids=str)
def test_malformed_form(a, body):
    expect.refused(a, a.post(body), 400, "invalid_request", "form_malformed")


def test_64_parameters_and_one_more(a):
    fill = "".join(f"&p{i}=x" for i in range(62))
    expect.issued(a, a.post(GOOD + fill))
    expect.refused(a, a.post(GOOD + fill + "&p62=x"), 400, "invalid_request", "form_malformed")


@pytest.mark.parametrize("form", [GOOD.replace("&grant_type=client_credentials", ""), GOOD.replace("client_credentials", ""), "client_id=partner-a&grant_type"])
def test_grant_type_missing(a, form):
    expect.refused(a, a.post(form), 400, "invalid_request", "parameter_missing")


def test_empty_body(a):
    reply = a.post("")
    assert reply.status == 400
    expect.refused(a, reply, 400, reply.json["error"], "parameter_missing")


@pytest.mark.parametrize("parameter, at_most, error, reason", [
    ("client_id", 128, "invalid_client", "client_unknown"),
    ("scope", 1024, "invalid_scope", "scope_unknown"),
    ("grant_type", 128, "unsupported_grant_type", "grant_type_unsupported"),
], ids=str)
def test_parameter_at_its_limit_and_beyond(a, parameter, at_most, error, reason):
    expect.refused(a, a.token(**{parameter: "x" * at_most}), 400, error, reason)
    expect.refused(a, a.token(**{parameter: "x" * (at_most + 1)}), 400, "invalid_request", "parameter_too_long",
                   sent=["x" * 65])


def test_resource_at_its_limit_and_beyond(a):
    longest = "https://x.example/".ljust(512, "x")
    expect.refused(a, a.token(resource=longest), 400, "invalid_target", "resource_unknown")
    expect.refused(a, a.token(resource=longest + "x"), 400, "invalid_request", "parameter_too_long")


# --- the grant, the scope, the resource


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", "Client_Credentials",
                                   "urn:ietf:params:oauth:grant-type:token-exchange", "client_credentials client_credentials"])
def test_unknown_grant(a, grant):
    expect.refused(a, a.token(grant_type=grant), 400, "unsupported_grant_type", "grant_type_unsupported", sent=[grant])


def test_unknown_scope(a):
    expect.refused(a, a.token(scope="accounts admin-of-all"), 400, "invalid_scope", "scope_unknown", sent=["admin-of-all"])


@pytest.mark.parametrize("scope", ["accounts  payments", " accounts", "accounts ", 'acc"ounts', "acc\\ounts", "accoünts"])
def test_malformed_scope(a, scope):
    expect.refused(a, a.token(scope=scope), 400, "invalid_scope", "scope_malformed")


def test_scope_of_another_client(b):
    expect.refused(b, b.token(scope="payments"), 400, "invalid_scope", "scope_not_allowed", client_id="partner-b")


def test_scopes_of_two_resources(a):
    expect.refused(a, a.token(scope="accounts consents"), 400, "invalid_scope", "scope_of_two_resources")


def test_scope_and_resource_that_do_not_belong_together(a):
    expect.refused(a, a.token(scope="accounts", resource="https://consents.example.com"), 400, "invalid_scope",
                   "scope_of_two_resources")


def test_resource_without_a_scope_for_this_client(a):
    reply = a.token(resource="https://consents.example.com")
    line = a.server.log.like(request=expect.request_id(reply), event="token_refused")
    assert (reply.json["error"], line["reason"]) in [("invalid_target", "resource_not_allowed"),
                                                     ("invalid_scope", "scope_not_allowed")]
    expect.refused(a, reply, 400, reply.json["error"], line["reason"])


@pytest.mark.parametrize("resource", ["https://unknown.example.com", "https://api.example.com/", "https://API.example.com",
                                      "http://api.example.com"])
def test_unknown_resource(a, resource):
    expect.refused(a, a.token(resource=resource), 400, "invalid_target", "resource_unknown", sent=[resource])


@pytest.mark.parametrize("resource", ["https://api.example.com#x", "api.example.com", "not a uri"])
def test_resource_that_is_no_absolute_uri(a, resource):
    reply = a.token(resource=resource)
    assert reply.status == 400
    assert reply.json["error"] == "invalid_target"


def test_two_resources(a):
    reply = a.post(GOOD + "&resource=https://api.example.com&resource=https://consents.example.com")
    expect.refused(a, reply, 400, "invalid_target", "resource_malformed")


# --- HTTP


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x",
                                          "application/x-www-form-urlencodedx", "x" + FORM, "application/x-www-form", ""])
def test_wrong_content_type(a, content_type):
    reply = a.post(GOOD, headers={"Content-Type": content_type})
    expect.refused(a, reply, 415, "invalid_request", "media_type_unsupported")


def test_no_content_type(a):
    reply = a.request("POST", "/token", GOOD, {"Content-Type": ""})
    assert reply.status == 415


def test_json_body(a):
    reply = a.post('{"grant_type":"client_credentials","client_id":"partner-a"}', headers={"Content-Type": "application/json"})
    expect.refused(a, reply, 415, "invalid_request", "media_type_unsupported")


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_wrong_method(a, method):
    reply = a.request(method, "/token")
    assert reply.status == 405
    assert reply.headers["allow"] == "POST"
    if method != "HEAD":
        assert reply.json["error"] == "invalid_request"


@pytest.mark.parametrize("path", ["/", "/tokens", "/token/", "//token", "/Token", "/token%00", "/jwks", "/admin/v1/clients",
                                  "/../token", "/livez", "/metrics", "/token/..%2f"])
def test_unknown_path(a, path):
    reply = a.post(GOOD, path=path)
    assert (reply.status, reply.json["error"]) == (404, "not_found")
    expect.no_store(reply)


@pytest.mark.parametrize("query", ["?client_id=partner-a", "?grant_type=client_credentials", "?access_token=x"])
def test_parameters_in_the_query_are_not_read(a, query):
    """RFC 6749 section 3.2: parameters of the token endpoint come in the body."""
    reply = a.request("POST", "/token" + query, "grant_type=client_credentials", {"Content-Type": FORM})
    assert reply.status == 400
    assert reply.json["error"] == "invalid_client"


def test_token_endpoint_is_not_on_the_public_listener(a):
    reply = a.request("POST", "/token", GOOD, {"Content-Type": FORM}, listener="public")
    assert reply.status == 404


def padded(length):
    return (GOOD + "&fill=").ljust(length, "x")


def test_body_at_its_limit_and_beyond(a):
    limit = 16 * 1024
    expect.issued(a, a.post(padded(limit)))
    reply = a.post(padded(limit + 1))
    expect.refused(a, reply, 413, "invalid_request", "body_too_large", sent=["x" * 100])


def test_chunked_body_at_its_limit_and_beyond(a):
    def chunks(length):
        body = padded(length).encode()
        return (body[i:i + 1000] for i in range(0, len(body), 1000))

    limit = 16 * 1024
    expect.issued(a, a.request("POST", "/token", chunks(limit), {"Content-Type": FORM}))
    reply = a.request("POST", "/token", chunks(limit + 1), {"Content-Type": FORM})
    expect.refused(a, reply, 413, "invalid_request", "body_too_large")


def status_of(raw):
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", raw)
    return int(found[1]) if found else None


def head(*lines, request="POST /token HTTP/1.1"):
    return "\r\n".join([request, "Host: x", f"Content-Type: {FORM}", *lines, "", ""]).encode()


def test_announced_body_of_a_gigabyte_is_refused_at_once(a):
    """Nothing of it is read or reserved."""
    before = a.server.resident_kib()
    answer = a.send_raw(head("Content-Length: 1073741824"), timeout=5)
    assert status_of(answer) == 413
    assert b'"invalid_request"' in answer
    assert a.server.resident_kib() - before < 10 * 1024


@pytest.mark.parametrize("lines", [
    ["Content-Length: -1"],
    ["Content-Length: 5x"],
    ["Content-Length: 99999999999999999999999999"],
    ["Content-Length: 52", "Content-Length: 53"],
    ["Content-Length: 52", "Transfer-Encoding: chunked"],
    ["Transfer-Encoding: gzip, chunked"],
    ["Transfer-Encoding: identity"],
    ["Authorization: Basic eA==", "Authorization: Basic eA=="],
], ids=str)
def test_ambiguous_framing(a, lines):
    """Request smuggling begins with a request that two parties read differently: 4xx, or the connection ends."""
    answer = a.send_raw(head(*lines) + GOOD.encode(), timeout=5)
    assert status_of(answer) in (400, 401, 411, 413, 501, None), answer
    assert b"access_token" not in answer


@pytest.mark.parametrize("data", [
    b"\0" * 100,
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"POST /token\r\n\r\n",
    b"POST /token HTTP/9.9\r\nHost: x\r\n\r\n",
    b"POST /token HTTP/1.1\r\n" + b"x" * 100 + b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00" * 20,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
], ids=repr)
def test_bytes_that_are_no_http(a, data):
    answer = a.send_raw(data, timeout=2)
    assert status_of(answer) in (400, 404, 405, 415, 501, 505, None)
    assert b"access_token" not in answer
    assert a.token().status == 200


def test_header_over_its_limit(a):
    answer = a.send_raw(head(*(f"X-Fill-{i}: " + "x" * 1000 for i in range(40))), timeout=5)
    assert status_of(answer) in (413, 414, 431, None)
    assert a.token().status == 200


def test_request_line_over_its_limit(a):
    answer = a.send_raw(head(request="POST /token?" + "x" * 40000 + " HTTP/1.1"), timeout=5)
    assert status_of(answer) in (413, 414, 431, None)
    assert a.token().status == 200


def test_nul_in_a_header(a):
    answer = a.send_raw(head("X-Nul: a\0b", "Content-Length: 0"), timeout=5)
    assert status_of(answer) in (400, None)


def test_expect_continue(a):
    """A client that asks before it sends gets its refusal before it sends."""
    answer = a.send_raw(head("Content-Length: 100000", "Expect: 100-continue"), timeout=5)
    assert status_of(answer) == 413
    assert b"100 Continue" not in answer


def test_pipelined_requests_are_answered_in_order(a):
    one = head(f"Content-Length: {len(GOOD)}") + GOOD.encode()
    two = head("Content-Length: 3", "Connection: close") + b"x=y"
    answer = a.send_raw(one + two)
    for token in re.findall(rb'"access_token":"([^"]+)"', answer):
        a.server.canary.secret(token)
    assert re.findall(rb"HTTP/1\.1 (\d{3})", answer) == [b"200", b"400"]


# --- what every answer has, and what none has


HOSTILE = '"><zqx>mark(1)</zqx>\\ü'


@pytest.mark.parametrize("parameter", ["client_id", "grant_type", "scope", "resource", "unknown"])
def test_nothing_is_echoed(a, parameter):
    reply = a.token(**{parameter: HOSTILE})
    for part in ("zqx", "mark", "ü", "<", ">"):
        assert part.encode() not in reply.body
    assert a.server.log.lines()  # still JSON, every line


@pytest.mark.parametrize("path", ["/token", "/nowhere", "/jwks"])
def test_headers_of_every_answer(a, path):
    reply = a.request("GET", path)
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["strict-transport-security"].startswith("max-age=")
    assert expect.request_id(reply)
    assert not any(k.startswith("access-control-") for k in reply.headers)
    assert "server" not in reply.headers or "microhttpd" not in reply.headers["server"].lower()


def test_log_lines_cut_what_a_stranger_sends(a):
    since = a.server.log.position()
    reply = a.token(client_id="z" * 128, scope="q" * 1000)
    line = a.server.log.like(since, request=expect.request_id(reply))
    assert all(len(str(value)) <= 300 for value in line.values())
    assert "q" * 300 not in a.server.log.text()
