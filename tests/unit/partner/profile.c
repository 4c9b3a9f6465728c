#include "partner/profile.h"

#include <criterion/criterion.h>

#include "cert/qc.h"
#include "partner/roles.h"
#include "testlib/der.h"
#include "testlib/pki.h"

#define ORG   "2.5.4.97"
#define BOTH  "clientAuth,serverAuth"
#define WRAPS "critical,digitalSignature,keyEncipherment"
#define UUID  "d7384bd0-842f-43c5-be02-9d2b2d5efc2c"
#define UUID2 "67c57882-043b-11ec-9a03-0242ac130003"

static struct cb_arena arena;

static void setup(void)
{
    cb_arena_init(&arena, 1 << 20);
}

static void teardown(void)
{
    cb_arena_done(&arena);
}

TestSuite(profile, .init = setup, .fini = teardown);

static const struct der_role ai[] = { DER_PSP_AI, { NULL, NULL } };
static const struct der_role both_roles[] = { DER_PSP_AI, DER_PSP_PI, { NULL, NULL } };
static const struct der_role wrong_name[] = { { "0.4.0.19495.1.3", "PSP_PI" }, { NULL, NULL } };

enum { ATTRIBUTES = 12 };

/* A certificate of one of these rows is read by one of the profiles. */
struct row {
    const char *what;
    struct pki_value subject[ATTRIBUTES];
    const struct der_qc *qc;
    const char *eku, *usage, *san;
    int64_t not_before;
    enum cb_code code;
};

static struct cb_cert cert_of(const struct row *row)
{
    struct pki_extension more[2] = { { .oid = NULL } };
    if (row->qc != NULL) {
        more[0] = (struct pki_extension){ DER_QC_STATEMENTS, der_qc_statements(&arena, row->qc), false };
    }
    struct pki_cert *c = pki_issue(&(struct pki_spec){ .subject = row->subject,
                                                       .eku = row->eku,
                                                       .no_eku = row->eku == NULL,
                                                       .key_usage = row->usage,
                                                       .san = row->san,
                                                       .not_before = row->not_before,
                                                       .more = more });
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_cert_parse(&arena, pki_der(c), &cert, &err)), "%s: %s", row->what, err.detail);
    pki_free(c);
    return cert;
}

static void expect(enum cb_profile profile, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct cb_cert cert = cert_of(&rows[i]);
        struct cb_profile_facts facts = { .form = CB_FORM__MAX };
        struct cb_err err = { 0 };
        const cb_status st = cb_profile_read(profile, &cert, &facts, &err);
        cr_expect_eq(err.code, rows[i].code, "%s: %s %s", rows[i].what, cb_code_reason(err.code), err.detail);
        cr_expect_eq(CB_FAILED(st), facts.form == CB_FORM__MAX, "%s", rows[i].what);
    }
}

/* --- psd2 --- */

#define QWAC_SUBJECT                                                                                         \
    {                                                                                                        \
        { .type = "C", .value = "DE" }, { .type = "O", .value = "Fintech" },                                 \
            { .type = ORG, .value = "PSDDE-BAFIN-12-34.5" }, { .type = "CN", .value = "tpp.example" },       \
        {                                                                                                    \
            .type = NULL                                                                                     \
        }                                                                                                    \
    }
static const struct der_qc web = { { DER_QC_WEB }, both_roles, "DE-BAFIN" };
static const struct der_qc seal = { { DER_QC_SEAL }, ai, "DE-BAFIN" };
static const struct der_qc web_and_seal = { { DER_QC_SEAL, DER_QC_WEB }, ai, "DE-BAFIN" };
static const struct der_qc untyped = { { NULL }, ai, "DE-BAFIN" };
static const struct der_qc no_psd2 = { { DER_QC_WEB }, NULL, NULL };
static const struct der_qc other_country = { { DER_QC_WEB }, ai, "AT-BAFIN" };
static const struct der_qc other_authority = { { DER_QC_WEB }, ai, "DE-BAFINX" };
static const struct der_qc bad_authority = { { DER_QC_WEB }, ai, "DE" };
static const struct der_qc bad_role = { { DER_QC_WEB }, wrong_name, "DE-BAFIN" };

