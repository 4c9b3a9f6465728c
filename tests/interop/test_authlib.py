"""python3-authlib as a partner (OAuth 2.0 client over mutual TLS) and as a resource server (its JOSE)."""

import time

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata


@pytest.fixture
def partner(server, identities):
    made = OAuth2Session("partner-a", token_endpoint_auth_method="none", scope="accounts")
    made.trust_env = False
    made.verify = str(server.tls_authority.pem)
    made.cert = (str(identities.a.pem), str(identities.a.key))
    yield made
    made.close()


def metadata(server, partner):
    return partner.get(f"{server.issuer}/.well-known/oauth-authorization-server", withhold_token=True).json()


def test_metadata_is_valid(server, partner):
    """By authlib's own reading of RFC 8414, but for endpoints that only browsers' grants need."""
    document = AuthorizationServerMetadata(metadata(server, partner))
    for check in ("issuer", "token_endpoint", "jwks_uri", "scopes_supported", "response_types_supported",
                  "token_endpoint_auth_methods_supported"):
        getattr(document, f"validate_{check}")()


def fetch(server, partner):
    token = partner.fetch_token(f"{server.mtls_url}/token", grant_type="client_credentials")
    server.canary.secret(token["access_token"])
    return token


def test_token(server, partner):
    token = fetch(server, partner)
    assert token["token_type"] == "Bearer"
    assert token["expires_at"] <= time.time() + 300


def test_our_token_is_judged_by_authlib(server, partner, identities):
    token = fetch(server, partner)["access_token"]
    keys = JsonWebKey.import_key_set(partner.get(metadata(server, partner)["jwks_uri"], withhold_token=True).json())
    claims = JsonWebToken(["ES256"]).decode(token, keys, claims_options={
        "iss": {"essential": True, "value": server.issuer},
        "aud": {"essential": True, "value": "https://api.example.com"},
        "exp": {"essential": True},
    })
    claims.validate()
    assert claims.header["typ"] == "at+jwt"
    assert claims["cnf"] == {"x5t#S256": identities.a.x5t}
    with pytest.raises(JoseError):
        JsonWebToken(["ES256"]).decode(token[:-6] + "AAAAAA", keys)
