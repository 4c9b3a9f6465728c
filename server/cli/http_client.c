#include "cli/http_client.h"

#include <curl/curl.h>

#include "base/limits.h"

#define BODY_MAX (256 * CB_KIB)

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
    struct cb_buf *body = ctx;
    cb_buf_add(body, p, size * n);
    return body->failed ? 0 : n;
}

static void auto_curl(CURL **c)
{
    curl_easy_cleanup(*c);
}

struct option {
    CURLoption name;
    const char *value; /* NULL leaves the default */
};

static bool set_texts(CURL *c, const struct cb_https *rq)
{
    const struct option options[] = {
        { CURLOPT_URL, rq->url },    { CURLOPT_PROTOCOLS_STR, "https" },
        { CURLOPT_CAINFO, rq->ca },  { CURLOPT_SSLCERT, rq->cert },
        { CURLOPT_SSLKEY, rq->key }, { CURLOPT_USERAGENT, "certbound/" CERTBOUND_VERSION },
    };
    for (size_t i = 0; i < CB_COUNT(options); i++) {
        if (options[i].value != NULL && curl_easy_setopt(c, options[i].name, options[i].value) != CURLE_OK) {
            return false;
        }
    }
    return curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_TIMEOUT, 30L) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
}

static bool set_body(CURL *c, const struct cb_https *rq, struct curl_slist *headers, struct cb_buf *body,
                     char *problem)
{
    return curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_WRITEDATA, body) == CURLE_OK &&
           curl_easy_setopt(c, CURLOPT_ERRORBUFFER, problem) == CURLE_OK &&
           (headers == NULL || curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers) == CURLE_OK) &&
           (rq->body.p == NULL || (curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)rq->body.n) == CURLE_OK &&
                                   curl_easy_setopt(c, CURLOPT_POSTFIELDS, rq->body.p) == CURLE_OK));
}

static void auto_headers(struct curl_slist **l)
{
    curl_slist_free_all(*l);
}

/* NULL: libcurl's own, which are those of a form. */
static struct curl_slist *headers_of(const struct cb_https *rq)
{
    char line[128];
    struct cb_buf b;
    cb_buf_over(&b, line, sizeof line);
    cb_buf_add_fmt(&b, "Content-Type: %s", rq->content_type == NULL ? "" : rq->content_type);
    cb_buf_add_char(&b, '\0');
    return rq->content_type == NULL || b.failed ? NULL : curl_slist_append(NULL, line);
}

cb_status cb_https_fetch(struct cb_arena *a, const struct cb_https *rq, int *out_status,
                         struct cb_str *out_body, struct cb_err *err)
{
    CB_AUTO(auto_curl) CURL *c = curl_easy_init();
    struct cb_buf body CB_AUTO(cb_buf_done);
    cb_buf_init(&body, BODY_MAX);
    char problem[CURL_ERROR_SIZE] = "";
    CB_AUTO(auto_headers) struct curl_slist *headers = headers_of(rq);
    CB_ENSURE(c != NULL && set_texts(c, rq) && set_body(c, rq, headers, &body, problem), CB_E_MEMORY,
              "libcurl");
    const CURLcode code = curl_easy_perform(c);
    CB_ENSURE(!body.failed, CB_E_LIMIT, "%.100s: the answer is longer than %zu bytes", rq->url, BODY_MAX);
    CB_ENSURE(code == CURLE_OK, CB_E_UNREACHABLE, "%.100s: %.110s", rq->url,
              problem[0] != '\0' ? problem : curl_easy_strerror(code));
    long status = 0;
    (void)curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    const struct cb_str kept = cb_arena_str(a, cb_buf_str(&body));
    CB_ENSURE(kept.p != NULL, CB_E_MEMORY, "answer");
    *out_status = (int)status;
    *out_body = kept;
    return CB_OK;
}

/* application/x-www-form-urlencoded; everything but unreserved characters as %XX. */
void cb_form_add(struct cb_buf *form, const char *name, const char *value)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    cb_buf_add_cstr(form, form->n > 0 ? "&" : "");
    cb_buf_add_cstr(form, name);
    cb_buf_add_char(form, '=');
    for (; *value != '\0'; value++) {
        if (strchr(plain, *value) != NULL) {
            cb_buf_add_char(form, *value);
        } else {
            cb_buf_add_fmt(form, "%%%02X", (unsigned)(unsigned char)*value);
        }
    }
}
