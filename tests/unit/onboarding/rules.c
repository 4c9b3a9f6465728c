#include "onboarding/rules.h"

#include <criterion/criterion.h>

#include "applicant.h"
#include "cert/qc.h"
#include "testlib/pki.h"

TestSuite(rules, .init = applicant_setup, .fini = applicant_teardown);

static const char *const directories[] = { "uk", "brazil", "sandbox" };

static struct cb_report judge(const struct cb_application *app)
{
    struct cb_report report = { .count = 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_rules_judge(app, &report, &err)), "%s", err.detail);
    return report;
}

static const struct cb_violation *violation_of(const struct cb_report *r, const char *rule)
{
    for (size_t i = 0; i < r->count; i++) {
        if (cb_str_is(cb_str_of(rule), r->violations[i].rule)) {
            return &r->violations[i];
        }
    }
    return NULL;
}

static void expect_only(const struct cb_report *r, const char *rule, enum cb_code code, const char *text)
{
    const struct cb_violation *v = violation_of(r, rule);
    cr_assert_not_null(v, "%s did not refuse: %s", rule, text);
    cr_expect_eq(v->code, code, "%s: %s", rule, cb_code_reason(v->code));
    cr_expect_str_eq(v->text, text);
    for (size_t i = 0; i < r->count; i++) {
        cr_expect_str_eq(r->violations[i].rule, rule, "%s also broke %s: %s", text, r->violations[i].rule,
                         r->violations[i].text);
    }
}

Test(rules, let_good_applications_pass)
{
    for (size_t i = 0; i < CB_COUNT(directories); i++) {
        struct applicant a = applicant_of(directories[i]);
        const struct cb_application app = applicant_read(&a);
        const struct cb_report r = judge(&app);
        cr_expect_eq(r.count, 0, "%s: %s: %s", directories[i], r.violations[0].rule, r.violations[0].text);
        cr_expect_eq(r.unjudged_count, 0);
        cr_expect_not(CB_FAILED(cb_report_verdict(&r, NULL)));
        applicant_free(&a);
    }
}

/* One member of a good application is set, or taken away where the value is NULL, and one rule is broken. */
struct spoilt {
    const char *rule;
    const char *directory;
    enum part part;
    const char *member, *value;
    enum cb_code code;
    const char *text;
};

#define LONG_DN                                                                                              \
    "CN=" ORG_ID ",OU=0123456789012345678901234567890123456789012345678901234567890123,OU=012345678901234"   \
    "567890123456"

#define ZEROS_16 "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,"
#define ZEROS    ZEROS_16 ZEROS_16 ZEROS_16 ZEROS_16 "0" /* 65 */

