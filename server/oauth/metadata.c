#include "oauth/metadata.h"

#include "base/json_out.h"
#include "base/limits.h"
#include "partner/client.h"

enum { DOCUMENT_MAX = 256 * 1024 };

const char *cb_issuer_path(const struct cb_config *config)
{
    const char *host = strstr(config->issuer, "://");
    const char *path = host == NULL ? NULL : strchr(host + 3, '/');
    return path == NULL ? "" : path;
}

static void put_url(struct cb_json_out *j, const char *key, const char *base, const char *issuer_path,
                    const char *path)
{
    char memory[1024];
    struct cb_buf url;
    cb_buf_over(&url, memory, sizeof memory);
    cb_buf_add_cstr(&url, base);
    cb_buf_add_cstr(&url, issuer_path);
    cb_buf_add_cstr(&url, path);
    j->b->failed = j->b->failed || url.failed;
    cb_json_put_str(j, key, cb_buf_str(&url));
}

static void put_words(struct cb_json_out *j, const char *key, const char *const *words, size_t count)
{
    if (count == 0) {
        return; /* RFC 8414 section 3.2: no empty arrays */
    }
    cb_json_key(j, key);
    cb_json_open(j, '[');
    for (size_t i = 0; i < count; i++) {
        cb_json_cstr(j, words[i]);
    }
    cb_json_close(j, ']');
}

/* The endpoints of the mtls listener stand at the top level and among the aliases: some clients want the one,
 * some the other (RFC 8705 section 5). */
static void put_mtls_endpoints(struct cb_json_out *j, const struct cb_config *c)
{
    const char *mtls = c->listeners[CB_LISTENER_MTLS].url;
    put_url(j, "token_endpoint", mtls, cb_issuer_path(c), "/token");
    if (c->directory_count > 0) {
        put_url(j, "registration_endpoint", mtls, cb_issuer_path(c), "/register");
    }
}

static void put_scopes(struct cb_json_out *j, const struct cb_config *c)
{
    cb_json_key(j, "scopes_supported");
    cb_json_open(j, '[');
    for (size_t i = 0; i < c->resource_count; i++) {
        for (size_t k = 0; k < c->resources[i].scope_count; k++) {
            cb_json_cstr(j, c->resources[i].scopes[k]);
        }
    }
    cb_json_close(j, ']');
    cb_json_key(j, "protected_resources"); /* RFC 9728 section 4 */
    cb_json_open(j, '[');
    for (size_t i = 0; i < c->resource_count; i++) {
        cb_json_cstr(j, c->resources[i].identifier);
    }
    cb_json_close(j, ']');
}

static void write_metadata(struct cb_json_out *j, const struct cb_config *c)
{
    /* RFC 8414 and Discovery want response types, subject types and ID token algorithms said even by a server
     * whose only grant needs none of them. */
    static const char *const response_types[] = { "code" };
    static const char *const subject_types[] = { "public" };
    const char *const grants[] = { cb_grant_name(CB_GRANT_CLIENT_CREDENTIALS) };
    const char *const methods[] = { cb_auth_method_name(CB_AUTH_TLS_CLIENT),
                                    cb_auth_method_name(CB_AUTH_SELF_SIGNED_TLS_CLIENT) };
    cb_json_open(j, '{');
    cb_json_put_cstr(j, "issuer", c->issuer);
    put_url(j, "jwks_uri", c->listeners[CB_LISTENER_PUBLIC].url, cb_issuer_path(c), "/jwks");
    put_mtls_endpoints(j, c);
    cb_json_key(j, "mtls_endpoint_aliases");
    cb_json_open(j, '{');
    put_mtls_endpoints(j, c);
    cb_json_close(j, '}');
    cb_json_put_bool(j, "tls_client_certificate_bound_access_tokens", true);
    put_words(j, "token_endpoint_auth_methods_supported", methods, CB_COUNT(methods));
    put_words(j, "grant_types_supported", grants, CB_COUNT(grants));
    put_words(j, "response_types_supported", response_types, CB_COUNT(response_types));
    put_words(j, "subject_types_supported", subject_types, CB_COUNT(subject_types));
    put_words(j, "id_token_signing_alg_values_supported", &c->signing_algorithm, 1);
    put_scopes(j, c);
    cb_json_close(j, '}');
}

static cb_status document_of(const struct cb_buf *body, const char *content_type, const char *cache_control,
                             struct cb_document **out, struct cb_err *err)
{
    CB_TRY(cb_buf_check(body, err));
    *out = cb_document_new(cb_buf_str(body), content_type, cache_control);
    CB_ENSURE(*out != NULL, CB_E_MEMORY, "document");
    return CB_OK;
}

cb_status cb_metadata_document(const struct cb_config *config, struct cb_document **out, struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, DOCUMENT_MAX);
    struct cb_json_out j = cb_json_out(&b);
    write_metadata(&j, config);
    return document_of(&b, "application/json", "public, max-age=300", out, err);
}

/* A key is published at least a minute before it signs (config/schema.c), so nobody's copy may live longer.
 */
cb_status cb_jwks_document(const struct cb_ring *ring, int64_t now, struct cb_document **out,
                           struct cb_err *err)
{
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, DOCUMENT_MAX);
    struct cb_json_out j = cb_json_out(&b);
    cb_ring_write_jwks(ring, now, &j);
    return document_of(&b, "application/json", "public, max-age=60", out, err);
}
