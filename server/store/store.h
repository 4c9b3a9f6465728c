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

/* --- certificates of clients --- */

/* One that a client was seen with, or that its key set holds. */
struct cb_seen_certificate {
    struct cb_str client_id;
    struct cb_str x5t;                     /* 32 bytes */
    struct cb_str subject, issuer, serial; /* text; serial in hex */
    struct cb_str issuer_key;              /* 32 bytes, or empty for a self-signed one */
    int64_t not_before, not_after;
    int64_t first_seen, last_seen; /* 0: registered, not seen yet */
    int64_t replaced_at; /* when the client was first seen with one that ends later; 0: not yet. Read only */
};

/* What a key set holds: client_id and the times of use do not matter. */
struct cb_certificate_list {
    const struct cb_seen_certificate *all;
    size_t count;
};

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
    struct cb_str jwks;    /* JSON */
    struct cb_str scope;   /* space-separated, sorted */
    struct cb_str grant_types; /* space-separated, sorted */
    struct cb_str identity;   /* 32 bytes: what no two clients of the store may share; empty: self-signed, the
                                 operator's */
    struct cb_str issuer_key; /* 32 bytes: SHA-256 of the issuing CA's SubjectPublicKeyInfo; empty: any */
    struct cb_str jwks_uri;   /* then jwks is the last good copy of what is there */
    struct cb_str directory;  /* of the configuration, that vouched for the client; empty: the operator did */
    struct cb_str software_id, organisation_id;
    struct cb_str roles;                   /* of its software statement, space-separated */
    struct cb_str metadata;                /* what else was registered: a JSON object */
    struct cb_str registration_token_hash; /* 32 bytes; empty: the client cannot change itself */
    int64_t statement_issued_at;           /* 0: unknown */
    int64_t statement_expires_at;          /* 0: does not matter */
    int64_t suspended_at;                  /* 0: not suspended */
    bool enabled;
    int64_t created_at, updated_at;
    int64_t revision;                        /* 1 at first, one more with every change */
    struct cb_certificate_list certificates; /* of jwks. Written only: they come back by the page below */
};

/* Strings longer than base/limits.h allows, not UTF-8 or with U+0000, an empty client_id or auth_method, a
 * digest of another length and times before 1970 are refused with CB_E_REGISTRATION by what follows.
 *
 * Inserts; of concurrent callers with one client_id or one identity exactly one wins, the others get
 * CB_E_EXISTS (the detail says which of the two). Bumps the registry generation in the same transaction, as
 * do all below. The certificates are noted in it too, as not seen yet where they were not. */
CB_MUST cb_store_client_add(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err);

/* Replaces all but client_id and created_at, if the stored revision is still c->revision, and then adds one
 * to it: of concurrent callers with one revision exactly one wins. jwks stays too if there is a jwks_uri and
 * it is the one that was there: what was read from it meanwhile is not lost. Certificates that were never
 * seen and that jwks no longer holds are forgotten. CB_E_NOT_FOUND, CB_E_CHANGED_MEANWHILE, CB_E_EXISTS. */
CB_MUST cb_store_client_update(struct cb_store *s, const struct cb_client_record *c, struct cb_err *err);

CB_MUST cb_store_client_set_enabled(struct cb_store *s, struct cb_str client_id, bool enabled, int64_t now,
                                    struct cb_err *err); /* CB_E_NOT_FOUND */

/* Also forgets the certificates it was seen with. revision 0: whichever it has; otherwise of concurrent
 * callers with one revision exactly one wins. CB_E_NOT_FOUND, CB_E_CHANGED_MEANWHILE. */
CB_MUST cb_store_client_remove(struct cb_store *s, struct cb_str client_id, int64_t revision,
                               struct cb_err *err);

/* What was read from a client's jwks_uri. */
struct cb_key_set_read {
    struct cb_str client_id, jwks_uri, jwks;
    struct cb_certificate_list certificates; /* of jwks */
};

/* Keeps it. Nothing changes, the generation neither, where it is the same, the client is gone, or its
 * jwks_uri is another by now: *out_changed. Not an edit, so the revision stays. */
CB_MUST cb_store_client_set_jwks(struct cb_store *s, const struct cb_key_set_read *read, bool *out_changed,
                                 struct cb_err *err);

/* Suspends a client that is not, whose statement expires at the very second that the caller saw. Of
 * concurrent callers exactly one wins, the others get CB_E_CHANGED_MEANWHILE. CB_E_NOT_FOUND. An update with
 * suspended_at 0 lifts it. */
CB_MUST cb_store_client_suspend(struct cb_store *s, struct cb_str client_id, int64_t statement_expires_at,
                                int64_t now, struct cb_err *err);

/* Makes a registration access token worthless. CB_E_NOT_FOUND: it was nobody's. */
CB_MUST cb_store_client_clear_token(struct cb_store *s, struct cb_str registration_token_hash,
                                    struct cb_err *err);

/* Strings live in the arena. CB_E_NOT_FOUND. */
CB_MUST cb_store_client_get(struct cb_store *s, struct cb_arena *a, struct cb_str client_id,
                            struct cb_client_record *out, struct cb_err *err);

/* Called for each row; the record is valid during the call only. A failure stops the reading and is passed
 * on. Must not call the same store. */
typedef cb_status (*cb_client_fn)(void *ctx, const struct cb_client_record *c, struct cb_err *err);

/* At most `limit` clients behind `after` (empty: from the first), ordered by client_id. Empty filters let all
 * pass. */
struct cb_client_page {
    struct cb_str after;
    struct cb_str trust_group, directory;
    enum { CB_EITHER, CB_ONLY_ENABLED, CB_ONLY_DISABLED } enabled;
    int64_t limit;
};
CB_MUST cb_store_client_page(struct cb_store *s, const struct cb_client_page *page, cb_client_fn each,
                             void *ctx, struct cb_err *err);

