"""Directories that vouch for partners, and partners that register themselves: statements and requests, good and
forged."""

import base64
import datetime
import hashlib
import hmac
import json
import ssl
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from . import profiles
from .client import Partner
from .jose import b64url
from .pki import SERVER_AUTH
from .server import HOST


class Key:
    """A signing key with its JWK. alg: PS256, RS256, ES256, EdDSA."""

    def __init__(self, alg="PS256", kid=None):
        self.alg = alg
        self.kid = kid or uuid.uuid4().hex
        self.private = {
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }.get(alg, lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))()

    @property
    def jwk(self):
        public = self.private.public_key()
        common = {"kid": self.kid, "use": "sig"}
        if self.alg == "EdDSA":
            return common | {"kty": "OKP", "crv": "Ed25519", "x": b64url(public.public_bytes_raw())}
        numbers = public.public_numbers()
        if self.alg == "ES256":
            return common | {"kty": "EC", "crv": "P-256", "x": b64url(numbers.x.to_bytes(32, "big")),
                             "y": b64url(numbers.y.to_bytes(32, "big"))}
        return common | {"kty": "RSA", "n": b64url(numbers.n.to_bytes(256, "big")),
                         "e": b64url(numbers.e.to_bytes(3, "big"))}

    def signature(self, data, alg):
        if alg == "none":
            return b""
        if alg == "HS256":  # with the public key as the secret, which verifiers without care accept
            return hmac.digest(json.dumps(self.jwk).encode(), data, "sha256")
        if alg == "ES256":
            r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if alg == "EdDSA":
            return self.private.sign(data)
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32) if alg == "PS256" else padding.PKCS1v15()
        return self.private.sign(data, scheme, hashes.SHA256())

    def sign(self, claims, **header):
        """A compact JWS; header members that are None are left out. `claims` may be text that is no good JSON."""
        header = {"alg": self.alg, "kid": self.kid, "typ": "JWT"} | header
        head = json.dumps({k: v for k, v in header.items() if v is not None}).encode()
        body = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        data = f"{b64url(head)}.{b64url(body)}".encode()
        return f"{data.decode()}.{b64url(self.signature(data, header['alg']))}"


def jwks(*keys):
    return {"keys": [key.jwk for key in keys]}


