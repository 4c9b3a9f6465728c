#include "fetch/fetch.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/network.h"
#include "fetch/address.h"

enum { HOST_MAX = 256 };

struct cb_fetcher {
    struct cb_network *allowed;
    size_t allowed_count;
    char **plain_http;
    size_t plain_http_count;
    char *ca_file;
    long timeout_s;
    atomic_bool stopped;
};

/* One call. */
struct transfer {
    struct cb_fetcher *f;
    CURL *curl;
    struct curl_slist *headers;
    struct cb_buf *out;
    char host[HOST_MAX];
    bool address_refused, address_tried;
    char problem[CURL_ERROR_SIZE];
};

/* --- the rules --- */

static void auto_fetcher(struct cb_fetcher **f)
{
    cb_fetcher_free(*f);
}

static void init_library(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

static cb_status copy_rules(struct cb_fetcher *f, const struct cb_config_outbound *rules, struct cb_err *err)
{
    f->allowed = calloc(rules->allowed_address_count + 1, sizeof *f->allowed);
    f->plain_http = calloc(rules->plain_http_count + 1, sizeof *f->plain_http);
    CB_ENSURE(f->allowed != NULL && f->plain_http != NULL, CB_E_MEMORY, "outbound rules");
    for (size_t i = 0; i < rules->allowed_address_count; i++) {
        CB_ENSURE(cb_network_of(cb_str_of(rules->allowed_addresses[i]), &f->allowed[i]), CB_E_CONFIG,
                  "outbound.allowed_addresses: entry %zu is no network", i + 1);
        f->allowed_count++;
    }
    for (size_t i = 0; i < rules->plain_http_count; i++) {
        f->plain_http[i] = strdup(rules->plain_http[i]);
        CB_ENSURE(f->plain_http[i] != NULL, CB_E_MEMORY, "outbound rules");
        f->plain_http_count++;
    }
    f->ca_file = rules->ca_file == NULL ? NULL : strdup(rules->ca_file);
    CB_ENSURE(rules->ca_file == NULL || f->ca_file != NULL, CB_E_MEMORY, "outbound rules");
    f->timeout_s = (long)rules->timeout_s;
    return CB_OK;
}

cb_status cb_fetcher_new(const struct cb_config_outbound *rules, struct cb_fetcher **out, struct cb_err *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, init_library);
    CB_AUTO(auto_fetcher) struct cb_fetcher *f = calloc(1, sizeof *f);
    CB_ENSURE(f != NULL, CB_E_MEMORY, "outbound rules");
    atomic_init(&f->stopped, false);
    CB_TRY(copy_rules(f, rules, err));
    *out = CB_TAKE(f);
    return CB_OK;
}

void cb_fetcher_stop(struct cb_fetcher *f)
{
    atomic_store(&f->stopped, true);
}

bool cb_fetcher_is_stopped(const struct cb_fetcher *f)
{
    return atomic_load(&f->stopped);
}

void cb_fetcher_free(struct cb_fetcher *f)
{
    if (f == NULL) {
        return;
    }
    for (size_t i = 0; i < f->plain_http_count; i++) {
        free(f->plain_http[i]);
    }
    free(f->plain_http);
    free(f->allowed);
    free(f->ca_file);
    free(f);
}

/* --- the URL --- */

static void auto_url(CURLU **u)
{
    curl_url_cleanup(*u);
}

static void auto_text(char **text)
{
    curl_free(*text);
}

static bool has_part(CURLU *u, CURLUPart part)
{
    CB_AUTO(auto_text) char *text = NULL;
    return curl_url_get(u, part, &text, 0) == CURLUE_OK;
}

static bool may_be_plain(const struct cb_fetcher *f, const char *host)
{
    for (size_t i = 0; i < f->plain_http_count; i++) {
        if (cb_str_eq_nocase(cb_str_of(f->plain_http[i]), cb_str_of(host))) {
            return true;
        }
    }
    return false;
}

