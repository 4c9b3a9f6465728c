/* The body of POST /admin/v1/clients, judged as a registration; and behind a first byte `=`, an If-Match
 * field. What is accepted must be a client that the registry understands, or it would be stored and never
 * known. */
#include <stdlib.h>

#include "admin/parts.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *scopes[] = { "accounts", "payments" };
static struct cb_config_resource resources[] = { { "https://api.example", scopes, 2 } };
static struct cb_config_trust_group groups[] = { { .name = "g", .anchors = "a", .profile = "plain" } };
static const struct cb_config config = { .issuer = "https://as.example",
                                         .resources = resources,
                                         .resource_count = 1,
                                         .trust_groups = groups,
                                         .trust_group_count = 1 };

static void demand(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void judge(struct cb_request *rq)
{
    struct cb_registration asked = { .scope = { NULL, 0 } };
    struct cb_client_record record = { .revision = 0 };
    struct cb_client client = { .method = CB_AUTH_NONE };
    struct cb_buf problems;
    bool enabled = true;
    cb_buf_init(&problems, 16 * CB_KIB);
    if (!CB_FAILED(cb_admin_registration(rq, &asked, &enabled, NULL)) &&
        !CB_FAILED(cb_registration_check(rq->arena, &asked, &config, 1800000000, &record, &problems, NULL))) {
        demand(problems.n == 0 && !CB_FAILED(cb_client_of(rq->arena, &record, &client, NULL)));
    }
    cb_buf_done(&problems);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    const struct cb_str text = { (const char *)data, size };
    struct cb_request rq = { .arena = &a, .body = text };
    cb_arena_init(&a, 4 * CB_LIMIT_REQUEST_ARENA);
    if (cb_str_starts(text, CB_STR("="))) {
        rq.if_match = (struct cb_str){ text.p + 1, text.n - 1 };
        (void)CB_FAILED(cb_admin_if_match(&rq, 7, NULL));
    } else if (size > 0) {
        judge(&rq);
    }
    cb_arena_done(&a);
    return 0;
}
