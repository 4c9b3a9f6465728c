/* The configuration file. What is accepted must print as a file that means the same; what is refused must say
 * why, one problem a line. */
#include <stdlib.h>

#include "base/limits.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool parse(struct cb_arena *a, struct cb_str text, struct cb_config **out, struct cb_buf *problems)
{
    struct cb_err err = { 0 };
    const bool ok = !CB_FAILED(cb_config_parse(a, "f", text, out, problems, &err));
    if (!ok && err.code != CB_E_MEMORY && (err.code != CB_E_CONFIG || problems->n == 0)) {
        abort();
    }
    if (problems->n > 0 && (problems->failed || problems->p[problems->n - 1] != '\n')) {
        abort();
    }
    return ok;
}

static void print_and_read(const struct cb_config *c, struct cb_buf *out)
{
    struct cb_arena a;
    struct cb_config *again = NULL;
    struct cb_buf problems, second;
    cb_arena_init(&a, 16 * CB_MIB);
    cb_buf_init(&problems, CB_MIB);
    cb_buf_init(&second, 16 * CB_MIB);
    cb_config_print(c, false, out);
    if (!parse(&a, cb_buf_str(out), &again, &problems)) {
        abort();
    }
    cb_config_print(again, false, &second);
    if (out->failed || second.failed || !cb_str_eq(cb_buf_str(out), cb_buf_str(&second))) {
        abort();
    }
    cb_buf_done(&problems);
    cb_buf_done(&second);
    cb_arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    struct cb_config *c = NULL;
    struct cb_buf problems, printed;
    cb_arena_init(&a, 4 * CB_MIB);
    cb_buf_init(&problems, CB_MIB);
    cb_buf_init(&printed, 16 * CB_MIB);
    if (parse(&a, (struct cb_str){ (const char *)data, size }, &c, &problems)) {
        print_and_read(c, &printed);
    }
    cb_buf_done(&problems);
    cb_buf_done(&printed);
    cb_arena_done(&a);
    return 0;
}
