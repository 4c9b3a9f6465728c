/* A name as text, RFC 4514 section 3, and the dialects of the tools that print it:
 *
 *   name  = rdn *( separator rdn )          separator: "," or, in Node's form, a line end
 *   rdn   = ava *( "+" ava )
 *   ava   = type "=" value                  spaces around each part are no part of it
 *   type  = short name / [ "OID." ] dotted decimal
 *   value = "#" hex BER / quoted string / string with "\" escapes
 */
#include <openssl/asn1.h>

#include "base/limits.h"
#include "cert/attributes.h"
#include "cert/name_parts.h"

struct reader {
    struct cb_str text;
    size_t at;
    bool by_line; /* Node: a line end separates RDNs */
    bool forward; /* the first RDN of the text is the first of the DER */
    bool loose;   /* a space stands behind a separator */
    struct cb_name_builder builder;
};

static int peek(const struct reader *r)
{
    return r->at < r->text.n ? (unsigned char)r->text.p[r->at] : -1;
}

static void skip_spaces(struct reader *r)
{
    while (peek(r) == ' ') {
        r->at++;
    }
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    const int lower = c | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* --- the type --- */

/* numericoid: numbers without leading zeros, at least two, the first 0 to 2. RFC 4512 section 1.4. */
static bool is_oid(struct cb_str s)
{
    size_t numbers = 0;
    struct cb_str number;
    for (struct cb_str rest = s; cb_str_next(&rest, '.', &number); numbers++) {
        if (number.n == 0 || (number.n > 1 && number.p[0] == '0')) {
            return false;
        }
        for (size_t i = 0; i < number.n; i++) {
            if (number.p[i] < '0' || number.p[i] > '9') {
                return false;
            }
        }
    }
    return numbers >= 2 && s.n < OID_TEXT && s.p[0] <= '2' && s.p[1] == '.';
}

static cb_status read_type(struct reader *r, struct cb_str *out_oid, bool *out_spaced, struct cb_err *err)
{
    r->loose = r->loose || (r->at > 0 && peek(r) == ' ' && r->text.p[r->at - 1] == ',');
    skip_spaces(r);
    const size_t from = r->at;
    while (peek(r) != '=' && peek(r) != ' ' && peek(r) >= 0 && r->at - from < 128) {
        r->at++;
    }
    struct cb_str type = { r->text.p + from, r->at - from };
    *out_spaced = peek(r) == ' ';
    skip_spaces(r);
    CB_ENSURE(peek(r) == '=', CB_E_DN, "attribute type without \"=\" at byte %zu", from);
    r->at++;

    if (type.n > 4 && cb_str_eq_nocase((struct cb_str){ type.p, 4 }, CB_STR("OID."))) {
        type = (struct cb_str){ type.p + 4, type.n - 4 };
    }
    const struct cb_attribute *known = cb_attribute_by_name(type);
    CB_ENSURE(known != NULL || is_oid(type), CB_E_DN,
              "attribute type \"%.*s\" at byte %zu is not known: write its OID",
              type.n > 32 ? 32 : (int)type.n, type.p, from);
    *out_oid = known != NULL ? cb_str_of(known->oid) : type;
    return CB_OK;
}

/* --- the value --- */

/* "\" and a special character, or two hex digits that are one byte of UTF-8. */
static cb_status read_escape(struct reader *r, struct cb_buf *out, struct cb_err *err)
{
    const size_t from = r->at++;
    const int c = peek(r);
    if (c >= 0 && memchr(" \"#+,;<=>\\", c, 10) != NULL) {
        cb_buf_add_char(out, (char)c);
        r->at++;
        return CB_OK;
    }
    const int high = hex_digit(c);
    r->at++;
    const int low = hex_digit(peek(r));
    CB_ENSURE(high >= 0 && low >= 0, CB_E_DN, "escape at byte %zu is not one of RFC 4514", from);
    cb_buf_add_char(out, (char)(high << 4 | low));
    r->at++;
    return CB_OK;
}

static cb_status read_quoted(struct reader *r, struct cb_buf *out, struct cb_err *err)
{
    const size_t from = r->at++;
    while (peek(r) != '"') {
        CB_ENSURE(peek(r) >= 0, CB_E_DN, "quote at byte %zu does not end", from);
        if (peek(r) == '\\') {
            CB_TRY(read_escape(r, out, err));
        } else {
            cb_buf_add_char(out, r->text.p[r->at++]);
        }
    }
    r->at++;
    skip_spaces(r);
    return CB_OK;
}

static bool ends_value(const struct reader *r)
{
    const int c = peek(r);
    return c < 0 || c == '+' || (r->by_line ? c == '\n' : c == ',');
}

static cb_status read_string(struct reader *r, struct cb_buf *out, struct cb_err *err)
{
    size_t significant = 0; /* spaces behind it that were not escaped are no part of the value */
    while (!ends_value(r)) {
        const int c = peek(r);
        CB_ENSURE(memchr(",\";<>", c, 5) == NULL, CB_E_DN, "character at byte %zu must be escaped", r->at);
        if (c == '\\') {
            CB_TRY(read_escape(r, out, err));
            significant = out->n;
            continue;
        }
        cb_buf_add_char(out, (char)c);
        r->at++;
        significant = c == ' ' ? significant : out->n;
    }
    out->n = significant;
    return CB_OK;
}

/* What a value may hold is checked where names are built, which know no bytes of a text. */
static cb_status at_byte(size_t from, cb_status st, const struct cb_err *why, struct cb_err *err)
{
    CB_ENSURE(!CB_FAILED(st), why->code, "at byte %zu: %.190s", from, why->detail);
    return CB_OK;
}

static void free_type(ASN1_TYPE **t)
{
    ASN1_TYPE_free(*t);
}

static cb_status read_hex(struct reader *r, struct cb_str oid, bool starts_rdn, struct cb_err *err)
{
    const size_t from = r->at++;
    unsigned char der[CB_LIMIT_DN / 2];
    size_t n = 0;
    while (!ends_value(r) && peek(r) != ' ') {
        const int high = hex_digit(peek(r));
        r->at++;
        const int low = hex_digit(peek(r));
        r->at++;
        CB_ENSURE(high >= 0 && low >= 0 && n < sizeof der, CB_E_DN, "hex value at byte %zu is malformed",
                  from);
        der[n++] = (unsigned char)(high << 4 | low);
    }
    skip_spaces(r);
    const unsigned char *p = der;
    CB_AUTO(free_type) ASN1_TYPE *value = d2i_ASN1_TYPE(NULL, &p, (long)n);
    CB_ENSURE(value != NULL && p == der + n, CB_E_DN, "hex value at byte %zu does not decode", from);
    const int type = ASN1_TYPE_get(value);
    CB_ENSURE(type != V_ASN1_NULL && type != V_ASN1_BOOLEAN && type != V_ASN1_OBJECT, CB_E_DN,
              "hex value at byte %zu is no attribute value", from);
    struct cb_err why = { 0 };
    return at_byte(from, cb_name_add_asn1(&r->builder, oid, value->value.asn1_string, starts_rdn, &why), &why,
                   err);
}

static cb_status read_value(struct reader *r, struct cb_str oid, bool starts_rdn, struct cb_err *err)
{
    skip_spaces(r);
    if (peek(r) == '#') {
        return read_hex(r, oid, starts_rdn, err);
    }
    const size_t from = r->at;
    char memory[CB_LIMIT_DN];
    struct cb_buf value;
    cb_buf_over(&value, memory, sizeof memory);
    if (peek(r) == '"') {
        CB_TRY(read_quoted(r, &value, err));
    } else {
        CB_TRY(read_string(r, &value, err));
    }
    struct cb_err why = { 0 };
    return at_byte(from, cb_name_add(&r->builder, oid, cb_buf_str(&value), false, starts_rdn, &why), &why,
                   err);
}

/* --- the name --- */

/* What follows a value: +1 another value of the same RDN, 0 the next RDN, -1 the end. */
static cb_status read_separator(struct reader *r, int *out, struct cb_err *err)
{
    const int c = peek(r);
    CB_ENSURE(ends_value(r), CB_E_DN, "something stands behind the value at byte %zu", r->at);
    *out = c < 0 ? -1 : c == '+';
    r->at += c >= 0;
    return CB_OK;
}

/* Node ends the last line too when its output is pasted. */
static struct cb_str trimmed(struct cb_str s)
{
    while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r' || s.p[s.n - 1] == ' ') &&
           (s.n < 2 || s.p[s.n - 2] != '\\')) {
        s.n--;
    }
    return s;
}