/* clang-format off */
static const struct spoilt statement[] = {
    { "statement_algorithm", "uk", STATEMENT_HEADER, "alg", "\"ES256\"", CB_E_DCR_STATEMENT, "software_statement must be signed with PS256" },
    { "statement_algorithm", "uk", STATEMENT_HEADER, "alg", "\"RS256\"", CB_E_DCR_STATEMENT, "software_statement must be signed with PS256" },
    { "statement_algorithm", "brazil", STATEMENT_HEADER, "alg", "\"EdDSA\"", CB_E_DCR_STATEMENT, "software_statement must be signed with PS256" },
    { "statement_algorithm", "sandbox", STATEMENT_HEADER, "alg", "\"none\"", CB_E_DCR_STATEMENT, "software_statement must be signed with PS256, ES256 or EdDSA" },
    { "statement_algorithm", "sandbox", STATEMENT_HEADER, "alg", "\"HS256\"", CB_E_DCR_STATEMENT, "software_statement must be signed with PS256, ES256 or EdDSA" },
    { "statement_algorithm", "sandbox", STATEMENT_HEADER, "alg", "\"RS256\"", CB_E_DCR_STATEMENT, "software_statement must be signed with PS256, ES256 or EdDSA" },
    { "statement_type", "uk", STATEMENT_HEADER, "typ", "\"at+jwt\"", CB_E_DCR_STATEMENT, "typ of software_statement must be JWT or absent" },
    { "statement_type", "sandbox", STATEMENT_HEADER, "typ", "1", CB_E_DCR_STATEMENT, "typ of software_statement must be JWT or absent" },
    { "statement_expiry", "sandbox", STATEMENT, "exp", "1800000000", CB_E_DCR_STATEMENT, "software_statement expired at 2027-01-15T08:00:00Z" },
    { "statement_expiry", "uk", STATEMENT, "exp", "\"tomorrow\"", CB_E_DCR_STATEMENT, "exp of software_statement is no time" },
    { "statement_expiry", "uk", STATEMENT, "exp", "1e300", CB_E_DCR_STATEMENT, "exp of software_statement is no time" },
    { "statement_start", "uk", STATEMENT, "iat", "1800000061", CB_E_DCR_STATEMENT, "iat of software_statement is in the future" },
    { "statement_start", "sandbox", STATEMENT, "nbf", "1800000061", CB_E_DCR_STATEMENT, "nbf of software_statement is in the future" },
    { "statement_start", "sandbox", STATEMENT, "nbf", "-1", CB_E_DCR_STATEMENT, "nbf of software_statement is no time" },
    { "statement_age", "brazil", STATEMENT, "iat", "1799999699", CB_E_DCR_STATEMENT, "software_statement is older than 300 seconds: fetch a new one" },
    { "statement_age", "brazil", STATEMENT, "iat", NULL, CB_E_DCR_STATEMENT, "software_statement needs an iat" },
    { "statement_software", "sandbox", STATEMENT, "software_id", "\"a b\"", CB_E_DCR_STATEMENT, "software_id of software_statement is not 1 to 128 printable characters" },
    { "statement_organisation", "brazil", STATEMENT, "org_id", NULL, CB_E_DCR_STATEMENT, "org_id of software_statement is not 1 to 128 printable characters" },
    { "statement_organisation", "uk", STATEMENT, "org_id", "\"0015800001041REAAYx\"", CB_E_DCR_STATEMENT, "org_id of software_statement is not 1 to 18 letters and digits" },
    { "statement_organisation", "uk", STATEMENT, "org_id", "\"00158-001041REAAY\"", CB_E_DCR_STATEMENT, "org_id of software_statement is not 1 to 18 letters and digits" },
    { "statement_organisation_active", "uk", STATEMENT, "org_status", "\"Revoked\"", CB_E_DCR_STATEMENT, "org_status of software_statement is not Active" },
    { "statement_organisation_active", "brazil", STATEMENT, "org_status", NULL, CB_E_DCR_STATEMENT, "org_status of software_statement is not Active" },
};
static const struct spoilt request[] = {
    { "request_algorithm", "uk", REQUEST_HEADER, "alg", "\"EdDSA\"", CB_E_DCR_METADATA, "the request must be signed with PS256 or ES256" },
    { "request_algorithm", "uk", REQUEST_HEADER, "alg", "\"none\"", CB_E_DCR_METADATA, "the request must be signed with PS256 or ES256" },
    { "request_type", "uk", REQUEST_HEADER, "typ", "\"at+jwt\"", CB_E_DCR_METADATA, "typ of the request must be JWT or absent" },
    { "request_keys", "uk", STATEMENT, "software_jwks_endpoint", NULL, CB_E_DCR_STATEMENT, "software_statement names no https software_jwks_endpoint" },
    { "request_issuer", "uk", REQUEST, "iss", "\"someone\"", CB_E_DCR_METADATA, "iss of the request is not the software_id of software_statement" },
    { "request_software", "uk", REQUEST, "software_id", "\"another\"", CB_E_DCR_METADATA, "software_id is not that of software_statement" },
    { "request_audience", "uk", REQUEST, "aud", "\"https://other.example\"", CB_E_DCR_METADATA, "aud of the request does not name this server" },
    { "request_audience", "uk", REQUEST, "aud", "[\"x\",1]", CB_E_DCR_METADATA, "aud of the request does not name this server" },
    { "request_audience", "uk", REQUEST, "aud", NULL, CB_E_DCR_METADATA, "aud of the request does not name this server" },
    { "request_times", "uk", REQUEST, "exp", "1800000000", CB_E_DCR_METADATA, "the request has expired" },
    { "request_times", "uk", REQUEST, "exp", "1800003601", CB_E_DCR_METADATA, "exp of the request is more than 3600 seconds ahead" },
    { "request_times", "uk", REQUEST, "exp", NULL, CB_E_DCR_METADATA, "the request needs an exp" },
    { "request_times", "uk", REQUEST, "iat", NULL, CB_E_DCR_METADATA, "the request needs an iat" },
    { "request_times", "uk", REQUEST, "iat", "1800000061", CB_E_DCR_METADATA, "iat of the request is in the future" },
    { "request_times", "uk", REQUEST, "nbf", "1800000061", CB_E_DCR_METADATA, "nbf of the request is in the future" },
    { "request_id", "uk", REQUEST, "jti", NULL, CB_E_DCR_METADATA, "jti of the request is not a UUID of version 4" },
    { "request_id", "uk", REQUEST, "jti", "\"cc0fb1a4-2b6b-1a1c-9f7e-1d0a0c0f0e0d\"", CB_E_DCR_METADATA, "jti of the request is not a UUID of version 4" },
    { "request_id", "uk", REQUEST, "jti", "\"cc0fb1a4-2b6b-4a1c-7f7e-1d0a0c0f0e0d\"", CB_E_DCR_METADATA, "jti of the request is not a UUID of version 4" },
};
static const struct spoilt redirect[] = {
    { "redirect_uris_present", "uk", REQUEST, "redirect_uris", NULL, CB_E_DCR_REDIRECT_URI, "redirect_uris is missing" },
    { "redirect_uris_present", "brazil", REQUEST, "redirect_uris", "null", CB_E_DCR_REDIRECT_URI, "redirect_uris is missing" },
    { "redirect_uris_form", "sandbox", REQUEST, "redirect_uris", "[]", CB_E_DCR_REDIRECT_URI, "redirect_uris is not an array of 1 to 64 strings" },
    { "redirect_uris_form", "sandbox", REQUEST, "redirect_uris", "\"https://a.example\"", CB_E_DCR_REDIRECT_URI, "redirect_uris is not an array of 1 to 64 strings" },
    { "redirect_uris_form", "sandbox", REQUEST, "redirect_uris", "[\"https://a.example\",\"http://a.example\"]", CB_E_DCR_REDIRECT_URI, "redirect_uris[1] is not an https URL without user, fragment or blanks" },
    { "redirect_uris_form", "sandbox", REQUEST, "redirect_uris", "[\"https://a.example/#x\"]", CB_E_DCR_REDIRECT_URI, "redirect_uris[0] is not an https URL without user, fragment or blanks" },
    { "redirect_uris_form", "sandbox", REQUEST, "redirect_uris", "[\"https://u@a.example\"]", CB_E_DCR_REDIRECT_URI, "redirect_uris[0] is not an https URL without user, fragment or blanks" },
    { "redirect_uris_form", "sandbox", REQUEST, "redirect_uris", "[\"javascript:alert(1)\"]", CB_E_DCR_REDIRECT_URI, "redirect_uris[0] is not an https URL without user, fragment or blanks" },
    { "redirect_uris_in_statement", "uk", REQUEST, "redirect_uris", "[\"https://acme.example/cb\",\"https://acme.example/cb/\"]", CB_E_DCR_REDIRECT_URI, "redirect_uris[1] is not among the software_redirect_uris of software_statement" },
    { "redirect_uris_in_statement", "uk", REQUEST, "redirect_uris", "[\"https://ACME.example/cb\"]", CB_E_DCR_REDIRECT_URI, "redirect_uris[0] is not among the software_redirect_uris of software_statement" },
    { "redirect_uris_in_statement", "brazil", STATEMENT, "software_redirect_uris", NULL, CB_E_DCR_REDIRECT_URI, "redirect_uris[0] is not among the software_redirect_uris of software_statement" },
};
static const struct spoilt authentication[] = {
    { "authentication_method", "uk", REQUEST, "token_endpoint_auth_method", "\"private_key_jwt\"", CB_E_DCR_METADATA, "token_endpoint_auth_method must be tls_client_auth" },
    { "authentication_method", "brazil", REQUEST, "token_endpoint_auth_method", "\"private_key_jwt\"", CB_E_DCR_METADATA, "token_endpoint_auth_method must be tls_client_auth" },
    { "authentication_method", "sandbox", REQUEST, "token_endpoint_auth_method", NULL, CB_E_DCR_METADATA, "token_endpoint_auth_method must be tls_client_auth or self_signed_tls_client_auth" },
    { "authentication_method", "sandbox", REQUEST, "token_endpoint_auth_method", "\"client_secret_basic\"", CB_E_DCR_METADATA, "token_endpoint_auth_method must be tls_client_auth or self_signed_tls_client_auth" },
    { "authentication_subject", "sandbox", REQUEST, "tls_client_auth_subject_dn", NULL, CB_E_DCR_METADATA, "give exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, _san_email" },
    { "authentication_subject", "uk", REQUEST, "tls_client_auth_subject_dn", NULL, CB_E_DCR_METADATA, "give tls_client_auth_subject_dn and no other subject" },
    { "authentication_subject_form", "brazil", REQUEST, "tls_client_auth_subject_dn", "\"CN=acme.example,UID=" UUID ",2.5.4.97=OFBBR-" UUID2 ",O=Acme,C=BR\"", CB_E_DCR_METADATA, "tls_client_auth_subject_dn must be in the form of RFC 4514, with CN L ST O OU C STREET DC UID by name and every other attribute as OID=#hex" },
    { "keys_once", "sandbox", REQUEST, "both", NULL, CB_E_DCR_METADATA, "give jwks or jwks_uri, not both" },
    { "keys_form", "sandbox", REQUEST, "jwks_uri", "\"http://keys.example/\"", CB_E_DCR_METADATA, "jwks_uri is not an https URL without user, fragment or blanks" },
    { "keys_form", "sandbox", REQUEST, "jwks", "\"x\"", CB_E_DCR_METADATA, "jwks is not a JWK set of at most 64 keys" },
    { "keys_form", "sandbox", REQUEST, "jwks", "{}", CB_E_DCR_METADATA, "jwks is not a JWK set of at most 64 keys" },
    { "keys_form", "sandbox", REQUEST, "jwks", "{\"keys\":{}}", CB_E_DCR_METADATA, "jwks is not a JWK set of at most 64 keys" },
    { "keys_form", "sandbox", REQUEST, "jwks", "{\"keys\":[" ZEROS "]}", CB_E_DCR_METADATA, "jwks is not a JWK set of at most 64 keys" },
    { "keys_form", "sandbox", REQUEST, "jwks", "{\"keys\":[{},0]}", CB_E_DCR_METADATA, "key 2 of jwks is no object" },
    { "keys_form", "sandbox", REQUEST, "jwks", "{\"keys\":[{\"kty\":\"EC\",\"d\":\"AA\"}]}", CB_E_DCR_METADATA, "key 1 of jwks is private: register public keys only, and replace this key" },
    { "keys_form", "sandbox", STATEMENT, "jwks", "{\"keys\":[{},{\"kty\":\"oct\",\"k\":\"AA\"}]}", CB_E_DCR_METADATA, "key 2 of jwks is private: register public keys only, and replace this key" },
    { "keys_of_statement", "brazil", REQUEST, "jwks_uri", NULL, CB_E_DCR_METADATA, "jwks_uri is missing" },
    { "keys_of_statement", "brazil", REQUEST, "jwks_uri", "\"https://keys.example/other\"", CB_E_DCR_METADATA, "jwks_uri is not the one of software_statement" },
    { "keys_of_statement", "uk", REQUEST, "jwks_uri", "\"https://keys.example/other\"", CB_E_DCR_METADATA, "jwks_uri is not the one of software_statement" },
};
static const struct spoilt metadata[] = {
    { "metadata_texts", "sandbox", STATEMENT, "client_name", "7", CB_E_DCR_METADATA, "client_name is not a string of at most 512 bytes without control characters" },
    { "metadata_texts", "sandbox", REQUEST, "software_version", "\"a\\nb\"", CB_E_DCR_METADATA, "software_version is not a string of at most 512 bytes without control characters" },
    { "metadata_lists", "sandbox", REQUEST, "contacts", "\"a@b\"", CB_E_DCR_METADATA, "contacts is not an array of 1 to 32 strings" },
    { "metadata_lists", "sandbox", REQUEST, "contacts", "[\"a@b\",\"c\\u0007\"]", CB_E_DCR_METADATA, "contacts[1] holds control characters or is longer than 512 bytes" },
    { "metadata_pages", "sandbox", REQUEST, "logo_uri", "\"data:image/png,x\"", CB_E_DCR_METADATA, "logo_uri is not an https or http URL" },
    { "metadata_pages", "uk", STATEMENT, "software_tos_uri", "\"javascript:x\"", CB_E_DCR_METADATA, "tos_uri is not an https or http URL" },
    { "metadata_algorithms", "uk", REQUEST, "id_token_signed_response_alg", "\"RS256\"", CB_E_DCR_METADATA, "id_token_signed_response_alg must be PS256, ES256 or EdDSA" },
    { "metadata_algorithms", "uk", REQUEST, "request_object_signing_alg", "\"none\"", CB_E_DCR_METADATA, "request_object_signing_alg must be PS256, ES256 or EdDSA" },
    { "grant_types", "uk", REQUEST, "grant_types", "[\"authorization_code\"]", CB_E_DCR_METADATA, "grant_types must hold client_credentials, the one that is offered here" },
    { "grant_types", "sandbox", REQUEST, "grant_types", "\"client_credentials\"", CB_E_DCR_METADATA, "grant_types is not an array of 1 to 32 strings" },
    { "response_types", "uk", REQUEST, "response_types", "\"code\"", CB_E_DCR_METADATA, "response_types is not an array of at most 32 strings" },
    { "application_type", "sandbox", REQUEST, "application_type", "\"mobile\"", CB_E_DCR_METADATA, "application_type must be web or native" },
    { "bound_tokens", "sandbox", REQUEST, "tls_client_certificate_bound_access_tokens", "false", CB_E_DCR_METADATA, "tls_client_certificate_bound_access_tokens must be true: every token here is bound" },
    { "scope_known", "uk", REQUEST, "scope", "\"openid accounts everything\"", CB_E_DCR_METADATA, "word 3 of scope does not exist on this server" },
    { "scope_allowed", "uk", REQUEST, "scope", "\"fundsconfirmations\"", CB_E_DCR_METADATA, "the roles of software_statement allow nothing of scope" },
    { "scope_allowed", "uk", STATEMENT, "software_roles", "[\"CBPII\"]", CB_E_DCR_METADATA, "the roles of software_statement allow nothing of scope" },
    { "scope_allowed", "brazil", REQUEST, "scope", "\"openid payments\"", CB_E_DCR_METADATA, "the roles of software_statement allow nothing of scope" },
    { "scope_allowed", "sandbox", REQUEST, "scope", NULL, CB_E_DCR_METADATA, "scope names nothing that this client may have" },
    { "scope_allowed", "sandbox", REQUEST, "scope", "\"openid\"", CB_E_DCR_METADATA, "scope names nothing that this client may have" },
};
/* clang-format on */

