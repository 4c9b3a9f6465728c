"""A real HAProxy that passes TLS through and begins each connection with a PROXY protocol header of version 2."""

import copy
import socket
import ssl

import pytest
from harness import expect
from harness.client import Partner
from harness.jose import claims_of
from harness.load_balancer import Behind, Haproxy, path_of
from harness.server import HOST, eventually

CLIENT = "127.0.0.1"  # where the tests connect from; HAProxy connects from HOST


class Passthrough(Haproxy):
    def common(self, kind, identity):
        return {"10.0.0.20:8444": f"{HOST}:{self.server.ports['mtls']} source {HOST}"}

    def replaced(self):
        return {"bind :443": f"bind {HOST}:{self.port}"}


@pytest.fixture(scope="module")
def server(installation):
    if not path_of("haproxy"):
        pytest.skip("haproxy is not installed")
    kept = copy.deepcopy(installation.config)
    installation.config["listeners"]["mtls"]["proxy"] = {"protocol": "v2", "addresses": [HOST]}
    installation.config["limits"] = {"connections_per_address": 4}
    installation.write_config()
    installation.start()
    yield installation
    installation.stop()
    installation.config = kept


@pytest.fixture(scope="module")
def behind(server, scratch):
    balancer = Passthrough("haproxy", server, "passthrough", scratch / "passthrough", None)
    yield Behind(server, balancer.start())
    balancer.stop()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_token_of_the_partner(behind, identities, version):
    a = Partner(behind, identities.a, "partner-a", version)
    reply = a.token()
    assert claims_of(expect.issued(a, reply))["cnf"] == {"x5t#S256": identities.a.x5t}
    line = behind.log.like(request=expect.request_id(reply), event="token_issued")
    assert (line["address"], line["x5t"]) == (CLIENT, identities.a.x5t)
    assert "forwarded_for" not in line


def test_another_partner_and_none(behind, identities):
    b = Partner(behind, identities.b, "partner-a")
    expect.refused(b, b.token(), 400, "invalid_client", "certificate_subject_mismatch", x5t=identities.b.x5t)
    nobody = Partner(behind, None, "partner-a")
    expect.refused(nobody, nobody.token(), 400, "invalid_client", "certificate_missing")


def test_the_balancers_own_checks_are_no_noise(behind):
    assert not behind.log.find(event="proxy_header_refused")
    assert not behind.log.find(event="tls_failed", address=HOST)


def test_the_limit_is_the_partners(behind, identities):
    a = Partner(behind, identities.a, "partner-a")
    held = [a.connect() for _ in range(4)]
    with pytest.raises((OSError, ssl.SSLError)):
        a.connect()
    assert behind.log.like(event="connection_refused")["address"] == CLIENT
    for tls in held:
        tls.close()
    assert eventually(lambda: _connects(a))


def _connects(partner):
    try:
        partner.connect().close()
    except (OSError, ssl.SSLError):
        return False
    return True


def test_past_the_balancer(server, behind):
    """CLIENT is not listed, whatever it says first."""
    since = server.log.position()
    with socket.create_connection((HOST, server.ports["mtls"]), timeout=5) as s:
        s.sendall(b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes([192, 0, 2, 7, 127, 0, 0, 1, 0, 1, 0, 1]))
        try:
            assert s.recv(1) == b""
        except ConnectionError:
            pass
    line = server.log.like(since, event="connection_refused")
    assert (line["address"], line["limit"]) == (CLIENT, "proxy_addresses")
