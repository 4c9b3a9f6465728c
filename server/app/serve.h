#ifndef CB_SERVE_H
#define CB_SERVE_H

#include <stdio.h>

/* `certbound serve`: runs until SIGTERM or SIGINT; SIGHUP reloads. Problems of the start go to stderr, the
 * log of the run too, as JSON lines. `ready` (NULL is allowed) gets the line "ready" when all listeners
 * accept. Returns the exit status: 0 after an orderly stop, 1 when it could not start. */
int cb_serve(const char *config_path, FILE *ready);

#endif
