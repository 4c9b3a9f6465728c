/* Key sets that others publish, by URL: fetched in the background by a few threads, so that no request
 * ever waits for a network, nor a directory for those whom it vouches for; who comes before the keys is told
 * to come again. */
#ifndef CB_KEY_SOURCES_H
#define CB_KEY_SOURCES_H

#include "base/buf.h"
#include "log/log.h"
#include "onboarding/signed.h"

/* How to fetch a URL; called by those threads. */
struct cb_key_fetcher {
    void *ctx;
    cb_status (*fetch)(void *ctx, const char *url, struct cb_buf *out, struct cb_err *err);
    int64_t (*clock)(void); /* Unix seconds; NULL: cb_clock_unix */
    struct cb_log *log;
};

/* Thread-safe. */
struct cb_key_sources;

CB_MUST cb_key_sources_start(const struct cb_key_fetcher *f, struct cb_key_sources **out, struct cb_err *err);
void cb_key_sources_stop(struct cb_key_sources *s); /* NULL is fine; fetches under way are waited for */

/* These are fetched now, and again whenever they are older than refresh_s; those named before are not any
 * longer. */
void cb_key_sources_follow(struct cb_key_sources *s, const char *const *urls, size_t count,
                           int64_t refresh_s);

/* The keys at the URL, one reference. Not older than refresh_s, unless they cannot be fetched at the moment:
 * then the last good ones. With `of`, keys that may have signed it: for one that is unknown they are fetched
 * again, at most once a minute.
 * CB_E_DCR_KEYS_PENDING: they are being fetched. CB_E_DCR_KEYS_UNAVAILABLE: nobody answered, there are none.
 * CB_E_DCR_STATEMENT: what is there, or the URL itself, is not acceptable. */
CB_MUST cb_key_sources_get(struct cb_key_sources *s, const char *url, int64_t refresh_s,
                           const struct cb_signed *of, struct cb_key_set **out, struct cb_err *err);

#endif
