"""What a certificate says of its holder decides whether it may speak, and for which scopes: eIDAS/PSD2, UK, Brazil."""

import datetime
import itertools
import json
import subprocess
import uuid

import pytest
from harness import expect, profiles
from harness.client import Partner, wait_known
from harness.jose import claims_of
from harness.pki import der, key_hash, name, now
from harness.server import eventually

_ids = itertools.count(1)


@pytest.fixture(scope="module")
def server(make_server, authorities):
    made = make_server()
    for group in ("plain", "psd2", "obuk", "ofbr"):
        made.trust(group, authorities.ca, profile=group)
    made.config["roles"] = [
        {"role": "PSP_AI", "scopes": ["accounts"]},
        {"role": "PSP_PI", "scopes": ["payments"]},
    ]
    made.write_config()
    made.migrate()
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ca(authorities):
    return authorities.ca


def organisation():
    return f"PSDDE-BAFIN-{next(_ids)}"


def org_id():
    return f"0015800001{next(_ids):08}"


def partner(server, group, identity, scope="accounts payments", client_id=None):
    """A client of this group for the certificate's subject."""
    if client_id is None:
        client_id = f"client-{next(_ids)}"
        server.add_client(client_id, tls_client_auth_subject_dn=identity.subject, trust_group=group, scope=scope)
        wait_known(server, client_id)
    return Partner(server, identity, client_id)


def refused(someone, reason, error="invalid_client", **parameters):
    return expect.refused(someone, someone.token(**parameters), 400, error, reason)


# --- roles are scopes


def test_a_token_holds_what_the_roles_allow(server, ca):
    both = partner(server, "psd2", profiles.qwac(ca, organisation(), roles=["PSP_AI", "PSP_PI"]))
    expect.issued(both, both.token(), scope="accounts payments")
    expect.issued(both, both.token(scope="payments"), scope="payments")
    one = partner(server, "psd2", profiles.qwac(ca, organisation(), roles=["PSP_AI", "PSP_AS"]))
    token = expect.issued(one, one.token(scope="payments accounts"), scope="accounts")
    assert claims_of(token)["scope"] == "accounts"
    line = refused(one, "scope_not_allowed_by_role", "invalid_scope", scope="payments")
    assert "PSP_AI" in line["detail"]


def test_a_role_alone_is_no_registration(server, ca):
    """In the certificate and not registered: nothing; registered and not in the certificate: nothing."""
    someone = partner(server, "psd2", profiles.qwac(ca, organisation(), roles=["PSP_PI"]), scope="accounts")
    refused(someone, "scope_not_allowed", "invalid_scope", scope="payments")
    refused(someone, "scope_not_allowed_by_role", "invalid_scope", scope="accounts")


def test_a_role_that_is_not_configured_allows_nothing(server, ca):
    someone = partner(server, "psd2", profiles.qwac(ca, organisation(), roles=["PSP_IC"]))
    refused(someone, "scope_not_allowed_by_role", "invalid_scope")


def test_a_renewed_certificate_with_fewer_roles_narrows_the_scope_at_once(server, ca):
    """The certificate of the connection decides, not what was there when the client registered."""
    of = organisation()
    before = partner(server, "psd2", profiles.qwac(ca, of, roles=["PSP_AI", "PSP_PI"]))
    expect.issued(before, before.token(), scope="accounts payments")
    renewed = partner(server, "psd2", profiles.qwac(ca, of, roles=["PSP_AI"]), client_id=before.client_id)
    expect.issued(renewed, renewed.token(), scope="accounts")
    refused(renewed, "scope_not_allowed_by_role", "invalid_scope", scope="payments")
    expect.issued(before, before.token(), scope="accounts payments")


def test_one_connection_keeps_its_roles(server, ca):
    """Requests on a live connection are judged alike, and a reload of the roles is seen by them."""
    someone = partner(server, "psd2", profiles.qwac(ca, organisation(), roles=["PSP_AI"]))
    connection = someone.connection()
    for _ in range(3):
        expect.issued(someone, someone.token(connection=connection), scope="accounts")
    try:
        server.config["roles"][0]["scopes"] = ["payments"]
        server.write_config()
        assert server.reload()["event"] == "reloaded"
        expect.issued(someone, someone.token(connection=connection), scope="payments")
    finally:
        server.config["roles"][0]["scopes"] = ["accounts"]
        server.write_config()
        server.reload()
    expect.issued(someone, someone.token(connection=connection), scope="accounts")


