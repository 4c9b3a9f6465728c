"""Revoked certificates: lists in files, on live connections and resumed sessions."""

import ssl
import time

import pytest
from cryptography import x509
from harness import expect
from harness.client import FORM, Partner
from harness.handed_on import Through, rfc9440
from harness.pki import now
from harness.revocation import (  # noqa: F401 (fixtures)
    INVALID, NOT_KNOWN, metric, openssl_ca, refused, server, start, status)
from harness.server import HOST, eventually
from harness.status import crl, put, seconds


@pytest.fixture
def listed(server, authorities):
    """A running server that reads `path`, its partner, and the CA."""
    ca = authorities.ca
    path = server.folder / "partners.crl"
    put(path, crl(ca))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)])
    partner.path = path
    partner.ca = ca
    return partner


def test_the_list_is_there_at_the_start(server, listed):
    line = server.log.like(event="crl_loaded", trust_group="partners", location=str(listed.path))
    assert line["entries"] == 0 and line["generation"] > 1 and line["next_update"].endswith("Z")
    expect.issued(listed, listed.token())
    assert f'certbound_crl_held{{trust_group="partners",location="{listed.path}"}} 1' in server.ops("/metrics")[1]


def test_a_revoked_certificate_is_refused_on_a_live_connection_within_a_second(server, listed):
    connection = listed.connection()
    expect.issued(listed, listed.token(connection=connection))
    local = connection.sock.getsockname()
    generation = server.log.like(event="crl_loaded")["generation"]
    put(listed.path, crl(listed.ca, listed.identity))
    arrived = time.monotonic()
    assert eventually(lambda: listed.token(connection=connection).status == 400, every=0.02)
    assert time.monotonic() - arrived < 1.0
    line = refused(listed, listed.token(connection=connection), INVALID)
    assert "keyCompromise" in line["detail"] and str(listed.path) in line["detail"]
    assert connection.sock.getsockname() == local, "the connection was dropped"
    loaded = server.log.like(event="crl_loaded", entries=1)
    assert loaded["generation"] > generation and loaded["microseconds"] > 0
    assert 'certbound_revocation_checks_total{outcome="revoked"} ' in server.ops("/metrics")[1]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_is_checked_again(server, listed, version):
    partner = Partner(server, listed.identity, "partner-a", version=version)
    body = "grant_type=client_credentials&client_id=partner-a"
    request = (f"POST /token HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM}\r\nContent-Length: {len(body)}\r\n"
               f"Connection: close\r\n\r\n{body}").encode()
    with partner.connect() as tls:
        tls.sendall(request)
        assert b" 200 " in tls.recv(65536)
        session = tls.session
    put(listed.path, crl(listed.ca, listed.identity))
    server.log.like(event="crl_loaded", entries=1)
    with partner.connect(session=session) as tls:
        assert tls.session_reused
        tls.sendall(request)
        assert b" 400 " in tls.recv(65536)


