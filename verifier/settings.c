#include "verifier/settings.h"

#include <stdatomic.h>
#include <stdlib.h>

struct shared {
    struct cb_settings settings; /* first, so that one pointer serves for both */
    atomic_uint refs;
    char text[];
};

static struct cb_str put(char **at, struct cb_str s)
{
    const struct cb_str copy = { *at, s.n };
    if (s.n > 0) {
        memcpy(*at, s.p, s.n);
    }
    *at += s.n;
    return copy;
}

struct cb_settings *cb_settings_new(const struct cb_settings *of)
{
    struct shared *s = malloc(sizeof *s + of->issuer.n + of->audience.n);
    if (s == NULL) {
        return NULL;
    }
    char *at = s->text;
    atomic_init(&s->refs, 1);
    s->settings = *of;
    s->settings.issuer = put(&at, of->issuer);
    s->settings.audience = put(&at, of->audience);
    (void)cb_keyset_ref(of->keys);
    return &s->settings;
}

struct cb_settings *cb_settings_ref(struct cb_settings *s)
{
    atomic_fetch_add_explicit(&((struct shared *)s)->refs, 1, memory_order_relaxed);
    return s;
}

void cb_settings_unref(struct cb_settings *s)
{
    struct shared *shared = (struct shared *)s;
    if (shared != NULL && atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) == 1) {
        cb_keyset_unref(s->keys);
        free(shared);
    }
}
