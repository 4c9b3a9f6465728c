/* The rest of the client metadata: RFC 7591 section 2, OpenID Connect Dynamic Client Registration 1.0. */
#include "base/utf8.h"
#include "onboarding/metadata.h"
#include "onboarding/rules.h"
#include "onboarding/uri.h"
#include "partner/client.h"

enum { TEXT_MOST = 512, WORDS_MOST = 32 };

static bool is_text(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f) {
            return false;
        }
    }
    return s.n <= TEXT_MOST && cb_utf8_valid(s);
}

static cb_status texts(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str text;
    for (size_t i = 0; i < cb_metadata_count; i++) {
        const struct cb_metadata *m = &cb_metadata_table[i];
        if (m->kind != CB_METADATA_TEXT || !cb_claims_has(app->metadata, m->name)) {
            continue;
        }
        CB_ENSURE(cb_json_get_str(app->metadata, m->name, &text) &&
                      (is_text(text) || cb_subject_kind_of(cb_str_of(m->name)) != CB_SUBJECT_NONE),
                  CB_E_REGISTRATION, "%s is not a string of at most %d bytes without control characters",
                  m->name, TEXT_MOST);
    }
    return CB_OK;
}

static cb_status lists(const struct cb_application *app, struct cb_err *err)
{
    for (size_t i = 0; i < cb_metadata_count; i++) {
        const struct cb_metadata *m = &cb_metadata_table[i];
        const json_t *words = cb_claims_words(app->metadata, m->name, WORDS_MOST);
        if (m->kind != CB_METADATA_TEXTS || !cb_claims_has(app->metadata, m->name)) {
            continue;
        }
        CB_ENSURE(words != NULL, CB_E_REGISTRATION, "%s is not an array of 1 to %d strings", m->name,
                  WORDS_MOST);
        for (size_t k = 0; k < json_array_size(words); k++) {
            CB_ENSURE(is_text(cb_claims_word(words, k)), CB_E_REGISTRATION,
                      "%s[%zu] holds control characters or is longer than %d bytes", m->name, k, TEXT_MOST);
        }
    }
    return CB_OK;
}

static cb_status pages(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str uri;
    for (size_t i = 0; i < cb_metadata_count; i++) {
        const struct cb_metadata *m = &cb_metadata_table[i];
        CB_ENSURE(m->kind != CB_METADATA_PAGE || !cb_claims_has(app->metadata, m->name) ||
                      (cb_json_get_str(app->metadata, m->name, &uri) && cb_uri_is_page(uri)),
                  CB_E_REGISTRATION, "%s is not an https or http URL", m->name);
    }
    return CB_OK;
}

/* FAPI 2.0 section 5.4: nothing else, ever. */
static cb_status algorithms(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str name;
    for (size_t i = 0; i < cb_metadata_count; i++) {
        const struct cb_metadata *m = &cb_metadata_table[i];
        CB_ENSURE(m->kind != CB_METADATA_ALGORITHM || !cb_claims_has(app->metadata, m->name) ||
                      (cb_json_get_str(app->metadata, m->name, &name) && cb_alg_of(name) != CB_ALG_NONE),
                  CB_E_REGISTRATION, "%s must be PS256, ES256 or EdDSA", m->name);
    }
    return CB_OK;
}

/* RFC 7591 section 2 lets a server register less than was asked for: what is not offered here is left out, as
 * long as client_credentials stays. */
static cb_status grant_types(const struct cb_application *app, struct cb_err *err)
{
    const json_t *words = cb_claims_words(app->metadata, "grant_types", WORDS_MOST);
    if (!cb_claims_has(app->metadata, "grant_types")) {
        return CB_OK;
    }
    CB_ENSURE(words != NULL, CB_E_REGISTRATION, "grant_types is not an array of 1 to %d strings", WORDS_MOST);
    CB_ENSURE(cb_claims_word_is_among(words, cb_str_of(cb_grant_name(CB_GRANT_CLIENT_CREDENTIALS))),
              CB_E_REGISTRATION, "grant_types must hold client_credentials, the one that is offered here");
    return CB_OK;
}

static cb_status response_types(const struct cb_application *app, struct cb_err *err)
{
    const json_t *given = json_object_get(app->metadata, "response_types");
    CB_ENSURE(!cb_claims_has(app->metadata, "response_types") ||
                  (json_is_array(given) && json_array_size(given) == 0) ||
                  cb_claims_words(app->metadata, "response_types", WORDS_MOST) != NULL,
              CB_E_REGISTRATION, "response_types is not an array of at most %d strings", WORDS_MOST);
    return CB_OK;
}

static cb_status application_type(const struct cb_application *app, struct cb_err *err)
{
    struct cb_str type = { 0 };
    const bool given = cb_claims_has(app->metadata, "application_type");
    (void)cb_json_get_str(app->metadata, "application_type", &type);
    CB_ENSURE(!given || cb_str_is(type, "web") || cb_str_is(type, "native") ||
                  (app->scheme == CB_SCHEME_OBUK && cb_str_is(type, "mobile")),
              CB_E_REGISTRATION, "application_type must be web or native");
    return CB_OK;
}

static cb_status bound_tokens(const struct cb_application *app, struct cb_err *err)
{
    const json_t *given = json_object_get(app->metadata, "tls_client_certificate_bound_access_tokens");
    CB_ENSURE(given == NULL || json_is_true(given), CB_E_REGISTRATION,
              "tls_client_certificate_bound_access_tokens must be true: every token here is bound");
    return CB_OK;
}

/* clang-format off */
static const struct cb_rule rules[] = {
    { "metadata_texts", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, texts },
    { "metadata_lists", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, lists },
    { "metadata_pages", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, pages },
    { "metadata_algorithms", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, algorithms },
    { "grant_types", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, grant_types },
    { "response_types", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, response_types },
    { "application_type", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, application_type },
    { "bound_tokens", CB_SCHEMES_ALL, 0, CB_E_DCR_METADATA, bound_tokens },
};
/* clang-format on */
const struct cb_rule_table cb_rules_metadata = { rules, CB_COUNT(rules) };
