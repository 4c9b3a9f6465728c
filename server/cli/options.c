#include "cli/options.h"

bool cb_option_is_help(const char *word)
{
    return cb_str_is(cb_str_of(word), "--help") || cb_str_is(cb_str_of(word), "-h");
}

bool cb_option_is_operand(const struct cb_option *o)
{
    return o->name[0] >= 'A' && o->name[0] <= 'Z';
}

static const char **text_slot(const struct cb_option *o, void *args)
{
    return (const char **)(void *)((char *)args + o->offset);
}

static const struct cb_option *find_option(const struct cb_command *c, struct cb_str name)
{
    for (size_t i = 0; i < c->option_count; i++) {
        if (!cb_option_is_operand(&c->options[i]) && cb_str_is(name, c->options[i].name)) {
            return &c->options[i];
        }
    }
    return NULL;
}

/* The first operand that has no value yet. */
static const struct cb_option *next_operand(const struct cb_command *c, void *args)
{
    for (size_t i = 0; i < c->option_count; i++) {
        if (cb_option_is_operand(&c->options[i]) && *text_slot(&c->options[i], args) == NULL) {
            return &c->options[i];
        }
    }
    return NULL;
}

static int set_text(struct cb_cli *cli, const struct cb_option *o, const char *value, void *args)
{
    const char *dashes = cb_option_is_operand(o) ? "" : "--";
    if (*text_slot(o, args) != NULL) {
        return cb_cli_usage(cli, "%s%s is given twice", dashes, o->name);
    }
    if (value[0] == '\0') {
        return cb_cli_usage(cli, "%s%s has an empty value", dashes, o->name);
    }
    *text_slot(o, args) = value;
    return CB_EXIT_OK;
}

static int set_switch(struct cb_cli *cli, const struct cb_option *o, bool has_value, void *args)
{
    bool *slot = (bool *)((char *)args + o->offset);
    if (has_value) {
        return cb_cli_usage(cli, "--%s takes no value", o->name);
    }
    if (*slot) {
        return cb_cli_usage(cli, "--%s is given twice", o->name);
    }
    *slot = true;
    return CB_EXIT_OK;
}

/* --name value, --name=value or --switch; *used counts the words. */
static int parse_option(struct cb_cli *cli, int argc, char **argv, void *args, int *used)
{
    struct cb_str rest = cb_str_of(argv[0] + 2), name;
    (void)cb_str_next(&rest, '=', &name);
    const struct cb_option *o = find_option(cli->command, name);
    *used = 1;
    if (o == NULL) {
        return cb_cli_usage(cli, "there is no option --%.*s", (int)(name.n < 64 ? name.n : 64), name.p);
    }
    if (o->value == NULL) {
        return set_switch(cli, o, rest.p != NULL, args);
    }
    if (rest.p != NULL) {
        return set_text(cli, o, rest.p, args);
    }
    /* A word that looks like an option was meant as one; --name=--value says otherwise. */
    if (argc < 2 || cb_str_starts(cb_str_of(argv[1]), CB_STR("--"))) {
        return cb_cli_usage(cli, "--%s needs a value", o->name);
    }
    *used = 2;
    return set_text(cli, o, argv[1], args);
}

static int parse_operand(struct cb_cli *cli, const char *word, void *args)
{
    const struct cb_option *o = next_operand(cli->command, args);
    return o == NULL ? cb_cli_usage(cli, "`%.64s` is not expected", word) : set_text(cli, o, word, args);
}

static int check_required(struct cb_cli *cli, void *args)
{
    for (size_t i = 0; i < cli->command->option_count; i++) {
        const struct cb_option *o = &cli->command->options[i];
        if (o->required && *text_slot(o, args) == NULL) {
            return cb_cli_usage(cli, "%s%s is missing", cb_option_is_operand(o) ? "" : "--", o->name);
        }
    }
    return CB_EXIT_OK;
}

int cb_options_parse(struct cb_cli *cli, int argc, char **argv, void *args, bool *out_help)
{
    bool options = true; /* until "--" */
    for (int i = 0, used = 1; i < argc; i += used) {
        used = 1;
        if (options && cb_option_is_help(argv[i])) {
            *out_help = true;
            return CB_EXIT_OK;
        }
        if (options && cb_str_is(cb_str_of(argv[i]), "--")) {
            options = false;
            continue;
        }
        const bool option = options && cb_str_starts(cb_str_of(argv[i]), CB_STR("--"));
        const int status =
            option ? parse_option(cli, argc - i, argv + i, args, &used) : parse_operand(cli, argv[i], args);
        if (status != CB_EXIT_OK) {
            return status;
        }
    }
    return check_required(cli, args);
}
