"""What the TLS of a listener offers, asks for, hands on and refuses."""
import ssl
import subprocess

import pytest
from listener import PROGRAM, TOKEN, Identity, answer, get, post

V12 = ssl.TLSVersion.TLSv1_2
V13 = ssl.TLSVersion.TLSv1_3


def s_client(server, *arguments, text=""):
    done = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{server.port}", *arguments], input=text,
                          capture_output=True, text=True, timeout=20)
    return done.stdout + done.stderr


@pytest.mark.parametrize("version", [V12, V13])
@pytest.mark.parametrize("identity", ["client", "rsa", "p384", "p521", "ed25519"])
def test_the_certificate_comes_through(start, ids, version, identity):
    server = start()
    with server.tls(server.context(identity, minimum_version=version, maximum_version=version)) as s:
        s.sendall(post(TOKEN))
        assert answer(s).json["access_token"] == ids[identity].x5t


@pytest.mark.parametrize("version", [V12, V13])
def test_a_certificate_is_asked_for_but_not_required(start, version):
    server = start()
    with server.tls(server.context(minimum_version=version, maximum_version=version)) as s:
        s.sendall(post(TOKEN))
        assert answer(s).json["error"] == "invalid_client"
    assert server.events("token_refused")[0]["reason"] == "certificate_missing"


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_the_certificate_request_names_no_ca(start, version):
    text = s_client(start(), version)
    assert "No client certificate CA names sent" in text
    assert "Requested Signature Algorithms:" in text
    assert "SHA1" not in text.split("Requested Signature Algorithms:")[1].split("\n")[0]


def test_a_public_listener_does_not_ask(start):
    assert "Requested Signature Algorithms" not in s_client(start(ask=0), "-tls1_3")


@pytest.mark.parametrize("version", [V12, V13])
def test_a_resumed_session_carries_the_certificate(start, ids, version):
    server = start()
    context = server.context("client", minimum_version=version, maximum_version=version)
    with server.tls(context) as s:
        s.sendall(post(TOKEN))
        assert answer(s).json["access_token"] == ids["client"].x5t
        session = s.session
    for _ in range(2):
        with server.tls(context, session=session) as s:
            s.sendall(post(TOKEN))
            assert answer(s).json["access_token"] == ids["client"].x5t
            assert s.session_reused


def test_a_ticket_of_another_listener_does_not_resume(start, tmp_path):
    public, mtls = start(ask=0), start()
    context = public.context("client", maximum_version=V12)
    with public.tls(context) as s:
        s.sendall(get("/text"))
        answer(s)
        session = s.session
    with mtls.tls(context, session=session) as s:
        s.sendall(post(TOKEN))
        assert "access_token" in answer(s).json
        assert not s.session_reused


SUITES_12 = ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"]
SUITES_12_RSA = ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384"]
SUITES_13 = ["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"]


@pytest.mark.parametrize("suite", SUITES_12)
def test_tls12_suites(start, suite):
    assert f"Cipher is {suite}" in s_client(start(), "-tls1_2", "-cipher", suite)


@pytest.mark.parametrize("suite", SUITES_12_RSA)
def test_tls12_suites_of_an_rsa_certificate(start, ids, suite):
    server = start(certificate=ids["server2"].certificate, key=ids["server2"].private_key)
    assert f"Cipher is {suite}" in s_client(server, "-tls1_2", "-cipher", suite)


@pytest.mark.parametrize("suite", SUITES_13)
def test_tls13_suites(start, suite):
    assert f"Cipher is {suite}" in s_client(start(), "-tls1_3", "-ciphersuites", suite)


def test_every_other_tls12_suite_is_refused(start, ids):
    everything = subprocess.run(["openssl", "ciphers", "-tls1_2", "-s", "ALL:@SECLEVEL=0"], capture_output=True,
                                text=True, check=True).stdout.strip()
    others = ":".join(c for c in everything.split(":") if c not in SUITES_12 + SUITES_12_RSA + SUITES_13)
    assert "ECDHE-ECDSA-CHACHA20-POLY1305" in others and "AES128-SHA" in others
    for server in (start(), start(certificate=ids["server2"].certificate, key=ids["server2"].private_key)):
        assert "Cipher is (NONE)" in s_client(server, "-tls1_2", "-cipher", others + ":@SECLEVEL=0")


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(start, version):
    assert "Cipher is (NONE)" in s_client(start(), version, "-cipher", "ALL:@SECLEVEL=0")


def test_tls13_is_chosen_where_both_offer_it(start):
    server = start()
    with server.tls() as s:
        assert s.version() == "TLSv1.3"


@pytest.mark.parametrize("group,taken", [("X25519", True), ("P-256", True), ("P-384", True), ("P-521", False),
                                         ("ffdhe2048", False)])
def test_groups(start, group, taken):
    assert ("Cipher is TLS_" in s_client(start(), "-tls1_3", "-groups", group)) is taken


