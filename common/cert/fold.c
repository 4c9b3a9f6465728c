#include "cert/fold.h"

#include <stdint.h>

#include "base/utf8.h"

/* Unicode's simple case folding where it is regular: from `first` to `last`, every `step`-th letter is
 * capital and its small one stands `distance` behind. No fold here changes the length in UTF-8. */
static const struct {
    uint16_t first, last, step, distance;
} capitals[] = {
    { 0xc0, 0xd6, 1, 32 },   { 0xd8, 0xde, 1, 32 },   { 0x100, 0x12e, 2, 1 },  { 0x132, 0x136, 2, 1 },
    { 0x139, 0x147, 2, 1 },  { 0x14a, 0x176, 2, 1 },  { 0x179, 0x17d, 2, 1 },  { 0x391, 0x3a1, 1, 32 },
    { 0x3a3, 0x3a9, 1, 32 }, { 0x400, 0x40f, 1, 80 }, { 0x410, 0x42f, 1, 32 },
};

static uint32_t small_of(uint32_t c)
{
    for (size_t i = 0; i < CB_COUNT(capitals); i++) {
        if (c >= capitals[i].first && c <= capitals[i].last &&
            (c - capitals[i].first) % capitals[i].step == 0) {
            return c + capitals[i].distance;
        }
    }
    return c;
}

static size_t fold_one(struct cb_str s, char *out)
{
    const unsigned char *p = (const unsigned char *)s.p;
    const size_t n = cb_utf8_sequence(s);
    if (n == 1) {
        out[0] = (char)cb_ascii_lower(p[0]);
    } else if (n == 2) {
        const uint32_t c = small_of((p[0] & 0x1fU) << 6 | (p[1] & 0x3fU));
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
    } else {
        memcpy(out, p, n);
    }
    return n;
}

struct cb_str cb_fold(struct cb_arena *a, struct cb_str utf8)
{
    char *out = cb_arena_alloc(a, utf8.n);
    size_t n = 0;
    for (size_t i = 0; out != NULL && i < utf8.n;) {
        const struct cb_str rest = { utf8.p + i, utf8.n - i };
        if (rest.p[0] == ' ') {
            if (n > 0 && out[n - 1] != ' ') {
                out[n++] = ' ';
            }
            i++;
            continue;
        }
        const size_t step = fold_one(rest, out + n);
        n += step;
        i += step;
        if (step == 0) {
            break; /* not UTF-8: the caller's check forgot it */
        }
    }
    while (n > 0 && out[n - 1] == ' ') {
        n--;
    }
    return (struct cb_str){ out, n };
}
