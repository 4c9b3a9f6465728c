#include <criterion/criterion.h>

#include "bench.h"

Test(trust, list_tells_what_groups_demand_and_whom_they_trust)
{
    struct bench b;
    bench_open(&b);
    cr_expect_eq(COMMAND(&b, "trust", "list"), CB_EXIT_OK, "%s", b.r.err);
    cr_expect_not_null(strstr(b.r.out, "anchor"), "%s", b.r.out);
    cr_assert_eq(COMMAND(&b, "trust", "list", "--json"), CB_EXIT_OK, "%s", b.r.err);
    json_t *j = bench_json(&b);
    const json_t *group = json_array_get(json_object_get(j, "trust_groups"), 0);
    cr_expect_eq(json_integer_value(json_object_get(group, "min_rsa_bits")), 2048);
    cr_expect_str_eq(json_string_value(json_object_get(json_object_get(group, "revocation"), "check")),
                     "off");
    cr_expect_eq(json_array_size(json_object_get(group, "anchors")), 1);
    json_decref(j);
    bench_close(&b);
}