def bare_tls13_hello():
    """A ClientHello of a client that speaks TLS 1.3 alone, and so says nothing of renegotiation (RFC 5746)."""
    def sized(data, size):
        return len(data).to_bytes(size, "big") + data

    def extension(kind, data):
        return kind.to_bytes(2, "big") + sized(data, 2)

    x25519 = bytes([9]) + bytes(31)  # the base point will do for a key share
    extensions = b"".join([
        extension(43, sized(bytes.fromhex("0304"), 1)),
        extension(10, sized(bytes.fromhex("001d"), 2)),
        extension(13, sized(bytes.fromhex("040308040401"), 2)),
        extension(51, sized(bytes.fromhex("001d") + sized(x25519, 2), 2)),
    ])
    hello = bytes.fromhex("0303") + bytes(32) + sized(b"", 1) + sized(bytes.fromhex("1301"), 2) + sized(b"\0", 1)
    hello += sized(extensions, 2)
    return bytes.fromhex("160301") + sized(b"\x01" + sized(hello, 3), 2)


def test_a_client_of_tls13_alone_is_served(start):
    server = start()
    with server.tcp() as s:
        s.sendall(bare_tls13_hello())
        records = s.recv(5)
        assert records[:1] == b"\x16", f"record type {records[:1].hex()}"  # ServerHello, no alert
        s.settimeout(0.5)
        rest = b""
        while len(rest) < 700:
            part = s.recv(4096)
            assert part, "the server ended the handshake"
            rest += part


def test_renegotiation_is_refused(start):
    server = start()
    text = s_client(server, "-tls1_2", "-legacy_renegotiation", text="R\nGET /text HTTP/1.1\r\nHost: a\r\n\r\n")
    assert "RENEGOTIATING" in text
    assert "HTTP/1.1 200" not in text


def test_early_data_is_off(start, tmp_path):
    server = start()
    session = str(tmp_path / "session")
    text = s_client(server, "-tls1_3", "-sess_out", session, "-ign_eof", "-crlf",
                    text="GET /text HTTP/1.1\nHost: a\nConnection: close\n\n")
    assert "HTTP/1.1 200" in text
    assert "Max Early Data: 0" in text


def test_a_failed_handshake_is_logged(start):
    server = start()
    s_client(server, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
    assert server.wait_for("tls_failed")[0]["address"] == "127.0.0.1"


def test_new_credentials_serve_new_handshakes_and_drop_nobody(start, ids):
    server = start()
    with server.tls(server.context("client")) as old:
        old.sendall(post(TOKEN))
        assert answer(old).status == 200
        server.obey(f"credentials {ids['server2'].certificate} {ids['server2'].private_key}")
        with server.tls(server.context("client")) as fresh:
            assert fresh.getpeercert(True) == ids["server2"].der
            fresh.sendall(post(TOKEN))
            assert answer(fresh).json["access_token"] == ids["client"].x5t
        assert old.getpeercert(True) == ids["server"].der
        old.sendall(post(TOKEN))
        assert answer(old).json["access_token"] == ids["client"].x5t


def test_a_key_of_another_certificate_is_refused_at_load(ids, tmp_path):
    done = subprocess.run([PROGRAM, f"certificate={ids['server'].certificate}",
                           f"key={ids['client'].private_key}"], input="", capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("key_file_invalid:")


def test_a_key_that_others_may_read_is_refused_at_load(ids, tmp_path):
    key = tmp_path / "key"
    key.write_text(open(ids["server"].private_key).read())
    key.chmod(0o644)
    done = subprocess.run([PROGRAM, f"certificate={ids['server'].certificate}", f"key={key}"], input="",
                          capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("secret_file_exposed:")




@pytest.mark.parametrize("version", [V12, V13])
def test_a_huge_certificate_is_for_the_endpoint_to_refuse(start, tmp_path, version):
    """Self-signed: the name is in it twice, as subject and as issuer."""
    server = start()
    huge = Identity(tmp_path, "huge", organization="x" * 28000)
    context = server.context(minimum_version=version, maximum_version=version)
    context.load_cert_chain(huge.certificate, huge.private_key)
    session = None
    for reused in (False, True):
        with server.tls(context, session=session) as s:
            s.sendall(post(TOKEN))
            assert answer(s).status in (200, 400)
            assert s.session_reused is reused
            session = s.session


@pytest.mark.parametrize("version", [V12, V13])
def test_beyond_its_limit_the_handshake_ends(start, tmp_path, version):
    server = start()
    huge = Identity(tmp_path, "huge", organization="x" * 31000)
    context = server.context(minimum_version=version, maximum_version=version)
    context.load_cert_chain(huge.certificate, huge.private_key)
    with pytest.raises(OSError):
        with server.tls(context) as s:
            s.sendall(post(TOKEN))
            answer(s)
    server.wait_for("tls_failed")
    assert server.ask(post(TOKEN), "client").status == 200
