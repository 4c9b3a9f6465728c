"""A list of as many bytes as we take: it is read beside the requests, once, and one more byte is refused."""

import datetime
import random
import re

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from harness import expect
from harness.client import Partner
from harness.pki import der, now
from harness.server import eventually
from harness.status import crl, put, seconds

MOST = 50 * 1024 * 1024
ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
COMMENT = bytes.fromhex("060960864801864701010d")  # an extension that says nothing
ENTRY = 35


def utc_time(t):
    return der(0x17, t.strftime("%y%m%d%H%M%SZ").encode())


def crl_of(size, authority, *revoked, seed=1):
    """A list of exactly so many bytes that names these identities among a million strangers."""
    date = utc_time(now() - seconds(60))
    serials = random.Random(seed)
    count = (size - 2000) // ENTRY
    numbers = {0x70 << 120 | serials.getrandbits(120) for _ in range(count)}
    entries = [der(0x30, der(0x02, n.to_bytes(16, "big")) + date) for n in numbers]
    for one in revoked:
        serial = one.certificate.serial_number
        entries.append(der(0x30, der(0x02, serial.to_bytes(serial.bit_length() // 8 + 1, "big")) + date))
    entries = der(0x30, b"".join(entries))
    head = (der(0x02, b"\1") + ECDSA_WITH_SHA256 + authority.subject.public_bytes()
            + utc_time(now()) + utc_time(now() + datetime.timedelta(hours=1)) + entries)
    padding = size - len(head) - 200
    while True:  # until a signature of the length that was reckoned with
        comment = der(0x30, COMMENT + der(0x04, b"\0" * padding))
        body = der(0x30, head + der(0xa0, der(0x30, comment)))
        signature = authority.private_key.sign(body, ec.ECDSA(hashes.SHA256()))
        whole = der(0x30, body + ECDSA_WITH_SHA256 + der(0x03, b"\0" + signature))
        if len(whole) == size:
            return whole
        padding += size - len(whole)


@pytest.fixture
def partners(make_server, authorities):
    """Two of one group; the first is not in the lists that the tests write to `path`."""
    server, ca = make_server(), authorities.ca
    a, b = ca.issue("partner-a"), ca.issue("partner-b")
    path = server.folder / "partners.crl"
    path.write_bytes(crl(ca))
    server.trust("partners", ca, revocation={"check": "crl", "crls": [str(path)]})
    server.write_config()
    server.migrate()
    for client_id, identity in ("partner-a", a), ("partner-b", b):
        server.add_client(client_id, tls_client_auth_subject_dn=identity.subject, trust_group="partners",
                          scope="accounts")
    server.start()
    yield Partner(server, a, "partner-a"), Partner(server, b, "partner-b"), ca, path
    server.stop()


def moment(line):
    return datetime.datetime.fromisoformat(line["time"].replace("Z", "+00:00")).timestamp()


def test_requests_go_on_while_it_is_read(partners):
    a, b, ca, path = partners
    log, connection = a.server.log, a.connection()
    put(path, crl_of(MOST, ca, b.identity))

    def in_force():
        expect.issued(a, a.token(connection=connection))
        return log.find(event="crl_loaded", location=str(path))[1:]

    loaded, = eventually(in_force, timeout=60, every=0)
    assert loaded["entries"] > 1_000_000
    began = moment(loaded) - loaded["microseconds"] / 1e6
    meanwhile = [line for line in log.find(event="token_issued") if began < moment(line) < moment(loaded)]
    assert len(meanwhile) > 10, f"{len(meanwhile)} tokens while {loaded['microseconds']} us were read"
    assert b.token().json["error"] == "invalid_client"
    assert log.like(event="token_refused")["reason"] == "certificate_revoked"
    expect.issued(a, a.token(connection=connection))


def test_one_byte_more_is_refused_and_the_held_one_stays(partners):
    a, b, ca, path = partners
    put(path, crl(ca, b.identity))
    assert eventually(lambda: b.token().status == 400)
    put(path, crl_of(MOST + 1, ca))
    line = a.server.log.like(event="crl_refused", timeout=60)
    assert line["reason"] == "crl_too_large"
    assert re.search(rf"a list of {MOST + 1} bytes, at most {MOST}", line["detail"])
    assert b.token().status == 400
    expect.issued(a, a.token())
