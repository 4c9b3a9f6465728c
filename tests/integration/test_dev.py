"""`certbound dev`: everything that a first try needs, made afresh."""

import json
import random
import signal
import socket
import stat
import subprocess
import threading

import pytest
from harness.client import curl
from harness.jose import claims_of
from harness.server import eventually


class Dev:
    def __init__(self, binary, folder, port, *options):
        self.folder, self.port = folder, port
        self.said = []
        self.log = open(folder.parent / f"{folder.name}.log", "wb")
        options = options or ("--dir", folder, "--port", str(port))
        self.process = subprocess.Popen([binary, "dev", *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.log, text=True)
        threading.Thread(target=lambda: self.said.extend(self.process.stdout), daemon=True).start()

    def wait_ready(self):
        assert eventually(lambda: "ready\n" in self.said or self.process.poll() is not None, timeout=20)
        assert self.process.poll() is None, self.said

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(20)
        self.log.close()
        return status

    def token(self, partner, client_id=None, *more):
        return curl("--cacert", self.folder / "ca.pem", "--cert", self.folder / f"{partner}.pem", "--key",
                    self.folder / f"{partner}.key", "-d", "grant_type=client_credentials", "-d",
                    f"client_id={client_id or partner}", *more, f"https://localhost:{self.port + 1}/token")


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def four_ports():
    """The first of four in a row, below those that the kernel lends to whoever connects."""
    while True:
        port = random.randrange(20000, 32000)
        if all(is_free(port + i) for i in range(4)):
            return port


@pytest.fixture
def dev(binary, scratch, request, canary):
    started = Dev(binary, scratch / f"dev-{request.node.name[:20]}", four_ports())
    yield started
    started.stop()
    for where in ("stdout", "stderr"):
        text = "".join(started.said) if where == "stdout" else open(started.log.name).read()
        canary.text(f"dev {where} {started.folder}", text)


def test_files_and_their_modes(dev):
    dev.wait_ready()
    names = {p.name for p in dev.folder.iterdir()}
    assert {"ca.pem", "server.pem", "server.key", "partner-a.pem", "partner-a.key", "partner-b.pem", "partner-b.key",
            "certbound.yaml"} <= names
    for path in dev.folder.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(dev.folder.stat().st_mode) == 0o700


def registered(dev):
    """What partner B was told when it registered itself."""
    path = dev.folder / "partner-b.registration"
    assert eventually(path.exists, timeout=10)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return json.loads(path.read_text())


def test_partner_b_registers_itself(dev):
    dev.wait_ready()
    told = registered(dev)
    assert told["client_id"] != "partner-b" and told["token_endpoint_auth_method"] == "tls_client_auth"
    assert told["scope"] == "accounts payments" and told["registration_access_token"]


def test_both_partners_get_a_token(dev, canary):
    dev.wait_ready()
    for partner, client_id in (("partner-a", "partner-a"), ("partner-b", registered(dev)["client_id"])):
        status, out, err = dev.token(partner, client_id)
        assert status == 0, err
        token = json.loads(out)["access_token"]
        canary.secret(token)
        assert claims_of(token)["client_id"] == client_id
    status, out, _ = dev.token("partner-b", "partner-a")
    assert json.loads(out)["error"] == "invalid_client"


def test_metadata_at_the_issuer(dev):
    dev.wait_ready()
    status, out, err = curl("--cacert", dev.folder / "ca.pem",
                            f"https://localhost:{dev.port}/.well-known/oauth-authorization-server")
    assert status == 0, err
    assert json.loads(out)["issuer"] == f"https://localhost:{dev.port}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_in_order(dev, number):
    dev.wait_ready()
    assert dev.stop(number) == 0


def test_second_start_keeps_what_is_there(binary, scratch):
    folder, port = scratch / "dev-again", four_ports()
    kept = None
    for _ in range(2):
        dev = Dev(binary, folder, port)
        dev.wait_ready()
        content = (folder / "ca.pem").read_bytes(), (folder / "partner-a.pem").read_bytes()
        assert kept in (None, content)
        kept = content
        assert json.loads(dev.token("partner-a")[1])["token_type"] == "Bearer"
        assert dev.stop() == 0


def test_a_start_that_ended_before_partner_b_was_registered(binary, scratch):
    """As if it had been stopped at once: the next one makes up for it, on the folder's own port."""
    folder, port = scratch / "dev-cut-short", four_ports()
    first = Dev(binary, folder, port)
    first.wait_ready()
    lost = registered(first)["client_id"]
    assert first.stop() == 0
    subprocess.run([binary, "client", "remove", lost, "--config", folder / "certbound.yaml"], check=True)
    (folder / "partner-b.registration").unlink()
    second = Dev(binary, folder, port, "--dir", folder)
    second.wait_ready()
    assert registered(second)["client_id"] != lost
    assert second.stop() == 0


def test_two_folders_share_no_key(binary, scratch):
    found = []
    for name in ("dev-one", "dev-two"):
        dev = Dev(binary, scratch / name, four_ports())
        dev.wait_ready()
        found.append((scratch / name / "ca.pem").read_bytes())
        dev.stop()
    assert found[0] != found[1]


def test_port_in_use(binary, scratch, dev):
    dev.wait_ready()
    second = Dev(binary, scratch / "dev-late", dev.port)
    assert second.process.wait(20) == 1


def test_folder_that_cannot_be_made(binary):
    done = subprocess.run([binary, "dev", "--dir", "/proc/nowhere"], stdin=subprocess.DEVNULL, capture_output=True, timeout=20)
    assert done.returncode == 1
