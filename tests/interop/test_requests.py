"""python3-requests as a partner: discovery, token, API."""

import pytest
import requests


@pytest.fixture
def session(server, identities):
    made = requests.Session()
    made.trust_env = False
    made.verify = str(server.tls_authority.pem)
    made.cert = (str(identities.a.pem), str(identities.a.key))
    yield made
    made.close()


def test_discovery_then_token(server, session):
    metadata = session.get(f"{server.issuer}/.well-known/oauth-authorization-server").json()
    endpoint = metadata["mtls_endpoint_aliases"]["token_endpoint"]
    reply = session.post(endpoint, data={"grant_type": "client_credentials", "client_id": "partner-a", "scope": "accounts"})
    assert reply.status_code == 200
    server.canary.secret(reply.json()["access_token"])
    assert reply.json()["token_type"] == "Bearer"


def test_refusal_is_readable(server, session):
    reply = session.post(f"{server.mtls_url}/token", data={"grant_type": "client_credentials", "client_id": "partner-b"})
    assert reply.status_code == 400
    assert reply.json()["error"] == "invalid_client"


def test_conditional_get(server, session):
    first = session.get(f"{server.issuer}/jwks")
    again = session.get(f"{server.issuer}/jwks", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_many_on_one_connection(server, session):
    for _ in range(50):
        reply = session.post(f"{server.mtls_url}/token", data={"grant_type": "client_credentials", "client_id": "partner-a"})
        assert reply.status_code == 200