static void expect_spoilt(const struct spoilt *s)
{
    struct applicant a = applicant_of(s->directory);
    if (cb_str_is(cb_str_of(s->member), "both")) {
        applicant_set(&a, s->part, "jwks", "{\"keys\":[]}");
        applicant_set(&a, s->part, "jwks_uri", "\"https://keys.example/a\"");
    } else {
        applicant_set(&a, s->part, s->member, s->value);
    }
    const struct cb_application app = applicant_read(&a);
    const struct cb_report r = judge(&app);
    expect_only(&r, s->rule, s->code, s->text);
    applicant_free(&a);
}

#define TABLE_TEST(table)                                                                                    \
    Test(rules, refuse_a_spoilt_##table)                                                                     \
    {                                                                                                        \
        for (size_t i = 0; i < CB_COUNT(table); i++) {                                                       \
            expect_spoilt(&table[i]);                                                                        \
        }                                                                                                    \
    }
TABLE_TEST(statement)
TABLE_TEST(request)
TABLE_TEST(redirect)
TABLE_TEST(authentication)
TABLE_TEST(metadata)

/* --- rules that several members, or other facts than members, break --- */

struct prepared {
    const char *rule;
    const char *directory;
    void (*spoil)(struct applicant *a);
    void (*spoil_read)(struct cb_application *app);
    enum cb_code code;
    const char *text;
};

static void forged_statement(struct cb_application *app)
{
    cb_err_set(&app->statement_verdict, CB_E_JWS_SIGNATURE, "", 0, "the signature does not verify");
}

static void forged_request(struct cb_application *app)
{
    cb_err_set(&app->request_verdict, CB_E_JWS_SIGNATURE, "", 0, "the signature does not verify");
}

static void expired_certificate(struct cb_application *app)
{
    cb_err_set(&app->certificate_verdict, CB_E_CERT_EXPIRED, "", 0, "certificate expired");
    app->facts = (struct cb_profile_facts){ .form = CB_FORM_NONE };
}

static void other_organisation(struct cb_application *app)
{
    app->facts.organisation_id = CB_STR("0015800000000REAAY");
}

static void other_software(struct cb_application *app)
{
    app->facts.software_id = CB_STR("another");
}

static void unknown_authority(struct cb_application *app)
{
    app->facts =
        (struct cb_profile_facts){ .form = CB_FORM_QWAC, .organisation = CB_STR("PSDGB-FCA-999999") };
}

static void card_issuer(struct cb_application *app)
{
    app->facts.limits_scopes = true;
    app->facts.roles = 1U << CB_PSP_CARD_INSTRUMENTS;
}

static void name_competent_authority(struct applicant *a)
{
    applicant_set(a, STATEMENT, "organisation_competent_authority_claims",
                  "{\"authority_id\":\"FCAGBR\",\"registration_id\":\"123456\"}");
}

static void long_software_id(struct applicant *a)
{
    applicant_set(a, STATEMENT, "software_id", "\"4tAzFgVTa8xZ8zRqLxyXbPx\"");
    applicant_set(a, REQUEST, "software_id", "\"4tAzFgVTa8xZ8zRqLxyXbPx\"");
    applicant_set(a, REQUEST, "iss", "\"4tAzFgVTa8xZ8zRqLxyXbPx\"");
}

static void no_roles(struct applicant *a)
{
    applicant_set(a, STATEMENT, "software_statement_roles", "[{\"role\":\"DADOS\",\"status\":\"Inactive\"}]");
}

static void roles_malformed(struct applicant *a)
{
    applicant_set(a, STATEMENT, "software_roles", "[1]");
}

static void plain_json(struct applicant *a)
{
    a->is_signed = false;
}

static void signed_json(struct applicant *a)
{
    a->is_signed = true;
    applicant_set(a, REQUEST_HEADER, "alg", "\"PS256\"");
}

static void local_redirect(struct applicant *a)
{
    applicant_set(a, REQUEST, "redirect_uris", "[\"https://localhost:8443/cb\"]");
    applicant_set(a, STATEMENT, "software_redirect_uris", "[\"https://localhost:8443/cb\"]");
}

static void two_subjects(struct applicant *a)
{
    applicant_set(a, REQUEST, "tls_client_auth_san_dns", "\"acme.example\"");
}

static void self_signed_with_subject(struct applicant *a)
{
    applicant_set(a, REQUEST, "token_endpoint_auth_method", "\"self_signed_tls_client_auth\"");
    applicant_set(a, REQUEST, "jwks_uri", "\"https://keys.example/a\"");
}

static void self_signed_without_keys(struct applicant *a)
{
    applicant_set(a, REQUEST, "token_endpoint_auth_method", "\"self_signed_tls_client_auth\"");
    applicant_set(a, REQUEST, "tls_client_auth_subject_dn", NULL);
}

static void keys_by_value(struct applicant *a)
{
    applicant_set(a, REQUEST, "jwks", "{\"keys\":[]}");
}

static void scope_of_a_number(struct applicant *a)
{
    applicant_set(a, REQUEST, "scope", "7");
}

static void two_blanks(struct applicant *a)
{
    applicant_set(a, REQUEST, "scope", "\"accounts  payments\"");
}

/* clang-format off */
static const struct prepared prepared[] = {
    { "certificate_trusted", "uk", NULL, expired_certificate, CB_E_CERT_EXPIRED, "certificate expired" },
    { "certificate_organisation", "uk", NULL, other_organisation, CB_E_DCR_STATEMENT, "the client certificate is of another organisation than software_statement" },
    { "certificate_organisation", "brazil", NULL, other_organisation, CB_E_DCR_STATEMENT, "the client certificate is of another organisation than software_statement" },
    { "certificate_organisation", "uk", name_competent_authority, unknown_authority, CB_E_DCR_STATEMENT, "the client certificate is of another organisation than software_statement" },
    { "certificate_software", "uk", NULL, other_software, CB_E_DCR_STATEMENT, "the client certificate is of another software than software_statement" },
    { "certificate_software", "brazil", NULL, other_software, CB_E_DCR_STATEMENT, "the client certificate is of another software than software_statement" },
    { "statement_signature", "uk", NULL, forged_statement, CB_E_DCR_STATEMENT, "software_statement is not signed by its directory: the signature does not verify" },
    { "statement_software", "uk", long_software_id, NULL, CB_E_DCR_STATEMENT, "software_id of software_statement is not 1 to 22 letters and digits" },
    { "request_form", "uk", plain_json, NULL, CB_E_DCR_METADATA, "send a signed request, as application/jose" },
    { "request_form", "brazil", signed_json, NULL, CB_E_DCR_METADATA, "send plain JSON, as application/json" },
    { "request_signature", "uk", NULL, forged_request, CB_E_DCR_METADATA, "the request is not signed by a key of software_jwks_endpoint: the signature does not verify" },
    { "redirect_uris_not_local", "uk", local_redirect, NULL, CB_E_DCR_REDIRECT_URI, "redirect_uris[0] leads to localhost" },
    { "authentication_subject", "brazil", two_subjects, NULL, CB_E_DCR_METADATA, "give tls_client_auth_subject_dn and no other subject" },
    { "authentication_subject", "sandbox", self_signed_with_subject, NULL, CB_E_DCR_METADATA, "self_signed_tls_client_auth takes no tls_client_auth_ subject" },
    { "keys_given", "sandbox", self_signed_without_keys, NULL, CB_E_DCR_METADATA, "self_signed_tls_client_auth needs the certificates, in jwks or jwks_uri" },
    { "scope_form", "sandbox", scope_of_a_number, NULL, CB_E_DCR_METADATA, "scope is not a string of at most 1024 bytes" },
    { "scope_form", "sandbox", two_blanks, NULL, CB_E_DCR_METADATA, "scope must be words separated by single spaces" },
    { "scope_of_certificate", "uk", NULL, card_issuer, CB_E_DCR_METADATA, "the roles of the client certificate allow nothing of what would be registered" },
};
/* clang-format on */

static struct cb_report judge_prepared(void (*spoil)(struct applicant *),
                                       void (*spoil_read)(struct cb_application *), const char *directory)
{
    struct applicant a = applicant_of(directory);
    if (spoil != NULL) {
        spoil(&a);
    }
    struct cb_application app = applicant_read(&a);
    if (spoil_read != NULL) {
        spoil_read(&app);
    }
    const struct cb_report r = judge(&app);
    applicant_free(&a);
    return r;
}

Test(rules, refuse_what_is_prepared)
{
    for (size_t i = 0; i < CB_COUNT(prepared); i++) {
        const struct prepared *p = &prepared[i];
        const struct cb_report r = judge_prepared(p->spoil, p->spoil_read, p->directory);
        const struct cb_violation *v = violation_of(&r, p->rule);
        cr_assert_not_null(v, "%s did not refuse: %s", p->rule, p->text);
        cr_expect_eq(v->code, p->code, "%s: %s", p->rule, cb_code_reason(v->code));
        cr_expect_str_eq(v->text, p->text);
    }
}

static void expect_broken(const struct cb_report *r, const char *rule, const char *text)
{
    const struct cb_violation *v = violation_of(r, rule);
    cr_assert_not_null(v, "%s", rule);
    cr_expect_str_eq(v->text, text);
}

Test(rules, refuse_roles_that_are_none)
{
    const struct cb_report brazil = judge_prepared(no_roles, NULL, "brazil");
    expect_broken(&brazil, "statement_roles", "software_statement has no active role");
    const struct cb_report uk = judge_prepared(roles_malformed, NULL, "uk");
    expect_broken(&uk, "statement_roles", "software_roles[0] is not a string");
    cr_expect_eq(violation_of(&uk, "statement_roles")->code, CB_E_DCR_STATEMENT);
}

Test(rules, refuse_keys_by_value_in_open_banking)
{
    const struct cb_report r = judge_prepared(keys_by_value, NULL, "brazil");
    expect_broken(&r, "keys_by_value", "jwks must not be given: the keys are at jwks_uri");
}

Test(rules, accept_an_eidas_certificate_by_its_competent_authority)
{
    struct applicant a = applicant_of("uk");
    name_competent_authority(&a);
    struct cb_application app = applicant_read(&a);
    app.facts = (struct cb_profile_facts){ .form = CB_FORM_QWAC, .organisation = CB_STR("PSDGB-FCA-123456") };
    cr_expect_eq(judge(&app).count, 0);
    applicant_free(&a);
}

Test(rules, compare_the_subject_as_decoded_names)
{
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, REQUEST, "tls_client_auth_subject_dn", "\"cn=ACME,  o=acme\"");
    struct cb_application app = applicant_read(&a);
    cr_expect_eq(judge(&app).count, 0);

    applicant_set(&a, REQUEST, "tls_client_auth_subject_dn", "\"CN=acme,O=Acme Ltd\"");
    app = applicant_read(&a);
    const struct cb_report r = judge(&app);
    expect_only(&r, "certificate_subject", CB_E_DCR_METADATA,
                "tls_client_auth_subject_dn is not the client certificate's: RDN 2: registered O=Acme Ltd, "
                "certificate O=Acme");
    applicant_free(&a);
}

