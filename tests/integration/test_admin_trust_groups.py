"""The admin API: trust groups as they are in force."""

import json

from harness.admin import Admin, admin, admin_ca, people, server, store_kind, with_admin  # noqa: F401 (fixtures)
from harness.server import eventually
from harness.status import crl, put


def test_trust_groups(admin, authorities, server):
    answer = admin.ask("GET", "/trust-groups").json
    groups = {g["name"]: g for g in answer["trust_groups"]}
    [anchor] = groups["partners"]["anchors"]
    assert anchor["subject"] == authorities.ca.identity.subject and anchor["x5t#S256"] == authorities.ca.identity.x5t
    assert groups["partners"]["profile"] == "plain" and groups["partners"]["revocation"]["check"] == "off"
    assert answer["generation"] >= groups["partners"]["generation"] >= 1 and groups["administrators"]["intermediates"] == []
    by_command = json.loads(server.cli("trust", "list", "--json").stdout)["trust_groups"]
    for group in answer["trust_groups"]:  # a server knows a little more
        for key in ("generation",):
            del group[key]
        for key in ("lists", "responders"):
            assert group["revocation"].pop(key) == []
    assert by_command == answer["trust_groups"]
    table = server.cli("trust", "list").stdout
    assert authorities.ca.identity.x5t in table and "anchor" in table


def test_trust_groups_tell_their_policy_and_the_state_of_lists_and_responders(make_server, pki, admin_ca, people, tmp_path):
    ca = pki.authority("Policy CA")
    good, bad = tmp_path / "good.crl", tmp_path / "bad.crl"
    put(good, crl(ca, ca.issue("gone")))
    put(bad, b"junk")
    server = make_server()
    with_admin(server, admin_ca, people)
    server.trust("policy", ca, depth=2, min_rsa_bits=3072, min_ec_bits=384, extended_key_usage=["clientAuth"],
                 signature_algorithms=["ecdsa-with-SHA256"], max_validity="9528h",
                 revocation={"check": "both", "crls": [str(good), str(bad)], "grace": "1h", "distribution_points": False,
                             "ocsp_responder": "http://127.0.0.1:9/"})
    server.config["outbound"] = {"plain_http": ["127.0.0.1"], "allowed_addresses": ["127.0.0.0/8"]}
    server.write_config()
    server.migrate()
    server.start()
    admin = Admin(server, people["writer"])

    def group():
        [found] = [g for g in admin.ask("GET", "/trust-groups").json["trust_groups"] if g["name"] == "policy"]
        return found

    found = group()
    assert {k: found[k] for k in ("depth", "min_rsa_bits", "min_ec_bits", "extended_key_usage", "signature_algorithms",
                                  "max_validity_seconds")} == {
        "depth": 2, "min_rsa_bits": 3072, "min_ec_bits": 384, "extended_key_usage": ["clientAuth"],
        "signature_algorithms": ["ecdsa-with-SHA256"], "max_validity_seconds": 9528 * 3600}
    policy = found["revocation"]
    assert policy["grace_seconds"] == 3600 and policy["ocsp_responder"] == "http://127.0.0.1:9/" and not policy["responders"]
    lists = {l["location"]: l for l in policy["lists"]}
    assert lists[str(good)]["entries"] == 1 and lists[str(good)]["next_update"] > lists[str(good)]["this_update"]
    assert "failure" not in lists[str(good)] and lists[str(bad)]["failure"] and "next_update" not in lists[str(bad)]
    before = found["generation"]
    assert server.log.like(event="trust_loaded", trust_group="policy", generation=before)

    # The group of the administrators asks a responder that is not there; that of the list needs none.
    server.trust("asking", admin_ca, revocation={"check": "ocsp", "grace": "1h", "ocsp_responder": "http://127.0.0.1:9/"})
    server.config["listeners"]["admin"]["trust_group"] = "asking"
    server.write_config()
    server.reload()
    assert group()["generation"] > before
    assert server.log.like(event="trust_loaded", trust_group="policy", generation=group()["generation"])
    asking = lambda: {g["name"]: g for g in admin.ask("GET", "/trust-groups").json["trust_groups"]}["asking"]["revocation"]
    assert eventually(lambda: asking()["responders"] and "failure" in asking()["responders"][0])
    [responder] = asking()["responders"]
    assert responder == {"origin": "http://127.0.0.1:9", "good": 0, "revoked": 0, "unknown": 0, "waiting": 1,
                         "failure": "fetch_failed"}