static cb_status read_name(struct reader *r, struct cb_err *err)
{
    int next = 0;
    for (size_t i = 0; next >= 0; i++) {
        struct cb_str oid = { 0 };
        bool spaced = false;
        CB_TRY(read_type(r, &oid, &spaced, err));
        CB_ENSURE(
            i == 0 || r->by_line || spaced == r->forward, CB_E_DN,
            "some \"=\" have a space before them and some have none, so the order of the name is ambiguous");
        r->forward = r->by_line || spaced;
        CB_TRY(read_value(r, oid, next == 0, err));
        CB_TRY(read_separator(r, &next, err));
    }
    return CB_OK;
}

/* How much of the world a type speaks of; 0: that says nothing about the order of a name. */
static int breadth(struct cb_str oid)
{
    static const char *const narrowing[] = {
        "2.5.4.6", "0.9.2342.19200300.100.1.25", "2.5.4.8", "2.5.4.7", "2.5.4.10", "2.5.4.11", "2.5.4.3"
    }; /* C DC ST L O OU CN */
    for (size_t i = 0; i < CB_COUNT(narrowing); i++) {
        if (cb_str_is(oid, narrowing[i])) {
            return (int)(CB_COUNT(narrowing) - i);
        }
    }
    return 0;
}

/* "O=x, C=GB" is the JDK's, "C=GB, O=x" OpenSSL's of 3.2 and later: both forms are the same but for the
 * order. Is there more to say that the broader comes last, as in the JDK's? */
