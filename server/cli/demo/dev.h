/* The folder of `certbound dev`. Private to server/cli/. */
#ifndef CB_CLI_DEV_H
#define CB_CLI_DEV_H

#include "cli/cli.h"

enum { CB_DEV_PORT = 8443, CB_DEV_PORT_MAX = 65535 - 3 };

#define CB_DEV_DIRECTORY    "https://directory.localhost" /* iss of its software statements */
#define CB_DEV_REGISTRATION "partner-b.registration"      /* what the server answered partner B */

bool cb_dev_port(const char *text, int *out); /* false: not a number from 1 to CB_DEV_PORT_MAX */

struct cb_dev_folder {
    const char *config; /* its certbound.yaml, in the arena */
    int port;
    bool fresh;      /* made just now */
    bool registered; /* partner B was told what it is called here */
};

/* Makes the folder, or takes one that an earlier run completed; never writes over a file. port == 0: that of
 * the folder, CB_DEV_PORT for a new one. CB_E_FILE: the folder holds something else; CB_E_CONFIG: it was made
 * for another port. */
CB_MUST cb_dev_prepare(struct cb_arena *a, const char *dir, int port, int64_t now, struct cb_dev_folder *out,
                       struct cb_err *err);

/* In a process of its own, before this one becomes the server: partner B registers itself as soon as the
 * server answers, and the answer is kept in the folder. */
void cb_dev_register(const char *dir, int port, FILE *say);

#endif
