"""nginx and HAProxy as processes, with the configurations of examples/: only addresses and paths are replaced."""

import os
import pathlib
import shutil
import socket
import subprocess

from .server import HOST, eventually, free_port

SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"  # not everybody's PATH has the first
EXAMPLES = pathlib.Path(__file__).resolve().parents[3] / "examples"


def path_of(program):
    """None when it is not installed."""
    return shutil.which(program, path=SBIN)


class Balancer:
    """Ends TLS with the server's own certificate and passes on to it. `identity` is the proxy's certificate."""

    def __init__(self, program, server, kind, folder, identity):
        self.program, self.server, self.folder = program, server, folder
        self.port = free_port()
        self.process = None
        folder.mkdir()
        self.log = folder / "log"
        text = (EXAMPLES / program / f"{kind}.{self.suffix}").read_text()
        for old, new in {**self.common(kind, identity), **self.replaced()}.items():
            assert old in text, f"{old} is not in the example"
            text = text.replace(old, new)
        self.config = folder / f"{program}.{self.suffix}"
        self.config.write_text(text)

    def common(self, kind, identity):
        self.put("server", self.server.tls)
        replaced = {f"/etc/{self.program}/certbound/": f"{self.folder}/"}
        if kind == "tls":
            self.put("proxy", identity)
            shutil.copy(self.server.tls_authority.pem, self.folder / "certbound-ca.pem")
            replaced["10.0.0.20:8444"] = f"{HOST}:{self.server.ports['mtls']}"
            replaced["mtls.as.example.com"] = "localhost"
        else:
            replaced["/run/certbound/mtls.sock"] = str(self.server.folder / "mtls.sock")
        return replaced

    def start(self):
        with open(self.log, "wb") as out:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        assert eventually(self.answers), self.log.read_text()
        return self

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as s:
            return s.connect_ex((HOST, self.port)) == 0

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


class Nginx(Balancer):
    suffix = "conf"

    def put(self, name, identity):
        shutil.copy(identity.pem, self.folder / f"{name}.pem")
        shutil.copy(identity.key, self.folder / f"{name}.key")

    def replaced(self):
        """Also where it writes, which a package has in folders of root's."""
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind}; "
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return {"listen 443 ssl": f"listen {HOST}:{self.port} ssl",
                "http {": f"http {{ access_log off; {temporary}"}

    def command(self):
        as_root = "user root; " if os.geteuid() == 0 else ""  # or else the socket is not for its workers
        return [path_of("nginx"), "-p", self.folder, "-c", self.config, "-e", self.log,
                "-g", f"daemon off; {as_root}pid {self.folder}/pid;"]


class Haproxy(Balancer):
    suffix = "cfg"

    def put(self, name, identity):
        """Certificate and key in one file."""
        both = self.folder / f"{name}.pem"
        both.write_bytes(identity.pem.read_bytes() + identity.key.read_bytes())

    def replaced(self):
        return {"bind :443 ssl": f"bind {HOST}:{self.port} ssl"}

    def command(self):
        return [path_of("haproxy"), "-db", "-f", self.config]


class Behind:
    """The server as partners reach it through the balancer."""

    def __init__(self, server, balancer):
        self.server = server
        self.ports = {**server.ports, "mtls": balancer.port}

    def __getattr__(self, name):
        return getattr(self.server, name)
