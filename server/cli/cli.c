#include "cli/cli.h"

#include <stdarg.h>

#include "base/limits.h"
#include "cli/options.h"

/* Room for a configuration, a registry to list, a token. */
#define CLI_ARENA (64 * CB_MIB)

static void say(const struct cb_cli *cli, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));

static void say(const struct cb_cli *cli, const char *fmt, va_list ap)
{
    (void)fprintf(cli->err, "certbound%s%s: ", cli->command == NULL ? "" : " ",
                  cli->command == NULL ? "" : cli->command->name);
    (void)vfprintf(cli->err, fmt, ap);
}

int cb_cli_refuse(struct cb_cli *cli, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(cli, fmt, ap);
    va_end(ap);
    (void)fputc('\n', cli->err);
    return CB_EXIT_REFUSED;
}

int cb_cli_usage(struct cb_cli *cli, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(cli, fmt, ap);
    va_end(ap);
    (void)fprintf(cli->err, "; see certbound %s --help\n", cli->command->name);
    return CB_EXIT_USAGE;
}

int cb_cli_fail(struct cb_cli *cli, const struct cb_err *err)
{
    return cb_cli_refuse(cli, "%s", err->detail);
}

void cb_cli_problems(struct cb_cli *cli, struct cb_str lines)
{
    struct cb_str line;
    while (lines.n > 0 && cb_str_next(&lines, '\n', &line)) {
        if (line.n > 0) {
            (void)cb_cli_refuse(cli, CB_STR_FMT, CB_STR_ARG(line));
        }
    }
}

int cb_cli_print(struct cb_cli *cli, const struct cb_buf *text)
{
    if (text->failed) {
        return cb_cli_refuse(cli, "the output is too long");
    }
    (void)fwrite(text->p, 1, text->n, cli->out);
    return CB_EXIT_OK;
}

/* --- finding the command --- */

/* How many words of argv the command's name takes; 0: it is another one. */
static int words_of(const struct cb_command *c, int argc, char **argv)
{
    struct cb_str rest = cb_str_of(c->name), word;
    int n = 0;
    while (cb_str_next(&rest, ' ', &word)) {
        if (n + 1 >= argc || argv[n + 1] == NULL || !cb_str_is(word, argv[n + 1])) {
            return 0;
        }
        n++;
    }
    return n;
}

static bool is_group(const struct cb_command *const *commands, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        struct cb_str rest = cb_str_of(commands[i]->name), first;
        if (cb_str_next(&rest, ' ', &first) && rest.p != NULL && cb_str_is(first, word)) {
            return true;
        }
    }
    return false;
}

/* --version, a form of --help, or a word that is no command. */
static int no_command(const struct cb_command *const *commands, size_t count, int argc, char **argv,
                      struct cb_cli *cli)
{
    const char *word = argc > 1 ? argv[1] : "";
    const char *group = is_group(commands, count, word) ? word : NULL;
    const char *asked = group == NULL ? word : argc > 2 ? argv[2] : "";
    if (group == NULL && cb_str_is(cb_str_of(asked), "--version")) {
        (void)fprintf(cli->out, "certbound %s\n", CERTBOUND_VERSION);
        return CB_EXIT_OK;
    }
    if (cb_option_is_help(asked)) {
        cb_help_commands(commands, count, group, cli->out);
        return CB_EXIT_OK;
    }
    if (asked[0] == '\0') {
        cb_help_commands(commands, count, group, cli->err);
        return CB_EXIT_USAGE;
    }
    (void)fprintf(cli->err, "certbound: there is no command `%s%s%.64s`; see certbound %s%s--help\n",
                  group == NULL ? "" : group, group == NULL ? "" : " ", asked, group == NULL ? "" : group,
                  group == NULL ? "" : " ");
    return CB_EXIT_USAGE;
}

static int run_command(struct cb_cli *cli, int argc, char **argv)
{
    void *args = cb_arena_alloc(&cli->arena, cli->command->args_size);
    if (args == NULL) {
        return cb_cli_refuse(cli, "no memory");
    }
    bool help = false;
    const int status = cb_options_parse(cli, argc, argv, args, &help);
    if (help) {
        cb_help_command(cli->command, cli->out);
        return CB_EXIT_OK;
    }
    return status != CB_EXIT_OK ? status : cli->command->run(cli, args);
}

int cb_cli_run(const struct cb_command *const *commands, size_t count, int argc, char **argv, FILE *out,
               FILE *err)
{
    struct cb_cli cli = { .out = out, .err = err };
    int words = 0;
    for (size_t i = 0; i < count && words == 0; i++) {
        words = words_of(commands[i], argc, argv);
        cli.command = words == 0 ? NULL : commands[i];
    }
    cb_arena_init(&cli.arena, CLI_ARENA);
    int status = cli.command == NULL ? no_command(commands, count, argc, argv, &cli)
                                     : run_command(&cli, argc - 1 - words, argv + 1 + words);
    if (fflush(out) != 0 || ferror(out)) {
        status = cb_cli_refuse(&cli, "could not write the output");
    }
    cb_arena_done(&cli.arena);
    return status;
}
