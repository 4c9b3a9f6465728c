#include "watch/key_readers.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <time.h>

/* Clients called s... stall until they are let go. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool let_go;
    int stalled, read, wished;
} world = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void read_one(void *ctx, struct cb_str client_id, bool wished)
{
    (void)ctx;
    (void)pthread_mutex_lock(&world.lock);
    if (client_id.p[0] == 's') {
        world.stalled++;
        (void)pthread_cond_broadcast(&world.changed);
        while (!world.let_go) {
            (void)pthread_cond_wait(&world.changed, &world.lock);
        }
    }
    world.read += wished ? 0 : 1;
    world.wished += wished ? 1 : 0;
    (void)pthread_cond_broadcast(&world.changed);
    (void)pthread_mutex_unlock(&world.lock);
}

/* Fails the test when it does not come. */
static void until(const int *what, int n)
{
    struct timespec end;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += 10;
    int rc = 0;
    (void)pthread_mutex_lock(&world.lock);
    while (*what < n && rc == 0) {
        rc = pthread_cond_timedwait(&world.changed, &world.lock, &end);
    }
    const int got = *what;
    (void)pthread_mutex_unlock(&world.lock);
    cr_assert_eq(got, n);
}

static void let_go(void)
{
    (void)pthread_mutex_lock(&world.lock);
    world.let_go = true;
    (void)pthread_cond_broadcast(&world.changed);
    (void)pthread_mutex_unlock(&world.lock);
}

static struct cb_key_readers *readers(void)
{
    struct cb_key_readers *r = NULL;
    cr_assert_not(CB_FAILED(cb_key_readers_new(&(struct cb_key_reader){ .read = read_one }, &r, NULL)));
    cr_expect_not(cb_key_readers_are_busy(r));
    return r;
}

static void add(struct cb_key_readers *r, const char *client_id, int times)
{
    for (int i = 0; i < times; i++) {
        cb_key_readers_add(r, cb_str_of(client_id), false);
    }
}

Test(key_readers, read_a_thousand_while_six_stall)
{
    struct cb_key_readers *r = readers();
    add(r, "stalls", 6);
    add(r, "good", 1000);
    until(&world.read, 1000);
    cr_expect_eq(world.stalled, 6);
    cr_expect(cb_key_readers_are_busy(r));
    let_go();
    until(&world.read, 1006);
    cb_key_readers_stop(r);
}

Test(key_readers, read_what_is_wished_for_while_all_others_stall)
{
    struct cb_key_readers *r = readers();
    add(r, "stalls", 20);
    until(&world.stalled, 7);
    add(r, "good", 1);
    cb_key_readers_add(r, CB_STR("wished"), true);
    cb_key_readers_add(r, CB_STR("wished"), true);
    until(&world.wished, 2);
    cr_expect_eq(world.read, 0);
    let_go();
    until(&world.read, 21);
    cb_key_readers_stop(r);
}

static void *stop(void *readers_to_stop)
{
    cb_key_readers_stop(readers_to_stop);
    return NULL;
}

Test(key_readers, drop_what_is_left_at_the_stop)
{
    struct cb_key_readers *r = readers();
    add(r, "stalls", 20);
    until(&world.stalled, 7);
    pthread_t stopper;
    cr_assert_eq(pthread_create(&stopper, NULL, stop, r), 0);
    const struct timespec pause = { .tv_nsec = 50 * 1000000L };
    (void)nanosleep(&pause, NULL);
    let_go();
    (void)pthread_join(stopper, NULL);
    cr_expect_eq(world.read, 7);
}

Test(key_readers, start_nothing_for_nothing)
{
    cb_key_readers_stop(readers());
    cb_key_readers_stop(NULL);
}
