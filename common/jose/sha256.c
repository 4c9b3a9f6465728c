#include "jose/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct context {
    struct cb_pool_item item;
    EVP_MD_CTX *md;
};

static void context_free(struct cb_pool_item *item)
{
    struct context *c = (struct context *)item;
    EVP_MD_CTX_free(c->md);
    free(c);
}

static struct context *context_new(const EVP_MD *md)
{
    struct context *c = calloc(1, sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    c->md = EVP_MD_CTX_new();
    if (c->md == NULL || EVP_DigestInit_ex2(c->md, md, NULL) != 1) {
        context_free(&c->item);
        return NULL;
    }
    return c;
}

bool cb_sha256_init(struct cb_sha256 *s)
{
    *s = (struct cb_sha256){ 0 };
    EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (md == NULL || !cb_pool_init(&s->pool, context_free)) {
        EVP_MD_free(md);
        return false;
    }
    s->md = md;
    return true;
}

void cb_sha256_done(struct cb_sha256 *s)
{
    if (s->md != NULL) {
        cb_pool_done(&s->pool);
        EVP_MD_free(s->md);
        *s = (struct cb_sha256){ 0 };
    }
}

bool cb_sha256_of(struct cb_sha256 *s, struct cb_str input, uint8_t out[CB_SHA256_BYTES])
{
    struct context *c = (struct context *)cb_pool_take(&s->pool);
    if (c == NULL) {
        c = context_new(s->md);
    }
    if (c == NULL) {
        return false;
    }
    const bool done = EVP_DigestInit_ex2(c->md, NULL, NULL) == 1 &&
                      EVP_DigestUpdate(c->md, input.p, input.n) == 1 &&
                      EVP_DigestFinal_ex(c->md, out, NULL) == 1;
    cb_pool_give(&s->pool, &c->item);
    return done;
}
