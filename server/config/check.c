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

static bool is_trust_group(const struct cb_config *c, const char *name)
{
    for (size_t i = 0; i < c->trust_group_count; i++) {
        if (same(c->trust_groups[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* A slot that names a trust group, where it is set. */
static void check_group_named(struct cb_load *l, const char *key, const char *const *slot)
{
    if (*slot != NULL && !is_trust_group(l->config, *slot)) {
        cb_load_problem(l, cb_load_line(l, slot), "`%s` is none of `trust_groups`", key);
    }
}

/* A group that asks must be able to. */
static void check_revocation(struct cb_load *l)
{
    for (size_t i = 0; i < l->config->trust_group_count; i++) {
        const struct cb_config_revocation *r = &l->config->trust_groups[i].revocation;
        if (same(r->check, "crl") && r->crl_count == 0 && !r->distribution_points) {
            cb_load_problem(l, cb_load_line(l, &r->check),
                            "`trust_groups[].revocation.check` is crl, but neither `crls` nor "
                            "`distribution_points: true` says which");
        }
        if (same(r->check, "off") &&
            (r->crl_count > 0 || r->distribution_points || r->ocsp_responder != NULL)) {
            cb_load_problem(l, cb_load_line(l, &r->check),
                            "`trust_groups[].revocation.check` is off: say crl, ocsp or both");
        }
        for (size_t k = 0; k < r->crl_count; k++) {
            const char *wrong =
                strstr(r->crls[k], "://") == NULL ? NULL : cb_wrong_url(cb_str_of(r->crls[k]));
            if (wrong != NULL) {
                cb_load_problem(l, cb_load_line(l, &r->crls[k]), "`trust_groups[].revocation.crls` %s",
                                wrong);
            }
        }
    }
}

static bool is_scope(const struct cb_config *c, const char *scope)
{
    for (size_t i = 0; i < c->resource_count; i++) {
        for (size_t k = 0; k < c->resources[i].scope_count; k++) {
            if (same(c->resources[i].scopes[k], scope)) {
                return true;
            }
        }
    }
    return false;
}

static void check_roles(struct cb_load *l)
{
    const struct cb_config *c = l->config;
    struct named *all = room(l, c->role_count);
    size_t n = 0;
    for (size_t i = 0; all != NULL && i < c->role_count; i++) {
        const struct cb_config_role *role = &c->roles[i];
        collect(all, &n, &role->role);
        for (size_t k = 0; k < role->scope_count; k++) {
            if (role->scopes[k] != NULL && !is_scope(c, role->scopes[k])) {
                cb_load_problem(l, cb_load_line(l, &role->scopes[k]),
                                "`roles[].scopes` names `%s`, which no resource has", role->scopes[k]);
            }
        }
    }
    if (all != NULL) {
        check_unique(l, all, n, "the role");
    }
}

static void check_directories(struct cb_load *l)
{
    const struct cb_config *c = l->config;
    struct named *name = room(l, c->directory_count), *issuer = room(l, c->directory_count);
    size_t names = 0, issuers = 0;
    if (name == NULL || issuer == NULL) {
        return;
    }
    for (size_t i = 0; i < c->directory_count; i++) {
        collect(name, &names, &c->directories[i].name);
        collect(issuer, &issuers, &c->directories[i].issuer);
        check_group_named(l, "directories[].trust_group", &c->directories[i].trust_group);
    }
    check_unique(l, name, names, "the directory");
    check_unique(l, issuer, issuers, "a directory with the issuer");
}

static void check_admin(struct cb_load *l)
{
    const struct cb_config *c = l->config;
    const struct cb_config_listener *admin = &c->listeners[CB_LISTENER_ADMIN];
    check_group_named(l, "listeners.admin.trust_group", &admin->trust_group);
    if (admin->address != NULL && c->administrators == NULL) {
        cb_load_problem(l, cb_load_line(l, &admin->address),
                        "`administrators` is missing: nobody could use `listeners.admin`");
    }
}

static void check_proxy_headers(struct cb_load *l, const struct cb_config_proxy *p)
{
    const bool has_chain = same(p->certificate_header, "rfc9440") || same(p->certificate_header, "haproxy");
    if (same(p->certificate_header, "none") && (p->header != NULL || p->chain_header != NULL)) {
        cb_load_problem(l, cb_load_line(l, p->header != NULL ? &p->header : &p->chain_header),
                        "`listeners.mtls.proxy`: a field is named, but `certificate_header` does not say its "
                        "form");
    } else if (p->chain_header != NULL && !has_chain) {
        cb_load_problem(l, cb_load_line(l, &p->chain_header),
                        "`listeners.mtls.proxy.chain_header`: the form %s has no field for the chain",
                        p->certificate_header);
    }
    if (p->chain_header != NULL && p->header != NULL &&
        cb_str_eq_nocase(cb_str_of(p->chain_header), cb_str_of(p->header))) {
        cb_load_problem(l, cb_load_line(l, &p->chain_header),
                        "`listeners.mtls.proxy`: `header` and `chain_header` are the same");
    }
}

static void check_is_not(struct cb_load *l, const char *taken, const char *whose, const char *key,
                         const char *const *group)
{
    if (same(taken, *group)) {
        cb_load_problem(l, cb_load_line(l, group), "`%s` is that of %s", key, whose);
    }
}

/* Whoever has a certificate of the proxies' group may claim to be any partner, and a CA of the
 * administrators' group can make an administrator, so nobody else belongs to these. */
static void check_groups_apart(struct cb_load *l)
{
    const struct cb_config *c = l->config;
    const char *const *proxies = &c->listeners[CB_LISTENER_MTLS].proxy.trust_group;
    const char *const *administrators = &c->listeners[CB_LISTENER_ADMIN].trust_group;
    static const char proxy_word[] = "the proxies, who speak for any partner";
    check_group_named(l, "listeners.mtls.proxy.trust_group", proxies);
    check_is_not(l, *proxies, proxy_word, "listeners.admin.trust_group", administrators);
    for (size_t i = 0; i < c->directory_count; i++) {
        const char *const *group = &c->directories[i].trust_group;
        check_is_not(l, *proxies, proxy_word, "directories[].trust_group", group);
        check_is_not(l, *administrators, "the administrators, whom no partner's CA may make",
                     "directories[].trust_group", group);
    }
}

/* Who is believed to speak for partners must be said, except on a Unix socket, where the file's mode says it.
 */
static void check_proxy(struct cb_load *l)
{
    const struct cb_config_listener *mtls = &l->config->listeners[CB_LISTENER_MTLS];
    const struct cb_config_proxy *p = &mtls->proxy;
    const bool header = !same(p->certificate_header, "none"), protocol = !same(p->protocol, "none");
    const bool is_socket = mtls->address != NULL && cb_str_starts(cb_str_of(mtls->address), CB_STR("unix:"));
    const int line = cb_load_line(l, &mtls->address);
    check_groups_apart(l);
    if ((mtls->certificate == NULL) != (mtls->private_key == NULL)) {
        cb_load_problem(l, line, "`listeners.mtls` needs both `certificate` and `private_key`, or neither");
    } else if (mtls->address != NULL && mtls->certificate == NULL && !header) {
        cb_load_problem(l, line,
                        "`listeners.mtls.certificate` is missing; only a proxy that hands certificates on in "
                        "`proxy.certificate_header` can do without");
    }
    if (header && protocol) {
        cb_load_problem(l, cb_load_line(l, &p->protocol),
                        "`listeners.mtls.proxy`: a proxy either passes TLS through (`protocol`) or ends it "
                        "(`certificate_header`)");
    }
    if (!is_socket && p->address_count == 0 && (protocol || (header && p->trust_group == NULL))) {
        cb_load_problem(l, cb_load_line(l, protocol ? &p->protocol : &p->certificate_header),
                        "`listeners.mtls.proxy.addresses` is missing: it says who the proxy is");
    }
    check_proxy_headers(l, p);
    if (p->trust_group != NULL && mtls->certificate == NULL) {
        cb_load_problem(l, cb_load_line(l, &p->trust_group),
                        "`listeners.mtls.proxy.trust_group` needs TLS: set `listeners.mtls.certificate`");
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
    check_revocation(l);
    check_roles(l);
    check_directories(l);
    check_admin(l);
    check_proxy(l);
}
