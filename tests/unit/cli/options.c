#include <criterion/criterion.h>

#include "run.h"

struct args {
    const char *file, *text, *first, *second;
    bool on;
};

static int show(struct cb_cli *cli, const void *given)
{
    const struct args *a = given;
    const char *values[] = { a->file, a->text, a->first, a->second };
    for (size_t i = 0; i < CB_COUNT(values); i++) {
        fprintf(cli->out, "%s|", values[i] == NULL ? "-" : values[i]);
    }
    fputs(a->on ? "on" : "off", cli->out);
    return CB_EXIT_OK;
}

static int refuse(struct cb_cli *cli, const void *given)
{
    (void)given;
    struct cb_err err = { 0 };
    cb_err_set(&err, CB_E_NOT_FOUND, "f", 1, "there is no such thing");
    return cb_cli_fail(cli, &err);
}

static const struct cb_option options[] = {
    { "FIRST", NULL, true, offsetof(struct args, first), "what comes first" },
    { "SECOND", NULL, false, offsetof(struct args, second), "what comes second" },
    { "file", "FILE", true, offsetof(struct args, file), "a file" },
    { "text", "TEXT", false, offsetof(struct args, text), "a text" },
    { "on", NULL, false, offsetof(struct args, on), "a switch" },
};
static const struct cb_command thing_show = { "thing show",      "Show a thing",      options,
                                              CB_COUNT(options), sizeof(struct args), show,
                                              "More of it." };
static const struct cb_command thing_refuse = { "thing refuse", "Refuse", NULL, 0, 0, refuse, NULL };
static const struct cb_command top = { "top", "Top", options, CB_COUNT(options), sizeof(struct args),
                                       show,  NULL };
static const struct cb_command *const commands[] = { &thing_show, &thing_refuse, &top };

struct line {
    const char *words[8];
    int status;
    const char *out, *err;
};

/* What stands where, and what is said when it does not. */
static const struct line lines[] = {
    { { "thing", "show", "a", "--file", "f" }, 0, "f|-|a|-|off", "" },
    { { "thing", "show", "--file=f", "a", "b", "--on" }, 0, "f|-|a|b|on", "" },
    { { "thing", "show", "--text", "x y", "--file", "f", "a" }, 0, "f|x y|a|-|off", "" },
    { { "thing", "show", "--file=f", "--text=--on", "a" }, 0, "f|--on|a|-|off", "" },
    { { "thing", "show", "--file=f", "--text=a=b", "a" }, 0, "f|a=b|a|-|off", "" },
    { { "thing", "show", "--file=f", "--", "--on" }, 0, "f|-|--on|-|off", "" },
    { { "thing", "show", "--file", "f", "-" }, 0, "f|-|-|-|off", "" },
    { { "top", "a", "--file", "f" }, 0, "f|-|a|-|off", "" },
    { { "thing", "refuse" }, 1, "", "certbound thing refuse: there is no such thing\n" },
    { { "thing", "show", "a" },
      2,
      "",
      "certbound thing show: --file is missing; see certbound thing show --help\n" },
    { { "thing", "show", "--file", "f" },
      2,
      "",
      "certbound thing show: FIRST is missing; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file" },
      2,
      "",
      "certbound thing show: --file needs a value; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file", "--on" },
      2,
      "",
      "certbound thing show: --file needs a value; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file", "" },
      2,
      "",
      "certbound thing show: --file has an empty value; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file=" },
      2,
      "",
      "certbound thing show: --file has an empty value; see certbound thing show --help\n" },
    { { "thing", "show", "", "--file=f" },
      2,
      "",
      "certbound thing show: FIRST has an empty value; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file=f", "--file=g" },
      2,
      "",
      "certbound thing show: --file is given twice; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file=f", "--on", "--on" },
      2,
      "",
      "certbound thing show: --on is given twice; see certbound thing show --help\n" },
    { { "thing", "show", "a", "--file=f", "--on=1" },
      2,
      "",
      "certbound thing show: --on takes no value; see certbound thing show --help\n" },
    { { "thing", "show", "a", "b", "c", "--file=f" },
      2,
      "",
      "certbound thing show: `c` is not expected; see certbound thing show --help\n" },
    { { "thing", "show", "--fil=f" },
      2,
      "",
      "certbound thing show: there is no option --fil; see certbound thing show --help\n" },
    { { "thing", "show", "--FIRST=f" },
      2,
      "",
      "certbound thing show: there is no option --FIRST; see certbound thing show --help\n" },
    { { "thing", "shout" },
      2,
      "",
      "certbound: there is no command `thing shout`; see certbound thing --help\n" },
    { { "thin" }, 2, "", "certbound: there is no command `thin`; see certbound --help\n" },
    { { "thing", "--version" },
      2,
      "",
      "certbound: there is no command `thing --version`; see certbound thing --help\n" },
};

