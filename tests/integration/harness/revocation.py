"""A server that asks whether its partners' certificates are revoked, and what it says then."""

import subprocess

import pytest

from . import expect
from .client import Partner
from .server import HOST
from .status import StatusServer

INVALID = 400, "invalid_client", "certificate_revoked"
NOT_KNOWN = 503, "temporarily_unavailable", "revocation_unknown"


@pytest.fixture
def status():
    server = StatusServer()
    yield server
    server.stop()


@pytest.fixture
def server(make_server, authorities, status):
    """Not started, nothing checked yet: tests set the policy of group `partners` by `policy`."""
    server = make_server()
    server.config["outbound"] = {"allowed_addresses": [HOST], "plain_http": [HOST], "timeout": "2s"}
    yield server
    server.stop()


def start(server, authority, identity, **policy):
    """A server whose group follows the policy, and a partner of it."""
    server.trust("partners", authority, revocation=policy)
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identity.subject, trust_group="partners",
                      scope="accounts")
    server.start()
    return Partner(server, identity, "partner-a")


def refused(partner, reply, kind, **fields):
    status, error, reason = kind
    event = "request_failed" if status == 503 else "token_refused"
    return expect.refused(partner, reply, status, error, reason, event=event, **fields)


def metric(server, name):
    for line in server.ops("/metrics")[1].splitlines():
        if line.startswith(name + " ") or line.startswith(name + "{"):
            yield line


@pytest.fixture
def openssl_ca(server, authorities, tmp_path):
    """`openssl ca` and `openssl ocsp` on the CA's key: made by nobody who knows our code."""
    ca = authorities.ca
    (tmp_path / "index.txt").write_text("")
    (tmp_path / "crlnumber").write_text("01\n")
    (tmp_path / "ca.cnf").write_text(f"""
[ca]
default_ca = it
[it]
database = {tmp_path}/index.txt
crlnumber = {tmp_path}/crlnumber
certificate = {ca.pem}
private_key = {ca.identity.key}
default_md = sha256
default_crl_days = 1
""")

    class OpenSsl:
        index = tmp_path / "index.txt"

        def enter(self, identity, revoked):
            serial = f"{identity.certificate.serial_number:X}"
            serial = serial.zfill(len(serial) + len(serial) % 2)
            state = ("R", "260101000000Z") if revoked else ("V", "")
            self.index.write_text(f"{state[0]}\t491231235959Z\t{state[1]}\t{serial}\tunknown\t/CN=x\n")

        def crl(self, path):
            subprocess.run(["openssl", "ca", "-config", tmp_path / "ca.cnf", "-gencrl", "-out", path],
                           check=True, capture_output=True)

        def responder(self, port):
            return subprocess.Popen(
                ["openssl", "ocsp", "-index", self.index, "-port", str(port), "-rsigner", ca.pem, "-rkey",
                 ca.identity.key, "-CA", ca.pem, "-rmd", "sha256", "-nmin", "5"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    return OpenSsl()
