/* fill STORE COUNT: registers COUNT clients client-0 ... in a migrated store, for the figures that depend on
 * how many there are. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "partner/identity.h"
#include "store/store.h"

static cb_status add(struct cb_store *store, long i, struct cb_err *err)
{
    char id[32], subject[64];
    struct cb_arena a CB_AUTO(cb_arena_done);
    cb_arena_init(&a, 1 << 16);
    (void)snprintf(id, sizeof id, "client-%ld", i);
    (void)snprintf(subject, sizeof subject, "CN=client-%ld,O=Bench,C=GB", i);
    struct cb_client_record c = { .client_id = cb_str_of(id),
                                  .client_name = CB_STR("A client of the bench"),
                                  .trust_group = CB_STR("partners"),
                                  .auth_method = CB_STR("tls_client_auth"),
                                  .subject_kind = CB_STR("tls_client_auth_subject_dn"),
                                  .subject = cb_str_of(subject),
                                  .scope = CB_STR("accounts payments"),
                                  .grant_types = CB_STR("client_credentials"),
                                  .enabled = true,
                                  .created_at = cb_clock_unix(),
                                  .updated_at = cb_clock_unix(),
                                  .revision = 1 };
    CB_TRY(cb_identity_of(&a, &c, &c.identity, err));
    return cb_store_client_add(store, &c, err);
}

int main(int argc, char **argv)
{
    struct cb_store *store = NULL;
    struct cb_err err = { 0 };
    const long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    if (count <= 0) {
        (void)fprintf(stderr, "fill STORE COUNT\n");
        return 2;
    }
    bool ok = !CB_FAILED(cb_store_open(argv[1], &store, &err));
    for (long i = 0; ok && i < count; i++) {
        ok = !CB_FAILED(add(store, i, &err));
    }
    cb_store_close(store);
    if (!ok) {
        (void)fprintf(stderr, "fill: %s: %s\n", cb_code_reason(err.code), err.detail);
    }
    return ok ? 0 : 1;
}