class KeyServer:
    """An HTTPS server on loopback that publishes key sets. `pages` maps a path to an answer: an object, bytes, or a
    function that gets the handler."""

    def __init__(self, pki):
        self.authority = pki.authority("Key server CA")
        identity = self.authority.issue("keys", sans={"ip": [HOST], "dns": ["localhost"]}, eku=[SERVER_AUTH])
        self.pages = {}
        self.hits = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                owner.hits.append(self.path)
                owner.answer(self)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.handler, self.identity = Handler, identity
        self.start()

    def start(self, port=0):
        self.httpd = ThreadingHTTPServer((HOST, port), self.handler)
        self.httpd.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.identity.pem, self.identity.key)
        self.httpd.socket = context.wrap_socket(self.httpd.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.httpd.serve_forever, daemon=True).start()

    def url(self, path, host=HOST):
        return f"https://{host}:{self.httpd.server_address[1]}{path}"

    def answer(self, handler):
        page = self.pages.get(handler.path)
        if callable(page):
            page(handler)
            return
        body = page if isinstance(page, bytes) else json.dumps(page).encode()
        handler.send_response(404 if page is None else 200)
        handler.send_header("Content-Type", "application/jwk-set+json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    def stop(self):
        self.httpd.shutdown()
        self.httpd.server_close()


class Directory:
    """Issues software statements. Its keys are in a file, or, given a key server, at a URL."""

    def __init__(self, server, name, profile, trust_group, alg="PS256", key_server=None, **options):
        self.name = name
        self.issuer = f"{name} directory"
        self.key = Key(alg, kid=f"{name}-1")
        path = server.folder / f"{name}.jwks"
        path.write_text(json.dumps(jwks(self.key)))
        self.file = path
        source = str(path)
        if key_server:
            key_server.pages[f"/{name}"] = jwks(self.key)
            source = key_server.url(f"/{name}")
        server.config.setdefault("directories", []).append(
            {"name": name, "issuer": self.issuer, "jwks": source, "profile": profile, "trust_group": trust_group} | options)

    def statement(self, claims, key=None, **header):
        return (key or self.key).sign({"iss": self.issuer, "iat": int(time.time()) - 10} | claims, **header)


def without_none(members):
    return {k: v for k, v in members.items() if v is not None}


class Applicant(Partner):
    """A partner with its certificate, what its directory says of it, and how it asks. Members of `asked` and `stated`
    given as None are left out."""

    def __init__(self, server, directory, identity):
        super().__init__(server, identity)
        self.directory = directory
        self.token_in_hand = None
        self.uri = None

    def body(self, asked, stated, statement=None, **header):
        raise NotImplementedError

    content_type = "application/json"

    def register(self, asked=None, stated=None, *, dry_run=False, statement=None, body=None, content_type=None,
                 patient=True, **header):
        """Asks again, when patient, as long as the keys that it takes are being fetched."""
        body = body if body is not None else self.body(asked or {}, stated or {}, statement, **header)
        for _ in range(100):
            reply = self.send("POST", "/register" + ("?dry_run=true" if dry_run else ""), body, content_type)
            if not patient or reply.status != 503:
                break
            time.sleep(0.05)
        return reply

    def send(self, method, path, body=None, content_type=None, token=None):
        headers = {"Content-Type": content_type or self.content_type} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        reply = self.request(method, path, body, headers)
        if reply.status in (200, 201) and b"registration_access_token" in reply.body:
            self.server.canary.secret(reply.json["registration_access_token"])
        return reply

    def registered(self, *arguments, **named):
        """Registers, and remembers client_id and token."""
        reply = self.register(*arguments, **named)
        assert reply.status == 201, reply.body
        self.remember(reply)
        return reply.json

    def remember(self, reply):
        self.client_id = reply.json["client_id"]
        self.token_in_hand = reply.json["registration_access_token"]
        self.uri = reply.json["registration_client_uri"]

    def path(self, client_id=None):
        return f"/register/{client_id or self.client_id}"

    def read(self, token=None, client_id=None):
        return self.send("GET", self.path(client_id), token=token or self.token_in_hand)

    def update(self, asked=None, stated=None, *, token=None, client_id=None, dry_run=False, **header):
        body = self.body({"client_id": self.client_id} | (asked or {}), stated or {}, None, **header)
        path = self.path(client_id) + ("?dry_run=true" if dry_run else "")
        reply = self.send("PUT", path, body, token=token or self.token_in_hand)
        if reply.status == 200 and not dry_run:
            self.remember(reply)
        return reply

    def delete(self, token=None, client_id=None):
        return self.send("DELETE", self.path(client_id), token=token or self.token_in_hand)


class Sandbox(Applicant):
    """RFC 7591 alone."""

    def __init__(self, server, directory, identity, software_id=None):
        super().__init__(server, directory, identity)
        self.software_id = software_id or f"software-{uuid.uuid4().hex[:8]}"

    def stated(self, more):
        return without_none({"software_id": self.software_id, "client_name": "Stated name"} | more)

    def asked(self, more):
        return without_none({
            "client_name": "Asked name",
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": self.identity.subject,
            "scope": "accounts",
            "redirect_uris": ["https://partner.example/cb"],
        } | more)

    def body(self, asked, stated, statement=None, **header):
        statement = statement or self.directory.statement(self.stated(stated), **header)
        return json.dumps(self.asked({"software_statement": statement} | asked))


class Uk(Applicant):
    """UK Open Banking: the request is signed with a key of software_jwks_endpoint."""

    content_type = "application/jose"

    def __init__(self, server, directory, identity, key_server, org_id, software_id=None, key=None):
        super().__init__(server, directory, identity)
        self.org_id = org_id
        self.software_id = software_id or uuid.uuid4().hex[:22]
        self.key = key or Key("PS256")
        self.key_server = key_server
        key_server.pages[f"/{self.software_id}"] = jwks(self.key)

    def stated(self, more):
        return without_none({
            "software_id": self.software_id,
            "software_client_id": self.software_id,
            "software_client_name": "UK partner",
            "software_redirect_uris": ["https://partner.example/cb", "https://partner.example/cb2"],
            "software_roles": ["AISP", "PISP"],
            "org_id": self.org_id,
            "org_name": "Partner Ltd",
            "org_status": "Active",
            "software_jwks_endpoint": self.key_server.url(f"/{self.software_id}"),
        } | more)

    def asked(self, more):
        now = int(time.time())
        return without_none({
            "iss": self.software_id, "iat": now, "exp": now + 300, "aud": self.server.issuer, "jti": str(uuid.uuid4()),
            "software_id": self.software_id,
            "redirect_uris": ["https://partner.example/cb"],
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": self.identity.subject,
            "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
            "response_types": ["code id_token"],
            "scope": "openid accounts payments",
            "application_type": "web",
            "id_token_signed_response_alg": "PS256",
            "request_object_signing_alg": "PS256",
        } | more)

    def body(self, asked, stated, statement=None, *, request_key=None, request_header=None, **header):
        statement = statement or self.directory.statement(self.stated(stated), **header)
        claims = self.asked({"software_statement": statement} | asked)
        return (request_key or self.key).sign(claims, **(request_header or {}))


def brazilian(identity):
    """The subject as Open Finance Brazil wants it written: OID=#hex but for the nine short names of RFC 4514."""
    short = {"2.5.4.3": "CN", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU", "2.5.4.6": "C",
             "0.9.2342.19200300.100.1.1": "UID"}
    parts = []
    for attribute in reversed(list(identity.certificate.subject)):
        dotted = attribute.oid.dotted_string
        value = attribute.value
        if dotted not in short:
            value = "#" + profiles.utf8(attribute.value).hex()
        parts.append(f"{short.get(dotted, dotted)}={value}")
    return ",".join(parts)


class Brazil(Applicant):
    """Open Finance Brazil."""

    def __init__(self, server, directory, identity, org_id, software_id):
        super().__init__(server, directory, identity)
        self.org_id, self.software_id = org_id, software_id
        self.jwks_uri = f"https://keystore.example/{software_id}/application.jwks"

    def stated(self, more):
        return without_none({
            "software_id": self.software_id,
            "software_client_name": "Brazilian partner",
            "software_redirect_uris": ["https://partner.example/cb"],
            "software_statement_roles": [{"role": "DADOS", "authorisation_domain": "Open Banking", "status": "Active"}],
            "org_id": self.org_id,
            "org_status": "Active",
            "software_jwks_uri": self.jwks_uri,
        } | more)

    def asked(self, more):
        return without_none({
            "redirect_uris": ["https://partner.example/cb"],
            "jwks_uri": self.jwks_uri,
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": brazilian(self.identity),
            "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
            "response_types": ["code id_token"],
            "scope": "openid accounts consents",
        } | more)

    def body(self, asked, stated, statement=None, **header):
        statement = statement or self.directory.statement(self.stated(stated), **header)
        return json.dumps(self.asked({"software_statement": statement} | asked))


def clients(server):
    """What the store holds, to compare: a refusal changes nothing."""
    return json.loads(server.cli("client", "list", "--json").stdout)["clients"]


def refused(applicant, reply, status, error, reason, *, rule=None, problem=None, sent=()):
    """A refusal in the form of RFC 7591 section 3.2.2, and its audit line."""
    from . import expect
    assert (reply.status, reply.json["error"]) == (status, error), reply.body
    expect.no_store(reply)
    assert set(reply.json) <= {"error", "error_description", "problems"}
    assert expect.ALLOWED.match(reply.json["error_description"])
    for text in sent:
        assert text.encode() not in reply.body
    line = applicant.server.log.like(request=expect.request_id(reply), event="registration_refused")
    assert (line["reason"], line["status"]) == (reason, status), line
    if rule:
        assert line["rule"] == rule
        assert reply.json["problems"][0].startswith(f"{rule}: "), reply.json
    if problem:
        assert problem in reply.json["problems"], reply.json
    return line
