"""Revoked certificates: lists from URLs, and what a restart finds of them."""

import time

import pytest
from cryptography import x509
from harness import expect
from harness.client import Partner
from harness.pki import now
from harness.revocation import INVALID, NOT_KNOWN, refused, server, start, status  # noqa: F401 (fixtures)
from harness.server import HOST, eventually
from harness.status import StatusServer, crl, names, put, seconds


def test_a_configured_url(server, status, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a")
    status.content["/partners.crl"] = crl(ca, identity)
    partner = start(server, ca, identity, check="crl", crls=[status.url + "/partners.crl"])
    assert eventually(lambda: partner.token().status == 400)
    refused(partner, partner.token(), INVALID)


def test_a_distribution_point_over_https(server, authorities):
    ca = authorities.ca
    tls = StatusServer(server.tls)
    try:
        identity = ca.issue("partner-a", raw_extensions=names(crl_url=tls.url + "/ca.crl"))
        server.config["outbound"]["ca_file"] = str(server.tls_authority.pem)
        tls.content["/ca.crl"] = crl(ca)
        partner = start(server, ca, identity, check="crl", distribution_points=True)
        refused(partner, partner.token(), NOT_KNOWN)  # the first request finds out where it is
        assert eventually(lambda: partner.token().status == 200)
        assert server.log.like(event="crl_loaded")["location"] == tls.url + "/ca.crl"
    finally:
        tls.stop()


def test_a_distribution_point_that_is_not_allowed(server, status, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a", raw_extensions=names(crl_url=status.url + "/ca.crl"))
    status.content["/ca.crl"] = crl(ca)
    server.config["outbound"] = {"plain_http": [HOST]}
    partner = start(server, ca, identity, check="crl", distribution_points=True)
    partner.token()
    line = server.log.like(event="crl_refused")
    assert line["reason"] == "fetch_refused"
    refused(partner, partner.token(), NOT_KNOWN)
    assert status.requests == []


def test_a_slow_place_holds_nobody_up(server, status, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a")
    path = server.folder / "partners.crl"
    status.delay = 1.5
    put(path, crl(ca))
    partner = start(server, ca, identity, check="crl",
                    crls=[str(path)] + [f"{status.url}/{n}.crl" for n in range(12)])
    began = time.monotonic()
    expect.issued(partner, partner.token())
    put(path, crl(ca, identity))
    assert eventually(lambda: partner.token().status == 400, every=0.02)
    assert time.monotonic() - began < 1.2


def of_another_ca(authorities):
    return crl(authorities.other_ca, this_update=now())


def of_cas_only(authorities):
    return crl(authorities.ca, this_update=now(),
               extensions=[(x509.IssuingDistributionPoint(None, None, False, True, None, False, False), True)])


@pytest.mark.parametrize("other", [of_another_ca, of_cas_only])
def test_a_genuine_list_in_anothers_place_makes_nobody_good_again(server, status, authorities, other):
    """Whoever sits between us and a CA can serve any list there is, and the group is graceful."""
    ca = authorities.ca
    server.config["outbound"]["cache_folder"] = str(server.folder / "cache")
    identity = ca.issue("partner-a")
    status.content["/partners.crl"] = crl(ca, identity)
    server.trust("partners", ca, authorities.other_ca, revocation={
        "check": "crl", "crls": [status.url + "/partners.crl"], "grace": "1h"})
    server.write_config()
    server.migrate()
    server.add_client("partner-a", tls_client_auth_subject_dn=identity.subject, trust_group="partners", scope="accounts")
    server.start()
    partner = Partner(server, identity, "partner-a")
    assert eventually(lambda: partner.token().status == 400)
    status.content["/partners.crl"] = other(authorities)
    for _ in range(2):  # the copy comes first, then what is at the URL now
        server.stop()
        server.start()
        server.log.like(event="crl_loaded", entries=0)
        refused(partner, partner.token(), INVALID)


@pytest.fixture
def kept(server, status, authorities):
    """A partner whose list came from a URL, was kept in a folder, and whose server has stopped; so has the place where
    the list was."""
    ca = authorities.ca
    server.config["outbound"]["cache_folder"] = str(server.folder / "cache")
    status.content["/partners.crl"] = crl(ca, ca.issue("somebody else"))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[status.url + "/partners.crl"])
    assert eventually(lambda: partner.token().status == 200)
    partner.ca = ca
    [partner.file] = (server.folder / "cache").iterdir()
    server.stop()
    del status.content["/partners.crl"]
    return partner


def test_a_restart_does_not_wait_for_the_lists(server, status, kept):
    assert kept.file.stat().st_mode & 0o777 == 0o600 and kept.file.parent.stat().st_mode & 0o777 == 0o700
    server.start()
    expect.issued(kept, kept.token())
    assert server.log.like(event="crl_loaded")["entries"] == 1
    server.log.like(event="crl_refused", held=True)
    # Somebody replays an older one; and then there is a newer one.
    before = kept.file.read_bytes()
    status.content["/partners.crl"] = crl(kept.ca, this_update=now() - seconds(86400))
    server.log.like(event="crl_refused", reason="crl_older_than_held", timeout=15)
    assert kept.file.read_bytes() == before
    status.content["/partners.crl"] = crl(kept.ca, kept.identity, this_update=now())
    assert eventually(lambda: kept.token().status == 400, timeout=20)
    del status.content["/partners.crl"]
    server.stop()
    server.start()
    refused(kept, kept.token(), INVALID)


def test_a_restart_in_grace_still_knows_whom_an_old_list_revoked(server, kept):
    put(kept.file, crl(kept.ca, kept.identity, this_update=now() - seconds(7200), next_update=now() - seconds(60)))
    server.config["trust_groups"][0]["revocation"]["grace"] = "1h"
    server.write_config()
    server.start()
    refused(kept, kept.token(), INVALID)
    server.log.like(event="crl_expired")


@pytest.mark.parametrize("spoil, reason", [
    (lambda k, a: k.file.read_bytes()[:-1], "crl_malformed"),
    (lambda k, a: b"", "crl_malformed"),
    (lambda k, a: crl(a.twin_ca), "crl_signature_invalid"),
    (lambda k, a: crl(a.other_ca), "crl_issuer_unknown"),
    (lambda k, a: crl(k.ca, this_update=now() + seconds(86400), next_update=now() + seconds(2 * 86400)),
     "crl_not_yet_valid"),
], ids=["cut", "empty", "forged", "foreign", "of tomorrow"])
def test_a_kept_list_is_not_believed_for_being_there(server, status, kept, authorities, spoil, reason):
    put(kept.file, spoil(kept, authorities))
    server.start()
    refused(kept, kept.token(), NOT_KNOWN)
    line = server.log.like(event="crl_copy_ignored", trust_group="partners")
    assert line["reason"] == reason and line["file"] == str(kept.file)
    status.content["/partners.crl"] = crl(kept.ca)
    assert eventually(lambda: kept.token().status == 200)
    assert kept.file.read_bytes() == status.content["/partners.crl"]


def test_a_list_that_cannot_be_kept_counts_all_the_same(server, status, kept):
    kept.file.unlink()
    kept.file.mkdir()
    status.content["/partners.crl"] = crl(kept.ca)
    server.start()
    assert eventually(lambda: kept.token().status == 200)
    server.log.like(event="crl_not_kept", reason="file_unreadable")


def test_a_folder_that_cannot_be_written_refuses_the_start(server, kept):
    server.config["outbound"]["cache_folder"] = "/dev/null"
    server.write_config()
    assert "/dev/null" in server.refused_start()