Test(profile, psd2_is_a_website_certificate_with_roles_and_one_authority)
{
    static const struct row rows[] = {
        { "good", QWAC_SUBJECT, &web, BOTH, NULL, NULL, 0, CB_E_NONE },
        { "of two types", QWAC_SUBJECT, &web_and_seal, BOTH, NULL, NULL, 0, CB_E_NONE },
        { "a seal", QWAC_SUBJECT, &seal, BOTH, NULL, NULL, 0, CB_E_CERT_QC_TYPE },
        { "of no type", QWAC_SUBJECT, &untyped, BOTH, NULL, NULL, 0, CB_E_CERT_QC_TYPE },
        { "no qcStatements", QWAC_SUBJECT, NULL, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "no PSD2 statement", QWAC_SUBJECT, &no_psd2, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "another country", QWAC_SUBJECT, &other_country, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "another authority", QWAC_SUBJECT, &other_authority, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "no authority", QWAC_SUBJECT, &bad_authority, BOTH, NULL, NULL, 0, CB_E_CERT_QC_STATEMENTS },
        { "a role that disagrees", QWAC_SUBJECT, &bad_role, BOTH, NULL, NULL, 0, CB_E_CERT_ROLE },
        { "no organizationIdentifier",
          { { .type = "CN", .value = "x" } },
          &web,
          BOTH,
          NULL,
          NULL,
          0,
          CB_E_CERT_PROFILE },
        { "a VAT number",
          { { .type = ORG, .value = "VATDE-12345" }, { .type = "CN", .value = "x" } },
          &web,
          BOTH,
          NULL,
          NULL,
          0,
          CB_E_CERT_PROFILE },
        { "no number",
          { { .type = ORG, .value = "PSDDE-BAFIN-" } },
          &web,
          BOTH,
          NULL,
          NULL,
          0,
          CB_E_CERT_PROFILE },
        { "two organizationIdentifiers",
          { { .type = ORG, .value = "PSDDE-BAFIN-1" }, { .type = ORG, .value = "PSDDE-BAFIN-2" } },
          &web,
          BOTH,
          NULL,
          NULL,
          0,
          CB_E_CERT_PROFILE },
    };
    expect(CB_PROFILE_PSD2, rows, CB_COUNT(rows));
}

Test(profile, psd2_tells_roles_authority_and_organisation)
{
    static const struct row row = { "good", QWAC_SUBJECT, &web, BOTH, NULL, NULL, 0, CB_E_NONE };
    const struct cb_cert cert = cert_of(&row);
    struct cb_profile_facts f = { .form = CB_FORM_NONE };
    cr_assert_not(CB_FAILED(cb_profile_read(CB_PROFILE_PSD2, &cert, &f, NULL)));
    cr_expect_eq(f.form, CB_FORM_QWAC);
    cr_expect(f.limits_scopes);
    cr_expect_eq(f.roles, 1U << CB_PSP_ACCOUNT_INFORMATION | 1U << CB_PSP_PAYMENT_INITIATION);
    cr_expect(cb_str_is(f.authority, "DE-BAFIN"));
    cr_expect(cb_str_is(f.organisation, "PSDDE-BAFIN-12-34.5"));
    cr_expect(cb_str_is(f.organisation_id, "PSDDE-BAFIN-12-34.5"));
    cr_expect_eq(f.software_id.n, 0);
    char memory[64];
    struct cb_buf text;
    cb_buf_over(&text, memory, sizeof memory);
    cb_roles_print(f.roles, &text);
    cr_expect(cb_str_is(cb_buf_str(&text), "PSP_PI PSP_AI"));
}

/* --- obuk --- */

