#include "cert/san.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/limits.h"

enum { NONE = CB_SAN__MAX, DNS_MAX = 253 };

static const struct {
    const char *label;
    int general_name;
} kinds[CB_SAN__MAX] = {
    [CB_SAN_DNS] = { "DNS", GEN_DNS },
    [CB_SAN_URI] = { "URI", GEN_URI },
    [CB_SAN_IP] = { "IP", GEN_IPADD },
    [CB_SAN_EMAIL] = { "email", GEN_EMAIL },
};

const char *cb_san_label(enum cb_san_kind kind)
{
    return kind < CB_SAN__MAX ? kinds[kind].label : "";
}

/* --- reading --- */

static void free_names(GENERAL_NAMES **n)
{
    GENERAL_NAMES_free(*n);
}

static size_t kind_of(const GENERAL_NAME *name)
{
    for (size_t k = 0; k < CB_SAN__MAX; k++) {
        if (name->type == kinds[k].general_name) {
            return k;
        }
    }
    return NONE;
}

/* Visible ASCII: what DNS names, URIs and mailboxes are made of. NUL is not among it. RFC 8705 section 7.5.
 */
static bool is_visible(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= 0x20 || s.p[i] >= 0x7f) {
            return false;
        }
    }
    return s.n > 0;
}

static cb_status read_one(struct cb_arena *a, size_t kind, const GENERAL_NAME *name, struct cb_str *out,
                          struct cb_err *err)
{
    const ASN1_STRING *value = GENERAL_NAME_get0_value(name, NULL);
    const struct cb_str bytes = { (const char *)ASN1_STRING_get0_data(value),
                                  (size_t)ASN1_STRING_length(value) };
    if (kind == CB_SAN_IP) {
        CB_ENSURE(bytes.n == 4 || bytes.n == 16, CB_E_CERT_MALFORMED,
                  "an IP in the certificate has %zu octets", bytes.n);
    } else {
        CB_ENSURE(is_visible(bytes), CB_E_CERT_MALFORMED, "a %s in the certificate holds a forbidden byte",
                  kinds[kind].label);
    }
    *out = cb_arena_str(a, bytes);
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "certificate");
    return CB_OK;
}

static cb_status read_kind(struct cb_arena *a, const GENERAL_NAMES *names, size_t kind,
                           struct cb_san_list *out, struct cb_err *err)
{
    const int total = sk_GENERAL_NAME_num(names);
    struct cb_str *values = NULL;
    for (int i = 0; i < total; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (kind_of(name) != kind) {
            continue;
        }
        values = values != NULL ? values : cb_arena_array(a, (size_t)total, sizeof *values);
        CB_ENSURE(values != NULL, CB_E_MEMORY, "certificate");
        CB_TRY(read_one(a, kind, name, &values[out->count], err));
        out->count++;
    }
    out->values = values;
    return CB_OK;
}

cb_status cb_san_read(struct cb_arena *a, struct cb_str der, struct cb_san_list out[CB_SAN__MAX],
                      struct cb_err *err)
{
    const unsigned char *p = (const unsigned char *)der.p;
    CB_AUTO(free_names) GENERAL_NAMES *names = d2i_GENERAL_NAMES(NULL, &p, (long)der.n);
    ERR_clear_error();
    CB_ENSURE(names != NULL && p == (const unsigned char *)der.p + der.n, CB_E_CERT_MALFORMED,
              "subjectAltName does not decode");
    for (size_t k = 0; k < CB_SAN__MAX; k++) {
        CB_TRY(read_kind(a, names, k, &out[k], err));
    }
    return CB_OK;
}

/* --- comparing --- */

static bool dns_eq(struct cb_str presented, struct cb_str registered)
{
    return cb_str_eq_nocase(presented, registered);
}

static bool ip_eq(struct cb_str presented, struct cb_str registered)
{
    unsigned char octets[16];
    char text[INET6_ADDRSTRLEN];
    if (registered.n == 0 || registered.n >= sizeof text) {
        return false;
    }
    memcpy(text, registered.p, registered.n);
    text[registered.n] = '\0';
    const int family = presented.n == 4 ? AF_INET : AF_INET6;
    return inet_pton(family, text, octets) == 1 &&
           cb_str_eq((struct cb_str){ (const char *)octets, presented.n }, presented);
}

/* RFC 5280 section 7.5: the local part to the byte, the host without regard to case. */
static bool email_eq(struct cb_str presented, struct cb_str registered)
{
    const char *at = memrchr(registered.p, '@', registered.n);
    if (at == NULL || presented.n != registered.n) {
        return false;
    }
    const size_t local = (size_t)(at - registered.p) + 1;
    return cb_str_eq((struct cb_str){ presented.p, local }, (struct cb_str){ registered.p, local }) &&
           cb_str_eq_nocase((struct cb_str){ presented.p + local, presented.n - local },
                            (struct cb_str){ registered.p + local, registered.n - local });
}

static bool (*const same[CB_SAN__MAX])(struct cb_str presented, struct cb_str registered) = {
    [CB_SAN_DNS] = dns_eq,
    [CB_SAN_URI] = cb_str_eq,
    [CB_SAN_IP] = ip_eq,
    [CB_SAN_EMAIL] = email_eq,
};

