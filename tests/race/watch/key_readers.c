/* Several threads give work, wished for and not, while it is done and until all is stopped: each job is done
 * once or dropped at the stop, and none twice. */
#include "watch/key_readers.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { THREADS = 4, ADDED = 2000, ROUNDS = 5 };

static struct cb_key_readers *readers;
static atomic_int done, wished, wrong;

static void read_one(void *ctx, struct cb_str client_id, bool is_wished)
{
    (void)ctx;
    atomic_fetch_add(is_wished ? &wished : &done, 1);
    atomic_fetch_add(&wrong, cb_str_is(client_id, is_wished ? "wished" : "other") ? 0 : 1);
    if (client_id.n > 0 && atomic_load(&done) % 64 == 0) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000L }, NULL);
    }
}

static void *add(void *argument)
{
    for (int i = 0; i < ADDED; i++) {
        cb_key_readers_add(readers, i % 2 == 0 ? CB_STR("wished") : CB_STR("other"), i % 2 == 0);
        (void)cb_key_readers_are_busy(readers);
    }
    return argument;
}

static bool run_once(bool wait)
{
    pthread_t threads[THREADS];
    const struct cb_key_reader reader = { .read = read_one };
    atomic_store(&done, 0);
    atomic_store(&wished, 0);
    if (CB_FAILED(cb_key_readers_new(&reader, &readers, NULL))) {
        return false;
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, add, NULL) != 0) {
            return false;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    while (wait && cb_key_readers_are_busy(readers)) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000L }, NULL);
    }
    cb_key_readers_stop(readers);
    const int most = THREADS * ADDED / 2;
    return atomic_load(&done) <= most && atomic_load(&wished) <= most &&
           (!wait || atomic_load(&done) == most);
}

int main(void)
{
    bool good = true;
    for (int i = 0; i < ROUNDS && good; i++) {
        good = run_once(i % 2 == 0);
    }
    (void)printf("%d wrong\n", atomic_load(&wrong));
    return good && atomic_load(&wrong) == 0 ? 0 : 1;
}
