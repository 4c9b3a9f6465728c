#include "app/revocation.h"

#include "fetch/fetch.h"

static void auto_revocation(struct cb_revocation **r)
{
    cb_revocation_stop(*r);
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

cb_status cb_app_revocation_start(struct cb_app *app, const struct cb_settings *settings,
                                  struct cb_revocation **out, struct cb_err *err)
{
    const struct cb_services *services = cb_app_services(app);
    CB_AUTO(auto_revocation) struct cb_revocation *r = NULL;
    const struct cb_revocation_options o = {
        .log = services->log,
        .cache_folder = settings->config->outbound.cache_folder,
        .net = { .ctx = services->fetcher, .fetch = fetch, .stop = stop_fetching },
        .owner = { .ctx = app, .publish = publish },
    };
    CB_TRY(cb_revocation_start(&o, &r, err));
    CB_TRY(cb_revocation_follow(r, settings->config, settings->trust, err));
    *out = CB_TAKE(r);
    return CB_OK;
}
