/* Trust groups as the configuration names them: files, folders, options. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "partner/registry.h"
#include "testlib/pki.h"

enum { PATH = 128 };

static char folder[32];
static struct pki_cert *ca, *sub, *leaf;
static char *ca_pem, *sub_pem;
static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };
static const struct pki_value sub_name[] = { { .type = "CN", .value = "Bank Sub CA" }, { .type = NULL } };

static const char *path_of(const char *name)
{
    static char path[4][PATH];
    static int next;
    char *out = path[next++ % 4];
    (void)snprintf(out, PATH, "%s/%s", folder, name);
    return out;
}

static void put(const char *name, const char *text)
{
    const int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    (void)close(fd);
}

static void setup(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/certbound-trust-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    sub = pki_issue(&(struct pki_spec){ .subject = sub_name, .ca = true, .issuer = ca });
    leaf = pki_issue(&(struct pki_spec){ .issuer = sub });
    ca_pem = pki_pem((const struct pki_cert *const[]){ ca }, 1);
    sub_pem = pki_pem((const struct pki_cert *const[]){ sub }, 1);
}

static void teardown(void)
{
    static const char *const names[] = { "a.pem", "b.crt", "c.txt", ".hidden.pem", "d.pem" };
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        (void)unlink(path_of(names[i]));
        (void)rmdir(path_of(names[i]));
    }
    (void)rmdir(folder);
    free(ca_pem);
    free(sub_pem);
    pki_free(leaf);
    pki_free(sub);
    pki_free(ca);
}

TestSuite(trust_groups, .init = setup, .fini = teardown);

static enum cb_code load(struct cb_config_trust_group from, struct cb_trust **out, struct cb_err *err)
{
    from.name = "partners";
    (void)cb_trust_group_load(&from, out, err).v_;
    return err->code;
}

/* The code, and what the detail says at its end. */
static void expect_refusal(struct cb_config_trust_group from, enum cb_code code, const char *detail)
{
    struct cb_trust *t = NULL;
    struct cb_err err = { 0 };
    cr_expect_eq(load(from, &t, &err), code, "%s", cb_code_reason(err.code));
    cr_expect_eq(strncmp(err.detail, "trust group partners: ", 22), 0, "%s", err.detail);
    cr_expect_not_null(strstr(err.detail, detail), "%s", err.detail);
    cr_expect_null(t);
}

Test(trust_groups, of_a_folder_has_every_pem_and_crt_file)
{
    put("a.pem", ca_pem);
    put("b.crt", sub_pem);
    put("c.txt", "not read\n");
    put(".hidden.pem", "not read\n");
    struct cb_trust *t = NULL;
    struct cb_err err = { 0 };
    cr_assert_eq(load((struct cb_config_trust_group){ .anchors = folder }, &t, &err), CB_E_NONE, "%s",
                 err.detail);
    cr_expect_eq(cb_trust_anchor_count(t), 2);
    cb_trust_free(t);
}

