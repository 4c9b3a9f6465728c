#include "partner/identity.h"

#include "base/buf.h"
#include "base/limits.h"
#include "cert/name.h"
#include "cert/x5t.h"
#include "partner/client.h"

enum { PARTS = 3 };

/* Length before each part, so that no two lists of parts give the same bytes. */
static cb_status digest_of(struct cb_arena *a, const struct cb_str parts[PARTS], struct cb_str *out,
                           struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 4 * CB_KIB);
    for (size_t i = 0; i < PARTS; i++) {
        cb_buf_add_fmt(&b, "%zu:", parts[i].n);
        cb_buf_add_str(&b, parts[i]);
    }
    CB_TRY(cb_buf_check(&b, err));
    struct cb_x5t *digest = cb_arena_alloc(a, sizeof *digest);
    CB_ENSURE(digest != NULL, CB_E_MEMORY, "identity");
    CB_TRY(cb_x5t_of(cb_buf_str(&b), digest, err));
    *out = (struct cb_str){ (const char *)digest->b, sizeof digest->b };
    return CB_OK;
}

cb_status cb_identity_of(struct cb_arena *a, const struct cb_client_record *r, struct cb_str *out,
                         struct cb_err *err)
{
    if (r->subject_kind.n == 0) {
        *out = (struct cb_str){ 0 };
        return CB_OK;
    }
    struct cb_str subject = r->subject;
    uint8_t name_hash[32];
    if (cb_subject_kind_of(r->subject_kind) == CB_SUBJECT_DN) {
        const struct cb_name *name = NULL;
        CB_TRY(cb_name_from_text(a, r->subject, &name, err));
        CB_TRY(cb_name_hash(name, name_hash, err));
        subject = (struct cb_str){ (const char *)name_hash, sizeof name_hash };
    }
    return digest_of(a, (struct cb_str[PARTS]){ r->trust_group, r->subject_kind, subject }, out, err);
}

cb_status cb_identity_of_keys(struct cb_arena *a, const struct cb_client_record *r,
                              const struct cb_x5t *presented, struct cb_str *out, struct cb_err *err)
{
    const struct cb_str x5t = { (const char *)presented->b, sizeof presented->b };
    const bool by_uri = r->jwks_uri.n > 0;
    return digest_of(a,
                     (struct cb_str[PARTS]){ r->directory, by_uri ? CB_STR("jwks_uri") : CB_STR("x5t#S256"),
                                             by_uri ? r->jwks_uri : x5t },
                     out, err);
}
