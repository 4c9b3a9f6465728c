"""Requests and their exact answers."""
import socket

import pytest
from listener import FORM, TOKEN, answer, closed, get, post

ERRORS = {
    404: {"error": "not_found", "error_description": "there is nothing at this path on this listener"},
    405: {"error": "invalid_request",
          "error_description": "this method is not allowed here, the Allow header names those that are"},
    413: {"error": "invalid_request", "error_description": "the body is larger than this endpoint accepts"},
    415: {"error": "invalid_request", "error_description": "the body is of another media type than this endpoint takes, the Accept header names "
                               "those"},
}


def is_refusal(reply, status):
    assert reply.status == status
    assert reply.json == ERRORS.get(status, reply.json)
    assert reply.getheader("Content-Type") == "application/json"
    assert reply.getheader("Cache-Control") == "no-store"
    assert reply.getheader("Pragma") == "no-cache"
    assert len(reply.getheader("Certbound-Request-Id")) == 22
    return reply


def test_a_token(start, ids):
    server = start()
    reply = server.ask(post(TOKEN + "&scope=a+b%20c"), "client")
    assert reply.status == 200
    assert reply.text == ('{"access_token":"%s","token_type":"Bearer","expires_in":300,"scope":"a b c"}'
                          % ids["client"].x5t)
    head = dict(reply.getheaders())
    request = head.pop("Certbound-Request-Id")
    assert head.pop("Date")
    assert head == {
        "Content-Type": "application/json", "Cache-Control": "no-store", "Pragma": "no-cache",
        "X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000",
        "Content-Length": str(len(reply.text)),
    }
    line = server.events("token_issued")[0]
    assert line["request"] == request and line["client_id"] == "a" and line["x5t"] == ids["client"].x5t
    assert line["status"] == 200 and line["scope"] == "a b c" and line["address"] == "127.0.0.1"


def test_no_route(start):
    is_refusal(start().ask(get("/nope?x=1")), 404)


@pytest.mark.parametrize("path", ["/token/", "/Token", "/%74oken", "//token", "/token%00", "/", "*", "/token;a"])
def test_paths_are_exact(start, path):
    is_refusal(start().ask(post(TOKEN, path=path), "client"), 404)


def test_a_query_is_not_part_of_the_form(start):
    reply = start().ask(post("client_id=a", path="/token?grant_type=client_credentials"), "client")
    assert is_refusal(reply, 400).json["error"] == "invalid_request"


@pytest.mark.parametrize("method,path,allow", [
    ("GET", "/token", "POST"), ("HEAD", "/token", "POST"), ("PUT", "/token", "POST"), ("get", "/document", "GET, HEAD"),
    ("OPTIONS", "/token", "POST"), ("POST", "/document", "GET, HEAD"), ("BREW", "/document", "GET, HEAD")])
def test_wrong_method(start, method, path, allow):
    server = start()
    with server.tls() as s:
        s.sendall(get(path, method))
        reply = answer(s, method)
        assert reply.status == 405 and reply.getheader("Allow") == allow
        if method != "HEAD":
            is_refusal(reply, 405)


@pytest.mark.parametrize("content_type", [
    None, "", "application/json", "text/plain", FORM + "x", "x" + FORM, "application/x-www-form",
    "multipart/form-data; boundary=x"])
def test_wrong_media_type(start, content_type):
    is_refusal(start().ask(post(TOKEN, content_type=content_type), "client"), 415)


@pytest.mark.parametrize("content_type", [FORM, FORM + "; charset=utf-8", FORM.upper(), FORM + " ;x=y"])
def test_right_media_type(start, content_type):
    assert start().ask(post(TOKEN, content_type=content_type), "client").status == 200


def padded(n):
    return TOKEN + "&x=" + "y" * (n - len(TOKEN) - 3)


def chunked(body, size):
    parts = [body[i:i + size] for i in range(0, len(body), size)]
    coded = "".join(f"{len(p):x}\r\n{p}\r\n" for p in parts) + "0\r\n\r\n"
    head = f"POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n"
    return (head + coded).encode()


@pytest.mark.parametrize("raw", [post, lambda b: chunked(b, 1000)])
def test_the_body_limit(start, raw):
    server = start()
    assert server.ask(raw(padded(16384)), "client").status == 200
    is_refusal(server.ask(raw(padded(16385)), "client"), 413)