# --- psd2


def test_a_seal_certificate_is_no_tls_identity(server, ca):
    """Same CA, same subject, same roles: only QcType tells them apart."""
    of = organisation()
    good = partner(server, "psd2", profiles.qwac(ca, of))
    expect.issued(good, good.token(), scope="accounts")
    seal = partner(server, "psd2", profiles.qsealc(ca, of), client_id=good.client_id)
    refused(seal, "certificate_qctype_wrong")


@pytest.mark.parametrize("reason, options", [
    ("certificate_qctype_wrong", {"types": (profiles.ESIGN,)}),
    ("certificate_qctype_wrong", {"types": None}),
    ("certificate_profile_mismatch", {"roles": None}),
    ("certificate_profile_mismatch", {"nca_id": "DE-BAFINX"}),
    ("certificate_profile_mismatch", {"nca_id": "AT-BAFIN"}),
    ("certificate_qcstatements_malformed", {"nca_id": "DE"}),
    ("certificate_qcstatements_malformed", {"nca_id": "DE-BA\0IN"}),
    ("certificate_role_invalid", {"roles": []}),
    ("certificate_role_invalid", {"roles": [(profiles.ROLES["PSP_PI"], "PSP_AI")]}),
    ("certificate_role_invalid", {"roles": ["PSP_AI", ("1.2.3.4", "PSP_PI")]}),
    ("certificate_qcstatements_malformed", {"statements": profiles.qc_statements(nca_id="DE-BAFIN") + b"\0"}),
    ("certificate_qcstatements_malformed", {"statements": profiles.qc_statements(
        nca_id="DE-BAFIN", more=[profiles.psd2_statement(["PSP_PI"], "DE-BAFIN")])}),
    ("certificate_qcstatements_malformed", {"statements": b"\x30\x80" + profiles.qc_statements()[2:] + b"\0\0"}),
], ids=str)
def test_a_certificate_that_the_standard_does_not_allow(server, ca, reason, options):
    of = organisation()
    good = partner(server, "psd2", profiles.qwac(ca, of))
    refused(partner(server, "psd2", profiles.qwac(ca, of, **options), client_id=good.client_id), reason)


def test_roles_that_nobody_knows_are_ignored(server, ca):
    statements = profiles.qc_statements(
        nca_id="DE-BAFIN", roles=[("1.2.3.4", "PSP_XX"), "PSP_AI"],
        more=[profiles.sequence(profiles.oid("1.2.3.5"), der(0x0C, b"x"))])
    someone = partner(server, "psd2", profiles.qwac(ca, organisation(), statements=statements))
    expect.issued(someone, someone.token(), scope="accounts")


def test_an_ordinary_certificate_is_none_of_a_profile(server, ca):
    for group in ("psd2", "obuk", "ofbr"):
        refused(partner(server, group, ca.issue(f"ordinary-{group}")), "certificate_profile_mismatch")


def test_a_plain_group_heeds_no_roles(server, ca):
    someone = partner(server, "plain", profiles.qwac(ca, organisation(), roles=["PSP_AI"]))
    expect.issued(someone, someone.token(), scope="accounts payments")


# --- obuk


def test_obwac_with_roles(server, ca):
    someone = partner(server, "obuk", profiles.obwac(ca, org_id(), roles=["PSP_PI"]))
    expect.issued(someone, someone.token(), scope="payments")


def test_obwac_without_a_psd2_statement(server, ca):
    of = org_id()
    someone = partner(server, "obuk", profiles.obwac(ca, of, f"PSDGB-OB-Unknown{of}", roles=None))
    expect.issued(someone, someone.token(), scope="accounts payments")


def test_obwac_of_another_authority(server, ca):
    someone = partner(server, "obuk", profiles.obwac(ca, org_id(), nca_id="GB-PRA"))
    refused(someone, "certificate_profile_mismatch")


def test_obseal(server, ca):
    refused(partner(server, "obuk", profiles.obwac(ca, org_id(), types=(profiles.ESEAL,))), "certificate_qctype_wrong")
    refused(partner(server, "obuk", profiles.obwac(ca, org_id(), eku=[])), "certificate_profile_mismatch")


