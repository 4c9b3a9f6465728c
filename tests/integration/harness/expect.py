"""The exact form of an answer, asserted in one place."""

import re

ALLOWED = re.compile(r"^[\x20-\x21\x23-\x5b\x5d-\x7e]+$")  # RFC 6749 section 5.2
REQUEST_ID = re.compile(r"^[A-Za-z0-9_-]{22}$")


def request_id(reply):
    found = reply.headers["certbound-request-id"]
    assert REQUEST_ID.match(found)
    return found


def no_store(reply):
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["pragma"] == "no-cache"


def refused(partner, reply, status, error, reason, *, sent=(), event="token_refused", **fields):
    """An OAuth error and the log line of the same request. `sent` are texts that nothing may echo."""
    assert (reply.status, reply.json["error"]) == (status, error), reply.body
    no_store(reply)
    assert set(reply.json) == {"error", "error_description"}
    assert ALLOWED.match(reply.json["error_description"])
    for text in sent:
        data = text.encode() if isinstance(text, str) else text
        assert data not in reply.body
        assert data not in repr(reply.raw_headers).encode()
    assert ("www-authenticate" in reply.headers) == (status == 401)
    line = partner.server.log.like(request=request_id(reply), event=event)
    assert (line["reason"], line["status"]) == (reason, status), line
    for key, value in fields.items():
        assert line.get(key) == value, line
    partner.server.log.unlike(request=request_id(reply), event="token_issued")
    return line


def issued(partner, reply, *, scope=None):
    """A token reply and its log line."""
    assert reply.status == 200, reply.body
    no_store(reply)
    body = reply.json
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 300
    if scope is not None:
        assert body["scope"] == scope
    line = partner.server.log.like(request=request_id(reply), event="token_issued")
    assert line["client_id"] == partner.client_id
    assert line["x5t"] == partner.identity.x5t
    partner.server.log.unlike(request=request_id(reply), event="token_refused")
    return body["access_token"]
