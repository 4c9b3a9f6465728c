/* What the server makes of a certificate: what it says, which trust groups accept it, whom it authenticates
 * and why not, and what to register for it. For `certbound explain` and the admin API. */
#ifndef CB_EXPLAIN_H
#define CB_EXPLAIN_H

#include "base/clock.h"
#include "base/json_out.h"
#include "cert/qc.h"
#include "partner/match.h"
#include "partner/near.h"
#include "partner/registry.h"
#include "partner/roles.h"

/* --- what it says for itself --- */

/* Strings live in the arena; n == 0: it says nothing of that. */
struct cb_cert_facts {
    struct cb_str subject, issuer, sans, organisation;
    char x5t[CB_X5T_TEXT];
    char not_before[CB_TIME_TEXT], not_after[CB_TIME_TEXT];
    int64_t days_left; /* whole ones; negative when it has expired */
    bool has_qc;
    struct cb_qc qc;
    struct cb_err qc_why; /* why the qcStatements do not count */
    struct cb_subject subject_to_register;
};
CB_MUST cb_cert_facts_collect(struct cb_arena *a, const struct cb_cert *cert, int64_t now,
                              struct cb_cert_facts *out, struct cb_err *err);

/* "website authentication"; for types, several with commas. */
void cb_qc_types_print(unsigned types, struct cb_buf *out);

/* --- what it is judged by --- */

struct cb_explain_world {
    const struct cb_config *config; /* NULL: it is not judged */
    const struct cb_trust_groups *trust;
    bool revoked_here; /* by the operator */
    /* Is it revoked by what its group asks? NULL: nobody here knows. */
    cb_status (*check_revoked)(void *ctx, const struct cb_config_trust_group *group,
                               const struct cb_trust_path *path, const struct cb_cert *leaf, int64_t now,
                               struct cb_err *err);
    void *ctx;
};

/* Good, or why not. */
struct cb_verdict {
    struct cb_str about; /* a trust group, a client */
    bool good;
    const char *reason; /* of codes.def */
    struct cb_str detail;
};

struct cb_group_verdict {
    struct cb_verdict verdict; /* chain, revocation and profile */
    const char *profile;
    struct cb_profile_facts facts; /* when good */
    struct cb_str scopes;          /* that its roles allow */
    struct cb_str issuer_key;      /* to pin a client to */
};

struct cb_client_verdict {
    struct cb_verdict verdict;
    struct cb_subject subject; /* what to register instead, when the subject differs */
};

/* All of it lives in the arena. */
struct cb_explanation {
    struct cb_arena *arena;
    int64_t now;
    struct cb_str *ders; /* the certificate, then the chain it presents */
    size_t der_count;
    struct cb_cert cert;
    struct cb_cert_facts facts;
    struct cb_explain_world world;
    struct cb_str only_client; /* n == 0: those that it authenticates */
    struct cb_group_verdict *groups;
    struct cb_client_verdict *clients;
    size_t group_count, client_count;
    bool is_somebodys; /* a client has registered it, authenticated or shut out */
    struct cb_near_client near[CB_NEAR_MISSES];
    size_t near_count;
    struct cb_near_miss near_misses[CB_NEAR_MISSES]; /* best first */
    size_t near_miss_count;
};

/* Reads the certificate, and what stands behind it as its chain. CB_E_CERT_MALFORMED, _CHAIN. */
CB_MUST cb_explain_certificate(struct cb_arena *a, struct cb_str pem, int64_t now, struct cb_explanation *out,
                               struct cb_err *err);

/* Judges it by every trust group, or the one that is named. The world stays the caller's until the
 * explanation is written. CB_E_TRUST_GROUP_UNKNOWN. */
CB_MUST cb_explain_groups(struct cb_explanation *e, const struct cb_explain_world *world,
                          struct cb_str only_group, struct cb_err *err);

/* Is it this client's? Called for every client: those of others leave no word, and of very many that it
 * authenticates the first are told. */
CB_MUST cb_explain_client(struct cb_explanation *e, const struct cb_client *client, struct cb_err *err);

/* Or the client is known, and cannot be understood: why. */
CB_MUST cb_explain_unreadable(struct cb_explanation *e, struct cb_str client_id, const struct cb_err *why,
                              struct cb_err *err);

/* After the last client: when it is nobody's, and no client was asked for, whose it nearly is. */
CB_MUST cb_explain_near_misses(struct cb_explanation *e, struct cb_err *err);

bool cb_explanation_is_good(const struct cb_explanation *e); /* it authenticates somebody */

/* One JSON object. */
void cb_explanation_json(const struct cb_explanation *e, struct cb_json_out *j);

#endif
