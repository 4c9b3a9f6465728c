#include <criterion/criterion.h>
#include <stdio.h>

#include "base/limits.h"
#include "bench.h"
#include "jose/jwk.h"

/* A JWK set with one fresh key. */
static void write_jwks(const char *path)
{
    struct cb_sign_key *key = NULL;
    struct cb_err err = { 0 };
    struct cb_buf text;
    cb_buf_init(&text, CB_MIB);
    cr_assert_not(CB_FAILED(cb_sign_key_generate(CB_ALG_ES256, &key, &err)));
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    cr_assert_not(CB_FAILED(cb_jwk_write(key, CB_STR("k"), &j, &err)));
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    FILE *f = fopen(path, "w");
    fwrite(text.p, 1, text.n, f);
    fclose(f);
    cb_sign_key_free(key);
    cb_buf_done(&text);
}

Test(verify, refuses_with_the_librarys_word)
{
    static const struct {
        const char *token, *word;
    } tokens[] = {
        { "x", "token_malformed" },
        { "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiayJ9.e30.", "alg_refused" },
        { "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0Iiwia2lkIjoiayJ9.e30.AAAA", "alg_refused" },
    };
    struct bench b;
    bench_open(&b);
    char cert[128], jwks[128];
    bench_path(&b, "partner-a.pem", cert);
    bench_path(&b, "jwks.json", jwks);
    write_jwks(jwks);
    for (size_t i = 0; i < CB_COUNT(tokens); i++) {
        run_done(&b.r);
        RUN_COMMAND(&b.r, "verify", "--token", tokens[i].token, "--cert", cert, "--issuer", "https://a",
                    "--audience", "https://b", "--jwks", jwks, "--json");
        cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
        cr_expect_not_null(strstr(b.r.out, tokens[i].word), "%s", b.r.out);
        cr_expect_not_null(strstr(b.r.err, tokens[i].word), "%s", b.r.err);
    }
    bench_close(&b);
}

Test(verify, says_which_input_is_bad)
{
    struct bench b;
    bench_open(&b);
    char cert[128];
    bench_path(&b, "partner-a.pem", cert);
    RUN_COMMAND(&b.r, "verify", "--token", "x", "--cert", cert, "--issuer", "https://a", "--audience",
                "https://b", "--jwks", b.config);
    cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
    cr_expect_not_null(strstr(b.r.err, "the JWK set is not accepted"), "%s", b.r.err);
    run_done(&b.r);
    RUN_COMMAND(&b.r, "verify", "--token", "x", "--cert", b.config, "--issuer", "https://a", "--audience",
                "https://b", "--jwks", b.config);
    cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
    run_done(&b.r);
    RUN_COMMAND(&b.r, "verify", "--token", "x", "--cert", cert, "--issuer", "https://127.0.0.1:1",
                "--audience", "x");
    cr_expect_eq(b.r.status, CB_EXIT_REFUSED);
    bench_close(&b);
}
