#include "partner/self_signed.h"

#include "base/json_in.h"
#include "base/limits.h"
#include "cert/jwk_cert.h"
#include "jose/jwk.h"
#include "partner/describe.h"

static cb_status keys_of(struct cb_str jwks, json_t **out_set, const json_t **out_keys, struct cb_err *err)
{
    CB_ENSURE(jwks.n <= CB_LIMIT_JWK_SET, CB_E_REGISTRATION, "jwks is larger than %zu bytes",
              CB_LIMIT_JWK_SET);
    CB_TRY(cb_json_object(jwks, out_set, err));
    const json_t *keys = json_object_get(*out_set, "keys");
    const size_t n = json_array_size(keys);
    CB_ENSURE(n >= 1 && n <= CB_LIMIT_JWKS_KEYS, CB_E_REGISTRATION, "jwks must hold 1 to %d keys",
              CB_LIMIT_JWKS_KEYS);
    *out_keys = keys;
    return CB_OK;
}

/* A set may serve other ends too: a key without a certificate is none to authenticate with. */
static bool has_certificate(const json_t *jwk)
{
    return json_object_get(jwk, "x5c") != NULL;
}

static size_t count_certificates(const json_t *keys)
{
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        n += has_certificate(json_array_get(keys, i));
    }
    return n;
}

static cb_status check_other(const json_t *jwk, struct cb_err *err)
{
    CB_ENSURE(json_is_object(jwk), CB_E_JWK, "a key is no object");
    CB_ENSURE(cb_jwk_private_member(jwk) == NULL, CB_E_JWK, "it is a private or secret key");
    return CB_OK;
}

static cb_status check_key(struct cb_arena *a, const json_t *jwk, bool may_be_other, struct cb_err *err)
{
    if (may_be_other && !has_certificate(jwk)) {
        return check_other(jwk, err);
    }
    struct cb_str der = { 0 };
    struct cb_cert cert = { 0 };
    CB_TRY(cb_jwk_x5c_der(a, jwk, &der, err));
    CB_TRY(cb_cert_parse(a, der, &cert, err));
    return cb_jwk_is_of_cert(jwk, &cert, err);
}

cb_status cb_self_signed_check(struct cb_arena *a, struct cb_str jwks, struct cb_buf *problems,
                               struct cb_err *err)
{
    json_auto_t *set = NULL;
    const json_t *keys = NULL;
    struct cb_err why = { 0 };
    if (CB_FAILED(keys_of(jwks, &set, &keys, &why))) {
        cb_buf_add_fmt(problems, "jwks: %.200s\n", why.detail);
        CB_REFUSE(CB_E_REGISTRATION, "%.200s", why.detail);
    }
    const bool any = count_certificates(keys) > 0;
    size_t bad = 0;
    for (size_t i = 0; i < json_array_size(keys); i++) {
        cb_err_clear(&why);
        if (CB_FAILED(check_key(a, json_array_get(keys, i), any, &why))) {
            cb_buf_add_fmt(problems, "jwks: key %zu: %.200s\n", i + 1, why.detail);
            bad++;
        }
    }
    CB_ENSURE(bad == 0, CB_E_REGISTRATION, "%zu of the keys in jwks cannot be used", bad);
    return CB_OK;
}

/* The next x5c certificate of a set from *at on. */
static cb_status next_der(struct cb_arena *a, const json_t *keys, size_t *at, struct cb_str *out,
                          struct cb_err *err)
{
    while (!has_certificate(json_array_get(keys, *at))) {
        (*at)++;
    }
    return cb_jwk_x5c_der(a, json_array_get(keys, (*at)++), out, err);
}

cb_status cb_self_signed_thumbprints(struct cb_arena *a, struct cb_str jwks, const struct cb_x5t **out,
                                     size_t *out_count, struct cb_err *err)
{
    json_auto_t *set = NULL;
    const json_t *keys = NULL;
    CB_TRY(keys_of(jwks, &set, &keys, err));
    const size_t n = count_certificates(keys);
    struct cb_x5t *x5ts = cb_arena_array(a, n, sizeof *x5ts);
    CB_ENSURE(x5ts != NULL, CB_E_MEMORY, "jwks");

    struct cb_arena scratch CB_AUTO(cb_arena_done);
    cb_arena_init(&scratch, CB_LIMIT_JWK_SET);
    for (size_t i = 0, at = 0; i < n; i++) {
        struct cb_str der = { 0 };
        CB_TRY(next_der(&scratch, keys, &at, &der, err));
        CB_TRY(cb_x5t_of(der, &x5ts[i], err));
    }
    *out = x5ts;
    *out_count = n;
    return CB_OK;
}

cb_status cb_self_signed_certificates(struct cb_arena *a, struct cb_str jwks, struct cb_certificate_list *out,
                                      struct cb_err *err)
{
    json_auto_t *set = NULL;
    const json_t *keys = NULL;
    CB_TRY(keys_of(jwks, &set, &keys, err));
    const size_t n = count_certificates(keys);
    struct cb_seen_certificate *all = cb_arena_array(a, n, sizeof *all);
    CB_ENSURE(all != NULL, CB_E_MEMORY, "jwks");

    struct cb_arena scratch CB_AUTO(cb_arena_done);
    cb_arena_init(&scratch, 4 * CB_MIB);
    for (size_t i = 0, at = 0; i < n; i++) {
        struct cb_str der = { 0 };
        struct cb_cert cert = { 0 };
        CB_TRY(next_der(&scratch, keys, &at, &der, err));
        CB_TRY(cb_cert_parse(&scratch, der, &cert, err));
        CB_TRY(cb_certificate_describe(a, &cert, &all[i], err));
        cb_arena_reset(&scratch);
    }
    *out = (struct cb_certificate_list){ all, n };
    return CB_OK;
}
