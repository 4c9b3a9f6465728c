#include "keys/ring.h"

#include <criterion/criterion.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "jose/jwk.h"

static struct cb_kek *kek;

static void load_kek(void)
{
    char path[] = "/tmp/certbound-kek-XXXXXX";
    static const char text[] = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const int fd = mkstemp(path);
    cr_assert_eq(write(fd, text, sizeof text - 1), (ssize_t)sizeof text - 1);
    (void)close(fd);
    cr_assert_not(CB_FAILED(cb_kek_load(path, &kek, NULL)));
    (void)unlink(path);
}

static void free_kek(void)
{
    cb_kek_free(kek);
}

TestSuite(ring, .init = load_kek, .fini = free_kek);

/* A record as the store would give it, in memory of its own. */
struct made {
    char kid[CB_JWK_THUMBPRINT_TEXT];
    struct cb_buf jwk, sealed;
    struct cb_key_record record;
};

static void make(struct made *m, enum cb_alg alg, int64_t active_from)
{
    struct cb_sign_key *key = NULL;
    struct cb_buf clear;
    cb_buf_init(&clear, CB_LIMIT_SECRET_FILE);
    cb_buf_init(&m->jwk, 4096);
    cb_buf_init(&m->sealed, CB_LIMIT_SECRET_FILE);
    struct cb_json_out j = cb_json_out(&m->jwk);
    cr_assert_not(CB_FAILED(cb_sign_key_generate(alg, &key, NULL)));
    cr_assert_not(CB_FAILED(cb_jwk_thumbprint(key, m->kid, NULL)));
    cr_assert_not(CB_FAILED(cb_jwk_write(key, cb_str_of(m->kid), &j, NULL)));
    cr_assert_not(CB_FAILED(cb_sign_key_to_pkcs8(key, &clear, NULL)));
    cr_assert_not(CB_FAILED(cb_kek_seal(kek, cb_str_of(m->kid), cb_buf_str(&clear), &m->sealed, NULL)));
    m->record = (struct cb_key_record){ .kid = cb_str_of(m->kid),
                                        .alg = cb_str_of(cb_alg_name(alg)),
                                        .public_jwk = cb_buf_str(&m->jwk),
                                        .sealed = cb_buf_str(&m->sealed),
                                        .active_from = active_from };
    cb_sign_key_free(key);
    cb_buf_done(&clear);
}

static void done(struct made *m)
{
    cb_buf_done(&m->jwk);
    cb_buf_done(&m->sealed);
}

static enum cb_code add(struct cb_ring *r, const struct cb_ring *previous, const struct cb_key_record *record)
{
    struct cb_err err = { 0 };
    (void)cb_ring_add(r, previous, kek, record, &err).v_;
    return err.code;
}

static size_t published(const struct cb_ring *r, int64_t now)
{
    struct cb_buf b;
    cb_buf_init(&b, 1 << 16);
    struct cb_json_out j = cb_json_out(&b);
    json_auto_t *set = NULL;
    cb_ring_write_jwks(r, now, &j);
    cr_assert_not(CB_FAILED(cb_json_object(cb_buf_str(&b), &set, NULL)));
    const size_t n = json_array_size(json_object_get(set, "keys"));
    cb_buf_done(&b);
    return n;
}

Test(ring, publishes_ahead_signs_with_the_newest_and_lets_go_of_the_old)
{
    struct made old = { 0 }, new = { 0 };
    struct cb_ring *r = cb_ring_new();
    make(&old, CB_ALG_ES256, 100);
    make(&new, CB_ALG_ES256, 1000);
    cr_assert_null(cb_ring_signer(r, 100));
    cr_assert_eq(add(r, NULL, &old.record), CB_E_NONE);
    cr_assert_eq(add(r, NULL, &new.record), CB_E_NONE);
    cr_assert_null(cb_ring_signer(r, 99));
    cr_assert(cb_str_is(cb_ring_signer(r, 999)->kid, old.kid));
    cr_assert(cb_str_is(cb_ring_signer(r, 1000)->kid, new.kid));
    cr_assert_eq(published(r, 500), 2);
    cr_assert_eq(published(r, 1000 + CB_KEY_LINGER_S - 1), 2);
    cr_assert_eq(published(r, 1000 + CB_KEY_LINGER_S), 1);
    cr_assert_eq(cb_ring_next_change(r, 500), 1000);
    cr_assert_eq(cb_ring_next_change(r, 1000 + CB_KEY_LINGER_S), INT64_MAX);
    cb_ring_unref(r);
    done(&old);
    done(&new);
}

Test(ring, takes_opened_keys_over)
{
    struct made m = { 0 };
    struct cb_ring *first = cb_ring_new(), *second = cb_ring_new();
    make(&m, CB_ALG_ES256, 100);
    cr_assert_eq(add(first, NULL, &m.record), CB_E_NONE);
    cr_assert_eq(add(second, first, &m.record), CB_E_NONE);
    cr_assert_eq(cb_ring_signer(first, 100)->key, cb_ring_signer(second, 100)->key);
    cb_ring_unref(first);
    uint8_t signature[CB_SIGNATURE_MAX];
    size_t n = 0;
    cr_assert_not(CB_FAILED(cb_sign(cb_ring_signer(second, 100)->key, CB_STR("x"), signature, &n, NULL)));
    cb_ring_unref(second);
    done(&m);
}

Test(ring, of_very_many_the_last_stay)
{
    enum { MANY = 70 };
    static struct made all[MANY];
    struct cb_ring *r = cb_ring_new();
    for (int i = 0; i < MANY; i++) {
        make(&all[i], CB_ALG_EDDSA, 100 + i);
        cr_assert_eq(add(r, NULL, &all[i].record), CB_E_NONE);
    }
    cr_expect(cb_str_eq(cb_ring_signer(r, 1000)->kid, all[MANY - 1].record.kid));
    cr_expect(cb_str_eq(cb_ring_signer(r, 100 + MANY - 2)->kid, all[MANY - 2].record.kid));
    cb_ring_unref(r);
    for (int i = 0; i < MANY; i++) {
        done(&all[i]);
    }
}

Test(ring, leaves_out_what_it_cannot_use)
{
    struct made a = { 0 }, b = { 0 };
    struct cb_ring *r = cb_ring_new();
    make(&a, CB_ALG_ES256, 100);
    make(&b, CB_ALG_ES256, 100);
    struct cb_key_record swapped = a.record;
    swapped.sealed = b.record.sealed;
    struct cb_key_record other_alg = a.record;
    other_alg.alg = CB_STR("EdDSA");
    struct cb_key_record none = a.record;
    none.alg = CB_STR("none");
    struct cb_key_record retired = b.record;
    retired.retired_at = 200;
    cr_expect_eq(add(r, NULL, &swapped), CB_E_KEY_FILE);
    cr_expect_neq(add(r, NULL, &other_alg), CB_E_NONE);
    cr_expect_eq(add(r, NULL, &none), CB_E_KEY_FILE);
    cr_expect_eq(add(r, NULL, &retired), CB_E_NONE);
    cr_expect_null(cb_ring_signer(r, 300));
    cr_expect_eq(published(r, 300), 0);
    cr_expect_eq(add(r, NULL, &a.record), CB_E_NONE);
    cr_expect_not_null(cb_ring_signer(r, 300));
    cb_ring_unref(r);
    done(&a);
    done(&b);
}
