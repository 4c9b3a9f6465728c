#include "http/proxies.h"

#include <stdlib.h>

#include "base/network.h"

struct cb_proxies {
    bool send_header, unix_socket;
    size_t count;
    struct cb_network networks[];
};

static bool is_set(const char *choice)
{
    return choice != NULL && !cb_str_is(CB_STR("none"), choice);
}

static cb_status fill(struct cb_proxies *p, const struct cb_config_proxy *from, struct cb_err *err)
{
    for (; p->count < from->address_count; p->count++) {
        const char *text = from->addresses[p->count];
        CB_ENSURE(cb_network_of(cb_str_of(text), &p->networks[p->count]), CB_E_CONFIG, "proxy address %.64s",
                  text);
    }
    return CB_OK;
}

cb_status cb_proxies_new(const struct cb_listener_options *o, struct cb_proxies **out, struct cb_err *err)
{
    const struct cb_config_proxy *from = o->proxy;
    if (from == NULL || !(is_set(from->protocol) || is_set(from->certificate_header))) {
        return CB_OK;
    }
    CB_ENSURE(!is_set(from->protocol) || !is_set(from->certificate_header), CB_E_CONFIG,
              "a proxy either passes TLS through or ends it");
    struct cb_proxies *p = calloc(1, sizeof *p + from->address_count * sizeof p->networks[0]);
    CB_ENSURE(p != NULL, CB_E_MEMORY, "proxies");
    p->send_header = is_set(from->protocol);
    p->unix_socket = cb_str_starts(cb_str_of(o->address), CB_STR("unix:"));
    if (CB_FAILED(fill(p, from, err))) {
        cb_proxies_free(p);
        return CB_FAIL;
    }
    *out = p;
    return CB_OK;
}

void cb_proxies_free(struct cb_proxies *p)
{
    free(p);
}

bool cb_proxies_has(const void *proxies, const struct in6_addr *address)
{
    const struct cb_proxies *p = proxies;
    bool listed = p->unix_socket;
    for (size_t i = 0; i < p->count && !listed; i++) {
        listed = cb_network_has(&p->networks[i], address);
    }
    return listed;
}

bool cb_proxies_send_header(const struct cb_proxies *p)
{
    return p != NULL && p->send_header;
}
