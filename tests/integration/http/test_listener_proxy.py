"""The PROXY protocol, version 2, on the wire: what a proxy writes before TLS, to the byte."""
import socket
import ssl
import time

import pytest
from listener import TOKEN, answer, closed, cpu_seconds, get, post

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
TO4 = bytes([127, 0, 0, 1, 0x80, 0, 0x01, 0xbb])
PROXY, LOCAL = 0x21, 0x20


def header(body=b"", command=PROXY, family=0x11):
    return SIGNATURE + bytes([command, family]) + len(body).to_bytes(2, "big") + body


def from4(address="192.0.2.7", vectors=b""):
    return header(socket.inet_aton(address) + TO4 + vectors)


def from6(address="2001:db8::7"):
    return header(socket.inet_pton(socket.AF_INET6, address) + bytes(20), family=0x21)


class Client:
    """TLS over a socket of ours, so that each byte's segment is chosen."""

    def __init__(self, server, s, identity="client"):
        self.s, self.incoming, self.outgoing = s, ssl.MemoryBIO(), ssl.MemoryBIO()
        if s.family == socket.AF_INET:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = server.context(identity).wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def until_done(self, step, first=b""):
        """Runs a TLS step; `first` goes out before what TLS has to send, in the same segment."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self.s.sendall(first + self.outgoing.read())
                first = b""
                received = self.s.recv(65536)
                if not received:
                    self.incoming.write_eof()
                self.incoming.write(received)
            finally:
                if self.outgoing.pending and not first:
                    self.s.sendall(self.outgoing.read())

    def ask(self, raw):
        self.tls.write(raw)
        self.s.sendall(self.outgoing.read())
        return self.until_done(lambda: self.tls.read(65536))


def asked(server, head, drip=False):
    """The status of a token request behind this header, and its line in the log."""
    seen = len(server.events("token_issued"))
    with server.tcp() as s:
        client = Client(server, s)
        if drip:
            for byte in head:
                s.sendall(bytes([byte]))
                time.sleep(0.002)
            head = b""
        client.until_done(client.tls.do_handshake, head)
        assert client.ask(post(TOKEN)).startswith(b"HTTP/1.1 200 ")
    line = server.wait_for("token_issued", seen + 1)[seen]
    assert line["x5t"] == server.ids["client"].x5t
    return line["address"]


@pytest.mark.parametrize("head, address", [
    (from4(), "192.0.2.7"),
    (from6(), "2001:db8::7"),
    (from6("::ffff:192.0.2.9"), "192.0.2.9"),
    (from4(vectors=b"\4\0\2\0\0\2\0\4host"), "192.0.2.7"),
    (from4(vectors=b"\4\x07\xe1" + bytes(2017)), "192.0.2.7"),  # 2048 bytes
    (header(command=LOCAL, family=0), "127.0.0.1"),
    (header(socket.inet_aton("192.0.2.7") + TO4, command=LOCAL), "127.0.0.1"),
    (header(family=0), "127.0.0.1"),
    (header(b"whatever", family=0), "127.0.0.1"),
], ids=["tcp4", "tcp6", "mapped", "vectors", "longest", "local", "local-addresses", "unspec", "unspec-noise"])
def test_whose_connection_it_is(start, head, address):
    server = start(proxy="127.0.0.1")
    assert asked(server, head) == address  # in one segment with the ClientHello
    assert asked(server, head, drip=len(head) < 100) == address


@pytest.mark.parametrize("head, reason", [
    (b"PROXY TCP4 192.0.2.7 127.0.0.1 32768 443\r\n", "proxy_header_signature_wrong"),
    (b"GET / HTTP/1.1\r\n\r\n", "proxy_header_signature_wrong"),
    (bytes.fromhex("160301020001000001fc0303"), "proxy_header_signature_wrong"),
    (SIGNATURE[:-1] + b"\r", "proxy_header_signature_wrong"),
    (header(command=0x31), "proxy_header_command_unknown"),
    (header(command=0x22), "proxy_header_command_unknown"),
    (header(socket.inet_aton("192.0.2.7") + TO4, family=0x12), "proxy_header_address_refused"),
    (header(bytes(216), family=0x31), "proxy_header_address_refused"),
    (from4("0.0.0.0"), "proxy_header_address_refused"),
    (header(bytes(11)), "proxy_header_length_wrong"),
    (header(bytes(2033)), "proxy_header_length_wrong"),  # 2049 bytes
    (from4(vectors=b"\4\0\2a"), "proxy_header_vectors_malformed"),
])
def test_what_is_refused(start, head, reason):
    server = start(proxy="127.0.0.1")
    with server.tcp() as s:
        s.sendall(head)
        assert closed(s, 5) < 2
    line = server.wait_for("proxy_header_refused")[0]
    assert (line["reason"], line["address"], line["listener"]) == (reason, "127.0.0.1", "test")
    assert not server.events("tls_failed")  # it never began
    assert asked(server, from4()) == "192.0.2.7"


def test_who_is_no_proxy(start):
    server = start(proxy="10.0.0.0/8")
    with server.tcp() as s:
        s.sendall(from4("10.0.0.5"))
        assert closed(s, 5) < 2
    line = server.wait_for("connection_refused")[0]
    assert (line["address"], line["limit"]) == ("127.0.0.1", "proxy_addresses")
    assert not server.events("proxy_header_refused")


@pytest.mark.parametrize("sent, drip, address", [
    (b"", b"", "127.0.0.1"),
    (SIGNATURE, b"", "127.0.0.1"),
    (b"", from4(vectors=b"\4\0\xff" + bytes(255)), "127.0.0.1"),
    (from4(), b"", "192.0.2.7"),  # and then no TLS
])
def test_header_and_handshake_have_one_time_limit(start, sent, drip, address):
    server = start(proxy="127.0.0.1", handshake=1)
    with server.tcp() as s:
        s.sendall(sent)
        assert 0.5 < closed(s, 5, drip) < 2
    line = server.wait_for("connection_timed_out")[0]
    assert (line["phase"], line["address"]) == ("handshake", address)


def test_a_slow_header_keeps_nobody_waiting(start):
    server = start(proxy="127.0.0.1", threads=1)
    held = [server.tcp() for _ in range(50)]
    for s in held:
        s.sendall(from4()[:20])
    before = cpu_seconds(server.process)
    time.sleep(1)
    assert cpu_seconds(server.process) - before < 0.2
    begun = time.monotonic()
    assert asked(server, from4()) == "192.0.2.7"
    assert time.monotonic() - begun < 1
    for s in held:
        s.close()


def test_limits_count_the_partner(start):
    server = start(proxy="127.0.0.1", per_address=2)
    held = []
    for address in ["192.0.2.1"] * 2 + ["192.0.2.2"] * 2:
        s = server.tcp()
        client = Client(server, s)
        client.until_done(client.tls.do_handshake, from4(address))
        held.append((s, client))
    with server.tcp() as s:
        s.sendall(from4("192.0.2.1"))
        assert closed(s, 5) < 2
    line = server.wait_for("connection_refused")[0]
    assert (line["address"], line["limit"]) == ("192.0.2.1", "connections_per_address")
    assert asked(server, from4("192.0.2.3")) == "192.0.2.3"
    held[0][0].close()
    deadline = time.monotonic() + 5
    while True:  # until the server has seen it go
        try:
            assert asked(server, from4("192.0.2.1")) == "192.0.2.1"
            break
        except (OSError, ssl.SSLError):
            assert time.monotonic() < deadline
    for s, _ in held:
        s.close()


def test_a_unix_socket(start, tmp_path):
    server = start(proxy="10.0.0.5", address=f"unix:{tmp_path / 'mtls.sock'}")

    def connect():
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(15)
        s.connect(str(tmp_path / "mtls.sock"))
        return s

    server.tcp = connect
    assert asked(server, from4()) == "192.0.2.7"
    assert asked(server, header(command=LOCAL)) == "unix"


def test_a_listener_without_a_proxy_takes_no_header(start):
    server = start()
    with server.tcp() as s:
        s.sendall(from4() + bytes(64))
        assert closed(s, 5) < 2
    with server.tls() as s:
        s.sendall(get("/text"))
        assert answer(s).status == 200
