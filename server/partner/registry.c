#include "partner/registry.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/random.h"

enum { FIRST_SLOTS = 64 };
#define REGISTRY_ARENA ((size_t)1 << 31)

/* Open addressing over a power of two of slots, at most half full. The slots hold places in `clients` plus
 * one. */
struct cb_registry {
    atomic_size_t references;
    struct cb_arena arena;
    uint64_t seed; /* client ids come from outside: nobody may aim at one slot */
    struct cb_client *clients;
    size_t count, room;
    uint32_t *slots;
    size_t slot_count;
    struct cb_x5t *revoked; /* a set by open addressing, at most half full; zeroes are an empty place */
    size_t revoked_count, revoked_room;
};

/* FNV-1a from a secret start, mixed once more: short keys, few of them, no adversary with feedback. */
static size_t slot_of(const struct cb_registry *r, struct cb_str id)
{
    uint64_t h = r->seed;
    for (size_t i = 0; i < id.n; i++) {
        h = (h ^ (unsigned char)id.p[i]) * 0x100000001b3U;
    }
    h ^= h >> 32;
    return (size_t)(h * 0x9e3779b97f4a7c15U >> 20) & (r->slot_count - 1);
}

struct cb_registry *cb_registry_new(void)
{
    struct cb_registry *r = calloc(1, sizeof *r);
    if (r == NULL || CB_FAILED(cb_random(&r->seed, sizeof r->seed, NULL))) {
        free(r);
        return NULL;
    }
    atomic_init(&r->references, 1);
    cb_arena_init(&r->arena, REGISTRY_ARENA);
    return r;
}

struct cb_registry *cb_registry_ref(struct cb_registry *r)
{
    atomic_fetch_add_explicit(&r->references, 1, memory_order_relaxed);
    return r;
}

void cb_registry_unref(struct cb_registry *r)
{
    if (r != NULL && atomic_fetch_sub_explicit(&r->references, 1, memory_order_acq_rel) == 1) {
        cb_arena_done(&r->arena);
        free(r->clients);
        free(r->slots);
        free(r->revoked);
        free(r);
    }
}

static void place(struct cb_registry *r, size_t index)
{
    size_t at = slot_of(r, r->clients[index].id);
    while (r->slots[at] != 0) {
        at = (at + 1) & (r->slot_count - 1);
    }
    r->slots[at] = (uint32_t)index + 1;
}

static cb_status grow(struct cb_registry *r, struct cb_err *err)
{
    const size_t room = r->room == 0 ? FIRST_SLOTS / 2 : r->room * 2;
    struct cb_client *clients = realloc(r->clients, room * sizeof *clients);
    CB_ENSURE(clients != NULL, CB_E_MEMORY, "registry");
    r->clients = clients;
    uint32_t *slots = calloc(room * 2, sizeof *slots);
    CB_ENSURE(slots != NULL, CB_E_MEMORY, "registry");
    free(r->slots);
    r->slots = slots;
    r->slot_count = room * 2;
    r->room = room;
    for (size_t i = 0; i < r->count; i++) {
        place(r, i);
    }
    return CB_OK;
}

cb_status cb_registry_add(struct cb_registry *r, const struct cb_client_record *record, struct cb_err *err)
{
    CB_ENSURE(cb_registry_find(r, record->client_id) == NULL, CB_E_REGISTRATION,
              "the client_id is there twice");
    if (r->count == r->room) {
        CB_TRY(grow(r, err));
    }
    CB_TRY(cb_client_of(&r->arena, record, &r->clients[r->count], err));
    place(r, r->count++);
    return CB_OK;
}

const struct cb_client *cb_registry_find(const struct cb_registry *r, struct cb_str client_id)
{
    if (r->slot_count == 0) {
        return NULL;
    }
    for (size_t at = slot_of(r, client_id); r->slots[at] != 0; at = (at + 1) & (r->slot_count - 1)) {
        const struct cb_client *c = &r->clients[r->slots[at] - 1];
        if (cb_str_eq(c->id, client_id)) {
            return c;
        }
    }
    return NULL;
}

size_t cb_registry_count(const struct cb_registry *r)
{
    return r->count;
}

const struct cb_client *cb_registry_at(const struct cb_registry *r, size_t i)
{
    return &r->clients[i];
}

/* --- certificates revoked by the operator --- */

/* Where the thumbprint is, or belongs. Thumbprints are digests, so their first octets are as good as a hash.
 */
static struct cb_x5t *place_of(struct cb_x5t *set, size_t room, const struct cb_x5t *x5t)
{
    static const struct cb_x5t empty;
    size_t at = 0;
    memcpy(&at, x5t->b, sizeof at);
    for (at &= room - 1; !cb_x5t_eq(&set[at], &empty) && !cb_x5t_eq(&set[at], x5t);
         at = (at + 1) & (room - 1)) {
    }
    return &set[at];
}

static cb_status grow_revoked(struct cb_registry *r, struct cb_err *err)
{
    static const struct cb_x5t empty;
    const size_t room = r->revoked_room == 0 ? FIRST_SLOTS : r->revoked_room * 2;
    struct cb_x5t *set = calloc(room, sizeof *set);
    CB_ENSURE(set != NULL, CB_E_MEMORY, "revoked certificates");
    for (size_t i = 0; i < r->revoked_room; i++) {
        if (!cb_x5t_eq(&r->revoked[i], &empty)) {
            *place_of(set, room, &r->revoked[i]) = r->revoked[i];
        }
    }
    free(r->revoked);
    r->revoked = set;
    r->revoked_room = room;
    return CB_OK;
}

cb_status cb_registry_add_revoked(struct cb_registry *r, struct cb_str x5t, struct cb_err *err)
{
    struct cb_x5t digest;
    CB_ENSURE(x5t.n == sizeof digest.b, CB_E_REGISTRATION, "a thumbprint of %zu bytes", x5t.n);
    memcpy(digest.b, x5t.p, x5t.n);
    if (2 * (r->revoked_count + 1) > r->revoked_room) {
        CB_TRY(grow_revoked(r, err));
    }
    *place_of(r->revoked, r->revoked_room, &digest) = digest;
    r->revoked_count++;
    return CB_OK;
}

bool cb_registry_is_revoked(const struct cb_registry *r, const struct cb_x5t *x5t)
{
    return r->revoked_count > 0 && cb_x5t_eq(place_of(r->revoked, r->revoked_room, x5t), x5t);
}
