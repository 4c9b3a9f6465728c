/* Following the registry. */
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "place.h"

TestSuite(wait, .init = place_migrated, .fini = place_done);

static bool wait_for(int64_t known, int timeout_ms, int64_t *out_ms)
{
    bool changed = false;
    const int64_t began = cb_clock_monotonic_ms();
    MUST(cb_store_wait_change(store, known, timeout_ms, &changed, &err));
    *out_ms = cb_clock_monotonic_ms() - began;
    return changed;
}

/* A process of its own that adds a client a little later. */
static pid_t add_later(unsigned delay_ms)
{
    const pid_t child = fork();
    if (child == 0) {
        struct cb_store *s = NULL;
        struct cb_err e = { 0 };
        const struct cb_client_record c = client_of("later");
        (void)usleep(delay_ms * 1000);
        _exit(CB_FAILED(cb_store_open(place, &s, &e)) || CB_FAILED(cb_store_client_add(s, &c, &e)));
    }
    return child;
}

Test(wait, says_at_once_what_is_different_already)
{
    int64_t ms = 0;
    cr_expect(wait_for(generation() - 1, 5000, &ms));
    cr_expect(wait_for(generation() + 1, 5000, &ms));
    cr_expect_lt(ms, 1000);
}

Test(wait, lasts_as_long_as_it_was_told)
{
    int64_t ms = 0;
    cr_expect_not(wait_for(generation(), 0, &ms));
    cr_expect_lt(ms, 1000);
    cr_expect_not(wait_for(generation(), 350, &ms));
    cr_expect(ms >= 350 && ms < 1500, "%lld ms", (long long)ms);
}

Test(wait, sees_what_another_process_does_within_a_second)
{
    int64_t ms = 0;
    const int64_t known = generation();
    const pid_t child = add_later(300);
    cr_expect(wait_for(known, 10000, &ms));
    cr_expect(ms < 1300, "%lld ms", (long long)ms);
    int status = 1;
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect_eq(status, 0);
    cr_expect_not(wait_for(generation(), 100, &ms), "and only once");
}

Test(wait, sees_what_happened_between_two_waits)
{
    int64_t ms = 0;
    const int64_t known = generation();
    cr_expect_not(wait_for(known, 10, &ms));
    const struct cb_client_record c = client_of("a");
    MUST(cb_store_client_add(store, &c, &err));
    cr_expect(wait_for(known, 5000, &ms));
    cr_expect_lt(ms, 1000);
}

Test(wait, does_not_take_a_change_elsewhere_for_one)
{
    int64_t ms = 0;
    const int64_t known = generation();
    cr_expect_not(wait_for(known, 10, &ms));
    place_do("CREATE TABLE of_somebody_else (x INTEGER)");
    cr_expect_not(wait_for(known, 300, &ms));
}

struct background {
    bool changed;
    bool failed;
    int64_t known;
};

static void *wait_long(void *p)
{
    struct background *b = p;
    b->failed = CB_FAILED(cb_store_wait_change(store, b->known, 20000, &b->changed, NULL));
    return NULL;
}

Test(wait, is_ended_by_a_wake_up_and_holds_up_nobody)
{
    pthread_t thread;
    struct background b = { .known = generation(), .changed = true };
    const int64_t began = cb_clock_monotonic_ms();
    cr_assert_eq(pthread_create(&thread, NULL, wait_long, &b), 0);
    (void)usleep(300 * 1000);
    for (int i = 0; i < 5; i++) {
        MUST(cb_store_check_schema(store, &err));
    }
    cb_store_wake(store);
    (void)pthread_join(thread, NULL);
    cr_expect_lt(cb_clock_monotonic_ms() - began, 2000);
    cr_expect(!b.failed && !b.changed);
}

Test(wait, a_wake_up_before_it_counts_once)
{
    int64_t ms = 0;
    cb_store_wake(store);
    cb_store_wake(store);
    cr_expect_not(wait_for(generation(), 5000, &ms));
    cr_expect_lt(ms, 1000);
    cr_expect_not(wait_for(generation(), 300, &ms));
    cr_expect_geq(ms, 300);
}
