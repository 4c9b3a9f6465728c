import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from listener import Identity, Server


@pytest.fixture(scope="session")
def ids(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pki")
    return {
        "server": Identity(folder, "server"),
        "server2": Identity(folder, "server2", rsa.generate_private_key(65537, 2048)),
        "client": Identity(folder, "client", common_name="client"),
        "rsa": Identity(folder, "rsa", rsa.generate_private_key(65537, 2048)),
        "p384": Identity(folder, "p384", ec.generate_private_key(ec.SECP384R1())),
        "p521": Identity(folder, "p521", ec.generate_private_key(ec.SECP521R1())),
        "ed25519": Identity(folder, "ed25519", ed25519.Ed25519PrivateKey.generate()),
    }


@pytest.fixture
def start(ids, tmp_path):
    servers = []

    def make(**options):
        servers.append(Server(ids, tmp_path, **options))
        return servers[-1]

    yield make
    for server in servers:
        server.stop()
        text = server.log_path.read_text()
        assert "Sanitizer" not in text and "runtime error" not in text, text
