#include "cert/name.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/utf8.h"
#include "cert/attributes.h"
#include "cert/fold.h"
#include "cert/name_parts.h"
#include "cert/x5t.h"

/* --- building --- */

/* No control character, be it C0, DEL or C1, which is 0xc2 and another byte in UTF-8. */
static bool is_plain_text(struct cb_str s)
{
    const unsigned char *p = (const unsigned char *)s.p;
    for (size_t i = 0; i < s.n; i++) {
        if (p[i] < 0x20 || p[i] == 0x7f || (p[i] == 0xc2 && i + 1 < s.n && p[i + 1] < 0xa0)) {
            return false;
        }
    }
    return s.n > 0 && cb_utf8_valid(s);
}

cb_status cb_name_add(struct cb_name_builder *b, struct cb_str oid, struct cb_str value, bool opaque,
                      bool starts_rdn, struct cb_err *err)
{
    CB_ENSURE(b->count < CB_LIMIT_RDN_PAIRS, CB_E_DN, "the name holds more than %d values",
              CB_LIMIT_RDN_PAIRS);
    CB_ENSURE(is_plain_text(value), CB_E_DN, "value %zu is empty, not UTF-8, or holds a control character",
              b->count + 1);
    const bool folds = !opaque && cb_attribute_by_oid(oid) != NULL;
    struct cb_ava ava = { .oid = cb_arena_str(b->arena, oid),
                          .value = cb_arena_str(b->arena, value),
                          .opaque = opaque };
    ava.folded = folds ? cb_fold(b->arena, value) : ava.value;
    CB_ENSURE(ava.oid.p != NULL && ava.value.p != NULL && ava.folded.p != NULL, CB_E_MEMORY, "name");
    CB_ENSURE(ava.folded.n > 0, CB_E_DN, "value %zu holds nothing that is seen", b->count + 1);
    b->starts_rdn[b->count] = starts_rdn || b->count == 0;
    b->avas[b->count++] = ava;
    return CB_OK;
}

static int ava_order(const void *pa, const void *pb)
{
    const struct cb_ava *a = pa, *b = pb;
    const int by_oid = cb_str_order(a->oid, b->oid);
    const int by_value = cb_str_order(a->folded, b->folded);
    return by_oid != 0 ? by_oid : by_value != 0 ? by_value : a->opaque - b->opaque;
}

cb_status cb_name_seal(const struct cb_name_builder *b, bool reverse, const struct cb_name **out,
                       struct cb_err *err)
{
    CB_ENSURE(b->count > 0, CB_E_DN, "the name is empty");
    struct cb_name *name = cb_arena_alloc(b->arena, sizeof *name);
    struct cb_rdn *rdns = cb_arena_array(b->arena, b->count, sizeof *rdns);
    struct cb_ava *avas = cb_arena_array(b->arena, b->count, sizeof *avas);
    CB_ENSURE(name != NULL && rdns != NULL && avas != NULL, CB_E_MEMORY, "name");
    memcpy(avas, b->avas, b->count * sizeof *avas);

    size_t count = 0;
    for (size_t i = 0; i < b->count; i++) {
        count += b->starts_rdn[i];
    }
    size_t at = 0; /* in the order added */
    for (size_t i = 0; i < b->count; i++) {
        at += b->starts_rdn[i];
        struct cb_rdn *rdn = &rdns[reverse ? count - at : at - 1];
        rdn->avas = rdn->count == 0 ? &avas[i] : rdn->avas;
        rdn->count++;
    }
    for (size_t i = 0; i < count; i++) {
        qsort(rdns[i].avas, rdns[i].count, sizeof rdns[i].avas[0], ava_order);
    }
    *name = (struct cb_name){ .rdns = rdns, .count = count };
    *out = name;
    return CB_OK;
}

/* --- comparing --- */

