#include "http/client_cert_proxy.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/network.h"
#include "http/client_cert_header.h"
#include "http/proxies.h"
#include "jose/sha256.h"
#include "partner/peer_cache.h"

struct cb_cert_proxy {
    const struct cb_cert_header_form *form;
    char *header, *chain_header; /* the latter NULL where the form has none */
    struct cb_peer_cache *peers;
    struct cb_sha256 sha256;
};

/* --- start and end --- */

static char *name_of(const char *configured, const char *usual)
{
    const char *name = configured != NULL ? configured : usual;
    return name == NULL ? NULL : strdup(name);
}

static cb_status fill(struct cb_cert_proxy *p, const struct cb_listener_options *o, struct cb_err *err)
{
    const struct cb_config_proxy *from = o->proxy;
    p->form = cb_cert_header_form(cb_str_of(from->certificate_header));
    CB_ENSURE(p->form != NULL, CB_E_CONFIG, "certificate_header %.64s", from->certificate_header);
    p->header = name_of(from->header, p->form->header);
    p->chain_header =
        p->form->chain_header == NULL ? NULL : name_of(from->chain_header, p->form->chain_header);
    p->peers = cb_peer_cache_new();
    CB_ENSURE(cb_sha256_init(&p->sha256) && p->header != NULL && p->peers != NULL &&
                  (p->chain_header != NULL || p->form->chain_header == NULL),
              CB_E_MEMORY, "proxy");
    return CB_OK;
}

cb_status cb_cert_proxy_new(const struct cb_listener_options *o, struct cb_cert_proxy **out,
                            struct cb_err *err)
{
    if (o->proxy == NULL || o->proxy->certificate_header == NULL ||
        cb_str_is(CB_STR("none"), o->proxy->certificate_header)) {
        return CB_OK;
    }
    struct cb_cert_proxy *p = calloc(1, sizeof *p);
    CB_ENSURE(p != NULL, CB_E_MEMORY, "proxy");
    if (CB_FAILED(fill(p, o, err))) {
        cb_cert_proxy_free(p);
        return CB_FAIL;
    }
    *out = p;
    return CB_OK;
}

void cb_cert_proxy_free(struct cb_cert_proxy *p)
{
    if (p != NULL) {
        cb_sha256_done(&p->sha256);
        cb_peer_cache_free(p->peers);
        free(p->chain_header);
        free(p->header);
        free(p);
    }
}

/* --- what the header says --- */

struct walk {
    const struct cb_cert_proxy *proxy;
    struct cb_handed_on *out;
    struct cb_str forwarded_for; /* of several fields the last: the nearest hop adds at the end */
};

static void note(struct cb_handed_on *h, struct cb_str *field, struct cb_str value)
{
    h->repeated = h->repeated || field->p != NULL;
    *field = value;
}

static enum MHD_Result look_at(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size,
                               const char *value, size_t value_size)
{
    (void)kind;
    struct walk *w = cls;
    const struct cb_str name = { key, key_size };
    const struct cb_str text = { value == NULL ? "" : value, value_size };
    if (cb_str_eq_nocase(name, cb_str_of(w->proxy->header))) {
        note(w->out, &w->out->leaf, text);
    } else if (cb_str_eq_nocase(name, cb_str_of(w->proxy->chain_header))) {
        note(w->out, &w->out->chain, text);
    } else if (cb_str_eq_nocase(name, CB_STR("X-Forwarded-For"))) {
        w->forwarded_for = text;
    }
    return MHD_YES;
}

/* The last address of the list is the one that the proxy saw; what stands before it, others wrote. Empty when
 * it is none. */
static struct cb_str last_address(struct cb_arena *a, struct cb_str list)
{
    struct cb_str last = list;
    struct cb_network found = { 0 };
    char text[CB_ADDRESS_TEXT];
    while (cb_str_next(&list, ',', &last)) {
    }
    while (last.n > 0 && last.p[0] == ' ') {
        last = (struct cb_str){ last.p + 1, last.n - 1 };
    }
    if (last.n == 0 || memchr(last.p, '/', last.n) != NULL || !cb_network_of(last, &found) ||
        IN6_IS_ADDR_UNSPECIFIED(&found.address)) {
        return (struct cb_str){ 0 };
    }
    cb_address_text(&found.address, text);
    return cb_arena_str(a, cb_str_of(text));
}

static void log_ignored(struct cb_connection *c, const char *header, const struct cb_err *why)
{
    struct cb_log *log = c->listener->options.log;
    uint64_t held_back = 0;
    char address[CB_ADDRESS_TEXT];
    if (!cb_throttle_pass(&c->listener->cert_headers, cb_clock_monotonic_ms() / 1000, &held_back)) {
        cb_log_count_one(log, CB_EV_CLIENT_CERT_HEADER_IGNORED);
        return;
    }
    cb_address_text(&c->entry.address, address);
    CB_LOG(log, CB_EV_CLIENT_CERT_HEADER_IGNORED, why, CB_F_CSTR("request", c->exchange.request.id),
           CB_F_CSTR("listener", c->listener->name), CB_F_CSTR("address", address),
           CB_F_CSTR("header", header), CB_F_INT("held_back", held_back));
}

