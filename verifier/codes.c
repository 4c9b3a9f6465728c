#include <certbound/verifier.h>

#include "base/str.h"

/* RFC 6750 section 3.1. Without credentials there is no error to name; what is wrong with a token is for the
 * log, not for whoever presents it. */
static const struct answer {
    int status;
    const char *challenge;
} fault = { 500, "Bearer" }, away = { 503, "Bearer" }, granted = { 200, "Bearer" },
  nothing = { 401, "Bearer" }, request = { 400, "Bearer error=\"invalid_request\"" },
  token = { 401, "Bearer error=\"invalid_token\"" }, scope = { 403, "Bearer error=\"insufficient_scope\"" };

static const struct row {
    const char *name;
    const struct answer *answer;
} rows[] = {
    [CERTBOUND_E_INTERNAL] = { "internal_error", &fault },
    [CERTBOUND_OK] = { "ok", &granted },
    [CERTBOUND_E_MEMORY] = { "out_of_memory", &fault },
    [CERTBOUND_E_ARGUMENT] = { "argument_invalid", &fault },
    [CERTBOUND_E_NOT_CONFIGURED] = { "not_configured", &fault },
    [CERTBOUND_E_NO_KEYS] = { "no_keys", &away },
    [CERTBOUND_E_JWKS] = { "jwks_invalid", &fault },

    [CERTBOUND_E_TOKEN_MISSING] = { "token_missing", &nothing },
    [CERTBOUND_E_SCHEME] = { "scheme_not_bearer", &nothing },
    [CERTBOUND_E_CREDENTIALS_MALFORMED] = { "credentials_malformed", &request },

    [CERTBOUND_E_TOKEN_TOO_LARGE] = { "token_too_large", &token },
    [CERTBOUND_E_TOKEN_MALFORMED] = { "token_malformed", &token },
    [CERTBOUND_E_HEADER] = { "header_malformed", &token },
    [CERTBOUND_E_TYP] = { "typ_wrong", &token },
    [CERTBOUND_E_ALG] = { "alg_refused", &token },
    [CERTBOUND_E_CRIT] = { "crit_not_understood", &token },
    [CERTBOUND_E_KID_MISSING] = { "kid_missing", &token },
    [CERTBOUND_E_KID_UNKNOWN] = { "kid_unknown", &token },
    [CERTBOUND_E_ALG_KEY] = { "alg_not_of_key", &token },
    [CERTBOUND_E_SIGNATURE] = { "signature_invalid", &token },

    [CERTBOUND_E_CLAIMS] = { "claims_malformed", &token },
    [CERTBOUND_E_ISSUER] = { "issuer_wrong", &token },
    [CERTBOUND_E_AUDIENCE] = { "audience_wrong", &token },
    [CERTBOUND_E_CLAIM_MISSING] = { "claim_missing", &token },
    [CERTBOUND_E_CLAIM_TYPE] = { "claim_type_wrong", &token },
    [CERTBOUND_E_EXPIRED] = { "expired", &token },
    [CERTBOUND_E_ISSUED_IN_FUTURE] = { "issued_in_future", &token },
    [CERTBOUND_E_NOT_YET_VALID] = { "not_yet_valid", &token },

    [CERTBOUND_E_CNF_MISSING] = { "cnf_missing", &token },
    [CERTBOUND_E_CNF_MALFORMED] = { "cnf_malformed", &token },
    [CERTBOUND_E_CNF_UNSUPPORTED] = { "cnf_unsupported", &token },
    [CERTBOUND_E_DPOP_UNSUPPORTED] = { "dpop_unsupported", &token },
    [CERTBOUND_E_CERTIFICATE_MISSING] = { "certificate_missing", &token },
    [CERTBOUND_E_CERTIFICATE_TOO_LARGE] = { "certificate_too_large", &token },
    [CERTBOUND_E_CERTIFICATE_MISMATCH] = { "certificate_mismatch", &token },

    [CERTBOUND_E_INSUFFICIENT_SCOPE] = { "insufficient_scope", &scope },
};

static const struct row *row_of(certbound_code code)
{
    static const struct row unknown = { "unknown", &fault };
    const size_t i = (size_t)code;
    return i < CB_COUNT(rows) && rows[i].name != NULL ? &rows[i] : &unknown;
}

const char *certbound_code_name(certbound_code code)
{
    return row_of(code)->name;
}

int certbound_code_status(certbound_code code)
{
    return row_of(code)->answer->status;
}

const char *certbound_code_www_authenticate(certbound_code code)
{
    return row_of(code)->answer->challenge;
}
