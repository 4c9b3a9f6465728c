#include "jose/pool.h"

#include <stddef.h>

/* More threads than this may work at once; only so many contexts are kept when they have finished. */
enum { IDLE_MAX = 64 };

bool cb_pool_init(struct cb_pool *p, void (*free)(struct cb_pool_item *item))
{
    *p = (struct cb_pool){ .free = free };
    return pthread_mutex_init(&p->lock, NULL) == 0;
}

void cb_pool_done(struct cb_pool *p)
{
    for (struct cb_pool_item *i = p->idle, *next; i != NULL; i = next) {
        next = i->next;
        p->free(i);
    }
    (void)pthread_mutex_destroy(&p->lock);
}

struct cb_pool_item *cb_pool_take(struct cb_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
    struct cb_pool_item *item = p->idle;
    if (item != NULL) {
        p->idle = item->next;
        p->count--;
    }
    (void)pthread_mutex_unlock(&p->lock);
    return item;
}

void cb_pool_give(struct cb_pool *p, struct cb_pool_item *item)
{
    (void)pthread_mutex_lock(&p->lock);
    const bool keep = p->count < IDLE_MAX;
    if (keep) {
        item->next = p->idle;
        p->idle = item;
        p->count++;
    }
    (void)pthread_mutex_unlock(&p->lock);
    if (!keep) {
        p->free(item);
    }
}
