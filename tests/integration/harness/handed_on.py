"""A partner's certificate in a header field, written as each proxy writes it. These tests are the proxy."""

import base64
import hashlib
import http.client
import urllib.parse

from .client import FORM, Partner, Reply
from .pki import pem_of
from .server import HOST


def b64(der):
    return base64.b64encode(der).decode()


def escaped(text):
    return urllib.parse.quote(text, safe="-._~")


def escaped_pem(*ders):
    return escaped(b"".join(map(pem_of, ders)).decode())


def rfc9440(leaf, *chain):
    fields = [("Client-Cert", f":{b64(leaf)}:")]
    return fields + ([("Client-Cert-Chain", ", ".join(f":{b64(c)}:" for c in chain))] if chain else [])


def nginx(leaf, *chain):
    return [("SSL-Client-Cert", escaped_pem(leaf))]


def haproxy(leaf, *chain):
    fields = [("X-SSL-Client-Cert", b64(leaf))]
    return fields + [("X-SSL-Client-Cert-Chain", b64(b"".join(chain)))]


def envoy(leaf, *chain):
    return [("X-Forwarded-Client-Cert", f"By=spiffe://proxy;Hash={hashlib.sha256(leaf).hexdigest()};"
             f'Subject="CN=a,O=\\"b\\"";URI=;Chain="{escaped_pem(leaf, *chain)}"')]


def traefik(leaf, *chain):
    return [("X-Forwarded-Tls-Client-Cert", ",".join(map(b64, (leaf, *chain))))]


FORMS = {form.__name__: form for form in (rfc9440, nginx, haproxy, envoy, traefik)}
ALL_HEADERS = {name for form in FORMS.values() for name, _ in form(b"x", b"y")}


class Through(Partner):
    """Speaks plain HTTP to the mtls listener, as a proxy does; `fields` go into every request's header."""

    def __init__(self, server, fields=(), client_id=None, identity=None, source=HOST):
        self.server, self.fields, self.client_id, self.identity = server, list(fields), client_id, identity
        self.source = source

    def connection(self, listener="mtls"):
        return http.client.HTTPConnection(HOST, self.server.ports[listener], timeout=10, source_address=(self.source, 0))

    def request(self, method, path, body=None, headers=None, listener="mtls", connection=None):
        own = connection or self.connection(listener)
        try:
            own.putrequest(method, path)
            fields = [*(headers or {}).items(), *self.fields]
            for key, value in [*fields, ("Content-Length", len(body or ""))]:
                own.putheader(key, value)
            own.endheaders((body or "").encode())
            answer = own.getresponse()
            reply = Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read(),
                          answer.getheaders())
        finally:
            connection or own.close()
        self._remember(reply, f"{method} {path} -> {reply.status}")
        return reply

    def post(self, form, path="/token", headers=None, connection=None):
        return super().post(form, path, {"Content-Type": FORM, **(headers or {})}, connection)
