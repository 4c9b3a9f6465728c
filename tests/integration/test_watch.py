"""The life of certificates: key sets that clients publish, certificates seen, and those that end soon."""

import datetime
import hashlib
import json
import sqlite3
import threading
import time

import pytest
from harness import expect
from harness.client import Partner
from harness.directory import Directory, KeyServer, Sandbox
from harness.jose import b64url, es256_is_valid, header_of, jwk_of
from harness.pki import days, now
from harness.server import HOST, eventually


@pytest.fixture(scope="module")
def keys(pki):
    server = KeyServer(pki)
    yield server
    server.stop()


@pytest.fixture
def installation(make_server, authorities, keys):
    """Not started: may call out to this process's own loopback address."""
    server = make_server()
    server.trust("partners", authorities.ca)
    server.config["outbound"] = {"allowed_addresses": [HOST], "ca_file": str(keys.authority.pem), "timeout": "2s"}
    server.write_config()
    server.migrate()
    return server


def certificates(server):
    with sqlite3.connect(server.folder / "certbound.db") as db:
        return db.execute("SELECT client_id, hex(x5t), subject, not_after, first_seen, last_seen "
                          "FROM client_certificates ORDER BY client_id, x5t").fetchall()


def publish(keys, *identities):
    keys.pages["/jwks"] = {"keys": [jwk_of(i) for i in identities]}


def until_issued(partner):
    """The status of each try, until one succeeds."""
    statuses = []

    def issued():
        statuses.append(partner.token().status)
        return statuses[-1] == 200

    assert eventually(issued, timeout=5, every=0.2), statuses
    return statuses


def test_a_published_key_set_follows_its_client(installation, keys, pki):
    first, second, stranger = (pki.self_signed(n) for n in ("first", "second", "stranger"))
    publish(keys, first)
    installation.add_client("published", jwks_uri=keys.url("/jwks"), scope="accounts")
    installation.start()
    installation.log.like(event="client_keys_read", client_id="published")
    partner = Partner(installation, first, "published")
    # An unknown certificate would have the keys read once more: 1 and the client, the first signing key, the key set.
    assert eventually(lambda: installation.log.find(event="registry_loaded", generation=4))
    assert partner.token().status == 200

    # Renewal with overlap: the new one is unknown, is asked for, and both work.
    publish(keys, first, second)
    renewed = Partner(installation, second, "published")
    reply = renewed.token()
    if reply.status != 200:
        expect.refused(renewed, reply, 503, "temporarily_unavailable", "client_keys_being_read", event="request_failed")
        assert reply.headers["retry-after"] == "1"
        assert set(until_issued(renewed)) <= {503, 200}
    assert partner.token().status == 200

    # Who was asked for a moment ago is not asked again for the next unknown certificate.
    other = Partner(installation, stranger, "published")
    eventually(lambda: other.token().status == 400, timeout=5)
    hits = len(keys.hits)
    for _ in range(3):
        expect.refused(other, other.token(), 400, "invalid_client", "certificate_not_registered")
    assert len(keys.hits) == hits


@pytest.mark.parametrize("page", [None, b"junk", b"{}", b'{"keys":[]}', b"x" * 300000], ids=[
    "gone", "junk", "no keys", "empty", "too large"])
def test_a_bad_key_set_changes_nothing(installation, keys, pki, page):
    good = pki.self_signed("good")
    publish(keys, good)
    installation.add_client("published", jwks_uri=keys.url("/jwks"), scope="accounts")
    installation.start()
    partner = Partner(installation, good, "published")
    until_issued(partner)
    installation.stop()
    if page is None:
        del keys.pages["/jwks"]
    else:
        keys.pages["/jwks"] = page
    installation.start()  # which reads all key sets again
    installation.log.like(event="client_keys_failed", client_id="published")
    assert partner.token().status == 200


