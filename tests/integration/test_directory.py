"""`certbound directory serve`: partners fetch their statements from it, the server its keys and theirs, and nobody
needs anything else to register."""

import json
import shutil
import signal
import subprocess
import uuid

import pytest
from harness.client import Partner, curl
from harness.directory import Sandbox, refused
from harness.jose import claims_of, unb64url
from harness.pki import SERVER_AUTH, name
from harness.server import HOST, Log, free_port

ISSUER = "the demo directory"
KEYS, STATEMENT = "/software/{}/jwks", "/software/{}/statement"


class Directory:
    """The program, its folder, and what Applicant asks of a directory."""

    def __init__(self, binary, folder, authority, canary, *options):
        self.folder = folder
        self.authority = authority
        self.tls = authority.issue("directory", sans={"ip": [HOST]}, eku=[SERVER_AUTH])
        self.port = free_port()
        self.tls_authority, self.ports, self.canary = authority, {"mtls": self.port}, canary  # as Partner wants it
        self.log = Log(folder.parent / f"{folder.name}.log")
        subprocess.run([binary, "directory", "init", "--dir", folder], check=True, stdout=subprocess.DEVNULL)
        with open(self.log.path, "wb") as out:
            self.process = subprocess.Popen(
                [binary, "directory", "serve", "--dir", folder, "--issuer", ISSUER, "--listen", f"{HOST}:{self.port}",
                 "--certificate", self.tls.pem, "--private-key", self.tls.key, *options],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self.log.like(event="listening", listener="directory", port=self.port)

    def url(self, path):
        return f"https://{HOST}:{self.port}{path}"

    def add(self, name, claims, identity=None, keys=None):
        made = self.folder / "software" / name
        made.mkdir(parents=True)
        (made / "claims.json").write_text(json.dumps(claims))
        if identity:
            shutil.copy(identity.pem, made / "organisation.pem")
        if keys:
            (made / "keys.jwks").write_text(json.dumps(keys))
        return name

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(20)
        self.canary.text(str(self.log.path), self.log.path.read_bytes())
        return status


@pytest.fixture(scope="module")
def directory(binary, scratch, pki, canary):
    made = Directory(binary, scratch / f"directory-{uuid.uuid4().hex[:8]}", pki.authority("Directory CA"), canary)
    yield made
    assert made.stop() == 0


@pytest.fixture(scope="module")
def ours(directory, identities):
    return directory.add("ours", {"software_id": "ours", "iss": "somebody else"}, identities.a, {"keys": []})


def ask(directory, identity, path):
    return Partner(directory, identity).get(path, listener="mtls")


def test_its_keys_are_those_of_the_folder(directory):
    reply = ask(directory, None, "/jwks")
    assert reply.status == 200 and reply.headers["content-type"] == "application/jwk-set+json"
    assert reply.body == (directory.folder / "signer.jwks").read_bytes()
    assert "d" not in reply.json["keys"][0]


def test_keys_of_a_software_are_for_everybody(directory, ours):
    reply = ask(directory, None, KEYS.format(ours))
    assert (reply.status, reply.json) == (200, {"keys": []})


@pytest.mark.parametrize("keys, text", [
    ('{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"c2VjcmV0"}]}',
     "key 2 of keys.jwks is private"),
    ('{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}', "key 1 of keys.jwks is private"),
    ("c2VjcmV0", "JSON"),
])
def test_no_private_key_is_published(directory, keys, text):
    since = directory.log.position()
    name = directory.add(f"private-{uuid.uuid4().hex[:8]}", {})
    (directory.folder / "software" / name / "keys.jwks").write_text(keys)
    reply = ask(directory, None, KEYS.format(name))
    assert reply.status == 500 and b"c2VjcmV0" not in reply.body
    assert text in directory.log.like(since, event="request_failed", status=500)["detail"]


def test_a_statement_is_for_its_organisation(directory, ours, identities):
    reply = ask(directory, identities.a, STATEMENT.format(ours))
    assert reply.status == 200 and reply.headers["content-type"] == "application/jwt"
    assert reply.headers["cache-control"] == "no-store"
    said = claims_of(reply.body.decode())
    assert said["iss"] == ISSUER and said["software_id"] == "ours" and "exp" not in said
    header = json.loads(unb64url(reply.body.decode().split(".")[0]))
    assert header["kid"] == json.loads((directory.folder / "signer.jwks").read_text())["keys"][0]["kid"]
    again = ask(directory, identities.a, STATEMENT.format(ours))
    assert claims_of(again.body.decode())["jti"] != said["jti"]


def test_others_get_no_statement(directory, ours, identities, authorities):
    since = directory.log.position()
    same_name = authorities.ca.issue("partner-a")
    for identity, status, reason in ((None, 400, "certificate_missing"), (identities.b, 403, "directory_organisation_other"),
                                     (same_name, 403, "directory_organisation_other")):
        reply = ask(directory, identity, STATEMENT.format(ours))
        assert reply.status == status and b"eyJ" not in reply.body
        directory.log.like(since, event="request_refused", reason=reason, status=status)


def test_an_organisation_may_have_several_certificates(directory, identities):
    name = directory.add("several", {"software_id": "several"}, identities.a)
    with open(directory.folder / "software" / name / "organisation.pem", "ab") as out:
        out.write(identities.b.pem.read_bytes())
    for identity, status in ((identities.a, 200), (identities.b, 200), (identities.other, 403)):
        assert ask(directory, identity, STATEMENT.format(name)).status == status


@pytest.mark.parametrize("path", ["/", "/software", "/software/nobody/jwks", "/software/nobody/statement",
                                  "/software/ours/claims.json", "/signer.key", "/software/ours/statement/",
                                  "/software/../jwks", "/software/ours%00/jwks", "/software//jwks"])
def test_paths_that_lead_nowhere(directory, ours, identities, path):
    reply = ask(directory, identities.a, path)
    assert reply.status == 404 and reply.json["error"] == "not_found"


@pytest.mark.parametrize("name, sent, status", [
    ("a" * 128, None, 200), ("a" * 129, None, 404), ("Az09-_.x", None, 200),
    (".hidden", None, 404), ("..", None, 404), ("..", "%2e%2e", 404), ("a b", "a%20b", 404), ("a\\b", "a%5cb", 404),
    ("ü", "%c3%bc", 404), ("a/b", "a%2fb", 404),
])
def test_names_of_software(directory, name, sent, status):
    """The files are there each time; it is the name that is no name."""
    folder = directory.folder / "software" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "keys.jwks").write_text('{"keys":[]}')
    assert ask(directory, None, KEYS.format(sent or name)).status == status


