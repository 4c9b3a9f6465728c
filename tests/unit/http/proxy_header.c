#include "http/proxy_header.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "http/connections.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define TO4       "\x7f\0\0\1\x80\0\x01\xbb" /* the destination and both ports */
#define FROM4     "\xc0\0\2\7"
#define FROM6     "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\7"
#define TO6       "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\x80\0\x01\xbb"
#define MAPPED    "\0\0\0\0\0\0\0\0\0\0\xff\xff"
#define ANY6      "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct row {
    const char *name;
    struct cb_str bytes;
    enum cb_code expected;
    const char *source; /* NULL: the proxy's own */
} rows[] = {
    { "IPv4", CB_STR(SIGNATURE "\x21\x11\0\x0c" FROM4 TO4), CB_E_NONE, "192.0.2.7" },
    { "IPv6", CB_STR(SIGNATURE "\x21\x21\0\x24" FROM6 TO6), CB_E_NONE, "2001:db8::7" },
    { "IPv4 in IPv6", CB_STR(SIGNATURE "\x21\x21\0\x24" MAPPED FROM4 TO6), CB_E_NONE, "192.0.2.7" },
    { "bytes behind it", CB_STR(SIGNATURE "\x21\x11\0\x0c" FROM4 TO4 "\x16\3\1"), CB_E_NONE, "192.0.2.7" },
    { "an empty vector", CB_STR(SIGNATURE "\x21\x11\0\x0f" FROM4 TO4 "\4\0\0"), CB_E_NONE, "192.0.2.7" },
    { "two vectors", CB_STR(SIGNATURE "\x21\x11\0\x14" FROM4 TO4 "\4\0\0\2\0\2ab"), CB_E_NONE, "192.0.2.7" },
    { "a vector of IPv6", CB_STR(SIGNATURE "\x21\x21\0\x28" FROM6 TO6 "\2\0\1a"), CB_E_NONE, "2001:db8::7" },
    { "LOCAL", CB_STR(SIGNATURE "\x20\0\0\0"), CB_E_NONE, NULL },
    { "LOCAL with addresses", CB_STR(SIGNATURE "\x20\x11\0\x0c" FROM4 TO4), CB_E_NONE, NULL },
    { "LOCAL with noise", CB_STR(SIGNATURE "\x20\xff\0\3abc"), CB_E_NONE, NULL },
    { "UNSPEC", CB_STR(SIGNATURE "\x21\0\0\0"), CB_E_NONE, NULL },
    { "UNSPEC with noise", CB_STR(SIGNATURE "\x21\0\0\2ab"), CB_E_NONE, NULL },

    { "version 1", CB_STR("PROXY TCP4 192.0.2.7 127.0.0.1 1 2\r\n"), CB_E_PROXY_SIGNATURE, NULL },
    { "a TLS record", CB_STR("\x16\3\1\2\0"), CB_E_PROXY_SIGNATURE, NULL },
    { "one byte", CB_STR("\n"), CB_E_PROXY_SIGNATURE, NULL },
    { "the last byte", CB_STR("\r\n\r\n\0\r\nQUIT\r"), CB_E_PROXY_SIGNATURE, NULL },
    { "the last byte of many", CB_STR("\r\n\r\n\0\r\nQUIT\0\x21\x11\0\x0c" FROM4 TO4), CB_E_PROXY_SIGNATURE,
      NULL },
    { "version 1 in binary", CB_STR(SIGNATURE "\x11\x11\0\x0c" FROM4 TO4), CB_E_PROXY_COMMAND, NULL },
    { "version 3", CB_STR(SIGNATURE "\x31\x11\0\x0c" FROM4 TO4), CB_E_PROXY_COMMAND, NULL },
    { "command 2", CB_STR(SIGNATURE "\x22\x11\0\x0c" FROM4 TO4), CB_E_PROXY_COMMAND, NULL },
    { "command 15", CB_STR(SIGNATURE "\x2f\x11\0\x0c" FROM4 TO4), CB_E_PROXY_COMMAND, NULL },
    { "UDP", CB_STR(SIGNATURE "\x21\x12\0\x0c" FROM4 TO4), CB_E_PROXY_ADDRESS, NULL },
    { "UDP over IPv6", CB_STR(SIGNATURE "\x21\x22\0\x24" FROM6 TO6), CB_E_PROXY_ADDRESS, NULL },
    { "a Unix socket", CB_STR(SIGNATURE "\x21\x31\0\xd8"), CB_E_PROXY_ADDRESS, NULL },
    { "IPv4 without transport", CB_STR(SIGNATURE "\x21\x10\0\x0c" FROM4 TO4), CB_E_PROXY_ADDRESS, NULL },
    { "TCP without family", CB_STR(SIGNATURE "\x21\1\0\x0c" FROM4 TO4), CB_E_PROXY_ADDRESS, NULL },
    { "0.0.0.0", CB_STR(SIGNATURE "\x21\x11\0\x0c\0\0\0\0" TO4), CB_E_PROXY_ADDRESS, NULL },
    { "::", CB_STR(SIGNATURE "\x21\x21\0\x24" ANY6 TO6), CB_E_PROXY_ADDRESS, NULL },
    { "::ffff:0.0.0.0", CB_STR(SIGNATURE "\x21\x21\0\x24" MAPPED "\0\0\0\0" TO6), CB_E_PROXY_ADDRESS, NULL },
    { "11 bytes of 12", CB_STR(SIGNATURE "\x21\x11\0\x0b" FROM4 "\x7f\0\0\1\x80\0\x01"), CB_E_PROXY_LENGTH,
      NULL },
    { "no addresses", CB_STR(SIGNATURE "\x21\x11\0\0"), CB_E_PROXY_LENGTH, NULL },
    { "IPv4 for IPv6", CB_STR(SIGNATURE "\x21\x21\0\x0c" FROM4 TO4), CB_E_PROXY_LENGTH, NULL },
    { "one byte of a vector", CB_STR(SIGNATURE "\x21\x11\0\x0d" FROM4 TO4 "\4"), CB_E_PROXY_TLV, NULL },
    { "two bytes of one", CB_STR(SIGNATURE "\x21\x11\0\x0e" FROM4 TO4 "\4\0"), CB_E_PROXY_TLV, NULL },
    { "a vector too long", CB_STR(SIGNATURE "\x21\x11\0\x10" FROM4 TO4 "\4\0\2a"), CB_E_PROXY_TLV, NULL },
    { "longer than it all", CB_STR(SIGNATURE "\x21\x11\0\x0f" FROM4 TO4 "\4\xff\xff"), CB_E_PROXY_TLV, NULL },
    { "a byte behind vectors", CB_STR(SIGNATURE "\x21\x11\0\x10" FROM4 TO4 "\4\0\0a"), CB_E_PROXY_TLV, NULL },
};

