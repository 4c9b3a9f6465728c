#include "races.h"

#include <stdio.h>
#include <string.h>

enum { NOW = 1000 };

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
    const struct cb_revocation_record r = { .x5t = { x5t, sizeof x5t }, .revoked_at = racer };
    return cb_store_revocation_add(s, &r, err);
}

static cb_status same_token(struct cb_store *s, int racer, struct cb_err *err)
{
    static char token[32];
    struct named n;
    struct cb_client_record c = client(&n, racer, racer);
    c.registration_token_hash = (struct cb_str){ token, sizeof token };
    return cb_store_client_add(s, &c, err);
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
    return cb_store_key_retire(s, CB_STR("key-24"), NOW + racer, err);
}
_Static_assert(RACERS == 24, "one_key's kid");

const struct race races[] = {
    { "add, one client_id", NULL, add_same_id, 1, CB_E_EXISTS },
    { "add, one identity", NULL, add_same_identity, 1, CB_E_EXISTS },
    { "add, a client each", NULL, add_own, RACERS, CB_E_NONE },
    { "update of one revision", one_client, update_same_revision, 1, CB_E_CHANGED_MEANWHILE },
    { "update to one identity", a_client_each, update_to_same_identity, 1, CB_E_EXISTS },
    { "enable and disable", one_client, set_enabled, RACERS, CB_E_NONE },
    { "remove", one_client, remove_client, 1, CB_E_NOT_FOUND },
    { "suspension", statement_holder, suspend, 1, CB_E_CHANGED_MEANWHILE },
    { "revocation", NULL, revoke, 1, CB_E_EXISTS },
    { "one registration token", NULL, same_token, 1, CB_E_EXISTS },
    { "first key", NULL, first_key, 1, CB_E_EXISTS },
    { "rotation", one_key, rotate, 1, CB_E_EXISTS },
    { "one kid", NULL, same_kid, 1, CB_E_EXISTS },
    { "retire", one_key, retire, 1, CB_E_NOT_FOUND },
    { 0 },
};
