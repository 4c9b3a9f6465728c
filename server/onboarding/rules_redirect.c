/* Where the user's browser may be sent back to: RFC 7591 section 2, RFC 9700 section 2.1. */
#include "onboarding/rules.h"
#include "onboarding/uri.h"

static const json_t *redirect_uris(const struct cb_application *app)
{
    return cb_claims_words(app->metadata, "redirect_uris", CB_LIMIT_REDIRECT_URIS);
}

static cb_status present(const struct cb_application *app, struct cb_err *err)
{
    CB_ENSURE(cb_claims_has(app->metadata, "redirect_uris"), CB_E_REGISTRATION, "redirect_uris is missing");
    return CB_OK;
}

static cb_status form(const struct cb_application *app, struct cb_err *err)
{
    const json_t *uris = redirect_uris(app);
    if (!cb_claims_has(app->metadata, "redirect_uris")) {
        return CB_OK;
    }
    CB_ENSURE(uris != NULL, CB_E_REGISTRATION, "redirect_uris is not an array of 1 to %d strings",
              CB_LIMIT_REDIRECT_URIS);
    for (size_t i = 0; i < json_array_size(uris); i++) {
        CB_ENSURE(cb_uri_is_https(cb_claims_word(uris, i)), CB_E_REGISTRATION,
                  "redirect_uris[%zu] is not an https URL without user, fragment or blanks", i);
    }
    return CB_OK;
}

static cb_status not_local(const struct cb_application *app, struct cb_err *err)
{
    const json_t *uris = redirect_uris(app);
    for (size_t i = 0; i < json_array_size(uris); i++) {
        CB_ENSURE(!cb_uri_is_local(cb_claims_word(uris, i)), CB_E_REGISTRATION,
                  "redirect_uris[%zu] leads to localhost", i);
    }
    return CB_OK;
}

/* To the byte: RFC 9700 section 2.1. */
static cb_status in_statement(const struct cb_application *app, struct cb_err *err)
{
    const json_t *approved =
        cb_claims_words(app->statement.claims, "software_redirect_uris", CB_LIMIT_REDIRECT_URIS);
    const json_t *uris = redirect_uris(app);
    for (size_t i = 0; i < json_array_size(uris); i++) {
        CB_ENSURE(cb_claims_word_is_among(approved, cb_claims_word(uris, i)), CB_E_REGISTRATION,
                  "redirect_uris[%zu] is not among the software_redirect_uris of software_statement", i);
    }
    return CB_OK;
}

enum { BANKING = CB_SCHEME_OBUK | CB_SCHEME_OFBR };

/* clang-format off */
static const struct cb_rule rules[] = {
    { "redirect_uris_present", BANKING, 0, CB_E_DCR_REDIRECT_URI, present },
    { "redirect_uris_form", CB_SCHEMES_ALL, 0, CB_E_DCR_REDIRECT_URI, form },
    { "redirect_uris_not_local", BANKING, 0, CB_E_DCR_REDIRECT_URI, not_local },
    { "redirect_uris_in_statement", BANKING, 0, CB_E_DCR_REDIRECT_URI, in_statement },
};
/* clang-format on */
const struct cb_rule_table cb_rules_redirect = { rules, CB_COUNT(rules) };
