/* A trust group as the worker follows it: its policy, its sources, and whose lists it believes. */
#ifndef CB_REVOCATION_GROUP_H
#define CB_REVOCATION_GROUP_H

#include "revocation/source.h"

enum {
    CB_GROUP_LEARNT = 64,
    CB_GROUP_SOURCES = 320 /* those configured, and as many as certificates named */
};

struct cb_followed {
    char *name;
    const struct cb_crl_cache *cache; /* NULL: none */
    int64_t since;                    /* Unix seconds */
    bool by_lists, by_asking;         /* which of the two the policy wants */
    bool distribution_points;
    char *responder;              /* NULL: the one that the certificate names */
    const struct cb_trust *trust; /* of the groups' trust */
    struct cb_source *sources[CB_GROUP_SOURCES];
    size_t source_count;
    struct cb_authority *learnt[CB_GROUP_LEARNT]; /* CAs that partners presented in good chains */
    size_t learnt_count;
    int64_t stale_said_ms; /* 0: never */
};

/* All that revocation is checked for. Heap. */
struct cb_followed_groups {
    struct cb_trust_groups *trust; /* one reference */
    size_t count;
    struct cb_followed all[];
};

/* Copies what it needs; groups whose check is off are left out. The cache outlives them; NULL: none.
 * CB_E_MEMORY. */
CB_MUST cb_followed_new(const struct cb_config *config, struct cb_trust_groups *trust,
                        const struct cb_crl_cache *cache, int64_t now, struct cb_followed_groups **out,
                        struct cb_err *err);
void cb_followed_free(struct cb_followed_groups *g); /* NULL is fine */

/* What `old` holds for groups and places that stay moves over. */
void cb_followed_take_over(struct cb_followed_groups *fresh, struct cb_followed_groups *old);

struct cb_followed *cb_followed_named(struct cb_followed_groups *g, const char *name); /* NULL: none */
struct cb_source *cb_followed_source(struct cb_followed_groups *g, uint64_t id, struct cb_followed **out);

/* A list that a certificate names; no more than CB_GROUP_SOURCES. */
void cb_followed_discover(struct cb_followed *g, struct cb_str url);

/* CAs of a good chain that are not configured may have signed lists, too. */
void cb_followed_learn(struct cb_followed *g, const struct cb_trust_path *path);

/* Gives the job its CAs. False: memory. */
bool cb_followed_give_cas(const struct cb_followed *g, struct cb_job *j);

/* Is it on a list of the group's by this issuer? */
bool cb_followed_has_revoked(const struct cb_followed *g, const struct cb_key_hash *issuer,
                             struct cb_str serial);

#endif
