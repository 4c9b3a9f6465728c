/* The issuer's public keys, kept fresh in the verifier. */
#ifndef KEYS_H
#define KEYS_H

#include <certbound/verifier.h>
#include <stdbool.h>

struct keys;

/* `source` is a file or an https URL; `ca` (NULL: the system's) is a PEM file of the authorities that may
 * vouch for the URL's server. Returns at once and goes on trying by itself; until it has succeeded the
 * verifier answers CERTBOUND_E_NO_KEYS, which is HTTP 503. The strings must live on. NULL when out of memory.
 */
struct keys *keys_start(certbound_verifier *verifier, const char *source, const char *ca);

/* For a token that names an unknown key: has the set just been fetched again? Not more than once in ten
 * seconds, whoever asks. */
bool keys_refresh(struct keys *k);

void keys_stop(struct keys *k);

#endif