Test(options, are_parsed_by_the_table)
{
    for (size_t i = 0; i < CB_COUNT(lines); i++) {
        struct run r;
        run(&r, commands, CB_COUNT(commands), lines[i].words);
        cr_expect_eq(r.status, lines[i].status, "line %zu: %d", i, r.status);
        cr_expect_str_eq(r.out, lines[i].out, "line %zu: %s", i, r.out);
        cr_expect_str_eq(r.err, lines[i].err, "line %zu: %s", i, r.err);
        run_done(&r);
    }
}

Test(options, help_comes_from_the_table)
{
    static const char *const ways[][6] = {
        { "thing", "show", "--help" },
        { "thing", "show", "-h" },
        { "thing", "show", "--file=f", "a", "--help" },
    };
    for (size_t i = 0; i < CB_COUNT(ways); i++) {
        struct run r;
        run(&r, commands, CB_COUNT(commands), ways[i]);
        cr_expect_eq(r.status, CB_EXIT_OK);
        cr_expect_str_eq(r.err, "");
        cr_expect_str_eq(r.out, "usage: certbound thing show FIRST [SECOND] --file FILE [options]\n\n"
                                "Show a thing.\n\n"
                                "  FIRST                              what comes first\n"
                                "  SECOND                             what comes second\n"
                                "  --file FILE                        a file\n"
                                "  --text TEXT                        a text\n"
                                "  --on                               a switch\n"
                                "  --help                             show this\n"
                                "\nMore of it.\n");
        run_done(&r);
    }
}

Test(options, help_lists_all_commands_or_those_of_a_group)
{
    struct run r;
    RUN(&r, commands, "--help");
    cr_expect_eq(r.status, CB_EXIT_OK);
    cr_expect_not_null(strstr(r.out, "  thing show                     Show a thing\n"), "%s", r.out);
    cr_expect_not_null(strstr(r.out, "  top "));
    run_done(&r);
    RUN(&r, commands, "thing", "--help");
    cr_expect_eq(r.status, CB_EXIT_OK);
    cr_expect_not_null(strstr(r.out, "  thing refuse                   Refuse\n"), "%s", r.out);
    cr_expect_null(strstr(r.out, "  top "));
    run_done(&r);
}

Test(options, no_command_is_wrong_usage_and_shows_help)
{
    struct run r;
    run(&r, commands, CB_COUNT(commands), (const char *const[]){ NULL });
    cr_expect_eq(r.status, CB_EXIT_USAGE);
    cr_expect_str_eq(r.out, "");
    cr_expect_not_null(strstr(r.err, "usage: certbound COMMAND"));
    run_done(&r);
    RUN(&r, commands, "thing");
    cr_expect_eq(r.status, CB_EXIT_USAGE);
    cr_expect_not_null(strstr(r.err, "usage: certbound thing COMMAND"));
    run_done(&r);
}

Test(options, version)
{
    struct run r;
    RUN(&r, commands, "--version");
    cr_expect_eq(r.status, CB_EXIT_OK);
    cr_expect_eq(strncmp(r.out, "certbound ", 10), 0);
    run_done(&r);
}

/* A full disk is not a success. */
Test(options, lost_output_is_a_failure)
{
    char *argv[] = { (char *)"certbound", (char *)"--version" };
    FILE *full = fopen("/dev/full", "w"), *none = fopen("/dev/null", "w");
    cr_assert(full != NULL && none != NULL);
    cr_expect_eq(cb_cli_run(commands, CB_COUNT(commands), 2, argv, full, none), CB_EXIT_REFUSED);
    fclose(full);
    fclose(none);
}
