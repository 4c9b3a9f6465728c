"""The command line: --help, --json, exit statuses, and what an operator does with it."""

import json
import subprocess
import uuid

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from harness import expect
from harness.client import Partner
from harness.jose import claims_of, jwk_of, unb64url
from harness.pki import SERVER_AUTH, days, name, now

COMMANDS = ["serve", "dev", "config check", "config print", "db migrate", "db status", "client add", "client list",
            "client show", "client update", "client disable", "client enable", "client remove",
            "client check-registration", "client certificates", "client revocations", "client revoke-certificate",
            "client unrevoke-certificate", "key list", "key rotate",
            "key retire", "trust list", "explain", "token", "register", "directory init", "directory statement", "directory serve", "verify"]


def run(server, *words, **options):
    return server.cli(*words, check=False, **options)


# --- help and exit statuses


@pytest.mark.parametrize("command", COMMANDS)
def test_help(installation, command):
    done = run(installation, *command.split(), "--help", config=False)
    assert done.returncode == 0
    assert command in done.stdout and done.stderr == ""


def test_help_of_all(installation):
    done = run(installation, "--help", config=False)
    assert done.returncode == 0
    for command in COMMANDS:
        assert command.split()[0] in done.stdout


def test_version(installation):
    done = run(installation, "--version", config=False)
    assert done.returncode == 0 and done.stdout.startswith("certbound ")


@pytest.mark.parametrize("words", [
    [], ["nonsense"], ["client"], ["client", "nonsense"], ["serve", "--nonsense"], ["serve"], ["client", "show"],
    ["config", "check", "--config"], ["key", "retire"], ["serve", "--config", "a", "--config", "b"],
], ids=str)
def test_usage_is_2(installation, words):
    done = run(installation, *words, config=False)
    assert done.returncode == 2
    assert done.stdout == "" and done.stderr.strip()


@pytest.mark.parametrize("words", [
    ["client", "show", "nobody"], ["client", "disable", "nobody"], ["client", "enable", "nobody"],
    ["client", "remove", "nobody"], ["client", "certificates", "nobody"], ["client", "unrevoke-certificate", "A" * 43], ["client", "update", "nobody", "--scope", "accounts"],
    ["key", "retire", "nothing", "--force"],
], ids=str)
def test_not_found_is_1(installation, words):
    done = run(installation, *words)
    assert done.returncode == 1
    assert done.stdout == "" and done.stderr.strip()


@pytest.mark.parametrize("words", [["client", "list"], ["db", "status"], ["config", "check"]], ids=str)
def test_missing_configuration_is_1(installation, words):
    done = run(installation, *words, "--config", "/nonexistent.yaml", config=False)
    assert done.returncode == 1
    assert "/nonexistent.yaml" in done.stderr


# --- clients


def shown(server, client_id):
    return json.loads(server.cli("client", "show", client_id, "--json").stdout)


def test_client_add_show_list_remove(installation):
    installation.add_client("cli-1", tls_client_auth_san_dns="cli-1.example.com", trust_group="partners",
                            scope="payments accounts", name="Bank of CLI")
    client = shown(installation, "cli-1")
    assert client["client_id"] == "cli-1"
    assert client["client_name"] == "Bank of CLI"
    assert client["tls_client_auth_san_dns"] == "cli-1.example.com"
    assert client["token_endpoint_auth_method"] == "tls_client_auth"
    assert sorted(client["scope"].split()) == ["accounts", "payments"]
    assert client["enabled"] is True
    listed = json.loads(installation.cli("client", "list", "--json").stdout)["clients"]
    assert "cli-1" in [c["client_id"] for c in listed]
    text = installation.cli("client", "list").stdout
    assert "cli-1" in text and "Bank of CLI" in text
    installation.cli("client", "remove", "cli-1")
    assert run(installation, "client", "show", "cli-1").returncode == 1


def test_client_id_is_chosen_when_none_is_given(installation):
    done = installation.cli("client", "add", "--tls-client-auth-san-dns", "chosen.example.com", "--trust-group", "partners",
                            "--scope", "accounts", "--json")
    client_id = json.loads(done.stdout)["client_id"]
    assert len(client_id) >= 22
    installation.cli("client", "remove", client_id)


