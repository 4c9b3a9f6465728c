/* The store: domain verbs whose atomicity is part of the contract. SQLite and PostgreSQL stand behind it, and
 * tests/contract holds both to every sentence here. Nothing here is on the path of a client-credentials
 * token. */
#ifndef CB_STORE_H
#define CB_STORE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

/* One handle may be used by several threads; calls are serialised within. Every call may fail with
 * CB_E_STORE_UNAVAILABLE (the database is away; the next call tries to connect again by itself),
 * CB_E_STORE_RETRY (after the store's own bounded retries) or CB_E_STORE. Outputs are written on success
 * only; time is always given. */
struct cb_store;

/* "sqlite:PATH", or any libpq connection string that begins with postgresql:// or postgres:// (several hosts
 * allowed). Does not connect yet and so succeeds while the database is down. CB_E_CONFIG: neither of these.
 * CB_E_FILE: the folder of PATH does not exist. The file itself is made at the first call, with mode 0600. */
CB_MUST cb_store_open(const char *where, struct cb_store **out, struct cb_err *err);
void cb_store_close(struct cb_store *s);
const char *cb_store_name(
    const struct cb_store *s); /* "sqlite" or "postgresql"; never the connection string */

/* --- schema --- */

struct cb_schema_status {
    int applied; /* number of the newest migration in the database, 0 for none */
    int known;   /* number of the newest migration in this program */
};
CB_MUST cb_store_schema_status(struct cb_store *s, struct cb_schema_status *out, struct cb_err *err);

/* Applies what is missing, each migration in one transaction, under a lock that makes concurrent callers
 * wait. CB_E_STORE_SCHEMA: the database is newer than the program, or an applied migration's checksum
 * differs. */
CB_MUST cb_store_migrate(struct cb_store *s, int64_t now, struct cb_err *err);

/* CB_OK when the schema is exactly the program's; CB_E_STORE_SCHEMA says what to run otherwise. */
CB_MUST cb_store_check_schema(struct cb_store *s, struct cb_err *err);

/* --- registry: clients --- */

/* A registered client as it is kept. Words are those of RFC 7591 and RFC 8705. Optional strings: n == 0. */
struct cb_client_record {
    struct cb_str client_id;
    struct cb_str client_name;
    struct cb_str trust_group;
    struct cb_str auth_method; /* "tls_client_auth" or "self_signed_tls_client_auth" */
    struct cb_str
        subject_kind;      /* "tls_client_auth_subject_dn", "..._san_dns" and so on; empty for self-signed */
    struct cb_str subject; /* in canonical text */
    struct cb_str jwks;    /* JSON, self-signed clients only */
    struct cb_str scope;   /* space-separated, sorted */
    struct cb_str grant_types; /* space-separated, sorted */
    struct cb_str identity; /* 32 bytes: what no two clients of the store may share; empty for self-signed */
    bool enabled;
    int64_t created_at, updated_at;
    int64_t revision; /* 1 at first, one more with every change */
};

/* Strings longer than base/limits.h allows, not UTF-8 or with U+0000, an empty client_id or auth_method, an
 * identity of another length and times before 1970 are refused with CB_E_REGISTRATION by what follows.
 *
 * Inserts; of concurrent callers with one client_id or one identity exactly one wins, the others get
 * CB_E_EXISTS (the detail says which of the two). Bumps the registry generation in the same transaction, as
 * do all below. */
CB_MUST cb_store_client_add(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err);

/* Replaces all but client_id and created_at, if the stored revision is still c->revision, and then adds one
 * to it: of concurrent callers with one revision exactly one wins. CB_E_NOT_FOUND, CB_E_CHANGED_MEANWHILE,
 * CB_E_EXISTS. */
CB_MUST cb_store_client_update(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err);

CB_MUST cb_store_client_set_enabled(struct cb_store *s, struct cb_str client_id, bool enabled, int64_t now,
                                    struct cb_err *err); /* CB_E_NOT_FOUND */
CB_MUST cb_store_client_remove(struct cb_store *s, struct cb_str client_id,
                               struct cb_err *err); /* CB_E_NOT_FOUND */

/* Strings live in the arena. CB_E_NOT_FOUND. */
CB_MUST cb_store_client_get(struct cb_store *s, struct cb_arena *a, struct cb_str client_id,
                            struct cb_client_record *out, struct cb_err *err);

/* --- registry: signing keys --- */

/* When a key signs follows from the times alone, so that all nodes agree without a message: the signing key
 * is the one with the latest active_from that is not in the future, among those not retired. */
struct cb_key_record {
    struct cb_str kid;
    struct cb_str alg;        /* "ES256", "PS256" or "EdDSA" */
    struct cb_str public_jwk; /* JSON */
    struct cb_str sealed;     /* the private key, encrypted; the store never sees it in clear */
    int64_t created_at;
    int64_t active_from;
    int64_t retired_at; /* 0: not retired */
};

/* Adds the key unless a key that is not retired has an active_from later than `now` (CB_E_EXISTS: a rotation
 * is under way already) or, with first_only, unless any key that is not retired exists (CB_E_EXISTS). Of
 * concurrent callers exactly one wins. Bumps the generation. CB_E_INTERNAL: a string that is empty, too long
 * or not text (sealed may be any bytes), or a time before 1970. */
CB_MUST cb_store_key_add(struct cb_store *s, const struct cb_key_record *k, bool first_only, int64_t now,
                         struct cb_err *err);

/* Retires the key from `now` on: unpublished, never signs again. CB_E_NOT_FOUND (also when retired already).
 */
CB_MUST cb_store_key_retire(struct cb_store *s, struct cb_str kid, int64_t now, struct cb_err *err);

/* --- registry: reading it whole, and following it --- */

/* Called for each row; the record is valid during the call only. A failure stops the reading and is passed
 * on. Must not call the same store. */
typedef cb_status (*cb_client_fn)(void *ctx, const struct cb_client_record *c, struct cb_err *err);
typedef cb_status (*cb_key_fn)(void *ctx, const struct cb_key_record *k, struct cb_err *err);

/* All keys, then all clients ordered by client_id, in one consistent read, with the generation that it
 * belongs to. Either function may be NULL. */
CB_MUST cb_store_read_registry(struct cb_store *s, cb_key_fn each_key, cb_client_fn each_client, void *ctx,
                               int64_t *out_generation, struct cb_err *err);

/* Waits up to timeout_ms for the generation to differ from `known`, whoever changed it, in this process or
 * another; *out_changed says whether it does. SQLite: data version, looked at every 100 ms. PostgreSQL:
 * LISTEN/NOTIFY, with a look of its own every 10 s; after a lost connection it reconnects and compares. Use
 * from one thread only; uses a connection of its own, so that it does not hold up the other calls.
 * cb_store_wake ends it early (any thread), or the next one if none is under way. */
CB_MUST cb_store_wait_change(struct cb_store *s, int64_t known, int timeout_ms, bool *out_changed,
                             struct cb_err *err);
void cb_store_wake(struct cb_store *s);

/* Is the database there? One cheap round trip. */
CB_MUST cb_store_ping(struct cb_store *s, struct cb_err *err);

/* Database statements sent since the store was opened, those of cb_store_wait_change apart: the bench asserts
 * that tokens add none. */
uint64_t cb_store_statement_count(const struct cb_store *s);

#endif
