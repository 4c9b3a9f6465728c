#include "verifier/keyset.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/json_in.h"
#include "base/limits.h"
#include "jose/jwk.h"

enum { HEADER_MOST = 256 };

struct named_key {
    struct cb_verify_key *key;
    size_t kid_n;
    char kid[CB_LIMIT_KID];
    atomic_int header_state;
    size_t header_n;
    char header[HEADER_MOST];
};

enum { HEADER_UNKNOWN, HEADER_BEING_WRITTEN, HEADER_KNOWN };

struct cb_keyset {
    atomic_uint refs;
    size_t count;
    struct named_key keys[];
};

struct cb_keyset *cb_keyset_ref(struct cb_keyset *set)
{
    if (set != NULL) {
        atomic_fetch_add_explicit(&set->refs, 1, memory_order_relaxed);
    }
    return set;
}

void cb_keyset_unref(struct cb_keyset *set)
{
    if (set == NULL || atomic_fetch_sub_explicit(&set->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        cb_verify_key_free(set->keys[i].key);
    }
    free(set);
}

static void unref(struct cb_keyset **set)
{
    cb_keyset_unref(*set);
}

struct cb_verify_key *cb_keyset_find(const struct cb_keyset *set, struct cb_str kid)
{
    for (size_t i = 0; set != NULL && i < set->count; i++) {
        const struct named_key *k = &set->keys[i];
        if (cb_str_eq(kid, (struct cb_str){ k->kid, k->kid_n })) {
            return k->key;
        }
    }
    return NULL;
}

struct cb_verify_key *cb_keyset_find_header(const struct cb_keyset *set, struct cb_str header)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct named_key *k = &set->keys[i];
        if (atomic_load_explicit(&k->header_state, memory_order_acquire) == HEADER_KNOWN &&
            cb_str_eq(header, (struct cb_str){ k->header, k->header_n })) {
            return k->key;
        }
    }
    return NULL;
}

void cb_keyset_remember_header(struct cb_keyset *set, const struct cb_verify_key *key, struct cb_str header)
{
    for (size_t i = 0; i < set->count && header.n <= HEADER_MOST; i++) {
        struct named_key *k = &set->keys[i];
        int unknown = HEADER_UNKNOWN;
        if (k->key == key &&
            atomic_compare_exchange_strong(&k->header_state, &unknown, HEADER_BEING_WRITTEN)) {
            memcpy(k->header, header.p, header.n);
            k->header_n = header.n;
            atomic_store_explicit(&k->header_state, HEADER_KNOWN, memory_order_release);
        }
    }
}

static cb_status add_key(struct cb_keyset *set, const json_t *jwk, struct cb_err *err)
{
    struct cb_str kid;
    struct cb_verify_key *key = NULL;
    struct cb_err why = { 0 };
    if (!cb_json_get_str(jwk, "kid", &kid) || kid.n == 0 || kid.n > CB_LIMIT_KID) {
        return CB_OK;
    }
    if (CB_FAILED(cb_jwk_public(jwk, &key, &why))) {
        CB_ENSURE(why.code != CB_E_MEMORY && why.code != CB_E_CRYPTO, why.code, "key of a JWK set");
        return CB_OK;
    }
    if (cb_keyset_find(set, kid) != NULL) {
        cb_verify_key_free(key);
        CB_REFUSE(CB_E_JWK, "two keys of one kid");
    }
    struct named_key *k = &set->keys[set->count++];
    k->key = key;
    k->kid_n = kid.n;
    memcpy(k->kid, kid.p, kid.n);
    return CB_OK;
}

cb_status cb_keyset_parse(struct cb_str json, struct cb_keyset **out, struct cb_err *err)
{
    CB_ENSURE(json.n <= CB_LIMIT_JWK_SET, CB_E_JWK, "JWK set of %zu bytes", json.n);
    json_auto_t *document = NULL;
    CB_TRY(cb_json_object(json, &document, err));
    const json_t *keys = json_object_get(document, "keys");
    CB_ENSURE(json_is_array(keys), CB_E_JWK, "JWK set without the array \"keys\"");
    const size_t n = json_array_size(keys);
    CB_ENSURE(n <= CB_LIMIT_JWKS_KEYS, CB_E_JWK, "JWK set of %zu keys", n);

    CB_AUTO(unref) struct cb_keyset *set = calloc(1, sizeof *set + n * sizeof set->keys[0]);
    CB_ENSURE(set != NULL, CB_E_MEMORY, "JWK set");
    atomic_init(&set->refs, 1);
    for (size_t i = 0; i < n; i++) {
        CB_TRY(add_key(set, json_array_get(keys, i), err));
    }
    CB_ENSURE(set->count > 0, CB_E_JWK, "JWK set without a key for ES256, PS256 or EdDSA");
    *out = CB_TAKE(set);
    return CB_OK;
}
