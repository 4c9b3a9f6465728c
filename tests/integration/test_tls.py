"""The TLS that partners meet: versions, suites, certificate request, resumption; and peers that dawdle."""

import os
import re
import signal
import socket
import ssl
import struct
import threading
import time

import pytest
from harness import expect
from harness.client import GOOD, REQUEST, Partner, context, raw_token, read_all, s_client
from harness.pki import now
from harness.server import HOST, eventually

LISTENERS = ["public", "mtls"]


def handshake(server, *arguments, listener="mtls"):
    return s_client(server, "-brief", *arguments, listener=listener)


# --- versions and suites: RFC 9325


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(server, listener, version):
    said = handshake(server, version, "-cipher", "ALL:@SECLEVEL=0", listener=listener)
    assert "CONNECTION ESTABLISHED" not in said


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("version, name", [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
def test_supported_versions(server, listener, version, name):
    assert f"Protocol version: {name}" in handshake(server, version, listener=listener)


def test_the_best_version_is_chosen(server):
    assert "Protocol version: TLSv1.3" in handshake(server)


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_suites_of_rfc_9325(server, suite):
    """The server's key is an EC one; the RSA pair is tried below."""
    assert f"Ciphersuite: {suite}" in handshake(server, "-tls1_2", "-cipher", suite)


@pytest.mark.parametrize("suite", ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"])
def test_suites_of_rfc_9325_with_an_rsa_key(make_server, suite):
    from cryptography.hazmat.primitives.asymmetric import rsa
    from harness.pki import SERVER_AUTH
    server = make_server()
    tls = server.tls_authority.issue("rsa", private_key=rsa.generate_private_key(public_exponent=65537, key_size=2048),
                                     sans={"ip": [HOST]}, eku=[SERVER_AUTH])
    for listener in LISTENERS:
        server.config["listeners"][listener] |= {"certificate": str(tls.pem), "private_key": str(tls.key)}
    server.migrate()
    server.start()
    assert f"Ciphersuite: {suite}" in handshake(server, "-tls1_2", "-cipher", suite)
    refused = handshake(server, "-tls1_2", "-cipher", "AES128-GCM-SHA256:AES256-SHA:DHE-RSA-AES128-GCM-SHA256@SECLEVEL=0")
    assert "CONNECTION ESTABLISHED" not in refused
    server.stop()


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-CCM", "ECDHE-ECDSA-AES128-SHA256",
                                   "ECDHE-ECDSA-AES256-SHA", "ECDHE-ECDSA-CAMELLIA128-SHA256", "NULL", "aNULL"])
def test_other_suites_are_refused(server, suite):
    assert "CONNECTION ESTABLISHED" not in handshake(server, "-tls1_2", "-cipher", suite + ":@SECLEVEL=0")


def test_no_renegotiation(server):
    said = s_client(server, "-tls1_2", send="R\n")
    assert re.search(r"no renegotiation|renegotiation|alert|errno|error", said, re.I)
    assert "HTTP/1.1" not in said


# --- the certificate request


def test_mtls_asks_for_a_certificate_and_names_no_ca(server):
    said = s_client(server, "-tls1_2", "-state")
    assert "read server certificate request" in said
    assert "No client certificate CA names sent" in said


def test_public_asks_for_none(server):
    assert "read server certificate request" not in s_client(server, "-tls1_2", "-state", listener="public")
    assert "read server certificate request" not in s_client(server, "-tls1_3", "-state", listener="public")


# --- resumption


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_resumed_session_carries_the_certificate(server, identities, version):
    partner = Partner(server, identities.a, "partner-a", version)
    with partner.connect() as tls:
        assert raw_token(partner, tls)[0] == 200
        session = tls.session
    with partner.connect(session=session) as tls:
        since = server.log.position()
        assert raw_token(partner, tls)[0] == 200
        assert tls.session_reused
        assert server.log.like(since, event="token_issued")["x5t"] == identities.a.x5t


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_resumed_session_is_checked_like_a_new_one(server, authorities, version):
    """The certificate expires between the handshake and the resumption."""
    import datetime
    identity = authorities.ca.issue("partner-a", not_after=now() + datetime.timedelta(seconds=4))
    partner = Partner(server, identity, "partner-a", version)
    with partner.connect() as tls:
        assert raw_token(partner, tls)[0] == 200
        session = tls.session
    time.sleep(5.1)
    with partner.connect(session=session) as tls:
        status, received = raw_token(partner, tls)
        assert tls.session_reused
        assert (status, b"invalid_client" in received) == (400, True)


def test_resumption_of_a_session_without_certificate_gains_none(server, identities):
    bare = Partner(server, None, "partner-a", ssl.TLSVersion.TLSv1_2)
    with bare.connect() as tls:
        assert raw_token(bare, tls)[0] == 400
        session = tls.session
    with bare.connect(session=session) as tls:
        assert raw_token(bare, tls)[0] == 400


def test_openssl_resumes(server, identities, scratch):
    saved = scratch / "session.pem"
    identity = ["-cert", identities.a.pem, "-key", identities.a.key]
    s_client(server, "-tls1_2", *identity, "-sess_out", saved)
    assert "Reused, TLSv1.2" in s_client(server, "-tls1_2", *identity, "-sess_in", saved)


# --- peers that dawdle, and peers in numbers


@pytest.fixture(scope="module")
def impatient(make_server, authorities, identities):
    """A server with short time limits and few connections."""
    server = make_server()
    server.trust("partners", authorities.ca)
    server.config["timeouts"] = {"handshake": "2s", "headers": "2s", "body": "2s", "idle": "3s", "shutdown": "5s"}
    server.config["limits"] = {"connections": 60, "connections_per_address": 40}
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners", scope="accounts")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def hurried(impatient, identities):
    return Partner(impatient, identities.a, "partner-a")


def ends_within(sock, seconds):
    """How long until the peer ends the connection; fails when it does not."""
    begun = time.monotonic()
    sock.settimeout(seconds)
    try:
        while sock.recv(65536):
            pass
    except TimeoutError:
        pytest.fail(f"still open after {seconds} s")
    except (ssl.SSLError, ConnectionError):
        pass
    return time.monotonic() - begun


def test_connection_that_sends_nothing(impatient):
    since = impatient.log.position()
    with socket.create_connection((HOST, impatient.ports["mtls"])) as raw:
        assert 1 < ends_within(raw, 6) < 4
    assert impatient.log.like(since, event="connection_timed_out", phase="handshake")


def test_handshake_that_stops_half_way(impatient):
    with socket.create_connection((HOST, impatient.ports["mtls"])) as raw:
        raw.sendall(b"\x16\x03\x01\x00\xff\x01")
        assert ends_within(raw, 6) < 4


def drip(tls, data, every, seconds):
    """Sends a byte at a time; how long until the server has enough of it."""
    begun = time.monotonic()
    for i in range(len(data)):
        try:
            tls.settimeout(every)
            tls.sendall(data[i:i + 1])
            if tls.recv(65536) == b"":
                return time.monotonic() - begun
        except TimeoutError:
            pass
        except (ssl.SSLError, ConnectionError):
            return time.monotonic() - begun
        if time.monotonic() - begun > seconds:
            pytest.fail(f"still open after {seconds} s")
    pytest.fail("all was sent")


def test_slow_headers(impatient, hurried):
    since = impatient.log.position()
    with hurried.connect() as tls:
        tls.sendall(b"POST /token HTTP/1.1\r\n")
        assert drip(tls, b"X-Slow: " + b"x" * 1000, 0.2, 7) < 5
    assert impatient.log.like(since, event="connection_timed_out", phase="header")


def test_slow_body(impatient, hurried):
    since = impatient.log.position()
    with hurried.connect() as tls:
        tls.sendall(REQUEST[:-len(GOOD)])
        assert drip(tls, GOOD, 0.2, 7) < 5
    assert impatient.log.like(since, event="connection_timed_out", phase="body")
    impatient.log.unlike(since, event="token_issued")


def test_idle_connection(impatient, hurried):
    with hurried.connect() as tls:
        assert raw_token(hurried, tls)[0] == 200
        assert 2 < ends_within(tls, 8) < 6


def test_others_are_served_meanwhile(impatient, hurried):
    slow = [hurried.connect() for _ in range(10)]
    for tls in slow:
        tls.sendall(REQUEST[:-10])
    for _ in range(10):
        assert hurried.token().status == 200
    for tls in slow:
        tls.close()


def has_ended(sock):
    sock.setblocking(False)
    try:
        return sock.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def test_connections_per_address(impatient, hurried):
    """At the limit, and one more."""
    since = impatient.log.position()
    ended = eventually(lambda: hurried.token().status == 200)
    assert ended
    time.sleep(1)
    held = [socket.create_connection((HOST, impatient.ports["mtls"])) for _ in range(41)]
    # Several threads accept, so which one comes too late is theirs to say; that it is one is not.
    assert eventually(lambda: sum(has_ended(sock) for sock in held) == 1, timeout=1.5)
    assert impatient.log.like(since, event="connection_refused")
    assert sum(has_ended(sock) for sock in held) == 1
    for sock in held:
        sock.close()
    assert eventually(lambda: answered(hurried), timeout=5)


def answered(partner):
    try:
        return partner.token().status == 200
    except (OSError, ssl.SSLError):
        return False


def test_connections_reset_at_once_do_no_harm(impatient, hurried):
    for _ in range(200):
        with socket.create_connection((HOST, impatient.ports["mtls"])) as raw:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert eventually(lambda: answered(hurried), timeout=5)


def test_thousands_of_idle_connections(make_server, authorities, identities):
    """They cost memory within bounds and delay nobody; the server ends in order with them still open."""
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = 2500 if hard >= 8192 else 300
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    server = make_server()
    server.trust("partners", authorities.ca)
    server.config["limits"] = {"connections": 4000, "connections_per_address": 4000}
    server.config["timeouts"] = {"idle": "5m", "handshake": "2m"}
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners", scope="accounts")
    server.start()
    partner = Partner(server, identities.a, "partner-a")
    before = server.resident_kib()
    idle = [partner.connect() for _ in range(count)]
    per_connection = (server.resident_kib() - before) / count
    begun = time.monotonic()
    assert partner.token().status == 200
    assert time.monotonic() - begun < 1.0
    if not os.environ.get("CB_TEST_SANITIZER"):
        assert per_connection < 100, f"{per_connection:.0f} KiB for each idle connection"
    server.stop()
    for tls in idle:
        tls.close()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


# --- the end


def test_sigterm_lets_a_request_under_way_finish(make_server, authorities, identities):
    server = make_server()
    server.trust("partners", authorities.ca)
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identities.a.subject, trust_group="partners", scope="accounts")
    server.start()
    partner = Partner(server, identities.a, "partner-a")
    idle = partner.connect()
    with partner.connect() as tls:
        tls.sendall(REQUEST[:-10])
        time.sleep(0.3)  # the server has begun to read it
        server.signal(signal.SIGTERM)
        assert server.log.like(event="server_stopping")
        time.sleep(0.3)
        with pytest.raises(OSError):
            socket.create_connection((HOST, server.ports["mtls"]), timeout=2).close()
        tls.sendall(REQUEST[-10:])
        received = read_all(tls)
        assert received.startswith(b"HTTP/1.1 200 ")
        assert b"connection: close" in received.lower()
        for token in re.findall(rb'"access_token":"([^"]+)"', received):
            server.canary.secret(token)
    idle.close()
    server.stop()
    assert server.log.like(event="server_stopped")


def test_sigterm_does_not_wait_for_ever(make_server, authorities, identities):
    server = make_server()
    server.config["timeouts"] = {"shutdown": "1s"}
    server.trust("partners", authorities.ca)
    server.migrate()
    server.start()
    partner = Partner(server, identities.a, "partner-a")
    with partner.connect() as tls:
        tls.sendall(REQUEST[:-10])
        time.sleep(0.3)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 5
