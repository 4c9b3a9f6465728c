/* Envoy's X-Forwarded-Client-Cert: elements with commas between, one for each proxy on the way; an element is
 * KEY=VALUE pairs with semicolons between, keys without regard to case, values that hold a separator in
 * double quotes, `\"` for one within. Cert and Chain (which includes the leaf) are percent-encoded PEM, Hash
 * the SHA-256 of the leaf in hex (Envoy's manual, HTTP connection manager, headers).
 *
 * Envoy puts names out of the certificate into By, URI and DNS without quotes, so a partner's self-made
 * certificate can write pairs and whole elements of its own. Hence exactly one element is accepted, each key
 * that matters once, and Hash, which Envoy always writes before any name, must be that of the certificate. */
#include "cert/x5t.h"
#include "http/client_cert_parts.h"

enum key { KEY_HASH, KEY_CERT, KEY_CHAIN, KEY__MAX };
static const char *const key_names[KEY__MAX] = { "Hash", "Cert", "Chain" };

struct element {
    struct cb_str values[KEY__MAX]; /* p == NULL: absent */
};

/* What stands between the quotes, escapes as they are: no value that is looked at has any. */
static cb_status take_quoted(struct cb_str *rest, struct cb_str *out, struct cb_err *err)
{
    size_t end = 1;
    while (end < rest->n && rest->p[end] != '"') {
        end += rest->p[end] == '\\' ? 2 : 1;
    }
    CB_ENSURE(end < rest->n, CB_E_CERT_HEADER_MALFORMED, "a quote is not closed");
    *out = (struct cb_str){ rest->p + 1, end - 1 };
    *rest = (struct cb_str){ rest->p + end + 1, rest->n - end - 1 };
    return CB_OK;
}

static cb_status take_bare(struct cb_str *rest, struct cb_str *out, struct cb_err *err)
{
    size_t end = 0;
    while (end < rest->n && rest->p[end] != ';' && rest->p[end] != ',') {
        CB_ENSURE(rest->p[end] != '"', CB_E_CERT_HEADER_MALFORMED, "a quote within a value");
        end++;
    }
    *out = (struct cb_str){ rest->p, end };
    *rest = (struct cb_str){ rest->p + end, rest->n - end };
    return CB_OK;
}

static bool is_key(struct cb_str s)
{
    bool letters = s.n > 0;
    for (size_t i = 0; i < s.n; i++) {
        const unsigned char l = cb_ascii_lower((unsigned char)s.p[i]);
        letters = letters && l >= 'a' && l <= 'z';
    }
    return letters;
}

static cb_status note(struct element *e, struct cb_str key, struct cb_str value, struct cb_err *err)
{
    for (size_t i = 0; i < KEY__MAX; i++) {
        if (cb_str_eq_nocase(key, cb_str_of(key_names[i]))) {
            CB_ENSURE(e->values[i].p == NULL, CB_E_CERT_HEADER_MALFORMED, "%s comes twice", key_names[i]);
            e->values[i] = value;
        }
    }
    return CB_OK;
}

static cb_status take_pair(struct cb_str *rest, struct element *e, struct cb_err *err)
{
    struct cb_str key = { 0 };
    struct cb_str value = { 0 };
    CB_ENSURE(cb_str_next(rest, '=', &key) && rest->p != NULL && is_key(key), CB_E_CERT_HEADER_MALFORMED,
              "no KEY=VALUE");
    const bool quoted = rest->n > 0 && rest->p[0] == '"';
    CB_TRY(quoted ? take_quoted(rest, &value, err) : take_bare(rest, &value, err));
    return note(e, key, value, err);
}

static cb_status parse_element(struct cb_str field, struct element *out, struct cb_err *err)
{
    struct cb_str rest = field;
    CB_TRY(take_pair(&rest, out, err));
    while (rest.n > 0) {
        CB_ENSURE(rest.p[0] != ',', CB_E_CERT_HEADER_MALFORMED,
                  "more than one element: the proxy must replace what others sent (SANITIZE_SET)");
        CB_ENSURE(rest.p[0] == ';', CB_E_CERT_HEADER_MALFORMED, "something stands behind a closed quote");
        rest = (struct cb_str){ rest.p + 1, rest.n - 1 };
        CB_TRY(take_pair(&rest, out, err));
    }
    return CB_OK;
}

static cb_status check_hash(struct cb_str hex, struct cb_str leaf, struct cb_err *err)
{
    static const char digits[] = "0123456789abcdef";
    struct cb_x5t x5t;
    char text[2 * sizeof x5t.b];
    CB_TRY(cb_x5t_of(leaf, &x5t, err));
    for (size_t i = 0; i < sizeof x5t.b; i++) {
        text[2 * i] = digits[x5t.b[i] >> 4];
        text[2 * i + 1] = digits[x5t.b[i] & 15];
    }
    CB_ENSURE(cb_str_eq_nocase(hex, (struct cb_str){ text, sizeof text }), CB_E_CERT_HEADER_MALFORMED,
              "Hash is not that of the certificate");
    return CB_OK;
}

cb_status cb_parse_xfcc(struct cb_arena *a, struct cb_str field, struct cb_str none, struct cb_presented *out,
                        struct cb_err *err)
{
    (void)none;
    struct element e = { 0 };
    struct cb_presented cert = { 0 };
    CB_TRY(parse_element(field, &e, err));
    const struct cb_str *v = e.values;
    CB_ENSURE(v[KEY_CERT].p != NULL || v[KEY_CHAIN].p != NULL, CB_E_CERT_HEADER_MALFORMED,
              "neither Cert nor Chain: set_current_client_cert_details must ask for one");
    if (v[KEY_CERT].p != NULL) {
        CB_TRY(cb_present_escaped_pem(a, v[KEY_CERT], &cert, err));
        CB_ENSURE(cert.count == 1, CB_E_CERT_HEADER_MALFORMED, "Cert holds several certificates");
    }
    if (v[KEY_CHAIN].p != NULL) {
        CB_TRY(cb_present_escaped_pem(a, v[KEY_CHAIN], out, err));
        CB_ENSURE(cert.count == 0 || cb_str_eq(cert.ders[0], out->ders[0]), CB_E_CERT_HEADER_MALFORMED,
                  "Chain does not begin with Cert");
    } else {
        *out = cert;
    }
    return check_hash(v[KEY_HASH], out->ders[0], err);
}