static cb_status check_url(struct transfer *t, const struct cb_fetch *rq, struct cb_err *err)
{
    CB_AUTO(auto_url) CURLU *u = curl_url();
    CB_AUTO(auto_text) char *scheme = NULL;
    CB_AUTO(auto_text) char *host = NULL;
    CB_ENSURE(u != NULL, CB_E_MEMORY, "URL");
    CB_ENSURE(curl_url_set(u, CURLUPART_URL, rq->url, 0) == CURLUE_OK &&
                  curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                  curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && strlen(host) < sizeof t->host,
              CB_E_FETCH_REFUSED, "not a URL with a host");
    memcpy(t->host, host, strlen(host) + 1);
    CB_ENSURE(!has_part(u, CURLUPART_USER) && !has_part(u, CURLUPART_PASSWORD), CB_E_FETCH_REFUSED,
              "%.100s: the URL holds a user name or a password", t->host);
    if (cb_str_is(cb_str_of(scheme), "https")) {
        return CB_OK;
    }
    CB_ENSURE(cb_str_is(cb_str_of(scheme), "http") && rq->is_signed, CB_E_FETCH_REFUSED,
              "%.100s: must be an https URL", t->host);
    CB_ENSURE(may_be_plain(t->f, t->host), CB_E_FETCH_REFUSED,
              "%.100s: plain http, and the host is not in outbound.plain_http", t->host);
    return CB_OK;
}

/* --- what libcurl asks while it works --- */

static struct in6_addr address_of(const struct sockaddr *sa)
{
    struct in6_addr a = { .s6_addr = { [10] = 0xff, [11] = 0xff } };
    if (sa->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, sa, sizeof in6);
        return in6.sin6_addr;
    }
    struct sockaddr_in in;
    memcpy(&in, sa, sizeof in);
    memcpy(&a.s6_addr[12], &in.sin_addr, sizeof in.sin_addr);
    return a;
}

static bool may_connect(const struct cb_fetcher *f, const struct sockaddr *sa)
{
    if (sa->sa_family != AF_INET && sa->sa_family != AF_INET6) {
        return false;
    }
    const struct in6_addr a = address_of(sa);
    for (size_t i = 0; i < f->allowed_count; i++) {
        if (cb_network_has(&f->allowed[i], &a)) {
            return true;
        }
    }
    return cb_address_is_public(&a);
}

/* Here the name has been resolved, and to this very address the connection goes. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct transfer *t = ctx;
    (void)purpose;
    if (!may_connect(t->f, &to->addr)) {
        t->address_refused = true;
        return CURL_SOCKET_BAD;
    }
    t->address_tried = true;
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    cb_buf_add(t->out, p, size * n);
    return t->out->failed ? 0 : n;
}

static int go_on(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const struct transfer *t = ctx;
    (void)a, (void)b, (void)c, (void)d;
    return cb_fetcher_is_stopped(t->f) ? 1 : 0;
}

/* --- one call --- */

static bool add_header(struct transfer *t, const char *name, const char *value)
{
    char line[512];
    struct cb_buf b;
    cb_buf_over(&b, line, sizeof line);
    cb_buf_add_cstr(&b, name);
    cb_buf_add_cstr(&b, value);
    cb_buf_add_char(&b, '\0');
    struct curl_slist *more = b.failed ? NULL : curl_slist_append(t->headers, line);
    t->headers = more != NULL ? more : t->headers;
    return more != NULL;
}

static bool set_headers(struct transfer *t, const struct cb_fetch *rq)
{
    struct curl_slist *extra = NULL;
    if (rq->extra_header != NULL) {
        extra = curl_slist_append(t->headers, rq->extra_header);
        t->headers = extra != NULL ? extra : t->headers;
    }
    return (rq->extra_header == NULL || extra != NULL) &&
           (rq->accept == NULL || add_header(t, "Accept: ", rq->accept)) &&
           (rq->content_type == NULL || add_header(t, "Content-Type: ", rq->content_type)) &&
           (rq->body.p == NULL || add_header(t, "Expect:", "")) &&
           curl_easy_setopt(t->curl, CURLOPT_HTTPHEADER, t->headers) == CURLE_OK;
}

