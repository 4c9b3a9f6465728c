#include "store/unique.h"

#include "base/str.h"

static const struct {
    struct cb_str column;
    const char *detail;
} outcomes[] = {
    { { "client_id", 9 }, "client_id: a client of this name is there already" },
    { { "identity", 8 }, "identity: another client of the trust group has this subject already" },
    { { "registration_token_hash", 23 }, "registration_token_hash: another client has it" },
    { { "x5t", 3 }, "x5t: this certificate is revoked already" },
    { { "request", 7 }, "this request was used before" },
    { { "kid", 3 }, "kid: a key of this name is there already" },
};

static bool ends_in(struct cb_str s, struct cb_str end)
{
    return s.n >= end.n && cb_str_eq((struct cb_str){ s.p + s.n - end.n, end.n }, end);
}

cb_status cb_unique_refused(const char *constraint, struct cb_err *err)
{
    const struct cb_str name = cb_str_of(constraint);
    for (size_t i = 0; i < CB_COUNT(outcomes); i++) {
        if (ends_in(name, outcomes[i].column)) {
            CB_REFUSE(CB_E_EXISTS, "%s", outcomes[i].detail);
        }
    }
    CB_REFUSE(CB_E_STORE, "a unique constraint that has no outcome: %.64s", constraint);
}