static struct cb_str first(struct cb_str s, size_t n)
{
    return (struct cb_str){ s.p, n };
}

Test(proxy_header, every_field)
{
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_proxy_header h = { 0 };
        struct cb_err err = { 0 };
        const bool refused = CB_FAILED(cb_proxy_header_parse(rows[i].bytes, &h, &err));
        cr_expect_eq(refused, rows[i].expected != CB_E_NONE, "%s", rows[i].name);
        cr_expect_eq(err.code, rows[i].expected, "%s: %s", rows[i].name, cb_code_reason(err.code));
        cr_expect_eq(h.missing, 0, "%s", rows[i].name);
        cr_expect_eq(h.has_source, rows[i].source != NULL, "%s", rows[i].name);
        char text[CB_ADDRESS_TEXT];
        cb_address_text(&h.source, text);
        cr_expect_str_eq(h.has_source ? text : "", rows[i].source == NULL ? "" : rows[i].source, "%s",
                         rows[i].name);
    }
}

/* Never asks for a byte of what follows, and never for none too early. */
Test(proxy_header, every_cut_asks_for_the_rest)
{
    const struct cb_str whole = CB_STR(SIGNATURE "\x21\x11\0\x11" FROM4 TO4 "\4\0\2ab");
    for (size_t n = 0; n < whole.n; n++) {
        struct cb_proxy_header h = { 0 };
        struct cb_err err = { 0 };
        cr_assert(!CB_FAILED(cb_proxy_header_parse(first(whole, n), &h, &err)));
        cr_expect_eq(h.missing, n < 16 ? 16 - n : whole.n - n, "%zu", n);
        cr_expect(!h.has_source);
    }
}

static enum cb_code of_length(size_t whole, size_t *missing)
{
    char bytes[] = SIGNATURE "\x21\x11\0\0";
    struct cb_proxy_header h = { 0 };
    struct cb_err err = { 0 };
    bytes[14] = (char)((whole - 16) >> 8);
    bytes[15] = (char)((whole - 16) & 0xff);
    const bool refused = CB_FAILED(cb_proxy_header_parse((struct cb_str){ bytes, 16 }, &h, &err));
    cr_expect_eq(refused, err.code != CB_E_NONE);
    *missing = h.missing;
    return err.code;
}

Test(proxy_header, the_longest)
{
    size_t missing = 0;
    cr_expect_eq(of_length(CB_LIMIT_PROXY_HEADER, &missing), CB_E_NONE);
    cr_expect_eq(missing, CB_LIMIT_PROXY_HEADER - 16);
    cr_expect_eq(of_length(CB_LIMIT_PROXY_HEADER + 1, &missing), CB_E_PROXY_LENGTH);
    cr_expect_eq(of_length(16 + 65535, &missing), CB_E_PROXY_LENGTH);
}
