/* crl: a list of a million entries: how long until it is read, what it takes to hold, what a look-up costs.
 * OpenSSL's own list is measured beside ours. */
#include <malloc.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "cert/crl.h"
#include "load.h"
#include "testlib/crl.h"

enum { ENTRIES = 1000000, OCTETS = 16, ASKED = 1000000 };

static double held_mb(void)
{
    const struct mallinfo2 m = mallinfo2();
    return (double)(m.uordblks + m.hblkhd) / (1024 * 1024);
}

static size_t random_entry(uint64_t *state)
{
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (size_t)((*state >> 33) % ENTRIES);
}

/* The floor: making the serial, and one read from anywhere in as much memory. */
static double floor_us(size_t memory)
{
    volatile const char *bytes = calloc(1, memory);
    char serial[CRL_SERIAL_MAX];
    uint64_t state = 1;
    load_need(bytes != NULL);
    const double began = load_cpu_us();
    for (int i = 0; i < ASKED; i++) {
        const size_t entry = random_entry(&state);
        crl_serial(entry, OCTETS, serial);
        (void)bytes[memory / ENTRIES * entry];
    }
    const double each = (load_cpu_us() - began) / ASKED;
    free((void *)(uintptr_t)bytes);
    return each;
}

static double ours_us(const struct cb_crl *list, char flip)
{
    char serial[CRL_SERIAL_MAX];
    struct cb_crl_entry entry = { .reason = NULL };
    uint64_t state = 1;
    const double began = load_cpu_us();
    for (int i = 0; i < ASKED; i++) {
        crl_serial(random_entry(&state), OCTETS, serial);
        serial[0] ^= flip;
        load_need(cb_crl_has(list, (struct cb_str){ serial, OCTETS }, &entry) == (flip == 0));
    }
    return (load_cpu_us() - began) / ASKED;
}

static void openssl(const char *der, size_t n)
{
    const unsigned char *p = (const unsigned char *)der;
    const double before_mb = held_mb(), before_us = load_cpu_us();
    X509_CRL *list = d2i_X509_CRL(NULL, &p, (long)n);
    load_need(list != NULL);
    load_print("crl_1000000_read_openssl", (load_cpu_us() - before_us) / 1000, "ms", 0);
    load_print("crl_1000000_memory_openssl", held_mb() - before_mb, "MB", 0);
    X509_CRL_free(list);
}

int main(void)
{
    struct pki_cert *ca = pki_issue(&(struct pki_spec){ .ca = true });
    const struct cb_str cas[] = { pki_der(ca) };
    struct cb_crl *list = NULL;
    size_t n = 0;
    char *der = crl_issue(&(struct crl_spec){ .issuer = ca, .count = ENTRIES, .serial_octets = OCTETS }, &n);
    const double mb = (double)n / (1024 * 1024);
    const double before_mb = held_mb(), before_us = load_cpu_us();
    load_need(!CB_FAILED(cb_crl_read((struct cb_str){ der, n }, cas, 1, PKI_NOW, &list, NULL)));
    load_print("crl_1000000_read", (load_cpu_us() - before_us) / 1000, "ms", 0);
    load_print("crl_1000000_memory", held_mb() - before_mb, "MB", mb);
    const double floor = floor_us(cb_crl_facts(list)->memory);
    load_print("crl_1000000_lookup", ours_us(list, 0), "us", floor);
    load_print("crl_1000000_lookup_absent", ours_us(list, 0x20), "us", floor);
    openssl(der, n);
    cb_crl_unref(list);
    free(der);
    pki_free(ca);
    return 0;
}
