/* trust: what a client's chain costs to check. Under one anchor (floor: OpenSSL alone), under 5,000 (floor:
 * one), one that was seen before, and on a connection that was checked before; and to load 5,000 anchors. */
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "cert/trust.h"
#include "load.h"
#include "partner/peer.h"
#include "testlib/pki.h"

enum { MANY = 5000, ROUNDS = 2000, WARM_UP = 100 };

static struct pki_cert *cas[MANY], *sub, *leaf;

/* The CA of the chain is one in the middle. */
static void issue(void)
{
    char names[MANY][16];
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(names[i], sizeof names[i], "CA %d", i);
        const struct pki_value name[] = { { .type = "CN", .value = names[i] }, { .type = NULL } };
        cas[i] = pki_issue(&(struct pki_spec){ .subject = name, .ca = true });
    }
    const struct pki_value name[] = { { .type = "CN", .value = "Sub CA" }, { .type = NULL } };
    sub = pki_issue(&(struct pki_spec){ .subject = name, .ca = true, .issuer = cas[MANY / 2] });
    leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
}

static struct cb_trust *trust_of(struct pki_cert **anchors, size_t count)
{
    char *pem = pki_pem((const struct pki_cert *const *)anchors, count);
    const struct cb_pem_text text = { NULL, cb_str_of(pem) };
    const struct cb_trust_options o = { .anchors = &text, .anchor_count = 1, .depth = 1 };
    struct cb_trust *t = NULL;
    load_need(!CB_FAILED(cb_trust_new(&o, &t, NULL)));
    free(pem);
    return t;
}

static void check(const struct cb_trust *t, const struct cb_cert *cert, const struct cb_str *chain,
                  size_t count)
{
    struct cb_trust_path *path = NULL;
    load_need(!CB_FAILED(cb_trust_check(t, cert, chain, count, PKI_NOW, &path, NULL)));
    cb_trust_path_unref(path);
}

/* Rubbish behind the chain makes it one that nobody has seen. */
static double check_us(const struct cb_trust *t, bool unseen)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_cert cert = { 0 };
    int number = -WARM_UP;
    const struct cb_str chain[] = { pki_der(sub), { (const char *)&number, sizeof number } };
    cb_arena_init(&a, CB_MIB);
    load_need(!CB_FAILED(cb_cert_parse(&a, pki_der(leaf), &cert, NULL)));
    double began = 0;
    for (; number < ROUNDS; number++) {
        began = number == 0 ? load_cpu_us() : began;
        check(t, &cert, chain, unseen ? 2 : 1);
    }
    return (load_cpu_us() - began) / ROUNDS;
}

static double peer_us(const struct cb_trust *t)
{
    const struct cb_str ders[] = { pki_der(leaf), pki_der(sub) };
    struct cb_peer *peer = cb_peer_new(ders, CB_COUNT(ders));
    double began = 0;
    load_need(peer != NULL);
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        began = i == 0 ? load_cpu_us() : began;
        load_need(!CB_FAILED(cb_peer_check(peer, t, 1, PKI_NOW, NULL, NULL)));
    }
    const double each = (load_cpu_us() - began) / ROUNDS;
    cb_peer_free(peer);
    return each;
}

static double openssl_us(void)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *above = sk_X509_new_null();
    load_need(store != NULL && X509_STORE_add_cert(store, cas[MANY / 2]->x509) == 1 && above != NULL &&
              sk_X509_push(above, sub->x509) > 0);
    double began = 0;
    for (int i = -WARM_UP; i < ROUNDS; i++) {
        began = i == 0 ? load_cpu_us() : began;
        const unsigned char *p = leaf->der, *q = sub->der;
        X509 *x = d2i_X509(NULL, &p, leaf->der_n), *y = d2i_X509(NULL, &q, sub->der_n);
        X509_STORE_CTX *ctx = X509_STORE_CTX_new();
        load_need(x != NULL && y != NULL && sk_X509_set(above, 0, y) == y &&
                  X509_STORE_CTX_init(ctx, store, x, above) == 1);
        X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), PKI_NOW);
        load_need(X509_verify_cert(ctx) == 1);
        X509_STORE_CTX_free(ctx);
        X509_free(y);
        X509_free(x);
    }
    const double each = (load_cpu_us() - began) / ROUNDS;
    sk_X509_free(above);
    X509_STORE_free(store);
    return each;
}

int main(void)
{
    issue();
    struct cb_trust *one = trust_of(&cas[MANY / 2], 1);
    const double began = load_cpu_us();
    struct cb_trust *many = trust_of(cas, MANY);
    load_print("trust_load_5000_anchors", (load_cpu_us() - began) / 1000, "ms", 0);
    const double new_chain = check_us(one, true);
    load_print("trust_new_chain", new_chain, "us", openssl_us());
    load_print("trust_new_chain_5000_anchors", check_us(many, true), "us", new_chain);
    load_print("trust_chain_seen_before", check_us(many, false), "us", 0);
    load_print("trust_connection_checked_before", peer_us(many), "us", 0);
    cb_trust_free(many);
    cb_trust_free(one);
    pki_free(leaf);
    pki_free(sub);
    for (int i = 0; i < MANY; i++) {
        pki_free(cas[i]);
    }
    return 0;
}