def test_a_certificate_in_a_header_field_is_refused_within_a_second(server, authorities):
    """What a proxy hands on is remembered between requests, like a connection's own."""
    ca = authorities.ca
    path = server.folder / "partners.crl"
    put(path, crl(ca))
    mtls = server.config["listeners"]["mtls"]
    del mtls["certificate"], mtls["private_key"]
    mtls["proxy"] = {"certificate_header": "rfc9440", "addresses": [HOST]}
    identity = ca.issue("partner-a")
    start(server, ca, identity, check="crl", crls=[str(path)])
    partner = Through(server, rfc9440(identity.der), "partner-a", identity)
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    put(path, crl(ca, identity))
    arrived = time.monotonic()
    assert eventually(lambda: partner.token(connection=connection).status == 400, every=0.02)
    assert time.monotonic() - arrived < 1.0
    refused(partner, partner.token(), INVALID)
    put(path, crl(ca, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token(connection=connection).status == 200)


def test_a_list_that_takes_it_back_lets_the_partner_in_again(server, listed):
    put(listed.path, crl(listed.ca, listed.identity))
    assert eventually(lambda: listed.token().status == 400)
    put(listed.path, crl(listed.ca, this_update=now() + seconds(1)))
    assert eventually(lambda: listed.token().status == 200)


def spoilt_bytes(listed):
    data = bytearray(crl(listed.ca, listed.identity))
    data[len(data) // 2] ^= 1
    return bytes(data)


def another_ca(listed):
    return crl(listed.authorities.other_ca, listed.identity)


def twin_ca(listed):
    return crl(listed.authorities.twin_ca, listed.identity)


def delta(listed):
    return crl(listed.ca, listed.identity, extensions=[(x509.DeltaCRLIndicator(1), True)])


def indirect(listed):
    point = x509.IssuingDistributionPoint(None, None, False, False, None, True, False)
    return crl(listed.ca, listed.identity, extensions=[(point, True)])


def demanding(listed):
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00")
    return crl(listed.ca, listed.identity, extensions=[(unknown, True)])


def older(listed):
    return crl(listed.ca, listed.identity, this_update=now() - seconds(600))


def of_tomorrow(listed):
    return crl(listed.ca, listed.identity, this_update=now() + seconds(86400), next_update=now() + seconds(2 * 86400))


def behind(listed):
    return crl(listed.ca, listed.identity) + b"x"


@pytest.mark.parametrize("make, reason", [
    (spoilt_bytes, None),
    (another_ca, "crl_issuer_unknown"),
    (twin_ca, "crl_signature_invalid"),
    (delta, "crl_kind_unsupported"),
    (indirect, "crl_kind_unsupported"),
    (demanding, "crl_kind_unsupported"),
    (older, "crl_older_than_held"),
    (of_tomorrow, "crl_not_yet_valid"),
    (behind, "crl_malformed"),
    (lambda listed: b"", "crl_malformed"),
    (lambda listed: None, "file_unreadable"),
], ids=["spoilt", "another CA", "a same-named CA", "delta", "indirect", "unknown and critical", "older", "of tomorrow", "bytes behind", "empty", "gone"])
def test_a_bad_list_changes_nothing_and_is_said_once(server, listed, authorities, make, reason):
    listed.authorities = authorities
    data = make(listed)
    if data is None:
        listed.path.unlink()
    else:
        put(listed.path, data)
    line = server.log.like(event="crl_refused", trust_group="partners", location=str(listed.path))
    assert line["held"] is True and line["reason"] == (reason or line["reason"])
    assert line["reason"].startswith("crl_") or reason == "file_unreadable"
    expect.issued(listed, listed.token())
    assert list(metric(server, "certbound_crl_last_attempt_failed"))[0].endswith(" 1")
    time.sleep(0.6)
    assert len(server.log.find(event="crl_refused")) == 1
    # And once mended, the next one counts.
    put(listed.path, crl(listed.ca, listed.identity, this_update=now() + seconds(1)))
    assert eventually(lambda: listed.token().status == 400)
    assert list(metric(server, "certbound_crl_last_attempt_failed"))[0].endswith(" 0")


def test_no_list_at_the_start_refuses_until_there_is_one(server, authorities):
    ca = authorities.ca
    path = server.folder / "later.crl"
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)])
    assert server.log.like(event="crl_refused")["held"] is False
    reply = partner.token()
    refused(partner, reply, NOT_KNOWN)
    assert int(reply.headers["retry-after"]) >= 1
    put(path, crl(ca))
    assert eventually(lambda: partner.token().status == 200)


