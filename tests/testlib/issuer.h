/* An issuer for tests: keys, tokens that are right but for one thing, and a verifier that trusts it. */
#ifndef TEST_ISSUER_H
#define TEST_ISSUER_H

#include <certbound/verifier.h>

#include "base/buf.h"
#include "jose/jws.h"

#define NOW      1800000000
#define ISSUER   "https://as.example"
#define AUDIENCE "https://api.example"

/* RFC 8705 appendix A: the certificate and its thumbprint. */
#define X5T      "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"
#define CNF      "{\"x5t#S256\":\"" X5T "\"}"
struct cb_str test_der(void); /* decoded by each call: not for two threads at once */

struct issuer {
    struct cb_sign_key *es256, *eddsa;
    certbound_verifier *verifier;
};

struct issuer issuer_new(void);
void issuer_free(struct issuer *i);

/* {"keys":[...]} of these keys; the kid is the name of the algorithm. free() it. */
char *test_jwks(struct cb_sign_key *const *keys, size_t count);

/* The members of a good header or payload, one of them replaced: `value` is JSON, NULL leaves the member out,
 * and a name that is not there yet is added. name NULL changes nothing. free() it. */
char *test_header(const char *name, const char *value);
char *test_payload(const char *name, const char *value);

/* A token over any two texts. free() it. */
char *test_token(struct cb_sign_key *key, const char *header, const char *payload);

/* The good token with one member replaced. free() it. */
char *issuer_token(const struct issuer *i, const char *claim, const char *value);

certbound_code verdict(certbound_verifier *v, const char *token, struct cb_str der, int64_t now);

#endif
