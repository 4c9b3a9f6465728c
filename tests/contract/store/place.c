#include "place.h"

#include "testlib/database.h"

char place[512];
struct cb_store *store;
struct cb_err err;

void place_new(void)
{
    database_of_test()->make(place, sizeof place);
    MUST(cb_store_open(place, &store, &err));
}

void place_migrated(void)
{
    place_new();
    MUST(cb_store_migrate(store, 1000, &err));
}

void place_only(const char *name)
{
    if (strcmp(database_of_test()->name, name) != 0) {
        cr_skip("only for %s", name);
    }
}

void place_done(void)
{
    if (place[0] == '\0') {
        return; /* skipped */
    }
    cb_store_close(store);
    database_of_test()->drop();
}

bool place_is_sqlite(void)
{
    return strcmp(database_of_test()->name, "sqlite") == 0;
}

bool place_works(const char *sql)
{
    return database_of_test()->execute(sql, NULL);
}

void place_do(const char *sql)
{
    cr_assert(place_works(sql), "%s", sql);
}

int64_t place_number(const char *sql)
{
    int64_t n = 0;
    cr_assert(database_of_test()->execute(sql, &n), "%s", sql);
    return n;
}

void place_away(void)
{
    database_of_test()->away();
}

void place_back(void)
{
    database_of_test()->back();
}

void place_hang_up(void)
{
    database_of_test()->hang_up();
}

void place_lock(void)
{
    database_of_test()->lock();
}

void place_unlock(void)
{
    database_of_test()->unlock();
}

enum cb_code place_code(cb_status s)
{
    cr_assert_eq(CB_FAILED(s), err.code != CB_E_NONE, "status and code differ: %s", err.detail);
    return err.code;
}

struct cb_client_record client_of(const char *client_id)
{
    static char identities[16][32];
    static size_t used;
    char *identity = identities[used++ % CB_COUNT(identities)];
    memset(identity, '#', 32);
    memcpy(identity, client_id, strnlen(client_id, 32));
    return (struct cb_client_record){
        .client_id = cb_str_of(client_id),
        .client_name = CB_STR("A Bank"),
        .trust_group = CB_STR("partners"),
        .auth_method = CB_STR("tls_client_auth"),
        .subject_kind = CB_STR("tls_client_auth_subject_dn"),
        .subject = CB_STR("CN=a,O=Bank"),
        .scope = CB_STR("accounts payments"),
        .grant_types = CB_STR("client_credentials"),
        .identity = { identity, 32 },
        .enabled = true,
        .created_at = 1000,
        .updated_at = 1000,
    };
}

struct cb_client_record client_stored(const char *client_id)
{
    static struct cb_arena a;
    if (a.max == 0) {
        cb_arena_init(&a, 1024 * 1024);
    }
    struct cb_client_record c;
    MUST(cb_store_client_get(store, &a, cb_str_of(client_id), &c, &err));
    return c;
}

struct cb_key_record key_of(const char *kid, int64_t active_from)
{
    return (struct cb_key_record){
        .kid = cb_str_of(kid),
        .alg = CB_STR("ES256"),
        .public_jwk = CB_STR("{\"kty\":\"EC\"}"),
        .sealed = CB_STR("\0sealed\xff"),
        .created_at = 1000,
        .active_from = active_from,
    };
}

int64_t generation(void)
{
    int64_t g = 0;
    MUST(cb_store_read_registry(store, &(struct cb_registry_reader){ 0 }, &g, &err));
    return g;
}
