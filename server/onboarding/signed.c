#include "onboarding/signed.h"

#include "base/limits.h"

static cb_status read_header(struct cb_arena *a, struct cb_signed *s, struct cb_err *err)
{
    json_t *header = NULL;
    struct cb_str word;
    CB_TRY(cb_claims_parse(a, s->raw.header_json, &header, err));
    CB_ENSURE(json_object_get(header, "crit") == NULL, CB_E_JWS_CRIT, "the header has crit");
    CB_ENSURE(cb_json_get_str(header, "alg", &word), CB_E_JWS, "the header has no alg");
    s->alg = cb_alg_of(word);
    const json_t *kid = json_object_get(header, "kid");
    CB_ENSURE(kid == NULL || cb_json_get_str(header, "kid", &s->kid), CB_E_JWS, "kid is not a string");
    CB_ENSURE(s->kid.n <= CB_LIMIT_KID, CB_E_JWS, "kid of %zu bytes", s->kid.n);
    const json_t *type = json_object_get(header, "typ");
    s->plain_type =
        type == NULL || (cb_json_get_str(header, "typ", &word) && cb_str_eq_nocase(word, CB_STR("JWT")));
    return CB_OK;
}

cb_status cb_signed_read(struct cb_arena *a, struct cb_str text, struct cb_signed *out, struct cb_err *err)
{
    struct cb_signed s = { .text = text };
    CB_TRY(cb_jws_split(a, text, &s.raw, err));
    CB_TRY(read_header(a, &s, err));
    CB_TRY(cb_claims_parse(a, s.raw.payload_json, &s.claims, err));
    *out = s;
    return CB_OK;
}

bool cb_signed_has_key(const struct cb_signed *s, const struct cb_key_set *keys)
{
    return cb_key_set_candidate(keys, s->alg, s->kid, 0) != NULL;
}

cb_status cb_signed_verify(const struct cb_signed *s, const struct cb_key_set *keys, struct cb_err *err)
{
    struct cb_verify_key *key = NULL;
    for (size_t i = 0; (key = cb_key_set_candidate(keys, s->alg, s->kid, i)) != NULL; i++) {
        struct cb_err why = { 0 };
        if (!CB_FAILED(cb_verify(key, s->raw.signing_input, s->raw.signature, &why))) {
            return CB_OK;
        }
        CB_ENSURE(cb_code_class(why.code) == CB_CLASS_PROTOCOL, why.code, "%.100s", why.detail);
    }
    CB_REFUSE(CB_E_JWS_SIGNATURE, cb_signed_has_key(s, keys)
                                      ? "the signature does not verify"
                                      : "no key of the issuer has this kid and algorithm");
}
