"""The keys that registrations are judged by, fetched from where directories and statements say: in the background, by
the rules for outbound connections, and never by a request."""

import itertools
import json
import socket
import threading
import time

import pytest
from harness import directory, expect, profiles
from harness.directory import Key, jwks, refused
from harness.jose import jwk_of
from harness.server import HOST, eventually

_ids = itertools.count(1)


@pytest.fixture(scope="module")
def server(make_server, authorities, key_server):
    made = make_server()
    made.trust("partners", authorities.ca)
    made.trust("uk", authorities.ca, profile="obuk")
    made.config["roles"] = [{"role": "AISP", "scopes": ["accounts"]}, {"role": "PSP_AI", "scopes": ["accounts"]}]
    # Only this address; localhost by name, IPv6 and every other private address stay forbidden.
    made.config["outbound"] = {"allowed_addresses": [HOST], "ca_file": str(key_server.authority.pem), "timeout": "2s"}
    made.uk = directory.Directory(made, "uk", "obuk", "uk")
    made.remote = directory.Directory(made, "remote", "generic", "partners", alg="ES256", key_server=key_server)
    made.dead = directory.Directory(made, "dead", "generic", "partners", alg="ES256", key_server=key_server)
    made.config["directories"][-1]["jwks"] = f"https://{HOST}:1/jwks"
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


KEY = Key("PS256")


@pytest.fixture
def uk(server, authorities, key_server):
    org_id = f"0015800001{next(_ids):08}"
    return directory.Uk(server, server.uk, profiles.obwac(authorities.ca, org_id, f"PSDGB-FCA-{next(_ids)}"), key_server,
                        org_id, key=KEY)


def hits(key_server, path):
    return key_server.hits.count(path)


def bad_keys(uk, reply, text):
    refused(uk, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="request_signature",
            problem=f"request_signature: the request is not signed by a key of software_jwks_endpoint: {text}")


def test_the_first_request_is_told_to_come_again(uk, key_server):
    since = uk.server.log.position()
    reply = uk.register(patient=False)
    refused(uk, reply, 503, "temporarily_unavailable", "signer_keys_being_fetched")
    assert reply.headers["retry-after"] == "1"
    assert uk.register().status == 201
    assert hits(key_server, f"/{uk.software_id}") == 1
    uk.server.log.like(since, event="signer_keys_fetched", url=uk.key_server.url(f"/{uk.software_id}"), keys=1)


def test_keys_are_not_fetched_for_a_forged_statement(uk, key_server):
    stranger = Key("PS256", kid="uk-1")
    text = uk.directory.statement(uk.stated({}), key=stranger)
    reply = uk.register(statement=text, patient=False)
    refused(uk, reply, 400, "invalid_software_statement", "software_statement_refused", rule="statement_signature")
    time.sleep(0.3)
    assert hits(key_server, f"/{uk.software_id}") == 0


def test_an_unknown_key_is_looked_for_once_a_minute(uk, key_server):
    assert uk.register().status == 201
    fresh = Key("PS256")
    bad_keys(uk, uk.register(request_key=fresh), "no key of the issuer has this kid and algorithm")
    bad_keys(uk, uk.register(request_key=fresh), "no key of the issuer has this kid and algorithm")
    assert hits(key_server, f"/{uk.software_id}") == 1


@pytest.mark.parametrize("page, text", [
    (b"nonsense", "JSON does not parse at byte 8: wrong syntax"),
    ({"keys": []}, "JWK set without a key for ES256, PS256 or EdDSA"),
    ({"keys": [{"kty": "oct", "k": "AAAA"}]}, "JWK set without a key for ES256, PS256 or EdDSA"),
    ({"keys": 7}, 'JWK set without the array "keys"'),
], ids=str)
def test_key_sets_that_are_none(uk, key_server, page, text):
    key_server.pages[f"/{uk.software_id}"] = page
    bad_keys(uk, uk.register(), text)


def test_an_endless_key_set(uk, key_server):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b" " * 65536)
        except OSError:
            pass
    key_server.pages[f"/{uk.software_id}"] = endless
    reply = uk.register()
    refused(uk, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="request_signature")


def test_a_slow_key_set_holds_nobody_up(uk, server, key_server, authorities):
    release = threading.Event()

    def slow(handler):
        release.wait(10)
        handler.send_response(200)
        handler.end_headers()
    key_server.pages[f"/{uk.software_id}"] = slow
    began = time.monotonic()
    assert uk.register(patient=False).status == 503
    assert uk.register(patient=False).status == 503
    assert time.monotonic() - began < 1
    reply = eventually(lambda: (r := uk.register(patient=False)).headers.get("retry-after") == "60" and r, timeout=10)
    refused(uk, reply, 503, "temporarily_unavailable", "signer_keys_unavailable")
    release.set()


