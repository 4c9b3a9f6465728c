#include "cli/options.h"

enum { OPTION_WIDTH = 34, COMMAND_WIDTH = 30 };

static void print_usage(const struct cb_command *c, FILE *out)
{
    (void)fprintf(out, "usage: certbound %s", c->name);
    bool optional = false;
    for (size_t i = 0; i < c->option_count; i++) {
        const struct cb_option *o = &c->options[i];
        if (cb_option_is_operand(o)) {
            (void)fprintf(out, o->required ? " %s" : " [%s]", o->name);
        } else if (o->required) {
            (void)fprintf(out, " --%s %s", o->name, o->value);
        } else {
            optional = true;
        }
    }
    (void)fprintf(out, "%s\n\n%s.\n\n", optional ? " [options]" : "", c->summary);
}

void cb_help_command(const struct cb_command *c, FILE *out)
{
    print_usage(c, out);
    for (size_t i = 0; i < c->option_count; i++) {
        const struct cb_option *o = &c->options[i];
        char left[80];
        (void)snprintf(left, sizeof left, "%s%s%s%s", cb_option_is_operand(o) ? "" : "--", o->name,
                       o->value == NULL ? "" : " ", o->value == NULL ? "" : o->value);
        (void)fprintf(out, "  %-*s %s\n", OPTION_WIDTH, left, o->summary);
    }
    (void)fprintf(out, "  %-*s %s\n", OPTION_WIDTH, "--help", "show this");
    if (c->more != NULL) {
        (void)fprintf(out, "\n%s\n", c->more);
    }
}

void cb_help_commands(const struct cb_command *const *commands, size_t count, const char *group, FILE *out)
{
    (void)fprintf(out, "usage: certbound %s%sCOMMAND [options]\n\n", group == NULL ? "" : group,
                  group == NULL ? "" : " ");
    for (size_t i = 0; i < count; i++) {
        struct cb_str rest = cb_str_of(commands[i]->name), first;
        if (cb_str_next(&rest, ' ', &first) && (group == NULL || cb_str_is(first, group))) {
            (void)fprintf(out, "  %-*s %s\n", COMMAND_WIDTH, commands[i]->name, commands[i]->summary);
        }
    }
    if (group == NULL) {
        (void)fprintf(out, "\n  %-*s %s\n  %-*s %s\n", COMMAND_WIDTH, "COMMAND --help",
                      "what a command takes", COMMAND_WIDTH, "--version", "the version of this program");
    }
    (void)fputs("\nExit status: 0 done; 1 refused, not found or invalid; 2 wrong usage.\n", out);
}
