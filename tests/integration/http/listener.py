"""One listener as a process, certificates for it, and a client that says exactly which bytes go out."""
import base64
import datetime
import hashlib
import http.client
import ipaddress
import json
import os
import pathlib
import socket
import ssl
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

PROGRAM = os.environ["CERTBOUND_LISTENER_SERVER"]
FORM = "application/x-www-form-urlencoded"


class Identity:
    """A self-signed certificate and its key, as files."""

    def __init__(self, folder, name, key=None, common_name="localhost", organization=None):
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        words = [(NameOID.COMMON_NAME, common_name), (NameOID.ORGANIZATION_NAME, organization)]
        subject = x509.Name([x509.NameAttribute(oid, text) for oid, text in words if text])
        now = datetime.datetime.now(datetime.timezone.utc)
        digest = None if isinstance(self.key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        certificate = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=7))
            .add_extension(x509.SubjectAlternativeName(names), False).sign(self.key, digest))
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.x5t = base64.urlsafe_b64encode(hashlib.sha256(self.der).digest()).rstrip(b"=").decode()
        self.certificate = str(folder / f"{name}.pem")
        self.private_key = str(folder / f"{name}.key")
        with open(self.certificate, "wb") as f:
            f.write(certificate.public_bytes(serialization.Encoding.PEM))
        with open(os.open(self.private_key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            f.write(self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))


class Server:
    def __init__(self, ids, tmp_path, **options):
        self.ids = ids
        self.log_path = tmp_path / "log"
        before = options.pop("before", None)
        if options.pop("tls", True):
            options.setdefault("certificate", ids["server"].certificate)
            options.setdefault("key", ids["server"].private_key)
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen([PROGRAM] + [f"{k}={v}" for k, v in options.items()], stderr=log,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                            preexec_fn=before)
        first = self.process.stdout.readline()
        assert first.startswith("port "), self.log_path.read_text()
        self.port = int(first.split()[1])

    def command(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def obey(self, text):
        self.command(text)
        assert self.process.stdout.readline() == "done\n"

    def stop(self):
        if self.process.poll() is None:
            self.command("stop")
        out, _ = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, self.log_path.read_text()
        return out

    def log(self):
        return [json.loads(line) for line in self.log_path.read_text().splitlines() if line.startswith("{")]

    def events(self, name):
        return [e for e in self.log() if e["event"] == name]

    def wait_for(self, name, count=1, timeout=5):
        end = time.monotonic() + timeout
        while len(self.events(name)) < count and time.monotonic() < end:
            time.sleep(0.02)
        found = self.events(name)
        assert len(found) >= count, self.log_path.read_text()
        return found

    def context(self, identity=None, **attributes):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ids["server"].certificate)
        context.load_verify_locations(self.ids["server2"].certificate)
        if identity:
            context.load_cert_chain(self.ids[identity].certificate, self.ids[identity].private_key)
        for name, value in attributes.items():
            setattr(context, name, value)
        return context

    def tcp(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=15)

    def tls(self, context=None, session=None):
        return (context or self.context()).wrap_socket(self.tcp(), server_hostname="localhost", session=session)

    def ask(self, raw, identity=None):
        """The bytes on a connection of their own; the answer."""
        with self.tls(self.context(identity)) as s:
            s.sendall(raw)
            return answer(s)


def answer(s, method="GET"):
    """Reads one reply. Adds .text and .json to http.client's."""
    reply = http.client.HTTPResponse(s, method=method)
    reply.begin()
    reply.text = reply.read().decode()
    if reply.getheader("Content-Type") == "application/json" and reply.text:
        reply.json = json.loads(reply.text)
    return reply


def post(body, path="/token", content_type=FORM, headers=()):
    body = body.encode() if isinstance(body, str) else body
    head = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    head += [f"Content-Type: {content_type}"] if content_type else []
    return "\r\n".join(head + list(headers) + ["", ""]).encode() + body


def get(path, method="GET", headers=()):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


TOKEN = "grant_type=client_credentials&client_id=a"


def cpu_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def closed(s, within, drip=b""):
    """Seconds until the server ended the connection, to which `drip` goes at ten bytes a second."""
    begun = time.monotonic()
    s.settimeout(0.1)
    rest = list(drip)
    while time.monotonic() - begun < within:
        try:
            if not s.recv(4096):
                break
        except socket.timeout:
            if rest:
                try:
                    s.sendall(bytes([rest.pop(0)]))
                except OSError:
                    break
        except OSError:
            break
    took = time.monotonic() - begun
    assert took < within, "still open"
    return took
