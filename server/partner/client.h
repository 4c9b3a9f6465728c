/* Who may ask for tokens: a client as the running server knows it, and what it may have. */
#ifndef CB_CLIENT_H
#define CB_CLIENT_H

#include "base/arena.h"
#include "cert/cert.h"
#include "cert/key_hash.h"
#include "config/config.h"
#include "store/store.h"

/* RFC 8705 section 2. Zero is no method and denies. */
enum cb_auth_method { CB_AUTH_NONE, CB_AUTH_TLS_CLIENT, CB_AUTH_SELF_SIGNED_TLS_CLIENT, CB_AUTH__MAX };

/* The one subject name that a tls_client_auth client registers, RFC 8705 section 2.1.2. */
enum cb_subject_kind {
    CB_SUBJECT_NONE,
    CB_SUBJECT_DN,
    CB_SUBJECT_SAN_DNS,
    CB_SUBJECT_SAN_URI,
    CB_SUBJECT_SAN_IP,
    CB_SUBJECT_SAN_EMAIL,
    CB_SUBJECT__MAX
};

/* The SAN that a kind of subject speaks of; false for those that speak of none. */
bool cb_subject_san(enum cb_subject_kind k, enum cb_san_kind *out);

enum cb_grant { CB_GRANT_NONE, CB_GRANT_CLIENT_CREDENTIALS, CB_GRANT__MAX };

const char *cb_auth_method_name(enum cb_auth_method m); /* "tls_client_auth"; "" for none */
enum cb_auth_method cb_auth_method_of(struct cb_str name);
const char *cb_subject_kind_name(enum cb_subject_kind k); /* "tls_client_auth_subject_dn"; "" for none */
enum cb_subject_kind cb_subject_kind_of(struct cb_str name);
const char *cb_grant_name(enum cb_grant g); /* "client_credentials"; "" for none */
enum cb_grant cb_grant_of(struct cb_str name);

/* Immutable; lives in the arena of its registry. */
struct cb_client {
    struct cb_str id;
    struct cb_str name;
    struct cb_str trust_group;
    bool enabled;
    enum cb_auth_method method;
    enum cb_subject_kind subject_kind;
    struct cb_str subject; /* canonical text */
    bool has_issuer_key;
    struct cb_key_hash issuer_key;     /* of the only CA that may issue */
    const struct cb_x5t *certificates; /* self-signed: the registered ones */
    size_t certificate_count;
    struct cb_str jwks_uri;               /* where those are read from; empty: they were given */
    struct cb_str directory, software_id; /* who vouched for it, as what; empty: the operator's own */
    int64_t statement_expires_at;         /* 0: does not matter */
    bool suspended;
    int64_t revision; /* of the record that it was made from */
    const struct cb_str *scopes;
    size_t scope_count;
    unsigned grants;     /* bit 1 << enum cb_grant */
    struct cb_str roles; /* of its software statement, space-separated; n == 0: it spoke of none */
};

/* Copies a stored record into the arena. CB_E_REGISTRATION: a word in it is not one of ours, so the client is
 * better unknown than half understood. */
CB_MUST cb_client_of(struct cb_arena *a, const struct cb_client_record *r, struct cb_client *out,
                     struct cb_err *err);

/* Has the software statement that it was registered with expired, where its directory makes that matter? */
bool cb_client_statement_is_over(const struct cb_client *c, const struct cb_config *config, int64_t now);

/* May clients belong to this trust group? Who has a certificate of the proxies' group speaks for any partner,
 * and so is none; nor may a partner's CA make administrators. */
bool cb_client_group_is_free(const struct cb_config *config, struct cb_str trust_group);

/* The same of a client that is registered: the configuration may have changed since.
 * CB_E_CLIENT_GROUP_RESERVED. */
CB_MUST cb_client_check_group(const struct cb_client *c, const struct cb_config *config, struct cb_err *err);

/* Is it enabled, and is its statement good? From the second on at which that ends, before anybody has written
 * it down. CB_E_CLIENT_DISABLED, _SUSPENDED. */
CB_MUST cb_client_check_standing(const struct cb_client *c, const struct cb_config *config, int64_t now,
                                 struct cb_err *err);

bool cb_client_has_scope(const struct cb_client *c, struct cb_str scope);
bool cb_client_has_grant(const struct cb_client *c, enum cb_grant g);

#endif
