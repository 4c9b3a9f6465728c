#include <openssl/evp.h>
#include <stdlib.h>

#include "base/ct.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/random.h"
#include "jose/base64url.h"
#include "keys/keys.h"

/* A sealed key is: version, nonce, ciphertext, tag. AES-256-GCM, NIST SP 800-38D. */
enum { KEK_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16, SEALED_VERSION = 1 };
enum { OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES };

struct cb_kek {
    uint8_t b[KEK_BYTES];
};

static void free_cipher_ctx(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

static struct cb_str without_line_end(struct cb_str s)
{
    while (s.n > 0 && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r')) {
        s.n--;
    }
    return s;
}

cb_status cb_kek_load(const char *path, struct cb_kek **out, struct cb_err *err)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    cb_arena_init(&a, 2 * CB_LIMIT_SECRET_FILE);
    struct cb_str text = { 0 };
    CB_TRY(cb_file_read_secret(&a, path, CB_LIMIT_SECRET_FILE, &text, err));

    uint8_t *bytes = cb_arena_alloc(&a, text.n + 1);
    size_t n = 0;
    CB_ENSURE(bytes != NULL, CB_E_MEMORY, "%s", path);
    CB_ENSURE(!CB_FAILED(cb_base64_decode(without_line_end(text), bytes, text.n, &n, NULL)) && n == KEK_BYTES,
              CB_E_KEY_FILE, "%s: must hold 32 bytes in base64, as `openssl rand -base64 32` prints them",
              path);
    struct cb_kek *k = malloc(sizeof *k);
    CB_ENSURE(k != NULL, CB_E_MEMORY, "key-encryption key");
    memcpy(k->b, bytes, KEK_BYTES);
    *out = k;
    return CB_OK;
}

void cb_kek_free(struct cb_kek *k)
{
    if (k != NULL) {
        cb_wipe(k, sizeof *k);
        free(k);
    }
}

cb_status cb_kek_seal(const struct cb_kek *k, struct cb_str bound, struct cb_str clear, struct cb_buf *out,
                      struct cb_err *err)
{
    CB_ENSURE(clear.n <= CB_LIMIT_SECRET_FILE && bound.n <= CB_LIMIT_KID, CB_E_LIMIT,
              "key to seal is too long");
    uint8_t *p = cb_buf_space(out, clear.n + OVERHEAD);
    CB_TRY(cb_buf_check(out, err));
    uint8_t *nonce = p + 1, *body = nonce + NONCE_BYTES, *tag = body + clear.n;
    p[0] = SEALED_VERSION;
    CB_TRY(cb_random(nonce, NONCE_BYTES, err));

    int n = 0;
    CB_AUTO(free_cipher_ctx) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CB_ENSURE(ctx != NULL, CB_E_MEMORY, "cipher");
    CB_TRY_OSSL(EVP_EncryptInit_ex2(ctx, EVP_aes_256_gcm(), k->b, nonce, NULL), "seal: init");
    CB_TRY_OSSL(EVP_EncryptUpdate(ctx, NULL, &n, p, 1), "seal: version");
    CB_TRY_OSSL(EVP_EncryptUpdate(ctx, NULL, &n, (const uint8_t *)bound.p, (int)bound.n), "seal: bound data");
    CB_TRY_OSSL(EVP_EncryptUpdate(ctx, body, &n, (const uint8_t *)clear.p, (int)clear.n), "seal: key");
    CB_TRY_OSSL(EVP_EncryptFinal_ex(ctx, tag, &n), "seal: end");
    CB_TRY_OSSL(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag), "seal: tag");
    return CB_OK;
}

cb_status cb_kek_open(const struct cb_kek *k, struct cb_str bound, struct cb_str sealed, struct cb_buf *out,
                      struct cb_err *err)
{
    const uint8_t *p = (const uint8_t *)sealed.p;
    CB_ENSURE(sealed.n > OVERHEAD && sealed.n <= CB_LIMIT_SECRET_FILE && p[0] == SEALED_VERSION,
              CB_E_KEY_FILE, "sealed key has an unknown form");
    const uint8_t *nonce = p + 1, *body = nonce + NONCE_BYTES;
    const size_t clear_n = sealed.n - OVERHEAD;
    uint8_t tag[TAG_BYTES];
    memcpy(tag, body + clear_n, TAG_BYTES);
    uint8_t *clear = cb_buf_space(out, clear_n);
    CB_TRY(cb_buf_check(out, err));

    int n = 0;
    CB_AUTO(free_cipher_ctx) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    CB_ENSURE(ctx != NULL, CB_E_MEMORY, "cipher");
    CB_TRY_OSSL(EVP_DecryptInit_ex2(ctx, EVP_aes_256_gcm(), k->b, nonce, NULL), "open: init");
    CB_TRY_OSSL(EVP_DecryptUpdate(ctx, NULL, &n, p, 1), "open: version");
    CB_TRY_OSSL(EVP_DecryptUpdate(ctx, NULL, &n, (const uint8_t *)bound.p, (int)bound.n), "open: bound data");
    CB_TRY_OSSL(EVP_DecryptUpdate(ctx, clear, &n, body, (int)clear_n), "open: key");
    CB_TRY_OSSL(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag), "open: tag");
    CB_ENSURE(EVP_DecryptFinal_ex(ctx, tag, &n) == 1, CB_E_KEY_FILE,
              "sealed key does not open: another key-encryption key sealed it, or it was changed");
    return CB_OK;
}