Test(rules, count_characters_of_a_subject_in_the_uk)
{
    static const char at_limit[] = "CN=" ORG_ID ",O=\xc3\xa9\xc3\xa9" /* 2 characters, 4 bytes */
                                   "0123456789012345678901234567890123456789012345678901234567890123456789012"
                                   "34567890123456789012345678901";
    struct applicant a = applicant_of("uk");
    char text[256];
    for (int more = 0; more < 2; more++) {
        (void)snprintf(text, sizeof text, "\"%s%s\"", at_limit, more == 0 ? "" : "x");
        applicant_set(&a, REQUEST, "tls_client_auth_subject_dn", text);
        const struct cb_application app = applicant_read(&a);
        const struct cb_report r = judge(&app);
        const struct cb_violation *v = violation_of(&r, "authentication_subject_length");
        cr_expect_eq(v != NULL, more == 1);
        cr_expect(v == NULL ||
                  cb_str_is(cb_str_of(v->text), "tls_client_auth_subject_dn is longer than 128 characters"));
    }
    applicant_free(&a);
}

/* --- replacing a registration: RFC 7592 section 2.2 --- */

static struct cb_client_record registered_as(const char *directory, const char *software_id)
{
    return (struct cb_client_record){ .client_id = CB_STR("c-1"),
                                      .directory = cb_str_of(directory),
                                      .software_id = cb_str_of(software_id) };
}