static bool set_texts(struct transfer *t, const struct cb_fetch *rq)
{
    const struct {
        CURLoption name;
        const char *value; /* NULL leaves the default */
    } options[] = {
        { CURLOPT_URL, rq->url },
        { CURLOPT_PROTOCOLS_STR, rq->is_signed ? "https,http" : "https" },
        { CURLOPT_CAINFO, t->f->ca_file },
        { CURLOPT_USERAGENT, "certbound" },
        { CURLOPT_PROXY, "" }, /* nor one that the environment names */
    };
    for (size_t i = 0; i < CB_COUNT(options); i++) {
        if (options[i].value != NULL &&
            curl_easy_setopt(t->curl, options[i].name, options[i].value) != CURLE_OK) {
            return false;
        }
    }
    return true;
}

static bool set_bounds(struct transfer *t)
{
    return curl_easy_setopt(t->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_TIMEOUT, t->f->timeout_s) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->out->max) == CURLE_OK;
}

static bool set_callbacks(struct transfer *t)
{
    return curl_easy_setopt(t->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_OPENSOCKETDATA, t) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_XFERINFOFUNCTION, go_on) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_XFERINFODATA, t) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_WRITEDATA, t) == CURLE_OK &&
           curl_easy_setopt(t->curl, CURLOPT_ERRORBUFFER, t->problem) == CURLE_OK;
}

static bool set_body(struct transfer *t, struct cb_str body)
{
    return body.p == NULL ||
           (curl_easy_setopt(t->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n) == CURLE_OK &&
            curl_easy_setopt(t->curl, CURLOPT_POSTFIELDS, body.p) == CURLE_OK);
}

static cb_status judge(struct transfer *t, CURLcode code, struct cb_err *err)
{
    long status = 0;
    CB_ENSURE(t->address_tried || !t->address_refused, CB_E_FETCH_REFUSED,
              "%.100s: is not at a public address, nor at one of outbound.allowed_addresses", t->host);
    CB_ENSURE(!t->out->failed && code != CURLE_FILESIZE_EXCEEDED, CB_E_FETCH_TOO_LARGE,
              "%.100s: sends more than %zu bytes", t->host, t->out->max);
    CB_ENSURE(code != CURLE_ABORTED_BY_CALLBACK, CB_E_FETCH_FAILED, "%.100s: the server is stopping",
              t->host);
    CB_ENSURE(code == CURLE_OK, CB_E_FETCH_FAILED, "%.100s: %.110s", t->host, curl_easy_strerror(code));
    (void)curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
    CB_ENSURE(status / 100 != 3, CB_E_FETCH_FAILED, "%.100s: answers %ld, and redirects are not followed",
              t->host, status);
    CB_ENSURE(status / 100 == 2, CB_E_FETCH_FAILED, "%.100s: answers %ld", t->host, status);
    return CB_OK;
}

static void transfer_done(struct transfer *t)
{
    curl_slist_free_all(t->headers);
    curl_easy_cleanup(t->curl);
}

cb_status cb_fetch(struct cb_fetcher *f, const struct cb_fetch *rq, struct cb_buf *out, struct cb_err *err)
{
    struct transfer t CB_AUTO(transfer_done) = { .f = f, .out = out };
    cb_buf_reset(out);
    CB_TRY(check_url(&t, rq, err));
    CB_ENSURE(!cb_fetcher_is_stopped(f), CB_E_FETCH_FAILED, "%.100s: the server is stopping", t.host);
    t.curl = curl_easy_init();
    CB_ENSURE(t.curl != NULL && set_headers(&t, rq) && set_texts(&t, rq) && set_bounds(&t) &&
                  set_callbacks(&t) && set_body(&t, rq->body),
              CB_E_MEMORY, "libcurl");
    return judge(&t, curl_easy_perform(t.curl), err);
}
