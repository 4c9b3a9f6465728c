#include "races.h"

#include <stdio.h>
#include <string.h>

enum { NOW = 1000, REQUEST = 32 };

struct named {
    char id[16];
    char identity[32];
};

/* Racers of one number share a name or an identity. */
static struct cb_client_record client(struct named *n, int id, int identity)
{
    (void)snprintf(n->id, sizeof n->id, "client-%d", id);
    memset(n->identity, identity + 1, sizeof n->identity);
    return (struct cb_client_record){
        .client_id = cb_str_of(n->id),
        .auth_method = CB_STR("tls_client_auth"),
        .identity = { n->identity, sizeof n->identity },
        .revision = 1,
    };
}

static cb_status add_same_id(struct cb_store *s, int racer, struct cb_err *err)
{
    struct named n;
    const struct cb_client_record c = client(&n, 0, racer);
    return cb_store_client_add(s, &c, err);
}

static cb_status add_same_identity(struct cb_store *s, int racer, struct cb_err *err)
{
    struct named n;
    const struct cb_client_record c = client(&n, racer, 0);
    return cb_store_client_add(s, &c, err);
}

static cb_status add_own(struct cb_store *s, int racer, struct cb_err *err)
{
    struct named n;
    const struct cb_client_record c = client(&n, racer, racer);
    return cb_store_client_add(s, &c, err);
}

static cb_status one_client(struct cb_store *s, struct cb_err *err)
{
    return add_own(s, 0, err);
}

static cb_status a_client_each(struct cb_store *s, struct cb_err *err)
{
    for (int i = 0; i < RACERS; i++) {
        CB_TRY(add_own(s, i, err));
    }
    return CB_OK;
}

static cb_status update_same_revision(struct cb_store *s, int racer, struct cb_err *err)
{
    struct named n;
    const struct cb_client_record c = client(&n, 0, racer);
    return cb_store_client_update(s, &c, err);
}

/* Each takes a client of its own to the same identity. */
static cb_status update_to_same_identity(struct cb_store *s, int racer, struct cb_err *err)
{
    struct named n;
    const struct cb_client_record c = client(&n, racer, RACERS);
    return cb_store_client_update(s, &c, err);
}

static cb_status set_enabled(struct cb_store *s, int racer, struct cb_err *err)
{
    return cb_store_client_set_enabled(s, CB_STR("client-0"), racer % 2 == 0, NOW, err);
}

static cb_status remove_client(struct cb_store *s, int racer, struct cb_err *err)
{
    (void)racer;
    return cb_store_client_remove(s, CB_STR("client-0"), 0, err);
}

/* Whoever wins, the others' revision is gone: with the client or without. */
static cb_status update_or_remove(struct cb_store *s, int racer, struct cb_err *err)
{
    const cb_status status = racer % 2 == 0 ? update_same_revision(s, racer, err)
                                            : cb_store_client_remove(s, CB_STR("client-0"), 1, err);
    if (err->code == CB_E_NOT_FOUND) {
        err->code = CB_E_CHANGED_MEANWHILE;
    }
    return status;
}

static cb_status statement_holder(struct cb_store *s, struct cb_err *err)
{
    struct named n;
    struct cb_client_record c = client(&n, 0, 0);
    c.statement_expires_at = NOW;
    return cb_store_client_add(s, &c, err);
}

static cb_status suspend(struct cb_store *s, int racer, struct cb_err *err)
{
    return cb_store_client_suspend(s, CB_STR("client-0"), NOW, NOW + 1 + racer, err);
}

static cb_status revoke(struct cb_store *s, int racer, struct cb_err *err)
{
    static char x5t[32];
    const struct cb_revocation_record r = { .x5t = { x5t, sizeof x5t },
                                            .revoked_at = racer,
                                            .expires_at = NOW };
    return cb_store_revocation_add(s, &r, err);
}

static cb_status use_request(struct cb_store *s, int racer, struct cb_err *err)
{
    static char request[REQUEST];
    return cb_store_request_use(s, (struct cb_str){ request, sizeof request }, NOW + racer, NOW - 1, err);
}

static cb_status expired_request(struct cb_store *s, struct cb_err *err)
{
    static char request[REQUEST];
    return cb_store_request_use(s, (struct cb_str){ request, sizeof request }, NOW - 1, 0, err);
}

static cb_status same_token(struct cb_store *s, int racer, struct cb_err *err)
{
    static char token[32];
    struct named n;
    struct cb_client_record c = client(&n, racer, racer);
    c.registration_token_hash = (struct cb_str){ token, sizeof token };
    return cb_store_client_add(s, &c, err);
}

static cb_status token_holder(struct cb_store *s, struct cb_err *err)
{
    return same_token(s, 0, err);
}

static cb_status clear_token(struct cb_store *s, int racer, struct cb_err *err)
{
    (void)racer;
    static char token[32];
    return cb_store_client_clear_token(s, (struct cb_str){ token, sizeof token }, err);
}

static cb_status key_set_holder(struct cb_store *s, struct cb_err *err)
{
    struct named n;
    struct cb_client_record c = client(&n, 0, 0);
    c.jwks_uri = CB_STR("https://partner.example/jwks");
    return cb_store_client_add(s, &c, err);
}

static cb_status set_jwks(struct cb_store *s, int racer, struct cb_err *err)
{
    (void)racer;
    const struct cb_key_set_read read = { .client_id = CB_STR("client-0"),
                                          .jwks_uri = CB_STR("https://partner.example/jwks"),
                                          .jwks = CB_STR("{}") };
    bool changed = false;
    CB_TRY(cb_store_client_set_jwks(s, &read, &changed, err));
    CB_ENSURE(changed, CB_E_EXISTS, "another read the same");
    return CB_OK;
}

