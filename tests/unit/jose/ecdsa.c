#include "jose/ecdsa.h"

#include <criterion/criterion.h>

TestSuite(ecdsa);

static struct cb_str str_of(const uint8_t *p, size_t n)
{
    return (struct cb_str){ (const char *)p, n };
}

Test(ecdsa, integers_keep_their_sign_and_lose_their_zeros)
{
    uint8_t raw[64] = { 0 };
    raw[31] = 1;    /* r = 1 */
    raw[32] = 0x80; /* s with its top bit set */
    uint8_t der[CB_ES256_DER_MAX];
    size_t n = 0;
    cr_assert(!CB_FAILED(cb_ecdsa_to_der(str_of(raw, 64), der, &n, NULL)));
    static const uint8_t head[] = { 0x30, 38, 0x02, 1, 1, 0x02, 33, 0, 0x80 };
    cr_assert_eq(n, 40);
    cr_assert_eq(memcmp(der, head, sizeof head), 0);

    uint8_t back[64];
    cr_assert(!CB_FAILED(cb_ecdsa_to_raw(str_of(der, n), back, NULL)));
    cr_assert_eq(memcmp(raw, back, 64), 0);
}

Test(ecdsa, longest_form_fits)
{
    uint8_t raw[64], der[CB_ES256_DER_MAX], back[64];
    memset(raw, 0xff, sizeof raw);
    size_t n = 0;
    cr_assert(!CB_FAILED(cb_ecdsa_to_der(str_of(raw, 64), der, &n, NULL)));
    cr_assert_eq(n, CB_ES256_DER_MAX);
    cr_assert(!CB_FAILED(cb_ecdsa_to_raw(str_of(der, n), back, NULL)));
    cr_assert_eq(memcmp(raw, back, 64), 0);
}

Test(ecdsa, raw_is_64_bytes_and_nothing_else)
{
    const uint8_t raw[72] = { 1 };
    static const size_t bad[] = { 0, 1, 63, 65, 70, 72 };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        uint8_t der[CB_ES256_DER_MAX];
        size_t n = 0;
        struct cb_err err = { 0 };
        cr_assert(CB_FAILED(cb_ecdsa_to_der(str_of(raw, bad[i]), der, &n, &err)));
        cr_assert_eq(err.code, CB_E_JWS_SIGNATURE);
    }
}

Test(ecdsa, der_of_another_shape_is_refused)
{
    static const struct cb_str bad[] = {
        CB_STR(""),
        CB_STR("\x30"),
        CB_STR("\x30\x00"),
        CB_STR("\x31\x06\x02\x01\x01\x02\x01\x01"),
        CB_STR("\x30\x07\x02\x01\x01\x02\x01\x01"),
        CB_STR("\x30\x03\x02\x01\x01"),
        CB_STR("\x30\x06\x03\x01\x01\x02\x01\x01"),
        CB_STR("\x30\x05\x02\x00\x02\x01\x01"),
        CB_STR("\x30\x06\x02\x7f\x01\x02\x01\x01"),
        CB_STR("\x30\x07\x02\x01\x01\x02\x01\x01\x00"),
    };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        uint8_t raw[64];
        struct cb_err err = { 0 };
        cr_assert(CB_FAILED(cb_ecdsa_to_raw(bad[i], raw, &err)), "row %zu", i);
        cr_assert_eq(err.code, CB_E_CRYPTO, "row %zu", i);
    }
}
