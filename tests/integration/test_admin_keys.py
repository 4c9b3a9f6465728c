"""The admin API: signing keys."""

import json

from harness.admin import Admin, admin, admin_ca, people, refused, server, store_kind  # noqa: F401 (fixtures)
from harness.server import eventually


def test_signing_keys_show_no_secret(admin):
    [key] = admin.ask("GET", "/signing-keys").json["signing_keys"]
    assert key["state"] == "signing" and key["alg"] == "ES256" and key["jwk"]["kty"] == "EC" and "d" not in key["jwk"]
    assert admin.ask("GET", "/signing-keys/" + key["kid"]).json == key
    refused(admin.ask("GET", "/signing-keys/nobody"), 404, "object_not_found")


def test_a_key_is_rotated_and_withdrawn(server, people, admin):
    def published():
        return {key["kid"] for key in admin.request("GET", "/jwks", listener="public").json["keys"]}

    [old] = published()
    refused(Admin(server, people["reader"]).ask("POST", "/signing-keys", {}), 403, "administrator_may_read_only")
    refused(admin.ask("POST", "/signing-keys", {"alg": "none"}), 400, "body_refused", "body: must be {}")
    refused(admin.ask("POST", "/signing-keys", b"", Content_Type="text/plain"), 415, "media_type_unsupported")
    made = admin.ask("POST", "/signing-keys", {})
    kid = made.json["kid"]
    assert made.status == 201 and made.json["state"] == "pending" and "d" not in made.json["jwk"]
    assert made.headers["location"] == "/admin/v1/signing-keys/" + kid
    assert server.log.like(event="admin_changed", object="signing-keys/" + kid, method="POST")
    assert eventually(lambda: published() == {old, kid}, timeout=8)
    assert [k["kid"] for k in json.loads(server.cli("key", "list", "--json").stdout)["keys"]] == [old, kid]
    refused(admin.ask("POST", "/signing-keys", {}), 409, "object_exists_already", "under way")
    for path in (old, old + "?force=false"):
        refused(admin.ask("DELETE", "/signing-keys/" + path), 409, "signing_key_in_use")
    assert server.log.like(event="admin_refused", object="signing-keys/" + old, reason="signing_key_in_use")
    refused(admin.ask("DELETE", f"/signing-keys/{kid}?force=maybe"), 400, "parameter_malformed")
    assert admin.ask("DELETE", "/signing-keys/" + kid).status == 204  # nothing was signed with it
    assert server.log.like(event="admin_changed", object="signing-keys/" + kid, method="DELETE")
    assert eventually(lambda: published() == {old}, timeout=8)
    refused(admin.ask("DELETE", "/signing-keys/" + kid), 404, "object_not_found")
    assert admin.ask("GET", "/signing-keys/" + kid).json["state"] == "retired"
    assert admin.ask("DELETE", f"/signing-keys/{old}?force=true").status == 204
    assert eventually(lambda: published() and old not in published(), timeout=8)  # the server makes one for itself
