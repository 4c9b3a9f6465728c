"""JOSE by hand: small enough to forge with."""

import base64
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def header_of(token):
    return json.loads(unb64url(token.split(".")[0]))


def claims_of(token):
    return json.loads(unb64url(token.split(".")[1]))


def p256_of(jwk):
    x, y = (int.from_bytes(unb64url(jwk[c]), "big") for c in "xy")
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def es256_is_valid(token, jwk):
    signed, _, signature = token.rpartition(".")
    raw = unb64url(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        p256_of(jwk).verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return len(raw) == 64


def jwk_of(identity):
    """The JWK of a certificate, as a self_signed_tls_client_auth client registers it."""
    numbers = identity.private_key.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64url(numbers.x.to_bytes(32, "big")),
        "y": b64url(numbers.y.to_bytes(32, "big")),
        "x5c": [base64.b64encode(identity.der).decode()],
    }
