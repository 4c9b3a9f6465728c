/* Is a client certificate revoked? Lists and OCSP answers, fetched and read by threads of their own; a
 * request only looks. RFC 5280 section 6.3, RFC 6960. */
#ifndef CB_REVOCATION_H
#define CB_REVOCATION_H

#include "cert/crl.h"
#include "cert/trust.h"
#include "config/config.h"
#include "log/log.h"
#include "partner/registry.h"

/* --- what requests see --- */

/* What is known at one moment, of all groups. Immutable, reference counted, part of the snapshot: a list or
 * an answer that arrives makes a new one, so what a connection remembers ends with it. */
struct cb_revocation_view;
struct cb_revocation_view *cb_revocation_view_ref(struct cb_revocation_view *v);
void cb_revocation_view_unref(struct cb_revocation_view *v); /* NULL is fine */

/* By the policy of the leaf's trust group: is any certificate of the chain revoked, and is there a fresh word
 * that the leaf is not? Never waits: what is missing is left for the worker to fetch. view == NULL knows
 * nothing. On success the verdict holds to the second *out_until, within one snapshot.
 * CB_E_CERT_REVOKED, CB_E_REVOCATION_UNKNOWN. */
CB_MUST cb_revocation_check(const struct cb_revocation_view *view, const struct cb_config_trust_group *group,
                            const struct cb_trust_path *path, const struct cb_cert *leaf, int64_t now,
                            int64_t *out_until, struct cb_err *err);

/* One place where a list comes from. Borrowed from the view. */
struct cb_revocation_list {
    const char *group;
    const char *location;             /* file or URL */
    const struct cb_crl_facts *facts; /* of the list that is held; NULL: none */
    int64_t loaded_at;                /* Unix seconds */
    enum cb_code failure;             /* of the last attempt; CB_E_NONE: it went well */
};
size_t cb_revocation_list_count(const struct cb_revocation_view *v);
struct cb_revocation_list cb_revocation_list_at(const struct cb_revocation_view *v, size_t i);
size_t cb_revocation_answer_count(const struct cb_revocation_view *v); /* of OCSP */

/* A responder, as one group knows it. Borrowed from the view. */
struct cb_revocation_responder {
    const char *group;
    const char *origin;            /* scheme, host and port */
    size_t good, revoked, unknown; /* its answers that are held */
    size_t waiting;                /* certificates that it has not answered for yet */
    int64_t next_update;           /* when the first of the good ones ends; INT64_MAX: there is none */
    enum cb_code failure;          /* of the last attempt; CB_E_NONE: it went well */
};
size_t cb_revocation_responder_count(const struct cb_revocation_view *v);
struct cb_revocation_responder cb_revocation_responder_at(const struct cb_revocation_view *v, size_t i);

/* --- the worker --- */

struct cb_revocation;

struct cb_revocation_options {
    struct cb_log *log;
    const char *cache_folder; /* where fetched lists are kept over a restart; NULL: nowhere */
    struct {
        void *ctx;
        /* GET, or POST when there is a body, into `out`, which bounds the size. Blocks. */
        cb_status (*fetch)(void *ctx, const char *url, struct cb_str body, const char *content_type,
                           struct cb_buf *out, struct cb_err *err);
        void (*stop)(void *ctx); /* what is under way fails soon */
    } net;
    struct {
        void *ctx;
        /* There is a new view: takes over the reference and says the generation that it is seen in. */
        uint64_t (*publish)(void *ctx, struct cb_revocation_view *view);
    } owner;
};

/* Starts a thread that has nothing to do yet. CB_E_FILE: of the folder. CB_E_MEMORY. */
CB_MUST cb_revocation_start(const struct cb_revocation_options *o, struct cb_revocation **out,
                            struct cb_err *err);

/* Follows these groups from now on; what is held for places that stay is kept. Returns when every file,
 * and every list that was kept, was read or refused once and the view is published, so that the settings that
 * name them can be swapped in; at the latest after CB_REVOCATION_WAIT_MS. CB_E_MEMORY. */
#define CB_REVOCATION_WAIT_MS 10000
CB_MUST cb_revocation_follow(struct cb_revocation *r, const struct cb_config *config,
                             struct cb_trust_groups *trust, struct cb_err *err);

void cb_revocation_stop(struct cb_revocation *r); /* NULL is fine; publishes no more */

/* Adds the gauges and counters of /metrics. */
void cb_revocation_metrics(const struct cb_revocation_view *v, struct cb_buf *out);

#endif
