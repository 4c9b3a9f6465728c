#include "partner/client_json.h"

#include "base/clock.h"
#include "cert/x5t.h"
#include "jose/base64url.h"

static void json_words(struct cb_json_out *j, const char *key, struct cb_str words)
{
    struct cb_str word;
    cb_json_key(j, key);
    cb_json_open(j, '[');
    while (words.n > 0 && cb_str_next(&words, ' ', &word)) {
        cb_json_str(j, word);
    }
    cb_json_close(j, ']');
}

static void json_optional(struct cb_json_out *j, const char *key, struct cb_str value)
{
    if (value.n > 0) {
        cb_json_put_str(j, key, value);
    }
}

static void json_digest(struct cb_json_out *j, const char *key, struct cb_str digest)
{
    char text[CB_X5T_TEXT] = "";
    if (digest.n == sizeof(struct cb_x5t)) {
        cb_base64url_encode(digest.p, digest.n, text);
        cb_json_put_cstr(j, key, text);
    }
}

static void json_time(struct cb_json_out *j, const char *key, int64_t at)
{
    if (at != 0) {
        cb_json_put_time(j, key, at);
    }
}

/* The subject's name, as "tls_client_auth_subject_dn", for a key: it is one of our own words. */
static void json_subject(struct cb_json_out *j, const struct cb_client_record *r)
{
    char key[64];
    if (r->subject_kind.n > 0 && r->subject_kind.n < sizeof key) {
        memcpy(key, r->subject_kind.p, r->subject_kind.n);
        key[r->subject_kind.n] = '\0';
        cb_json_put_str(j, key, r->subject);
    }
}

void cb_client_json(const struct cb_client_record *r, struct cb_json_out *j)
{
    cb_json_open(j, '{');
    cb_json_put_str(j, "client_id", r->client_id);
    json_optional(j, "client_name", r->client_name);
    cb_json_put_str(j, "token_endpoint_auth_method", r->auth_method);
    json_subject(j, r);
    if (r->jwks.n > 0) {
        cb_json_key(j, "jwks");
        cb_json_raw(j, r->jwks);
    }
    json_optional(j, "jwks_uri", r->jwks_uri);
    json_optional(j, "trust_group", r->trust_group);
    json_digest(j, "issuer_key", r->issuer_key);
    json_optional(j, "directory", r->directory);
    json_optional(j, "organisation_id", r->organisation_id);
    json_optional(j, "software_id", r->software_id);
    if (r->roles.n > 0) {
        json_words(j, "roles", r->roles);
    }
    cb_json_put_str(j, "scope", r->scope);
    json_words(j, "grant_types", r->grant_types);
    cb_json_put_bool(j, "enabled", r->enabled);
    json_time(j, "statement_issued_at", r->statement_issued_at);
    json_time(j, "statement_expires_at", r->statement_expires_at);
    json_time(j, "suspended_at", r->suspended_at);
    cb_json_put_time(j, "created_at", r->created_at);
    cb_json_put_time(j, "updated_at", r->updated_at);
    cb_json_put_int(j, "revision", r->revision);
    cb_json_close(j, '}');
}

struct cb_str cb_client_state(const struct cb_client_record *r)
{
    if (!r->enabled) {
        return CB_STR("disabled");
    }
    return r->suspended_at != 0 ? CB_STR("suspended") : CB_STR("enabled");
}

/* --- certificates that it has registered or was seen with --- */

enum { DAY = 86400 };

const char *cb_seen_state(const struct cb_seen_certificate *c, bool revoked, int64_t now)
{
    if (revoked) {
        return "revoked";
    }
    if (c->not_after < now) {
        return "expired";
    }
    if (c->last_seen == 0) {
        return "not_seen";
    }
    if (c->replaced_at == 0) {
        return "current";
    }
    return c->last_seen >= c->replaced_at && c->last_seen > now - DAY ? "replaced_in_use" : "replaced";
}

void cb_seen_json(const struct cb_seen_certificate *c, bool revoked, int64_t now, struct cb_json_out *j)
{
    cb_json_open(j, '{');
    cb_json_put_str(j, "client_id", c->client_id);
    json_digest(j, "x5t#S256", c->x5t);
    cb_json_put_str(j, "subject", c->subject);
    cb_json_put_str(j, "issuer", c->issuer);
    cb_json_put_str(j, "serial", c->serial);
    json_digest(j, "issuer_key", c->issuer_key);
    cb_json_put_time(j, "not_before", c->not_before);
    cb_json_put_time(j, "not_after", c->not_after);
    cb_json_put_int(j, "days_left", cb_days_left(c->not_after, now));
    json_time(j, "first_seen", c->first_seen);
    json_time(j, "last_seen", c->last_seen);
    json_time(j, "replaced_at", c->replaced_at);
    cb_json_put_cstr(j, "state", cb_seen_state(c, revoked, now));
    cb_json_close(j, '}');
}
