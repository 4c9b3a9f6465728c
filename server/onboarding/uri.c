#include "onboarding/uri.h"

#include "base/limits.h"
#include "base/network.h"

/* What stands between the scheme and the path: host and port, n == 0 when the URI is not of the scheme. */
static struct cb_str authority_of(struct cb_str uri, struct cb_str scheme)
{
    if (!cb_str_starts(uri, scheme)) {
        return (struct cb_str){ 0 };
    }
    struct cb_str rest = { uri.p + scheme.n, uri.n - scheme.n };
    for (size_t i = 0; i < rest.n; i++) {
        if (rest.p[i] == '/' || rest.p[i] == '?' || rest.p[i] == '#') {
            rest.n = i;
        }
    }
    return rest;
}

static bool is_visible(struct cb_str uri)
{
    for (size_t i = 0; i < uri.n; i++) {
        if (uri.p[i] <= 0x20 || uri.p[i] >= 0x7f || strchr("\"<>\\^`{|}", uri.p[i]) != NULL) {
            return false;
        }
    }
    return uri.n <= CB_LIMIT_URL;
}

/* host [ ":" port ], the host being a name, an IPv4 address or "[" IPv6 "]". */
static bool split_authority(struct cb_str authority, struct cb_str *out_host)
{
    struct cb_str host = authority, port = { 0 };
    const char *colon = NULL;
    for (size_t i = 0; i < authority.n; i++) {
        colon = authority.p[i] == ':' ? authority.p + i : authority.p[i] == ']' ? NULL : colon;
    }
    if (colon != NULL) {
        host.n = (size_t)(colon - authority.p);
        port = (struct cb_str){ colon + 1, authority.n - host.n - 1 };
    }
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9') {
            return false;
        }
    }
    const bool bracketed = host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']';
    *out_host = bracketed ? (struct cb_str){ host.p + 1, host.n - 2 } : host;
    return host.n > 0 && port.n <= 5 && (colon == NULL || port.n > 0) &&
           (bracketed || (memchr(host.p, ':', host.n) == NULL && memchr(host.p, '[', host.n) == NULL)) &&
           memchr(host.p, '@', host.n) == NULL;
}

bool cb_uri_is_https(struct cb_str uri)
{
    struct cb_str host;
    const struct cb_str authority = authority_of(uri, CB_STR("https://"));
    return is_visible(uri) && memchr(uri.p, '#', uri.n) == NULL && authority.n > 0 &&
           memchr(authority.p, '@', authority.n) == NULL && split_authority(authority, &host);
}

bool cb_uri_is_local(struct cb_str uri)
{
    static const char *const networks[] = { "127.0.0.0/8", "::1" };
    const struct cb_str authority = authority_of(uri, CB_STR("https://"));
    struct cb_str host = { 0 };
    struct cb_network own, other;
    if (authority.n == 0 || !split_authority(authority, &host)) {
        return false;
    }
    const struct cb_str dotted = { host.p, host.n - (host.p[host.n - 1] == '.' ? 1 : 0) };
    for (size_t i = 0; i < CB_COUNT(networks); i++) {
        if (cb_network_of(cb_str_of(networks[i]), &own) && cb_network_of(dotted, &other) &&
            cb_network_has(&own, &other.address)) {
            return true;
        }
    }
    const struct cb_str suffix = CB_STR(".localhost");
    return cb_str_eq_nocase(dotted, CB_STR("localhost")) ||
           (dotted.n > suffix.n &&
            cb_str_eq_nocase((struct cb_str){ dotted.p + dotted.n - suffix.n, suffix.n }, suffix));
}

bool cb_uri_is_page(struct cb_str uri)
{
    return is_visible(uri) &&
           (authority_of(uri, CB_STR("https://")).n > 0 || authority_of(uri, CB_STR("http://")).n > 0);
}
