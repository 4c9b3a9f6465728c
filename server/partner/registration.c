#include "partner/registration.h"

#include "base/limits.h"
#include "base/random.h"
#include "base/utf8.h"
#include "cert/name.h"
#include "cert/x5t.h"
#include "config/shape.h"
#include "jose/base64url.h"
#include "partner/identity.h"
#include "partner/self_signed.h"

/* One run of the checks. A check adds what it finds to `problems` and goes on; only memory and the like fail
 * it. */
struct run {
    struct cb_arena *arena;
    const struct cb_registration *in;
    const struct cb_config *config;
    struct cb_client_record *out;
    struct cb_buf *problems;
    size_t found;
};

static void problem(struct run *r, const char *field, const char *text)
{
    cb_buf_add_cstr(r->problems, field);
    cb_buf_add_cstr(r->problems, ": ");
    cb_buf_add_cstr(r->problems, text);
    cb_buf_add_char(r->problems, '\n');
    r->found++;
}

/* The characters that a client_id may hold without being escaped in a form, a URL or a log. */
static bool is_client_id(struct cb_str s)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (size_t i = 0; i < s.n; i++) {
        if (memchr(allowed, s.p[i], sizeof allowed - 1) == NULL) {
            return false;
        }
    }
    return s.n >= 1 && s.n <= CB_LIMIT_CLIENT_ID;
}

static cb_status check_client_id(struct run *r, struct cb_err *err)
{
    if (r->in->client_id.n > 0) {
        if (!is_client_id(r->in->client_id)) {
            problem(r, "client_id", "must be 1 to 128 characters of A-Z a-z 0-9 - . _ ~");
        }
        r->out->client_id = r->in->client_id;
        return CB_OK;
    }
    uint8_t bytes[CB_RANDOM_NAME];
    char *text = cb_arena_alloc(r->arena, CB_BASE64URL_LEN(sizeof bytes));
    CB_ENSURE(text != NULL, CB_E_MEMORY, "client_id");
    CB_TRY(cb_random_name(bytes, err));
    cb_base64url_encode(bytes, sizeof bytes, text);
    r->out->client_id = (struct cb_str){ text, CB_BASE64URL_LEN(sizeof bytes) };
    return CB_OK;
}

static cb_status check_client_name(struct run *r, struct cb_err *err)
{
    (void)err;
    const struct cb_str name = r->in->client_name;
    bool plain = cb_utf8_valid(name) && name.n <= CB_LIMIT_CLIENT_NAME;
    for (size_t i = 0; i < name.n; i++) {
        plain = plain && (unsigned char)name.p[i] >= 0x20 && name.p[i] != 0x7f;
    }
    if (!plain) {
        problem(r, "client_name", "must be UTF-8 without control characters, at most 200 bytes");
    }
    r->out->client_name = name;
    return CB_OK;
}

static bool is_self_signed(const struct run *r)
{
    return r->in->jwks.n > 0 || r->in->jwks_uri.n > 0;
}

/* The group that was named, or else the only one. n == 0: there is no such group. */
static struct cb_str find_trust_group(const struct run *r)
{
    const struct cb_config *c = r->config;
    struct cb_str found = { 0 };
    size_t count = 0;
    for (size_t i = 0; i < c->trust_group_count; i++) {
        const struct cb_str name = cb_str_of(c->trust_groups[i].name);
        const bool meant = r->in->trust_group.n == 0 || cb_str_eq(name, r->in->trust_group);
        if (meant && cb_client_group_is_free(c, name)) {
            found = name;
            count++;
        }
    }
    return count == 1 ? found : (struct cb_str){ 0 };
}

static cb_status check_trust_group(struct run *r, struct cb_err *err)
{
    (void)err;
    if (is_self_signed(r)) {
        if (r->in->trust_group.n > 0) {
            problem(r, "trust_group", "a self_signed_tls_client_auth client belongs to none");
        }
        return CB_OK;
    }
    r->out->trust_group = find_trust_group(r);
    if (r->out->trust_group.n == 0) {
        problem(r, "trust_group",
                "must name one of the trust groups of the configuration, and not that of the proxies or "
                "of the administrators");
    }
    return CB_OK;
}

static cb_status normal_dn(struct run *r, struct cb_str text, struct cb_str *out, struct cb_err *err)
{
    const struct cb_name *name = NULL;
    CB_TRY(cb_name_from_text(r->arena, text, &name, err));
    char *memory = cb_arena_alloc(r->arena, CB_LIMIT_DN);
    CB_ENSURE(memory != NULL, CB_E_MEMORY, "subject");
    struct cb_buf printed;
    cb_buf_over(&printed, memory, CB_LIMIT_DN);
    cb_name_print(name, &printed);
    CB_ENSURE(!printed.failed, CB_E_DN, "the name is longer than %d bytes", CB_LIMIT_DN);
    *out = cb_buf_str(&printed);
    return CB_OK;
}