#define OBWAC_SUBJECT(c, org, cn)                                                                            \
    {                                                                                                        \
        { .type = "C", .value = c }, { .type = "O", .value = "Fintech" }, { .type = ORG, .value = org },     \
            { .type = "CN", .value = cn },                                                                   \
        {                                                                                                    \
            .type = NULL                                                                                     \
        }                                                                                                    \
    }
#define LEGACY_SUBJECT(o, ou, cn)                                                                            \
    {                                                                                                        \
        { .type = "C", .value = "GB" }, { .type = "O", .value = o }, { .type = "OU", .value = ou },          \
            { .type = "CN", .value = cn },                                                                   \
        {                                                                                                    \
            .type = NULL                                                                                     \
        }                                                                                                    \
    }
#define FCA     "PSDGB-FCA-795791"
#define ORG_ID  "0015800001041REAAY"
#define SOFT_ID "2XBJp5VLKZqMTTn0xUd4Lh"
static const struct der_qc fca_web = { { DER_QC_WEB }, ai, "GB-FCA" };
static const struct der_qc fca_seal = { { DER_QC_SEAL }, ai, "GB-FCA" };
static const struct der_qc fca_untyped = { { NULL }, ai, "GB-FCA" };
static const struct der_qc pra_web = { { DER_QC_WEB }, ai, "GB-PRA" };
static const struct der_qc web_alone = { { DER_QC_WEB }, NULL, NULL };

Test(profile, obuk_is_a_website_certificate_or_the_older_transport_certificate)
{
    static const struct row rows[] = {
        { "OBWAC", OBWAC_SUBJECT("GB", FCA, ORG_ID), &fca_web, BOTH, NULL, NULL, 0, CB_E_NONE },
        { "without roles", OBWAC_SUBJECT("GB", FCA, ORG_ID), &web_alone, BOTH, NULL, NULL, 0, CB_E_NONE },
        { "of no type", OBWAC_SUBJECT("GB", FCA, ORG_ID), &fca_untyped, BOTH, NULL, NULL, 0, CB_E_NONE },
        { "without statements", OBWAC_SUBJECT("GB", "PSDGB-OB-Unknown" ORG_ID, ORG_ID), NULL, BOTH, NULL,
          NULL, 0, CB_E_NONE },
        { "OBSeal", OBWAC_SUBJECT("GB", FCA, ORG_ID), &fca_seal, BOTH, NULL, NULL, 0, CB_E_CERT_QC_TYPE },
        { "no clientAuth", OBWAC_SUBJECT("GB", FCA, ORG_ID), &fca_web, "serverAuth", NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "no purpose", OBWAC_SUBJECT("GB", FCA, ORG_ID), &fca_web, NULL, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "another authority", OBWAC_SUBJECT("GB", FCA, ORG_ID), &pra_web, BOTH, NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "C=IE", OBWAC_SUBJECT("IE", FCA, ORG_ID), &fca_web, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "PSDIE", OBWAC_SUBJECT("GB", "PSDIE-CBI-1", ORG_ID), NULL, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "NTRGB", OBWAC_SUBJECT("GB", "NTRGB-1", ORG_ID), NULL, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE },
        { "CN of 17", OBWAC_SUBJECT("GB", FCA, "0015800001041REAA"), NULL, BOTH, NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "CN of 19", OBWAC_SUBJECT("GB", FCA, "0015800001041REAAYY"), NULL, BOTH, NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "CN with a hyphen", OBWAC_SUBJECT("GB", FCA, "0015800001041REA-Y"), NULL, BOTH, NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "transport", LEGACY_SUBJECT("OpenBanking", ORG_ID, SOFT_ID), NULL, BOTH, NULL, NULL, 0, CB_E_NONE },
        { "not OpenBanking", LEGACY_SUBJECT("Closed", ORG_ID, SOFT_ID), NULL, BOTH, NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "OU of 17", LEGACY_SUBJECT("OpenBanking", "0015800001041REAA", SOFT_ID), NULL, BOTH, NULL, NULL, 0,
          CB_E_CERT_PROFILE },
        { "CN of 21", LEGACY_SUBJECT("OpenBanking", ORG_ID, "2XBJp5VLKZqMTTn0xUd4L"), NULL, BOTH, NULL, NULL,
          0, CB_E_CERT_PROFILE },
        { "transport without clientAuth", LEGACY_SUBJECT("OpenBanking", ORG_ID, SOFT_ID), NULL, NULL, NULL,
          NULL, 0, CB_E_CERT_PROFILE },
    };
    expect(CB_PROFILE_OBUK, rows, CB_COUNT(rows));
}