def test_a_key_set_that_stalls_does_not_hold_up_the_stop(installation, keys, pki):
    installation.config["outbound"]["timeout"] = "60s"
    installation.write_config()
    for n in range(20):
        installation.add_client(f"c{n}", jwks_uri=keys.url("/stall"), scope="accounts")
    done, asked = threading.Event(), []

    def stall(_):
        asked.append(1)
        done.wait(30)

    keys.pages["/stall"] = stall
    installation.start()
    assert eventually(lambda: asked)
    began = time.monotonic()
    installation.stop()
    done.set()
    assert time.monotonic() - began < 10 and 1 <= len(asked) <= 7
    # Nor does each of them get a line that says so.
    assert not installation.log.find(event="client_keys_failed")


def test_key_sets_that_stall_hold_up_no_others(installation, keys, pki):
    installation.config["outbound"]["timeout"] = "60s"
    installation.write_config()
    first, second = (pki.self_signed(n) for n in ("first", "second"))
    go, asked = threading.Event(), []

    def stall(_):
        asked.append(1)
        go.wait(30)

    keys.pages["/stall"] = stall
    for n in range(6):
        installation.add_client(f"a{n}", jwks_uri=keys.url("/stall"), scope="accounts")
    for n in range(20):
        installation.add_client(f"b{n}", jwks_uri=keys.url("/jwks"), scope="accounts")
    publish(keys, first)
    try:
        installation.start()
        assert eventually(lambda: len(installation.log.find(event="client_keys_read")) == 20)
        # A new certificate is read at once, too.
        publish(keys, first, second)
        until_issued(Partner(installation, second, "b19"))
        assert eventually(lambda: len(asked) == 6) and not installation.log.find(event="client_keys_failed")
    finally:
        go.set()


def test_key_sets_are_not_read_from_private_addresses(installation, keys, pki):
    del installation.config["outbound"]["allowed_addresses"]
    installation.write_config()
    good = pki.self_signed("good")
    publish(keys, good)
    hits = len(keys.hits)
    installation.add_client("published", jwks_uri=keys.url("/jwks"), scope="accounts")
    installation.start()
    line = installation.log.like(event="client_keys_failed", client_id="published")
    assert line["reason"] == "fetch_refused" and len(keys.hits) == hits
    partner = Partner(installation, good, "published")
    assert partner.token().status in (400, 503)


def test_certificates_seen_are_kept_without_a_write_per_request(installation, authorities):
    identity = authorities.ca.issue("seen")
    installation.add_client("seen", tls_client_auth_subject_dn=identity.subject, trust_group="partners", scope="accounts")
    installation.start()
    partner = Partner(installation, identity, "seen")
    before = statements(installation)
    connection = partner.connection()
    for _ in range(50):
        assert partner.token(connection=connection).status == 200
    for _ in range(5):
        assert partner.token().status == 200
    assert statements(installation) == before
    assert certificates(installation) == []
    installation.stop()
    [row] = certificates(installation)
    assert row[0] == "seen" and row[2] == identity.subject and row[4] <= row[5]


def statements(server):
    metrics = server.ops("/metrics")[1]
    return next(int(line.split()[1]) for line in metrics.splitlines() if line.startswith("certbound_store_statements_total "))


def metric(server, name):
    lines = [line for line in server.ops("/metrics")[1].splitlines() if line.startswith(name + " ")]
    return float(lines[0].split()[-1]) if lines else None


def see(server, client_id, *identities):
    server.start()
    for identity in identities:
        assert Partner(server, identity, client_id).token().status == 200
    server.stop()


def test_a_certificate_that_only_registered_is_seen(installation, authorities):
    """Its partner may never come for a token before it ends."""
    sandbox = Directory(installation, "sandbox", "generic", "partners", alg="ES256")
    installation.write_config()
    partner = Sandbox(installation, sandbox, authorities.ca.issue("registered", not_after=now() + days(5)))
    installation.start()
    partner.registered()
    installation.stop()
    [row] = certificates(installation)
    assert row[0] == partner.client_id and row[1].lower() == hashlib.sha256(partner.identity.der).hexdigest()