def test_client_update(installation):
    installation.add_client("cli-2", tls_client_auth_san_dns="cli-2.example.com", trust_group="partners", scope="accounts")
    installation.cli("client", "update", "cli-2", "--scope", "payments")
    client = shown(installation, "cli-2")
    assert client["scope"] == "payments"
    assert client["tls_client_auth_san_dns"] == "cli-2.example.com"
    installation.cli("client", "disable", "cli-2")
    assert shown(installation, "cli-2")["enabled"] is False
    installation.cli("client", "enable", "cli-2")
    assert shown(installation, "cli-2")["enabled"] is True
    installation.cli("client", "remove", "cli-2")


def test_client_added_twice(installation):
    fields = dict(tls_client_auth_san_dns="twice.example.com", trust_group="partners", scope="accounts")
    installation.add_client("cli-3", **fields)
    assert installation.add_client("cli-3", check=False, **fields).returncode == 1
    done = installation.add_client("cli-3b", check=False, **fields)
    assert done.returncode == 1
    installation.cli("client", "remove", "cli-3")


@pytest.mark.parametrize("fields, word", [
    (dict(scope="accounts"), "exactly one"),
    (dict(tls_client_auth_san_dns="a.example", tls_client_auth_san_ip="192.0.2.1", scope="accounts"), "exactly one"),
    (dict(tls_client_auth_subject_dn="CN=x", trust_group="nowhere", scope="accounts"), "trust_group"),
    (dict(tls_client_auth_subject_dn="CN=x", trust_group="partners", scope="unknown-scope"), "scope"),
    (dict(tls_client_auth_subject_dn="CN=x,", trust_group="partners"), "subject_dn"),
    (dict(tls_client_auth_subject_dn="XX=x", trust_group="partners"), "subject_dn"),
    (dict(tls_client_auth_subject_dn="CN", trust_group="partners"), "subject_dn"),
    (dict(tls_client_auth_subject_dn="CN=#0c", trust_group="partners"), "subject_dn"),
    (dict(tls_client_auth_subject_dn=r"CN=a\0", trust_group="partners"), "subject_dn"),
    (dict(tls_client_auth_subject_dn="CN=" + "x" * 1100, trust_group="partners"), "subject_dn"),
    (dict(tls_client_auth_san_ip="192.0.2.300", trust_group="partners"), "san_ip"),
    (dict(tls_client_auth_san_ip="192.0.2.0/24", trust_group="partners"), "san_ip"),
    (dict(tls_client_auth_san_dns="*.example.com", trust_group="partners"), "san_dns"),
    (dict(tls_client_auth_san_dns="exämple.com", trust_group="partners"), "san_dns"),
    (dict(grant_types="password", tls_client_auth_subject_dn="CN=x", trust_group="partners"), "grant_types"),
    (dict(name="a\nb", tls_client_auth_subject_dn="CN=x", trust_group="partners"), "client_name"),
], ids=str)
def test_registrations_that_are_refused(installation, fields, word):
    done = installation.add_client("refused-one", check=False, **fields)
    assert done.returncode == 1, done.stdout
    assert word in done.stderr
    assert run(installation, "client", "show", "refused-one").returncode == 1


def test_bad_client_id_is_refused(installation):
    for client_id in ("with space", "a/b", "x" * 129, "ü"):
        done = installation.add_client(client_id, check=False, tls_client_auth_subject_dn="CN=x", trust_group="partners")
        assert done.returncode == 1
        assert "client_id" in done.stderr


def test_all_problems_of_a_registration_at_once(installation):
    done = installation.add_client("refused two", check=False, tls_client_auth_subject_dn="XX=x", trust_group="nowhere",
                                   scope="unknown-scope")
    assert done.returncode == 1
    for word in ("client_id", "trust_group", "scope", "subject_dn"):
        assert word in done.stderr


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"keys": []}', '{"keys": [{}]}', '{"keys": [{"kty": "oct", "k": "eA"}]}'],
                         ids=str)