/* --- nodes that have seen the same certificates, each in an order of its own --- */

enum { SEEN = 2 * RACERS };

static cb_status see(struct cb_store *s, int racer, struct cb_err *err)
{
    struct cb_seen_certificate all[SEEN];
    struct named names[SEEN];
    for (int i = 0; i < SEEN; i++) {
        const int at = (racer % 2 == 0 ? i : SEEN - i) + racer;
        const struct cb_client_record c = client(&names[i], at % RACERS, at % 3);
        all[i] = (struct cb_seen_certificate){ .client_id = c.client_id,
                                               .x5t = c.identity,
                                               .not_after = NOW,
                                               .first_seen = NOW + racer,
                                               .last_seen = NOW + racer };
    }
    return cb_store_certificates_seen(s, all, SEEN, err);
}

static cb_status see_or_remove(struct cb_store *s, int racer, struct cb_err *err)
{
    return racer == 0 ? remove_client(s, racer, err) : see(s, racer, err);
}

static cb_status refuse_row(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err)
{
    (void)ctx;
    CB_REFUSE(CB_E_EXISTS, "a certificate of " CB_STR_FMT ", which is gone", CB_STR_ARG(c->client_id));
}

static cb_status none_is_left(struct cb_store *s, struct cb_err *err)
{
    const struct cb_certificate_page page = { .client_id = CB_STR("client-0"), .limit = 9 };
    return cb_store_certificate_page(s, &page, refuse_row, NULL, err);
}

static cb_status add_key(struct cb_store *s, int racer, int64_t active_from, bool first_only,
                         struct cb_err *err)
{
    char kid[16];
    (void)snprintf(kid, sizeof kid, "key-%d", racer);
    const struct cb_key_record k = {
        .kid = cb_str_of(kid),
        .alg = CB_STR("ES256"),
        .public_jwk = CB_STR("{}"),
        .sealed = CB_STR("x"),
        .active_from = active_from,
    };
    return cb_store_key_add(s, &k, first_only, NOW, err);
}

static cb_status first_key(struct cb_store *s, int racer, struct cb_err *err)
{
    return add_key(s, racer, NOW, true, err);
}

static cb_status one_key(struct cb_store *s, struct cb_err *err)
{
    return first_key(s, RACERS, err);
}

static cb_status rotate(struct cb_store *s, int racer, struct cb_err *err)
{
    return add_key(s, racer, NOW + 500, false, err);
}

static cb_status same_kid(struct cb_store *s, int racer, struct cb_err *err)
{
    (void)racer;
    return add_key(s, 0, NOW, false, err);
}

static cb_status retire(struct cb_store *s, int racer, struct cb_err *err)
{
    return cb_store_key_retire(s, CB_STR("key-24"), NULL, NOW + racer, err);
}
_Static_assert(RACERS == 24, "one_key's kid");

const struct race races[] = {
    { "add, one client_id", NULL, add_same_id, .winners = 1, .loser = CB_E_EXISTS },
    { "add, one identity", NULL, add_same_identity, .winners = 1, .loser = CB_E_EXISTS },
    { "add, a client each", NULL, add_own, .winners = RACERS, .loser = CB_E_NONE },
    { "update of one revision", one_client, update_same_revision, .winners = 1,
      .loser = CB_E_CHANGED_MEANWHILE },
    { "update to one identity", a_client_each, update_to_same_identity, .winners = 1, .loser = CB_E_EXISTS },
    { "enable and disable", one_client, set_enabled, .winners = RACERS, .loser = CB_E_NONE },
    { "remove", one_client, remove_client, .winners = 1, .loser = CB_E_NOT_FOUND },
    { "update or removal of one revision", one_client, update_or_remove, .winners = 1,
      .loser = CB_E_CHANGED_MEANWHILE },
    { "suspension", statement_holder, suspend, .winners = 1, .loser = CB_E_CHANGED_MEANWHILE },
    { "request", NULL, use_request, .winners = 1, .loser = CB_E_EXISTS, .silent = 1 },
    { "request after its end", expired_request, use_request, .winners = 1, .loser = CB_E_EXISTS,
      .silent = 1 },
    { "revocation", NULL, revoke, .winners = 1, .loser = CB_E_EXISTS },
    { "one registration token", NULL, same_token, .winners = 1, .loser = CB_E_EXISTS },
    { "revoked registration token", token_holder, clear_token, .winners = 1, .loser = CB_E_NOT_FOUND },
    { "one key set", key_set_holder, set_jwks, .winners = 1, .loser = CB_E_EXISTS },
    { "certificates seen", a_client_each, see, .winners = RACERS, .loser = CB_E_NONE, .silent = RACERS },
    { "certificates of a client that goes", a_client_each, see_or_remove, .winners = RACERS,
      .loser = CB_E_NONE, .silent = RACERS - 1, .after = none_is_left },
    { "first key", NULL, first_key, .winners = 1, .loser = CB_E_EXISTS },
    { "rotation", one_key, rotate, .winners = 1, .loser = CB_E_EXISTS },
    { "one kid", NULL, same_kid, .winners = 1, .loser = CB_E_EXISTS },
    { "retire", one_key, retire, .winners = 1, .loser = CB_E_NOT_FOUND },
    { 0 },
};
