/* The command line: commands and their options are tables; parsing and --help both come from them. */
#ifndef CB_CLI_H
#define CB_CLI_H

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/config.h"
#include "store/store.h"

/* What a command returns to the shell. */
enum { CB_EXIT_OK = 0, CB_EXIT_REFUSED = 1, CB_EXIT_USAGE = 2 };

/* An option or operand of a command. With a value it fills a `const char *` (NULL: not given), as a switch a
 * `bool`, in the struct that the command's run gets. */
struct cb_option {
    const char *name;  /* "config" is --config; an operand is in capitals, "CLIENT_ID" */
    const char *value; /* what --help calls it, "FILE"; NULL: a switch (or an operand) */
    bool required;
    size_t offset;
    const char *summary;
};

struct cb_cli;

struct cb_command {
    const char *name; /* "client add" */
    const char *summary;
    const struct cb_option *options; /* operands stand in the order in which they are given */
    size_t option_count;
    size_t args_size;
    int (*run)(struct cb_cli *cli, const void *args); /* returns the exit status */
    const char *more;                                 /* further lines of --help; NULL: none */
};

/* The run of one command. */
struct cb_cli {
    const struct cb_command *command;
    struct cb_arena arena;
    FILE *out, *err;
};

/* Finds the command, fills its arguments and runs it. */
int cb_cli_run(const struct cb_command *const *commands, size_t count, int argc, char **argv, FILE *out,
               FILE *err);

/* The program: all commands, standard output and standard error. */
int cb_cli_main(int argc, char **argv);

/* --- for commands --- */

/* "certbound client add: TEXT" on the error stream, as "what is wrong; what to do". Return the exit status.
 */
int cb_cli_refuse(struct cb_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int cb_cli_usage(struct cb_cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int cb_cli_fail(struct cb_cli *cli, const struct cb_err *err);
void cb_cli_problems(struct cb_cli *cli, struct cb_str lines); /* each line as a refusal */

/* Writes it to the output stream. */
int cb_cli_print(struct cb_cli *cli, const struct cb_buf *text);

/* Reads the configuration, or says all that is wrong with it; the caller says err besides. */
CB_MUST cb_cli_config(struct cb_cli *cli, const char *path, struct cb_config **out, struct cb_err *err);

/* Opens the store of the configuration and checks its schema. */
CB_MUST cb_cli_store(const struct cb_config *config, struct cb_store **out, struct cb_err *err);
CB_MUST cb_cli_store_at(struct cb_cli *cli, const char *config_path, struct cb_store **out,
                        struct cb_err *err);  /* both */
void cb_cli_store_close(struct cb_store **s); /* for CB_AUTO */

/* --- text output --- */

enum { CB_TABLE_COLUMNS = 8 };

/* Rows of cells, aligned when printed. Control characters become '?': names come from partners. */
struct cb_table {
    struct cb_arena *arena;
    size_t columns;
    struct cb_table_row *first, *last;
    bool failed;
};

void cb_table_init(struct cb_table *t, struct cb_arena *a, size_t columns);
void cb_table_add(struct cb_table *t, const struct cb_str *cells); /* copies them */
CB_MUST cb_table_print(const struct cb_table *t, FILE *out, struct cb_err *err);

#endif
