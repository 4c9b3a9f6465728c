/* Both dialects say the same: the same files, the same parameters. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "store/store_ops.h"

static int highest_parameter(const char *sql, char sign)
{
    int highest = 0;
    for (const char *p = strchr(sql, sign); p != NULL; p = strchr(p + 1, sign)) {
        const int n = (int)strtol(p + 1, NULL, 10);
        highest = n > highest ? n : highest;
    }
    return highest;
}

static const struct {
    const char *name;
    size_t parameters;
} statements[] = {
#define CB_STATEMENT(name, file, params) { file, sizeof(params) - 1 },
#include "store/statements.def"
#undef CB_STATEMENT
};

static const struct {
    const struct cb_sql_file *files;
    char sign;
} dialects[] = { { cb_sql_sqlite_queries, '?' }, { cb_sql_postgresql_queries, '$' } };

Test(dialects, have_every_statement_with_its_parameters_and_no_other)
{
    for (size_t d = 0; d < CB_COUNT(dialects); d++) {
        size_t count = 0;
        while (dialects[d].files[count].name != NULL) {
            count++;
        }
        cr_expect_eq(count, CB_COUNT(statements));
        for (size_t i = 0; i < CB_COUNT(statements); i++) {
            const char *sql = cb_sql_text(dialects[d].files, statements[i].name);
            cr_assert_not_null(sql, "%s", statements[i].name);
            cr_expect_eq((size_t)highest_parameter(sql, dialects[d].sign), statements[i].parameters, "%s",
                         statements[i].name);
        }
    }
}

Test(dialects, have_the_same_migrations)
{
    const struct cb_sql_file *a = cb_sql_sqlite_migrations, *b = cb_sql_postgresql_migrations;
    for (; a->name != NULL && b->name != NULL; a++, b++) {
        cr_expect_str_eq(a->name, b->name);
    }
    cr_expect_null(a->name);
    cr_expect_null(b->name);
}
