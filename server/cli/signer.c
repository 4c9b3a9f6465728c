#include "cli/signer.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json_in.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "base/random.h"
#include "jose/base64url.h"
#include "jose/jwk.h"

#define KEY_NAME  "signer.key"
#define JWKS_NAME "signer.jwks"

static void free_key(struct cb_sign_key **k)
{
    cb_sign_key_free(*k);
}

static void free_bio(BIO **b)
{
    BIO_free(*b);
}

static void close_fd(const int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
    }
}

/* --- making --- */

static cb_status write_key(int dir, const struct cb_sign_key *key, struct cb_err *err)
{
    struct cb_buf der CB_AUTO(cb_buf_done);
    cb_buf_init(&der, CB_LIMIT_SIGNING_KEY);
    CB_TRY(cb_sign_key_to_pkcs8(key, &der, err));
    CB_AUTO(free_bio) BIO *bio = BIO_new(BIO_s_secmem());
    CB_ENSURE(bio != NULL &&
                  PEM_write_bio(bio, PEM_STRING_PKCS8INF, "", (unsigned char *)der.p, (long)der.n) > 0,
              CB_E_MEMORY, "signing key");
    char *text = NULL;
    const long n = BIO_get_mem_data(bio, &text);
    return cb_file_create(dir, KEY_NAME, 0600, (struct cb_str){ text, (size_t)n }, err);
}

static cb_status write_jwks(int dir, const struct cb_sign_key *key, struct cb_err *err)
{
    char kid[CB_JWK_THUMBPRINT_TEXT];
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_LIMIT_JWK_SET);
    struct cb_json_out j = cb_json_out(&text);
    CB_TRY(cb_jwk_thumbprint(key, kid, err));
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    CB_TRY(cb_jwk_write(key, cb_str_of(kid), &j, err));
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    CB_TRY(cb_buf_check(&text, err));
    return cb_file_create(dir, JWKS_NAME, 0644, cb_buf_str(&text), err);
}

cb_status cb_signer_make(const char *dir, enum cb_alg alg, struct cb_err *err)
{
    CB_ENSURE(mkdir(dir, 0700) == 0 || errno == EEXIST, CB_E_FILE, "%.150s: %s", dir, strerrorname_np(errno));
    const int fd CB_AUTO(close_fd) = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CB_ENSURE(fd >= 0, CB_E_FILE, "%.150s: %s", dir, strerrorname_np(errno));
    if (faccessat(fd, KEY_NAME, F_OK, 0) == 0) {
        return CB_OK;
    }
    CB_AUTO(free_key) struct cb_sign_key *key = NULL;
    CB_TRY(cb_sign_key_generate(alg, &key, err));
    CB_TRY(write_jwks(fd, key, err));
    return write_key(fd, key, err);
}

/* --- reading --- */

static cb_status path_in(const char *dir, const char *name, char out[PATH_MAX], struct cb_err *err)
{
    struct cb_buf b;
    cb_buf_over(&b, out, PATH_MAX);
    cb_buf_add_fmt(&b, "%s/%s", dir, name);
    cb_buf_add_char(&b, '\0');
    return cb_buf_check(&b, err);
}

cb_status cb_signer_jwks(struct cb_arena *a, const char *dir, struct cb_str *out, struct cb_err *err)
{
    char path[PATH_MAX];
    CB_TRY(path_in(dir, JWKS_NAME, path, err));
    return cb_file_read(a, path, CB_LIMIT_JWK_SET, out, err);
}

