/* Percent-encoded PEM: the strict form of RFC 7468 section 3, since a proxy's TLS library wrote it. */
#include "http/client_cert_parts.h"

enum { PEM_LINE = 64 };

static bool is_unreserved(char c)
{
    const unsigned char l = cb_ascii_lower((unsigned char)c);
    return (l >= 'a' && l <= 'z') || (l >= '0' && l <= '9') || l == '-' || l == '.' || l == '_' || l == '~';
}

cb_status cb_unescape(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    char *decoded = cb_arena_alloc(a, text.n);
    CB_ENSURE(decoded != NULL, CB_E_MEMORY, "certificate header");
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '%') {
            CB_ENSURE(is_unreserved(text.p[i]), CB_E_CERT_HEADER_MALFORMED,
                      "an unescaped character at byte %zu", i);
            decoded[n++] = text.p[i];
            continue;
        }
        const int high = i + 2 < text.n ? cb_hex_digit(text.p[i + 1]) : -1;
        const int low = i + 2 < text.n ? cb_hex_digit(text.p[i + 2]) : -1;
        CB_ENSURE(high >= 0 && low >= 0, CB_E_CERT_HEADER_MALFORMED, "a broken escape at byte %zu", i);
        decoded[n++] = (char)(unsigned char)(high << 4 | low);
        i += 2;
    }
    *out = (struct cb_str){ decoded, n };
    return CB_OK;
}

static bool take(struct cb_str *rest, struct cb_str literal)
{
    const bool there = cb_str_starts(*rest, literal);
    if (there) {
        *rest = (struct cb_str){ rest->p + literal.n, rest->n - literal.n };
    }
    return there;
}

/* The lines between the delimiters, all full but the last one, as one. */
static cb_status join_lines(struct cb_arena *a, struct cb_str *rest, struct cb_str *out, struct cb_err *err)
{
    char *joined = cb_arena_alloc(a, rest->n);
    CB_ENSURE(joined != NULL, CB_E_MEMORY, "certificate header");
    struct cb_str line = { 0 };
    size_t n = 0, last = PEM_LINE;
    while (rest->n > 0 && rest->p[0] != '-') {
        CB_ENSURE(last == PEM_LINE && memchr(rest->p, '\n', rest->n) != NULL &&
                      cb_str_next(rest, '\n', &line),
                  CB_E_CERT_HEADER_MALFORMED, "PEM with a line of %zu characters within", last);
        CB_ENSURE(line.n > 0 && line.n <= PEM_LINE, CB_E_CERT_HEADER_MALFORMED,
                  "PEM with a line of %zu characters", line.n);
        memcpy(joined + n, line.p, line.n);
        n += line.n;
        last = line.n;
    }
    *out = (struct cb_str){ joined, n };
    return CB_OK;
}

static cb_status take_pem(struct cb_arena *a, struct cb_str *rest, struct cb_str *out_der, struct cb_err *err)
{
    struct cb_str base64 = { 0 };
    CB_ENSURE(take(rest, CB_STR("-----BEGIN CERTIFICATE-----\n")), CB_E_CERT_HEADER_MALFORMED,
              "not the beginning of a certificate in PEM");
    CB_TRY(join_lines(a, rest, &base64, err));
    CB_ENSURE(take(rest, CB_STR("-----END CERTIFICATE-----")), CB_E_CERT_HEADER_MALFORMED,
              "not the end of a certificate in PEM");
    CB_ENSURE(rest->n == 0 || take(rest, CB_STR("\n")), CB_E_CERT_HEADER_MALFORMED,
              "something stands behind a certificate");
    return cb_base64_der(a, base64, out_der, err);
}

cb_status cb_present_escaped_pem(struct cb_arena *a, struct cb_str text, struct cb_presented *p,
                                 struct cb_err *err)
{
    struct cb_str rest = { 0 };
    CB_TRY(cb_unescape(a, text, &rest, err));
    do {
        struct cb_str der = { 0 };
        CB_TRY(take_pem(a, &rest, &der, err));
        CB_TRY(cb_present(p, der, err));
    } while (rest.n > 0);
    return CB_OK;
}
