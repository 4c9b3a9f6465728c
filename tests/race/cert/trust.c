/* Many threads, one trust group with two CAs of one name: each chain gets its own verdict and path,
 * remembered or new. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "cert/trust.h"
#include "testlib/pki.h"

enum { THREADS = 8, ROUNDS = 200 };

static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };

struct chain {
    struct pki_cert *leaf, *issuer;
    enum cb_code verdict;
};

struct job {
    pthread_t thread;
    const struct cb_trust *trust;
    const struct chain *chains;
    size_t count;
    int number, wrong;
};

static bool is_right(const struct job *j, const struct chain *c, int round)
{
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_cert cert = { 0 };
    struct cb_err err = { 0 };
    struct cb_trust_path *path = NULL;
    /* A stranger among the presented makes it a chain that nobody has seen. */
    const int unseen[] = { j->number, round };
    const struct cb_str chain = { (const char *)unseen, sizeof unseen };
    cb_arena_init(&a, 1 << 16);
    if (CB_FAILED(cb_cert_parse(&a, pki_der(c->leaf), &cert, &err))) {
        return false;
    }
    (void)cb_trust_check(j->trust, &cert, &chain, (size_t)(round % 2), PKI_NOW, &path, &err).v_;
    const bool leads_there =
        path == NULL || (path->count == 1 && cb_str_eq(path->links[0].issuer->der, pki_der(c->issuer)) &&
                         cb_str_eq(path->links[0].serial, cert.serial));
    cb_trust_path_unref(path);
    return err.code == c->verdict && (path != NULL) == (c->verdict == CB_E_NONE) && leads_there;
}

static void *run(void *argument)
{
    struct job *j = argument;
    for (int round = 0; round < ROUNDS; round++) {
        j->wrong += !is_right(j, &j->chains[(size_t)(round + j->number) % j->count], round);
    }
    return NULL;
}

static int race(const struct cb_trust *trust, const struct chain *chains, size_t count)
{
    struct job jobs[THREADS];
    int wrong = 0;
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job){ .trust = trust, .chains = chains, .count = count, .number = i };
        if (pthread_create(&jobs[i].thread, NULL, run, &jobs[i]) != 0) {
            abort();
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(jobs[i].thread, NULL);
        wrong += jobs[i].wrong;
    }
    return wrong;
}

int main(void)
{
    const struct pki_spec ca = { .subject = ca_name, .ca = true, .no_key_ids = true };
    struct pki_cert *one = pki_issue(&ca), *two = pki_issue(&ca), *stranger = pki_issue(&ca);
    struct chain chains[] = {
        { pki_issue(&(struct pki_spec){ .issuer = one, .no_key_ids = true }), one, CB_E_NONE },
        { pki_issue(&(struct pki_spec){ .issuer = two, .no_key_ids = true }), two, CB_E_NONE },
        { pki_issue(&(struct pki_spec){ .issuer = stranger, .no_key_ids = true }), NULL,
          CB_E_CERT_ISSUER_UNKNOWN },
        { pki_issue(&(struct pki_spec){ .issuer = one, .no_key_ids = true, .not_after = PKI_NOW - 1 }), NULL,
          CB_E_CERT_EXPIRED },
    };
    char *pem = pki_pem((const struct pki_cert *const[]){ one, two }, 2);
    struct cb_trust *trust = NULL;
    struct cb_err err = { 0 };
    const struct cb_pem_text text = { .text = cb_str_of(pem) };
    if (CB_FAILED(
            cb_trust_new(&(struct cb_trust_options){ .anchors = &text, .anchor_count = 1 }, &trust, &err))) {
        (void)fprintf(stderr, "%s\n", err.detail);
        return 1;
    }
    const int wrong = race(trust, chains, CB_COUNT(chains));
    (void)printf("%d wrong verdicts of %d\n", wrong, THREADS * ROUNDS);

    cb_trust_free(trust);
    free(pem);
    for (size_t i = 0; i < CB_COUNT(chains); i++) {
        pki_free(chains[i].leaf);
    }
    pki_free(stranger);
    pki_free(two);
    pki_free(one);
    return wrong != 0;
}
