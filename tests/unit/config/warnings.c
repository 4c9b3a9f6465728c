#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "sample.h"

#define PROFILE(p) "{ name: partners, anchors: ca.pem, profile: " p " }\n"
#define DIRECTORY(p)                                                                                         \
    "{ name: partners, anchors: ca.pem }\n"                                                                  \
    "directories: [{ name: d, issuer: i, jwks: d.jwks, profile: " p ", trust_group: partners }]\n"
#define AISP "roles: [{ role: AISP, scopes: [accounts] }]\n"
#define PSP  "roles: [{ role: PSP_AI, scopes: [accounts] }]\n"

static const struct {
    const char *groups;
    const char *said; /* NULL: nothing */
} rows[] = {
    { PROFILE("plain"), NULL },
    { PROFILE("ofbr"), NULL },
    { PROFILE("psd2"), "trust group `partners` is of profile psd2" },
    { PROFILE("psd2") AISP, "trust group `partners` is of profile psd2" },
    { PROFILE("psd2") PSP, NULL },
    { PROFILE("obuk"), "for a certificate with a PSD2 statement" },
    { PROFILE("obuk") PSP, NULL },
    { DIRECTORY("generic"), NULL },
    { DIRECTORY("obuk"), "directory `d` is of profile obuk" },
    { DIRECTORY("ofbr"), "directory `d` is of profile ofbr" },
    { DIRECTORY("ofbr") AISP, NULL },
};

Test(warnings, of_roles_that_nobody_mapped)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct outcome o;
        struct cb_buf said;
        char *yaml = sample_with("{ name: partners, anchors: ca.pem }\n", rows[i].groups);
        outcome_of(&o, yaml);
        cr_assert(o.ok, "row %zu: %s", i, outcome_problems(&o));
        cb_buf_init(&said, CB_MIB);
        cb_config_warnings(o.config, &said);
        cb_buf_add_char(&said, '\0');
        if (rows[i].said == NULL) {
            cr_expect_str_eq(said.p, "", "row %zu", i);
        } else {
            cr_expect_not_null(strstr(said.p, rows[i].said), "row %zu: %s", i, said.p);
            cr_expect_eq(strchr(said.p, '\n') + 1, said.p + said.n - 1, "row %zu: one line", i);
        }
        cb_buf_done(&said);
        free(yaml);
        outcome_done(&o);
    }
}
