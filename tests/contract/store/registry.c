/* Reading the registry whole. */
#include "place.h"

TestSuite(registry, .init = place_migrated, .fini = place_done);

struct reading {
    char seen[256];
    size_t fail_at; /* fails at the row of this number, from 1 */
    size_t rows;
    struct cb_store *writer; /* adds a client between the rows */
};

static cb_status row(struct reading *r, struct cb_str name, struct cb_err *e)
{
    if (++r->rows == r->fail_at) {
        cb_err_set(e, CB_E_REGISTRATION, __FILE__, __LINE__, "enough");
        return CB_FAIL;
    }
    const size_t used = strlen(r->seen);
    (void)snprintf(r->seen + used, sizeof r->seen - used, CB_STR_FMT " ", CB_STR_ARG(name));
    if (r->writer != NULL && r->rows == 1) {
        const struct cb_client_record c = client_of("between");
        CB_TRY(cb_store_client_add(r->writer, &c, e));
    }
    return CB_OK;
}

static cb_status each_key(void *ctx, const struct cb_key_record *k, struct cb_err *e)
{
    return row(ctx, k->kid, e);
}

static cb_status each_client(void *ctx, const struct cb_client_record *c, struct cb_err *e)
{
    return row(ctx, c->client_id, e);
}

static void fill(void)
{
    static const char *const names[] = { "b", "a", "\xc3\xa4", "B", "a-b", "ab", "1" };
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        const struct cb_client_record c = client_of(names[i]);
        MUST(cb_store_client_add(store, &c, &err));
    }
    const struct cb_key_record k = key_of("key", 1000);
    MUST(cb_store_key_add(store, &k, true, 1000, &err));
}

Test(registry, an_empty_one_has_a_generation)
{
    struct reading r = { 0 };
    int64_t g = 0;
    MUST(cb_store_read_registry(
        store, &(struct cb_registry_reader){ .key = each_key, .client = each_client, .ctx = &r }, &g, &err));
    cr_expect_eq(r.rows, 0);
    cr_expect_eq(g, 1);
}

Test(registry, keys_come_first_then_clients_by_the_bytes_of_their_names)
{
    struct reading r = { 0 };
    int64_t g = 0;
    fill();
    MUST(cb_store_read_registry(
        store, &(struct cb_registry_reader){ .key = each_key, .client = each_client, .ctx = &r }, &g, &err));
    cr_expect_str_eq(r.seen, "key 1 B a a-b ab b \xc3\xa4 ");
    cr_expect_eq(g, 9);
}

Test(registry, either_function_may_be_null)
{
    struct reading keys = { 0 }, clients = { 0 };
    int64_t g = 0;
    fill();
    MUST(cb_store_read_registry(store, &(struct cb_registry_reader){ .key = each_key, .ctx = &keys }, &g,
                                &err));
    MUST(cb_store_read_registry(store, &(struct cb_registry_reader){ .client = each_client, .ctx = &clients },
                                &g, &err));
    cr_expect_eq(keys.rows, 1);
    cr_expect_eq(clients.rows, 7);
}

Test(registry, a_failure_stops_the_reading_and_is_passed_on)
{
    fill();
    for (size_t at = 1; at <= 8; at++) {
        struct reading r = { .fail_at = at };
        int64_t g = -7;
        EXPECT(cb_store_read_registry(
                   store, &(struct cb_registry_reader){ .key = each_key, .client = each_client, .ctx = &r },
                   &g, &err),
               CB_E_REGISTRATION);
        cr_expect_str_eq(err.detail, "enough");
        cr_expect_eq(r.rows, at);
        cr_expect_eq(g, -7);
    }
    EXPECT(cb_store_check_schema(store, &err), CB_E_NONE);
}

static cb_status busy(void *ctx, const struct cb_client_record *c, struct cb_err *e)
{
    (void)c;
    ++*(int *)ctx;
    cb_err_set(e, CB_E_STORE_RETRY, __FILE__, __LINE__, "the reader's own");
    return CB_FAIL;
}

Test(registry, what_was_handed_out_is_not_handed_out_again)
{
    int calls = 0;
    int64_t g = 0;
    fill();
    EXPECT(cb_store_read_registry(store, &(struct cb_registry_reader){ .client = busy, .ctx = &calls }, &g,
                                  &err),
           CB_E_STORE_RETRY);
    cr_expect_eq(calls, 1);
}

Test(registry, a_change_in_between_is_not_in_it)
{
    struct reading r = { 0 };
    int64_t g = 0;
    fill();
    const int64_t before = generation();
    MUST(cb_store_open(place, &r.writer, &err));
    MUST(cb_store_read_registry(
        store, &(struct cb_registry_reader){ .key = each_key, .client = each_client, .ctx = &r }, &g, &err));
    cr_expect_null(strstr(r.seen, "between"), "%s", r.seen);
    cr_expect_eq(g, before);
    cr_expect_eq(generation(), before + 1);
    cb_store_close(r.writer);
}
