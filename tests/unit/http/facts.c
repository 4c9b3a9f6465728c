#include "http/facts.h"

#include <criterion/criterion.h>

Test(facts, media_type)
{
    static const struct {
        const char *content_type;
        bool is;
    } cases[] = {
        { "a/b", true },      { "A/B", true },   { "a/b;", true },  { "a/b; charset=utf-8", true },
        { "a/b \t;x", true }, { "a/bc", false }, { "a/", false },   { "", false },
        { ";a/b", false },    { " a/b", false }, { "a /b", false }, { "x,a/b", false },
        { "a/b,x", false },   { NULL, false },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        cr_assert_eq(cb_media_type_is(cb_str_of(cases[i].content_type), CB_STR("a/b")), cases[i].is, "%s",
                     cases[i].content_type);
    }
}
