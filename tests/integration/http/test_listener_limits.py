"""Slow peers, many peers, and the end."""
import resource
import socket
import ssl
import time

import pytest
from listener import TOKEN, answer, closed, cpu_seconds, get, post


def timed_out(server, phase):
    line = server.wait_for("connection_timed_out")[0]
    assert line["phase"] == phase and line["address"] == "127.0.0.1"


def test_silence_instead_of_a_handshake(start):
    server = start(handshake=1)
    with server.tcp() as s:
        assert 0.9 < closed(s, 5) < 2
    timed_out(server, "handshake")


def test_a_dripped_handshake(start):
    server = start(handshake=1)
    with server.tcp() as s:
        assert 0.9 < closed(s, 5, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"x" * 500) < 2
    timed_out(server, "handshake")


def test_handshakes_that_wait_for_their_peers_cost_no_cpu(start):
    """libmicrohttpd's own threads ask a half-done handshake again and again: four of them kept two cores busy."""
    server = start()
    held = [server.tcp() for _ in range(8)]
    for s in held:
        s.sendall(bytes.fromhex("1603010200" "010001"))  # a record of 512 bytes of which three come
    before = cpu_seconds(server.process)
    time.sleep(1)
    assert cpu_seconds(server.process) - before < 0.2
    with server.tls() as s:  # and others are served
        s.sendall(get("/text"))
        assert answer(s).status == 200
    for s in held:
        s.close()


def test_silence_after_the_handshake(start):
    server = start(handshake=1)
    with server.tls() as s:
        assert 0.5 < closed(s, 5) < 2
    timed_out(server, "handshake")
    assert not server.events("tls_failed")


def test_a_dripped_request_line(start):
    server = start(handshake=1)
    with server.tls() as s:
        assert 0.5 < closed(s, 5, b"GET /" + b"x" * 500) < 2


@pytest.mark.parametrize("tls", [True, False])
def test_dripped_header_fields(start, tls):
    server = start(header=1, tls=tls)
    with server.tls() if tls else server.tcp() as s:
        s.sendall(b"GET /text HTTP/1.1\r\nHost: a\r\n")
        assert 0.9 < closed(s, 5, b"X: " + b"y" * 500) < 2
    timed_out(server, "header")


def test_a_dripped_body(start):
    server = start(body=1)
    with server.tls(server.context("client")) as s:
        raw = post(TOKEN + "&x=" + "y" * 500)
        s.sendall(raw[:200])
        assert 0.9 < closed(s, 5, raw[200:]) < 2
    timed_out(server, "body")


def test_a_body_that_stops(start):
    server = start(body=1)
    with server.tls(server.context("client")) as s:
        s.sendall(post(TOKEN)[:-1])
        assert 0.9 < closed(s, 5) < 2
    timed_out(server, "body")
    assert not server.events("token_issued")


def test_replies_that_nobody_takes(start):
    server = start(body=1, tls=False)
    with server.tcp() as s:
        s.settimeout(10)
        with pytest.raises(OSError):
            for _ in range(100000):
                s.sendall(get("/document") * 100)
    timed_out(server, "reply")


def test_idle_between_requests(start):
    server = start(idle=1)
    with server.tls() as s:
        for _ in range(3):
            time.sleep(0.5)
            s.sendall(get("/text"))
            assert answer(s).status == 200
        assert 0.9 < closed(s, 5) < 2
    timed_out(server, "idle")


def test_a_long_request_is_not_idle(start):
    server = start(idle=1, body=4)
    with server.tls(server.context("client")) as s:
        s.sendall(post(TOKEN + "&sleep_ms=2000"))
        assert answer(s).status == 200


def test_the_connection_limit(start):
    server = start(connections=5)
    held = [server.tls() for _ in range(5)]
    for s in held:
        s.sendall(get("/text"))
        assert answer(s).status == 200
    with server.tcp() as s:
        assert closed(s, 2) < 1
    assert server.wait_for("connection_refused")[0]["limit"] == "connections"
    held.pop().close()
    wait_until(lambda: refused_or_status(server) == 200)
    for s in held:
        s.sendall(get("/text"))
        assert answer(s).status == 200
        s.close()


def test_room_for_descriptors(start):
    server = start(connections=200, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 1000)))
    held = [server.tls() for _ in range(100)]
    for s in held:
        s.sendall(get("/text"))
        assert answer(s).status == 200
        s.close()


def test_out_of_descriptors(start):
    """Who comes waits, and is served when another goes."""
    server = start(connections=200, before=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32)))
    held = [server.tcp() for _ in range(60)]
    for s in held:
        s.close()
    wait_until(lambda: refused_or_status(server) == 200)


def test_the_limit_of_one_address(start):
    server = start(per_address=3, address="[::]:0")
    held = [server.tls() for _ in range(3)]
    for s in held:
        s.sendall(get("/text"))
        assert answer(s).status == 200
    with server.tcp() as s:
        assert closed(s, 2) < 1
    line = server.wait_for("connection_refused")[0]
    assert line["limit"] == "connections_per_address" and line["address"] == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", server.port), source_address=("127.0.0.2", 0)) as raw:
        with server.context().wrap_socket(raw, server_hostname="localhost") as other:
            other.sendall(get("/text"))
            assert answer(other).status == 200
    for s in held:
        s.close()
    wait_until(lambda: refused_or_status(server) == 200)


def refused_or_status(server):
    try:
        return server.ask(get("/text")).status
    except (OSError, ssl.SSLError):
        return None


def wait_until(condition, timeout=5):
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_flood_of_refusals_is_few_lines(start):
    server = start(connections=1)
    with server.tls() as held:
        held.sendall(get("/text"))
        answer(held)
        for _ in range(100):
            with server.tcp() as s:
                closed(s, 2)
        time.sleep(1.1)
        with server.tcp() as s:
            closed(s, 2)
    lines = server.events("connection_refused")
    assert len(lines) <= 40
    assert len(lines) + sum(e["held_back"] for e in lines) == 101


def test_stop_lets_a_request_finish_and_refuses_who_comes_now(start, ids):
    server = start()
    idle = server.tls()
    idle.sendall(get("/text"))
    assert answer(idle).status == 200
    with server.tls(server.context("client")) as busy:
        busy.sendall(post(TOKEN + "&sleep_ms=1500"))
        time.sleep(0.3)
        server.command("stop")
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            server.tcp()
        assert closed(idle, 1) < 0.5
        reply = answer(busy)
        assert reply.json["access_token"] == ids["client"].x5t
        assert reply.getheader("Connection") == "close"
        assert closed(busy, 2) < 1
    assert server.stop() == "stopped\n"


def test_stop_lets_a_body_arrive(start):
    server = start()
    with server.tls(server.context("client")) as s:
        raw = post(TOKEN)
        s.sendall(raw[:-5])
        time.sleep(0.2)
        server.command("stop")
        time.sleep(0.2)
        s.sendall(raw[-5:])
        assert answer(s).status == 200
    assert server.stop() == "stopped\n"


def test_stop_does_not_wait_for_ever(start):
    server = start(shutdown=1)
    with server.tls(server.context("client")) as s:
        s.sendall(post(TOKEN)[:-1])
        time.sleep(0.2)
        begun = time.monotonic()
        assert server.stop() == "stopped\n"
        assert 0.9 < time.monotonic() - begun < 3
        closed(s, 1)


def test_many_connections_that_break_off(start):
    server = start()
    for i in range(200):
        s = server.tcp() if i % 2 else server.tls()
        if i % 4 == 0:
            s.sendall(post(TOKEN)[:60])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        s.close()
    assert server.ask(get("/text")).status == 200
