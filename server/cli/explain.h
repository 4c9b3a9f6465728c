/* What is found out about a certificate. Private to server/cli/explain*.c. */
#ifndef CB_CLI_EXPLAIN_H
#define CB_CLI_EXPLAIN_H

#include "base/clock.h"
#include "cert/qc.h"
#include "cli/cli.h"
#include "partner/match.h"
#include "partner/registry.h"
#include "partner/roles.h"

/* Good, or why not. */
struct cb_verdict {
    struct cb_str about; /* a trust group, a client */
    bool good;
    const char *reason; /* of codes.def */
    struct cb_str detail;
};

struct cb_group_verdict {
    struct cb_verdict verdict; /* chain and profile */
    const char *profile;
    struct cb_profile_facts facts; /* when good */
    struct cb_str scopes;          /* that its roles allow */
    struct cb_str issuer_key;      /* to pin a client to */
};

struct cb_client_verdict {
    struct cb_verdict verdict;
    struct cb_subject subject; /* what to register instead, when the subject differs */
};

struct cb_explanation {
    struct cb_arena *arena;
    int64_t now;
    struct cb_str *ders; /* the certificate, then what else is in the file: the chain it presents */
    size_t der_count;
    struct cb_cert cert;
    const struct cb_config *config; /* NULL: not judged */
    struct cb_trust_groups *trust;
    struct cb_group_verdict *groups;
    struct cb_client_verdict *clients;
    size_t group_count, client_count;
    bool revoked;       /* here, by the operator */
    const char *wanted; /* --client; NULL: report those it authenticates */
};

/* In text or in JSON. Returns the exit status. */
int cb_explanation_print(struct cb_cli *cli, const struct cb_explanation *e);
int cb_explanation_print_json(struct cb_cli *cli, const struct cb_explanation *e);

/* What the certificate says for itself. Strings live in the arena; n == 0: it says nothing of that. */
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

#endif