@pytest.mark.parametrize("raw", [post, lambda b: chunked(b, 1000)])
def test_a_connection_outlives_a_refused_body(start, raw):
    server = start()
    with server.tls(server.context("client")) as s:
        for body, status in ((padded(200000), 413), (TOKEN, 200), (padded(16385), 413), (TOKEN, 200)):
            s.sendall(raw(body))
            assert answer(s).status == status


def test_a_body_beyond_reason_is_not_read(start):
    server = start()
    with server.tls() as s:
        s.sendall(post("")[:-4].replace(b"Content-Length: 0", b"Content-Length: 10000000") + b"\r\n\r\n")
        is_refusal(answer(s), 413)
        assert closed(s, 2) < 1
    with server.tls() as s:  # chunked: the size shows only as it comes
        s.settimeout(5)
        with pytest.raises(OSError):
            s.sendall(chunked("x" * 10000000, 4000))
            s.recv(1)
            raise OSError
    assert server.ask(get("/text")).status == 200


def test_expect_continue(start):
    server = start()
    with server.tls(server.context("client")) as s:
        head, body = post(TOKEN, headers=["Expect: 100-continue"]).split(b"\r\n\r\n")
        s.sendall(head + b"\r\n\r\n")
        assert s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(body)
        assert answer(s).status == 200
    with server.tls() as s:  # refused before a byte of the body was sent
        s.sendall(post(padded(20000), headers=["Expect: 100-continue"]).split(b"\r\n\r\n")[0] + b"\r\n\r\n")
        is_refusal(answer(s), 413)


def test_a_long_header_leaves_room_for_the_body(start, ids):
    server = start()
    for body in (TOKEN, padded(16384)):
        bare = len(post(body, headers=["X: "])) - len(body)
        reply = server.ask(post(body, headers=["X: " + "y" * (16384 - bare)]), "client")
        assert reply.json["access_token"] == ids["client"].x5t


def test_chunks_of_one_byte(start, ids):
    reply = start().ask(chunked(TOKEN, 1), "client")
    assert reply.json["access_token"] == ids["client"].x5t


def test_pipelined_requests(start):
    server = start()
    with server.tls(server.context("client")) as s:
        s.sendall(post(TOKEN + "&scope=one") + get("/document") + post(TOKEN + "&scope=two") + get("/nope"))
        f = s.makefile("rb")

        class Stream:
            def makefile(self, *_):
                return Unclosed(f)

        replies = [answer(Stream()) for _ in range(4)]
        assert [r.status for r in replies] == [200, 200, 200, 404]
        assert replies[0].json["scope"] == "one" and replies[2].json["scope"] == "two"
    assert len({r.getheader("Certbound-Request-Id") for r in replies}) == 4


class Unclosed:
    """http.client closes what it reads from; the next reply is in the same stream."""

    def __init__(self, f):
        self.f = f

    def __getattr__(self, name):
        return (lambda: None) if name == "close" else getattr(self.f, name)


def test_a_document(start):
    server = start()
    with server.tls() as s:
        s.sendall(get("/document"))
        full = answer(s)
        assert full.status == 200 and full.text == '{"a":1}'
        assert full.getheader("Cache-Control") == "max-age=60"
        etag = full.getheader("ETag")
        for condition in (etag, "*", f'"x", W/{etag}', f"{etag} , \"y\""):
            s.sendall(get("/document", headers=[f"If-None-Match: {condition}"]))
            reply = answer(s)
            assert (reply.status, reply.text, reply.getheader("ETag")) == (304, "", etag)
        for condition in ('"x"', etag[:-1], "", etag.strip('"')):
            s.sendall(get("/document", headers=[f"If-None-Match: {condition}"]))
            assert answer(s).status == 200
        s.sendall(get("/document", "HEAD"))
        head = answer(s, "HEAD")
        assert (head.status, head.text, head.getheader("Content-Length")) == (200, "", "7")
        assert head.getheader("ETag") == etag


def test_the_issuer_path(start):
    server = start(issuer_path="/t1")
    assert server.ask(get("/t1/document")).status == 200
    assert server.ask(get("/.well-known/thing/t1")).status == 200
    is_refusal(server.ask(get("/document")), 404)
    is_refusal(server.ask(get("/t1/.well-known/thing")), 404)


def test_text(start):
    reply = start().ask(get("/text"))
    assert (reply.status, reply.text) == (200, "ok\n")
    assert reply.getheader("Content-Type") == "text/plain; charset=utf-8"


