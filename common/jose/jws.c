#include "jose/jws.h"

#include "base/limits.h"
#include "jose/base64url.h"

static const char *const alg_names[CB_ALG__MAX] = {
    [CB_ALG_NONE] = "",
    [CB_ALG_ES256] = "ES256",
    [CB_ALG_PS256] = "PS256",
    [CB_ALG_EDDSA] = "EdDSA",
};

const char *cb_alg_name(enum cb_alg alg)
{
    return alg > CB_ALG_NONE && alg < CB_ALG__MAX ? alg_names[alg] : "";
}

enum cb_alg cb_alg_of(struct cb_str name)
{
    for (enum cb_alg a = CB_ALG_NONE + 1; a < CB_ALG__MAX; a++) {
        if (cb_str_is(name, alg_names[a])) {
            return a;
        }
    }
    return CB_ALG_NONE;
}

static cb_status decode_part(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    uint8_t *bytes = cb_arena_alloc(a, text.n);
    CB_ENSURE(bytes != NULL, CB_E_MEMORY, "JWS part of %zu bytes", text.n);
    size_t n = 0;
    CB_ENSURE(!CB_FAILED(cb_base64url_decode(text, bytes, text.n, &n, NULL)), CB_E_JWS,
              "JWS part is not base64url");
    *out = (struct cb_str){ (const char *)bytes, n };
    return CB_OK;
}

/* RFC 7515 section 7.1. An empty payload or signature is well-formed; it is for cb_verify to refuse. */
cb_status cb_jws_split(struct cb_arena *a, struct cb_str text, struct cb_jws_raw *out, struct cb_err *err)
{
    CB_ENSURE(text.n <= CB_LIMIT_JWS, CB_E_JWS, "JWS of %zu bytes", text.n);
    struct cb_str rest = { text.p == NULL ? "" : text.p, text.n };
    struct cb_str header, payload, signature, more;
    CB_ENSURE(cb_str_next(&rest, '.', &header) && cb_str_next(&rest, '.', &payload) &&
                  cb_str_next(&rest, '.', &signature) && !cb_str_next(&rest, '.', &more),
              CB_E_JWS, "JWS has not exactly three parts");
    CB_ENSURE(header.n <= CB_BASE64URL_LEN(CB_LIMIT_JOSE_HEADER), CB_E_JWS, "JWS header of %zu characters",
              header.n);

    struct cb_jws_raw raw = { .signing_input = { text.p, header.n + 1 + payload.n } };
    CB_TRY(decode_part(a, header, &raw.header_json, err));
    CB_TRY(decode_part(a, payload, &raw.payload_json, err));
    CB_TRY(decode_part(a, signature, &raw.signature, err));
    *out = raw;
    return CB_OK;
}