def test_bad_jwks(installation, content, tmp_path):
    path = tmp_path / "jwks.json"
    path.write_text(content)
    assert installation.add_client("bad-jwks", check=False, jwks=path).returncode == 1


# --- the database


def test_db_status(installation):
    status = json.loads(installation.cli("db", "status", "--json").stdout)
    assert status["applied"] == status["known"] >= 1
    assert installation.cli("db", "status").returncode == 0


def test_migrate_twice_is_fine(installation):
    installation.migrate()
    installation.migrate()


def test_status_of_an_empty_store_is_1(make_server):
    server = make_server()
    server.write_config()
    assert run(server, "db", "status").returncode == 1
    assert run(server, "client", "list").returncode == 1
    server.migrate()
    assert run(server, "db", "status").returncode == 0


# --- who a client is


SUBJECT = name(("businessCategory", "Private Organization"), ("C", "BR"), ("O", "Banco, S.A."), ("L", "Sao Paulo"),
               ("organizationIdentifier", "OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c"), ("UID", "67c57882"), ("CN", "api.banco"))
RFC_4514 = (r"CN=api.banco,UID=67c57882,2.5.4.97=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c,L=Sao Paulo,O=Banco\, S.A.,C=BR,"
            r"2.5.4.15=Private Organization")


def as_printed(identity):
    """By OpenSSL and Python themselves; the JDK's and Node's strings as they printed them."""
    def openssl(form):
        said = subprocess.run(["openssl", "x509", "-in", str(identity.pem), "-noout", "-subject", "-nameopt", form],
                              capture_output=True, text=True, check=True).stdout
        return said.removeprefix("subject=").strip()
    hexed = "#0c2a4f464242522d64373338346264302d383432662d343363352d626530322d396432623264356566633263"
    return {
        "OpenSSL RFC2253": openssl("RFC2253"),
        "OpenSSL RFC2253,oid": openssl("RFC2253,oid"),
        "OpenSSL oneline": openssl("oneline"),
        "JDK getName": rf"CN=api.banco,UID=67c57882,2.5.4.97={hexed},L=Sao Paulo,O=Banco\, S.A.,C=BR,"
                       r"2.5.4.15=#0c1450726976617465204f7267616e697a6174696f6e",
        "JDK toString": 'CN=api.banco, UID=67c57882, OID.2.5.4.97=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c, L=Sao Paulo, '
                        'O="Banco, S.A.", C=BR, OID.2.5.4.15=Private Organization',
        "Python": identity.subject,
        "Node.js": "businessCategory=Private Organization\nC=BR\nO=Banco\\, S.A.\nL=Sao Paulo\n"
                   "organizationIdentifier=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c\nUID=67c57882\nCN=api.banco",
    }


def test_seven_tools_register_one_identity(installation, authorities):
    """Whatever form it came in, the same name is kept, and no second client can have it."""
    forms = as_printed(authorities.ca.issue("x", subject=SUBJECT))
    assert len(set(forms.values())) == 7
    for tool, text in forms.items():
        done = installation.add_client("seven", check=False, tls_client_auth_subject_dn=text, trust_group="partners")
        assert done.returncode == 0, (tool, text, done.stderr)
        shown = json.loads(installation.cli("client", "show", "seven", "--json").stdout)
        assert shown["tls_client_auth_subject_dn"] == RFC_4514, tool
        for other, again in forms.items():
            done = installation.add_client("eighth", check=False, tls_client_auth_subject_dn=again, trust_group="partners")
            assert done.returncode == 1 and "identity" in done.stderr and "already" in done.stderr, other
        installation.cli("client", "remove", "seven")
    done = installation.add_client("seven", tls_client_auth_subject_dn=forms["Python"], trust_group="others")
    assert done.returncode == 0  # of another CA it is somebody else
    installation.cli("client", "remove", "seven")