def test_an_endpoint_that_decides_nothing_is_our_fault(start):
    server = start()
    reply = is_refusal(server.ask(get("/nothing")), 500)
    assert reply.json["error"] == "server_error"
    line = server.events("request_failed")[0]
    assert line["request"] == reply.getheader("Certbound-Request-Id")


@pytest.mark.parametrize("header,challenge", [
    ("Authorization: Basic Zm9vOmJhcg==", 'Basic realm="certbound"'),
    ("Authorization: bAsIc xyzzy", 'Basic realm="certbound"'),
    ("Authorization: Basicx", 'Bearer realm="certbound"'),
    ("Authorization: Bearer secret-token", 'Bearer realm="certbound"'),
    ("Authorization: Digest xyzzy", 'Bearer realm="certbound"')])
def test_an_authorization_header_is_challenged(start, header, challenge):
    server = start()
    reply = is_refusal(server.ask(post(TOKEN, headers=[header]), "client"), 401)
    assert reply.getheader("WWW-Authenticate") == challenge
    assert reply.json["error"] == "invalid_client"
    assert header.split()[-1] not in reply.text and header.split()[-1] not in server.log_path.read_text()


@pytest.mark.parametrize("body,error", [
    ("client_id=a", "invalid_request"), ("grant_type=x&grant_type=x&client_id=a", "invalid_request"),
    (TOKEN + "&u=1&u=2", "invalid_request"), (TOKEN + "&scope=%zz", "invalid_request"),
    (TOKEN + "&scope=%ff", "invalid_request"), (TOKEN + "&scope=a%00b", "invalid_request"),
    ("grant_type=client_credentials", "invalid_client")])
def test_bad_forms(start, body, error):
    assert is_refusal(start().ask(post(body), "client"), 400).json["error"] == error


@pytest.mark.parametrize("raw", [
    post(TOKEN, headers=["Transfer-Encoding: chunked"]),
    post(TOKEN, headers=["Content-Length: 41"]),
    post(TOKEN, headers=["Content-Length: 5"]),
    post(TOKEN, headers=["Transfer-Encoding: gzip"]),
    post(TOKEN, headers=["Transfer-Encoding: xchunked"]),
    post(TOKEN, headers=[f"Content-Type: {FORM}"]),
    post(TOKEN, headers=["Authorization: a", "Authorization: b"]),
])
def test_ambiguous_messages_are_refused_and_the_connection_ends(start, raw):
    server = start()
    with server.tls(server.context("client")) as s:
        s.sendall(raw + get("/text"))
        reply = answer(s)
        assert reply.status == 400
        if server.events("request_refused"):  # else libmicrohttpd 1.0 was faster than we
            is_refusal(reply, 400)
            assert server.events("request_refused")[0]["reason"] == "message_ambiguous"
        assert closed(s, 2) < 1
    assert not server.events("token_issued")


@pytest.mark.parametrize("raw", [
    b"GET /text\r\n\r\n", b"GET /text HTTP/1.1\r\n\r\n", b"GET /text HTTP/3.1\r\nHost: a\r\n\r\n",
    b"\x01\x02\x03\r\n\r\n", b"GET /text HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
    b"GET /text HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: " + FORM.encode() +
    b"\r\n\r\nzz\r\n"])
def test_what_is_no_http_ends_the_connection(start, raw):
    server = start()
    with server.tls() as s:
        s.sendall(raw)
        s.settimeout(5)
        first = s.recv(12)
        assert first == b"" or first[:9] in (b"HTTP/1.1 ", b"HTTP/1.0 ") and first[9:] in (b"400", b"505"), first
        assert closed(s, 2) < 1
    assert server.ask(get("/text")).status == 200


def test_the_header_limit(start):
    server = start()
    bare = len(get("/text", headers=["X: "]))
    assert server.ask(get("/text", headers=["X: " + "y" * (16384 - bare)])).status == 200
    many = [f"X-{i:02}: {'y' * 300}" for i in range(48)]
    filler = 16384 - len(get("/text", headers=many + ["X: "]))
    assert server.ask(get("/text", headers=many + ["X: " + "y" * filler])).status == 200
    reply = is_refusal(server.ask(get("/text", headers=["X: " + "y" * (16385 - bare)])), 431)
    assert reply.json["error"] == "invalid_request"
    assert server.events("request_refused")[0]["reason"] == "header_too_large"
    # Far beyond it the library answers by itself.
    assert server.ask(get("/text", headers=["X: " + "y" * 40000])).status == 431
    assert server.ask(get("/" + "y" * 40000)).status == 414
    assert server.ask(get("/text", headers=[f"X{i}: y" for i in range(2500)])).status == 431


