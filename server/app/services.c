#include "app/services.h"

#include "base/limits.h"
#include "fetch/fetch.h"
#include "onboarding/directories.h"
#include "onboarding/key_sources.h"

static cb_status fetch_keys(void *ctx, const char *url, struct cb_buf *out, struct cb_err *err)
{
    const struct cb_fetch rq = { .url = url, .accept = "application/jwk-set+json, application/json" };
    return cb_fetch(ctx, &rq, out, err);
}

cb_status cb_services_start(struct cb_services *s, const struct cb_config *config, struct cb_err *err)
{
    CB_TRY(cb_fetcher_new(&config->outbound, &s->fetcher, err));
    s->seen = cb_seen_new();
    s->wishes = cb_key_wishes_new();
    CB_ENSURE(s->seen != NULL && s->wishes != NULL, CB_E_MEMORY, "services");
    const struct cb_key_fetcher fetcher = { .ctx = s->fetcher, .fetch = fetch_keys, .log = s->log };
    CB_TRY(cb_key_sources_start(&fetcher, &s->keys, err));
    cb_services_follow(s, config);
    return CB_OK;
}

void cb_services_interrupt(const struct cb_services *s)
{
    if (s->fetcher != NULL) {
        cb_fetcher_stop(s->fetcher);
    }
}

void cb_services_stop(struct cb_services *s)
{
    cb_services_interrupt(s);
    cb_key_sources_stop(s->keys);
    cb_seen_free(s->seen);
    cb_key_wishes_free(s->wishes);
    cb_fetcher_free(s->fetcher);
    *s = (struct cb_services){ .store = s->store, .kek = s->kek, .log = s->log };
}

void cb_services_follow(const struct cb_services *s, const struct cb_config *config)
{
    const char *urls[CB_LIMIT_DIRECTORIES];
    size_t count = 0;
    for (size_t i = 0; i < config->directory_count && count < CB_COUNT(urls); i++) {
        if (cb_directory_is_remote(&config->directories[i])) {
            urls[count++] = config->directories[i].jwks;
        }
    }
    cb_key_sources_follow(s->keys, urls, count, config->jwks_refresh_s);
}
