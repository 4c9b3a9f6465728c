#include "cli/discovery.h"

#include "base/buf.h"
#include "base/limits.h"
#include "cli/http_client.h"

cb_status cb_https_get(struct cb_arena *a, const char *url, const char *ca, struct cb_str *out_body,
                       struct cb_err *err)
{
    const struct cb_https rq = { .url = url, .ca = ca };
    int status = 0;
    CB_TRY(cb_https_fetch(a, &rq, &status, out_body, err));
    CB_ENSURE(status == 200, CB_E_UNREACHABLE, "%.180s answers %d", url, status);
    return CB_OK;
}

/* https://HOST/PATH -> https://HOST/.well-known/oauth-authorization-server/PATH, without a slash at the end.
 * RFC 8414 section 3.1. */
static void metadata_url(struct cb_str issuer, struct cb_buf *out)
{
    issuer.n -= issuer.n > 0 && issuer.p[issuer.n - 1] == '/';
    const size_t scheme = sizeof "https://" - 1;
    const char *slash = issuer.n > scheme ? memchr(issuer.p + scheme, '/', issuer.n - scheme) : NULL;
    const size_t host = slash == NULL ? issuer.n : (size_t)(slash - issuer.p);
    cb_buf_add(out, issuer.p, host);
    cb_buf_add_cstr(out, "/.well-known/oauth-authorization-server");
    cb_buf_add(out, issuer.p + host, issuer.n - host);
    cb_buf_add_char(out, '\0');
}

cb_status cb_discover(struct cb_arena *a, const char *issuer, const char *ca, json_t **out,
                      struct cb_err *err)
{
    struct cb_buf url CB_AUTO(cb_buf_done);
    cb_buf_init(&url, 8 * CB_KIB);
    metadata_url(cb_str_of(issuer), &url);
    CB_TRY(cb_buf_check(&url, err));
    struct cb_str body, named = { 0 };
    json_auto_t *json = NULL;
    CB_TRY(cb_https_get(a, url.p, ca, &body, err));
    CB_TRY(cb_json_object(body, &json, err));
    CB_ENSURE(cb_json_get_str(json, "issuer", &named) && cb_str_is(named, issuer), CB_E_JSON,
              "the metadata found is not that of issuer %.128s", issuer);
    *out = CB_TAKE(json);
    return CB_OK;
}
