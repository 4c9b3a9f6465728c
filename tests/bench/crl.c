/* crl: a list of a million entries: how long until it is read, what it takes to hold, what a look-up costs.
 * OpenSSL's own list is measured beside ours. `crl FOLDER` writes a CA, a partner of it and such a list there
 * instead, for a server. */
#include <malloc.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static void measure(void)
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
}

/* --- files for a server --- */

static FILE *file_in(const char *folder, const char *name)
{
    char path[4096];
    load_need((size_t)snprintf(path, sizeof path, "%s/%s", folder, name) < sizeof path);
    FILE *f = fopen(path, "wb");
    load_need(f != NULL);
    return f;
}

static void write_certificate(const char *folder, const char *name, const struct pki_cert *c)
{
    FILE *f = file_in(folder, name);
    load_need(PEM_write_X509(f, c->x509) == 1 && fclose(f) == 0);
}

static void write_files(const char *folder)
{
    static const struct pki_value partner[] = { { .type = "CN", .value = "listed" }, { .type = NULL } };
    const int64_t now = (int64_t)time(NULL);
    const struct pki_spec authority = { .ca = true, .not_before = now - 100, .not_after = now + 86400 };
    struct pki_cert *ca = pki_issue(&authority);
    struct pki_cert *leaf = pki_issue(&(struct pki_spec){
        .subject = partner, .issuer = ca, .not_before = now - 100, .not_after = now + 86400 });
    size_t n = 0;
    char *der = crl_issue(&(struct crl_spec){ .issuer = ca,
                                              .count = ENTRIES,
                                              .serial_octets = OCTETS,
                                              .this_update = now - 60,
                                              .next_update = now + 86400 },
                          &n);
    write_certificate(folder, "listed-ca.pem", ca);
    write_certificate(folder, "listed.pem", leaf);
    FILE *f = file_in(folder, "listed.key");
    load_need(PEM_write_PrivateKey(f, leaf->key, NULL, NULL, 0, NULL, NULL) == 1 && fclose(f) == 0);
    f = file_in(folder, "listed.crl");
    load_need(fwrite(der, 1, n, f) == n && fclose(f) == 0);
    free(der);
    pki_free(leaf);
    pki_free(ca);
}

int main(int argc, char **argv)
{
    if (argc > 1) {
        write_files(argv[1]);
    } else {
        measure();
    }
    return 0;
}
