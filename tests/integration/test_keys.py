"""The life of signing keys: made at the first start, rotated without an unknown kid, retired."""

import json
import time

import pytest
from harness import expect
from harness.client import Partner
from harness.jose import es256_is_valid, header_of, unb64url
from harness.server import eventually
from harness.store import postgresql_schema


@pytest.fixture
def server(make_server, store, authorities, identities):
    server = make_server(store)
    server.trust("partners", authorities.ca)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners", scope="accounts")
    yield server
    server.stop()


def published(server):
    return {key["kid"]: key for key in Partner(server).get("/jwks").json["keys"]}


def keys(server):
    return json.loads(server.cli("key", "list", "--json").stdout)["keys"]


def test_first_key_is_made_at_the_first_start(server, a):
    server.start()
    assert server.log.like(event="signing_key_created")["alg"] == "ES256"
    [kid] = published(server)
    assert header_of(a.access_token())["kid"] == kid
    # And not again at the second.
    server.stop()
    server.start()
    server.log.unlike(event="signing_key_created")
    assert list(published(server)) == [kid]


def test_rotated_key_is_published_ahead_of_use(server, a):
    server.start()
    [old] = published(server)
    server.cli("key", "rotate")
    assert eventually(lambda: len(published(server)) == 2, timeout=5)
    [new] = set(published(server)) - {old}
    token = a.access_token()
    assert header_of(token)["kid"] == old
    assert es256_is_valid(token, published(server)[old])


def test_second_rotation_while_one_is_under_way(server):
    server.start()
    server.cli("key", "rotate")
    done = server.cli("key", "rotate", check=False)
    assert done.returncode == 1


def test_retired_key_is_published_no_more_and_another_signs(server, a):
    server.start()
    [first] = published(server)
    assert server.cli("key", "retire", first, check=False).returncode == 1  # it signs: that needs a word more
    server.cli("key", "retire", first, "--force")
    assert eventually(lambda: first not in published(server), timeout=5)
    assert eventually(lambda: a.token().status == 200, timeout=5)
    token = a.access_token()
    assert header_of(token)["kid"] != first
    assert es256_is_valid(token, published(server)[header_of(token)["kid"]])


def test_unknown_key_cannot_be_retired(server):
    server.start()
    assert server.cli("key", "retire", "no-such-kid", "--force", check=False).returncode == 1


@pytest.mark.parametrize("algorithm, kty", [("ES256", "EC"), ("PS256", "RSA"), ("EdDSA", "OKP")])
def test_algorithms(server, a, algorithm, kty):
    server.config["keys"]["signing_algorithm"] = algorithm
    server.write_config()
    server.start()
    [key] = published(server).values()
    assert (key["alg"], key["kty"]) == (algorithm, kty)
    token = a.access_token()
    assert header_of(token)["alg"] == algorithm
    if kty == "RSA":
        assert len(unb64url(key["n"])) >= 256
    verify(token, key)


def verify(token, key):
    """By python3-cryptography, from the JWK alone."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
    signed, _, signature = token.rpartition(".")
    if key["kty"] == "EC":
        assert es256_is_valid(token, key)
    elif key["kty"] == "OKP":
        public = ed25519.Ed25519PublicKey.from_public_bytes(unb64url(key["x"]))
        public.verify(unb64url(signature), signed.encode())
    else:
        n, e = (int.from_bytes(unb64url(key[c]), "big") for c in "ne")
        public = rsa.RSAPublicNumbers(e, n).public_key()
        public.verify(unb64url(signature), signed.encode(),
                      padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256())


def test_two_nodes_on_one_store_make_one_key(make_server, postgresql, authorities, identities):
    store = postgresql_schema(postgresql)
    nodes = [make_server(store) for _ in range(2)]
    nodes[1].kek.write_bytes(nodes[0].kek.read_bytes())
    for node in nodes:
        node.trust("partners", authorities.ca)
        node.write_config()
    nodes[0].migrate()
    nodes[0].add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners", scope="accounts")
    for node in nodes:
        node.start(wait=False)
    for node in nodes:
        node.wait_ready()
    assert eventually(lambda: published(nodes[0]) == published(nodes[1]) and len(published(nodes[0])) == 1)
    token = Partner(nodes[0], identities.a, "partner-a").access_token()
    assert es256_is_valid(token, published(nodes[1])[header_of(token)["kid"]])
    for node in nodes:
        node.stop()


def test_wrong_key_encryption_key(server):
    """Another key-encryption key opens nothing: no signing key, not ready, said in the log."""
    import base64
    import os
    server.start()
    server.stop()
    server.write_secret(server.kek, base64.b64encode(os.urandom(32)) + b"\n")
    server.start(wait=False)
    assert server.log.like(event="registry_key_skipped", timeout=10)["reason"] == "key_file_invalid"


def test_key_list_shows_no_secret(server):
    server.start()
    for form in ([], ["--json"]):
        text = server.cli("key", "list", *form).stdout
        assert "PRIVATE" not in text and "sealed" not in text and '"d"' not in text
    [key] = keys(server)
    assert key["kid"] in published(server)
