#ifndef CB_RANDOM_H
#define CB_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* n bytes fit for keys and identifiers, from OpenSSL's generator. Thread-safe. Errors: CB_E_CRYPTO. */
CB_MUST cb_random(void *out, size_t n, struct cb_err *err);

/* 128 random bits for a name that is no secret: request ids, token ids, client ids. Drawn for many at a time,
 * so that one costs little. Thread-safe. Errors: CB_E_CRYPTO. */
#define CB_RANDOM_NAME 16
CB_MUST cb_random_name(uint8_t out[CB_RANDOM_NAME], struct cb_err *err);

#endif