Test(rules, want_the_client_id_of_the_path)
{
    struct applicant a = applicant_of("sandbox");
    const struct cb_client_record r = registered_as("sandbox", "acme-1");
    struct cb_application app = applicant_read(&a);
    app.registered = &r;
    struct cb_report report = judge(&app);
    expect_only(&report, "request_client", CB_E_DCR_METADATA,
                "client_id must be there and be the one of the path");

    applicant_set(&a, REQUEST, "client_id", "\"c-1\"");
    app = applicant_read(&a);
    app.registered = &r;
    cr_expect_eq(judge(&app).count, 0);

    applicant_set(&a, REQUEST, "client_id", "\"c-2\"");
    app = applicant_read(&a);
    app.registered = &r;
    report = judge(&app);
    expect_only(&report, "request_client", CB_E_DCR_METADATA,
                "client_id must be there and be the one of the path");
    applicant_free(&a);
}

Test(rules, leave_to_the_server_what_is_its_own)
{
    static const char *const members[] = { "registration_access_token", "registration_client_uri",
                                           "client_secret_expires_at", "client_id_issued_at",
                                           "client_secret" };
    const struct cb_client_record r = registered_as("sandbox", "acme-1");
    for (size_t i = 0; i < CB_COUNT(members); i++) {
        struct applicant a = applicant_of("sandbox");
        char text[128];
        (void)snprintf(text, sizeof text, "%s is the server's to say: leave it out", members[i]);
        applicant_set(&a, REQUEST, "client_id", "\"c-1\"");
        applicant_set(&a, REQUEST, members[i], "0");
        struct cb_application app = applicant_read(&a);
        cr_expect_eq(judge(&app).count, 0); /* unknown members of a first registration are ignored */
        app.registered = &r;
        const struct cb_report report = judge(&app);
        expect_only(&report, "request_servers_own", CB_E_DCR_METADATA, text);
        applicant_free(&a);
    }
}

