"""The admin API: of those who change one thing at the same moment one wins."""

from harness.admin import (  # noqa: F401 (fixtures)
    Admin, admin, admin_ca, at_once, partner_of, people, refused, server, store_kind)


def test_of_administrators_who_change_one_client_at_once_one_wins(server, people, authorities):
    """With one revision in their hands. Whoever loses has changed nothing."""
    _, body = partner_of(authorities, "raced")
    admin = Admin(server, people["writer"])
    assert admin.ask("POST", "/clients", body).status == 201
    for revision in range(1, 9):
        answers = {}

        def change(own, n, connection):
            answers[n] = own.ask("PUT", "/clients/raced", body | {"client_name": f"name {n}"},
                                 If_Match=f'"{revision}"', connection=connection)
            return answers[n]

        assert at_once(server, people["writer"], 6, change) == [200] + 5 * [412]
        [winner] = [a.json for a in answers.values() if a.status == 200]
        now_ = admin.ask("GET", "/clients/raced")
        assert now_.json == winner and now_.headers["etag"] == f'"{revision + 1}"'
        for lost in (a for a in answers.values() if a.status == 412):
            refused(lost, 412, "object_changed_meanwhile")


def test_of_a_change_a_removal_and_a_new_registration_at_once(server, people, authorities):
    _, body = partner_of(authorities, "mixed")
    admin = Admin(server, people["writer"])
    for _ in range(4):
        assert at_once(server, people["writer"], 6, lambda own, n, c: own.ask(
            "POST", "/clients", body, connection=c)) == [201] + 5 * [409]

        def change_or_remove(own, n, connection):
            if n % 2:
                return own.ask("DELETE", "/clients/mixed", If_Match='"1"', connection=connection)
            return own.ask("PUT", "/clients/mixed", body, If_Match='"1"', connection=connection)

        statuses = at_once(server, people["writer"], 6, change_or_remove)
        assert len([s for s in statuses if s < 300]) == 1 and set(statuses) <= {200, 204, 404, 412}, statuses
        admin.ask("DELETE", "/clients/mixed", If_Match="*")


def test_of_rotations_at_once_one_wins_and_of_withdrawals(server, people, admin):
    for _ in range(4):
        assert at_once(server, people["writer"], 6, lambda own, _, c: own.ask(
            "POST", "/signing-keys", {}, connection=c)) == [201] + 5 * [409]
        [kid] = [k["kid"] for k in admin.ask("GET", "/signing-keys").json["signing_keys"] if k["state"] == "pending"]
        assert at_once(server, people["writer"], 6, lambda own, _, c: own.ask(
            "DELETE", "/signing-keys/" + kid, connection=c)) == [204] + 5 * [404]
