"""From npm: openid-client as a partner, oidc-provider as another issuer whose bound tokens our verifier accepts.
Needs Node.js 20 or later; skipped elsewhere."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from harness import directory
from harness.client import curl
from harness.jose import claims_of, header_of
from harness.server import HOST

HERE = pathlib.Path(__file__).resolve().parent / "npm"
AUDIENCE = "https://api.example.com"


@pytest.fixture(scope="session")
def modules(scratch):
    """A folder with the scripts and what they import; reused between runs when ctest names one."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        pytest.skip("Node.js is not here")
    version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    if int(re.match(r"v(\d+)", version)[1]) < 20:
        pytest.skip(f"Node.js {version.strip()} is older than 20")
    folder = pathlib.Path(os.environ.get("CB_TEST_NPM_DIR", scratch / "npm"))
    folder.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "package-lock.json").read_bytes()
    done = folder / "installed.json"
    for path in HERE.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    if not done.exists() or done.read_bytes() != lock:
        installed = subprocess.run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, capture_output=True,
                                   text=True, timeout=300)
        if installed.returncode != 0:
            pytest.skip("npm ci failed: " + installed.stderr[-300:])
        done.write_bytes(lock)
    return folder


# --- openid-client


def openid_client(modules, server, identity, client_id="partner-a", algorithm="oauth2"):
    done = subprocess.run(["node", "openid-client.mjs", server.issuer, client_id, server.tls_authority.pem, identity.pem,
                           identity.key, algorithm], cwd=modules, capture_output=True, text=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    if "tokens" in answer:
        server.canary.secret(answer["tokens"]["access_token"])
    return answer


@pytest.mark.parametrize("algorithm", ["oauth2", "oidc"])
def test_openid_client_gets_a_token(modules, server, identities, algorithm):
    tokens = openid_client(modules, server, identities.a, algorithm=algorithm)["tokens"]
    assert tokens["token_type"].lower() == "bearer"
    assert claims_of(tokens["access_token"])["cnf"] == {"x5t#S256": identities.a.x5t}


def test_openid_client_understands_the_refusal(modules, server, identities):
    assert openid_client(modules, server, identities.b)["error"] == "invalid_client"


# --- openid-client registers itself


@pytest.fixture(scope="module")
def onboarding(make_server, authorities):
    """A server with a directory, which vouches for the partner."""
    made = make_server()
    made.trust("partners", authorities.ca)
    made.sandbox = directory.Directory(made, "sandbox", "generic", "partners", alg="ES256")
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


def registered(modules, server, applicant, algorithm, **asked):
    done = subprocess.run(["node", "openid-client-register.mjs", server.issuer, applicant.body(asked, {}),
                           server.tls_authority.pem, applicant.identity.pem, applicant.identity.key, algorithm],
                          cwd=modules, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    if "tokens" in answer:
        server.canary.secret(answer["tokens"]["access_token"])
        server.canary.secret(answer["registered"]["registration_access_token"])
    return answer


@pytest.mark.parametrize("algorithm", ["oauth2", "oidc"])
def test_openid_client_registers_and_gets_a_token(modules, onboarding, authorities, algorithm):
    applicant = directory.Sandbox(onboarding, onboarding.sandbox, authorities.ca.issue(f"register-{algorithm}"))
    answer = registered(modules, onboarding, applicant, algorithm)
    assert "tokens" in answer, answer
    assert answer["registered"]["scope"] == "accounts"
    assert claims_of(answer["tokens"]["access_token"])["client_id"] == answer["registered"]["client_id"]


def test_openid_client_understands_that_it_is_not_registered(modules, onboarding, authorities):
    applicant = directory.Sandbox(onboarding, onboarding.sandbox, authorities.ca.issue("refused"))
    assert registered(modules, onboarding, applicant, "oauth2", scope="everything")["error"] == "invalid_client_metadata"


# --- oidc-provider


@pytest.fixture(scope="module")
def issuer(modules, server, authorities):
    """Its URL."""
    process = subprocess.Popen(["node", "oidc-provider.mjs", HOST, authorities.ca.pem, server.tls.pem, server.tls.key, AUDIENCE],
                               cwd=modules, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    yield json.loads(process.stdout.readline())["issuer"]
    process.stdin.close()
    process.wait(20)


def fetched(server, *arguments):
    status, out, err = curl("--cacert", server.tls_authority.pem, *arguments)
    assert status == 0, err
    return json.loads(out)


@pytest.fixture(scope="module")
def token(issuer, server, identities):
    reply = fetched(server, "--cert", identities.a.pem, "--key", identities.a.key, "-d", "grant_type=client_credentials",
                    "-d", "client_id=partner-a", "-d", "scope=accounts", f"{issuer}/token")
    server.canary.secret(reply["access_token"])
    return reply["access_token"]


@pytest.fixture(scope="module")
def verify(issuer, server, binary):
    """`certbound verify`, which is the verifier library, with the issuer's keys."""
    jwks = server.folder / "their-jwks.json"
    jwks.write_text(json.dumps(fetched(server, f"{issuer}/jwks")))

    def run(token, identity, audience=AUDIENCE):
        return server.cli("verify", "--token", token, "--cert", identity.pem, "--jwks", jwks, "--issuer", issuer, "--audience",
                          audience, config=False, check=False)

    return run


def test_their_bound_token_is_accepted(token, verify, identities):
    assert header_of(token)["typ"] == "at+jwt"
    done = verify(token, identities.a)
    assert done.returncode == 0, done.stderr


def test_their_token_with_another_certificate_is_not(token, verify, identities):
    assert verify(token, identities.b).returncode == 1


def test_their_token_for_another_audience_is_not(token, verify, identities):
    assert verify(token, identities.a, "https://other.example").returncode == 1
