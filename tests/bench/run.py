"""Measures the server of a build folder and prints one `bench:` line per figure.

    /usr/bin/python3 tests/bench/run.py build/release [--requests N] [--postgresql CONNECTION]

Every figure is CPU time of the server's process and has its floor, measured beside it in the same run: an empty reply
over the same TLS (floor_server) and one bare ES256 signature. Rounds alternate between the two and the median counts,
because the machine may be shared. Nothing fails on a time.
"""

import argparse
import pathlib
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 5
LINE = re.compile(r"^bench: (\S+) value=(\S+) unit=(\S+)(?: floor=(\S+))?", re.M)


def figures(text):
    return {m[1]: (float(m[2]), float(m[4] or 0)) for m in LINE.finditer(text)}


def show(name, value, unit, floor=None):
    tail = f" floor={floor:.2f} ratio={value / floor:.3f}" if floor else ""
    print(f"bench: {name} value={value:.2f} unit={unit}{tail}", flush=True)


class Bench:
    def __init__(self, build, folder):
        self.bin = pathlib.Path(build).resolve() / "bin"
        self.folder = pathlib.Path(folder)
        self.processes = []

    def run(self, program, *args):
        return subprocess.run([self.bin / program, *map(str, args)], check=True, capture_output=True, text=True).stdout

    def certbound(self, *args):
        return self.run("certbound", *args)

    def spawn(self, *command):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=open(self.folder / "log", "ab"), text=True)
        self.processes.append(process)
        return process

    def start(self, *command, until):
        process = self.spawn(*command)
        for line in process.stdout:
            if found := re.search(until, line):
                return process, found
        raise SystemExit(f"{command[0]} did not start; see {self.folder / 'log'}")

    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        process.stdin.close()
        process.wait(30)
        self.processes.remove(process)

    def end(self):
        for process in list(self.processes):
            process.kill()

    def load(self, pid, port, mode, requests, body, client="partner-a"):
        pki = self.folder / "dev"
        text = self.run("bench_tls_client", "host=localhost", f"port={port}", f"ca={pki / 'ca.pem'}",
                        f"certificate={pki / (client + '.pem')}", f"key={pki / (client + '.key')}", "path=/token",
                        f"body={body}", f"mode={mode}", f"requests={requests}", f"pid={pid}", "name=x")
        refused = int(re.search(r"(\d+) refused", text)[1])
        if refused:
            raise SystemExit(f"{refused} requests were refused")
        return figures(text)["x"][0]


def resident_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def alternate(bench, server, server_port, floor, floor_port, mode, requests):
    body = "grant_type=client_credentials&client_id=partner-a&scope=accounts"
    values, floors = [], []
    for _ in range(ROUNDS):
        floors.append(bench.load(floor.pid, floor_port, mode, requests, body))
        values.append(bench.load(server.pid, server_port, mode, requests, body))
    return statistics.median(values), statistics.median(floors)


def statements(ops_port):
    import urllib.request
    text = urllib.request.urlopen(f"http://127.0.0.1:{ops_port}/metrics", timeout=5).read().decode()
    return int(re.search(r"^certbound_store_statements_total (\d+)", text, re.M)[1])


class Server:
    """certbound on a demo folder: `certbound dev` makes it, then it is served from its own configuration."""

    def __init__(self, bench, store=None, clients=0, prepare=None):
        self.bench = bench
        dev = bench.folder / "dev"
        if not dev.exists():
            process, _ = bench.start(bench.bin / "certbound", "dev", "--dir", dev, "--port", "18443", until="^ready")
            bench.stop(process)
        self.config = dev / "certbound.yaml"
        text = self.config.read_text()
        if store:
            text = re.sub(r"(?m)^store:.*", f"store: {store}", text)
            self.config = dev / "other.yaml"
            self.config.write_text(text)
            bench.certbound("db", "migrate", "--config", self.config)
            bench.certbound("client", "add", "--config", self.config, "--client-id", "partner-a", "--certificate",
                            dev / "partner-a.pem", "--scope", "accounts payments")
        if prepare:
            self.config = prepare(bench, dev, text)
        self.ops = int(re.search(r"(?s)ops:.*?127\.0\.0\.1:(\d+)", text)[1])
        self.store = re.search(r"(?m)^store:\s*\"?([^\"\n]+)", text)[1].strip()
        if self.store.startswith("sqlite:") and not self.store.startswith("sqlite:/"):
            self.store = f"sqlite:{dev / self.store[7:]}"
        if clients:
            bench.run("bench_fill", self.store, clients)
        began = time.monotonic()
        self.process = bench.spawn(bench.bin / "certbound", "serve", "--config", self.config)
        while not self.ready():
            time.sleep(0.005)
        self.ready_ms = (time.monotonic() - began) * 1000
        self.pid = self.process.pid
        self.port = 18444

    def ready(self):
        import urllib.error
        import urllib.request
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.ops}/readyz", timeout=1).status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self):
        self.bench.stop(self.process)


