#include "keys/ring.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jwk.h"

enum { RING_KEYS = 64, RING_ARENA = 1 << 20 };

/* A key once opened is shared by all rings that follow. */
struct opened {
    atomic_size_t references;
    struct cb_sign_key *key;
};

struct cb_ring {
    atomic_size_t references;
    struct cb_arena arena;
    size_t count;
    struct cb_key_record records[RING_KEYS];
    struct cb_signer signers[RING_KEYS];
    struct opened *opened[RING_KEYS];
};

static void opened_unref(struct opened *o)
{
    if (o != NULL && atomic_fetch_sub(&o->references, 1) == 1) {
        cb_sign_key_free(o->key);
        free(o);
    }
}

static void auto_opened(struct opened **o)
{
    opened_unref(*o);
}

struct cb_ring *cb_ring_new(void)
{
    struct cb_ring *r = calloc(1, sizeof *r);
    if (r != NULL) {
        atomic_init(&r->references, 1);
        cb_arena_init(&r->arena, RING_ARENA);
    }
    return r;
}

struct cb_ring *cb_ring_ref(struct cb_ring *r)
{
    atomic_fetch_add_explicit(&r->references, 1, memory_order_relaxed);
    return r;
}

void cb_ring_unref(struct cb_ring *r)
{
    if (r == NULL || atomic_fetch_sub_explicit(&r->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < r->count; i++) {
        opened_unref(r->opened[i]);
    }
    cb_arena_done(&r->arena);
    free(r);
}

static struct opened *taken_over(const struct cb_ring *previous, const struct cb_key_record *record)
{
    for (size_t i = 0; previous != NULL && i < previous->count; i++) {
        if (previous->opened[i] != NULL && cb_str_eq(previous->records[i].kid, record->kid) &&
            cb_str_eq(previous->records[i].sealed, record->sealed)) {
            atomic_fetch_add(&previous->opened[i]->references, 1);
            return previous->opened[i];
        }
    }
    return NULL;
}

/* The kid is the thumbprint of the key (RFC 7638), so a row with another key inside shows itself. */
static cb_status check_key(struct cb_sign_key *key, const struct cb_key_record *record, struct cb_err *err)
{
    char kid[CB_JWK_THUMBPRINT_TEXT];
    CB_TRY(cb_jwk_thumbprint(key, kid, err));
    CB_ENSURE(cb_str_is(record->kid, kid), CB_E_KEY_FILE, "the sealed key is not the one that its kid names");
    return cb_second_opinion(key, err);
}

static cb_status open_key(const struct cb_kek *kek, const struct cb_key_record *record, struct opened **out,
                          struct cb_err *err)
{
    const enum cb_alg alg = cb_alg_of(record->alg);
    CB_ENSURE(alg != CB_ALG_NONE, CB_E_KEY_FILE, "the key's algorithm is not one of ours");
    struct cb_buf clear CB_AUTO(cb_buf_done);
    cb_buf_init(&clear, CB_LIMIT_SECRET_FILE);
    CB_TRY(cb_kek_open(kek, record->kid, record->sealed, &clear, err));

    CB_AUTO(auto_opened) struct opened *o = calloc(1, sizeof *o);
    CB_ENSURE(o != NULL, CB_E_MEMORY, "signing key");
    atomic_init(&o->references, 1);
    CB_TRY(cb_sign_key_from_pkcs8(cb_buf_str(&clear), alg, &o->key, err));
    CB_TRY(check_key(o->key, record, err));
    *out = CB_TAKE(o);
    return CB_OK;
}

static cb_status copy_record(struct cb_arena *a, const struct cb_key_record *from, struct cb_key_record *out,
                             struct cb_err *err)
{
    struct cb_key_record r = *from;
    struct cb_str *const parts[] = { &r.kid, &r.alg, &r.public_jwk, &r.sealed };
    for (size_t i = 0; i < CB_COUNT(parts); i++) {
        *parts[i] = cb_arena_str(a, *parts[i]);
        CB_ENSURE(parts[i]->p != NULL, CB_E_MEMORY, "key record");
    }
    *out = r;
    return CB_OK;
}

static cb_status token_header(struct cb_arena *a, const struct cb_key_record *r, struct cb_str *out,
                              struct cb_err *err)
{
    char memory[CB_LIMIT_JOSE_HEADER];
    struct cb_buf b;
    cb_buf_over(&b, memory, sizeof memory);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "alg", r->alg);
    cb_json_put_cstr(&j, "typ", "at+jwt");
    cb_json_put_str(&j, "kid", r->kid);
    cb_json_close(&j, '}');
    CB_TRY(cb_buf_check(&b, err));
    char *text = cb_arena_alloc(a, CB_BASE64URL_LEN(b.n));
    CB_ENSURE(text != NULL, CB_E_MEMORY, "token header");
    cb_base64url_encode(b.p, b.n, text);
    *out = (struct cb_str){ text, CB_BASE64URL_LEN(b.n) };
    return CB_OK;
}

