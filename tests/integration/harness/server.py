"""certbound as a process: its configuration, its command line, its log."""

import base64
import copy
import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

import yaml

# Every test process has a loopback address of its own, so that parallel ones cannot take each other's ports.
HOST = f"127.{os.getpid() >> 14 & 0x7f | 0x80}.{os.getpid() >> 7 & 0x7f}.{(os.getpid() & 0x7f) + 1}"


_given = set()


def free_port():
    """One that this process was not given before: what is free once may be named for two listeners."""
    while True:
        with socket.socket() as s:
            s.bind((HOST, 0))
            port = s.getsockname()[1]
        if port not in _given:
            _given.add(port)
            return port


def eventually(question, timeout=10.0, every=0.05):
    """Asks until the answer is true; the last answer is returned."""
    deadline = time.monotonic() + timeout
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(every)
    return answer


class Log:
    """The JSON lines that the server wrote."""

    def __init__(self, path):
        self.path = path

    def text(self):
        return self.path.read_text(errors="replace") if self.path.exists() else ""

    def position(self):
        return len(self.lines())

    def lines(self, since=0):
        whole = self.text().rpartition("\n")[0]  # the last one may be on its way
        return [json.loads(line) for line in whole.splitlines() if line.startswith("{")][since:]

    def find(self, since=0, **fields):
        """Lines whose fields are all as given."""
        return [line for line in self.lines(since) if all(line.get(k) == v for k, v in fields.items())]

    def like(self, since=0, timeout=5.0, **fields):
        """The first such line; waits for it."""
        found = eventually(lambda: self.find(since, **fields), timeout)
        assert found, f"no log line like {fields} in\n" + "\n".join(map(json.dumps, self.lines(since)))
        return found[0]

    def unlike(self, since=0, **fields):
        assert not self.find(since, **fields)


class Certbound:
    """One installation: a folder with its configuration. The command line works on it, the server runs on it."""

    def __init__(self, binary, folder, pki, canary, store=None):
        self.binary = str(binary)
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.pki = pki
        self.canary = canary
        self.process = None
        self.starts = 0
        self.tls_authority = pki.authority("Server CA")
        self.tls = self.tls_authority.issue(
            "server", sans={"ip": [HOST], "dns": ["localhost"]}, eku=[_server_auth()])
        self.ports = {name: free_port() for name in ("public", "mtls", "ops")}
        self.issuer = f"https://{HOST}:{self.ports['public']}"
        self.mtls_url = f"https://{HOST}:{self.ports['mtls']}"
        self.kek = self.folder / "kek"
        self.write_secret(self.kek, base64.b64encode(os.urandom(32)) + b"\n")
        canary.secret(self.kek.read_text().strip())
        self.config_path = self.folder / "certbound.yaml"
        self.config = {
            "issuer": self.issuer,
            "listeners": {
                "public": self._listener("public"),
                "mtls": self._listener("mtls") | {"url": self.mtls_url},
                "ops": {"address": f"{HOST}:{self.ports['ops']}"},
            },
            "store": store or f"sqlite:{self.folder / 'certbound.db'}",
            "keys": {"encryption_key_file": str(self.kek), "publish_ahead": "1m"},
            "resources": [
                {"identifier": "https://api.example.com", "scopes": ["accounts", "payments"]},
                {"identifier": "https://consents.example.com", "scopes": ["consents"]},
            ],
            "default_resource": "https://api.example.com",
            "trust_groups": [],
            "log": {"level": "debug"},
        }

    def _listener(self, name):
        return {
            "address": f"{HOST}:{self.ports[name]}",
            "certificate": str(self.tls.pem),
            "private_key": str(self.tls.key),
        }

    @staticmethod
    def write_secret(path, data):
        path.touch(mode=0o600)
        path.chmod(0o600)
        path.write_bytes(data)

    def trust(self, group, *authorities, **options):
        """Adds a trust group; `options` are further keys of it."""
        bundle = self.folder / f"{group}.pem"
        bundle.write_bytes(b"".join(a.pem.read_bytes() for a in authorities))
        self.config["trust_groups"].append({"name": group, "anchors": str(bundle)} | options)

    def write_config(self, change=None):
        """Writes the file; `change` gets a copy of the configuration to spoil."""
        config = copy.deepcopy(self.config)
        if change:
            change(config)
        self.config_path.write_text(yaml.safe_dump(config, sort_keys=False))
        return self.config_path

    # --- the command line

    def cli(self, *arguments, check=True, config=True, timeout=30):
        """Runs a command. `config` puts --config behind its two words."""
        arguments = list(arguments)
        if config:
            self.config_path.exists() or self.write_config()
            arguments += ["--config", str(self.config_path)]
        done = subprocess.run([self.binary, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=timeout)
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def migrate(self):
        return self.cli("db", "migrate")

    def add_client(self, client_id, *, check=True, **fields):
        """add_client("a", tls_client_auth_subject_dn=..., trust_group=..., scope="accounts")"""
        arguments = ["client", "add", "--client-id", client_id]
        for field, value in fields.items():
            arguments += ["--" + field.replace("_", "-"), str(value)]
        return self.cli(*arguments, check=check)

    # --- the server

    @property
    def log(self):
        return Log(self.folder / f"server-{self.starts}.log")

    def start(self, wait=True):
        assert self.process is None
        self.config_path.exists() or self.write_config()
        self.starts += 1
        with open(self.log.path, "wb") as out:
            self.process = subprocess.Popen([self.binary, "serve", "--config", str(self.config_path)],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=15):
        assert eventually(self._ready_or_gone, timeout), "not ready:\n" + self.log.text()
        assert self.running(), f"ended with {self.process.returncode}:\n" + self.log.text()

    def _ready_or_gone(self):
        return not self.running() or self.ops("/readyz")[0] == 200

    def running(self):
        return self.process is not None and self.process.poll() is None

    def counted(self, event):
        """How often that event came, also those that the log held back."""
        line = f'certbound_events_total{{event="{event}"}} '
        return int(self.ops("/metrics")[1].split(line)[1].split()[0])

    def ops(self, path):
        """Status and body of a GET on the ops listener; status 0 when nobody answers."""
        try:
            with urllib.request.urlopen(f"http://{HOST}:{self.ports['ops']}{path}", timeout=5) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def signal(self, number):
        self.process.send_signal(number)

    def reload(self):
        """SIGHUP; returns the log line that tells the outcome."""
        since = self.log.position()
        self.signal(signal.SIGHUP)
        found = eventually(lambda: [line for line in self.log.lines(since) if line["event"] == "reloaded" or
                                    (line["event"] == "reload_refused" and "reason" in line)])
        assert found, "nothing said about the reload"
        return found[0]

    def refused_start(self):
        """`serve` ends by itself with status 1; returns what it said."""
        done = subprocess.run([self.binary, "serve", "--config", str(self.config_path)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=20)
        assert done.returncode == 1, done.stderr
        self.canary.text(f"refused start of {self.folder}", done.stdout + done.stderr)
        return done.stdout + done.stderr

    def stop(self, timeout=30):
        """An orderly end, status 0, and no secret in what was written. Safe to call twice."""
        if self.process is None:
            return
        process, self.process = self.process, None
        process.poll() is None and process.terminate()
        try:
            process.wait(timeout)
        finally:
            process.poll() is None and process.kill()
            process.wait()
            self.canary.text(str(self.log.path), self.log.path.read_bytes())
        assert process.returncode == 0, f"ended with {process.returncode}:\n" + self.log.text()[-4000:]

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0])


def _server_auth():
    from .pki import SERVER_AUTH
    return SERVER_AUTH
