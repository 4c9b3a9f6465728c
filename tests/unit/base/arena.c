#include "base/arena.h"

#include <criterion/criterion.h>
#include <stdint.h>

#include "base/ct.h"

Test(arena, gives_zeroed_memory_up_to_its_bound_and_not_beyond)
{
    struct cb_arena a;
    cb_arena_init(&a, 64);
    unsigned char *p = cb_arena_alloc(&a, 64);
    cr_assert_not_null(p);
    for (int i = 0; i < 64; i++) {
        cr_assert_eq(p[i], 0);
    }
    cr_assert_null(cb_arena_alloc(&a, 1));
    cb_arena_reset(&a);
    cr_assert_null(cb_arena_alloc(&a, 65));
    cr_assert_not_null(cb_arena_alloc(&a, 64));
    cb_arena_done(&a);
}

Test(arena, aligns_every_allocation)
{
    struct cb_arena a;
    cb_arena_init(&a, 4096);
    for (size_t n = 1; n < 20; n++) {
        cr_assert_eq((uintptr_t)cb_arena_alloc(&a, n) % _Alignof(max_align_t), 0);
    }
    cb_arena_done(&a);
}

Test(arena, serves_what_is_larger_than_a_chunk)
{
    struct cb_arena a;
    cb_arena_init(&a, 1 << 20);
    char *p = cb_arena_alloc(&a, 100000);
    cr_assert_not_null(p);
    p[99999] = 'x';
    cr_assert_not_null(cb_arena_alloc(&a, 1));
    cb_arena_done(&a);
}

Test(arena, refuses_sizes_that_overflow)
{
    struct cb_arena a;
    cb_arena_init(&a, SIZE_MAX);
    cr_assert_null(cb_arena_alloc(&a, SIZE_MAX));
    cr_assert_null(cb_arena_array(&a, SIZE_MAX / 2, 3));
    cr_assert_null(cb_arena_cstr(&a, (struct cb_str){ "", SIZE_MAX }));
    cb_arena_done(&a);
}

Test(arena, hands_out_wiped_memory_after_a_reset)
{
    struct cb_arena a;
    cb_arena_init(&a, 4096);
    char *secret = cb_arena_cstr(&a, CB_STR("secret"));
    cr_assert_str_eq(secret, "secret");
    cb_arena_reset(&a);
    char *again = cb_arena_alloc(&a, 8);
    cr_assert_eq(again, secret, "the chunk is kept");
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(again[i], 0);
    }
    cb_arena_done(&a);
}

Test(arena, is_empty_when_zeroed)
{
    struct cb_arena a = { 0 };
    cr_assert_null(cb_arena_alloc(&a, 1));
    cb_arena_done(&a);
}

static char order[4];

static void note(void *p)
{
    order[strlen(order)] = *(const char *)p;
}

Test(arena, runs_what_was_deferred_in_reverse_order_once)
{
    char letters[] = "abc";
    struct cb_arena a;
    cb_arena_init(&a, 200);
    cr_assert(cb_arena_defer(&a, note, letters));
    cr_assert(cb_arena_defer(&a, note, letters + 1));
    cb_arena_reset(&a);
    cb_arena_done(&a);
    cr_assert_str_eq(order, "ba");
}

Test(arena, runs_at_once_what_it_cannot_defer)
{
    char letter[] = "c";
    struct cb_arena a = { 0 };
    cr_assert_not(cb_arena_defer(&a, note, letter));
    cr_assert_str_eq(order, "c");
}

Test(arena, joins_words)
{
    const struct cb_str words[] = { CB_STR("a"), CB_STR("bc"), CB_STR("d") };
    struct cb_arena a, small;
    cb_arena_init(&a, 1024);
    cr_expect(cb_str_is(cb_arena_join(&a, words, 3), "a bc d"));
    cr_expect(cb_str_is(cb_arena_join(&a, words, 1), "a"));
    const struct cb_str none = cb_arena_join(&a, NULL, 0);
    cr_expect(none.p != NULL && none.n == 0);
    cb_arena_init(&small, 4);
    cr_expect_null(cb_arena_join(&small, words, 3).p);
    cb_arena_done(&small);
    cb_arena_done(&a);
}

Test(ct, compares_length_before_bytes)
{
    cr_assert(cb_ct_eq("abc", 3, "abc", 3));
    cr_assert_not(cb_ct_eq("abc", 3, "abd", 3));
    cr_assert_not(cb_ct_eq("abc", 3, "abc", 2));
    cr_assert(cb_ct_eq("", 0, "", 0));
}

Test(ct, wipes)
{
    char b[4] = "abc";
    cb_wipe(b, sizeof b);
    cr_assert(cb_ct_eq(b, 4, "\0\0\0\0", 4));
    cb_wipe(NULL, 0);
}