@pytest.mark.parametrize("text, said", [
    ("C=BR, O=Banco, CN=api.banco", 'with ", " between its RDNs the order of the name is ambiguous'),
    ("CN = a, O=b", 'some "=" have a space before them and some have none'),
    ("CN=a,Favourite=b", 'attribute type "Favourite" at byte 5 is not known'),
    ("/C=BR/CN=a", "with slashes between its RDNs a name is ambiguous"),
    ("subject=C = BR, CN = a", '"subject=" is no part of the name: leave it out'),
    ("CN=", "value 1 is empty"),
    (" ", "the name is empty"),
], ids=str)
def test_a_name_that_cannot_be_registered(installation, text, said):
    done = installation.add_client("wrong", check=False, tls_client_auth_subject_dn=text, trust_group="partners")
    assert done.returncode == 1
    assert "tls_client_auth_subject_dn" in done.stderr and said in done.stderr


def test_no_name_at_all(installation):
    done = installation.add_client("wrong", check=False, tls_client_auth_subject_dn="", trust_group="partners")
    assert done.returncode == 2 and "empty" in done.stderr
    done = installation.cli("client", "add", "--trust-group", "partners", check=False)
    assert done.returncode == 1 and "exactly one" in done.stderr


# --- explain


def explained(server, pem, *more, check=True):
    done = server.cli("explain", str(pem), *more, "--json", check=check)
    return json.loads(done.stdout)


def test_explain_of_a_good_certificate(installation, identities):
    found = explained(installation, identities.a.pem)
    assert found["x5t#S256"] == identities.a.x5t
    assert found["subject"] == identities.a.subject
    text = installation.cli("explain", identities.a.pem).stdout
    assert identities.a.x5t in text and identities.a.subject in text and "partner-a" in text


def test_explain_names_what_differs(installation, identities):
    done = run(installation, "explain", identities.b.pem, "--client", "partner-a")
    assert done.returncode == 1
    assert "partner-a" in done.stdout + done.stderr and "partner-b" in done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["expired", "server certificate", "untrusted", "another group"])
def test_explain_says_why_not(installation, authorities, kind):
    identity = {
        "expired": lambda: authorities.ca.issue("partner-a", not_before=now() - days(9), not_after=now() - days(1)),
        "server certificate": lambda: authorities.ca.issue("partner-a", eku=[SERVER_AUTH]),
        "untrusted": lambda: authorities.untrusted_ca.issue("partner-a"),
        "another group": lambda: authorities.other_ca.issue("partner-a"),
    }[kind]()
    assert run(installation, "explain", identity.pem, "--client", "partner-a").returncode == 1


def test_explain_names_near_misses(installation, authorities):
    identity = authorities.ca.issue("partner-a2")
    done = run(installation, "explain", identity.pem)
    assert done.returncode == 1 and "no registered client" in done.stdout
    near = [line for line in done.stdout.splitlines() if line.startswith("near miss")]
    assert "partner-a: RDN 1: registered CN=partner-a, certificate CN=partner-a2; if it is theirs: " \
        f"certbound client update partner-a --tls-client-auth-subject-dn '{identity.subject}'" in near[0]
    assert [miss["client_id"] for miss in explained(installation, identity.pem, check=False)["near_misses"]] == [
        "partner-a", "partner-b"]


def test_explain_of_no_certificate(installation, tmp_path):
    path = tmp_path / "none.pem"
    path.write_text("nothing\n")
    assert run(installation, "explain", path).returncode == 1
    assert run(installation, "explain", tmp_path / "missing.pem").returncode == 1


# --- a partner's side


def token_arguments(server, identity, client_id="partner-a"):
    return ["token", "--issuer", server.issuer, "--client-id", client_id, "--cert", identity.pem, "--key", identity.key,
            "--ca", server.tls_authority.pem]


def test_token_command(server, identities):
    done = run(server, *token_arguments(server, identities.a), "--scope", "accounts", "--raw", config=False)
    assert done.returncode == 0, done.stderr
    token = done.stdout.strip()
    server.canary.secret(token)
    assert claims_of(token)["cnf"] == {"x5t#S256": identities.a.x5t}
    done = run(server, *token_arguments(server, identities.a), config=False)
    server.canary.secret(json.loads(done.stdout)["access_token"])
    assert json.loads(done.stdout)["token_type"] == "Bearer"


