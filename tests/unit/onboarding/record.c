#include "onboarding/record.h"

#include <criterion/criterion.h>

#include "applicant.h"

TestSuite(record, .init = applicant_setup, .fini = applicant_teardown);

static struct cb_client_record record_of(const struct cb_application *app)
{
    struct cb_client_record r = { .revision = 0 };
    struct cb_report report = { .count = 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_application_record(app, &report, &r, &err)), "%s", err.detail);
    cr_assert_eq(report.count, 0, "%s", report.violations[0].text);
    return r;
}

static const json_t *answer_of(const struct cb_client_record *r)
{
    struct cb_buf b;
    json_t *o = NULL;
    cb_buf_init(&b, 1 << 16);
    struct cb_json_out j = cb_json_out(&b);
    cb_json_open(&j, '{');
    cb_json_put_str(&j, "client_id", r->client_id);
    cb_application_describe(r, &j);
    cb_json_close(&j, '}');
    cr_assert_not(CB_FAILED(cb_claims_parse(&arena, cb_buf_str(&b), &o, NULL)), CB_STR_FMT,
                  CB_STR_ARG(cb_buf_str(&b)));
    cb_buf_done(&b);
    return o;
}

static void expect_text(const json_t *o, const char *name, const char *value)
{
    struct cb_str text = { 0 };
    cr_expect(cb_json_get_str(o, name, &text), "%s", name);
    cr_expect(cb_str_is(text, value), "%s: " CB_STR_FMT, name, CB_STR_ARG(text));
}

Test(record, says_who_vouched_for_what)
{
    struct applicant a = applicant_of("uk");
    applicant_set(&a, STATEMENT, "exp", "1800086400");
    const struct cb_application app = applicant_read(&a);
    const struct cb_client_record r = record_of(&app);
    cr_expect_eq(r.client_id.n, 22);
    cr_expect(cb_str_is(r.directory, "uk"));
    cr_expect(cb_str_is(r.trust_group, "partners"));
    cr_expect(cb_str_is(r.software_id, SOFTWARE));
    cr_expect(cb_str_is(r.organisation_id, ORG_ID));
    cr_expect(cb_str_is(r.roles, "AISP PISP"));
    cr_expect(cb_str_is(r.scope, "accounts"));
    cr_expect(cb_str_is(r.grant_types, "client_credentials"));
    cr_expect(cb_str_is(r.subject, OBUK_DN));
    cr_expect_eq(r.identity.n, 32);
    cr_expect_eq(r.statement_issued_at, 1799990000);
    cr_expect_eq(r.statement_expires_at, 1800086400);
    cr_expect_eq(r.created_at, NOW);
    cr_expect_eq(r.revision, 1);
    cr_expect(r.enabled);
    cr_expect_eq(r.jwks.n + r.jwks_uri.n, 0); /* they do not authenticate it */
    applicant_free(&a);
}

Test(record, is_answered_with_all_that_is_registered)
{
    struct applicant a = applicant_of("brazil");
    const struct cb_application app = applicant_read(&a);
    const struct cb_client_record r = record_of(&app);
    const json_t *o = answer_of(&r);
    expect_text(o, "client_name", "Acme");
    expect_text(o, "scope", "accounts resources");
    expect_text(o, "tls_client_auth_subject_dn", OFBR_DN); /* as it was asked for, not as we would print it */
    expect_text(o, "jwks_uri", "https://keys.example/acme.jwks");
    expect_text(o, "token_endpoint_auth_method", "tls_client_auth");
    struct cb_str statement = { 0 };
    (void)cb_json_get_str(o, "software_statement", &statement);
    cr_expect(cb_str_eq(statement, app.statement.text)); /* unmodified */
    cr_expect(json_is_true(json_object_get(o, "tls_client_certificate_bound_access_tokens")));
    cr_expect_eq(json_array_size(json_object_get(o, "grant_types")), 1);
    cr_expect(json_is_array(json_object_get(o, "response_types")));
    cr_expect_eq(json_array_size(json_object_get(o, "response_types")), 0);
    cr_expect_eq(json_array_size(json_object_get(o, "redirect_uris")), 1);
    cr_expect_null(json_object_get(o, "registration_access_token"));
    applicant_free(&a);
}

Test(record, leaves_out_what_it_does_not_know)
{
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, REQUEST, "client_id", "\"mine\"");
    applicant_set(&a, REQUEST, "client_secret", "\"mine too\"");
    applicant_set(&a, REQUEST, "x_extension", "{}");
    applicant_set(&a, REQUEST, "sector_identifier_uri", "\"https://evil.example\"");
    const struct cb_application app = applicant_read(&a);
    const struct cb_client_record r = record_of(&app);
    const json_t *o = answer_of(&r);
    cr_expect_null(json_object_get(o, "client_secret"));
    cr_expect_null(json_object_get(o, "x_extension"));
    cr_expect_null(json_object_get(o, "sector_identifier_uri"));
    cr_expect_not(cb_str_is(r.client_id, "mine"));
    applicant_free(&a);
}

Test(record, reports_what_the_registry_finds)
{
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, REQUEST, "tls_client_auth_subject_dn", NULL);
    applicant_set(&a, REQUEST, "tls_client_auth_san_dns", "\"*.acme.example\"");
    const struct cb_application app = applicant_read(&a);
    struct cb_client_record r = { .revision = 0 };
    struct cb_report report = { .count = 0 };
    cr_assert_not(CB_FAILED(cb_application_record(&app, &report, &r, NULL)));
    cr_assert_eq(report.count, 1);
    cr_expect_str_eq(report.violations[0].rule, "registration");
    cr_expect_eq(report.violations[0].code, CB_E_DCR_METADATA);
    cr_expect_eq(r.revision, 0);
    applicant_free(&a);
}

Test(record, stays_who_it_is_when_it_is_replaced)
{
    const struct cb_client_record before = { .client_id = CB_STR("c-1"),
                                             .directory = CB_STR("sandbox"),
                                             .software_id = CB_STR("acme-1"),
                                             .created_at = 1000,
                                             .suspended_at = 1500,
                                             .revision = 7,
                                             .enabled = true };
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, REQUEST, "client_id", "\"c-1\"");
    struct cb_application app = applicant_read(&a);
    app.registered = &before;
    const struct cb_client_record r = record_of(&app);
    cr_expect(cb_str_is(r.client_id, "c-1"));
    cr_expect_eq(r.created_at, 1000);
    cr_expect_eq(r.updated_at, NOW);
    cr_expect_eq(r.revision, 7);
    cr_expect_eq(r.suspended_at, 0);
    applicant_free(&a);
}

Test(record, has_a_limit_for_what_is_kept)
{
    struct applicant a = applicant_of("sandbox");
    static char uris[20000];
    size_t n = 0;
    for (int i = 0; i < 40; i++) {
        n += (size_t)snprintf(uris + n, sizeof uris - n, "%c\"https://acme.example/%0400d\"",
                              i == 0 ? '[' : ',', i);
    }
    (void)snprintf(uris + n, sizeof uris - n, "]");
    applicant_set(&a, REQUEST, "redirect_uris", uris);
    const struct cb_application app = applicant_read(&a);
    struct cb_client_record r = { .revision = 0 };
    struct cb_report report = { .count = 0 };
    cr_assert_not(CB_FAILED(cb_application_record(&app, &report, &r, NULL)));
    cr_assert_eq(report.count, 1);
    cr_expect_str_eq(report.violations[0].rule, "metadata_size");
    applicant_free(&a);
}