static bool rdn_eq(const struct cb_rdn *a, const struct cb_rdn *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        const struct cb_ava *x = &a->avas[i], *y = &b->avas[i];
        same = cb_str_eq(x->oid, y->oid) && x->opaque == y->opaque && cb_str_eq(x->folded, y->folded);
    }
    return same;
}

bool cb_name_eq(const struct cb_name *a, const struct cb_name *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = rdn_eq(&a->rdns[i], &b->rdns[i]);
    }
    return same;
}

cb_status cb_name_hash(const struct cb_name *name, uint8_t out[32], struct cb_err *err)
{
    struct cb_x5t digest = { 0 };
    struct cb_buf b CB_AUTO(cb_buf_done);
    cb_buf_init(&b, CB_LIMIT_NAME_TEXT);
    for (size_t i = 0; i < name->count; i++) {
        cb_buf_add_fmt(&b, "%zu(", name->rdns[i].count);
        for (size_t k = 0; k < name->rdns[i].count; k++) {
            const struct cb_ava *ava = &name->rdns[i].avas[k];
            cb_buf_add_str(&b, ava->oid);
            cb_buf_add_fmt(&b, "%c%zu:", ava->opaque ? '#' : '=', ava->folded.n);
            cb_buf_add_str(&b, ava->folded);
        }
    }
    CB_TRY(cb_buf_check(&b, err));
    CB_TRY(cb_x5t_of(cb_buf_str(&b), &digest, err));
    memcpy(out, digest.b, sizeof digest.b);
    return CB_OK;
}

size_t cb_name_values(const struct cb_name *name, const char *oid, struct cb_str *out_first)
{
    size_t found = 0;
    for (size_t i = 0; i < name->count; i++) {
        for (size_t k = 0; k < name->rdns[i].count; k++) {
            const struct cb_ava *ava = &name->rdns[i].avas[k];
            if (ava->opaque || !cb_str_is(ava->oid, oid)) {
                continue;
            }
            *out_first = found == 0 ? ava->value : *out_first;
            found++;
        }
    }
    return found;
}

/* --- printing: RFC 4514 section 2 --- */

static void print_value(struct cb_str value, struct cb_buf *out)
{
    for (size_t i = 0; i < value.n; i++) {
        const char c = value.p[i];
        const bool at_start = i == 0 && (c == '#' || c == ' ');
        const bool at_end = i + 1 == value.n && c == ' ';
        if (at_start || at_end || memchr("\"+,;<>\\=", c, 8) != NULL) {
            cb_buf_add_char(out, '\\');
        }
        cb_buf_add_char(out, c);
    }
}

static void print_rdn(const struct cb_rdn *rdn, struct cb_buf *out)
{
    for (size_t i = 0; i < rdn->count; i++) {
        const struct cb_ava *ava = &rdn->avas[i];
        const struct cb_attribute *known = cb_attribute_by_oid(ava->oid);
        cb_buf_add_cstr(out, i > 0 ? "+" : "");
        cb_buf_add_str(out, known != NULL && known->rfc4514 != NULL ? cb_str_of(known->rfc4514) : ava->oid);
        cb_buf_add_char(out, '=');
        if (ava->opaque) {
            cb_buf_add_str(out, ava->value);
        } else {
            print_value(ava->value, out);
        }
    }
}

void cb_name_print(const struct cb_name *name, struct cb_buf *out)
{
    for (size_t i = name->count; i > 0; i--) {
        print_rdn(&name->rdns[i - 1], out);
        cb_buf_add_cstr(out, i > 1 ? "," : "");
    }
}

/* --- explaining --- */

enum { EXPLAINED_MAX = 72 }; /* bytes of one RDN, so that both fit into one line of the log */

static void explain_rdn(const struct cb_rdn *rdn, struct cb_buf *out)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_LIMIT_NAME_TEXT);
    print_rdn(rdn, &text);
    size_t n = text.n;
    if (n > EXPLAINED_MAX) {
        for (n = EXPLAINED_MAX; n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80; n--) {
        }
    }
    cb_buf_add(out, text.p, n);
    cb_buf_add_cstr(out, n < text.n ? "..." : "");
}

