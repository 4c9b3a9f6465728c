#include "http/client_cert_header.h"

#include "cert/der.h"
#include "http/client_cert_parts.h"
#include "jose/base64url.h"

cb_status cb_present(struct cb_presented *p, struct cb_str der, struct cb_err *err)
{
    CB_ENSURE(p->count < CB_LIMIT_CHAIN, CB_E_CERT_MALFORMED,
              "more than %d certificates were presented to the proxy", CB_LIMIT_CHAIN);
    p->ders[p->count++] = der;
    return CB_OK;
}

cb_status cb_base64_der(struct cb_arena *a, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    struct cb_err why = { 0 };
    const size_t room = text.n / 4 * 3;
    size_t n = 0;
    CB_ENSURE(text.n > 0, CB_E_CERT_HEADER_MALFORMED, "an empty certificate");
    uint8_t *der = cb_arena_alloc(a, room);
    CB_ENSURE(der != NULL, CB_E_MEMORY, "certificate header");
    CB_ENSURE(!CB_FAILED(cb_base64_decode(text, der, room, &n, &why)), CB_E_CERT_HEADER_MALFORMED, "%s",
              why.detail);
    *out = (struct cb_str){ (const char *)der, n };
    return CB_OK;
}

static cb_status present_base64(struct cb_arena *a, struct cb_str text, struct cb_presented *out,
                                struct cb_err *err)
{
    struct cb_str der = { 0 };
    CB_TRY(cb_base64_der(a, text, &der, err));
    return cb_present(out, der, err);
}

/* RFC 9440 section 2: Client-Cert = sf-binary and Client-Cert-Chain, a list of them without the leaf, in the
 * order of TLS. RFC 8941 section 3.3.5: sf-binary = ":" *(base64) ":". There are no parameters. */
static cb_status present_binary(struct cb_arena *a, struct cb_str item, struct cb_presented *out,
                                struct cb_err *err)
{
    CB_ENSURE(item.n >= 2 && item.p[0] == ':' && item.p[item.n - 1] == ':', CB_E_CERT_HEADER_MALFORMED,
              "not a byte sequence between colons");
    return present_base64(a, (struct cb_str){ item.p + 1, item.n - 2 }, out, err);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct cb_str trim(struct cb_str s)
{
    while (s.n > 0 && is_blank(s.p[0])) {
        s = (struct cb_str){ s.p + 1, s.n - 1 };
    }
    while (s.n > 0 && is_blank(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

static cb_status parse_rfc9440(struct cb_arena *a, struct cb_str leaf, struct cb_str chain,
                               struct cb_presented *out, struct cb_err *err)
{
    struct cb_str member = { 0 };
    CB_TRY(present_binary(a, leaf, out, err));
    while (chain.n > 0 && cb_str_next(&chain, ',', &member)) {
        CB_TRY(present_binary(a, trim(member), out, err));
        CB_ENSURE(chain.p == NULL || chain.n > 0, CB_E_CERT_HEADER_MALFORMED, "a comma ends the chain");
    }
    return CB_OK;
}

/* HAProxy: %[ssl_c_der,base64] and %[ssl_c_chain_der,base64], each standard base64 in one piece; the latter
 * of the certificates above the leaf, one DER behind the other (configuration manual, 7.3.4). */
static cb_status parse_haproxy(struct cb_arena *a, struct cb_str leaf, struct cb_str chain,
                               struct cb_presented *out, struct cb_err *err)
{
    struct cb_str rest = { 0 };
    struct cb_str content = { 0 };
    CB_TRY(present_base64(a, leaf, out, err));
    if (chain.n > 0) {
        CB_TRY(cb_base64_der(a, chain, &rest, err));
    }
    while (rest.n > 0) {
        const char *begin = rest.p;
        CB_ENSURE(cb_der_take(&rest, CB_DER_SEQUENCE, &content), CB_E_CERT_HEADER_MALFORMED,
                  "the chain is no row of certificates");
        CB_TRY(cb_present(out, (struct cb_str){ begin, (size_t)(content.p + content.n - begin) }, err));
    }
    return CB_OK;
}

/* nginx: $ssl_client_escaped_cert, the leaf as PEM, percent-encoded (ngx_http_ssl_module). */
static cb_status parse_nginx(struct cb_arena *a, struct cb_str leaf, struct cb_str chain,
                             struct cb_presented *out, struct cb_err *err)
{
    (void)chain;
    CB_TRY(cb_present_escaped_pem(a, leaf, out, err));
    CB_ENSURE(out->count == 1, CB_E_CERT_HEADER_MALFORMED, "something stands behind the certificate");
    return CB_OK;
}

/* Traefik, PassTLSClientCert with `pem`: the chain from the leaf on, each certificate the inside of its PEM
 * without line breaks, with commas between. Version 2 percent-encodes the whole. */
static cb_status parse_traefik(struct cb_arena *a, struct cb_str leaf, struct cb_str chain,
                               struct cb_presented *out, struct cb_err *err)
{
    (void)chain;
    struct cb_str rest = leaf;
    struct cb_str one = { 0 };
    if (memchr(leaf.p, '%', leaf.n) != NULL) {
        CB_TRY(cb_unescape(a, leaf, &rest, err));
    }
    while (cb_str_next(&rest, ',', &one)) {
        CB_TRY(present_base64(a, one, out, err));
    }
    return CB_OK;
}

static const struct cb_cert_header_form forms[] = {
    { "rfc9440", "Client-Cert", "Client-Cert-Chain", parse_rfc9440 },
    { "nginx", "SSL-Client-Cert", NULL, parse_nginx },
    { "haproxy", "X-SSL-Client-Cert", "X-SSL-Client-Cert-Chain", parse_haproxy },
    { "envoy", "X-Forwarded-Client-Cert", NULL, cb_parse_xfcc },
    { "traefik", "X-Forwarded-Tls-Client-Cert", NULL, parse_traefik },
};

const struct cb_cert_header_form *cb_cert_header_form(struct cb_str name)
{
    for (size_t i = 0; i < CB_COUNT(forms); i++) {
        if (cb_str_is(name, forms[i].name)) {
            return &forms[i];
        }
    }
    return NULL;
}

const char *cb_cert_header_usual(struct cb_str field)
{
    for (size_t i = 0; i < CB_COUNT(forms); i++) {
        if (cb_str_eq_nocase(field, cb_str_of(forms[i].header))) {
            return forms[i].header;
        }
        if (forms[i].chain_header != NULL && cb_str_eq_nocase(field, cb_str_of(forms[i].chain_header))) {
            return forms[i].chain_header;
        }
    }
    return NULL;
}

cb_status cb_cert_header_parse(const struct cb_cert_header_form *form, struct cb_arena *a, struct cb_str leaf,
                               struct cb_str chain, struct cb_presented *out, struct cb_err *err)
{
    struct cb_presented presented = { 0 };
    CB_ENSURE(leaf.n > 0 || chain.n == 0, CB_E_CERT_HEADER_CHAIN_ALONE,
              "the proxy sent intermediates without a certificate");
    if (leaf.n > 0) {
        CB_TRY(form->parse(a, leaf, chain, &presented, err));
    }
    *out = presented;
    return CB_OK;
}
