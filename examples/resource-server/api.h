/* The protected API over HTTPS. */
#ifndef API_H
#define API_H

#include <certbound/verifier.h>

#include "keys.h"

struct api {
    certbound_verifier *verifier;
    struct keys *keys;
};

/* Listens on HOST:PORT with a certificate and key in PEM. What it returns is for api_stop; NULL: it says why
 * on standard error. */
struct MHD_Daemon *api_start(struct api *api, const char *listen, const char *certificate,
                             const char *private_key);
void api_stop(struct MHD_Daemon *daemon);

#endif
