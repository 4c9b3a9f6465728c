#include "onboarding/directories.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "applicant.h"
#include "onboarding/suspension.h"

#define KEYS                                                                                                 \
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}" \
    "]}"

static char path[] = "/tmp/certbound-jwks-XXXXXX";

static enum cb_code load(const char *text, const char *jwks, struct cb_directories **out, struct cb_err *err)
{
    const int fd = mkstemp(path);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    (void)close(fd);
    static struct cb_config_directory d[2];
    static struct cb_config config_of_test;
    d[0] = (struct cb_config_directory){ .name = "file", .jwks = jwks == NULL ? path : jwks };
    d[1] = (struct cb_config_directory){ .name = "url", .jwks = "https://directory.example/jwks" };
    config_of_test = (struct cb_config){ .directories = d, .directory_count = 2 };
    (void)CB_FAILED(cb_directories_load(&config_of_test, out, err));
    (void)unlink(path);
    if (*out != NULL) {
        cr_expect_not_null(cb_directories_keys(*out, &d[0]));
        cr_expect_null(cb_directories_keys(*out, &d[1]));
        cr_expect_not(cb_directory_is_remote(&d[0]));
        cr_expect(cb_directory_is_remote(&d[1]));
    }
    return err->code;
}

Test(directories, hold_the_keys_of_files)
{
    struct cb_directories *d = NULL;
    struct cb_err err = { 0 };
    cr_expect_eq(load(KEYS, NULL, &d, &err), CB_E_NONE, "%s", err.detail);
    cb_directories_unref(cb_directories_ref(d));
    cb_directories_unref(d);
    cb_directories_unref(NULL);
}

Test(directories, name_what_cannot_be_loaded)
{
    struct cb_directories *d = NULL;
    struct cb_err err = { 0 };
    cr_expect_eq(load("{}", NULL, &d, &err), CB_E_CONFIG);
    cr_expect_str_eq(err.detail, "directory file: JWK set without the array \"keys\"");
}

Test(directories, name_what_is_not_there)
{
    struct cb_directories *d = NULL;
    struct cb_err err = { 0 };
    cr_expect_eq(load(KEYS, "/nowhere/jwks", &d, &err), CB_E_FILE);
    cr_expect(cb_str_starts(cb_str_of(err.detail), CB_STR("directory file: ")), "%s", err.detail);
}

static void add(struct cb_registry *r, const char *id, const char *directory, int64_t ends, int64_t suspended)
{
    const struct cb_client_record record = { .client_id = cb_str_of(id),
                                             .auth_method = CB_STR("tls_client_auth"),
                                             .subject_kind = CB_STR("tls_client_auth_subject_dn"),
                                             .subject = CB_STR("CN=a"),
                                             .directory = cb_str_of(directory),
                                             .statement_expires_at = ends,
                                             .suspended_at = suspended };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_registry_add(r, &record, &err)), "%s", err.detail);
}

Test(suspension, is_due_where_the_directory_asks_for_it)
{
    struct cb_config_directory d[] = { { .name = "strict", .suspend_expired = true }, { .name = "lax" } };
    const struct cb_config c = { .directories = d, .directory_count = 2 };
    struct cb_registry *r = cb_registry_new();
    cr_expect_eq(cb_suspension_next(r, &c), INT64_MAX);
    add(r, "by-hand", "", 100, 0);
    add(r, "lax", "lax", 100, 0);
    add(r, "gone", "no-longer-configured", 100, 0);
    add(r, "lasting", "strict", 0, 0);
    add(r, "suspended", "strict", 100, 200);
    cr_expect_eq(cb_suspension_next(r, &c), INT64_MAX);
    add(r, "later", "strict", 300, 0);
    add(r, "soon", "strict", 200, 0);
    cr_expect_eq(cb_suspension_next(r, &c), 200);

    const struct cb_client *soon = cb_registry_find(r, CB_STR("soon"));
    cr_expect_not(cb_client_statement_is_over(soon, &c, 199));
    cr_expect(cb_client_statement_is_over(soon, &c, 200));
    cr_expect_not(cb_client_statement_is_over(cb_registry_find(r, CB_STR("lax")), &c, 200));
    cr_expect_not(cb_client_statement_is_over(cb_registry_find(r, CB_STR("lasting")), &c, INT64_MAX));
    cb_registry_unref(r);
}