void cb_cert_proxy_look(struct cb_connection *c, struct MHD_Connection *mhd)
{
    const struct cb_cert_proxy *p = c->listener->cert_proxy;
    const struct cb_listener_options *o = &c->listener->options;
    struct cb_request *rq = &c->exchange.request;
    struct cb_handed_on *seen = &c->exchange.handed_on;
    struct walk walk = { .proxy = p, .out = seen };
    struct cb_err why = { 0 };
    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, look_at, &walk);
    seen->believed = cb_proxies_has(c->listener->proxies, &c->entry.address) ||
                     (c->peer != NULL && !CB_FAILED(o->is_proxy(o->app, rq, c->peer, &why)));
    if (seen->believed) {
        rq->audit.forwarded_for = last_address(rq->arena, walk.forwarded_for);
    } else if (seen->leaf.p == NULL && seen->chain.p == NULL) {
        return;
    } else if (why.code == CB_E_NONE || cb_error_is_peers(why.code)) {
        log_ignored(c, p->header, &why);
    } else {
        seen->undecided = why;
    }
}

/* --- where nobody may hand on a certificate --- */

static enum MHD_Result find_usual(void *cls, enum MHD_ValueKind kind, const char *key, size_t key_size,
                                  const char *value, size_t value_size)
{
    (void)kind, (void)value, (void)value_size;
    const char **found = cls;
    *found = cb_cert_header_usual((struct cb_str){ key, key_size });
    return *found == NULL ? MHD_YES : MHD_NO;
}

void cb_cert_header_ignore(struct cb_connection *c, struct MHD_Connection *mhd)
{
    const char *found = NULL;
    (void)MHD_get_connection_values_n(mhd, MHD_HEADER_KIND, find_usual, (void *)&found);
    if (found != NULL) {
        log_ignored(c, found, NULL);
    }
}

/* --- the partner --- */

/* A peer on loan from the cache for as long as the request lasts. */
struct loan {
    struct cb_peer_cache *cache;
    struct cb_peer_key key;
    struct cb_peer *peer;
};

static void give_back(void *p)
{
    struct loan *loan = p;
    cb_peer_cache_give(loan->cache, &loan->key, loan->peer);
}

static cb_status key_of(struct cb_cert_proxy *p, struct cb_arena *a, const struct cb_handed_on *h,
                        struct cb_peer_key *out, struct cb_err *err)
{
    struct cb_str whole = h->leaf;
    if (h->chain.n > 0) { /* no field holds a line feed, so two pairs of fields are never the same whole */
        char *joined = cb_arena_alloc(a, h->leaf.n + 1 + h->chain.n);
        CB_ENSURE(joined != NULL, CB_E_MEMORY, "certificate header");
        memcpy(joined, h->leaf.p, h->leaf.n);
        joined[h->leaf.n] = '\n';
        memcpy(joined + h->leaf.n + 1, h->chain.p, h->chain.n);
        whole = (struct cb_str){ joined, h->leaf.n + 1 + h->chain.n };
    }
    CB_ENSURE(cb_sha256_of(&p->sha256, whole, out->b), CB_E_MEMORY, "SHA-256");
    return CB_OK;
}

static cb_status peer_of(const struct cb_cert_proxy *p, struct cb_arena *a, const struct cb_handed_on *h,
                         struct cb_peer **out, struct cb_err *err)
{
    struct cb_presented presented = { 0 };
    CB_TRY(cb_cert_header_parse(p->form, a, h->leaf, h->chain, &presented, err));
    *out = cb_peer_new(presented.ders, presented.count);
    CB_ENSURE(*out != NULL, CB_E_MEMORY, "certificate of a request");
    return CB_OK;
}

cb_status cb_cert_proxy_peer(struct cb_connection *c, struct cb_err *err)
{
    struct cb_cert_proxy *p = c->listener->cert_proxy;
    const struct cb_handed_on *h = &c->exchange.handed_on;
    struct cb_request *rq = &c->exchange.request;
    CB_ENSURE(h->undecided.code == CB_E_NONE, h->undecided.code, "the proxy: %.180s", h->undecided.detail);
    if (!h->believed) {
        return CB_OK;
    }
    rq->peer = NULL;
    CB_ENSURE(!h->repeated, CB_E_CERT_HEADER_REPEATED, "%.64s or the field of its chain came twice",
              p->header);
    if (h->leaf.n == 0) {
        struct cb_presented none;
        return cb_cert_header_parse(p->form, rq->arena, h->leaf, h->chain, &none, err);
    }
    struct loan *loan = cb_arena_alloc(rq->arena, sizeof *loan);
    CB_ENSURE(loan != NULL, CB_E_MEMORY, "certificate of a request");
    loan->cache = p->peers;
    CB_TRY(key_of(p, rq->arena, h, &loan->key, err));
    loan->peer = cb_peer_cache_take(p->peers, &loan->key);
    if (loan->peer == NULL) {
        CB_TRY(peer_of(p, rq->arena, h, &loan->peer, err));
    }
    CB_ENSURE(cb_arena_defer(rq->arena, give_back, loan), CB_E_MEMORY, "certificate of a request");
    rq->peer = loan->peer;
    return CB_OK;
}