Test(profile, obuk_tells_organisation_and_software)
{
    static const struct row obwac = {
        "OBWAC", OBWAC_SUBJECT("GB", FCA, ORG_ID), &fca_web, BOTH, NULL, NULL, 0, CB_E_NONE
    };
    static const struct row bare = { "bare",   OBWAC_SUBJECT("GB", FCA, ORG_ID), NULL, BOTH, NULL, NULL, 0,
                                     CB_E_NONE };
    static const struct row legacy = {
        "transport", LEGACY_SUBJECT("OpenBanking", ORG_ID, SOFT_ID), NULL, BOTH, NULL, NULL, 0, CB_E_NONE
    };
    struct cb_profile_facts f = { .form = CB_FORM_NONE };
    struct cb_cert cert = cert_of(&obwac);
    cr_assert_not(CB_FAILED(cb_profile_read(CB_PROFILE_OBUK, &cert, &f, NULL)));
    cr_expect(f.form == CB_FORM_OBWAC && f.limits_scopes && f.roles == 1U << CB_PSP_ACCOUNT_INFORMATION);
    cr_expect(cb_str_is(f.organisation, FCA) && cb_str_is(f.organisation_id, ORG_ID) && f.software_id.n == 0);
    cert = cert_of(&bare);
    cr_assert_not(CB_FAILED(cb_profile_read(CB_PROFILE_OBUK, &cert, &f, NULL)));
    cr_expect(f.form == CB_FORM_OBWAC && !f.limits_scopes && f.roles == 0);
    cert = cert_of(&legacy);
    cr_assert_not(CB_FAILED(cb_profile_read(CB_PROFILE_OBUK, &cert, &f, NULL)));
    cr_expect(f.form == CB_FORM_OB_LEGACY && !f.limits_scopes && f.organisation.n == 0);
    cr_expect(cb_str_is(f.organisation_id, ORG_ID) && cb_str_is(f.software_id, SOFT_ID));
}

/* --- ofbr --- */

static const struct pki_value brcac[ATTRIBUTES] = {
    { .type = "businessCategory", .value = "Private Organization" },
    { .type = "jurisdictionC", .value = "BR" },
    { .type = "serialNumber", .value = "43142666000197" },
    { .type = "C", .value = "BR" },
    { .type = "O", .value = "Banco" },
    { .type = "ST", .value = "SP" },
    { .type = "L", .value = "Sao Paulo" },
    { .type = ORG, .value = "OFBBR-" UUID },
    { .type = "UID", .value = UUID2 },
    { .type = "CN", .value = "api.banco.example" },
};

Test(profile, ofbr_asks_for_every_attribute_once)
{
    for (size_t i = 0; i < ATTRIBUTES && brcac[i].type != NULL; i++) {
        struct row row = { brcac[i].type, { { .type = NULL } }, NULL, "clientAuth",
                           WRAPS,         "DNS:a.example",      0,    CB_E_CERT_PROFILE };
        size_t n = 0;
        for (size_t k = 0; brcac[k].type != NULL; k++) {
            if (k != i) {
                row.subject[n++] = brcac[k];
            }
        }
        expect(CB_PROFILE_OFBR, &row, 1); /* missing */
        row.subject[n++] = brcac[i];
        row.subject[n] = brcac[i];
        expect(CB_PROFILE_OFBR, &row, 1); /* twice */
    }
}

