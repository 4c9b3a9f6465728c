#ifndef CB_RANDOM_H
#define CB_RANDOM_H

#include <stddef.h>

#include "base/err.h"

/* n bytes fit for keys and identifiers, from OpenSSL's generator. Thread-safe. Errors: CB_E_CRYPTO. */
CB_MUST cb_random(void *out, size_t n, struct cb_err *err);

#endif
