#include "partner/peer.h"

#include <stdlib.h>

#include "base/limits.h"

/* A check that failed holds for its second: who asks again and again in vain must not cost a verification
 * each time. */
struct refusal {
    const struct cb_trust *trust; /* compared, never followed */
    uint64_t generation;
    int64_t now;
    struct cb_err why;
};

struct cb_peer {
    struct cb_arena arena;
    struct cb_cert cert;
    struct cb_err why_no_cert;
    struct cb_str *chain; /* what was presented above the leaf */
    size_t chain_count;
    struct cb_trust_path *path;      /* of the last check that succeeded; NULL: none did */
    const struct cb_trust *leads_to; /* whose path it is; compared, never followed */
    uint64_t checked_in;
    struct refusal refused;
    int64_t unrevoked_until;          /* that path; INT64_MIN: nobody looked */
    const struct cb_client *known_as; /* compared, never followed */
    struct cb_profile_facts facts;    /* by the profile of that client's trust group */
    uint64_t known_in;
    int64_t noted_at;
};

static cb_status parse(struct cb_peer *p, const struct cb_str *ders, size_t count, struct cb_err *err)
{
    CB_ENSURE(count >= 1 && count <= CB_LIMIT_CHAIN, CB_E_CERT_MALFORMED,
              "%zu certificates were presented, %d are accepted", count, CB_LIMIT_CHAIN);
    p->chain = cb_arena_array(&p->arena, count, sizeof *p->chain);
    CB_ENSURE(p->chain != NULL, CB_E_MEMORY, "presented chain");
    for (size_t i = 1; i < count; i++) {
        CB_ENSURE(ders[i].n <= CB_LIMIT_CERTIFICATE, CB_E_CERT_MALFORMED,
                  "presented certificate %zu is too large", i);
        p->chain[p->chain_count] = cb_arena_str(&p->arena, ders[i]);
        CB_ENSURE(p->chain[p->chain_count].p != NULL, CB_E_MEMORY, "presented chain");
        p->chain_count++;
    }
    return cb_cert_parse(&p->arena, ders[0], &p->cert, err);
}

struct cb_peer *cb_peer_new(const struct cb_str *ders, size_t count)
{
    struct cb_peer *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    cb_arena_init(&p->arena, (CB_LIMIT_CHAIN + 2) * CB_LIMIT_CERTIFICATE);
    if (CB_FAILED(parse(p, ders, count, &p->why_no_cert)) && p->why_no_cert.code == CB_E_MEMORY) {
        cb_peer_free(p);
        return NULL;
    }
    return p;
}

void cb_peer_free(struct cb_peer *p)
{
    if (p != NULL) {
        cb_trust_path_unref(p->path);
        cb_arena_done(&p->arena);
        free(p);
    }
}

static cb_status fail_with(const struct cb_err *why, struct cb_err *err)
{
    if (err != NULL && err->code == CB_E_NONE) {
        *err = *why;
    }
    return CB_FAIL;
}

cb_status cb_peer_cert(const struct cb_peer *p, const struct cb_cert **out, struct cb_err *err)
{
    if (p->why_no_cert.code != CB_E_NONE) {
        return fail_with(&p->why_no_cert, err);
    }
    *out = &p->cert;
    return CB_OK;
}

static bool is_checked(const struct cb_peer *p, const struct cb_trust *trust, uint64_t generation,
                       int64_t now)
{
    return p->path != NULL && p->leads_to == trust && p->checked_in == generation && now >= p->path->from &&
           now <= p->path->until;
}

static cb_status check_anew(struct cb_peer *p, const struct cb_trust *trust, uint64_t generation, int64_t now,
                            struct cb_err *err)
{
    struct refusal *r = &p->refused;
    const struct cb_cert *cert = NULL;
    struct cb_trust_path *path = NULL;
    struct cb_err why = { 0 };
    CB_TRY(cb_peer_cert(p, &cert, err));
    if (r->trust == trust && r->generation == generation && r->now == now) {
        return fail_with(&r->why, err);
    }
    if (CB_FAILED(cb_trust_check(trust, cert, p->chain, p->chain_count, now, &path, &why))) {
        if (cb_code_class(why.code) == CB_CLASS_PROTOCOL) {
            *r = (struct refusal){ trust, generation, now, why };
        }
        return fail_with(&why, err);
    }
    cb_trust_path_unref(p->path);
    p->path = path;
    p->leads_to = trust;
    p->checked_in = generation;
    p->unrevoked_until = INT64_MIN;
    return CB_OK;
}

cb_status cb_peer_check(struct cb_peer *p, const struct cb_trust *trust, uint64_t generation, int64_t now,
                        const struct cb_trust_path **out_path, struct cb_err *err)
{
    if (!is_checked(p, trust, generation, now)) {
        CB_TRY(check_anew(p, trust, generation, now, err));
    }
    if (out_path != NULL) {
        *out_path = p->path;
    }
    return CB_OK;
}

bool cb_peer_is_unrevoked(const struct cb_peer *p, int64_t now)
{
    return now <= p->unrevoked_until;
}

void cb_peer_remember_unrevoked(struct cb_peer *p, int64_t until)
{
    p->unrevoked_until = until;
}

const struct cb_profile_facts *cb_peer_known_as(const struct cb_peer *p, const struct cb_client *client,
                                                uint64_t generation)
{
    return client != NULL && p->known_as == client && p->known_in == generation ? &p->facts : NULL;
}

void cb_peer_remember(struct cb_peer *p, const struct cb_client *client, const struct cb_profile_facts *facts,
                      uint64_t generation)
{
    p->known_as = client;
    p->facts = *facts;
    p->known_in = generation;
}

bool cb_peer_is_to_be_noted(struct cb_peer *p, int64_t now)
{
    enum { PAUSE_S = 600 };
    const bool due = now - p->noted_at >= PAUSE_S;
    p->noted_at = due ? now : p->noted_at;
    return due;
}

const struct cb_key_hash *cb_peer_issuer_key(const struct cb_peer *p)
{
    return p->path == NULL ? NULL : &p->path->links[0].issuer->key;
}
