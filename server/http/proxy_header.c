#include "http/proxy_header.h"

#include "base/limits.h"

/* proxy-protocol.txt section 2.2: signature, version and command, family and transport, length; then
 * addresses and type-length-value vectors. */
enum { SIGNATURE = 12, FIXED = 16, VECTOR_HEAD = 3, VERSION_2 = 2, LOCAL = 0, PROXY = 1 };

static const char signature[SIGNATURE] = "\r\n\r\n\0\r\nQUIT\n";

static unsigned octet(struct cb_str s, size_t i)
{
    return (unsigned char)s.p[i];
}

static size_t length_at(struct cb_str s, size_t i)
{
    return (size_t)octet(s, i) << 8 | octet(s, i + 1);
}

static const struct family {
    unsigned code;
    size_t addresses; /* bytes: two addresses, two ports */
    size_t offset;    /* of the source in an in6_addr */
    size_t size;
} families[] = {
    { .code = 0x00 },
    { .code = 0x11, .addresses = 12, .offset = 12, .size = 4 },
    { .code = 0x21, .addresses = 36, .offset = 0, .size = 16 },
};

static const struct family *family_of(unsigned code)
{
    for (size_t i = 0; i < CB_COUNT(families); i++) {
        if (families[i].code == code) {
            return &families[i];
        }
    }
    return NULL;
}

/* "Any address" is nobody's. */
static bool is_somebody(const struct in6_addr *a)
{
    const struct in6_addr any4 = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
    return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_ARE_ADDR_EQUAL(a, &any4);
}

static cb_status read_source(const struct family *f, struct cb_str body, struct cb_proxy_header *out,
                             struct cb_err *err)
{
    CB_ENSURE(body.n >= f->addresses, CB_E_PROXY_LENGTH, "%zu bytes for addresses of %zu", body.n,
              f->addresses);
    if (f->size == 0) {
        return CB_OK;
    }
    struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
    memcpy(a.s6_addr + f->offset, body.p, f->size);
    CB_ENSURE(is_somebody(&a), CB_E_PROXY_ADDRESS, "the source is any address");
    out->source = a;
    out->has_source = true;
    return CB_OK;
}

/* What they say is not used; that they fit says that the length was meant. */
static cb_status skip_vectors(struct cb_str rest, struct cb_err *err)
{
    while (rest.n > 0) {
        CB_ENSURE(rest.n >= VECTOR_HEAD, CB_E_PROXY_TLV, "a vector of %zu bytes", rest.n);
        const size_t n = VECTOR_HEAD + length_at(rest, 1);
        CB_ENSURE(n <= rest.n, CB_E_PROXY_TLV, "a vector of %zu bytes where %zu are left", n, rest.n);
        rest = (struct cb_str){ rest.p + n, rest.n - n };
    }
    return CB_OK;
}

/* Of LOCAL, all behind the length is dropped unseen; of UNSPEC, nothing behind it is understood. */
static cb_status read_body(unsigned command, const struct family *f, struct cb_str body,
                           struct cb_proxy_header *out, struct cb_err *err)
{
    if (command == LOCAL || f->addresses == 0) {
        return CB_OK;
    }
    struct cb_proxy_header found = { 0 };
    CB_TRY(read_source(f, body, &found, err));
    CB_TRY(skip_vectors((struct cb_str){ body.p + f->addresses, body.n - f->addresses }, err));
    *out = found;
    return CB_OK;
}

cb_status cb_proxy_header_parse(struct cb_str so_far, struct cb_proxy_header *out, struct cb_err *err)
{
    const size_t known = so_far.n < SIGNATURE ? so_far.n : SIGNATURE;
    CB_ENSURE(cb_str_eq((struct cb_str){ so_far.p, known }, (struct cb_str){ signature, known }),
              CB_E_PROXY_SIGNATURE, "not a PROXY protocol header of version 2");
    if (so_far.n < FIXED) {
        *out = (struct cb_proxy_header){ .missing = FIXED - so_far.n };
        return CB_OK;
    }
    const unsigned version = octet(so_far, 12) >> 4, command = octet(so_far, 12) & 0x0f;
    CB_ENSURE(version == VERSION_2 && command <= PROXY, CB_E_PROXY_COMMAND, "version %u, command %u", version,
              command);
    const struct family *f = family_of(octet(so_far, 13));
    CB_ENSURE(f != NULL || command == LOCAL, CB_E_PROXY_ADDRESS, "family and transport 0x%02x",
              octet(so_far, 13));
    const size_t whole = FIXED + length_at(so_far, 14);
    CB_ENSURE(whole <= CB_LIMIT_PROXY_HEADER, CB_E_PROXY_LENGTH, "%zu bytes, at most %zu", whole,
              CB_LIMIT_PROXY_HEADER);
    if (so_far.n < whole) {
        *out = (struct cb_proxy_header){ .missing = whole - so_far.n };
        return CB_OK;
    }
    *out = (struct cb_proxy_header){ 0 };
    return read_body(command, f, (struct cb_str){ so_far.p + FIXED, whole - FIXED }, out, err);
}