/* --- certificates that clients were seen with: no part of the registry, its generation stays --- */
/* Adds those that are new and moves last_seen of the others forward, in one transaction; first_seen stays. Of
 * each client the CB_LIMIT_SEEN that were seen last are kept, and those that its key set holds. Of clients
 * that are gone nothing is. The clients cannot be changed meanwhile: give some hundred at a time. */
CB_MUST cb_store_certificates_seen(struct cb_store *s, const struct cb_seen_certificate *all, size_t count,
                                   struct cb_err *err);

/* At most `limit` certificates, ordered by not_after, client_id and x5t, that end before `ends_before` (0:
 * any), of one client or of all, behind the one whose three `after` has (a zeroed one: from the first). */
struct cb_certificate_page {
    struct cb_str client_id;
    int64_t ends_before;
    struct cb_seen_certificate after;
    int64_t limit;
};
typedef cb_status (*cb_certificate_fn)(void *ctx, const struct cb_seen_certificate *c, struct cb_err *err);
CB_MUST cb_store_certificate_page(struct cb_store *s, const struct cb_certificate_page *page,
                                  cb_certificate_fn each, void *ctx, struct cb_err *err);

/* The certificate of this thumbprint, of the client that was seen with it last, or else has registered it.
 * replaced_at stays 0. Strings live in the arena. CB_E_NOT_FOUND. */
CB_MUST cb_store_certificate_find(struct cb_store *s, struct cb_arena *a, struct cb_str x5t,
                                  struct cb_seen_certificate *out, struct cb_err *err);

/* --- requests that count once --- */

/* Notes the digest (32 bytes) of a request that expires then. Of concurrent callers with one digest, on
 * whatever node, exactly one wins, the others get CB_E_EXISTS until it has expired. Forgets those that have.
 */
CB_MUST cb_store_request_use(struct cb_store *s, struct cb_str request, int64_t expires_at, int64_t now,
                             struct cb_err *err);

/* --- registry: certificates revoked here --- */

/* Whatever its issuer says, nobody authenticates with it any more. */
struct cb_revocation_record {
    struct cb_str x5t;       /* 32 bytes */
    struct cb_str client_id; /* whose it was, for people; may be empty */
    struct cb_str reason;    /* for people; may be empty */
    int64_t revoked_at;
    int64_t expires_at; /* the certificate's end: the revocation is forgotten some time after it */
};

/* Of concurrent callers with one certificate exactly one wins, the others get CB_E_EXISTS. CB_E_REGISTRATION.
 * Forgets those that had expired by revoked_at, so that the table does not grow for ever. */
CB_MUST cb_store_revocation_add(struct cb_store *s, const struct cb_revocation_record *r, struct cb_err *err);
CB_MUST cb_store_revocation_remove(struct cb_store *s, struct cb_str x5t,
                                   struct cb_err *err); /* CB_E_NOT_FOUND */

/* At most `limit` revocations, the newest last, of one client or of all, behind the one whose revoked_at and
 * x5t `after` has (a zeroed one: from the first). */
struct cb_revocation_page {
    struct cb_str client_id;
    struct cb_revocation_record after;
    int64_t limit;
};
typedef cb_status (*cb_revocation_fn)(void *ctx, const struct cb_revocation_record *r, struct cb_err *err);
CB_MUST cb_store_revocation_page(struct cb_store *s, const struct cb_revocation_page *page,
                                 cb_revocation_fn each, void *ctx, struct cb_err *err);

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

/* May keys[i] go at `now`? `keys` are all, without their private halves. */
typedef cb_status (*cb_key_judge)(const struct cb_key_record *keys, size_t count, size_t i, int64_t now,
                                  struct cb_err *err);

/* Retires the key from `now` on: unpublished, never signs again. The judge (NULL: whatever it is) is asked
 * while nobody else can change the keys; its failure is passed on. CB_E_NOT_FOUND (also when retired
 * already). */
CB_MUST cb_store_key_retire(struct cb_store *s, struct cb_str kid, cb_key_judge judge, int64_t now,
                            struct cb_err *err);

/* --- registry: reading it whole, and following it --- */

typedef cb_status (*cb_key_fn)(void *ctx, const struct cb_key_record *k, struct cb_err *err);

/* What to call for each row; what is NULL is not read. */
struct cb_registry_reader {
    cb_key_fn key;
    cb_revocation_fn revocation;
    cb_client_fn client;
    void *ctx;
};

/* All keys, then all revocations, the newest last, then all clients ordered by client_id, in one consistent
 * read, with the generation that it belongs to. */
CB_MUST cb_store_read_registry(struct cb_store *s, const struct cb_registry_reader *each,
                               int64_t *out_generation, struct cb_err *err);

/* Waits up to timeout_ms for the generation to differ from `known`, whoever changed it, in this process or
 * another; *out_changed says whether it does. SQLite: data version, looked at every 100 ms. PostgreSQL:
 * LISTEN/NOTIFY, with a look of its own every 10 s; after a lost connection it reconnects and compares. Use
 * from one thread only; uses a connection of its own, so that it does not hold up the other calls.
 * cb_store_wake ends it early (any thread), or the next one if none is under way. */
CB_MUST cb_store_wait_change(struct cb_store *s, int64_t known, int timeout_ms, bool *out_changed,
                             struct cb_err *err);
void cb_store_wake(struct cb_store *s);

/* Database statements sent since the store was opened, those of cb_store_wait_change apart: the bench asserts
 * that tokens add none. */
uint64_t cb_store_statement_count(const struct cb_store *s);

#endif
