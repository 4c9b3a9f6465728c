/* One cb_fetch from the command line, for the tests:
 *
 *   fetch_tool [allow=NETWORK] [plain=HOST] [ca=FILE] [timeout=SECONDS] [max=BYTES] [signed=1] [stop=MS]
 * [post=TEXT] URL
 *
 * Prints the body, or the reason and the detail, and how long it took. */
#include "fetch/fetch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

static struct cb_fetcher *fetcher;
static int64_t stop_ms = -1;

static const char *option(int argc, char **argv, const char *name)
{
    const size_t n = strlen(name);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
            return argv[i] + n + 1;
        }
    }
    return NULL;
}

static int64_t number(const char *text, int64_t fallback)
{
    return text == NULL ? fallback : strtoll(text, NULL, 10);
}

static void *stop_later(void *p)
{
    const struct timespec t = { .tv_sec = stop_ms / 1000, .tv_nsec = stop_ms % 1000 * 1000000 };
    (void)nanosleep(&t, NULL);
    cb_fetcher_stop(fetcher);
    return p;
}

int main(int argc, char **argv)
{
    const char *allow = option(argc, argv, "allow"), *plain = option(argc, argv, "plain");
    const char *post = option(argc, argv, "post");
    const struct cb_config_outbound rules = {
        .allowed_addresses = &allow,
        .allowed_address_count = allow != NULL,
        .plain_http = &plain,
        .plain_http_count = plain != NULL,
        .ca_file = option(argc, argv, "ca"),
        .timeout_s = number(option(argc, argv, "timeout"), 5),
    };
    struct cb_err err = { 0 };
    struct cb_buf out CB_AUTO(cb_buf_done);
    pthread_t stopper;
    cb_buf_init(&out, (size_t)number(option(argc, argv, "max"), 1024));
    if (CB_FAILED(cb_fetcher_new(&rules, &fetcher, &err))) {
        return 2;
    }
    stop_ms = number(option(argc, argv, "stop"), -1);
    if (stop_ms >= 0 && pthread_create(&stopper, NULL, stop_later, NULL) != 0) {
        return 2;
    }
    const struct cb_fetch rq = { .url = argv[argc - 1],
                                 .accept = "application/json",
                                 .body = post == NULL ? (struct cb_str){ 0 } : cb_str_of(post),
                                 .content_type = post == NULL ? NULL : "text/x-test",
                                 .extra_header = post == NULL ? NULL : "X-Extra: 1",
                                 .is_signed = option(argc, argv, "signed") != NULL };
    const int64_t began = cb_clock_monotonic_ms();
    const bool failed = CB_FAILED(cb_fetch(fetcher, &rq, &out, &err));
    const long long took = (long long)(cb_clock_monotonic_ms() - began);
    const struct cb_str said = failed ? cb_str_of(err.detail) : cb_buf_str(&out);
    printf("%s\n", failed ? cb_code_reason(err.code) : "ok");
    (void)fwrite(said.p, 1, said.n, stdout);
    printf("\n%lld\n", took);
    if (stop_ms >= 0) {
        (void)pthread_join(stopper, NULL);
    }
    cb_fetcher_free(fetcher);
    return failed;
}
