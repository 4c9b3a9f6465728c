"""Revoked certificates: what OCSP responders say, and do not say."""

import time

import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from harness import expect
from harness.client import Partner
from harness.pki import now
from harness.revocation import INVALID, NOT_KNOWN, openssl_ca, refused, server, start, status  # noqa: F401 (fixtures)
from harness.server import HOST, eventually, free_port
from harness.status import OCSP_SIGNING, REVOKED, UNKNOWN, Responder, crl, names, put, seconds


@pytest.fixture
def responder(status, authorities):
    made = Responder(authorities.ca)
    status.content["/ocsp"] = made.answer
    return made


def asking(server, status, authorities, **policy):
    identity = authorities.ca.issue("partner-a", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    return start(server, authorities.ca, identity, check="ocsp", **policy)


def test_ocsp_good(server, status, responder, authorities):
    partner = asking(server, status, authorities)
    refused(partner, partner.token(), NOT_KNOWN)
    assert eventually(lambda: partner.token().status == 200)
    for _ in range(5):
        expect.issued(partner, partner.token())
    assert responder.asked == 1, "answers are kept"
    assert "certbound_ocsp_answers 1" in server.ops("/metrics")[1]


def test_ocsp_by_a_configured_responder(server, status, responder, authorities):
    identity = authorities.ca.issue("partner-a")
    partner = start(server, authorities.ca, identity, check="ocsp", ocsp_responder=status.url + "/ocsp")
    assert eventually(lambda: partner.token().status == 200)


def test_ocsp_nowhere_to_ask(server, authorities):
    partner = start(server, authorities.ca, authorities.ca.issue("partner-a"), check="ocsp")
    line = refused(partner, partner.token(), NOT_KNOWN)
    assert "names no OCSP responder" in line["detail"]


def test_ocsp_revoked(server, status, responder, authorities):
    responder.status = REVOKED
    partner = asking(server, status, authorities)
    assert eventually(lambda: partner.token().status == 400)
    refused(partner, partner.token(), INVALID)


def test_ocsp_revoked_later_on_a_live_connection(server, status, responder, authorities):
    responder.next_update = seconds(22)
    partner = asking(server, status, authorities)
    connection = partner.connection()
    assert eventually(lambda: partner.token(connection=connection).status == 200)
    responder.status = REVOKED
    # Half-way to its end, at most every ten seconds, an answer is asked for again.
    assert eventually(lambda: partner.token(connection=connection).status == 400, timeout=45, every=0.5)


def wrong_signer(r, authorities):
    r.signer = authorities.ca.issue("leaf")


def signer_of_another_ca(r, authorities):
    r.signer = authorities.other_ca.issue("ocsp", eku=[OCSP_SIGNING])


def old(r, authorities):
    r.this_update, r.next_update = now() - seconds(7200), seconds(3600)


def of_the_future(r, authorities):
    r.this_update = now() + seconds(600)


def another_nonce(r, authorities):
    r.sent_nonce = bytes(16)


def signed_by_a_namesake(r, authorities):
    r.authority = authorities.twin_ca


def another_certificate(r, authorities):
    r.about = authorities.ca.issue("another")


def try_later(r, authorities):
    r.unsuccessful = ocsp.OCSPResponseStatus.TRY_LATER


def unauthorized(r, authorities):
    r.unsuccessful = ocsp.OCSPResponseStatus.UNAUTHORIZED


@pytest.mark.parametrize("spoil, reason", [
    (wrong_signer, "ocsp_signer_not_authorised"),
    (signer_of_another_ca, "ocsp_signer_not_authorised"),
    (signed_by_a_namesake, "ocsp_signer_not_authorised"),
    (old, "ocsp_answer_too_old"),
    (of_the_future, "ocsp_answer_not_yet_valid"),
    (another_nonce, "ocsp_nonce_differs"),
    (another_certificate, "ocsp_answer_for_another"),
    (try_later, "ocsp_try_later"),
    (unauthorized, "ocsp_request_refused"),
], ids=lambda x: getattr(x, "__name__", ""))
def test_ocsp_bad_answer(server, status, responder, authorities, spoil, reason):
    spoil(responder, authorities)
    partner = asking(server, status, authorities)
    refused(partner, partner.token(), NOT_KNOWN)
    line = server.log.like(event="ocsp_answer_refused", trust_group="partners")
    assert line["reason"] == reason and line["responder"] == status.url + "/ocsp"
    refused(partner, partner.token(), NOT_KNOWN)
    # Mended, and asked again after a while.
    fresh = Responder(authorities.ca)
    status.content["/ocsp"] = fresh.answer
    assert eventually(lambda: partner.token().status == 200, timeout=15)


@pytest.mark.parametrize("answer, reason", [
    (b"", "ocsp_malformed"),
    (b"<html>It works!</html>", "ocsp_malformed"),
    (b"\x30\x03\x0a\x01\x00", "ocsp_malformed"),
    (b"\x30\x84\xff\xff\xff\xff", "ocsp_malformed"),
    (b"\x00" * 65536, "ocsp_malformed"),
    (b"\x00" * 65537, "fetch_too_large"),
    (None, "fetch_failed"),
], ids=["empty", "a page", "successful and no more", "4 GB", "64 KiB", "64 KiB and a byte", "404"])
def test_ocsp_what_is_no_answer(server, status, authorities, answer, reason):
    status.content["/ocsp"] = answer
    partner = asking(server, status, authorities)
    refused(partner, partner.token(), NOT_KNOWN)
    assert server.log.like(event="ocsp_answer_refused", trust_group="partners")["reason"] == reason
    refused(partner, partner.token(), NOT_KNOWN)


def test_ocsp_a_delegate_and_one_that_is_revoked(server, status, responder, authorities):
    responder.signer = authorities.ca.issue("ocsp", eku=[OCSP_SIGNING])
    path = server.folder / "cas-only.crl"
    only_cas = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    put(path, crl(authorities.ca, extensions=[(only_cas, True)]))
    identity = authorities.ca.issue("partner-a", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    partner = start(server, authorities.ca, identity, check="both", crls=[str(path)])
    assert eventually(lambda: partner.token().status == 200)
    put(path, crl(authorities.ca, responder.signer, extensions=[(only_cas, True)], this_update=now() + seconds(1)))
    server.log.like(event="crl_loaded", entries=1)
    second = authorities.ca.issue("partner-b", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    server.add_client("partner-b", tls_client_auth_subject_dn=second.subject, trust_group="partners", scope="accounts")
    other = Partner(server, second, "partner-b")
    assert eventually(lambda: other.token().status == 503)
    assert server.log.like(event="ocsp_answer_refused")["reason"] == "ocsp_signer_not_authorised"


def test_ocsp_unknown_there(server, status, responder, authorities):
    responder.status = UNKNOWN
    partner = asking(server, status, authorities, grace="1h")
    assert eventually(lambda: partner.token().status == 503 and responder.asked == 1)
    line = refused(partner, partner.token(), NOT_KNOWN)
    assert "does not know" in line["detail"]


def test_ocsp_down(server, status, responder, authorities):
    partner = asking(server, status, authorities)
    status.stop()
    refused(partner, partner.token(), NOT_KNOWN)
    assert server.log.like(event="ocsp_answer_refused")["reason"] == "fetch_failed"
    refused(partner, partner.token(), NOT_KNOWN)


def test_ocsp_down_in_grace(server, status, responder, authorities):
    partner = asking(server, status, authorities, grace="1h")
    status.stop()
    expect.issued(partner, partner.token())
    assert server.log.like(event="revocation_stale", trust_group="partners")


def test_ocsp_slow(server, status, responder, authorities):
    """A request is answered at once, whatever the responder does, and the server stops at once, too."""
    status.delay = 10
    partner = asking(server, status, authorities)
    for _ in range(3):
        began = time.monotonic()
        refused(partner, partner.token(), NOT_KNOWN)
        assert time.monotonic() - began < 0.5
    assert server.log.like(event="ocsp_answer_refused", timeout=10)["reason"] == "fetch_failed"
    assert responder.asked == 0
    began = time.monotonic()
    server.stop()
    assert time.monotonic() - began < 3


def test_both_takes_whichever_answers(server, status, responder, authorities):
    identity = authorities.ca.issue("partner-a", raw_extensions=names(ocsp_url=status.url + "/ocsp"))
    path = server.folder / "partners.crl"
    partner = start(server, authorities.ca, identity, check="both", crls=[str(path)])
    assert eventually(lambda: partner.token().status == 200)
    put(path, crl(authorities.ca, identity))
    assert eventually(lambda: partner.token().status == 400)


@pytest.mark.parametrize("revoked", [False, True])
def test_answers_by_openssl(server, authorities, openssl_ca, revoked):
    port = free_port()
    identity = authorities.ca.issue("partner-a")
    openssl_ca.enter(identity, revoked)
    responder = openssl_ca.responder(port)
    try:
        partner = start(server, authorities.ca, identity, check="ocsp", ocsp_responder=f"http://{HOST}:{port}")
        expected = 400 if revoked else 200
        assert eventually(lambda: partner.token().status == expected), server.log.text()
    finally:
        responder.kill()
        responder.wait()