Test(rules, keep_a_client_with_its_software)
{
    struct applicant a = applicant_of("uk");
    const struct cb_client_record other_directory = registered_as("brazil", SOFTWARE);
    const struct cb_client_record other_software = registered_as("uk", "x");
    struct cb_application app = applicant_read(&a);
    app.registered = &other_directory;
    struct cb_report r = judge(&app);
    expect_only(&r, "statement_same_software", CB_E_DCR_STATEMENT,
                "this client was registered with a statement of another directory");
    app.registered = &other_software;
    r = judge(&app);
    expect_only(&r, "statement_same_software", CB_E_DCR_STATEMENT,
                "this client was registered with a statement of another software");
    applicant_free(&a);
}

Test(rules, keep_what_a_newer_statement_took_back)
{
    enum { IAT = 1799990000 };
    static const struct {
        const char *iat;
        int64_t registered;
        size_t violations;
    } rows[] = {
        { "1799990000", 0, 0 },   { "1799990000", IAT - 1, 0 },
        { "1799990000", IAT, 0 }, { "1799990000", IAT + 1, 1 },
        { NULL, 0, 0 },           { NULL, 1, 1 },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct applicant a = applicant_of("uk");
        applicant_set(&a, STATEMENT, "iat", rows[i].iat);
        struct cb_client_record before = registered_as("uk", SOFTWARE);
        before.statement_issued_at = rows[i].registered;
        struct cb_application app = applicant_read(&a);
        cr_expect_eq(judge(&app).count, 0, "row %zu: a first registration", i);
        app.registered = &before;
        const struct cb_report r = judge(&app);
        cr_assert_eq(r.count, rows[i].violations, "row %zu", i);
        if (r.count > 0) {
            expect_only(&r, "statement_newest", CB_E_DCR_STATEMENT,
                        "software_statement is older than the one that this client is registered with");
        }
        applicant_free(&a);
    }
}

