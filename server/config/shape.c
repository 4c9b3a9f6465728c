#include "config/shape.h"

#include <arpa/inet.h>

#include "base/network.h"

static const struct cb_str https = { "https://", 8 };
static const struct cb_str http = { "http://", 7 };

static bool all_of(struct cb_str s, bool (*ok)(unsigned char))
{
    for (size_t i = 0; i < s.n; i++) {
        if (!ok((unsigned char)s.p[i])) {
            return false;
        }
    }
    return s.n > 0;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(unsigned char c)
{
    c = cb_ascii_lower(c);
    return c >= 'a' && c <= 'z';
}

/* RFC 3986 appendix A: the characters of any URI; percent signs are not followed up. */
static bool is_uri(unsigned char c)
{
    return is_alpha(c) || is_digit(c) || (c != '\0' && strchr("-._~:/?#[]@!$&'()*+,;=%", c) != NULL);
}

/* RFC 3986 section 3.1, after the first letter. */
static bool is_scheme(unsigned char c)
{
    return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
}

static bool is_host(unsigned char c)
{
    return is_alpha(c) || is_digit(c) || c == '-' || c == '.';
}

static bool is_name(unsigned char c)
{
    return is_host(c) || c == '_';
}

/* scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), RFC 6749 section 3.3 */
static bool is_scope(unsigned char c)
{
    return c == 0x21 || (c >= 0x23 && c <= 0x5b) || (c >= 0x5d && c <= 0x7e);
}

static bool has(struct cb_str s, char c)
{
    return s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

static bool good_port(struct cb_str port, int least)
{
    if (!all_of(port, is_digit) || port.n > 5) {
        return false;
    }
    int value = 0;
    for (size_t i = 0; i < port.n; i++) {
        value = value * 10 + (port.p[i] - '0');
    }
    return value >= least && value <= 65535;
}

static bool good_ipv6(struct cb_str s)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (s.n == 0 || s.n >= sizeof text) {
        return false;
    }
    memcpy(text, s.p, s.n);
    struct in6_addr address;
    return inet_pton(AF_INET6, text, &address) == 1;
}

/* "[v6]rest" or "host:rest"; *out_rest begins behind the host. */
static bool good_host(struct cb_str s, struct cb_str *out_rest)
{
    const char closing = s.n > 0 && s.p[0] == '[' ? ']' : ':';
    const char *at = s.n == 0 ? NULL : memchr(s.p, closing, s.n);
    size_t n = at == NULL ? s.n : (size_t)(at - s.p);
    if (closing == ']') {
        if (at == NULL || !good_ipv6((struct cb_str){ s.p + 1, n - 1 })) {
            return false;
        }
        n++;
    } else if (!all_of((struct cb_str){ s.p, n }, is_host)) {
        return false;
    }
    *out_rest = (struct cb_str){ s.p + n, s.n - n };
    return true;
}

/* RFC 3986 section 3.2: what stands between "//" and the path, query or fragment. */
static size_t authority_length(struct cb_str behind_scheme)
{
    size_t n = 0;
    while (n < behind_scheme.n && memchr("/?#", behind_scheme.p[n], 3) == NULL) {
        n++;
    }
    return n;
}

struct cb_str cb_url_origin(struct cb_str url)
{
    if (url.n <= https.n) {
        return url;
    }
    const struct cb_str behind = { url.p + https.n, url.n - https.n };
    return (struct cb_str){ url.p, https.n + authority_length(behind) };
}

const char *cb_wrong_origin(struct cb_str text)
{
    if (!cb_str_starts(text, https)) {
        return "must begin with https://";
    }
    const struct cb_str origin = cb_url_origin(text);
    struct cb_str port;
    if (!good_host((struct cb_str){ origin.p + https.n, origin.n - https.n }, &port) ||
        (port.n > 0 && (port.p[0] != ':' || !good_port((struct cb_str){ port.p + 1, port.n - 1 }, 1)))) {
        return "must name a host, and a port if it has one, behind https://";
    }
    return origin.n == text.n ? NULL : "must end behind host and port: no slash, path or query";
}

const char *cb_wrong_issuer(struct cb_str text)
{
    if (text.n > CB_LIMIT_RESOURCE) {
        return "is too long";
    }
    const char *wrong =
        cb_str_starts(text, https) ? cb_wrong_origin(cb_url_origin(text)) : "must begin with https://";
    if (wrong != NULL) {
        return wrong;
    }
    if (has(text, '?') || has(text, '#')) {
        return "must have no query and no fragment";
    }
    if (!all_of(text, is_uri)) {
        return "holds a character that no URL may hold";
    }
    return text.p[text.n - 1] == '/' ? "must not end with a slash" : NULL;
}

const char *cb_wrong_address(struct cb_str text)
{
    struct cb_str port;
    if (!good_host(text, &port) || port.n < 2 || port.p[0] != ':' ||
        !good_port((struct cb_str){ port.p + 1, port.n - 1 }, 0)) {
        return "must be HOST:PORT, such as 127.0.0.1:8443 or [::]:8443";
    }
    return NULL;
}

const char *cb_wrong_resource(struct cb_str text)
{
    const char *colon = memchr(text.p, ':', text.n);
    const size_t scheme = colon == NULL ? 0 : (size_t)(colon - text.p);
    if (scheme == 0 || !is_alpha((unsigned char)text.p[0]) ||
        !all_of((struct cb_str){ text.p, scheme }, is_scheme) || scheme + 1 == text.n ||
        !all_of(text, is_uri)) {
        return "must be an absolute URI, such as https://api.example.com";
    }
    if (has(text, '#')) {
        return "must have no fragment";
    }
    return text.n > CB_LIMIT_RESOURCE ? "is too long" : NULL;
}

const char *cb_wrong_scope(struct cb_str text)
{
    if (!all_of(text, is_scope)) {
        return "must hold scopes of printable ASCII without space, quote or backslash";
    }
    return text.n > CB_LIMIT_SCOPE ? "holds a scope that is too long" : NULL;
}

const char *cb_wrong_name(struct cb_str text)
{
    return all_of(text, is_name) && text.n <= 64 ? NULL : "must be 1 to 64 letters, digits, `.`, `_` or `-`";
}

/* Says nothing of the value: it may hold a password. */
const char *cb_wrong_store(struct cb_str text)
{
    static const struct cb_str sqlite = { "sqlite:", 7 };
    if (cb_str_starts(text, sqlite)) {
        return text.n > sqlite.n ? NULL : "must name a file behind sqlite:";
    }
    if (cb_str_starts(text, CB_STR("postgresql://")) || cb_str_starts(text, CB_STR("postgres://"))) {
        return NULL;
    }
    return "must begin with sqlite:, postgresql:// or postgres://";
}

const char *cb_wrong_address_or_socket(struct cb_str text)
{
    static const struct cb_str socket = { "unix:", 5 };
    if (!cb_str_starts(text, socket)) {
        return cb_wrong_address(text);
    }
    const bool absolute = text.n > socket.n + 1 && text.p[socket.n] == '/';
    return absolute && text.n - socket.n < CB_LIMIT_SOCKET_PATH
               ? NULL
               : "must name an absolute path of at most 107 bytes behind unix:";
}

const char *cb_wrong_network(struct cb_str text)
{
    struct cb_network network;
    return cb_network_of(text, &network)
               ? NULL
               : "must hold addresses such as 10.0.0.5, or networks such as 10.1.0.0/16";
}

const char *cb_wrong_host(struct cb_str text)
{
    struct cb_str rest;
    return good_host(text, &rest) && rest.n == 0
               ? NULL
               : "must hold host names or addresses, without scheme or port";
}

const char *cb_wrong_url(struct cb_str text)
{
    const struct cb_str scheme = cb_str_starts(text, https) ? https : http;
    if (!cb_str_starts(text, scheme)) {
        return "must begin with https:// or http://";
    }
    struct cb_str port, behind = { text.p + scheme.n, text.n - scheme.n };
    if (!all_of(text, is_uri) || has(text, '#') || has(text, '@')) {
        return "must hold no user, no fragment and no character that no URL may hold";
    }
    struct cb_str authority = { behind.p, authority_length(behind) };
    if (!good_host(authority, &port) ||
        (port.n > 0 && (port.p[0] != ':' || !good_port((struct cb_str){ port.p + 1, port.n - 1 }, 1)))) {
        return "must name a host, and a port if it has one, behind the scheme";
    }
    return NULL;
}

const char *cb_wrong_source(struct cb_str text)
{
    if (memmem(text.p, text.n, "://", 3) == NULL) {
        return NULL;
    }
    return cb_str_starts(text, https) ? cb_wrong_url(text) : "must be a file, or begin with https://";
}

/* token = 1*tchar */
static bool is_tchar(unsigned char c)
{
    return is_alpha(c) || is_digit(c) || (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

const char *cb_wrong_field_name(struct cb_str text)
{
    return all_of(text, is_tchar) && text.n <= 64 ? NULL
                                                  : "must be the name of a header field, at most 64 bytes";
}

static bool is_oid(unsigned char c)
{
    return is_digit(c) || c == '.';
}

const char *cb_wrong_key_usage(struct cb_str text)
{
    const bool named = cb_str_is(text, "clientAuth") || cb_str_is(text, "serverAuth");
    return named || (all_of(text, is_oid) && has(text, '.'))
               ? NULL
               : "must hold clientAuth, serverAuth or dotted OIDs";
}