static cb_status normal_subject(struct run *r, enum cb_subject_kind kind, struct cb_str text,
                                struct cb_str *out, struct cb_err *err)
{
    enum cb_san_kind san = CB_SAN__MAX;
    return cb_subject_san(kind, &san) ? cb_san_normalise(r->arena, san, text, out, err)
                                      : normal_dn(r, text, out, err);
}

static void check_one_subject(struct run *r, enum cb_subject_kind kind)
{
    struct cb_err why = { 0 };
    const char *field = cb_subject_kind_name(kind);
    if (CB_FAILED(normal_subject(r, kind, r->in->subjects[kind], &r->out->subject, &why))) {
        problem(r, field, why.detail);
        return;
    }
    r->out->auth_method = cb_str_of(cb_auth_method_name(CB_AUTH_TLS_CLIENT));
    r->out->subject_kind = cb_str_of(field);
}

static void check_jwks_uri(struct run *r)
{
    const struct cb_str uri = r->in->jwks_uri;
    const char *wrong =
        !cb_str_starts(uri, CB_STR("https://")) ? "must begin with https://" : cb_wrong_url(uri);
    if (wrong != NULL || uri.n > CB_LIMIT_URL) {
        problem(r, "jwks_uri", wrong != NULL ? wrong : "is too long");
        return;
    }
    r->out->auth_method = cb_str_of(cb_auth_method_name(CB_AUTH_SELF_SIGNED_TLS_CLIENT));
    r->out->jwks_uri = uri;
}

/* RFC 8705 section 2.1.2: exactly one of the five; a self-signed client has its certificates instead. */
static cb_status check_authentication(struct run *r, struct cb_err *err)
{
    enum cb_subject_kind given = CB_SUBJECT_NONE;
    size_t count = (r->in->jwks.n > 0 ? 1U : 0U) + (r->in->jwks_uri.n > 0 ? 1U : 0U);
    for (enum cb_subject_kind k = CB_SUBJECT_DN; k < CB_SUBJECT__MAX; k++) {
        if (r->in->subjects[k].n > 0) {
            given = k;
            count++;
        }
    }
    if (count != 1) {
        problem(r, "token_endpoint_auth_method",
                "give exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip, _san_email, "
                "jwks or jwks_uri");
    } else if (given != CB_SUBJECT_NONE) {
        check_one_subject(r, given);
    } else if (r->in->jwks_uri.n > 0) {
        check_jwks_uri(r);
    } else if (CB_FAILED(cb_self_signed_check(r->arena, r->in->jwks, r->problems, NULL))) {
        r->found++;
    } else {
        r->out->auth_method = cb_str_of(cb_auth_method_name(CB_AUTH_SELF_SIGNED_TLS_CLIENT));
        r->out->jwks = r->in->jwks;
        return cb_self_signed_certificates(r->arena, r->in->jwks, &r->out->certificates, err);
    }
    return CB_OK;
}

/* The key, not the name: another CA may call itself the same. */
static cb_status check_issuer_key(struct run *r, struct cb_err *err)
{
    const struct cb_str text = r->in->issuer_key;
    size_t n = 0;
    if (text.n == 0) {
        return CB_OK;
    }
    if (is_self_signed(r)) {
        problem(r, "issuer_key", "a self_signed_tls_client_auth client has no issuer");
        return CB_OK;
    }
    uint8_t *digest = cb_arena_alloc(r->arena, sizeof(struct cb_x5t));
    CB_ENSURE(digest != NULL, CB_E_MEMORY, "issuer_key");
    if (text.n != CB_X5T_TEXT - 1 ||
        CB_FAILED(cb_base64url_decode(text, digest, sizeof(struct cb_x5t), &n, NULL)) ||
        n != sizeof(struct cb_x5t)) {
        problem(r, "issuer_key",
                "must be the SHA-256 of the CA's SubjectPublicKeyInfo in base64url, 43 characters");
        return CB_OK;
    }
    r->out->issuer_key = (struct cb_str){ (const char *)digest, n };
    return CB_OK;
}

static bool is_word(struct cb_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] <= ' ' || s.p[i] >= 0x7f) {
            return false;
        }
    }
    return s.n <= CB_LIMIT_NAME;
}