Test(rules, take_the_age_of_statements_from_the_configuration)
{
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, STATEMENT, "iat", "1799999900");
    struct cb_application app = applicant_read(&a);
    struct cb_config_directory strict = *app.directory;
    app.directory = &strict;
    strict.statement_max_age_s = 100;
    cr_expect_eq(judge(&app).count, 0);
    strict.statement_max_age_s = 99;
    const struct cb_report r = judge(&app);
    expect_only(&r, "statement_age", CB_E_DCR_STATEMENT,
                "software_statement is older than 99 seconds: fetch a new one");
    applicant_free(&a);
}

/* --- the report --- */

Test(rules, let_the_first_violation_decide_and_name_them_all)
{
    struct applicant a = applicant_of("uk");
    applicant_set(&a, REQUEST, "scope", "\"everything\"");
    applicant_set(&a, REQUEST, "redirect_uris", "[\"https://evil.example\"]");
    applicant_set(&a, STATEMENT, "org_status", "\"Revoked\"");
    const struct cb_application app = applicant_read(&a);
    const struct cb_report r = judge(&app);
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_report_verdict(&r, &err)));
    cr_expect_eq(err.code, CB_E_DCR_STATEMENT);
    cr_expect_str_eq(err.detail,
                     "statement_organisation_active: org_status of software_statement is not Active");
    cr_expect_not_null(violation_of(&r, "redirect_uris_in_statement"));
    cr_expect_not_null(violation_of(&r, "scope_known"));
    cr_expect_eq(r.count, 4); /* and nothing is left of the scope */
    applicant_free(&a);
}

