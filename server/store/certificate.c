/* The certificates that clients were seen with, or have registered. */
#include <stdlib.h>

#include "base/limits.h"
#include "store/certificate.h"
#include "store/record.h"

#define FIELD(member, min, max, kind)                                                                        \
    {                                                                                                        \
#member, offsetof(struct cb_seen_certificate, member), (min), (max), (kind)                          \
    }
static const struct cb_field fields[] = {
    FIELD(client_id, 1, CB_LIMIT_CLIENT_ID, CB_FIELD_TEXT),
    FIELD(x5t, CB_STORE_DIGEST, CB_STORE_DIGEST, CB_FIELD_BYTES),
    FIELD(subject, 0, CB_LIMIT_SUBJECT, CB_FIELD_TEXT),
    FIELD(issuer, 0, CB_LIMIT_SUBJECT, CB_FIELD_TEXT),
    FIELD(serial, 0, CB_LIMIT_NAME, CB_FIELD_TEXT),
    FIELD(issuer_key, 0, CB_STORE_DIGEST, CB_FIELD_BYTES),
};
#undef FIELD

struct seen {
    struct cb_seen_certificate *all; /* those of a client together */
    size_t count;
};

/* Nodes that have seen the same clients lock their rows in one order, or they would wait for each other. */
static int by_client(const void *a, const void *b)
{
    const struct cb_seen_certificate *x = a, *y = b;
    return cb_str_order(x->client_id, y->client_id);
}

static cb_status note(struct cb_tx *tx, struct cb_str client_id, const struct cb_seen_certificate *c,
                      int64_t first_seen, int64_t last_seen, struct cb_err *err)
{
    const struct cb_sql_value params[] = {
        cb_sql_bytes(client_id),      cb_sql_bytes(c->x5t),        cb_sql_bytes(c->subject),
        cb_sql_bytes(c->issuer),      cb_sql_bytes(c->serial),     cb_sql_bytes(c->issuer_key),
        cb_sql_number(c->not_before), cb_sql_number(c->not_after), cb_sql_number(first_seen),
        cb_sql_number(last_seen),
    };
    return cb_tx_run(tx, CB_STATEMENT_CERTIFICATE_SEEN, params, NULL, NULL, NULL, err);
}

static cb_status prune(struct cb_tx *tx, struct cb_str client_id, struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id), cb_sql_number(CB_LIMIT_SEEN) };
    return cb_tx_run(tx, CB_STATEMENT_CERTIFICATE_PRUNE, params, NULL, NULL, NULL, err);
}

static cb_status note_all(struct cb_tx *tx, void *ctx, struct cb_err *err)
{
    const struct seen *seen = ctx;
    for (size_t i = 0; i < seen->count; i++) {
        const struct cb_seen_certificate *c = &seen->all[i];
        CB_TRY(note(tx, c->client_id, c, c->first_seen, c->last_seen, err));
        if (i + 1 == seen->count || !cb_str_eq(c->client_id, seen->all[i + 1].client_id)) {
            CB_TRY(prune(tx, c->client_id, err));
        }
    }
    return CB_OK;
}

cb_status cb_store_certificates_seen(struct cb_store *s, const struct cb_seen_certificate *all, size_t count,
                                     struct cb_err *err)
{
    if (count == 0) {
        return CB_OK;
    }
    CB_AUTO(cb_arena_done) struct cb_arena a = { .max = SIZE_MAX };
    struct seen seen = { cb_arena_array(&a, count, sizeof *seen.all), count };
    CB_ENSURE(seen.all != NULL, CB_E_MEMORY, "certificates seen");
    for (size_t i = 0; i < count; i++) {
        CB_TRY(cb_fields_check(fields, CB_COUNT(fields), &all[i], CB_E_INTERNAL, err));
        CB_TRY(cb_digest_check("issuer_key", all[i].issuer_key, CB_E_INTERNAL, err));
        CB_ENSURE(all[i].first_seen >= 0 && all[i].last_seen >= 0, CB_E_INTERNAL, "a time before 1970");
        seen.all[i] = all[i];
    }
    qsort(seen.all, count, sizeof *seen.all, by_client);
    return cb_store_in_tx(s, CB_TX_WRITE, note_all, &seen, err);
}