static bool broader_comes_last(const struct cb_name_builder *b)
{
    int last = 0, first = 0;
    for (size_t i = 0; i < b->count; i++) {
        for (size_t k = i + 1; k < b->count; k++) {
            const int left = breadth(b->avas[i].oid), right = breadth(b->avas[k].oid);
            last += left != 0 && left < right;
            first += right != 0 && left > right;
        }
    }
    return last > first;
}

cb_status cb_name_from_text(struct cb_arena *a, struct cb_str text, const struct cb_name **out,
                            struct cb_err *err)
{
    CB_ENSURE(text.n <= CB_LIMIT_DN, CB_E_DN, "the name is longer than %d bytes", CB_LIMIT_DN);
    struct reader r = { .text = trimmed(text), .builder = { .arena = a } };
    CB_ENSURE(r.text.n > 0, CB_E_DN, "the name is empty");
    CB_ENSURE(r.text.p[0] != '/', CB_E_DN,
              "with slashes between its RDNs a name is ambiguous: write RFC 4514, as `openssl x509 -subject "
              "-nameopt RFC2253` prints it");
    CB_ENSURE(!cb_str_starts(r.text, CB_STR("subject=")), CB_E_DN,
              "\"subject=\" is no part of the name: leave it out");
    r.by_line = memchr(r.text.p, '\n', r.text.n) != NULL;
    CB_TRY(read_name(&r, err));
    CB_ENSURE(
        !r.loose || r.forward || broader_comes_last(&r.builder), CB_E_DN,
        "with \", \" between its RDNs the order of the name is ambiguous: it may be the JDK's or OpenSSL's; "
        "write RFC 4514, the last RDN first and \",\" alone");
    return cb_name_seal(&r.builder, !r.forward, out, err);
}