Test(rules, refuse_what_cannot_be_judged)
{
    struct applicant a = applicant_of("uk");
    struct cb_application app = applicant_read(&a);
    app.has = CB_HAS_STATEMENT_KEYS | CB_HAS_CERTIFICATE;
    const struct cb_report r = judge(&app);
    struct cb_err err = { 0 };
    cr_expect_eq(r.count, 0);
    cr_assert_eq(r.unjudged_count, 1);
    cr_expect_str_eq(r.unjudged[0], "request_signature");
    cr_expect(CB_FAILED(cb_report_verdict(&r, &err)));
    cr_expect_eq(err.code, CB_E_INTERNAL);
    applicant_free(&a);
}

Test(rules, have_names_of_their_own)
{
    for (size_t t = 0; t < cb_rules_all_count; t++) {
        for (size_t i = 0; i < cb_rules_all[t]->count; i++) {
            const struct cb_rule *rule = &cb_rules_all[t]->rules[i];
            size_t same = 0;
            for (size_t u = 0; u < cb_rules_all_count; u++) {
                for (size_t k = 0; k < cb_rules_all[u]->count; k++) {
                    same += cb_str_is(cb_str_of(rule->name), cb_rules_all[u]->rules[k].name);
                }
            }
            cr_expect_eq(same, 1, "%s", rule->name);
            cr_expect(rule->schemes != 0 && rule->refusal != CB_E_NONE && rule->check != NULL);
        }
    }
}