/* Superseded so many times that nothing it signed can be alive. */
static void drop_oldest(struct cb_ring *r)
{
    opened_unref(r->opened[0]);
    r->count--;
    memmove(r->records, r->records + 1, r->count * sizeof *r->records);
    memmove(r->signers, r->signers + 1, r->count * sizeof *r->signers);
    memmove(r->opened, r->opened + 1, r->count * sizeof(struct opened *));
}

cb_status cb_ring_add(struct cb_ring *r, const struct cb_ring *previous, const struct cb_kek *kek,
                      const struct cb_key_record *record, struct cb_err *err)
{
    if (record->retired_at != 0) {
        return CB_OK; /* it says nothing about the others */
    }
    struct cb_key_record copy = { 0 };
    struct cb_str header = { 0 };
    CB_TRY(copy_record(&r->arena, record, &copy, err));
    CB_TRY(token_header(&r->arena, record, &header, err));

    CB_AUTO(auto_opened) struct opened *o = taken_over(previous, record);
    if (o == NULL) {
        CB_TRY(open_key(kek, record, &o, err));
    }
    if (r->count == RING_KEYS) {
        drop_oldest(r);
    }
    r->records[r->count] = copy;
    r->signers[r->count] = (struct cb_signer){ .kid = copy.kid,
                                               .alg = cb_alg_of(copy.alg),
                                               .key = o == NULL ? NULL : o->key,
                                               .token_header64 = header };
    r->opened[r->count] = CB_TAKE(o);
    r->count++;
    return CB_OK;
}

const struct cb_signer *cb_ring_signer(const struct cb_ring *r, int64_t now)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->signers[i].key != NULL && cb_key_state_of(r->records, r->count, i, now) == CB_KEY_SIGNING) {
            return &r->signers[i];
        }
    }
    return NULL;
}

void cb_ring_write_jwks(const struct cb_ring *r, int64_t now, struct cb_json_out *out)
{
    cb_json_open(out, '{');
    cb_json_key(out, "keys");
    cb_json_open(out, '[');
    for (size_t i = 0; i < r->count; i++) {
        if (cb_key_state_of(r->records, r->count, i, now) != CB_KEY_RETIRED) {
            cb_json_raw(out, r->records[i].public_jwk);
        }
    }
    cb_json_close(out, ']');
    cb_json_close(out, '}');
}

int64_t cb_ring_next_change(const struct cb_ring *r, int64_t now)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < r->count; i++) {
        const int64_t starts = r->records[i].active_from;
        const int64_t moments[] = { starts, starts + CB_KEY_LINGER_S };
        for (size_t k = 0; k < CB_COUNT(moments); k++) {
            if (r->records[i].retired_at == 0 && moments[k] > now && moments[k] < next) {
                next = moments[k];
            }
        }
    }
    return next;
}
