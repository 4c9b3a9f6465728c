#include "partner/client.h"

#include "base/limits.h"
#include "partner/self_signed.h"

static const char *const methods[CB_AUTH__MAX] = {
    [CB_AUTH_NONE] = "",
    [CB_AUTH_TLS_CLIENT] = "tls_client_auth",
    [CB_AUTH_SELF_SIGNED_TLS_CLIENT] = "self_signed_tls_client_auth",
};

static const char *const subject_kinds[CB_SUBJECT__MAX] = {
    [CB_SUBJECT_NONE] = "",
    [CB_SUBJECT_DN] = "tls_client_auth_subject_dn",
    [CB_SUBJECT_SAN_DNS] = "tls_client_auth_san_dns",
    [CB_SUBJECT_SAN_URI] = "tls_client_auth_san_uri",
    [CB_SUBJECT_SAN_IP] = "tls_client_auth_san_ip",
    [CB_SUBJECT_SAN_EMAIL] = "tls_client_auth_san_email",
};

static const struct {
    bool is_san;
    enum cb_san_kind kind;
} sans[CB_SUBJECT__MAX] = {
    [CB_SUBJECT_SAN_DNS] = { true, CB_SAN_DNS },
    [CB_SUBJECT_SAN_URI] = { true, CB_SAN_URI },
    [CB_SUBJECT_SAN_IP] = { true, CB_SAN_IP },
    [CB_SUBJECT_SAN_EMAIL] = { true, CB_SAN_EMAIL },
};

static const char *const grants[CB_GRANT__MAX] = {
    [CB_GRANT_NONE] = "",
    [CB_GRANT_CLIENT_CREDENTIALS] = "client_credentials",
};

/* 0 for a word that is not in the table: there stands the value that denies. */
static size_t word_of(const char *const *words, size_t count, struct cb_str name)
{
    for (size_t i = 1; i < count; i++) {
        if (cb_str_is(name, words[i])) {
            return i;
        }
    }
    return 0;
}

const char *cb_auth_method_name(enum cb_auth_method m)
{
    return m < CB_AUTH__MAX ? methods[m] : "";
}

enum cb_auth_method cb_auth_method_of(struct cb_str name)
{
    return (enum cb_auth_method)word_of(methods, CB_AUTH__MAX, name);
}

const char *cb_subject_kind_name(enum cb_subject_kind k)
{
    return k < CB_SUBJECT__MAX ? subject_kinds[k] : "";
}

enum cb_subject_kind cb_subject_kind_of(struct cb_str name)
{
    return (enum cb_subject_kind)word_of(subject_kinds, CB_SUBJECT__MAX, name);
}

bool cb_subject_san(enum cb_subject_kind k, enum cb_san_kind *out)
{
    if (k >= CB_SUBJECT__MAX || !sans[k].is_san) {
        return false;
    }
    *out = sans[k].kind;
    return true;
}

const char *cb_grant_name(enum cb_grant g)
{
    return g < CB_GRANT__MAX ? grants[g] : "";
}

enum cb_grant cb_grant_of(struct cb_str name)
{
    return (enum cb_grant)word_of(grants, CB_GRANT__MAX, name);
}

static cb_status copy(struct cb_arena *a, struct cb_str from, struct cb_str *out, struct cb_err *err)
{
    if (from.n > 0) {
        *out = cb_arena_str(a, from);
        CB_ENSURE(out->p != NULL, CB_E_MEMORY, "client record");
    }
    return CB_OK;
}

static size_t words_in(struct cb_str text)
{
    size_t n = text.n > 0 ? 1 : 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == ' ';
    }
    return n;
}

static cb_status scopes_of(struct cb_arena *a, struct cb_str text, struct cb_client *c, struct cb_err *err)
{
    const size_t count = words_in(text);
    CB_ENSURE(count <= CB_LIMIT_SCOPES, CB_E_REGISTRATION, "more than %d scopes", CB_LIMIT_SCOPES);
    struct cb_str *scopes = cb_arena_array(a, count, sizeof *scopes);
    CB_ENSURE(scopes != NULL, CB_E_MEMORY, "client record");
    struct cb_str rest = text;
    for (size_t i = 0; i < count; i++) {
        (void)cb_str_next(&rest, ' ', &scopes[i]);
    }
    c->scopes = scopes;
    c->scope_count = count;
    return CB_OK;
}

static cb_status grants_of(struct cb_str text, struct cb_client *c, struct cb_err *err)
{
    struct cb_str part;
    for (struct cb_str rest = text; text.n > 0 && cb_str_next(&rest, ' ', &part);) {
        const enum cb_grant g = cb_grant_of(part);
        CB_ENSURE(g != CB_GRANT_NONE, CB_E_REGISTRATION, "grant type " CB_STR_FMT " is not known",
                  CB_STR_ARG(part));
        c->grants |= 1U << g;
    }
    return CB_OK;
}

