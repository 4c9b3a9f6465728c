#include "base/json_out.h"
#include "base/limits.h"
#include "config/load.h"

struct printer {
    struct cb_buf *out;
    struct cb_json_out json; /* in YAML: for quoted words only */
    bool yaml;
    int depth;
    bool dash; /* YAML: the next key is the first of a list entry */
};

static void print_children(struct printer *p, const struct cb_key *parent, const void *base);

static size_t count_of(const struct cb_key *list, const void *base)
{
    return *(const size_t *)((const char *)base + list->count_offset);
}

/* Is there anything to print for it? */
static bool is_set(const struct cb_key *key, const void *base)
{
    if (key->type == CB_KEY_LIST || key->type == CB_KEY_WORDS) {
        return count_of(key, base) > 0;
    }
    if (key->type != CB_KEY_SECTION) {
        return cb_value_is_set(key, cb_key_value(key, base));
    }
    for (const struct cb_key *k = NULL; (k = cb_key_next(key, k)) != NULL;) {
        if (is_set(k, base)) {
            return true;
        }
    }
    return false;
}

static void print_name(struct printer *p, const struct cb_key *key)
{
    if (!p->yaml) {
        cb_json_key(&p->json, cb_key_name(key));
        return;
    }
    for (int i = 0; i < p->depth - p->dash; i++) {
        cb_buf_add_cstr(p->out, "  ");
    }
    cb_buf_add_cstr(p->out, p->dash ? "- " : "");
    p->dash = false;
    cb_buf_add_cstr(p->out, cb_key_name(key));
    cb_buf_add_char(p->out, ':');
}

/* Text is quoted in the way of JSON, which YAML reads too. */
static void print_value(struct printer *p, const struct cb_key *key, const void *slot)
{
    struct cb_buf text;
    cb_buf_init(&text, CB_LIMIT_CONFIG_FILE + 8192);
    cb_value_print(key, slot, &text);
    p->out->failed |= text.failed;
    if (key->type == CB_KEY_INT || key->type == CB_KEY_BOOL || (p->yaml && key->type == CB_KEY_DURATION)) {
        cb_json_raw(&p->json, cb_buf_str(&text));
    } else {
        cb_json_str(&p->json, cb_buf_str(&text));
    }
    cb_buf_done(&text);
}

static void print_words(struct printer *p, const struct cb_key *key, const void *base)
{
    const char *const *words = *(const char *const *const *)cb_key_value(key, base);
    cb_json_open(&p->json, '[');
    for (size_t i = 0; i < count_of(key, base); i++) {
        cb_json_cstr(&p->json, words[i]);
    }
    cb_json_close(&p->json, ']');
}

static void print_nested(struct printer *p, const struct cb_key *key, const void *base)
{
    if (!p->yaml) {
        cb_json_open(&p->json, '{');
    }
    p->depth++;
    print_children(p, key, base);
    p->depth--;
    if (!p->yaml) {
        cb_json_close(&p->json, '}');
    }
}

static void print_list(struct printer *p, const struct cb_key *key, const void *base)
{
    const char *items = *(const char *const *)cb_key_value(key, base);
    if (!p->yaml) {
        cb_json_open(&p->json, '[');
    }
    for (size_t i = 0; i < count_of(key, base); i++) {
        p->dash = p->yaml;
        p->depth += p->yaml;
        print_nested(p, key, items + i * key->entry_size);
        p->depth -= p->yaml;
    }
    if (!p->yaml) {
        cb_json_close(&p->json, ']');
    }
}

static void print_children(struct printer *p, const struct cb_key *parent, const void *base)
{
    for (const struct cb_key *k = NULL; (k = cb_key_next(parent, k)) != NULL;) {
        if (!is_set(k, base)) {
            continue;
        }
        print_name(p, k);
        const bool block = k->type == CB_KEY_SECTION || k->type == CB_KEY_LIST;
        if (p->yaml) {
            cb_buf_add_char(p->out, block ? '\n' : ' ');
            p->json.comma = false;
        }
        if (k->type == CB_KEY_SECTION) {
            print_nested(p, k, base);
        } else if (k->type == CB_KEY_LIST) {
            print_list(p, k, base);
        } else if (k->type == CB_KEY_WORDS) {
            print_words(p, k, base);
        } else {
            print_value(p, k, cb_key_value(k, base));
        }
        if (p->yaml && !block) {
            cb_buf_add_char(p->out, '\n');
        }
    }
}

void cb_config_print(const struct cb_config *c, bool json, struct cb_buf *out)
{
    struct printer p = { .out = out, .json = cb_json_out(out), .yaml = !json };
    if (json) {
        cb_json_open(&p.json, '{');
    }
    print_children(&p, NULL, c);
    if (json) {
        cb_json_close(&p.json, '}');
        cb_buf_add_char(out, '\n');
    }
}
