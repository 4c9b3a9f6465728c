#include "oauth/scope.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "base/limits.h"
#include "cert/qc.h"
#include "partner/roles.h"

static const char *bank_scopes[] = { "accounts", "payments", "funds" };
static const char *other_scopes[] = { "reports" };
static struct cb_config_resource resources[] = {
    { "https://bank.example", bank_scopes, 3 },
    { "https://other.example", other_scopes, 1 },
};
static const char *account_scopes[] = { "accounts", "reports" };
static const char *payment_scopes[] = { "payments", "funds" };
static struct cb_config_role roles[] = {
    { "AISP", payment_scopes, 2 }, /* of software statements; certificates do not have it */
    { "PSP_AI", account_scopes, 2 },
    { "PSP_PI", payment_scopes, 1 },
    { "PSP_PI", payment_scopes + 1, 1 },
};
static const struct cb_config config = { .resources = resources,
                                         .resource_count = 2,
                                         .roles = roles,
                                         .role_count = 4,
                                         .default_resource = "https://bank.example" };
static const struct cb_str registered[] = { { "accounts", 8 }, { "payments", 8 } };
static struct cb_client client = { .scopes = registered, .scope_count = 2 };

static struct cb_arena arena;

static void setup(void)
{
    cb_arena_init(&arena, CB_MIB);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(scope, .init = setup, .fini = teardown);

static struct cb_profile_facts facts; /* of a certificate without roles, unless a test says otherwise */

static enum cb_code entitle(struct cb_str scope, const char *r1, const char *r2, struct cb_entitlement *out)
{
    struct cb_param_list list = { .count = (size_t)(r1 != NULL) + (r2 != NULL) };
    list.values[0] = cb_str_of(r1);
    list.values[1] = cb_str_of(r2);
    struct cb_err err = { 0 };
    const cb_status st = cb_entitle(&arena, &config, &client, &facts, scope, &list, out, &err);
    cr_assert_eq(CB_FAILED(st), err.code != CB_E_NONE);
    return err.code;
}

Test(scope, gives_what_is_asked_and_registered_for_one_resource)
{
    static const struct {
        const char *scope, *r1, *r2;
        enum cb_code code;
        const char *granted, *audience;
    } rows[] = {
        { "accounts", NULL, NULL, CB_E_NONE, "accounts", "https://bank.example" },
        { "payments accounts", NULL, NULL, CB_E_NONE, "payments accounts", "https://bank.example" },
        { "accounts accounts", NULL, NULL, CB_E_NONE, "accounts", "https://bank.example" },
        { "funds accounts", NULL, NULL, CB_E_NONE, "accounts", "https://bank.example" },
        { "", NULL, NULL, CB_E_NONE, "accounts payments", "https://bank.example" },
        { "", "https://bank.example", NULL, CB_E_NONE, "accounts payments", "https://bank.example" },
        { "accounts", "https://bank.example", NULL, CB_E_NONE, "accounts", "https://bank.example" },
        { "funds", NULL, NULL, CB_E_SCOPE_NOT_ALLOWED, NULL, NULL },
        { "reports", NULL, NULL, CB_E_SCOPE_NOT_ALLOWED, NULL, NULL },
        { "nonsense", NULL, NULL, CB_E_SCOPE_UNKNOWN, NULL, NULL },
        { "accounts nonsense", NULL, NULL, CB_E_SCOPE_UNKNOWN, NULL, NULL },
        { "Accounts", NULL, NULL, CB_E_SCOPE_UNKNOWN, NULL, NULL },
        { "accounts reports", NULL, NULL, CB_E_SCOPE_OF_TWO_RESOURCES, NULL, NULL },
        { "accounts", "https://other.example", NULL, CB_E_SCOPE_OF_TWO_RESOURCES, NULL, NULL },
        { " accounts", NULL, NULL, CB_E_SCOPE_MALFORMED, NULL, NULL },
        { "accounts ", NULL, NULL, CB_E_SCOPE_MALFORMED, NULL, NULL },
        { "accounts  payments", NULL, NULL, CB_E_SCOPE_MALFORMED, NULL, NULL },
        { "acc\"ounts", NULL, NULL, CB_E_SCOPE_MALFORMED, NULL, NULL },
        { "acc\\ounts", NULL, NULL, CB_E_SCOPE_MALFORMED, NULL, NULL },
        { "acc\xc3\xa9", NULL, NULL, CB_E_SCOPE_MALFORMED, NULL, NULL },
        { "accounts", "https://nobody.example", NULL, CB_E_TARGET_UNKNOWN, NULL, NULL },
        { "accounts", "https://bank.example/", NULL, CB_E_TARGET_UNKNOWN, NULL, NULL },
        { "accounts", "https://bank.example#x", NULL, CB_E_TARGET_UNKNOWN, NULL, NULL },
        { "", "https://other.example", NULL, CB_E_TARGET_NOT_ALLOWED, NULL, NULL },
        { "accounts", "https://bank.example", "https://other.example", CB_E_TARGET_MALFORMED, NULL, NULL },
        { "accounts", "https://bank.example", "https://bank.example", CB_E_TARGET_MALFORMED, NULL, NULL },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_entitlement got = { 0 };
        cr_expect_eq(entitle(cb_str_of(rows[i].scope), rows[i].r1, rows[i].r2, &got), rows[i].code, "row %zu",
                     i);
        if (rows[i].code == CB_E_NONE) {
            cr_expect(cb_str_is(got.scope, rows[i].granted), "row %zu: " CB_STR_FMT, i,
                      CB_STR_ARG(got.scope));
            cr_expect_str_eq(got.resource, rows[i].audience);
        } else {
            cr_expect_null(got.resource, "row %zu", i);
        }
    }
}

Test(scope, bounds_the_number_of_words)
{
    char text[4 * (CB_LIMIT_SCOPES + 1)];
    size_t n = 0;
    for (int i = 0; i <= CB_LIMIT_SCOPES; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "%sw%d", i > 0 ? " " : "", i);
    }
    struct cb_entitlement got = { 0 };
    cr_assert_eq(entitle((struct cb_str){ text, n }, NULL, NULL, &got), CB_E_SCOPE_MALFORMED);
    const char *last = strrchr(text, ' ');
    cr_assert_eq(entitle((struct cb_str){ text, (size_t)(last - text) }, NULL, NULL, &got),
                 CB_E_SCOPE_UNKNOWN);
}