def idle_connections(bench, port, count):
    import ssl
    import socket
    pki = bench.folder / "dev"
    context = ssl.create_default_context(cafile=pki / "ca.pem")
    context.load_cert_chain(pki / "partner-a.pem", pki / "partner-a.key")
    held = []
    for n in range(count):
        # Each address may hold 512 connections.
        raw = socket.create_connection(("127.0.0.1", port), source_address=(f"127.0.0.{2 + n % 8}", 0))
        held.append(context.wrap_socket(raw, server_hostname="localhost"))
    return held


def tokens(bench, label, server, floor, floor_port, signature, requests):
    before = statements(server.ops)
    for mode, count in (("keep_alive", requests), ("new_handshake", requests // 20), ("resumed_handshake", requests // 20)):
        value, empty = alternate(bench, server, server.port, floor, floor_port, mode, count)
        show(f"token_{mode}_{label}", value, "us", empty + signature)
    show(f"token_statements_{label}", statements(server.ops) - before, "statements")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--requests", type=int, default=20000, help="of each keep-alive round")
    parser.add_argument("--postgresql", help="a connection string of an empty database")
    parser.add_argument("--long", action="store_true", help="a million tokens, to see whether memory grows")
    o = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="certbound-bench-") as folder:
        bench = Bench(o.build, folder)
        try:
            measure(bench, o)
        finally:
            bench.end()


LISTED = """trust_groups:
  - name: checked
    anchors: listed-ca.pem
    revocation: {check: crl, crls: [listed.crl]}
  - name: unchecked
    anchors: listed-ca.pem
"""


def with_a_list(bench, dev, text):
    """One certificate, two clients: their groups differ in that one checks a list of a million entries."""
    bench.run("bench_crl", dev)
    config = dev / "listed.yaml"
    config.write_text(text.replace("trust_groups:\n", LISTED))
    for group in ("checked", "unchecked"):
        bench.certbound("client", "add", "--config", config, "--client-id", group, "--trust-group", group,
                        "--certificate", dev / "listed.pem", "--scope", "accounts")
    return config


def revocation(bench, requests):
    server = Server(bench, prepare=with_a_list)  # and the 10,000 clients that are there already
    show("start_to_ready_1000000_revoked", server.ready_ms, "ms")
    show("memory_10000_clients_1000000_revoked", resident_mb(server.pid), "MB")
    for mode, count in (("keep_alive", requests), ("new_handshake", requests // 20)):
        costs = {"checked": [], "unchecked": []}
        for _ in range(ROUNDS):
            for group, values in costs.items():
                body = f"grant_type=client_credentials&client_id={group}&scope=accounts"
                values.append(bench.load(server.pid, server.port, mode, count, body, client="listed"))
        show(f"token_{mode}_revocation_checked", statistics.median(costs["checked"]), "us",
             statistics.median(costs["unchecked"]))
    server.stop()


def measure(bench, o):
    signature, bare = figures(bench.run("bench_signature"))["es256_signature"]
    show("es256_signature", signature, "us", bare)
    for program in ("bench_verifier", "bench_trust", "bench_crl"):
        for line in bench.run(program).splitlines():
            if line.startswith("bench:"):
                print(line, flush=True)
    server = Server(bench)
    pki = bench.folder / "dev"
    floor, found = bench.start(bench.bin / "bench_floor_server", pki / "server.pem", pki / "server.key", "2", "ask",
                               until=r"^port (\d+)")
    floor_port = int(found[1])
    tokens(bench, "sqlite", server, floor, floor_port, bare, o.requests)
    server.stop()
    if o.postgresql:
        server = Server(bench, store=o.postgresql)
        tokens(bench, "postgresql", server, floor, floor_port, bare, o.requests)
        server.stop()
    bench.stop(floor)

    server = Server(bench, clients=10000)
    show("start_to_ready_10000_clients", server.ready_ms, "ms")
    show("memory_10000_clients", resident_mb(server.pid), "MB")
    held = idle_connections(bench, server.port, 1000)
    show("memory_10000_clients_1000_connections", resident_mb(server.pid), "MB")
    for connection in held:
        connection.close()
    if o.long:
        body = "grant_type=client_credentials&client_id=partner-a&scope=accounts"
        bench.load(server.pid, server.port, "keep_alive", 100000, body)
        before = resident_mb(server.pid)
        bench.load(server.pid, server.port, "keep_alive", 1000000, body)
        show("memory_growth_over_1000000_tokens", resident_mb(server.pid) - before, "MB")
    server.stop()
    revocation(bench, o.requests)


if __name__ == "__main__":
    sys.exit(main())