def test_a_redirect_is_not_followed(uk, key_server):
    def elsewhere(handler):
        handler.send_response(302)
        handler.send_header("Location", key_server.url("/secret"))
        handler.send_header("Content-Length", "0")
        handler.end_headers()
    key_server.pages[f"/{uk.software_id}"] = elsewhere
    key_server.pages["/secret"] = jwks(KEY)
    reply = eventually(lambda: (r := uk.register(patient=False)).headers.get("retry-after") == "60" and r)
    refused(uk, reply, 503, "temporarily_unavailable", "signer_keys_unavailable")
    assert hits(key_server, "/secret") == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f000001", "169.254.169.254", "10.0.0.1",
                                  "[::ffff:127.0.0.1]", "192.168.1.1"])
def test_addresses_that_are_not_public(uk, key_server, host):
    """127.0.0.1 is not the address that the configuration lists."""
    url = key_server.url("/never", host=host)
    reply = uk.register({}, {"software_jwks_endpoint": url})
    refused(uk, reply, 400, "invalid_client_metadata", "client_metadata_refused", rule="request_signature")
    assert hits(key_server, "/never") == 0


def test_plain_http_is_refused_before_anything_is_asked(uk):
    reply = uk.register({}, {"software_jwks_endpoint": f"http://{HOST}:1/keys"}, patient=False)
    refused(uk, reply, 400, "invalid_software_statement", "software_statement_refused", rule="request_keys",
            problem="request_keys: software_statement names no https software_jwks_endpoint")


def test_a_directory_at_a_url(server, authorities, key_server):
    """Its keys are there before anybody needs them."""
    assert eventually(lambda: hits(key_server, "/remote") == 1)
    time.sleep(0.2)
    someone = directory.Sandbox(server, server.remote, authorities.ca.issue(f"remote-{next(_ids)}"))
    assert someone.register(patient=False).status == 201
    assert hits(key_server, "/remote") == 1


def test_a_directory_that_cannot_be_reached(server, authorities):
    someone = directory.Sandbox(server, server.dead, authorities.ca.issue(f"dead-{next(_ids)}"))
    server.log.like(event="signer_keys_failed", url=f"https://{HOST}:1/jwks")
    reply = someone.register(patient=False)
    refused(someone, reply, 503, "temporarily_unavailable", "signer_keys_unavailable")
    assert reply.headers["retry-after"] == "60"


def test_the_certificates_at_the_jwks_uri_of_the_statement(server, pki, key_server):
    identity = pki.self_signed(f"own-{next(_ids)}")
    path = f"/own-{next(_ids)}"
    keys = {"keys": [jwk_of(identity)]}
    key_server.pages[path] = keys
    someone = directory.Sandbox(server, server.remote, identity)
    asked = {"token_endpoint_auth_method": "self_signed_tls_client_auth", "tls_client_auth_subject_dn": None}
    made = someone.registered(asked, {"jwks_uri": key_server.url(path)})
    assert made["jwks_uri"] == key_server.url(path)
    assert "jwks" not in made

    stranger = directory.Sandbox(server, server.remote, pki.self_signed("stranger"))
    reply = stranger.register(asked, {"jwks_uri": key_server.url(path)})
    refused(stranger, reply, 400, "invalid_client", "certificate_issuer_unknown", rule="certificate_trusted")


def test_a_reload_takes_other_directories(server, authorities, key_server):
    path = server.folder / "new.jwks"
    key = Key("ES256")
    path.write_text(json.dumps(jwks(key)))
    server.config["directories"].append({"name": "new", "issuer": "new directory", "jwks": str(path), "trust_group": "partners"})
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    someone = directory.Sandbox(server, server.remote, authorities.ca.issue(f"new-{next(_ids)}"))
    text = key.sign({"iss": "new directory", "software_id": "n"})
    assert someone.register(statement=text).status == 201

    path.write_text("{}")
    line = server.reload()
    assert line["event"] == "reload_refused"
    assert line["detail"].startswith("directory new: JWK set without the array")
    again = directory.Sandbox(server, server.remote, authorities.ca.issue(f"new-{next(_ids)}"))
    assert again.register(statement=key.sign({"iss": "new directory", "software_id": "m"})).status == 201


def test_shutdown_does_not_wait_for_a_stalled_fetch(make_server, authorities, key_server):
    listener = socket.create_server((HOST, 0))
    made = make_server()
    made.trust("partners", authorities.ca)
    made.config["outbound"] = {"allowed_addresses": [HOST], "timeout": "60s"}
    directory.Directory(made, "stalled", "generic", "partners", alg="ES256")
    made.config["directories"][0]["jwks"] = f"https://{HOST}:{listener.getsockname()[1]}/jwks"
    made.write_config()
    made.migrate()
    made.start()
    accepted, _ = listener.accept()
    began = time.monotonic()
    made.stop()
    assert time.monotonic() - began < 5
    accepted.close()
    listener.close()