def test_it_only_tells(directory, ours, identities):
    reply = Partner(directory, identities.a).request("POST", STATEMENT.format(ours))
    assert reply.status == 405 and reply.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("claims", ["", "[]", '{"a":1,"a":2}', '{"a":"' + "a" * 16384 + '"}'],
                         ids=["empty", "array", "twice", "long"])
def test_claims_that_are_no_object(directory, identities, claims):
    name = directory.add(f"broken-{uuid.uuid4().hex[:8]}", {}, identities.a)
    (directory.folder / "software" / name / "claims.json").write_text(claims)
    reply = ask(directory, identities.a, STATEMENT.format(name))
    assert reply.status == 500 and reply.json["error"] == "server_error"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_lifetime_and_end(binary, scratch, pki, canary, identities, number):
    made = Directory(binary, scratch / f"directory-{uuid.uuid4().hex[:8]}", pki.authority("CA"), canary, "--lifetime", "60")
    try:
        name = made.add("short", {"software_id": "short"}, identities.a)
        said = claims_of(ask(made, identities.a, STATEMENT.format(name)).body.decode())
        assert said["exp"] == said["iat"] + 60
    finally:
        assert made.stop(number) == 0


def test_what_it_does_not_start_with(binary, scratch, directory):
    def status(**changed):
        given = {"dir": directory.folder, "issuer": "x", "listen": f"{HOST}:{free_port()}", "certificate": directory.tls.pem,
                 "private-key": directory.tls.key} | changed
        words = [w for k, v in given.items() for w in (f"--{k}", str(v))]
        done = subprocess.run([binary, "directory", "serve", *words], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=20)
        return done.returncode, done.stderr
    for lifetime in ("1h", "-1", "+1", " 1", "1.5", "0x1", "99999999999"):
        assert status(lifetime=lifetime) == (2, "certbound directory serve: --lifetime takes seconds; see certbound directory "
                                                "serve --help\n")
    for changed, text in (({"dir": scratch}, "signer.key"), ({"listen": directory.url("")[8:]}, "in use"),
                          ({"private-key": directory.tls.pem}, "")):
        code, said = status(**changed)
        assert code == 1 and text in said


# --- the whole way: statement, registration, token


class Stated:
    """As Applicant asks: the statement of the directory, whatever the partner would have it say."""

    def __init__(self, directory, identity, name):
        self.directory, self.identity, self.name = directory, identity, name

    def statement(self, _claims):
        status, text, said = curl("--cacert", self.directory.authority.pem, "--cert", self.identity.pem, "--key",
                                  self.identity.key, "--fail-with-body", self.directory.url(STATEMENT.format(self.name)))
        assert status == 0, text + said
        return text


@pytest.fixture(scope="module")
def server(make_server, authorities, directory):
    made = make_server()
    made.trust("partners", authorities.ca)
    made.config["roles"] = [{"role": "AISP", "scopes": ["accounts"]}]
    made.config["outbound"] = {"allowed_addresses": [HOST], "ca_file": str(directory.authority.pem)}
    made.config["directories"] = [
        {"name": "demo", "issuer": ISSUER, "jwks": directory.url("/jwks"), "trust_group": "partners"},
    ]
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


def test_a_partner_registers_with_its_statement(server, directory, authorities):
    identity = authorities.ca.issue("registers-itself")
    directory.add("registers-itself", {"software_id": "registers-itself", "software_roles": ["AISP"]}, identity)
    partner = Sandbox(server, Stated(directory, identity, "registers-itself"), identity)
    made = partner.registered()
    assert made["software_id"] == "registers-itself"
    assert claims_of(partner.access_token(scope="accounts"))["client_id"] == made["client_id"]


def test_a_workload_registers_by_its_spiffe_id(server, directory, authorities):
    """Its certificates have no subject, and the next one works like the first."""
    spiffe = "spiffe://bank.example/gateway"
    first, second = (authorities.ca.issue(f"svid-{n}", subject=name(), sans={"uri": [spiffe]}) for n in range(2))
    directory.add("gateway", {"software_id": "gateway", "software_roles": ["AISP"]}, first)
    partner = Sandbox(server, Stated(directory, first, "gateway"), first)
    asked = {"tls_client_auth_subject_dn": None, "tls_client_auth_san_uri": spiffe}
    other = {"tls_client_auth_subject_dn": None, "tls_client_auth_san_uri": f"{spiffe}-2"}
    refused(partner, partner.register(other), 400, "invalid_client_metadata", "client_metadata_refused",
            rule="certificate_subject")
    assert partner.registered(asked)["tls_client_auth_san_uri"] == spiffe
    for identity in (first, second):
        workload = Partner(server, identity, partner.client_id)
        assert claims_of(workload.access_token(scope="accounts"))["client_id"] == partner.client_id
