"""examples/resource-server, which links the verifier library: every token and certificate that it must refuse."""

import base64
import json
import signal
import subprocess
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from harness.client import Partner, context, curl
from harness.jose import b64url, claims_of, header_of, unb64url
from harness.server import HOST, eventually, free_port

AUDIENCE = "https://api.example.com"


class Api:
    """The resource server as a process, with a JWK set of ours or the server's."""

    def __init__(self, binary, server, jwks_url, log):
        self.server, self.port = server, free_port()
        self.tls_authority = server.tls_authority
        self.log = open(log, "wb")
        self.process = subprocess.Popen(
            [binary, "--listen", f"{HOST}:{self.port}", "--certificate", server.tls.pem, "--private-key", server.tls.key,
             "--issuer", server.issuer, "--audience", AUDIENCE, "--jwks", jwks_url, "--ca", server.tls_authority.pem],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def get(self, path, identity, token=None, authorization=None):
        import http.client
        connection = http.client.HTTPSConnection(HOST, self.port, timeout=10,
                                                 context=context(self.tls_authority.pem, identity))
        headers = {}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            connection.request("GET", path, headers=headers)
            reply = connection.getresponse()
            return Answer(reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read())
        finally:
            connection.close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(20) == 0
        self.log.close()


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def challenge(self):
        return self.headers.get("www-authenticate", "")


@pytest.fixture(scope="module")
def api(resource_server_binary, server, scratch, canary):
    log = scratch / "resource-server.log"
    started = Api(resource_server_binary, server, server.issuer + "/jwks", log)

    def answers():
        try:
            return started.get("/", None).status
        except OSError:
            return None

    assert eventually(answers, timeout=15), log.read_text()
    yield started
    started.stop()
    canary.text("resource server", log.read_bytes())


PATHS = {"accounts": "/accounts", "payments": "/payments"}


def refused(answer, status=401, error="invalid_token"):
    assert answer.status == status, answer.body
    if error:
        assert f'error="{error}"' in answer.challenge
    assert answer.challenge.startswith("Bearer")
    return answer


# --- the story


def test_right_token_and_right_certificate(api, a, identities):
    answer = api.get(PATHS["accounts"], identities.a, a.access_token())
    assert answer.status == 200
    assert "partner-a" in answer.body.decode()


def test_token_of_a_with_the_certificate_of_b(api, a, identities):
    token = a.access_token()
    refused(api.get(PATHS["accounts"], identities.b, token))
    # A verdict that is remembered for the token is none for another certificate.
    assert api.get(PATHS["accounts"], identities.a, token).status == 200
    refused(api.get(PATHS["accounts"], identities.b, token))


def test_token_without_any_certificate(api, a):
    refused(api.get(PATHS["accounts"], None, a.access_token()))


def test_renewed_certificate_with_the_same_key(api, a, identities, authorities):
    renewed = authorities.ca.issue("partner-a", private_key=identities.a.private_key)
    refused(api.get(PATHS["accounts"], renewed, a.access_token()))


def test_no_token(api, identities):
    """RFC 6750 section 3.1: a challenge without an error."""
    answer = refused(api.get(PATHS["accounts"], identities.a), error=None)
    assert "error" not in answer.challenge


def test_scope_that_the_token_has_not(api, b, identities):
    answer = refused(api.get(PATHS["payments"], identities.b, b.access_token()), 403, "insufficient_scope")
    assert 'scope="payments"' in answer.challenge


@pytest.mark.parametrize("authorization", ["Basic eDp5", "Bearer", "Bearer ", "Bearer a b", "bearerx abc", "DPoP abc"])
def test_other_authorization_headers(api, identities, authorization):
    answer = api.get(PATHS["accounts"], identities.a, authorization=authorization)
    assert answer.status in (400, 401)
    assert answer.challenge.startswith("Bearer")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_scheme_in_any_letter_case(api, a, identities, scheme):
    assert api.get(PATHS["accounts"], identities.a, authorization=f"{scheme} {a.access_token()}").status == 200


def test_token_in_the_query_is_not_read(api, a, identities):
    answer = api.get(f"{PATHS['accounts']}?access_token={a.access_token()}", identities.a)
    assert answer.status in (400, 401)


# --- tokens that were changed on their way


def test_one_bit_changed_anywhere(api, a, identities):
    """One bit of every 7th character of a real token, and of its last ones."""
    token = a.access_token()
    places = [*range(0, len(token), 7), *range(len(token) - 4, len(token))]
    for place in places:
        changed = chr(ord(token[place]) ^ 1)
        answer = api.get(PATHS["accounts"], identities.a, token[:place] + changed + token[place + 1:])
        assert answer.status in (400, 401), f"character {place} of {len(token)}"


@pytest.mark.parametrize("cut", [lambda t: t[:-1], lambda t: t[:len(t) // 2], lambda t: t.rpartition(".")[0],
                                 lambda t: t.rpartition(".")[0] + ".", lambda t: t + "=", lambda t: t + ".", lambda t: "." + t,
                                 lambda t: t + "." + t, lambda t: t.replace(".", ".."), lambda t: t[0]])
def test_truncated_and_extended(api, a, identities, cut):
    answer = api.get(PATHS["accounts"], identities.a, cut(a.access_token()))
    assert answer.status in (400, 401)


@pytest.mark.parametrize("size", [8 * 1024, 64 * 1024, 1024 * 1024])
def test_endless_tokens(api, a, identities, size):
    """Up to a megabyte; the server may also hang up."""
    try:
        status = api.get(PATHS["accounts"], identities.a, "A" * size).status
    except (OSError, ValueError):
        status = None
    assert status in (400, 401, 413, 431, None)
    assert api.get(PATHS["accounts"], identities.a, a.access_token()).status == 200


# --- forged and strange tokens: our own issuer signs them


class Issuer:
    """Signs what it is told with a key that the resource server trusts."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.rsa = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        rsa_numbers = self.rsa.public_key().public_numbers()
        self.jwks = {"keys": [
            {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "ours",
             "x": b64url(numbers.x.to_bytes(32, "big")), "y": b64url(numbers.y.to_bytes(32, "big"))},
            {"kty": "RSA", "use": "sig", "kid": "ours-rsa", "n": b64url(rsa_numbers.n.to_bytes(256, "big")), "e": "AQAB"},
        ]}

    def claims(self, identity, **changes):
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": "partner-a", "client_id": "partner-a", "aud": AUDIENCE, "iat": now, "exp": now + 300,
                  "jti": "0123456789abcdef", "scope": "accounts", "cnf": {"x5t#S256": identity.x5t}}
        claims.update(changes)
        return {k: v for k, v in claims.items() if v is not ABSENT}

    def es256(self, signed):
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def token(self, claims, sign=None, **header):
        header = {"alg": "ES256", "typ": "at+jwt", "kid": "ours", **header}
        header = {k: v for k, v in header.items() if v is not ABSENT}
        return self.raw(json.dumps(header), claims if isinstance(claims, str) else json.dumps(claims), sign)

    def raw(self, header, claims, sign=None):
        signed = f"{b64url(header.encode())}.{b64url(claims.encode())}".encode()
        return (signed + b"." + b64url((sign or self.es256)(signed)).encode()).decode()


ABSENT = object()


@pytest.fixture(scope="module")
def issuer(server):
    return Issuer(server.issuer)


@pytest.fixture(scope="module")
def strict(resource_server_binary, server, scratch, issuer, canary):
    """A resource server that trusts our own issuer's keys, which an HTTPS server of ours publishes."""
    import http.server
    import ssl
    import threading

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = json.dumps(issuer.jwks).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    keys = http.server.ThreadingHTTPServer((HOST, 0), Keys)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server.tls.pem, server.tls.key)
    keys.socket = tls.wrap_socket(keys.socket, server_side=True)
    threading.Thread(target=keys.serve_forever, daemon=True).start()
    log = scratch / "strict.log"
    started = Api(resource_server_binary, server, f"https://{HOST}:{keys.server_address[1]}/jwks", log)

    def answers():
        try:
            return started.get("/", None).status
        except OSError:
            return None

    assert eventually(answers, timeout=15), log.read_text()
    yield started
    started.stop()
    keys.shutdown()
    canary.text("strict resource server", log.read_bytes())


def test_our_own_issuer_is_trusted(strict, issuer, identities):
    """Otherwise every refusal below would mean nothing."""
    token = issuer.token(issuer.claims(identities.a))
    assert strict.get(PATHS["accounts"], identities.a, token).status == 200


@pytest.mark.parametrize("changes", [
    dict(aud=["https://other.example", AUDIENCE]),
    dict(aud=[AUDIENCE]),
    dict(extra={"deeply": ["nested"]}),
    dict(nbf=int(time.time()) - 60),
    dict(cnf={"x5t#S256": "of identity", "jwk-hint": "x"}),
], ids=str)
def test_claims_that_pass(strict, issuer, identities, changes):
    claims = issuer.claims(identities.a, **changes)
    if claims["cnf"].get("x5t#S256") == "of identity":
        claims["cnf"]["x5t#S256"] = identities.a.x5t
    assert strict.get(PATHS["accounts"], identities.a, issuer.token(claims)).status == 200


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt", "at+JWT"])
def test_typ_that_passes(strict, issuer, identities, typ):
    assert strict.get(PATHS["accounts"], identities.a, issuer.token(issuer.claims(identities.a), typ=typ)).status == 200


@pytest.mark.parametrize("claim, value", [
    *[(name, ABSENT) for name in ("iss", "sub", "client_id", "aud", "iat", "exp", "jti", "cnf")],
    *[(name, 7) for name in ("iss", "sub", "client_id", "jti")],
    ("iss", "https://other.example"), ("iss", "with a slash"),
    ("aud", "https://other.example"), ("aud", []), ("aud", ["https://other.example"]), ("aud", AUDIENCE + "/"), ("aud", {}),
    ("exp", "soon"), ("exp", None), ("exp", 1), ("iat", "now"),
    ("scope", 7), ("scope", ["accounts"]),
    ("cnf", "string"), ("cnf", []), ("cnf", 7), ("cnf", None), ("cnf", {}), ("cnf", True),
    ("cnf", {"x5t#S256": 7}), ("cnf", {"x5t#S256": None}), ("cnf", {"x5t#S256": ""}), ("cnf", {"x5t#S256": []}),
    ("cnf", {"x5t": "of identity, SHA-1"}), ("cnf", {"x5t#s256": "same"}), ("cnf", {"jkt": "only"}), ("cnf", {"X5T#S256": "same"}),
    ("cnf", {"x5t#S256": "same="}), ("cnf", {"x5t#S256": " same"}), ("cnf", {"x5t#S256": "same\0"}),
    ("cnf", {"x5t#S256": "swapped case"}), ("cnf", {"x5t#S256": "hex"}),
], ids=str)
def test_claims_that_do_not_pass(strict, issuer, identities, claim, value):
    own = identities.a.x5t
    values = {"same": own, "same=": own + "=", " same": " " + own, "same\0": own + "\0", "swapped case": own.swapcase(),
              "hex": unb64url(own).hex(), "of identity, SHA-1": b64url(identities.a.certificate.fingerprint(hashes.SHA1()))}
    if isinstance(value, dict):
        value = {k: values.get(v, v) if isinstance(v, str) else v for k, v in value.items()}
    if value == "with a slash":
        value = issuer.issuer + "/"
    answer = strict.get(PATHS["accounts"], identities.a, issuer.token(issuer.claims(identities.a, **{claim: value})))
    if claim == "scope":
        assert answer.status in (401, 403)
    else:
        refused(answer)


def shifted(issuer, identity, **offsets):
    now = int(time.time())
    return issuer.token(issuer.claims(identity, **{claim: now + offset for claim, offset in offsets.items()}))


@pytest.mark.parametrize("offsets", [dict(iat=9), dict(nbf=9), dict(iat=-3000)], ids=str)
def test_clocks_that_differ_a_little(strict, issuer, identities, offsets):
    """Ten seconds ahead must pass; nine leave the request its time."""
    assert strict.get(PATHS["accounts"], identities.a, shifted(issuer, identities.a, **offsets)).status == 200


@pytest.mark.parametrize("offsets", [dict(iat=66), dict(nbf=66), dict(exp=-61), dict(exp=-600)], ids=str)
def test_clocks_that_differ_too_much(strict, issuer, identities, offsets):
    refused(strict.get(PATHS["accounts"], identities.a, shifted(issuer, identities.a, **offsets)))


@pytest.mark.parametrize("header", [
    dict(typ="JWT"), dict(typ=ABSENT), dict(typ="id+jwt"), dict(typ=""), dict(typ=7), dict(typ="at+jwt "),
    dict(kid="unknown"), dict(kid=7), dict(kid="../../etc/passwd"), dict(kid="' or 1=1 --"),
    dict(crit=["exp"], exp=1), dict(crit=["b64"], b64=False), dict(crit=[]), dict(crit="x"),
    dict(alg="ES384"), dict(alg="PS256"), dict(alg="RS256"), dict(alg="es256"), dict(alg=""), dict(alg=7), dict(alg=ABSENT),
    dict(kid="ours-rsa"),
], ids=str)
def test_headers_that_do_not_pass(strict, issuer, identities, header):
    refused(strict.get(PATHS["accounts"], identities.a, issuer.token(issuer.claims(identities.a), **header)))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE"])
def test_alg_none(strict, issuer, identities, alg):
    token = issuer.token(issuer.claims(identities.a), sign=lambda _: b"", alg=alg)
    answer = strict.get(PATHS["accounts"], identities.a, token)
    assert answer.status in (400, 401)


@pytest.mark.parametrize("form", ["pem", "der", "jwk", "raw point"])
def test_hs256_signed_with_the_public_key(strict, issuer, identities, form):
    import hashlib
    import hmac
    public = issuer.key.public_key()
    secret = {
        "pem": lambda: public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        "der": lambda: public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        "jwk": lambda: json.dumps(issuer.jwks["keys"][0]).encode(),
        "raw point": lambda: public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint),
    }[form]()
    token = issuer.token(issuer.claims(identities.a), sign=lambda m: hmac.new(secret, m, hashlib.sha256).digest(), alg="HS256")
    refused(strict.get(PATHS["accounts"], identities.a, token))


