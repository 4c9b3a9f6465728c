#include "cli/demo/directory.h"

#include <unistd.h>

#include "base/file.h"
#include "base/json_in.h"
#include "base/limits.h"
#include "cli/signer.h"
#include "jose/jwk.h"
#include "partner/peer.h"

/* --- files --- */

static cb_status path_of(struct cb_arena *a, const struct cb_app *app, struct cb_str name, const char *file,
                         const char **out, struct cb_err *err)
{
    struct cb_buf path CB_AUTO(cb_buf_done);
    cb_buf_init(&path, CB_LIMIT_URL);
    cb_buf_add_fmt(&path, "%s/software/" CB_STR_FMT "/%s", app->dir, CB_STR_ARG(name), file);
    CB_TRY(cb_buf_check(&path, err));
    *out = cb_arena_cstr(a, cb_buf_str(&path));
    CB_ENSURE(*out != NULL, CB_E_MEMORY, "path");
    return CB_OK;
}

/* One word that is the name of a folder and leads nowhere else. */
static bool is_name(struct cb_str s)
{
    bool good = s.n > 0 && s.n <= CB_LIMIT_NAME && s.p[0] != '.';
    for (size_t i = 0; i < s.n && good; i++) {
        const char c = s.p[i];
        const unsigned char lower = cb_ascii_lower((unsigned char)c);
        good = (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    }
    return good;
}

/* A file of the software that the path names. CB_E_HTTP_PATH: there is none. */
static cb_status file_of(const struct cb_app *app, struct cb_request *rq, const char *file, size_t max,
                         struct cb_str *out, struct cb_err *err)
{
    const char *path = NULL;
    CB_ENSURE(is_name(rq->path_params[0]), CB_E_HTTP_PATH, "no name of a software");
    CB_TRY(path_of(rq->arena, app, rq->path_params[0], file, &path, err));
    CB_ENSURE(access(path, F_OK) == 0, CB_E_HTTP_PATH, "%.150s is not there", path);
    return cb_file_read(rq->arena, path, max, out, err);
}

static cb_status reply_document(struct cb_str body, const char *content_type, struct cb_reply *out,
                                struct cb_err *err)
{
    *out = (struct cb_reply){ .kind = CB_REPLY_DOCUMENT,
                              .document = cb_document_new(body, content_type, "no-store") };
    CB_ENSURE(out->document != NULL, CB_E_MEMORY, "document");
    return CB_OK;
}

/* --- key sets: for everybody --- */

#define JWK_SET "application/jwk-set+json" /* RFC 7517 section 8.5 */

static cb_status get_keys(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                          struct cb_err *err)
{
    struct cb_str jwks = { 0 };
    CB_TRY(cb_signer_jwks(rq->arena, app->dir, &jwks, err));
    return reply_document(jwks, JWK_SET, out, err);
}

/* Somebody copied the wrong file: better told to the operator than to everybody. */
static cb_status check_public(struct cb_str jwks, struct cb_err *err)
{
    json_auto_t *set = NULL;
    json_t *key = NULL;
    size_t i = 0;
    struct cb_err why = { 0 };
    CB_ENSURE(!CB_FAILED(cb_json_object(jwks, &set, &why)), CB_E_FILE, "keys.jwks: %.180s", why.detail);
    json_array_foreach(json_object_get(set, "keys"), i, key)
    {
        CB_ENSURE(cb_jwk_private_member(key) == NULL, CB_E_FILE, "key %zu of keys.jwks is private", i + 1);
    }
    return CB_OK;
}

static cb_status get_software_keys(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                                   struct cb_err *err)
{
    struct cb_str jwks = { 0 };
    CB_TRY(file_of(app, rq, "keys.jwks", CB_LIMIT_JWK_SET, &jwks, err));
    CB_TRY(check_public(jwks, err));
    return reply_document(jwks, JWK_SET, out, err);
}

/* --- statements: for the organisation --- */

/* Its key was proved in the handshake, and the certificate itself is listed: no CA needs to be asked. */
static cb_status check_organisation(const struct cb_app *app, struct cb_request *rq, struct cb_err *err)
{
    const struct cb_cert *cert = NULL;
    struct cb_str pem = { 0 }, *ders = NULL;
    struct cb_x5t listed = { 0 };
    size_t count = 0;
    CB_ENSURE(rq->peer != NULL, CB_E_CERT_MISSING, "no client certificate on this connection");
    CB_TRY(cb_peer_cert(rq->peer, &cert, err));
    CB_TRY(file_of(app, rq, "organisation.pem", CB_LIMIT_REGISTRATION, &pem, err));
    CB_TRY(cb_cert_pem_bundle(rq->arena, pem, &ders, &count, err));
    for (size_t i = 0; i < count; i++) {
        CB_TRY(cb_x5t_of(ders[i], &listed, err));
        if (cb_x5t_eq(&listed, &cert->x5t)) {
            return CB_OK;
        }
    }
    CB_REFUSE(CB_E_DIRECTORY_ORGANISATION, "the certificate is none of organisation.pem");
}

static cb_status get_statement(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                               struct cb_err *err)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    struct cb_signer_claims c = { .issuer = app->issuer, .now = rq->now, .lifetime_s = app->lifetime_s };
    cb_buf_init(&text, CB_LIMIT_JWS);
    CB_TRY(check_organisation(app, rq, err));
    CB_TRY(file_of(app, rq, "claims.json", CB_LIMIT_METADATA, &c.claims, err));
    CB_TRY(cb_signer_sign(app->dir, &c, &text, err));
    return reply_document(cb_buf_str(&text), "application/jwt", out, err);
}

#define GET(path_, endpoint_)                                                                                \
    {                                                                                                        \
        .method = CB_GET, .path = (path_), .auth = CB_ROUTE_AUTH_OPEN, .endpoint = (endpoint_)               \
    }

const struct cb_route cb_directory_routes[] = {
    GET("/jwks", get_keys),
    GET("/software/{software}/jwks", get_software_keys),
    GET("/software/{software}/statement", get_statement),
};
const size_t cb_directory_route_count = CB_COUNT(cb_directory_routes);
