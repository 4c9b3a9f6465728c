/* The files of the repository that describe the configuration agree with the key table. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "base/file.h"
#include "base/limits.h"
#include "config/schema.h"

#define BEGIN "<!-- reference: certbound config print --reference -->\n"
#define END   "<!-- end of reference -->\n"

static struct cb_str read_all(struct cb_arena *a, const char *path)
{
    struct cb_str text = { 0 };
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_file_read(a, path, CB_MIB, &text, &err)), "%s", err.detail);
    return text;
}

Test(files, the_reference_is_current)
{
    struct cb_arena a;
    cb_arena_init(&a, 2 * CB_MIB);
    const struct cb_str page = read_all(&a, CB_SOURCE_DIR "/docs/configuration.md");
    const char *begin = strstr(page.p, BEGIN), *end = strstr(page.p, END);
    cr_assert(begin != NULL && end != NULL && begin < end);
    begin += sizeof BEGIN - 1;
    struct cb_buf reference;
    cb_buf_init(&reference, CB_MIB);
    cb_config_print_reference(&reference);
    cr_assert(
        cb_str_eq(cb_buf_str(&reference), (struct cb_str){ begin, (size_t)(end - begin) }),
        "docs/configuration.md is out of date: replace its table by `certbound config print --reference`");
    cb_buf_done(&reference);
    cb_arena_done(&a);
}

/* The example files load as they are. */
Test(files, the_shipped_files_load)
{
    static const char *const files[] = { "certbound.yaml", "profiles/development.yaml",
                                         "profiles/production.yaml" };
    for (size_t i = 0; i < CB_COUNT(files); i++) {
        struct cb_arena a;
        cb_arena_init(&a, CB_MIB);
        struct cb_buf problems;
        cb_buf_init(&problems, CB_MIB);
        char path[512];
        snprintf(path, sizeof path, CB_SOURCE_DIR "/config/%s", files[i]);
        struct cb_config *c = NULL;
        struct cb_err err = { 0 };
        cr_expect_not(CB_FAILED(cb_config_load(&a, path, &c, &problems, &err)), "%s\n" CB_STR_FMT, err.detail,
                      CB_STR_ARG(problems));
        cb_buf_done(&problems);
        cb_arena_done(&a);
    }
}

/* The annotated file: each key as `name:` at the start of a line or of an entry, commented out or not, with
 * its default. */
static bool names(struct cb_str file, const struct cb_key *k)
{
    char wanted[128];
    snprintf(wanted, sizeof wanted, "%s:%s%s", cb_key_name(k), k->fallback == NULL ? "" : " ",
             k->fallback == NULL ? "" : k->fallback);
    struct cb_str line;
    while (cb_str_next(&file, '\n', &line)) {
        const size_t skip = strspn(line.p, " #-");
        if (skip < line.n &&
            cb_str_starts((struct cb_str){ line.p + skip, line.n - skip }, cb_str_of(wanted))) {
            return true;
        }
    }
    return false;
}

Test(files, the_annotated_file_names_every_key_with_its_default)
{
    struct cb_arena a;
    cb_arena_init(&a, 2 * CB_MIB);
    const struct cb_str file = read_all(&a, CB_SOURCE_DIR "/config/certbound.yaml");
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        cr_expect(names(file, &cb_keys[i]), "config/certbound.yaml does not show `%s` (default %s)",
                  cb_keys[i].path, cb_keys[i].fallback == NULL ? "none" : cb_keys[i].fallback);
    }
    cb_arena_done(&a);
}