def test_rs256(strict, issuer, identities):
    token = issuer.token(issuer.claims(identities.a), alg="RS256", kid="ours-rsa",
                         sign=lambda m: issuer.rsa.sign(m, padding.PKCS1v15(), hashes.SHA256()))
    refused(strict.get(PATHS["accounts"], identities.a, token))


def test_ps256(strict, issuer, identities):
    """Allowed, and so the refusals of RS256 are about the algorithm."""
    token = issuer.token(issuer.claims(identities.a), alg="PS256", kid="ours-rsa",
                         sign=lambda m: issuer.rsa.sign(m, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256()))
    assert strict.get(PATHS["accounts"], identities.a, token).status == 200


def test_signature_in_der_form(strict, issuer, identities):
    token = issuer.token(issuer.claims(identities.a), sign=lambda m: issuer.key.sign(m, ec.ECDSA(hashes.SHA256())))
    refused(strict.get(PATHS["accounts"], identities.a, token))


def test_signature_of_another_key(strict, issuer, identities):
    other = Issuer(issuer.issuer)
    refused(strict.get(PATHS["accounts"], identities.a, other.token(other.claims(identities.a))))


def test_key_that_the_token_brings_along(strict, issuer, identities):
    """jwk, jku and x5u in a header are not keys to us."""
    other = Issuer(issuer.issuer)
    for header in (dict(jwk=other.jwks["keys"][0]), dict(jku="https://127.0.0.1:1/jwks"), dict(x5u="https://127.0.0.1:1/x")):
        refused(strict.get(PATHS["accounts"], identities.a, other.token(other.claims(identities.a), **header)))


