#include <criterion/criterion.h>

#include "bench.h"

Test(token, needs_one_way_to_the_endpoint)
{
    struct run r;
    RUN_COMMAND(&r, "token", "--client-id", "a", "--cert", "c", "--key", "k");
    cr_expect_eq(r.status, CB_EXIT_USAGE);
    run_done(&r);
    RUN_COMMAND(&r, "token", "--client-id", "a", "--cert", "c", "--key", "k", "--issuer",
                "https://127.0.0.1:1", "--token-endpoint", "https://127.0.0.1:1");
    cr_expect_eq(r.status, CB_EXIT_USAGE);
    run_done(&r);
    RUN_COMMAND(&r, "token", "--client-id", "a", "--cert", "c", "--key", "k", "--issuer",
                "https://127.0.0.1:1");
    cr_expect_eq(r.status, CB_EXIT_REFUSED);
    run_done(&r);
}