/* The certificate of this connection decides, whatever was registered. */
Test(scope, gives_what_the_roles_allow)
{
    enum {
        AI = 1 << CB_PSP_ACCOUNT_INFORMATION,
        PI = 1 << CB_PSP_PAYMENT_INITIATION,
        IC = 1 << CB_PSP_CARD_INSTRUMENTS
    };
    static const struct {
        unsigned roles;
        const char *scope, *resource;
        enum cb_code code;
        const char *granted;
    } rows[] = {
        { AI, "accounts", NULL, CB_E_NONE, "accounts" },
        { AI, "payments accounts", NULL, CB_E_NONE, "accounts" },
        { AI, "", NULL, CB_E_NONE, "accounts" },
        { AI, "", "https://bank.example", CB_E_NONE, "accounts" },
        { AI | PI, "payments accounts", NULL, CB_E_NONE, "payments accounts" },
        { PI, "payments", NULL, CB_E_NONE, "payments" },
        { AI, "payments", NULL, CB_E_SCOPE_ROLE, NULL },
        { IC, "", NULL, CB_E_SCOPE_ROLE, NULL },
        { IC, "", "https://bank.example", CB_E_SCOPE_ROLE, NULL },
        { 0, "accounts payments", NULL, CB_E_SCOPE_ROLE, NULL },
        { PI, "funds", NULL, CB_E_SCOPE_NOT_ALLOWED, NULL }, /* allowed and not registered */
        { AI, "reports", NULL, CB_E_SCOPE_NOT_ALLOWED, NULL },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_entitlement got = { 0 };
        facts = (struct cb_profile_facts){ .limits_scopes = true, .roles = rows[i].roles };
        cr_expect_eq(entitle(cb_str_of(rows[i].scope), rows[i].resource, NULL, &got), rows[i].code, "row %zu",
                     i);
        cr_expect(rows[i].granted == NULL ? got.resource == NULL : cb_str_is(got.scope, rows[i].granted),
                  "row %zu", i);
        facts.limits_scopes = false; /* roles that do not count change nothing */
        got = (struct cb_entitlement){ 0 };
        cr_expect_neq(entitle(cb_str_of(rows[i].scope), rows[i].resource, NULL, &got), CB_E_SCOPE_ROLE);
    }
}

/* ... and so do those of the software statement, each for itself. */
Test(scope, gives_what_both_kinds_of_roles_allow)
{
    enum { AI = 1 << CB_PSP_ACCOUNT_INFORMATION, PI = 1 << CB_PSP_PAYMENT_INITIATION };
    static const struct {
        const char *statement;
        unsigned certificate;
        bool limits;
        enum cb_code code;
        const char *granted;
    } rows[] = {
        { "", 0, false, CB_E_NONE, "accounts payments" },  { "AISP", 0, false, CB_E_NONE, "payments" },
        { "CBPII AISP", 0, false, CB_E_NONE, "payments" }, { "CBPII", 0, false, CB_E_SCOPE_ROLE, NULL },
        { "AIS", 0, false, CB_E_SCOPE_ROLE, NULL },        { "AISP", AI | PI, true, CB_E_NONE, "payments" },
        { "AISP", AI, true, CB_E_SCOPE_ROLE, NULL },       { "CBPII", AI | PI, true, CB_E_SCOPE_ROLE, NULL },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_entitlement got = { 0 };
        client.roles = cb_str_of(rows[i].statement);
        facts = (struct cb_profile_facts){ .limits_scopes = rows[i].limits, .roles = rows[i].certificate };
        cr_expect_eq(entitle(CB_STR(""), NULL, NULL, &got), rows[i].code, "row %zu", i);
        cr_expect(rows[i].granted == NULL ? got.resource == NULL : cb_str_is(got.scope, rows[i].granted),
                  "row %zu", i);
    }
}

Test(scope, names_the_scopes_of_roles)
{
    char memory[128];
    struct cb_buf text;
    cb_buf_over(&text, memory, sizeof memory);
    const struct cb_profile_facts both = {
        .limits_scopes = true, .roles = 1U << CB_PSP_ACCOUNT_INFORMATION | 1U << CB_PSP_PAYMENT_INITIATION
    };
    cb_roles_print_scopes(&config, &both, &text);
    cr_expect(cb_str_is(cb_buf_str(&text), "accounts payments funds reports"));
    cb_buf_over(&text, memory, sizeof memory);
    cb_roles_print_scopes(&config, &(const struct cb_profile_facts){ .limits_scopes = true }, &text);
    cr_expect_eq(text.n, 0);
}
