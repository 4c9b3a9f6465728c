/* docs/configuration.md: the table of all keys. */
#include <inttypes.h>

#include "config/load.h"

static const char *const type_names[] = {
    [CB_KEY_SECTION] = "section", [CB_KEY_LIST] = "list",  [CB_KEY_WORDS] = "list of words",
    [CB_KEY_TEXT] = "text",       [CB_KEY_PATH] = "path",  [CB_KEY_STORE] = "text",
    [CB_KEY_CHOICE] = "word",     [CB_KEY_INT] = "number", [CB_KEY_DURATION] = "duration",
    [CB_KEY_BOOL] = "boolean",
};

static void print_choices(struct cb_str choices, struct cb_buf *out)
{
    struct cb_str one;
    for (const char *before = ""; cb_str_next(&choices, '|', &one); before = ", ") {
        cb_buf_add_fmt(out, "%s`" CB_STR_FMT "`", before, CB_STR_ARG(one));
    }
}

static void print_range(const struct cb_key *k, struct cb_buf *out)
{
    if (k->choices != NULL) {
        print_choices(cb_str_of(k->choices), out);
    } else if (k->type == CB_KEY_INT || k->type == CB_KEY_DURATION) {
        cb_value_print(k, &k->min, out);
        cb_buf_add_cstr(out, " to ");
        cb_value_print(k, &k->max, out);
    } else if (k->type == CB_KEY_BOOL) {
        print_choices(CB_STR("true|false"), out);
    } else if (k->type == CB_KEY_LIST || k->type == CB_KEY_WORDS) {
        cb_buf_add_fmt(out, "%" PRId64 " to %" PRId64 " entries", k->min, k->max);
    }
}

static void print_row(const struct cb_key *k, struct cb_buf *out)
{
    cb_buf_add_fmt(out, "| `%s` | %s | ", k->path, type_names[k->type]);
    if (k->fallback != NULL) {
        cb_buf_add_fmt(out, "`%s`", k->fallback);
    } else if (k->required) {
        cb_buf_add_cstr(out, "required");
    }
    cb_buf_add_cstr(out, " | ");
    print_range(k, out);
    cb_buf_add_cstr(out, " | ");
    if (k->type != CB_KEY_SECTION) {
        cb_buf_add_cstr(out, k->reloadable ? "reload" : "restart");
    }
    cb_buf_add_cstr(out, " | ");
    cb_buf_add_cstr(out, k->doc);
    cb_buf_add_cstr(out, " |\n");
}

void cb_config_print_reference(struct cb_buf *out)
{
    cb_buf_add_cstr(out, "| Key | Type | Default | Range | A change takes | Meaning |\n"
                         "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < CB_KEY_COUNT; i++) {
        print_row(&cb_keys[i], out);
    }
}
