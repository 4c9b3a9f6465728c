#include "onboarding/key_set.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/json_in.h"
#include "base/limits.h"
#include "jose/jwk.h"

struct named_key {
    struct cb_verify_key *key;
    struct cb_str kid; /* n == 0: it has none */
};

struct cb_key_set {
    atomic_size_t references;
    struct cb_arena arena; /* the text, the kids */
    struct cb_str json;
    size_t count;
    struct named_key keys[CB_LIMIT_JWKS_KEYS];
};

struct cb_key_set *cb_key_set_ref(struct cb_key_set *s)
{
    atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
    return s;
}

void cb_key_set_unref(struct cb_key_set *s)
{
    if (s == NULL || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < s->count; i++) {
        cb_verify_key_free(s->keys[i].key);
    }
    cb_arena_done(&s->arena);
    free(s);
}

static void auto_unref(struct cb_key_set **s)
{
    cb_key_set_unref(*s);
}

size_t cb_key_set_count(const struct cb_key_set *s)
{
    return s->count;
}

struct cb_str cb_key_set_json(const struct cb_key_set *s)
{
    return s->json;
}

struct cb_verify_key *cb_key_set_candidate(const struct cb_key_set *s, enum cb_alg alg, struct cb_str kid,
                                           size_t i)
{
    for (size_t k = 0; k < s->count; k++) {
        const struct named_key *key = &s->keys[k];
        const bool fits = cb_verify_key_alg(key->key) == alg && (kid.n == 0 || cb_str_eq(kid, key->kid));
        if (fits && i-- == 0) {
            return key->key;
        }
    }
    return NULL;
}

static cb_status add(struct cb_key_set *s, const json_t *jwk, struct cb_err *err)
{
    struct cb_str kid = { 0 };
    struct cb_verify_key *key = NULL;
    struct cb_err why = { 0 };
    if (CB_FAILED(cb_jwk_public(jwk, &key, &why))) {
        CB_ENSURE(cb_code_class(why.code) == CB_CLASS_PROTOCOL, why.code, "key of a JWK set");
        return CB_OK;
    }
    (void)cb_json_get_str(jwk, "kid", &kid);
    const bool twice = kid.n > 0 && cb_key_set_candidate(s, cb_verify_key_alg(key), kid, 0) != NULL;
    struct named_key *k = &s->keys[s->count++];
    k->key = key;
    CB_ENSURE(!twice, CB_E_JWK, "two keys of one kid");
    if (kid.n > 0) {
        k->kid = cb_arena_str(&s->arena, kid);
        CB_ENSURE(k->kid.p != NULL, CB_E_MEMORY, "JWK set");
    }
    return CB_OK;
}

cb_status cb_key_set_parse(struct cb_str json, struct cb_key_set **out, struct cb_err *err)
{
    CB_ENSURE(json.n <= CB_LIMIT_JWK_SET, CB_E_JWK, "JWK set of %zu bytes", json.n);
    json_auto_t *document = NULL;
    CB_TRY(cb_json_object(json, &document, err));
    const json_t *keys = json_object_get(document, "keys");
    CB_ENSURE(json_is_array(keys), CB_E_JWK, "JWK set without the array \"keys\"");
    CB_ENSURE(json_array_size(keys) <= CB_LIMIT_JWKS_KEYS, CB_E_JWK, "JWK set of %zu keys",
              json_array_size(keys));

    CB_AUTO(auto_unref) struct cb_key_set *s = calloc(1, sizeof *s);
    CB_ENSURE(s != NULL, CB_E_MEMORY, "JWK set");
    atomic_init(&s->references, 1);
    cb_arena_init(&s->arena, 2 * CB_LIMIT_JWK_SET + CB_KIB * CB_LIMIT_JWKS_KEYS);
    s->json = cb_arena_str(&s->arena, json);
    CB_ENSURE(s->json.p != NULL, CB_E_MEMORY, "JWK set");
    for (size_t i = 0; i < json_array_size(keys); i++) {
        CB_TRY(add(s, json_array_get(keys, i), err));
    }
    CB_ENSURE(s->count > 0, CB_E_JWK, "JWK set without a key for ES256, PS256 or EdDSA");
    *out = CB_TAKE(s);
    return CB_OK;
}
