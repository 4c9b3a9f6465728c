#include <criterion/criterion.h>

#include "bench.h"

Test(key, rotate_list_retire)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "key", "list"), CB_EXIT_OK);
    cr_expect_eq(COMMAND(&b, "key", "rotate"), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_eq(COMMAND(&b, "key", "rotate"), CB_EXIT_REFUSED, "one rotation at a time");
    cr_expect_eq(COMMAND(&b, "key", "list", "--json"), CB_EXIT_OK);
    json_t *j = bench_json(&b), *one = json_array_get(json_object_get(j, "keys"), 0);
    char kid[64];
    snprintf(kid, sizeof kid, "%s", json_string_value(json_object_get(one, "kid")));
    cr_expect_str_eq(json_string_value(json_object_get(one, "state")), "pending");
    cr_expect_str_eq(json_string_value(json_object_get(one, "alg")), "ES256");
    json_decref(j);
    cr_expect_eq(COMMAND(&b, "key", "retire", "--", kid), CB_EXIT_USAGE, "--config went behind the --");
    char word[80];
    snprintf(word, sizeof word, "%s", kid);
    cr_expect_eq(COMMAND(&b, "key", "retire", "nothing"), CB_EXIT_REFUSED);
    if (kid[0] != '-' || kid[1] != '-') {
        cr_expect_eq(COMMAND(&b, "key", "retire", kid), CB_EXIT_OK, "%s", b.r.err);
    }
    bench_close(&b);
}