def test_http_1_0(start):
    server = start()
    with server.tls() as s:
        s.sendall(b"GET /text HTTP/1.0\r\n\r\n")
        assert answer(s).status == 200
        assert closed(s, 2) < 1


def test_plain_http_for_the_ops_listener(start):
    server = start(tls=False)
    with server.tcp() as s:
        s.sendall(get("/text"))
        reply = answer(s)
        assert reply.status == 200 and reply.getheader("Strict-Transport-Security") is None
        s.sendall(post(TOKEN))
        assert answer(s).json["error"] == "invalid_client"


def test_plain_http_to_a_tls_listener(start):
    server = start()
    with server.tcp() as s:
        s.sendall(get("/text"))
        closed(s, 2)
    server.wait_for("tls_failed")


def test_ipv6_serves_both(start):
    server = start(address="[::]:0", tls=False)
    for family, host in ((socket.AF_INET6, "::1"), (socket.AF_INET, "127.0.0.1")):
        with socket.socket(family) as s:
            s.connect((host, server.port))
            s.sendall(get("/nope"))
            assert answer(s).status == 404
    assert {e["address"] for e in server.events("request_refused")} == {"::1", "127.0.0.1"}


def put(path, body, media, method="PUT", *fields):
    return (f"{method} {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n"
            + "".join(f + "\r\n" for f in fields) + f"\r\n{body}").encode()


@pytest.mark.parametrize("media,kind", [
    ("application/json", 2), ("application/json; charset=utf-8", 2), ("application/jose", 4), ("application/jwt", 4)])
def test_bodies_of_other_kinds_arrive_as_they_are(start, media, kind):
    reply = start().ask(put("/things/a%20b?colour=blue", "{}", media, "PUT", 'If-Match: "7"'))
    assert reply.status == 201
    assert reply.json == {"name": "a b", "part": "", "colour": "blue", "type": kind, "size": 2, "if_match": '"7"'}
    assert reply.getheader("ETag") == '"1"' and reply.getheader("Location") == "/things/a"
    assert reply.getheader("Cache-Control") == "no-store"


def test_two_path_parameters(start):
    reply = start().ask(put("/things/a/parts/%C3%A9", "{}", "application/json", "PATCH"))
    assert (reply.json["name"], reply.json["part"]) == ("a", "é")


@pytest.mark.parametrize("path", ["/things/", "/things/a/", "/things/%", "/things/a%2fb", "/things/%00", "/things/%ff"])
def test_a_path_parameter_that_is_none(start, path):
    is_refusal(start().ask(get(path)), 404)


@pytest.mark.parametrize("query,error", [
    ("colour=blue&colour=red", "a parameter appears more than once"),
    ("colour=%zz", "the form does not decode: check percent escapes and UTF-8"),
    ("colour=aquamarine", "a parameter is longer than this server accepts")])
def test_a_query_is_read_as_strictly_as_a_form(start, query, error):
    reply = is_refusal(start().ask(get("/things/a?" + query)), 400)
    assert reply.json["error_description"] == error


def test_the_query_of_one_request_is_gone_with_the_next(start):
    with start().tls() as s:
        for path, colour in [("/things/a?colour=blue", "blue"), ("/things/a", "")]:
            s.sendall(get(path))
            assert answer(s).json["colour"] == colour


def test_a_json_body_at_its_limit_and_above(start):
    server = start()
    assert server.ask(put("/things/a", "x" * 1024, "application/json")).json["size"] == 1024
    is_refusal(server.ask(put("/things/a", "x" * 1025, "application/json")), 413)


def test_a_media_type_that_is_not_taken(start):
    reply = is_refusal(start().ask(put("/things/a", "a=b", "application/x-www-form-urlencoded")), 415)
    assert reply.getheader("Accept") == "application/json, application/jose, application/jwt"
    reply = is_refusal(start().ask(post("{}", path="/things/a")), 405)
    assert reply.getheader("Allow") == "GET, HEAD, PUT, DELETE"


def test_delete_answers_nothing(start):
    reply = start().ask(b"DELETE /things/a HTTP/1.1\r\nHost: a\r\n\r\n")
    assert reply.status == 204 and reply.text == "" and reply.getheader("Content-Type") is None
