/* What stands behind a certbound_verifier. */
#ifndef CB_HANDLE_H
#define CB_HANDLE_H

#include <stdatomic.h>

#include "verifier/cache.h"
#include "verifier/settings.h"

struct certbound_verifier {
    pthread_mutex_t changing; /* held by a setter from its copy to the flush of the cache */
    pthread_mutex_t lock;     /* of the pointer to the settings */
    struct cb_settings *settings;
    atomic_bool remembers; /* false: the cache has no room, so a token need not be hashed */
    struct cb_cache cache;
    struct cb_sha256 sha256;
};

#endif
