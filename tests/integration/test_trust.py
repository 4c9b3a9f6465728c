"""Trust groups: what each may demand of its certificates, and which CAs it knows."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from harness import expect
from harness.client import Partner
from harness.pki import CLIENT_AUTH, SERVER_AUTH, days, key_hash, now

YEAR = 365


def year(extra=0, seconds=0):
    """Validity of a year, and `extra` days and `seconds` more."""
    import datetime
    begin = now() - days(1)
    return {"not_before": begin, "not_after": begin + days(YEAR + extra) + datetime.timedelta(seconds=seconds)}


# What a group demands beyond a good chain, a certificate that has it, one that has not, and what that one is told.
DEMANDS = {
    "shallow": ({"depth": 0}, {"of": "ca"}, {"of": "sub"}, "certificate_chain_too_long"),
    "year": ({"max_validity": "8760h"}, year(), year(seconds=1), "certificate_validity_too_long"),
    "large-rsa": ({"min_rsa_bits": 3072}, {"rsa": 3072}, {"rsa": 2048}, "certificate_key_too_short"),
    "purposes": ({"extended_key_usage": ["clientAuth", "serverAuth"]}, {"eku": [CLIENT_AUTH, SERVER_AUTH]},
                 {"eku": [CLIENT_AUTH]}, "certificate_extended_key_usage_missing"),
    "servers": ({"extended_key_usage": ["serverAuth"]}, {"eku": [SERVER_AUTH]}, {"eku": []},
                "certificate_extended_key_usage_missing"),
    "sha384": ({"signature_algorithms": ["ecdsa-with-SHA384"]}, {"digest": hashes.SHA384()},
               {"digest": hashes.SHA256()}, "certificate_signature_algorithm_refused"),
}


@pytest.fixture(scope="module")
def cas(authorities, pki):
    return {
        "ca": authorities.ca,
        "sub": pki.authority("Sub CA", issuer=authorities.ca),
        "rekeyed": pki.authority("Sub CA", issuer=authorities.ca),  # of the same name
        "other-sub": pki.authority("Other Sub CA", issuer=authorities.ca),
    }


@pytest.fixture(scope="module")
def installation(installation, authorities, cas):
    for group, (options, *_) in DEMANDS.items():
        installation.trust(group, authorities.ca, **options)
    chosen = installation.folder / "chosen-subs"
    chosen.mkdir()
    (chosen / "sub.crt").write_bytes(cas["sub"].pem.read_bytes())
    installation.trust("chosen", authorities.ca, intermediates=str(chosen))
    installation.trust("twins", authorities.ca, authorities.twin_ca)
    installation.write_config()
    for group in (*DEMANDS, "chosen"):
        installation.add_client(group, tls_client_auth_subject_dn=f"CN={group},O=Test", trust_group=group,
                                scope="accounts")
    for client_id, issuer in (("of-ca", authorities.ca), ("of-twin", authorities.twin_ca)):
        installation.add_client(client_id, tls_client_auth_subject_dn=f"CN={client_id},O=Test", trust_group="twins",
                                issuer_key=key_hash(issuer), scope="accounts")
    return installation


def issue(cas, common_name, options):
    options = dict(options)
    authority = cas[options.pop("of", "ca")]
    if bits := options.pop("rsa", None):
        options["private_key"] = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    return authority.issue(common_name, **options)


@pytest.mark.parametrize("group", DEMANDS)
def test_group_demands(server, cas, group):
    _, good, bad, reason = DEMANDS[group]
    partner = Partner(server, issue(cas, group, good), group)
    expect.issued(partner, partner.token())
    partner = Partner(server, issue(cas, group, bad), group)
    line = expect.refused(partner, partner.token(), 400, "invalid_client", reason)
    assert line["detail"]


def test_another_group_does_not_demand_it(server, cas):
    """The same certificates, where nothing is demanded: partner-a's group."""
    for options in [bad for _, _, bad, _ in DEMANDS.values()]:
        partner = Partner(server, issue(cas, "partner-a", options), "partner-a")
        expect.issued(partner, partner.token())


def test_only_chosen_intermediates(server, cas):
    for send_chain in (True, False):
        partner = Partner(server, cas["sub"].issue("chosen", send_chain=send_chain), "chosen")
        expect.issued(partner, partner.token())
    partner = Partner(server, cas["other-sub"].issue("chosen"), "chosen")
    line = expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_issuer_not_allowed")
    assert "CN=Other Sub CA" in line["detail"]
    partner = Partner(server, cas["rekeyed"].issue("chosen"), "chosen")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_signature_invalid")
    # Where none are chosen, whichever leads to the anchor is good.
    partner = Partner(server, cas["other-sub"].issue("partner-a"), "partner-a")
    expect.issued(partner, partner.token())
    partner = Partner(server, cas["other-sub"].issue("partner-a", send_chain=False), "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_issuer_unknown")


def test_issuer_is_pinned_by_its_key(server, authorities):
    """Two CAs of one name in one group: each may issue only the clients that are pinned to it."""
    for client_id, good, other in (("of-ca", authorities.ca, authorities.twin_ca),
                                   ("of-twin", authorities.twin_ca, authorities.ca)):
        partner = Partner(server, good.issue(client_id), client_id)
        expect.issued(partner, partner.token())
        partner = Partner(server, other.issue(client_id), client_id)
        line = expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_issuer_not_pinned")
        assert key_hash(good) in line["detail"] and key_hash(other) in line["detail"]


def test_same_named_ca_of_another_group(server, authorities):
    """The twin is trusted in `twins`, which helps nobody in `partners`."""
    partner = Partner(server, authorities.twin_ca.issue("partner-a"), "partner-a")
    expect.refused(partner, partner.token(), 400, "invalid_client", "certificate_signature_invalid")


def test_start_says_what_each_group_holds(server):
    line = server.log.like(event="trust_loaded", trust_group="twins")
    assert (line["anchors"], line["intermediates"]) == (2, 0)
    line = server.log.like(event="trust_loaded", trust_group="chosen")
    assert (line["anchors"], line["intermediates"]) == (1, 1)


def test_explain_says_why(server, cas, authorities):
    def explain(identity):
        return server.cli("explain", identity.pem, check=False).stdout

    said = explain(cas["sub"].issue("shallow"))
    assert "shallow: no, certificate_chain_too_long" in said and "partners: yes" in said
    said = explain(authorities.twin_ca.issue("of-ca"))
    assert "of-ca: no, certificate_issuer_not_pinned" in said


# --- what does not load


def test_what_does_not_load_is_named(server, cas):
    broken = server.folder / "broken"
    broken.mkdir()
    (broken / "a.pem").write_bytes(cas["ca"].pem.read_bytes())
    for content, problem in ((cas["ca"].issue("leaf").pem.read_bytes(), "certificate 1 is not a CA certificate"),
                             (b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
                              "certificate 1 does not decode"),
                             (b"", "holds no certificate")):
        (broken / "b.crt").write_bytes(content)
        server.write_config(lambda c: c["trust_groups"][0].update(anchors=str(broken)))
        done = server.cli("config", "check", check=False)
        assert done.returncode == 1
        assert "trust group partners: " in done.stderr and "broken/b.crt" in done.stderr and problem in done.stderr
    server.write_config(lambda c: c["trust_groups"][0].update(signature_algorithms=["ES256"]))
    done = server.cli("config", "check", check=False)
    assert (done.returncode, "signature algorithm ES256 is not known" in done.stderr) == (1, True)
    server.write_config()