def ending(issue, common_name, left, **options):
    """A certificate that was good for long and is not much longer."""
    return issue(common_name, not_before=now() - days(90), not_after=now() + days(left), **options)


def test_certificates_that_end_soon_are_told_of(installation, authorities):
    soon = ending(authorities.ca.issue, "soon", 10)
    later = authorities.ca.issue("soon", not_after=now() + days(300))
    tls = ending(installation.tls_authority.issue, "server", 3, sans={"ip": [HOST]}, eku=installation_eku())
    installation.config["listeners"]["public"] |= {"certificate": str(tls.pem), "private_key": str(tls.key)}
    installation.write_config()
    installation.add_client("c", tls_client_auth_subject_dn=soon.subject, trust_group="partners", scope="accounts")
    see(installation, "c", soon)
    installation.start()
    line = installation.log.like(event="certificate_expiring", kind="client")
    assert line["of"] == "c" and line["x5t"] == soon.x5t and line["days_left"] in (9, 10) and line["replaced"] is False
    line = installation.log.like(event="certificate_expiring", kind="server")
    assert line["days_left"] in (2, 3) and line["x5t"] == tls.x5t
    assert eventually(lambda: metric(installation, 'certbound_certificates_expiring{kind="client",within_days="14"}') == 1)
    assert metric(installation, 'certbound_certificates_expiring{kind="client",within_days="7"}') == 0
    assert metric(installation, 'certbound_certificate_days_left{kind="server"}') in (2, 3)
    assert metric(installation, 'certbound_certificate_days_left{kind="anchor"}') > 3

    # Renewed and reloaded: the gauge says so, not an hour later.
    renewed = installation.tls_authority.issue("server", sans={"ip": [HOST]}, eku=installation_eku(), not_after=now() + days(90))
    installation.config["listeners"]["public"] |= {"certificate": str(renewed.pem), "private_key": str(renewed.key)}
    installation.write_config()
    assert installation.reload()["event"] == "reloaded"
    assert eventually(lambda: metric(installation, 'certbound_certificate_days_left{kind="server"}') > 3, timeout=10)
    installation.stop()

    # After a renewal: the old one is still used.
    see(installation, "c", later, soon)
    installation.start()
    line = installation.log.like(event="certificate_expiring", kind="client")
    assert line["x5t"] == soon.x5t and line["replaced"] is True


def test_short_lives_are_no_news_but_an_end_without_a_successor_is(installation, authorities):
    """SPIFFE IDs live for an hour: nobody wants to hear of each that it ends within a day."""
    gone, hourly = (authorities.ca.issue(name, not_before=now() - days(before), not_after=now() + datetime.timedelta(seconds=left))
                    for name, before, left in (("gone", 90, 4), ("hourly", 0, 3600)))
    for name, identity in (("gone", gone), ("hourly", hourly)):
        installation.add_client(name, tls_client_auth_subject_dn=identity.subject, trust_group="partners", scope="accounts")
    installation.start()
    for name, identity in (("gone", gone), ("hourly", hourly)):
        assert Partner(installation, identity, name).token().status == 200
    installation.stop()
    time.sleep(max(0, gone.certificate.not_valid_after.replace(tzinfo=datetime.timezone.utc).timestamp() + 1.1 - time.time()))
    installation.start()
    line = installation.log.like(event="certificate_expiring", kind="client")
    assert line["of"] == "gone" and line["days_left"] == -1
    assert eventually(lambda: metric(installation, 'certbound_certificates_expiring{kind="client",within_days="1"}') == 2)
    installation.stop()
    installation.log.unlike(event="certificate_expiring", of="hourly")


def listed(server, *arguments):
    text = server.cli("client", "certificates", "--json", *arguments).stdout
    return {c["x5t#S256"]: c for c in json.loads(text)["certificates"]}