Test(profile, ofbr_asks_what_each_attribute_holds)
{
    static const struct {
        const char *type, *value;
        enum cb_code code;
    } values[] = {
        { "CN", "api.banco.example", CB_E_NONE },
        { "CN", "banco", CB_E_CERT_PROFILE },
        { "businessCategory", "non-commercial entity", CB_E_NONE },
        { "businessCategory", "Private", CB_E_CERT_PROFILE },
        { "jurisdictionC", "PT", CB_E_CERT_PROFILE },
        { "serialNumber", "12ABC34501DE35", CB_E_NONE },
        { "serialNumber", "4314266600019", CB_E_CERT_PROFILE },
        { "serialNumber", "43.142.666/0001", CB_E_CERT_PROFILE },
        { "C", "US", CB_E_CERT_PROFILE },
        { ORG, "OFBBR-" UUID "0", CB_E_CERT_PROFILE },
        { ORG, "OFBBR-d7384bd0842f43c5be029d2b2d5efc2c", CB_E_CERT_PROFILE },
        { ORG, "OFBPT-" UUID, CB_E_CERT_PROFILE },
        { ORG, "PSDBR-BCB-" UUID, CB_E_CERT_PROFILE },
        { ORG, UUID, CB_E_CERT_PROFILE },
        { "UID", "67c57882", CB_E_CERT_PROFILE },
        { "UID", "67c57882-043b-11ec-9a03-0242ac13000g", CB_E_CERT_PROFILE },
    };
    for (size_t i = 0; i < CB_COUNT(values); i++) {
        struct row row = { values[i].value, { { .type = NULL } }, NULL, "clientAuth",
                           WRAPS,           "DNS:a.example",      0,    values[i].code };
        memcpy(row.subject, brcac, sizeof brcac);
        for (size_t k = 0; brcac[k].type != NULL; k++) {
            if (strcmp(brcac[k].type, values[i].type) == 0) {
                row.subject[k].value = values[i].value;
            }
        }
        expect(CB_PROFILE_OFBR, &row, 1);
    }
}

Test(profile, ofbr_asks_what_the_key_is_for)
{
    static const struct {
        const char *eku, *usage, *san;
        enum cb_code code;
    } uses[] = {
        { "clientAuth", WRAPS, "DNS:a.example", CB_E_NONE },
        { "serverAuth", WRAPS, "DNS:a.example", CB_E_CERT_PROFILE },
        { NULL, WRAPS, "DNS:a.example", CB_E_CERT_PROFILE },
        { "clientAuth", "", "DNS:a.example", CB_E_CERT_PROFILE },
        { "clientAuth", "digitalSignature,keyEncipherment", "DNS:a.example", CB_E_CERT_PROFILE },
        { "clientAuth", "critical,digitalSignature", "DNS:a.example", CB_E_CERT_PROFILE },
        { "clientAuth", "critical,digitalSignature,nonRepudiation", "DNS:a.example", CB_E_CERT_PROFILE },
        { "clientAuth", WRAPS, NULL, CB_E_CERT_PROFILE },
        { "clientAuth", WRAPS, "URI:urn:x", CB_E_CERT_PROFILE },
    };
    for (size_t i = 0; i < CB_COUNT(uses); i++) {
        struct row row = { "use",         { { .type = NULL } }, NULL, uses[i].eku,
                           uses[i].usage, uses[i].san,          0,    uses[i].code };
        memcpy(row.subject, brcac, sizeof brcac);
        expect(CB_PROFILE_OFBR, &row, 1);
    }
}