def test_a_list_that_ends_is_said_and_refuses(server, authorities):
    ca = authorities.ca
    path = server.folder / "short.crl"
    put(path, crl(ca, next_update=now() + seconds(4)))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)])
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    assert eventually(lambda: partner.token(connection=connection).status == 503)
    line = server.log.like(event="crl_expired", trust_group="partners", location=str(path))
    assert line["reason"] == "crl_expired"
    put(path, crl(ca, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token(connection=connection).status == 200)


def test_an_old_list_in_grace_still_revokes(server, authorities):
    ca = authorities.ca
    path = server.folder / "old.crl"
    revoked = ca.issue("partner-r")
    put(path, crl(ca, revoked, this_update=now() - seconds(7200), next_update=now() - seconds(3600)))
    partner = start(server, ca, ca.issue("partner-a"), check="crl", crls=[str(path)], grace="2h")
    server.add_client("partner-r", tls_client_auth_subject_dn=revoked.subject, trust_group="partners",
                      scope="accounts")
    expect.issued(partner, partner.token())
    assert server.log.like(event="revocation_stale", trust_group="partners")
    assert any('outcome="stale"' in line and not line.endswith(" 0")
               for line in metric(server, "certbound_revocation_checks_total"))
    other = Partner(server, revoked, "partner-r")
    assert eventually(lambda: "revoked" in other.token().json["error_description"])
    refused(other, other.token(), INVALID)


def test_several_lists_and_an_intermediate(server, pki, authorities):
    root = authorities.ca
    sub = pki.authority("Sub CA", issuer=root)
    identity = sub.issue("partner-a")
    files = {name: server.folder / f"{name}.crl" for name in ("root", "sub")}
    put(files["root"], crl(root))
    put(files["sub"], crl(sub))
    # The list of the intermediate can be verified once a partner has presented it.
    partner = start(server, root, identity, check="crl", crls=[str(f) for f in files.values()])
    assert eventually(lambda: partner.token().status == 200)
    put(files["root"], crl(root, sub.identity, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token().status == 400)
    line = refused(partner, partner.token(), INVALID)
    assert "certificate 1 of the chain" in line["detail"]
    put(files["root"], crl(root, this_update=now() + seconds(2)))
    assert eventually(lambda: partner.token().status == 200)
    put(files["sub"], crl(sub, identity, this_update=now() + seconds(1)))
    assert eventually(lambda: partner.token().status == 400)
    assert "certificate 0 of the chain" in refused(partner, partner.token(), INVALID)["detail"]


def test_a_list_of_one_group_says_nothing_in_another(server, authorities, pki):
    """Two groups, two CAs of one name, one serial number: revoked here, good there."""
    first, second = authorities.ca, authorities.twin_ca
    mine, theirs = first.issue("partner-a"), second.issue("partner-b")
    paths = server.folder / "first.crl", server.folder / "second.crl"
    put(paths[0], crl(first, mine, theirs))
    put(paths[1], crl(second))
    server.trust("others", second, revocation={"check": "crl", "crls": [str(paths[1])]})
    partner = start(server, first, mine, check="crl", crls=[str(paths[0])])
    server.add_client("partner-b", tls_client_auth_subject_dn=theirs.subject, trust_group="others", scope="accounts")
    other = Partner(server, theirs, "partner-b")
    assert eventually(lambda: other.token().status == 200)
    refused(partner, partner.token(), INVALID)
    expect.issued(other, other.token())


def test_a_reload_turns_it_on_and_keeps_what_is_held(server, authorities):
    ca = authorities.ca
    identity = ca.issue("partner-a")
    path = server.folder / "partners.crl"
    put(path, crl(ca, identity))
    partner = start(server, ca, identity, check="off")
    connection = partner.connection()
    expect.issued(partner, partner.token(connection=connection))
    group = server.config["trust_groups"][0]
    group["revocation"] = {"check": "crl", "crls": [str(path)]}
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    refused(partner, partner.token(connection=connection), INVALID)
    assert len(server.log.find(event="crl_loaded")) == 1
    # The list is gone by now, but what it said is held, also over a reload.
    path.unlink()
    server.log.like(event="crl_refused", reason="file_unreadable")
    assert server.reload()["event"] == "reloaded"
    refused(partner, partner.token(connection=connection), INVALID)
    group["revocation"] = {"check": "off"}
    server.write_config()
    assert server.reload()["event"] == "reloaded"
    expect.issued(partner, partner.token(connection=connection))


def test_a_list_by_openssl(server, authorities, openssl_ca):
    identity = authorities.ca.issue("partner-a")
    path = server.folder / "openssl.crl"
    openssl_ca.enter(identity, revoked=False)
    openssl_ca.crl(path)
    partner = start(server, authorities.ca, identity, check="crl", crls=[str(path)])
    expect.issued(partner, partner.token())
    time.sleep(1)  # its dates are whole seconds
    openssl_ca.enter(identity, revoked=True)
    openssl_ca.crl(path)
    assert eventually(lambda: partner.token().status == 400)
    refused(partner, partner.token(), INVALID)