static cb_status read_key(struct cb_arena *a, const char *dir, struct cb_sign_key **out, struct cb_err *err)
{
    char path[PATH_MAX];
    struct cb_str pem = { 0 };
    CB_TRY(path_in(dir, KEY_NAME, path, err));
    CB_TRY(cb_file_read_secret(a, path, CB_LIMIT_SECRET_FILE, &pem, err));
    CB_AUTO(free_bio) BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long n = 0;
    CB_ENSURE(bio != NULL && PEM_read_bio(bio, &name, &header, &der, &n) == 1, CB_E_FILE, "%.150s is no key",
              path);
    const struct cb_str pkcs8 = { (const char *)der, (size_t)n };
    const bool is_rsa = !CB_FAILED(cb_sign_key_from_pkcs8(pkcs8, CB_ALG_PS256, out, NULL));
    const cb_status made = is_rsa ? CB_OK : cb_sign_key_from_pkcs8(pkcs8, CB_ALG_ES256, out, err);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(der, (size_t)n);
    return made;
}

/* --- signing --- */

static cb_status set(json_t *object, const char *name, json_t *value, struct cb_err *err)
{
    CB_ENSURE(value != NULL && json_object_set_new(object, name, value) == 0, CB_E_MEMORY, "claims");
    return CB_OK;
}

/* RFC 9562 section 5.4: UK Open Banking wants a version 4 in jti. */
static cb_status uuid(char out[37], struct cb_err *err)
{
    uint8_t b[16];
    struct cb_buf text;
    CB_TRY(cb_random(b, sizeof b, err));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x40);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    cb_buf_over(&text, out, 37);
    for (size_t i = 0; i < sizeof b; i++) {
        cb_buf_add_fmt(&text, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", (unsigned)b[i]);
    }
    cb_buf_add_char(&text, '\0');
    return cb_buf_check(&text, err);
}

static cb_status set_claims(json_t *object, const struct cb_signer_claims *c, struct cb_err *err)
{
    char jti[37] = "";
    CB_TRY(uuid(jti, err));
    CB_TRY(set(object, "iss", json_string(c->issuer), err));
    CB_TRY(set(object, "iat", json_integer(c->now), err));
    CB_TRY(set(object, "jti", json_string(jti), err));
    if (c->lifetime_s > 0) {
        CB_TRY(set(object, "exp", json_integer(c->now + c->lifetime_s), err));
    }
    if (c->audience != NULL) {
        CB_TRY(set(object, "aud", json_string(c->audience), err));
    }
    if (c->statement.n > 0) {
        CB_TRY(set(object, "software_statement", json_stringn(c->statement.p, c->statement.n), err));
    }
    return CB_OK;
}

static cb_status header_of(const struct cb_sign_key *key, struct cb_buf *out, struct cb_err *err)
{
    char kid[CB_JWK_THUMBPRINT_TEXT], memory[256];
    struct cb_buf header;
    cb_buf_over(&header, memory, sizeof memory);
    struct cb_json_out j = cb_json_out(&header);
    CB_TRY(cb_jwk_thumbprint(key, kid, err));
    cb_json_open(&j, '{');
    cb_json_put_cstr(&j, "alg", cb_alg_name(cb_sign_key_alg(key)));
    cb_json_put_cstr(&j, "typ", "JWT");
    cb_json_put_cstr(&j, "kid", kid);
    cb_json_close(&j, '}');
    CB_TRY(cb_buf_check(&header, err));
    cb_base64url_add(out, header.p, header.n);
    return cb_buf_check(out, err);
}

static void free_text(char **text)
{
    free(*text);
}

cb_status cb_signer_sign(const char *dir, const struct cb_signer_claims *claims, struct cb_buf *out,
                         struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_buf header CB_AUTO(cb_buf_done);
    CB_AUTO(free_key) struct cb_sign_key *key = NULL;
    json_auto_t *object = NULL;
    cb_arena_init(&a, CB_MIB);
    cb_buf_init(&header, CB_KIB);
    CB_TRY(read_key(&a, dir, &key, err));
    CB_TRY(cb_json_object(claims->claims, &object, err));
    CB_TRY(set_claims(object, claims, err));
    CB_AUTO(free_text) char *payload = json_dumps(object, JSON_COMPACT);
    CB_ENSURE(payload != NULL, CB_E_MEMORY, "claims");
    CB_TRY(header_of(key, &header, err));
    return cb_jws_write(key, cb_buf_str(&header), cb_str_of(payload), out, err);
}