Test(profile, ofbr_knows_the_older_place_of_the_organisation)
{
    enum { CHANGE = 1661904000, PLACE = 7 };
    static const int64_t issued[] = { CHANGE - 1, CHANGE };
    for (size_t i = 0; i < CB_COUNT(issued); i++) {
        struct row row = { "OU",  { { .type = NULL } }, NULL,      "clientAuth",
                           WRAPS, "DNS:a.example",      issued[i], CB_E_NONE };
        memcpy(row.subject, brcac, sizeof brcac);
        row.subject[PLACE] = (struct pki_value){ .type = "OU", .value = UUID };
        const struct cb_cert cert = cert_of(&row);
        struct cb_profile_facts f = { .form = CB_FORM_NONE };
        struct cb_err err = { 0 };
        const cb_status st = cb_profile_read(CB_PROFILE_OFBR, &cert, &f, &err);
        cr_expect_eq(CB_FAILED(st), i == 1);
        cr_expect_eq(err.code, i == 1 ? CB_E_CERT_PROFILE : CB_E_NONE, "%s", err.detail);
        cr_expect(i == 1 || (cb_str_is(f.organisation_id, UUID) && f.organisation.n == 0));
    }
}

Test(profile, ofbr_tells_organisation_and_software)
{
    struct row row = {
        "good", { { .type = NULL } }, NULL, "clientAuth", WRAPS, "DNS:a.example", 0, CB_E_NONE
    };
    memcpy(row.subject, brcac, sizeof brcac);
    const struct cb_cert cert = cert_of(&row);
    struct cb_profile_facts f = { .form = CB_FORM_NONE };
    cr_assert_not(CB_FAILED(cb_profile_read(CB_PROFILE_OFBR, &cert, &f, NULL)));
    cr_expect(f.form == CB_FORM_BRCAC && !f.limits_scopes);
    cr_expect(cb_str_is(f.organisation, "OFBBR-" UUID) && cb_str_is(f.organisation_id, UUID));
    cr_expect(cb_str_is(f.software_id, UUID2));
}

/* --- all of them --- */

Test(profile, none_refuses_and_plain_asks_nothing)
{
    static const struct row refused[] = {
        { "none", { { .type = NULL } }, &web, BOTH, NULL, NULL, 0, CB_E_CERT_PROFILE }
    };
    static const struct row taken[] = {
        { "empty subject", { { .type = NULL } }, NULL, NULL, NULL, "DNS:a.example", 0, CB_E_NONE },
        { "bad statements", { { .type = NULL } }, &bad_role, BOTH, NULL, NULL, 0, CB_E_NONE },
    };
    expect(CB_PROFILE_NONE, refused, 1);
    expect(CB_PROFILE__MAX, refused, 1);
    expect(CB_PROFILE_PLAIN, taken, CB_COUNT(taken));
}

Test(profile, refuses_an_empty_subject_where_one_is_asked_for)
{
    static const struct row rows[] = {
        { "empty", { { .type = NULL } }, &web, BOTH, WRAPS, "DNS:a.example", 0, CB_E_CERT_PROFILE },
    };
    for (enum cb_profile p = CB_PROFILE_PSD2; p < CB_PROFILE__MAX; p++) {
        expect(p, rows, 1);
    }
}

Test(profile, has_a_word_for_each)
{
    static const char *const words[] = { "", "plain", "psd2", "obuk", "ofbr", "" };
    for (unsigned p = 0; p <= CB_PROFILE__MAX; p++) {
        cr_expect_str_eq(cb_profile_name((enum cb_profile)p), words[p]);
    }
    cr_expect_eq(cb_profile_of(CB_STR("psd2")), CB_PROFILE_PSD2);
    cr_expect_eq(cb_profile_of(CB_STR("PSD2")), CB_PROFILE_NONE);
    cr_expect_eq(cb_profile_of(CB_STR("")), CB_PROFILE_NONE);
    cr_expect_eq(cb_profile_of((struct cb_str){ NULL, 0 }), CB_PROFILE_NONE);
    cr_expect_str_eq(cb_certificate_form_name(CB_FORM_BRCAC), "brcac");
    cr_expect_str_eq(cb_certificate_form_name(CB_FORM__MAX), "");
}
