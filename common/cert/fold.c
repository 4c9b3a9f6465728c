#include "cert/fold.h"

#include <stdint.h>

#include "base/utf8.h"

struct range {
    uint32_t first, last;
};

/* RFC 4518 section 2.2: what counts as a space, */
static const struct range spaces[] = {
    { ' ', ' ' },       { 0xa0, 0xa0 },     { 0x1680, 0x1680 }, { 0x2000, 0x200a },
    { 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f }, { 0x3000, 0x3000 },
};

/* and what counts as nothing: hyphens, joiners and marks that no reader sees. */
static const struct range nothing[] = {
    { 0xad, 0xad },     { 0x34f, 0x34f },     { 0x6dd, 0x6dd },     { 0x70f, 0x70f },
    { 0x1806, 0x1806 }, { 0x180b, 0x180e },   { 0x200b, 0x200f },   { 0x202a, 0x202e },
    { 0x2060, 0x2063 }, { 0x206a, 0x206f },   { 0xfe00, 0xfe0f },   { 0xfeff, 0xfeff },
    { 0xfff9, 0xfffc }, { 0x1d173, 0x1d17a }, { 0xe0001, 0xe0001 }, { 0xe0020, 0xe007f },
};

/* Unicode's simple case folding where it is regular: from `first` to `last`, every `step`-th letter is
 * capital and its small one stands `distance` behind. No fold here changes the length in UTF-8. */
static const struct {
    uint16_t first, last, step, distance;
} capitals[] = {
    { 0xc0, 0xd6, 1, 32 },   { 0xd8, 0xde, 1, 32 },   { 0x100, 0x12e, 2, 1 },  { 0x132, 0x136, 2, 1 },
    { 0x139, 0x147, 2, 1 },  { 0x14a, 0x176, 2, 1 },  { 0x179, 0x17d, 2, 1 },  { 0x218, 0x21a, 2, 1 },
    { 0x386, 0x386, 1, 38 }, { 0x388, 0x38a, 1, 37 }, { 0x38c, 0x38c, 1, 64 }, { 0x38e, 0x38f, 1, 63 },
    { 0x391, 0x3a1, 1, 32 }, { 0x3a3, 0x3ab, 1, 32 }, { 0x3c2, 0x3c2, 1, 1 },  { 0x400, 0x40f, 1, 80 },
    { 0x410, 0x42f, 1, 32 }, { 0x460, 0x480, 2, 1 },  { 0x48a, 0x4be, 2, 1 },  { 0x4d0, 0x52e, 2, 1 },
};

/* The ranges are sorted. */
static bool is_among(const struct range *ranges, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count && c >= ranges[i].first; i++) {
        if (c <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static uint32_t small_of(uint32_t c)
{
    if (c < 0x80) {
        return cb_ascii_lower((unsigned char)c);
    }
    for (size_t i = 0; i < CB_COUNT(capitals); i++) {
        if (c >= capitals[i].first && c <= capitals[i].last &&
            (c - capitals[i].first) % capitals[i].step == 0) {
            return c + capitals[i].distance;
        }
    }
    return c;
}

static uint32_t code_point(const char *utf8, size_t n)
{
    const unsigned char *p = (const unsigned char *)utf8;
    uint32_t c = n == 1 ? p[0] : p[0] & (0x7fU >> n);
    for (size_t i = 1; i < n; i++) {
        c = c << 6 | (p[i] & 0x3fU);
    }
    return c;
}

/* A letter has its small one in as many bytes; those of three and four are the small ones already. */
static void put(uint32_t c, const char *from, size_t n, char *out)
{
    const uint32_t small = small_of(c);
    memcpy(out, from, n);
    if (n == 1) {
        out[0] = (char)small;
    } else if (n == 2) {
        out[0] = (char)(0xc0 | small >> 6);
        out[1] = (char)(0x80 | (small & 0x3f));
    }
}

struct cb_str cb_fold(struct cb_arena *a, struct cb_str utf8)
{
    char *out = cb_arena_alloc(a, utf8.n);
    size_t n = 0;
    bool gap = false; /* a space counts when something follows it */
    for (size_t i = 0, step = 0; out != NULL && i < utf8.n; i += step) {
        const struct cb_str rest = { utf8.p + i, utf8.n - i };
        step = cb_utf8_sequence(rest);
        if (step == 0) {
            break; /* not UTF-8: the caller's check forgot it */
        }
        const uint32_t c = code_point(rest.p, step);
        if (is_among(spaces, CB_COUNT(spaces), c)) {
            gap = n > 0;
        } else if (!is_among(nothing, CB_COUNT(nothing), c)) {
            if (gap) {
                out[n++] = ' ';
            }
            put(c, rest.p, step, out + n);
            n += step;
            gap = false;
        }
    }
    return (struct cb_str){ out, n };
}
