"""Bad configuration and bad files: the start is refused, every problem is named with its line."""

import re

import pytest


@pytest.fixture
def installation(make_server, authorities):
    server = make_server()
    server.trust("partners", authorities.ca)
    server.write_config()
    server.migrate()
    return server


def refused_check(server):
    done = server.cli("config", "check", check=False)
    assert done.returncode == 1
    return done.stdout + done.stderr


def test_good_file(installation):
    assert installation.cli("config", "check").returncode == 0


def test_what_is_allowed_and_not_meant_is_said(installation):
    installation.config["trust_groups"][0]["profile"] = "psd2"
    installation.write_config()
    done = installation.cli("config", "check")
    assert "warning: trust group `partners` is of profile psd2" in done.stderr and "is good" in done.stdout
    installation.start()
    line = installation.log.like(event="config_warning")
    assert line["level"] == "warning" and "no token is issued to its clients" in line["warning"]
    since = installation.log.position()
    assert installation.reload()["event"] == "reloaded"
    installation.log.like(since, event="config_warning")
    installation.config["roles"] = [{"role": "PSP_AI", "scopes": ["accounts"]}]
    installation.write_config()
    since = installation.log.position()
    assert installation.reload()["event"] == "reloaded"
    installation.log.unlike(since, event="config_warning")


def test_all_problems_at_once_with_their_lines(installation):
    def spoil(c):
        c["surprise"] = 1
        c["issuer"] = "http://not-https.example"
        c["tokens"] = {"lifetime": "2h"}
        c["keys"]["signing_algorithm"] = "RS256"
        del c["keys"]["encryption_key_file"]

    installation.write_config(spoil)
    for said in (refused_check(installation), installation.refused_start()):
        for word in ("surprise", "issuer", "lifetime", "signing_algorithm", "encryption_key_file"):
            assert word in said, f"{word} is not named in\n{said}"
        assert f"{installation.config_path}:" in said or "certbound.yaml:" in said
        lines = [int(n) for n in re.findall(r"certbound\.yaml:(\d+):", said)]
        assert len(lines) == 5 and lines == sorted(lines)


@pytest.mark.parametrize("spoil, word", [
    (lambda text: text + "\nissuer: https://again.example\n", "issuer"),
    (lambda text: text + "\nstray_key: 1\n", "stray_key"),
    (lambda text: text.replace("issuer:", "isuer:"), "issuer"),
    (lambda text: text + "\n\t- bad", ""),
    (lambda text: "", ""),
    (lambda text: "[]", ""),
    (lambda text: text + "\n---\nissuer: x\n", ""),
    (lambda text: text.replace("level: debug", "level: chatty"), "level"),
    (lambda text: text.replace("issuer: ", "issuer: &a "), ""),
], ids=["duplicate key", "unknown key", "missing key", "no YAML", "empty", "a list", "two documents", "unknown word", "anchor"])
def test_bad_yaml(installation, spoil, word):
    text = installation.config_path.read_text()
    installation.config_path.write_text(spoil(text))
    done = installation.cli("config", "check", check=False)
    if "issuer: &a " in spoil(text) and done.returncode == 0:
        pytest.skip("anchors are YAML like any other")
    assert done.returncode == 1
    assert word in done.stdout + done.stderr
    installation.refused_start()


def test_file_of_a_megabyte_and_more(installation):
    text = installation.config_path.read_text()
    limit = 1024 * 1024
    installation.config_path.write_text(text + "#" * (limit - len(text.encode()) - 1) + "\n")
    assert installation.cli("config", "check").returncode == 0
    installation.config_path.write_text(text + "#" * (limit - len(text.encode())) + "\n")
    refused_check(installation)


def test_no_file(installation):
    installation.config_path.unlink()
    assert str(installation.config_path) in installation.refused_start()


def test_no_argument(installation):
    done = installation.cli("serve", check=False, config=False)
    assert done.returncode == 2


# --- files that it names


def test_unreadable_key(installation):
    installation.tls.key.unlink()
    assert str(installation.tls.key) in installation.refused_start()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o666])
def test_exposed_server_key(installation, mode):
    """Root's file may be readable by our own group; anything more is refused."""
    import os
    installation.tls.key.chmod(mode)
    if mode == 0o640 and os.getuid() == 0:
        pytest.skip("allowed to root")
    assert "key" in installation.refused_start()


@pytest.mark.parametrize("mode", [0o644, 0o666])
def test_exposed_key_encryption_key(installation, mode):
    installation.kek.chmod(mode)
    assert str(installation.kek) in installation.refused_start()


@pytest.mark.parametrize("content", [b"", b"too short\n", b"!" * 44 + b"\n", b"A" * 88 + b"\n"], ids=repr)
def test_bad_key_encryption_key(installation, content):
    installation.write_secret(installation.kek, content)
    installation.refused_start()


def test_key_that_does_not_belong_to_the_certificate(installation):
    other = installation.tls_authority.issue("other")
    installation.tls.key.write_bytes(other.key.read_bytes())
    installation.refused_start()


def test_anchors_missing(installation):
    (installation.folder / "partners.pem").unlink()
    installation.refused_start()


def test_anchors_without_a_certificate(installation):
    (installation.folder / "partners.pem").write_text("nothing\n")
    installation.refused_start()


def test_private_key_in_the_anchors_is_not_shown(installation, authorities):
    (installation.folder / "partners.pem").write_bytes(authorities.ca.identity.key.read_bytes())
    installation.refused_start()


def test_address_in_use(installation, make_server, authorities):
    installation.start()
    second = make_server()
    second.trust("partners", authorities.ca)
    second.config["listeners"]["mtls"]["address"] = installation.config["listeners"]["mtls"]["address"]
    second.write_config()
    second.migrate()
    said = second.refused_start()
    assert installation.config["listeners"]["mtls"]["address"] in said
    installation.stop()


def test_store_that_is_not_migrated(make_server, authorities):
    """It says what to run."""
    server = make_server()
    server.trust("partners", authorities.ca)
    server.write_config()
    said = server.refused_start()
    assert "store_schema_differs" in said and "certbound db migrate" in said


# --- what is printed


def test_print_shows_defaults_and_no_secret(installation):
    said = installation.cli("config", "print").stdout
    assert "signing_algorithm" in said and "ES256" in said
    assert str(installation.kek) in said
    assert installation.kek.read_text().strip() not in said