def test_certificates_that_were_registered_and_never_used(installation, keys, pki):
    """The end of a certificate is told of before its client comes for the first time."""
    own, published, renewed = (ending(pki.self_signed, n, d) for n, d in (("own", 5), ("published", 6), ("renewed", 300)))
    publish(keys, published)
    installation.add_client("own", jwks=write_jwks(installation, own), scope="accounts")
    installation.add_client("published", jwks_uri=keys.url("/jwks"), scope="accounts")
    one = listed(installation)[own.x5t]
    assert one["state"] == "not_seen" and one["days_left"] in (4, 5) and "first_seen" not in one
    installation.start()
    assert eventually(lambda: listed(installation).get(published.x5t, {}).get("state") == "not_seen")
    installation.stop()

    # Renewed beside the old: nobody is told that the old one was replaced before the new one was used.
    publish(keys, published, renewed)
    installation.start()
    for identity, client_id in ((own, "own"), (published, "published")):
        line = installation.log.like(event="certificate_expiring", x5t=identity.x5t)
        assert line["of"] == client_id and line["not_seen"] is True and line["replaced"] is False
    assert metric(installation, 'certbound_certificates_expiring{kind="client",within_days="7"}') == 2
    assert eventually(lambda: renewed.x5t in listed(installation))
    assert Partner(installation, published, "published").token().status == 200
    until_issued(Partner(installation, renewed, "published"))
    installation.stop()
    states = {x5t: c["state"] for x5t, c in listed(installation).items()}
    # Who still uses the old one: published was used before, not after.
    assert states == {own.x5t: "not_seen", published.x5t: "replaced_in_use", renewed.x5t: "current"} or \
        states == {own.x5t: "not_seen", published.x5t: "replaced", renewed.x5t: "current"}
    assert listed(installation, "--expiring-within", "30d").keys() == {own.x5t, published.x5t}

    # The old one leaves the key set: it was used, so it stays on record; one that never was does not.
    publish(keys, renewed)
    installation.cli("client", "update", "own", "--jwks", write_jwks(installation, renewed))
    assert own.x5t not in listed(installation)


def write_jwks(server, *identities):
    path = server.folder / "own.jwks"
    path.write_text(json.dumps({"keys": [jwk_of(i) for i in identities]}))
    return path


def installation_eku():
    from harness.pki import SERVER_AUTH
    return [SERVER_AUTH]


def test_the_webhook_is_told_and_can_tell_that_it_was_us(installation, authorities, keys):
    told = []

    def hook(handler):
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        told.append((handler.headers["Content-Type"], handler.headers["Certbound-Signature"], body))
        handler.send_response(204)
        handler.end_headers()

    keys.pages["/hook"] = hook
    soon = ending(authorities.ca.issue, "soon", 10)
    installation.config["expiry"] = {"webhook": keys.url("/hook")}
    installation.write_config()
    installation.add_client("c", tls_client_auth_subject_dn=soon.subject, trust_group="partners", scope="accounts")
    see(installation, "c", soon)
    installation.start()
    assert eventually(lambda: told, timeout=10)
    content_type, signature, body = told[0]
    event = json.loads(body)
    assert content_type == "application/json"
    assert event["type"] == "certificate_expiring" and event["kind"] == "client" and event["of"] == "c"
    assert event["x5t#S256"] == soon.x5t and event["id"] == f"{soon.x5t}-14" and event["issuer"] == installation.issuer
    head, empty, mac = signature.split(".")
    token = f"{head}.{b64url(body)}.{mac}"
    assert empty == "" and header_of(token)["typ"] == "certbound-event+jws"
    published = Partner(installation).get("/jwks").json["keys"]
    assert es256_is_valid(token, next(k for k in published if k["kid"] == header_of(token)["kid"]))
    installation.log.like(event="webhook_delivered")