bool cb_cert_has_san(const struct cb_cert *c, enum cb_san_kind kind, struct cb_str registered)
{
    if (kind >= CB_SAN__MAX || registered.n == 0) {
        return false;
    }
    for (size_t i = 0; i < c->sans[kind].count; i++) {
        if (same[kind](c->sans[kind].values[i], registered)) {
            return true;
        }
    }
    return false;
}

/* --- registering --- */

static cb_status lower(struct cb_arena *a, struct cb_str s, size_t from, struct cb_str *out,
                       struct cb_err *err)
{
    char *copy = cb_arena_cstr(a, s);
    CB_ENSURE(copy != NULL, CB_E_MEMORY, "name");
    for (size_t i = from; i < s.n; i++) {
        copy[i] = (char)cb_ascii_lower((unsigned char)copy[i]);
    }
    *out = (struct cb_str){ copy, s.n };
    return CB_OK;
}

static bool is_host(struct cb_str s)
{
    struct cb_str label;
    for (struct cb_str rest = s; cb_str_next(&rest, '.', &label);) {
        if (label.n == 0 || label.n > 63) {
            return false;
        }
        for (size_t i = 0; i < label.n; i++) {
            const unsigned char c = cb_ascii_lower((unsigned char)label.p[i]);
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_')) {
                return false;
            }
        }
    }
    return s.n <= DNS_MAX;
}

static cb_status normal_dns(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    CB_ENSURE(is_host(text), CB_E_REGISTRATION, "is not a DNS name (wildcards are not allowed)");
    return lower(a, text, 0, out, err);
}

static cb_status normal_uri(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    const char *colon = memchr(text.p, ':', text.n);
    CB_ENSURE(is_visible(text) && colon != NULL && colon > text.p && colon < text.p + text.n - 1,
              CB_E_REGISTRATION, "is not an absolute URI in ASCII");
    CB_ENSURE(memchr(text.p, '*', text.n) == NULL, CB_E_REGISTRATION, "must not hold a wildcard");
    return lower(a, text, text.n, out, err);
}

static cb_status normal_ip(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    unsigned char octets[16];
    char *copy = cb_arena_alloc(a, INET6_ADDRSTRLEN);
    CB_ENSURE(copy != NULL, CB_E_MEMORY, "name");
    CB_ENSURE(is_visible(text) && text.n < INET6_ADDRSTRLEN, CB_E_REGISTRATION,
              "is not an IPv4 or IPv6 address");
    memcpy(copy, text.p, text.n);
    const int family = memchr(text.p, ':', text.n) != NULL ? AF_INET6 : AF_INET;
    CB_ENSURE(inet_pton(family, copy, octets) == 1, CB_E_REGISTRATION, "is not an IPv4 or IPv6 address");
    (void)inet_ntop(family, octets, copy, INET6_ADDRSTRLEN);
    *out = cb_str_of(copy);
    return CB_OK;
}

static cb_status normal_email(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    const char *at = memrchr(text.p, '@', text.n);
    const size_t local = at == NULL ? 0 : (size_t)(at - text.p);
    CB_ENSURE(is_visible(text) && local > 0 && is_host((struct cb_str){ at + 1, text.n - local - 1 }),
              CB_E_REGISTRATION, "is not a mailbox in ASCII");
    return lower(a, text, local, out, err);
}

static cb_status (*const normal[CB_SAN__MAX])(struct cb_arena *, struct cb_str, struct cb_str *,
                                              struct cb_err *) = {
    [CB_SAN_DNS] = normal_dns,
    [CB_SAN_URI] = normal_uri,
    [CB_SAN_IP] = normal_ip,
    [CB_SAN_EMAIL] = normal_email,
};

cb_status cb_san_normalise(struct cb_arena *a, enum cb_san_kind kind, struct cb_str text, struct cb_str *out,
                           struct cb_err *err)
{
    CB_ENSURE(kind < CB_SAN__MAX, CB_E_INTERNAL, "kind of SAN");
    CB_ENSURE(text.n > 0 && text.n <= CB_LIMIT_SAN, CB_E_REGISTRATION, "must be 1 to %d bytes", CB_LIMIT_SAN);
    return normal[kind](a, text, out, err);
}

/* --- printing --- */

static void print_ip(struct cb_str octets, struct cb_buf *out)
{
    char text[INET6_ADDRSTRLEN] = "";
    (void)inet_ntop(octets.n == 4 ? AF_INET : AF_INET6, octets.p, text, sizeof text);
    cb_buf_add_cstr(out, text);
}

void cb_san_print(enum cb_san_kind kind, struct cb_str value, struct cb_buf *out)
{
    if (kind == CB_SAN_IP) {
        print_ip(value, out);
    } else {
        cb_buf_add_str(out, value);
    }
}

void cb_cert_print_sans(const struct cb_cert *c, struct cb_buf *out)
{
    const char *separator = "";
    for (size_t k = 0; k < CB_SAN__MAX; k++) {
        for (size_t i = 0; i < c->sans[k].count; i++) {
            cb_buf_add_cstr(out, separator);
            cb_buf_add_cstr(out, kinds[k].label);
            cb_buf_add_char(out, ':');
            cb_san_print((enum cb_san_kind)k, c->sans[k].values[i], out);
            separator = ", ";
        }
    }
}