def test_repeated_members(strict, issuer, identities):
    good = json.dumps(issuer.claims(identities.a))
    x5t, evil = identities.a.x5t, identities.b.x5t
    header = '{"alg":"ES256","typ":"at+jwt","kid":"ours"}'
    for claims in (good[:-1] + ', "cnf": {"x5t#S256": "%s"}}' % x5t,
                   good[:-1] + ', "scope": "payments"}',
                   good.replace('"x5t#S256":', '"x5t#S256": "%s", "x5t#S256":' % evil)):
        refused(strict.get(PATHS["accounts"], identities.a, issuer.raw(header, claims)))
    refused(strict.get(PATHS["accounts"], identities.a,
                       issuer.raw('{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"ours"}', good)))


@pytest.mark.parametrize("claims", ["", "null", "[]", '"x"', "{", "{}", "{}{}", '{"a":1}x', "\ufeff{}", "7"], ids=repr)
def test_payloads_that_are_no_object(strict, issuer, identities, claims):
    refused(strict.get(PATHS["accounts"], identities.a, issuer.token(claims)))


def test_json_that_nests_too_deep(strict, issuer, identities):
    claims = json.dumps(issuer.claims(identities.a))[:-1] + ', "deep": ' + "[" * 2000 + "]" * 2000 + "}"
    refused(strict.get(PATHS["accounts"], identities.a, issuer.token(claims)))


def test_log_holds_no_token(strict, issuer, identities):
    token = issuer.token(issuer.claims(identities.a, exp=1))
    refused(strict.get(PATHS["accounts"], identities.a, token))
    with open(strict.log.name) as log:
        text = log.read()
    assert token not in text and token.rpartition(".")[2] not in text