def test_token_command_that_is_refused(server, identities):
    done = run(server, *token_arguments(server, identities.b), config=False)
    assert done.returncode == 1
    assert "invalid_client" in done.stderr


def verify(server, token, identity, *more, audience="https://api.example.com"):
    jwks = server.folder / "jwks.json"
    jwks.write_bytes(Partner(server).get("/jwks").body)
    return run(server, "verify", "--token", token, "--cert", identity.pem, "--jwks", jwks, "--issuer", server.issuer,
               "--audience", audience, *more, config=False)


def test_verify_command(server, identities, a):
    token = a.access_token()
    assert verify(server, token, identities.a).returncode == 0
    for done in (verify(server, token, identities.b), verify(server, token, identities.a, audience="https://other.example"),
                 verify(server, token[:-4] + "AAAA", identities.a)):
        assert done.returncode == 1
        assert done.stderr.strip()


# --- what partners and directories sign


def test_directory_signs_a_statement_that_verifies(installation, tmp_path):
    folder, claims = tmp_path / "directory", tmp_path / "claims.json"
    claims.write_text('{"software_id": "a", "iss": "somebody else", "exp": 1}')
    installation.cli("directory", "init", "--dir", folder, config=False)
    before = (folder / "signer.key").read_bytes()
    installation.cli("directory", "init", "--dir", folder, config=False)  # keeps what is there
    assert (folder / "signer.key").read_bytes() == before
    assert (folder / "signer.key").stat().st_mode & 0o777 == 0o600
    done = installation.cli("directory", "statement", "--dir", folder, "--issuer", "me", "--claims", claims,
                            "--lifetime", "60", config=False)
    header, payload, signature = done.stdout.strip().split(".")
    said = json.loads(unb64url(payload))
    assert said["iss"] == "me" and said["software_id"] == "a" and said["exp"] == said["iat"] + 60
    assert uuid.UUID(said["jti"]).version == 4
    [jwk] = json.loads((folder / "signer.jwks").read_text())["keys"]
    assert json.loads(unb64url(header)) == {"alg": "PS256", "typ": "JWT", "kid": jwk["kid"]}
    key = rsa.RSAPublicNumbers(*(int.from_bytes(unb64url(jwk[n]), "big") for n in ("e", "n"))).public_key()
    key.verify(unb64url(signature), f"{header}.{payload}".encode(), padding.PSS(padding.MGF1(hashes.SHA256()), 32),
               hashes.SHA256())


@pytest.mark.parametrize("claims", ["", "[]", '{"a":1,"a":2}'])
def test_claims_that_are_no_object(installation, tmp_path, claims):
    path = tmp_path / "claims.json"
    path.write_text(claims)
    installation.cli("directory", "init", "--dir", tmp_path / "d", config=False)
    done = installation.cli("directory", "statement", "--dir", tmp_path / "d", "--issuer", "me", "--claims", path,
                            config=False, check=False)
    assert done.returncode == 1 and "JSON" in done.stderr


def test_statement_without_a_key(installation, tmp_path):
    (tmp_path / "claims.json").write_text("{}")
    done = installation.cli("directory", "statement", "--dir", tmp_path, "--issuer", "me", "--claims",
                            tmp_path / "claims.json", config=False, check=False)
    assert done.returncode == 1 and "signer.key" in done.stderr


def test_register_where_nobody_lets_partners_register(server, identities, tmp_path):
    (tmp_path / "metadata.json").write_text("{}")
    identity = identities.a
    done = server.cli("register", "--url", f"{server.mtls_url}/register", "--ca", server.tls_authority.pem, "--cert",
                      identity.pem, "--key", identity.key, "--metadata", tmp_path / "metadata.json", config=False,
                      check=False)
    assert done.returncode == 1 and "the server answers 4" in done.stderr
    done = server.cli("register", "--url", "https://localhost:1/", "--cert", identity.pem, "--key", identity.key,
                      "--metadata", tmp_path / "metadata.json", "--sign", tmp_path, config=False, check=False)
    assert done.returncode == 2 and "--issuer" in done.stderr