/* --- what a key set holds --- */

cb_status cb_certificates_check(const struct cb_certificate_list *list, struct cb_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        struct cb_seen_certificate c = list->all[i];
        c.client_id = CB_STR("-");
        CB_TRY(cb_fields_check(fields, CB_COUNT(fields), &c, CB_E_REGISTRATION, err));
    }
    return CB_OK;
}

cb_status cb_certificates_register(struct cb_tx *tx, struct cb_str client_id,
                                   const struct cb_certificate_list *list, struct cb_err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        CB_TRY(note(tx, client_id, &list->all[i], 0, 0, err));
    }
    return CB_OK;
}

cb_status cb_certificates_forget(struct cb_tx *tx, struct cb_str client_id, bool even_published,
                                 struct cb_err *err)
{
    const struct cb_sql_value params[] = { cb_sql_bytes(client_id), cb_sql_number(even_published) };
    return cb_tx_run(tx, CB_STATEMENT_CERTIFICATE_FORGET, params, NULL, NULL, NULL, err);
}

/* --- page by page --- */

struct page {
    cb_certificate_fn each;
    void *ctx;
};

static struct cb_seen_certificate certificate_of_row(const struct cb_sql_value *row)
{
    return (struct cb_seen_certificate){
        .client_id = row[0].bytes,
        .x5t = row[1].bytes,
        .subject = row[2].bytes,
        .issuer = row[3].bytes,
        .serial = row[4].bytes,
        .issuer_key = row[5].bytes,
        .not_before = row[6].number,
        .not_after = row[7].number,
        .first_seen = row[8].number,
        .last_seen = row[9].number,
        .replaced_at = row[10].number,
    };
}

static cb_status on_certificate(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    const struct page *p = ctx;
    const struct cb_seen_certificate c = certificate_of_row(row);
    return p->each(p->ctx, &c, err);
}

cb_status cb_store_certificate_page(struct cb_store *s, const struct cb_certificate_page *page,
                                    cb_certificate_fn each, void *ctx, struct cb_err *err)
{
    static const char least[CB_STORE_DIGEST]; /* no certificate comes before it */
    const bool first = page->after.x5t.n == 0;
    const struct cb_sql_value params[] = {
        cb_sql_bytes(page->client_id),
        cb_sql_number(page->ends_before == 0 ? INT64_MAX : page->ends_before),
        cb_sql_number(first ? INT64_MIN : page->after.not_after),
        cb_sql_bytes(page->after.client_id),
        cb_sql_bytes(first ? (struct cb_str){ least, sizeof least } : page->after.x5t),
        cb_sql_number(page->limit),
    };
    struct page p = { each, ctx };
    return cb_store_run(s, CB_STATEMENT_CERTIFICATE_PAGE, params, on_certificate, &p, NULL, err);
}

struct kept {
    struct cb_arena *arena;
    struct cb_seen_certificate certificate;
};

static cb_status keep(void *ctx, const struct cb_sql_value *row, struct cb_err *err)
{
    struct kept *kept = ctx;
    kept->certificate = certificate_of_row(row);
    for (size_t i = 0; i < CB_COUNT(fields); i++) {
        struct cb_str *s = (void *)((char *)&kept->certificate + fields[i].offset);
        *s = cb_arena_str(kept->arena, *s);
        CB_ENSURE(s->p != NULL, CB_E_MEMORY, "certificate: the arena is full");
    }
    return CB_OK;
}

cb_status cb_store_certificate_find(struct cb_store *s, struct cb_arena *a, struct cb_str x5t,
                                    struct cb_seen_certificate *out, struct cb_err *err)
{
    struct kept kept = { .arena = a };
    const struct cb_sql_value params[] = { cb_sql_bytes(x5t) };
    CB_TRY(cb_store_run_on(s, CB_STATEMENT_CERTIFICATE_FIND, params, keep, &kept,
                           "no client was seen with this certificate", err));
    *out = kept.certificate;
    return CB_OK;
}
