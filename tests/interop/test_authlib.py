"""python3-authlib as a partner (OAuth 2.0 client over mutual TLS), as a directory that vouches for it, and as a resource
server (its JOSE)."""

import json
import time
import uuid

import pytest
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, JsonWebToken
from authlib.jose.errors import JoseError
from authlib.oauth2.rfc7591.claims import ClientMetadataClaims
from authlib.oauth2.rfc7592 import ClientConfigurationEndpoint
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from harness import directory, profiles


def session(server, identity, client_id, **options):
    made = OAuth2Session(client_id, token_endpoint_auth_method="none", scope="accounts", **options)
    made.trust_env = False
    made.verify = str(server.tls_authority.pem)
    made.cert = (str(identity.pem), str(identity.key))
    return made


@pytest.fixture
def partner(server, identities):
    made = session(server, identities.a, "partner-a")
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


# --- registration: RFC 7591 and RFC 7592


class Directory(directory.Directory):
    """Its key and its statements are authlib's."""

    def __init__(self, server, name, profile, trust_group, kty, curve_or_size, alg):
        super().__init__(server, name, profile, trust_group)
        self.alg = alg
        self.own_key = JsonWebKey.generate_key(kty, curve_or_size, {"kid": f"{name}-authlib", "use": "sig"}, is_private=True)
        self.file.write_text(json.dumps({"keys": [self.own_key.as_dict(is_private=False)]}))

    def statement(self, claims, **_):
        claims = {"iss": self.issuer, "iat": int(time.time())} | claims
        return JsonWebToken([self.alg]).encode({"alg": self.alg, "kid": self.own_key.kid}, claims, self.own_key).decode()


@pytest.fixture(scope="module")
def onboarding(make_server, authorities, key_server):
    made = make_server()
    made.trust("partners", authorities.ca)
    made.trust("uk", authorities.ca, profile="obuk")
    made.config["roles"] = [{"role": "AISP", "scopes": ["accounts"]}, {"role": "PSP_AI", "scopes": ["accounts"]}]
    made.config["outbound"] = {"allowed_addresses": ["127.0.0.0/8"], "ca_file": str(key_server.authority.pem)}
    made.sandbox = Directory(made, "sandbox", "generic", "partners", "EC", "P-256", "ES256")
    made.uk = Directory(made, "uk", "obuk", "uk", "RSA", 2048, "PS256")
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


class Validator(ClientConfigurationEndpoint):
    """What authlib itself would let a client register at a server of this metadata."""

    def __init__(self, metadata):
        super().__init__(None)
        self.metadata = metadata

    def get_server_metadata(self):
        return self.metadata

    def check(self, registered):
        ClientMetadataClaims(dict(registered), {}, self.get_claims_options(), self.metadata).validate()


def manage(server, identity, made):
    """A session that shows the registration access token."""
    server.canary.secret(made["registration_access_token"])
    token = {"access_token": made["registration_access_token"], "token_type": "Bearer"}
    return session(server, identity, made["client_id"], token=token)


def test_authlib_registers_reads_replaces_and_deletes(onboarding, authorities):
    identity = authorities.ca.issue("authlib")
    applicant = directory.Sandbox(onboarding, onboarding.sandbox, identity)
    http = session(onboarding, identity, None)
    document = metadata(onboarding, http)
    AuthorizationServerMetadata(document).validate_registration_endpoint()
    asked = json.loads(applicant.body({}, {"logo_uri": "https://partner.example/logo.png"}))
    reply = http.post(document["registration_endpoint"], json=asked, withhold_token=True)
    assert reply.status_code == 201, reply.text
    made = reply.json()
    Validator(document).check(made)

    http = session(onboarding, identity, made["client_id"])
    token = http.fetch_token(document["token_endpoint"], grant_type="client_credentials")
    onboarding.canary.secret(token["access_token"])
    assert token["scope"] == "accounts"

    own = manage(onboarding, identity, made)
    read = own.get(made["registration_client_uri"])
    assert (read.status_code, read.json()) == (200, made)

    again = json.loads(applicant.body({"client_id": made["client_id"], "scope": "accounts payments"}, {}))
    replaced = own.put(made["registration_client_uri"], json=again)
    assert replaced.status_code == 200, replaced.text
    Validator(document).check(replaced.json())
    assert "logo_uri" not in replaced.json()
    assert own.get(made["registration_client_uri"]).status_code == 401  # that token has ended

    own = manage(onboarding, identity, replaced.json())
    for forbidden in ("registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"):
        reply = own.put(made["registration_client_uri"], json=again | {forbidden: replaced.json().get(forbidden, 0)})
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_client_metadata")
    assert own.delete(made["registration_client_uri"]).status_code == 204
    assert own.get(made["registration_client_uri"]).status_code == 401


def test_authlib_signs_a_uk_registration(onboarding, authorities, key_server):
    identity = profiles.obwac(authorities.ca, "0015800001AUTHLIB0")
    applicant = directory.Uk(onboarding, onboarding.uk, identity, key_server, "0015800001AUTHLIB0")
    key = JsonWebKey.generate_key("RSA", 2048, {"kid": str(uuid.uuid4())}, is_private=True)
    key_server.pages[f"/{applicant.software_id}"] = {"keys": [key.as_dict(is_private=False)]}
    asked = applicant.asked({"software_statement": onboarding.uk.statement(applicant.stated({})), "scope": "openid accounts"})
    body = JsonWebToken(["PS256"]).encode({"alg": "PS256", "kid": key.kid}, asked, key).decode()
    reply = applicant.register(body=body)
    assert reply.status == 201, reply.body
    http = session(onboarding, identity, reply.json["client_id"])
    Validator(metadata(onboarding, http)).check(reply.json)
    token = http.fetch_token(f"{onboarding.mtls_url}/token", grant_type="client_credentials")
    onboarding.canary.secret(token["access_token"])
    assert token["scope"] == "accounts"