Test(trust_groups, of_a_folder_are_refused_by_the_name_of_the_file)
{
    const struct cb_config_trust_group group = { .anchors = folder };
    expect_refusal(group, CB_E_FILE, " holds no .pem and no .crt file");
    put("a.pem", ca_pem);
    put("b.crt", "no certificate\n");
    expect_refusal(group, CB_E_CONFIG, "/b.crt holds no certificate in PEM");
    put("b.crt", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    expect_refusal(group, CB_E_CONFIG, "/b.crt: certificate 1 does not decode");
    put("b.crt", sub_pem);
    cr_assert_eq(mkdir(path_of("d.pem"), 0700), 0);
    expect_refusal(group, CB_E_FILE, "/d.pem: is not a regular file");
}

/* All files of a folder together: at the limit, and a byte more. */
Test(trust_groups, of_a_folder_are_bounded_together)
{
    const struct cb_config_trust_group group = { .anchors = folder };
    const off_t room = (off_t)(CB_LIMIT_PEM_FILE - strlen(ca_pem));
    put("a.pem", ca_pem);
    put("b.crt", "");
    cr_assert_eq(truncate(path_of("b.crt"), room), 0);
    expect_refusal(group, CB_E_CONFIG, "/b.crt holds no certificate in PEM");
    cr_assert_eq(truncate(path_of("b.crt"), room + 1), 0);
    expect_refusal(group, CB_E_FILE, "/b.crt: is larger than ");
}

Test(trust_groups, that_are_not_there_are_refused)
{
    expect_refusal((struct cb_config_trust_group){ .anchors = path_of("a.pem") }, CB_E_FILE,
                   "/a.pem: could not open: No such file or directory");
    put("a.pem", ca_pem);
    expect_refusal(
        (struct cb_config_trust_group){ .anchors = path_of("a.pem"), .intermediates = path_of("b.crt") },
        CB_E_FILE, "/b.crt: could not open: No such file or directory");
    const char *word = "SHA256";
    expect_refusal((struct cb_config_trust_group){ .anchors = path_of("a.pem"),
                                                   .signature_algorithms = &word,
                                                   .signature_algorithm_count = 1 },
                   CB_E_CONFIG, "signature algorithm SHA256 is not known");
}

/* Each option of the configuration arrives: with it, the same certificate is refused. */
Test(trust_groups, hand_on_every_option)
{
    put("a.pem", ca_pem);
    put("b.crt", sub_pem);
    const char *usage = "serverAuth", *algorithm = "ecdsa-with-SHA512";
    const char *anchors = path_of("a.pem"), *intermediates = path_of("b.crt");
    const struct {
        struct cb_config_trust_group group;
        enum cb_code code;
    } rows[] = {
        { { .depth = 1 }, CB_E_NONE },
        { { .depth = 0 }, CB_E_CERT_CHAIN_LENGTH },
        { { .depth = 1, .intermediates = anchors }, CB_E_CERT_ISSUER_NOT_ALLOWED },
        { { .depth = 1, .intermediates = intermediates }, CB_E_NONE },
        { { .depth = 1, .extended_key_usage = &usage, .extended_key_usage_count = 1 }, CB_E_CERT_EKU },
        { { .depth = 1, .min_rsa_bits = 4096 }, CB_E_NONE },
        { { .depth = 1, .min_ec_bits = 384 }, CB_E_CERT_KEY_SIZE },
        { { .depth = 1, .signature_algorithms = &algorithm, .signature_algorithm_count = 1 },
          CB_E_CERT_ALGORITHM },
        { { .depth = 1, .max_validity_s = 1 }, CB_E_CERT_LIFETIME },
    };
    struct cb_arena a CB_AUTO(cb_arena_done);
    struct cb_cert cert = { 0 };
    cb_arena_init(&a, 1 << 20);
    cr_assert_not(CB_FAILED(cb_cert_parse(&a, pki_der(leaf), &cert, NULL)));
    const struct cb_str chain = pki_der(sub);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_config_trust_group group = rows[i].group;
        struct cb_trust *t = NULL;
        struct cb_trust_path *path = NULL;
        struct cb_err err = { 0 };
        group.anchors = anchors;
        cr_assert_eq(load(group, &t, &err), CB_E_NONE, "%s", err.detail);
        (void)cb_trust_check(t, &cert, &chain, 1, PKI_NOW, &path, &err).v_;
        cr_expect_eq(err.code, rows[i].code, "row %zu: %s", i, err.detail);
        cb_trust_path_unref(path);
        cb_trust_free(t);
    }
}

Test(trust_groups, are_found_by_name_and_listed_in_order)
{
    put("a.pem", ca_pem);
    struct cb_config_trust_group groups[] = { { .name = "z", .anchors = path_of("a.pem") },
                                              { .name = "b", .anchors = path_of("a.pem") } };
    const struct cb_config config = { .trust_groups = groups, .trust_group_count = 2 };
    struct cb_trust_groups *t = NULL;
    const char *name = NULL;
    cr_assert_not(CB_FAILED(cb_trust_groups_load(&config, &t, NULL)));
    cr_assert_eq(cb_trust_groups_count(t), 2);
    cr_expect_eq(cb_trust_groups_at(t, 0, &name), cb_trust_groups_find(t, CB_STR("z")));
    cr_expect_str_eq(name, "z");
    cr_expect_eq(cb_trust_groups_at(t, 1, &name), cb_trust_groups_find(t, CB_STR("b")));
    cr_expect_null(cb_trust_groups_find(t, CB_STR("")));
    cb_trust_groups_unref(t);
}
