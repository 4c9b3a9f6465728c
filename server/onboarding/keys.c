#include "onboarding/keys.h"

#include "base/limits.h"
#include "partner/self_signed.h"

cb_status cb_application_jwks(const struct cb_application *app, struct cb_str *out, struct cb_err *err)
{
    const json_t *jwks = json_object_get(app->metadata, "jwks");
    return json_is_object(jwks) ? cb_claims_text(app->arena, jwks, out, err) : CB_OK;
}

bool cb_application_keys_hold(const struct cb_application *app, const struct cb_cert *cert)
{
    struct cb_str jwks = app->fetched_jwks;
    const struct cb_x5t *x5ts = NULL;
    size_t count = 0;
    if (CB_FAILED(cb_application_jwks(app, &jwks, NULL)) ||
        CB_FAILED(cb_self_signed_thumbprints(app->arena, jwks, &x5ts, &count, NULL))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (cb_x5t_eq(&x5ts[i], &cert->x5t)) {
            return true;
        }
    }
    return false;
}
