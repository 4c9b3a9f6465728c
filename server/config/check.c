/* What no key can be checked for alone. */
#include <stdlib.h>

#include "config/load.h"
#include "config/shape.h"

/* A value that is missing is the same as no other. */
static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && cb_str_is(cb_str_of(a), b);
}

/* A value that must be unique, and where it is kept. */
struct named {
    const char *text;
    const void *slot;
    size_t order;
};

static int by_text(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    const int c = strcmp(x->text, y->text);
    return c != 0 ? c : (x->order < y->order ? -1 : 1);
}

static void check_unique(struct cb_load *l, struct named *all, size_t n, const char *what)
{
    qsort(all, n, sizeof *all, by_text);
    for (size_t i = 1; i < n; i++) {
        if (same(all[i].text, all[i - 1].text)) {
            const struct cb_quoted text = cb_load_quote(cb_str_of(all[i].text));
            cb_load_problem(l, cb_load_line(l, all[i].slot), "%s `%s` is there already, on line %d", what,
                            text.text, cb_load_line(l, all[i - 1].slot));
        }
    }
}

/* Collects what was read without a problem. */
static void collect(struct named *all, size_t *n, const char *const *slot)
{
    if (*slot != NULL) {
        all[*n] = (struct named){ *slot, slot, *n };
        (*n)++;
    }
}

static struct named *room(struct cb_load *l, size_t n)
{
    struct named *all = cb_arena_array(l->scratch, n, sizeof *all);
    l->no_memory |= all == NULL;
    return all;
}

static void check_resources(struct cb_load *l)
{
    const struct cb_config *c = l->config;
    size_t scopes = 0;
    for (size_t i = 0; i < c->resource_count; i++) {
        scopes += c->resources[i].scope_count;
    }
    struct named *identifier = room(l, c->resource_count), *scope = room(l, scopes);
    if (identifier == NULL || scope == NULL) {
        return;
    }
    size_t identifiers = 0;
    scopes = 0;
    for (size_t i = 0; i < c->resource_count; i++) {
        collect(identifier, &identifiers, &c->resources[i].identifier);
        for (size_t k = 0; k < c->resources[i].scope_count; k++) {
            collect(scope, &scopes, &c->resources[i].scopes[k]);
        }
    }
    check_unique(l, identifier, identifiers, "the resource");
    check_unique(l, scope, scopes, "a scope belongs to one resource, and");
}

static void check_trust_groups(struct cb_load *l)
{
    const struct cb_config *c = l->config;
    struct named *all = room(l, c->trust_group_count);
    size_t n = 0;
    for (size_t i = 0; all != NULL && i < c->trust_group_count; i++) {
        collect(all, &n, &c->trust_groups[i].name);
    }
    if (all != NULL) {
        check_unique(l, all, n, "the trust group");
    }
}

static bool is_resource(const struct cb_config *c, const char *identifier)
{
    for (size_t i = 0; i < c->resource_count; i++) {
        if (same(c->resources[i].identifier, identifier)) {
            return true;
        }
    }
    return false;
}

static void check_default_resource(struct cb_load *l)
{
    struct cb_config *c = l->config;
    const int line = cb_load_line(l, &c->default_resource);
    if (line == 0 && c->resource_count > 1) {
        cb_load_problem(l, line, "`default_resource` is missing: it names one of several resources");
    } else if (line == 0 && c->resource_count == 1) {
        c->default_resource = c->resources[0].identifier;
    } else if (c->default_resource != NULL && !is_resource(c, c->default_resource)) {
        cb_load_problem(l, line, "`default_resource` is none of `resources`");
    }
}

/* Port 0 is a different one each time. */
static bool any_port(const char *address)
{
    return cb_str_is(cb_str_of(strrchr(address, ':')), ":0");
}

static void check_listeners(struct cb_load *l)
{
    struct cb_config_listener *public = &l->config->listeners[CB_LISTENER_PUBLIC];
    const struct cb_config_listener *mtls = &l->config->listeners[CB_LISTENER_MTLS];
    if (public->url == NULL && l->config->issuer != NULL && cb_load_line(l, &public->url) == 0) {
        public->url = cb_load_text(l, cb_url_origin(cb_str_of(l->config->issuer)));
    }
    if (same(public->url, mtls->url)) {
        cb_load_problem(l, cb_load_line(l, &mtls->url),
                        "`listeners.mtls.url` is that of the public listener; each has its own host or port");
    }
    for (int i = 0; i < CB_LISTENER__MAX; i++) {
        const char *address = l->config->listeners[i].address;
        for (int k = 0; address != NULL && k < i; k++) {
            const char *other = l->config->listeners[k].address;
            if (same(address, other) && !any_port(address)) {
                cb_load_problem(l, cb_load_line(l, &l->config->listeners[i].address),
                                "two listeners have the address `%s`", address);
            }
        }
    }
}

void cb_config_check(struct cb_load *l)
{
    check_listeners(l);
    check_resources(l);
    check_trust_groups(l);
    check_default_resource(l);
}