static cb_status issuer_key_of(struct cb_str digest, struct cb_client *c, struct cb_err *err)
{
    CB_ENSURE(digest.n == 0 || digest.n == sizeof c->issuer_key.b, CB_E_REGISTRATION,
              "issuer_key of %zu bytes", digest.n);
    c->has_issuer_key = digest.n > 0;
    if (c->has_issuer_key) {
        memcpy(c->issuer_key.b, digest.p, digest.n);
    }
    return CB_OK;
}

cb_status cb_client_of(struct cb_arena *a, const struct cb_client_record *r, struct cb_client *out,
                       struct cb_err *err)
{
    struct cb_client c = {
        .enabled = r->enabled,
        .method = cb_auth_method_of(r->auth_method),
        .subject_kind = cb_subject_kind_of(r->subject_kind),
        .statement_expires_at = r->statement_expires_at,
        .suspended = r->suspended_at != 0,
        .revision = r->revision,
    };
    CB_ENSURE(c.method != CB_AUTH_NONE, CB_E_REGISTRATION, "authentication method is not known");
    CB_ENSURE((c.method == CB_AUTH_TLS_CLIENT) == (c.subject_kind != CB_SUBJECT_NONE), CB_E_REGISTRATION,
              "subject kind does not fit the authentication method");
    struct cb_str scope = { 0 };
    CB_TRY(copy(a, r->client_id, &c.id, err));
    CB_TRY(copy(a, r->client_name, &c.name, err));
    CB_TRY(copy(a, r->trust_group, &c.trust_group, err));
    CB_TRY(copy(a, r->subject, &c.subject, err));
    CB_TRY(copy(a, r->scope, &scope, err));
    CB_TRY(copy(a, r->roles, &c.roles, err));
    CB_TRY(scopes_of(a, scope, &c, err));
    CB_TRY(grants_of(r->grant_types, &c, err));
    CB_TRY(copy(a, r->jwks_uri, &c.jwks_uri, err));
    CB_TRY(copy(a, r->directory, &c.directory, err));
    CB_TRY(copy(a, r->software_id, &c.software_id, err));
    CB_TRY(issuer_key_of(r->issuer_key, &c, err));
    if (c.method == CB_AUTH_SELF_SIGNED_TLS_CLIENT && (r->jwks.n > 0 || r->jwks_uri.n == 0)) {
        CB_TRY(cb_self_signed_thumbprints(a, r->jwks, &c.certificates, &c.certificate_count, err));
    }
    *out = c;
    return CB_OK;
}

bool cb_client_statement_is_over(const struct cb_client *c, const struct cb_config *config, int64_t now)
{
    if (c->statement_expires_at == 0 || now < c->statement_expires_at) {
        return false;
    }
    for (size_t i = 0; i < config->directory_count; i++) {
        if (cb_str_is(c->directory, config->directories[i].name)) {
            return config->directories[i].suspend_expired;
        }
    }
    return false;
}

bool cb_client_group_is_free(const struct cb_config *config, struct cb_str trust_group)
{
    const char *const reserved[] = { config->listeners[CB_LISTENER_MTLS].proxy.trust_group,
                                     config->listeners[CB_LISTENER_ADMIN].trust_group };
    for (size_t i = 0; i < CB_COUNT(reserved); i++) {
        if (reserved[i] != NULL && cb_str_is(trust_group, reserved[i])) {
            return false;
        }
    }
    return true;
}

cb_status cb_client_check_group(const struct cb_client *c, const struct cb_config *config, struct cb_err *err)
{
    CB_ENSURE(cb_client_group_is_free(config, c->trust_group), CB_E_CLIENT_GROUP_RESERVED,
              "trust group " CB_STR_FMT " is that of the proxies or of the administrators",
              CB_STR_ARG(c->trust_group));
    return CB_OK;
}

bool cb_client_has_scope(const struct cb_client *c, struct cb_str scope)
{
    for (size_t i = 0; i < c->scope_count; i++) {
        if (cb_str_eq(c->scopes[i], scope)) {
            return true;
        }
    }
    return false;
}

bool cb_client_has_grant(const struct cb_client *c, enum cb_grant g)
{
    return g != CB_GRANT_NONE && (c->grants & 1U << g) != 0;
}

cb_status cb_client_check_standing(const struct cb_client *c, const struct cb_config *config, int64_t now,
                                   struct cb_err *err)
{
    CB_ENSURE(c->enabled, CB_E_CLIENT_DISABLED, "the client is disabled");
    CB_ENSURE(!c->suspended && !cb_client_statement_is_over(c, config, now), CB_E_CLIENT_SUSPENDED,
              "the client's software statement has expired");
    return CB_OK;
}
