#include "jose/base64url.h"

#include <criterion/criterion.h>

TestSuite(base64url);

/* RFC 4648 section 10, without the padding; and one value that uses both differing characters */
static const struct {
    struct cb_str bytes;
    struct cb_str text;
} pairs[] = {
    { CB_STR(""), CB_STR("") },
    { CB_STR("f"), CB_STR("Zg") },
    { CB_STR("fo"), CB_STR("Zm8") },
    { CB_STR("foo"), CB_STR("Zm9v") },
    { CB_STR("foob"), CB_STR("Zm9vYg") },
    { CB_STR("fooba"), CB_STR("Zm9vYmE") },
    { CB_STR("foobar"), CB_STR("Zm9vYmFy") },
    { CB_STR("\xfb\xff\xbf"), CB_STR("-_-_") },
    { CB_STR("\0"), CB_STR("AA") },
};

Test(base64url, known_pairs_both_ways)
{
    for (size_t i = 0; i < CB_COUNT(pairs); i++) {
        char memory[32];
        struct cb_buf b;
        cb_buf_over(&b, memory, sizeof memory);
        cb_base64url_add(&b, pairs[i].bytes.p, pairs[i].bytes.n);
        cr_assert(cb_str_eq(cb_buf_str(&b), pairs[i].text), "row %zu", i);

        uint8_t out[8];
        size_t n = 99;
        struct cb_err err = { 0 };
        cr_assert(!CB_FAILED(cb_base64url_decode(pairs[i].text, out, sizeof out, &n, &err)));
        cr_assert(cb_str_eq((struct cb_str){ (char *)out, n }, pairs[i].bytes), "row %zu", i);
    }
}

Test(base64url, every_length_comes_back)
{
    uint8_t in[64], out[64];
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)(i * 37 + 11);
    }
    for (size_t n = 0; n <= sizeof in; n++) {
        char text[CB_BASE64URL_LEN(64)];
        size_t back = 0;
        cb_base64url_encode(in, n, text);
        const struct cb_str s = { text, CB_BASE64URL_LEN(n) };
        cr_assert(!CB_FAILED(cb_base64url_decode(s, out, n, &back, NULL)), "length %zu", n);
        cr_assert(back == n && memcmp(in, out, n) == 0, "length %zu", n);
        cr_assert(n == 0 || CB_FAILED(cb_base64url_decode(s, out, n - 1, &back, NULL)), "one byte short");
    }
}

Test(base64url, refuses_every_other_form)
{
    static const struct cb_str bad[] = {
        CB_STR("A"),     CB_STR("AAAAA"), CB_STR("Zg=="), CB_STR("Zg="),   CB_STR("Zh"),   CB_STR("Zm9"),
        CB_STR("Zm9v "), CB_STR(" Zg"),   CB_STR("Z\ng"), CB_STR("+_-_"),  CB_STR("-/-_"), CB_STR("Zm9v\0"),
        CB_STR("Z\0"),   CB_STR("Zm.v"),  CB_STR("Zm9~"), CB_STR("\xc3g"), CB_STR("===="), CB_STR("="),
    };
    for (size_t i = 0; i < CB_COUNT(bad); i++) {
        uint8_t out[8];
        size_t n = 99;
        struct cb_err err = { 0 };
        cr_assert(CB_FAILED(cb_base64url_decode(bad[i], out, sizeof out, &n, &err)), "row %zu", i);
        cr_assert_eq(err.code, CB_E_BASE64URL, "row %zu", i);
        cr_assert_eq(n, 99, "outputs only on success");
    }
}

Test(base64url, every_last_character_is_canonical_or_refused)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t good = 0;
    for (size_t i = 0; i < 64; i++) {
        uint8_t out[8];
        size_t n = 0;
        good += CB_FAILED(
                    cb_base64url_decode((struct cb_str){ (char[]){ 'A', alphabet[i] }, 2 }, out, 8, &n, NULL))
                    ? 0
                    : 1;
    }
    cr_assert_eq(good, 4);
}

Test(base64url, standard_base64_needs_its_padding)
{
    static const struct {
        struct cb_str text;
        bool good;
    } rows[] = {
        { CB_STR(""), true },      { CB_STR("Zg=="), true },      { CB_STR("Zm8="), true },
        { CB_STR("+/+/"), true },  { CB_STR("Zg"), false },       { CB_STR("Zm8"), false },
        { CB_STR("Zg="), false },  { CB_STR("Zh=="), false },     { CB_STR("Z==="), false },
        { CB_STR("===="), false }, { CB_STR("-_-_"), false },     { CB_STR("Zg==\n"), false },
        { CB_STR("Zm=v"), false }, { CB_STR("Zg==Zg=="), false }, { CB_STR("Zm8=\0\0\0\0"), false },
    };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        uint8_t out[8];
        size_t n = 0;
        struct cb_err err = { 0 };
        cr_assert_eq(!CB_FAILED(cb_base64_decode(rows[i].text, out, sizeof out, &n, &err)), rows[i].good,
                     "row %zu", i);
        cr_assert_eq(err.code, rows[i].good ? CB_E_NONE : CB_E_BASE64URL, "row %zu", i);
    }
}
