#include "keys/keys.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keys/ring.h"

static char path[64];

static enum cb_code load_kek(const char *text, mode_t mode, struct cb_kek **out)
{
    (void)snprintf(path, sizeof path, "/tmp/certbound-kek-XXXXXX");
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    cr_assert_eq(fchmod(fd, mode), 0);
    (void)close(fd);
    struct cb_err err = { 0 };
    (void)cb_kek_load(path, out, &err).v_;
    (void)unlink(path);
    return err.code;
}

static const char kek_text[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
static const char other_text[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh4=\n";

static struct cb_kek *kek_of(const char *text)
{
    struct cb_kek *k = NULL;
    cr_assert_eq(load_kek(text, 0600, &k), CB_E_NONE);
    return k;
}

Test(kek, takes_32_bytes_of_base64_in_a_secret_file)
{
    static const struct {
        const char *text;
        mode_t mode;
        enum cb_code code;
    } rows[] = {
        { kek_text, 0600, CB_E_NONE },
        { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", 0400, CB_E_NONE },
        { kek_text, 0644, CB_E_SECRET_FILE },
        { "", 0600, CB_E_KEY_FILE },
        { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==\n", 0600, CB_E_KEY_FILE }, /* 31 bytes */
        { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g\n", 0600, CB_E_KEY_FILE }, /* 33 bytes */
        { "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n", 0600, CB_E_KEY_FILE },  /* no padding */
        { "not base64 at all, but of a length that fits\n", 0600, CB_E_KEY_FILE },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        struct cb_kek *k = NULL;
        cr_expect_eq(load_kek(rows[i].text, rows[i].mode, &k), rows[i].code, "row %zu", i);
        cr_expect_eq(k == NULL, rows[i].code != CB_E_NONE);
        cb_kek_free(k);
    }
}

static enum cb_code open_it(const struct cb_kek *k, struct cb_str bound, struct cb_str sealed,
                            struct cb_buf *out)
{
    struct cb_err err = { 0 };
    cb_buf_reset(out);
    (void)cb_kek_open(k, bound, sealed, out, &err).v_;
    return err.code;
}

Test(kek, opens_only_what_it_sealed_for_the_same_kid)
{
    struct cb_kek *k = kek_of(kek_text), *other = kek_of(other_text);
    struct cb_buf sealed, clear;
    cb_buf_init(&sealed, 1000);
    cb_buf_init(&clear, 1000);
    cr_assert_not(CB_FAILED(cb_kek_seal(k, CB_STR("kid"), CB_STR("private key"), &sealed, NULL)));
    cr_assert_eq(sealed.n, 11 + 29);
    cr_assert_null(memmem(sealed.p, sealed.n, "private", 7));
    cr_assert_eq(open_it(k, CB_STR("kid"), cb_buf_str(&sealed), &clear), CB_E_NONE);
    cr_assert(cb_str_is(cb_buf_str(&clear), "private key"));
    cr_assert_eq(open_it(k, CB_STR("dik"), cb_buf_str(&sealed), &clear), CB_E_KEY_FILE);
    cr_assert_eq(open_it(other, CB_STR("kid"), cb_buf_str(&sealed), &clear), CB_E_KEY_FILE);
    for (size_t i = 0; i < sealed.n; i++) {
        sealed.p[i] ^= 1;
        cr_expect_eq(open_it(k, CB_STR("kid"), cb_buf_str(&sealed), &clear), CB_E_KEY_FILE, "byte %zu", i);
        sealed.p[i] ^= 1;
    }
    for (size_t n = 0; n < sealed.n; n++) {
        cr_expect_eq(open_it(k, CB_STR("kid"), (struct cb_str){ sealed.p, n }, &clear), CB_E_KEY_FILE);
    }
    cb_buf_done(&sealed);
    cb_buf_done(&clear);
    cb_kek_free(k);
    cb_kek_free(other);
}

Test(kek, never_seals_alike_twice)
{
    struct cb_kek *k = kek_of(kek_text);
    struct cb_buf a, b;
    cb_buf_init(&a, 100);
    cb_buf_init(&b, 100);
    cr_assert_not(CB_FAILED(cb_kek_seal(k, CB_STR("kid"), CB_STR("x"), &a, NULL)));
    cr_assert_not(CB_FAILED(cb_kek_seal(k, CB_STR("kid"), CB_STR("x"), &b, NULL)));
    cr_assert_not(cb_str_eq(cb_buf_str(&a), cb_buf_str(&b)));
    cb_buf_done(&a);
    cb_buf_done(&b);
    cb_kek_free(k);
}

Test(state, follows_from_the_times_alone)
{
    const struct cb_key_record keys[] = {
        { .kid = CB_STR("old"), .active_from = 100 },
        { .kid = CB_STR("new"), .active_from = 1000 },
        { .kid = CB_STR("bad"), .active_from = 500, .retired_at = 600 },
    };
    static const struct {
        int64_t now;
        enum cb_key_state old, new;
    } rows[] = {
        { 99, CB_KEY_PENDING, CB_KEY_PENDING },
        { 100, CB_KEY_SIGNING, CB_KEY_PENDING },
        { 999, CB_KEY_SIGNING, CB_KEY_PENDING },
        { 1000, CB_KEY_RETIRING, CB_KEY_SIGNING },
        { 1000 + CB_KEY_LINGER_S - 1, CB_KEY_RETIRING, CB_KEY_SIGNING },
        { 1000 + CB_KEY_LINGER_S, CB_KEY_RETIRED, CB_KEY_SIGNING },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        cr_expect_eq(cb_key_state_of(keys, 3, 0, rows[i].now), rows[i].old, "row %zu", i);
        cr_expect_eq(cb_key_state_of(keys, 3, 1, rows[i].now), rows[i].new, "row %zu", i);
        cr_expect_eq(cb_key_state_of(keys, 3, 2, rows[i].now), CB_KEY_RETIRED);
    }
}

Test(state, two_keys_of_one_second_give_one_signer)
{
    const struct cb_key_record keys[] = { { .kid = CB_STR("a"), .active_from = 100 },
                                          { .kid = CB_STR("b"), .active_from = 100 } };
    cr_assert_eq(cb_key_state_of(keys, 2, 0, 100), CB_KEY_RETIRING);
    cr_assert_eq(cb_key_state_of(keys, 2, 1, 100), CB_KEY_SIGNING);
}

Test(second_opinion, accepts_a_good_key_of_each_algorithm)
{
    for (enum cb_alg alg = CB_ALG_ES256; alg < CB_ALG__MAX; alg++) {
        struct cb_sign_key *key = NULL;
        cr_assert_not(CB_FAILED(cb_sign_key_generate(alg, &key, NULL)));
        cr_expect_not(CB_FAILED(cb_second_opinion(key, NULL)), "%s", cb_alg_name(alg));
        cb_sign_key_free(key);
    }
}
