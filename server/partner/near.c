#include "partner/near.h"

#include "base/limits.h"
#include "partner/explain.h"

enum {
    RDNS_MAX = 2,  /* that differ */
    SLIP_MAX = 3,  /* bytes of one RDN */
    SANS_MAX = 16, /* of a certificate that are compared with each client's */
};

/* --- how near a client's name is --- */

static bool measure_dn(const struct cb_explanation *e, const struct cb_client *client,
                       struct cb_near_client *out)
{
    CB_AUTO(cb_arena_done) struct cb_arena scratch = { .max = CB_MIB };
    const struct cb_name *registered = NULL;
    if (e->cert.subject == NULL ||
        CB_FAILED(cb_name_from_text(&scratch, client->subject, &registered, NULL))) {
        return false;
    }
    const struct cb_name_likeness l = cb_name_compare(registered, e->cert.subject, e->cert.issuer);
    out->parts = l.differ;
    out->bytes = cb_differing_bytes(client->subject, e->facts.subject);
    return (l.differ <= RDNS_MAX && l.same >= l.differ) || (l.differ == 1 && out->bytes <= SLIP_MAX);
}

/* By the nearest of them. */
static bool measure_san(const struct cb_explanation *e, enum cb_san_kind kind, const struct cb_client *client,
                        struct cb_near_client *out)
{
    const struct cb_san_list *list = &e->cert.sans[kind];
    bool near = false;
    for (size_t i = 0; i < list->count && i < SANS_MAX; i++) {
        char memory[CB_LIMIT_SAN];
        struct cb_buf san;
        cb_buf_over(&san, memory, sizeof memory);
        cb_san_print(kind, list->values[i], &san);
        if (san.failed || !cb_san_is_near(kind, client->subject, cb_buf_str(&san))) {
            continue;
        }
        const size_t bytes = cb_differing_bytes(client->subject, cb_buf_str(&san));
        if (!near || bytes < out->bytes) {
            out->bytes = bytes;
            out->san = i;
        }
        out->parts = 1;
        near = true;
    }
    return near;
}

static bool is_trusted(const struct cb_explanation *e, struct cb_str group)
{
    for (size_t i = 0; i < e->group_count; i++) {
        if (e->groups[i].verdict.good && cb_str_eq(e->groups[i].verdict.about, group)) {
            return true;
        }
    }
    return false;
}

static bool measure(const struct cb_explanation *e, const struct cb_client *client,
                    struct cb_near_client *out)
{
    enum cb_san_kind kind = CB_SAN__MAX;
    if (client->method != CB_AUTH_TLS_CLIENT || !is_trusted(e, client->trust_group)) {
        return false;
    }
    return cb_subject_san(client->subject_kind, &kind) ? measure_san(e, kind, client, out)
                                                       : measure_dn(e, client, out);
}

/* --- the nearest so far --- */

static bool is_nearer(const struct cb_near_client *a, const struct cb_near_client *b)
{
    if (a->parts != b->parts || a->bytes != b->bytes) {
        return a->parts != b->parts ? a->parts < b->parts : a->bytes < b->bytes;
    }
    return cb_str_order(a->id, b->id) < 0;
}

static struct cb_str copy(char *to, struct cb_str from)
{
    memcpy(to, from.p, from.n);
    return (struct cb_str){ to, from.n };
}

/* The client is the caller's, so what is kept of it is copied, over that of the one which leaves. */
static cb_status keep(struct cb_explanation *e, struct cb_near_client near, struct cb_err *err)
{
    struct cb_near_client *all = e->near;
    size_t at = e->near_count;
    while (at > 0 && is_nearer(&near, &all[at - 1])) {
        at--;
    }
    if (at == CB_NEAR_MISSES) {
        return CB_OK;
    }
    const size_t last = e->near_count < CB_NEAR_MISSES ? e->near_count++ : CB_NEAR_MISSES - 1;
    near.memory = all[last].memory != NULL ? all[last].memory
                                           : cb_arena_alloc(e->arena, CB_LIMIT_CLIENT_ID + CB_LIMIT_DN);
    CB_ENSURE(near.memory != NULL, CB_E_MEMORY, "explanation");
    near.id = copy(near.memory, near.id);
    near.subject = copy(near.memory + CB_LIMIT_CLIENT_ID, near.subject);
    memmove(&all[at + 1], &all[at], (last - at) * sizeof all[0]);
    all[at] = near;
    return CB_OK;
}

cb_status cb_near_consider(struct cb_explanation *e, const struct cb_client *client, struct cb_err *err)
{
    struct cb_near_client near = { .id = client->id,
                                   .kind = client->subject_kind,
                                   .subject = client->subject };
    if (client->id.n > CB_LIMIT_CLIENT_ID || client->subject.n > CB_LIMIT_DN || !measure(e, client, &near)) {
        return CB_OK;
    }
    return keep(e, near, err);
}

/* --- what is said of them --- */

static cb_status subject_of(struct cb_explanation *e, const struct cb_near_client *near,
                            struct cb_subject *out, struct cb_err *err)
{
    enum cb_san_kind kind = CB_SAN__MAX;
    if (!cb_subject_san(near->kind, &kind)) {
        return cb_subject_of_cert(e->arena, &e->cert, near->kind, out, err);
    }
    char memory[CB_LIMIT_SAN];
    struct cb_buf san;
    cb_buf_over(&san, memory, sizeof memory);
    cb_san_print(kind, e->cert.sans[kind].values[near->san], &san);
    CB_TRY(cb_buf_check(&san, err));
    *out = (struct cb_subject){ near->kind, cb_arena_str(e->arena, cb_buf_str(&san)) };
    CB_ENSURE(out->value.p != NULL, CB_E_MEMORY, "explanation");
    return CB_OK;
}

cb_status cb_explain_near_misses(struct cb_explanation *e, struct cb_err *err)
{
    for (size_t i = 0; i < e->near_count && !e->is_somebodys; i++) {
        const struct cb_near_client *near = &e->near[i];
        const struct cb_client client = { .method = CB_AUTH_TLS_CLIENT,
                                          .subject_kind = near->kind,
                                          .subject = near->subject };
        struct cb_near_miss *out = &e->near_misses[i];
        out->client_id = near->id;
        CB_TRY(cb_client_explain(e->arena, &client, &e->cert, &out->differs, err));
        CB_TRY(subject_of(e, near, &out->subject, err));
        e->near_miss_count = i + 1;
    }
    return CB_OK;
}
