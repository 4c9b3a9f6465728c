#include <certbound/verifier.h>

#include "base/str.h"

/* b64token = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=", RFC 6750 section 2.1 */
static bool is_b64token(struct cb_str s)
{
    while (s.n > 0 && s.p[s.n - 1] == '=') {
        s.n--;
    }
    for (size_t i = 0; i < s.n; i++) {
        const char c = s.p[i];
        const bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (c == '\0' || strchr("-._~+/", c) == NULL)) {
            return false;
        }
    }
    return s.n > 0;
}

/* credentials = "Bearer" 1*SP b64token; the scheme in any letter case, RFC 9110 section 11.1 */
certbound_code certbound_bearer_token(const char *value, size_t len, const char **token, size_t *token_len)
{
    if (token == NULL || token_len == NULL) {
        return CERTBOUND_E_ARGUMENT;
    }
    if (value == NULL || len == 0) {
        return CERTBOUND_E_TOKEN_MISSING;
    }
    struct cb_str rest = { value, len };
    struct cb_str scheme;
    (void)cb_str_next(&rest, ' ', &scheme);
    if (!cb_str_eq_nocase(scheme, CB_STR("Bearer"))) {
        return CERTBOUND_E_SCHEME;
    }
    while (rest.n > 0 && rest.p[0] == ' ') {
        rest.p++;
        rest.n--;
    }
    if (!is_b64token(rest)) {
        return CERTBOUND_E_CREDENTIALS_MALFORMED;
    }
    *token = rest.p;
    *token_len = rest.n;
    return CERTBOUND_OK;
}