def test_older_transport_certificate(server, ca):
    someone = partner(server, "obuk", profiles.ob_legacy(ca, org_id()))
    expect.issued(someone, someone.token(), scope="accounts payments")
    refused(partner(server, "obuk", profiles.ob_legacy(ca, org_id()[:-1])), "certificate_profile_mismatch")


# --- ofbr


def test_brcac(server, ca):
    someone = partner(server, "ofbr", profiles.brcac(ca))
    expect.issued(someone, someone.token(), scope="accounts payments")


@pytest.mark.parametrize("options", [
    {"org_id": "d7384bd0"},
    {"software_id": "67c57882"},
    {"domain": "banco"},
    {"sans": None},
    {"usage": profiles.SIGNS},
    {"usage": None},
    {"eku": []},
    {"eku": [profiles.SERVER_AUTH]},
], ids=str)
def test_brcac_that_the_standard_does_not_allow(server, ca, options):
    line = "certificate_purpose_wrong" if options.get("eku") else "certificate_profile_mismatch"
    refused(partner(server, "ofbr", profiles.brcac(ca, **{"software_id": str(uuid.uuid4())} | options)), line)


# --- SPIFFE


def test_a_spiffe_id_is_a_uri(server, ca):
    """A workload's certificate has an empty subject, or one that says nothing; its URI is who it is."""
    spiffe = "spiffe://bank.example/ns/payments/sa/gateway"
    client_id = f"client-{next(_ids)}"
    server.add_client(client_id, tls_client_auth_san_uri=spiffe, trust_group="plain", scope="accounts")
    wait_known(server, client_id)
    for subject in (name(), name(("O", "SPIRE"))):
        someone = Partner(server, ca.issue("workload", subject=subject, sans={"uri": [spiffe]}), client_id)
        expect.issued(someone, someone.token(), scope="accounts")
    for other in ("spiffe://bank.example/ns/payments/sa/gatewa", "spiffe://BANK.example/ns/payments/sa/gateway",
                  "spiffe://bank.example/ns/payments/sa/gateway/"):
        someone = Partner(server, ca.issue("workload", subject=name(), sans={"uri": [other]}), client_id)
        refused(someone, "certificate_subject_mismatch")


def test_an_svid_as_spire_issues_it(server, ca):
    """For an hour, by a CA of the trust domain that the trust bundle does not hold; the next one is as good."""
    spiffe = "spiffe://bank.example/payments"
    client_id = f"client-{next(_ids)}"
    server.add_client(client_id, tls_client_auth_san_uri=spiffe, trust_group="plain", scope="accounts")
    wait_known(server, client_id)
    for generation in range(2):
        spire = server.pki.authority(f"SPIRE {generation}", issuer=ca, sans={"uri": ["spiffe://bank.example"]})
        svid = spire.issue(f"svid-{generation}", subject=name(("C", "US"), ("O", "SPIRE")), sans={"uri": [spiffe]},
                           not_before=now() - datetime.timedelta(seconds=10), not_after=now() + datetime.timedelta(hours=1),
                           usage=profiles.SIGNS, eku=[profiles.SERVER_AUTH, profiles.CLIENT_AUTH])
        someone = Partner(server, svid, client_id)
        expect.issued(someone, someone.token(), scope="accounts")


# --- certbound explain


def explained(server, identity, *more):
    done = server.cli("explain", identity.pem, *more, "--json", check=False)
    return json.loads(done.stdout)


def group_of(found, name):
    return next(g for g in found["trust_groups"] if g["name"] == name)


