#ifndef JWKS_H
#define JWKS_H

#include <stddef.h>

/* A JWK set of `count` fresh P-256 keys with their certificates in x5c; free() it. With "swap", each key
 * carries the certificate of the next one. */
char *test_jwks(size_t count, const char *how);

#endif
