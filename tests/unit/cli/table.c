#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cli/cli.h"

static char *printed(size_t columns, size_t rows, const struct cb_str cells[])
{
    struct cb_arena a;
    cb_arena_init(&a, CB_MIB);
    struct cb_table t;
    cb_table_init(&t, &a, columns);
    for (size_t i = 0; i < rows; i++) {
        cb_table_add(&t, cells + i * columns);
    }
    char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_table_print(&t, f, &err)));
    fclose(f);
    cb_arena_done(&a);
    return out;
}

Test(table, aligns_all_columns_but_the_last)
{
    char *text = printed(3, 2,
                         (const struct cb_str[]){ CB_STR("A"), CB_STR("LONG"), CB_STR("C"), CB_STR("aaa"),
                                                  CB_STR(""), CB_STR("c") });
    cr_expect_str_eq(text, "A    LONG  C\naaa        c\n");
    free(text);
}

Test(table, counts_characters_and_not_bytes)
{
    char *text =
        printed(2, 2, (const struct cb_str[]){ CB_STR("\xc3\xa9"), CB_STR("x"), CB_STR("e"), CB_STR("y") });
    cr_expect_str_eq(text, "\xc3\xa9  x\ne  y\n");
    free(text);
}

Test(table, gives_a_terminal_nothing_to_obey)
{
    char *text = printed(1, 1,
                         (const struct cb_str[]){ CB_STR("a\x1b[2J\n\xff\0\x7f\xc2\x9b"
                                                         "b") });
    cr_expect_str_eq(text, "a?[2J?????b\n");
    free(text);
}

Test(table, says_when_memory_was_used_up)
{
    struct cb_arena none = { 0 };
    struct cb_table t;
    struct cb_err err = { 0 };
    cb_table_init(&t, &none, 1);
    cb_table_add(&t, (const struct cb_str[]){ CB_STR("x") });
    cr_expect(CB_FAILED(cb_table_print(&t, stdout, &err)));
    cr_expect_eq(err.code, CB_E_MEMORY);
}
