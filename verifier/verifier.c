#include <certbound/verifier.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/result.h"
#include "verifier/handle.h"

enum { SKEW_DEFAULT = 10, SKEW_MOST = 60, CACHE_DEFAULT = 4096 };

static bool init_parts(certbound_verifier *v)
{
    v->settings = cb_settings_new(&(struct cb_settings){ .skew = SKEW_DEFAULT });
    return v->settings != NULL && cb_sha256_init(&v->sha256) && cb_cache_resize(&v->cache, CACHE_DEFAULT);
}

static bool init_locks(certbound_verifier *v)
{
    if (pthread_mutex_init(&v->changing, NULL) != 0) {
        return false;
    }
    if (pthread_mutex_init(&v->lock, NULL) == 0) {
        if (cb_cache_init(&v->cache)) {
            return true;
        }
        (void)pthread_mutex_destroy(&v->lock);
    }
    (void)pthread_mutex_destroy(&v->changing);
    return false;
}

certbound_verifier *certbound_verifier_new(void)
{
    certbound_verifier *v = calloc(1, sizeof *v);
    if (v == NULL || !init_locks(v)) {
        free(v);
        return NULL;
    }
    atomic_init(&v->remembers, true);
    if (!init_parts(v)) {
        certbound_verifier_free(v);
        return NULL;
    }
    return v;
}

void certbound_verifier_free(certbound_verifier *v)
{
    if (v == NULL) {
        return;
    }
    cb_cache_done(&v->cache);
    cb_sha256_done(&v->sha256);
    cb_settings_unref(v->settings);
    (void)pthread_mutex_destroy(&v->lock);
    (void)pthread_mutex_destroy(&v->changing);
    free(v);
}

/* Puts the changed settings in the place of the old ones; the caller holds `changing`. What was verified
 * under the old ones is forgotten, and what is being verified will not be remembered. */
static certbound_code install(certbound_verifier *v, struct cb_settings changed)
{
    changed.generation++;
    struct cb_settings *next = cb_settings_new(&changed);
    if (next == NULL) {
        return CERTBOUND_E_MEMORY;
    }
    (void)pthread_mutex_lock(&v->lock);
    struct cb_settings *const old = v->settings;
    v->settings = next;
    (void)pthread_mutex_unlock(&v->lock);
    cb_cache_flush(&v->cache, changed.generation);
    cb_settings_unref(old);
    return CERTBOUND_OK;
}

static certbound_code set_name(certbound_verifier *v, const char *name, size_t member)
{
    const struct cb_str s = cb_str_of(name);
    if (v == NULL || s.n == 0 || s.n > CB_LIMIT_RESOURCE) {
        return CERTBOUND_E_ARGUMENT;
    }
    (void)pthread_mutex_lock(&v->changing);
    struct cb_settings changed = *v->settings;
    memcpy((char *)&changed + member, &s, sizeof s);
    const certbound_code code = install(v, changed);
    (void)pthread_mutex_unlock(&v->changing);
    return code;
}

certbound_code certbound_verifier_set_issuer(certbound_verifier *v, const char *issuer)
{
    return set_name(v, issuer, offsetof(struct cb_settings, issuer));
}

certbound_code certbound_verifier_set_audience(certbound_verifier *v, const char *audience)
{
    return set_name(v, audience, offsetof(struct cb_settings, audience));
}

certbound_code certbound_verifier_set_clock_skew(certbound_verifier *v, int64_t seconds)
{
    if (v == NULL || seconds < 0 || seconds > SKEW_MOST) {
        return CERTBOUND_E_ARGUMENT;
    }
    (void)pthread_mutex_lock(&v->changing);
    struct cb_settings changed = *v->settings;
    changed.skew = seconds;
    const certbound_code code = install(v, changed);
    (void)pthread_mutex_unlock(&v->changing);
    return code;
}

certbound_code certbound_verifier_set_jwks(certbound_verifier *v, const char *json, size_t len)
{
    struct cb_keyset *keys = NULL;
    struct cb_err err = { 0 };
    if (v == NULL || json == NULL) {
        return CERTBOUND_E_ARGUMENT;
    }
    if (CB_FAILED(cb_keyset_parse((struct cb_str){ json, len }, &keys, &err))) {
        return err.code == CB_E_MEMORY || err.code == CB_E_CRYPTO ? CERTBOUND_E_MEMORY : CERTBOUND_E_JWKS;
    }
    (void)pthread_mutex_lock(&v->changing);
    struct cb_settings changed = *v->settings;
    changed.keys = keys;
    const certbound_code code = install(v, changed);
    (void)pthread_mutex_unlock(&v->changing);
    cb_keyset_unref(keys);
    return code;
}

certbound_code certbound_verifier_set_cache_size(certbound_verifier *v, size_t tokens)
{
    if (v == NULL || tokens > CB_CACHE_MOST) {
        return CERTBOUND_E_ARGUMENT;
    }
    (void)pthread_mutex_lock(&v->changing);
    const bool done = cb_cache_resize(&v->cache, tokens);
    if (done) {
        atomic_store(&v->remembers, tokens > 0);
    }
    (void)pthread_mutex_unlock(&v->changing);
    return done ? CERTBOUND_OK : CERTBOUND_E_MEMORY;
}

const char *certbound_version(void)
{
    return CERTBOUND_VERSION_STRING;
}