def test_explain_tells_what_each_profile_reads(server, ca):
    of, org, software = organisation(), org_id(), str(uuid.uuid4())
    qwac = explained(server, profiles.qwac(ca, of, roles=["PSP_AI", "PSP_PI", "PSP_IC"]))
    assert qwac["organisation"] == of
    assert qwac["qc_statements"] == {
        "good": True, "eu_qualified": True, "type": "website authentication", "roles": ["PSP_PI", "PSP_AI", "PSP_IC"],
        "authority_id": "DE-BAFIN", "authority_name": "Authority"}
    assert group_of(qwac, "psd2") == {
        "name": "psd2", "good": True, "profile": "psd2", "form": "qwac", "organisation_id": of,
        "issuer_key": key_hash(ca),
        "roles": ["PSP_PI", "PSP_AI", "PSP_IC"], "scope": "accounts payments"}
    assert group_of(qwac, "plain")["form"] == "plain" and "scope" not in group_of(qwac, "plain")
    assert group_of(qwac, "ofbr")["reason"] == "certificate_profile_mismatch"

    obwac = group_of(explained(server, profiles.obwac(ca, org, roles=None)), "obuk")
    assert (obwac["form"], obwac["organisation_id"]) == ("obwac", org)
    legacy = group_of(explained(server, profiles.ob_legacy(ca, org)), "obuk")
    assert (legacy["form"], legacy["organisation_id"], legacy["software_id"]) == ("ob_legacy", org, "2XBJp5VLKZqMTTn0xUd4Lh")
    brazil = group_of(explained(server, profiles.brcac(ca, of := str(uuid.uuid4()), software)), "ofbr")
    assert (brazil["form"], brazil["organisation_id"], brazil["software_id"]) == ("brcac", of, software)


def test_the_issuer_key_that_explain_prints_pins_a_client(server, ca):
    """The same name from another CA of the group is another key: refused, and explain says so."""
    of = organisation()
    good = partner(server, "psd2", profiles.qwac(ca, of))
    pin = group_of(explained(server, good.identity), "psd2")["issuer_key"]
    server.cli("client", "update", good.client_id, "--issuer-key", pin)
    expect.issued(good, good.token(), scope="accounts")
    below = server.pki.authority("Sub CA", issuer=ca)
    other = partner(server, "psd2", profiles.qwac(below, of), client_id=good.client_id)
    assert eventually(lambda: other.token().status == 400, timeout=5)
    line = refused(other, "certificate_issuer_not_pinned")
    found = explained(server, other.identity, "--client", good.client_id)
    assert found["clients"][0]["reason"] == "certificate_issuer_not_pinned"
    assert group_of(found, "psd2")["issuer_key"] == key_hash(below)
    assert group_of(found, "psd2")["issuer_key"] in line["detail"]


def test_explain_says_why_a_certificate_does_not_fit(server, ca):
    seal = explained(server, profiles.qsealc(ca, organisation()))
    assert seal["qc_statements"]["type"] == "electronic seal"
    assert group_of(seal, "psd2")["reason"] == "certificate_qctype_wrong"
    broken = explained(server, profiles.qwac(ca, roles=[(profiles.ROLES["PSP_PI"], "PSP_AI")]))
    assert broken["qc_statements"]["reason"] == group_of(broken, "psd2")["reason"] == "certificate_role_invalid"
    assert "PSP_PI" in group_of(broken, "psd2")["detail"]


def test_what_explain_prints_can_be_registered(server, ca):
    """The wrong name registered, the line of `explain` pasted into a shell: then the certificate is the client's."""
    identity = profiles.qwac(ca, organisation(), subject=name(("C", "DE"), ("O", "Müller's \"Bank\", GmbH + Co"),
                             ("organizationIdentifier", f"PSDDE-BAFIN-{next(_ids)}"), ("CN", "tpp.example")))
    client_id = f"client-{next(_ids)}"
    server.add_client(client_id, tls_client_auth_subject_dn="CN=tpp.example,O=Müller,C=DE", trust_group="psd2", scope="accounts")
    wait_known(server, client_id)
    someone = Partner(server, identity, client_id)
    line = refused(someone, "certificate_subject_mismatch")
    [verdict] = explained(server, identity, "--client", client_id)["clients"]
    assert verdict["reason"] == "certificate_subject_mismatch" and "RDN 2: " in verdict["detail"]
    said = server.cli("explain", identity.pem, "--client", client_id, check=False).stdout
    command = said[said.index("certbound client update"):].splitlines()[0].strip()
    assert line["register"] in command
    command = command.replace("certbound", server.binary, 1) + f" --config {server.config_path}"
    subprocess.run(["sh", "-c", command], check=True, capture_output=True)
    assert eventually(lambda: someone.token().status == 200, timeout=5)
    assert explained(server, identity)["clients"] == [{"client_id": client_id, "good": True}]
    shown = json.loads(server.cli("client", "show", client_id, "--json").stdout)
    assert explained(server, identity)["register"] == {"tls_client_auth_subject_dn": shown["tls_client_auth_subject_dn"]}
