"""Stands between the server and its database, so that a test can take the database away and give it back."""

import socket
import threading
import urllib.parse

from .server import HOST, free_port


def endpoint_of(conninfo):
    """("unix", path) or ("tcp", (host, port)) of a postgresql:// URI."""
    url = urllib.parse.urlsplit(conninfo)
    query = urllib.parse.parse_qs(url.query)
    host = query.get("host", [urllib.parse.unquote(url.hostname or "")])[0]
    port = int(query.get("port", [url.port or 5432])[0])
    if host.startswith("/"):
        return "unix", f"{host}/.s.PGSQL.{port}"
    return "tcp", (host or "127.0.0.1", port)


def through(conninfo, proxy):
    """The same database by way of the proxy."""
    url = urllib.parse.urlsplit(conninfo)
    query = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items() if k not in ("host", "port")}
    user = url.netloc.rpartition("@")[0]
    netloc = (user + "@" if user else "") + f"{HOST}:{proxy.port}"
    return urllib.parse.urlunsplit((url.scheme, netloc, url.path, urllib.parse.urlencode(query, quote_via=urllib.parse.quote), ""))


class Proxy:
    def __init__(self, conninfo):
        self.kind, self.address = endpoint_of(conninfo)
        self.port = free_port()
        self.listener = None
        self.pairs = []

    def up(self):
        self.listener = socket.create_server((HOST, self.port))
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def down(self):
        """New connections are refused, those that are open are reset."""
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for sock in self.pairs:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.pairs = []

    def _accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX if self.kind == "unix" else socket.AF_INET)
            far.connect(self.address)
            self.pairs += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