static cb_status check_ids(struct run *r, struct cb_err *err)
{
    (void)err;
    if (!is_word(r->in->organisation_id)) {
        problem(r, "organisation_id", "must be printable ASCII without spaces, at most 128 bytes");
    }
    if (!is_word(r->in->software_id)) {
        problem(r, "software_id", "must be printable ASCII without spaces, at most 128 bytes");
    }
    r->out->organisation_id = r->in->organisation_id;
    r->out->software_id = r->in->software_id;
    return CB_OK;
}

static bool known_scope(const struct cb_config *c, struct cb_str scope)
{
    for (size_t i = 0; i < c->resource_count; i++) {
        for (size_t k = 0; k < c->resources[i].scope_count; k++) {
            if (cb_str_is(scope, c->resources[i].scopes[k])) {
                return true;
            }
        }
    }
    return false;
}

static bool known_grant(const struct cb_config *c, struct cb_str grant)
{
    (void)c;
    return cb_grant_of(grant) != CB_GRANT_NONE;
}

/* A list of words: each known, none twice; sorted, so that the same set is kept as the same text. */
static cb_status check_words(struct run *r, const char *field, struct cb_str text,
                             bool (*known)(const struct cb_config *, struct cb_str), struct cb_str *out,
                             struct cb_err *err)
{
    struct cb_str words[CB_LIMIT_SCOPES];
    size_t count = 0;
    struct cb_str word;
    for (struct cb_str rest = text; text.n > 0 && cb_str_next(&rest, ' ', &word);) {
        if (count == CB_LIMIT_SCOPES || !known(r->config, word)) {
            problem(r, field,
                    count == CB_LIMIT_SCOPES ? "holds more than 64 words"
                                             : "holds a word that is not configured here");
            return CB_OK;
        }
        size_t at = count++;
        for (; at > 0 && cb_str_order(words[at - 1], word) > 0; at--) {
            words[at] = words[at - 1];
        }
        words[at] = word;
        if (at > 0 && cb_str_eq(words[at - 1], word)) {
            problem(r, field, "names the same word twice");
        }
    }
    *out = cb_arena_join(r->arena, words, count);
    CB_ENSURE(out->p != NULL, CB_E_MEMORY, "%s", field);
    return CB_OK;
}

static cb_status check_scope(struct run *r, struct cb_err *err)
{
    return check_words(r, "scope", r->in->scope, known_scope, &r->out->scope, err);
}

static cb_status check_grant_types(struct run *r, struct cb_err *err)
{
    const struct cb_str given =
        r->in->grant_types.n > 0 ? r->in->grant_types : cb_str_of(cb_grant_name(CB_GRANT_CLIENT_CREDENTIALS));
    return check_words(r, "grant_types", given, known_grant, &r->out->grant_types, err);
}

static cb_status (*const checks[])(struct run *, struct cb_err *) = {
    check_client_id,  check_client_name, check_trust_group, check_authentication,
    check_issuer_key, check_ids,         check_scope,       check_grant_types,
};

cb_status cb_registration_check(struct cb_arena *a, const struct cb_registration *in,
                                const struct cb_config *config, int64_t now, struct cb_client_record *out,
                                struct cb_buf *problems, struct cb_err *err)
{
    struct cb_client_record record = { .enabled = true, .created_at = now, .updated_at = now, .revision = 1 };
    struct run r = { .arena = a, .in = in, .config = config, .out = &record, .problems = problems };
    for (size_t i = 0; i < CB_COUNT(checks); i++) {
        CB_TRY(checks[i](&r, err));
    }
    CB_ENSURE(r.found == 0, CB_E_REGISTRATION, "%zu problem%s in the registration", r.found,
              r.found == 1 ? "" : "s");
    CB_TRY(cb_identity_of(a, &record, &record.identity, err));
    *out = record;
    return CB_OK;
}

void cb_registration_keep(const struct cb_client_record *before, struct cb_client_record *out)
{
    out->enabled = before->enabled;
    out->created_at = before->created_at;
    out->revision = before->revision;
    out->directory = before->directory;
    out->roles = before->roles;
    out->metadata = before->metadata;
    out->registration_token_hash = before->registration_token_hash;
    out->statement_issued_at = before->statement_issued_at;
    out->statement_expires_at = before->statement_expires_at;
    out->suspended_at = before->suspended_at;
    if (out->subject_kind.n == 0 && before->subject_kind.n == 0) {
        out->identity = before->identity;
    }
    if (cb_str_eq(out->jwks_uri, before->jwks_uri) && before->jwks_uri.n > 0) {
        out->jwks = before->jwks;
    }
}
