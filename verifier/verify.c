#include <certbound/verifier.h>

#include "base/limits.h"
#include "verifier/handle.h"
#include "verifier/token.h"

static struct cb_settings *settings_of(certbound_verifier *v)
{
    (void)pthread_mutex_lock(&v->lock);
    struct cb_settings *s = cb_settings_ref(v->settings);
    (void)pthread_mutex_unlock(&v->lock);
    return s;
}

static certbound_code check_configured(const struct cb_settings *s)
{
    if (s->issuer.n == 0 || s->audience.n == 0) {
        return CERTBOUND_E_NOT_CONFIGURED;
    }
    return s->keys == NULL ? CERTBOUND_E_NO_KEYS : CERTBOUND_OK;
}

/* Signature and claims: remembered, or checked now. A token is remembered before its certificate is looked
 * at, so that a stolen one costs us no more than a good one. */
static certbound_code token_claims(certbound_verifier *v, const struct cb_settings *s, struct cb_str token,
                                   int64_t now, certbound_claims **out)
{
    if (!atomic_load_explicit(&v->remembers, memory_order_relaxed)) {
        return cb_token_check(s, token, now, out);
    }
    struct cb_token_hash hash;
    if (!cb_sha256_of(&v->sha256, token, hash.b)) {
        return CERTBOUND_E_MEMORY;
    }
    *out = cb_cache_find(&v->cache, &hash, s->generation);
    if (*out != NULL) {
        return cb_dates_check(cb_claims_dates(*out), now, s->skew);
    }
    const certbound_code code = cb_token_check(s, token, now, out);
    if (code == CERTBOUND_OK) {
        cb_cache_put(&v->cache, &hash, s->generation, *out);
    }
    return code;
}

/* RFC 8705 section 3: over the DER as it was received. */
static certbound_code check_binding(certbound_verifier *v, const certbound_claims *claims, struct cb_str der)
{
    uint8_t x5t[CB_SHA256_BYTES];
    if (der.p == NULL || der.n == 0) {
        return CERTBOUND_E_CERTIFICATE_MISSING;
    }
    if (der.n > CB_LIMIT_CERTIFICATE) {
        return CERTBOUND_E_CERTIFICATE_TOO_LARGE;
    }
    if (!cb_sha256_of(&v->sha256, der, x5t)) {
        return CERTBOUND_E_MEMORY;
    }
    return cb_claims_bound_to(claims, x5t) ? CERTBOUND_OK : CERTBOUND_E_CERTIFICATE_MISMATCH;
}

static certbound_code verify(certbound_verifier *v, const struct cb_settings *s, struct cb_str token,
                             struct cb_str der, int64_t now, certbound_claims **out)
{
    certbound_code code = check_configured(s);
    if (code == CERTBOUND_OK && token.n > CB_LIMIT_JWS) {
        code = CERTBOUND_E_TOKEN_TOO_LARGE;
    }
    if (code == CERTBOUND_OK) {
        code = token_claims(v, s, token, now, out);
    }
    return code == CERTBOUND_OK ? check_binding(v, *out, der) : code;
}

static certbound_code check_arguments(const certbound_verifier *v, struct cb_str token, int64_t now)
{
    if (v == NULL || now < 0 || now > CB_TIME_MAX) {
        return CERTBOUND_E_ARGUMENT;
    }
    return token.p == NULL || token.n == 0 ? CERTBOUND_E_TOKEN_MISSING : CERTBOUND_OK;
}

certbound_claims *certbound_verify(certbound_verifier *v, const char *token, size_t token_len,
                                   const void *der, size_t der_len, int64_t now, certbound_code *why)
{
    const struct cb_str text = { token, token_len };
    certbound_claims *claims = NULL;
    certbound_code code = check_arguments(v, text, now);
    if (code == CERTBOUND_OK) {
        struct cb_settings *s = settings_of(v);
        code = verify(v, s, text, (struct cb_str){ der, der_len }, now, &claims);
        cb_settings_unref(s);
    }
    if (why != NULL) {
        *why = code;
    }
    if (code != CERTBOUND_OK) {
        certbound_claims_free(claims);
        return NULL;
    }
    return claims;
}
