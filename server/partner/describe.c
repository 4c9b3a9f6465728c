#include "partner/describe.h"

#include "base/limits.h"
#include "cert/name.h"

static struct cb_str text_of_name(struct cb_arena *a, const struct cb_name *name)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_LIMIT_SUBJECT);
    if (name != NULL) {
        cb_name_print(name, &text);
    }
    return cb_arena_str(a, text.failed || text.n == 0 ? CB_STR("") : cb_buf_str(&text));
}

static struct cb_str hex(struct cb_arena *a, struct cb_str octets)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * CB_LIMIT_SERIAL];
    const size_t n = octets.n <= CB_LIMIT_SERIAL ? octets.n : 0;
    for (size_t i = 0; i < n; i++) {
        const unsigned char octet = (unsigned char)octets.p[i];
        text[2 * i] = digits[octet >> 4];
        text[2 * i + 1] = digits[octet & 15];
    }
    return cb_arena_str(a, (struct cb_str){ text, 2 * n });
}

cb_status cb_certificate_describe(struct cb_arena *a, const struct cb_cert *cert,
                                  struct cb_seen_certificate *out, struct cb_err *err)
{
    *out = (struct cb_seen_certificate){
        .x5t = cb_arena_str(a, (struct cb_str){ (const char *)cert->x5t.b, sizeof cert->x5t.b }),
        .subject = text_of_name(a, cert->subject),
        .issuer = text_of_name(a, cert->issuer),
        .serial = hex(a, cert->serial),
        .not_before = cert->not_before,
        .not_after = cert->not_after,
    };
    CB_ENSURE(out->x5t.p != NULL && out->subject.p != NULL && out->issuer.p != NULL && out->serial.p != NULL,
              CB_E_MEMORY, "certificate");
    return CB_OK;
}
