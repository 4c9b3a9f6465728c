#ifndef CB_TEST_CLI_RUN_H
#define CB_TEST_CLI_RUN_H

#include "cli/cli.h"

/* A command line, run with its output caught. */
struct run {
    int status;
    char *out, *err; /* heap */
    size_t out_size, err_size;
};

/* The words behind "certbound", ended by NULL. */
void run(struct run *r, const struct cb_command *const *commands, size_t count, const char *const *words);
void run_done(struct run *r);

#define RUN(r, commands, ...)                                                                                \
    run((r), (commands), CB_COUNT(commands), (const char *const[]){ __VA_ARGS__, NULL })

#endif
