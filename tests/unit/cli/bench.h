/* The commands on a real folder of `certbound dev`: SQLite, certificates, keys, partners A and B. */
#ifndef CB_TEST_CLI_BENCH_H
#define CB_TEST_CLI_BENCH_H

#include <jansson.h>

#include "run.h"

/* A folder that goes when the test ends. */
struct bench {
    char dir[64];
    char config[96];
    struct run r; /* of the last command */
};

enum { BENCH_PORT = 18443 };

void bench_open(struct bench *b);
void bench_close(struct bench *b);
void bench_path(const struct bench *b, const char *name, char out[128]);

/* Runs the words, ended by NULL, with --config at the end. Returns the exit status. */
int bench_command(struct bench *b, const char *const *words);
#define COMMAND(b, ...) bench_command((b), (const char *const[]){ __VA_ARGS__, NULL })

/* What the last command printed; the caller's. */
json_t *bench_json(const struct bench *b);

/* Runs them as they are. */
void run_command(struct run *r, const char *const *words);
#define RUN_COMMAND(r, ...) run_command((r), (const char *const[]){ __VA_ARGS__, NULL })

#endif
