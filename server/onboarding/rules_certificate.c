/* Does the certificate of the connection belong to who registers, and to what is registered? RFC 8705; UK
 * Open Banking DCR; Open Finance Brazil DCR section 7.1. */
#include "onboarding/authority.h"
#include "onboarding/keys.h"
#include "onboarding/rules.h"
#include "partner/match.h"

static enum cb_auth_method method_of(const struct cb_application *app)
{
    struct cb_str name = { 0 };
    (void)cb_json_get_str(app->metadata, "token_endpoint_auth_method", &name);
    return cb_auth_method_of(name);
}

static bool directory_vouches(const struct cb_application *app)
{
    const json_t *claims = app->statement.claims;
    const struct cb_cert *c = app->certificate;
    return (cb_claims_has(claims, "jwks") || cb_claims_has(claims, "jwks_uri")) &&
           app->certificate_verdict.code != CB_E_CERT_REVOKED && app->now >= c->not_before &&
           app->now <= c->not_after && cb_application_keys_hold(app, c);
}

/* A self-signed client's certificate need lead to no anchor, and where one leads to, nobody asks from then on
 * whether its CA still stands by it. So its directory must, by its keys. */
static cb_status trusted(const struct cb_application *app, struct cb_err *err)
{
    const struct cb_err *why = &app->certificate_verdict;
    if (app->scheme == CB_SCHEME_GENERIC && method_of(app) == CB_AUTH_SELF_SIGNED_TLS_CLIENT) {
        CB_ENSURE(
            directory_vouches(app), why->code != CB_E_NONE ? why->code : CB_E_CERT_NOT_REGISTERED, "%.200s",
            why->code != CB_E_NONE ? why->detail
                                   : "the client certificate is not among the keys in software_statement");
        return CB_OK;
    }
    CB_ENSURE(why->code == CB_E_NONE, why->code, "%.200s", why->detail);
    return CB_OK;
}

/* What follows asks who the holder is, and that is known of a good certificate only. */
static bool is_good(const struct cb_application *app)
{
    return app->certificate_verdict.code == CB_E_NONE;
}

/* An eIDAS certificate does not know the directory's id: it names the authority that the directory vouches
 * for too, `PSDGB-FCA-123456`. */
static bool is_authorised(const struct cb_application *app)
{
    struct cb_organisation o = { .text = { NULL, 0 } };
    return cb_organisation_of(app->facts.organisation, &o) && cb_str_is(o.scheme, "PSD") &&
           cb_authority_claimed(
               json_object_get(app->statement.claims, "organisation_competent_authority_claims"), &o);
}

static cb_status organisation(const struct cb_application *app, struct cb_err *err)
{
    const struct cb_profile_facts *f = &app->facts;
    const bool same = f->form == CB_FORM_QWAC
                          ? is_authorised(app)
                          : cb_str_eq_nocase(f->organisation_id, cb_application_organisation_id(app));
    CB_ENSURE(!is_good(app) || same, CB_E_REGISTRATION,
              "the client certificate is of another organisation than software_statement");
    return CB_OK;
}

/* In the UK only the older certificates name a software. */
static cb_status software(const struct cb_application *app, struct cb_err *err)
{
    const struct cb_str id = app->facts.software_id;
    const bool silent = app->scheme == CB_SCHEME_OBUK && id.n == 0;
    CB_ENSURE(!is_good(app) || silent || cb_str_eq_nocase(id, cb_application_software_id(app)),
              CB_E_REGISTRATION, "the client certificate is of another software than software_statement");
    return CB_OK;
}

static cb_status match(const struct cb_application *app, enum cb_subject_kind kind, struct cb_err *err)
{
    struct cb_client client = { .method = CB_AUTH_TLS_CLIENT, .subject_kind = kind };
    struct cb_err why = { 0 };
    struct cb_str text;
    CB_ENSURE(cb_json_get_str(app->metadata, cb_subject_kind_name(kind), &text), CB_E_REGISTRATION,
              "%s is not a string", cb_subject_kind_name(kind));
    const char *subject = cb_arena_cstr(app->arena, text);
    CB_ENSURE(subject != NULL, CB_E_MEMORY, "subject");
    client.subject = (struct cb_str){ subject, text.n };
    CB_ENSURE(!CB_FAILED(cb_client_match(app->arena, &client, app->certificate, &why)), CB_E_REGISTRATION,
              "%s is not the client certificate's: %.150s", cb_subject_kind_name(kind), why.detail);
    return CB_OK;
}

static cb_status subject(const struct cb_application *app, struct cb_err *err)
{
    if (method_of(app) != CB_AUTH_TLS_CLIENT) {
        return CB_OK;
    }
    for (enum cb_subject_kind k = CB_SUBJECT_DN; k < CB_SUBJECT__MAX; k++) {
        if (cb_claims_has(app->metadata, cb_subject_kind_name(k))) {
            CB_TRY(match(app, k, err));
        }
    }
    return CB_OK;
}

enum { BANKING = CB_SCHEME_OBUK | CB_SCHEME_OFBR };

/* clang-format off */
static const struct cb_rule rules[] = {
    { "certificate_trusted", CB_SCHEMES_ALL, CB_HAS_CERTIFICATE, CB_E_DCR_METADATA, trusted },
    { "certificate_organisation", BANKING, CB_HAS_CERTIFICATE, CB_E_DCR_STATEMENT, organisation },
    { "certificate_software", BANKING, CB_HAS_CERTIFICATE, CB_E_DCR_STATEMENT, software },
    { "certificate_subject", CB_SCHEMES_ALL, CB_HAS_CERTIFICATE, CB_E_DCR_METADATA, subject },
};
/* clang-format on */
const struct cb_rule_table cb_rules_certificate = { rules, CB_COUNT(rules) };