/* The RDNs of a name that the other does not hold, each RDN standing for one. */
static void mark_unmatched(const struct cb_name *a, const struct cb_name *b,
                           bool unmatched[CB_LIMIT_RDN_PAIRS])
{
    bool taken[CB_LIMIT_RDN_PAIRS] = { false };
    for (size_t i = 0; i < a->count; i++) {
        size_t k = 0;
        while (k < b->count && (taken[k] || !rdn_eq(&a->rdns[i], &b->rdns[k]))) {
            k++;
        }
        unmatched[i] = k == b->count;
        if (k < b->count) {
            taken[k] = true;
        }
    }
}

static bool is_reverse(const struct cb_name *a, const struct cb_name *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++) {
        same = rdn_eq(&a->rdns[i], &b->rdns[a->count - 1 - i]);
    }
    return same;
}

/* The RDN that is printed as number `at`; NULL when the name is shorter, or the other name holds it too. */
static const struct cb_rdn *unmatched_at(const struct cb_name *name, const bool *unmatched, size_t at)
{
    const size_t i = name->count - at; /* the first one printed is the last of the DER */
    return at <= name->count && unmatched[i] ? &name->rdns[i] : NULL;
}

static void explain_difference(size_t at, const struct cb_rdn *registered, const struct cb_rdn *presented,
                               struct cb_buf *out)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_LIMIT_NAME_TEXT);
    cb_buf_add_fmt(&text, "%sRDN %zu: ", out->n > 0 ? "; " : "", at);
    if (registered != NULL) {
        cb_buf_add_cstr(&text, "registered ");
        explain_rdn(registered, &text);
        cb_buf_add_cstr(&text, presented == NULL ? ", not in the certificate" : ", ");
    }
    if (presented != NULL) {
        cb_buf_add_cstr(&text, "certificate ");
        explain_rdn(presented, &text);
        cb_buf_add_cstr(&text, registered == NULL ? ", not registered" : "");
    }
    if (text.n <= out->max - out->n) {
        cb_buf_add_str(out, cb_buf_str(&text));
    }
}

void cb_name_explain(const struct cb_name *registered, const struct cb_name *presented, struct cb_buf *out)
{
    bool more[CB_LIMIT_RDN_PAIRS], other[CB_LIMIT_RDN_PAIRS];
    if (cb_name_eq(registered, presented)) {
        return;
    }
    mark_unmatched(registered, presented, more);
    mark_unmatched(presented, registered, other);
    const size_t longer = registered->count > presented->count ? registered->count : presented->count;
    const size_t before = out->n;
    for (size_t at = 1; at <= longer; at++) {
        const struct cb_rdn *r = unmatched_at(registered, more, at), *p = unmatched_at(presented, other, at);
        if (r != NULL || p != NULL) {
            explain_difference(at, r, p, out);
        }
    }
    if (out->n == before) {
        cb_buf_add_fmt(out, "the registered name has the certificate's RDNs in %s order",
                       is_reverse(registered, presented) ? "reverse" : "another");
    }
}

struct cb_name_likeness cb_name_compare(const struct cb_name *a, const struct cb_name *b,
                                        const struct cb_name *common)
{
    static const struct cb_name nothing = { .count = 0 };
    bool not_in_b[CB_LIMIT_RDN_PAIRS], telling[CB_LIMIT_RDN_PAIRS];
    struct cb_name_likeness l = { .differ = a->count > b->count ? a->count : b->count };
    mark_unmatched(a, b, not_in_b);
    mark_unmatched(a, common != NULL ? common : &nothing, telling);
    for (size_t i = 0; i < a->count; i++) {
        l.differ -= !not_in_b[i];
        l.same += !not_in_b[i] && telling[i];
    }
    return l;
}
