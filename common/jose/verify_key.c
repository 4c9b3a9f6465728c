#include <stdlib.h>

#include "jose/keyop.h"

enum cb_alg cb_verify_key_alg(const struct cb_verify_key *k)
{
    return k->op.alg;
}

cb_status cb_verify_key_from_pkey(void *evp_pkey, enum cb_alg alg, struct cb_verify_key **out,
                                  struct cb_err *err)
{
    struct cb_verify_key *k = calloc(1, sizeof *k);
    CB_ENSURE(k != NULL, CB_E_MEMORY, "verifying key");
    if (CB_FAILED(cb_keyop_init(&k->op, evp_pkey, alg, false, err))) {
        cb_verify_key_free(k);
        return CB_FAIL;
    }
    *out = k;
    return CB_OK;
}

void cb_verify_key_free(struct cb_verify_key *k)
{
    if (k != NULL) {
        cb_keyop_done(&k->op);
        free(k);
    }
}

cb_status cb_verify(struct cb_verify_key *k, struct cb_str input, struct cb_str signature, struct cb_err *err)
{
    return cb_keyop_verify(&k->op, input, signature, err);
}
