#include "partner/identity.h"

#include "base/buf.h"
#include "base/limits.h"
#include "cert/name.h"
#include "cert/x5t.h"
#include "partner/client.h"

/* Length before each part, so that no two lists of parts give the same bytes. */
static void add_part(struct cb_buf *b, struct cb_str part)
{
    cb_buf_add_fmt(b, "%zu:", part.n);
    cb_buf_add_str(b, part);
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
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, 4 * CB_KIB);
    add_part(&b, r->trust_group);
    add_part(&b, r->subject_kind);
    add_part(&b, subject);
    CB_TRY(cb_buf_check(&b, err));

    struct cb_x5t *digest = cb_arena_alloc(a, sizeof *digest);
    CB_ENSURE(digest != NULL, CB_E_MEMORY, "identity");
    CB_TRY(cb_x5t_of(cb_buf_str(&b), digest, err));
    *out = (struct cb_str){ (const char *)digest->b, sizeof digest->b };
    return CB_OK;
}
