#include "onboarding/application.h"

#include <criterion/criterion.h>

#include "applicant.h"

TestSuite(application, .init = applicant_setup, .fini = applicant_teardown);

static void expect_unread(struct cb_str body, bool is_signed, enum cb_code code, const char *detail)
{
    struct cb_application app = { .now = 0 };
    struct cb_err err = { 0 };
    cr_expect(CB_FAILED(cb_application_read(&arena, body, is_signed, &config, NOW, &app, &err)));
    cr_expect_eq(err.code, code, "%s: %s", cb_code_reason(err.code), err.detail);
    cr_expect_str_eq(err.detail, detail);
}

static struct cb_str with_statement(const char *statement)
{
    struct cb_buf b;
    cb_buf_init(&b, 1 << 20);
    cb_buf_add_fmt(&b, "{\"software_statement\":%s}", statement);
    const struct cb_str text = cb_arena_str(&arena, cb_buf_str(&b));
    cb_buf_done(&b);
    return text;
}

Test(application, is_refused_when_it_cannot_be_read)
{
    expect_unread(CB_STR(""), false, CB_E_DCR_METADATA,
                  "the body cannot be read: JSON does not parse at byte 0: it ends too early");
    expect_unread(CB_STR("[]"), false, CB_E_DCR_METADATA, "the body cannot be read: JSON is not an object");
    expect_unread(CB_STR("{\"scope\":\"a\",\"scope\":\"b\"}"), false, CB_E_DCR_METADATA,
                  "the body cannot be read: JSON does not parse at byte 20: a member twice");
    expect_unread(CB_STR("a.b"), true, CB_E_DCR_METADATA,
                  "the signed request cannot be read: JWS has not exactly three parts");
    expect_unread(CB_STR("{}"), false, CB_E_DCR_STATEMENT, "software_statement is missing");
    expect_unread(with_statement("7"), false, CB_E_DCR_STATEMENT, "software_statement is not a string");
    expect_unread(with_statement("\"a.b.c.d\""), false, CB_E_DCR_STATEMENT,
                  "software_statement cannot be read: JWS has not exactly three parts");
}

Test(application, names_a_directory_of_ours)
{
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, STATEMENT, "iss", "\"https://evil.example\"");
    expect_unread(applicant_body(&a), false, CB_E_DCR_UNAPPROVED,
                  "the iss of software_statement is no directory of ours");
    applicant_set(&a, STATEMENT, "iss", NULL);
    expect_unread(applicant_body(&a), false, CB_E_DCR_STATEMENT, "software_statement has no iss");
    applicant_set(&a, STATEMENT_HEADER, "crit", "[\"exp\"]");
    expect_unread(applicant_body(&a), false, CB_E_DCR_STATEMENT,
                  "software_statement cannot be read: the header has crit");
    applicant_free(&a);
}

static struct cb_str member(const struct cb_application *app, const char *name)
{
    struct cb_str text = { 0 };
    (void)cb_json_get_str(app->metadata, name, &text);
    return text;
}

Test(application, lets_the_statement_have_the_last_word)
{
    struct applicant a = applicant_of("sandbox");
    applicant_set(&a, STATEMENT, "scope", "\"payments\"");
    const struct cb_application app = applicant_read(&a);
    cr_expect(cb_str_is(member(&app, "client_name"), "Acme"));
    cr_expect(cb_str_is(member(&app, "scope"), "payments"));
    cr_expect(cb_str_is(member(&app, "software_id"), "acme-1"));
    applicant_free(&a);
}

Test(application, reads_the_names_of_open_banking_statements)
{
    struct applicant a = applicant_of("uk");
    applicant_set(&a, REQUEST, "client_name", "\"somebody else\"");
    applicant_set(&a, STATEMENT, "software_logo_uri", "\"\"");
    const struct cb_application app = applicant_read(&a);
    cr_expect(cb_str_is(member(&app, "client_name"), "Acme"));
    cr_expect(cb_str_is(member(&app, "jwks_uri"), "https://keys.example/acme.jwks"));
    cr_expect_not(cb_claims_has(app.metadata, "logo_uri"));
    cr_expect(cb_str_is(cb_application_request_keys_url(&app), "https://keys.example/acme.jwks"));
    applicant_free(&a);
}

static void expect_scope(const char *directory, const char *asked, const char *const *expected, size_t count)
{
    struct applicant a = applicant_of(directory);
    applicant_set(&a, REQUEST, "scope", asked);
    const struct cb_application app = applicant_read(&a);
    struct cb_words scope = { .count = 0 };
    cr_assert_not(CB_FAILED(cb_application_scope(&app, &scope, NULL)));
    cr_assert_eq(scope.count, count, "%s %s: %zu", directory, asked, scope.count);
    for (size_t i = 0; i < count; i++) {
        cr_expect(cb_str_is(scope.w[i], expected[i]));
    }
    applicant_free(&a);
}

Test(application, gets_what_was_asked_for_and_the_roles_allow)
{
    static const char *const both[] = { "accounts", "payments" };
    static const char *const data[] = { "accounts", "resources", "consents" };
    expect_scope("uk", "\"payments openid accounts accounts\"", both, 2);
    expect_scope("uk", "\"accounts fundsconfirmations\"", both, 1);
    expect_scope("uk", NULL, both, 2);
    expect_scope("uk", "\"\"", both, 2); /* as if it were not there */
    expect_scope("brazil", NULL, data, 3);
    expect_scope("brazil", "\"payments accounts\"", data, 1);
    expect_scope("sandbox", "\"accounts payments\"", both, 2); /* no roles are stated */
    expect_scope("sandbox", NULL, NULL, 0);
}
