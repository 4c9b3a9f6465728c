/* Target functions: cb_name_from_text, cb_name_print, cb_name_eq, cb_name_hash. */
#include <stdlib.h>
#include <string.h>

#include "cert/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cb_arena a;
    const struct cb_name *name = NULL, *back = NULL;
    cb_arena_init(&a, 1 << 20);
    if (!CB_FAILED(cb_name_from_text(&a, (struct cb_str){ (const char *)data, size }, &name, NULL))) {
        struct cb_buf text;
        uint8_t one[32], two[32];
        cb_buf_init(&text, 1 << 16);
        cb_name_print(name, &text);
        /* What is printed may be longer than what may be read. */
        if (!CB_FAILED(cb_name_from_text(&a, cb_buf_str(&text), &back, NULL))) {
            if (!cb_name_eq(name, back) || CB_FAILED(cb_name_hash(name, one, NULL)) ||
                CB_FAILED(cb_name_hash(back, two, NULL)) || memcmp(one, two, sizeof one) != 0) {
                abort();
            }
        } else if (text.n <= 1024) {
            abort();
        }
        cb_buf_done(&text);
    }
    cb_arena_done(&a);
    return 0;
}
