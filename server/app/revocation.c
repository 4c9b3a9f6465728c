#include "app/revocation.h"

#include <stdlib.h>

#include "fetch/fetch.h"
#include "revocation/revocation.h"

struct cb_app_revocation {
    struct cb_fetcher *fetcher;
    struct cb_revocation *worker;
};

static void auto_revocation(struct cb_app_revocation **r)
{
    cb_app_revocation_stop(*r);
}

static cb_status fetch(void *ctx, const char *url, struct cb_str body, const char *content_type,
                       struct cb_buf *out, struct cb_err *err)
{
    return cb_fetch(
        ctx, &(struct cb_fetch){ .url = url, .body = body, .content_type = content_type, .is_signed = true },
        out, err);
}

static void stop_fetching(void *ctx)
{
    cb_fetcher_stop(ctx);
}

static uint64_t publish(void *ctx, struct cb_revocation_view *view)
{
    return cb_app_set_revocation(ctx, view);
}

cb_status cb_app_revocation_start(struct cb_app *app, const struct cb_settings *settings, struct cb_log *log,
                                  struct cb_app_revocation **out, struct cb_err *err)
{
    CB_AUTO(auto_revocation) struct cb_app_revocation *r = calloc(1, sizeof *r);
    CB_ENSURE(r != NULL, CB_E_MEMORY, "revocation");
    CB_TRY(cb_fetcher_new(&settings->config->outbound, &r->fetcher, err));
    const struct cb_revocation_options o = {
        .log = log,
        .net = { .ctx = r->fetcher, .fetch = fetch, .stop = stop_fetching },
        .owner = { .ctx = app, .publish = publish },
    };
    CB_TRY(cb_revocation_start(&o, &r->worker, err));
    CB_TRY(cb_app_revocation_follow(r, settings, err));
    *out = CB_TAKE(r);
    return CB_OK;
}

cb_status cb_app_revocation_follow(struct cb_app_revocation *r, const struct cb_settings *settings,
                                   struct cb_err *err)
{
    return cb_revocation_follow(r->worker, settings->config, settings->trust, err);
}

void cb_app_revocation_stop(struct cb_app_revocation *r)
{
    if (r != NULL) {
        cb_revocation_stop(r->worker);
        cb_fetcher_free(r->fetcher);
        free(r);
    }
}
