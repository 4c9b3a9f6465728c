/* What `certbound directory serve` answers. Private to server/cli/demo/. */
#ifndef CB_CLI_DIRECTORY_H
#define CB_CLI_DIRECTORY_H

#include "http/http.h"

/* What its listener hands to its endpoints. In `dir`, beside the key that `directory init` made:
 *   software/NAME/claims.json       what the directory says of this software
 *   software/NAME/organisation.pem  who may fetch its statements: one or more certificates
 *   software/NAME/keys.jwks         the key set that the directory publishes for it, if there is one
 * Files are read when they are asked for, so that a demo may change them at any time. */
struct cb_app {
    const char *dir;
    const char *issuer;
    int64_t lifetime_s; /* of a statement; 0: it has no exp */
};

extern const struct cb_route cb_directory_routes[];
extern const size_t cb_directory_route_count;

/* The value of --lifetime; text == NULL: 0. */
bool cb_directory_lifetime(const char *text, int64_t *out);
#define CB_DIRECTORY_LIFETIME_WRONG "--lifetime takes seconds"

#endif
