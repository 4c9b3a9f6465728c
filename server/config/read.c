/* A YAML document into struct cb_config, by the key table. */
#include "config/load.h"

struct reading {
    struct cb_load *load;
    yaml_document_t *document;
};

static void read_mapping(const struct reading *r, const struct cb_key *parent, const yaml_node_t *node,
                         void *base);

static int line_of(const yaml_node_t *node)
{
    return (int)node->start_mark.line + 1;
}

static struct cb_str scalar(const yaml_node_t *node)
{
    return (struct cb_str){ (const char *)node->data.scalar.value, node->data.scalar.length };
}

/* A key with nothing behind it, as when all below it is commented out. */
static bool is_null(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (node->data.scalar.length == 0 || cb_str_is(scalar(node), "~") || cb_str_is(scalar(node), "null"));
}

/* --- keys that are not ours --- */

enum { NAME_MAX = 32 };

/* Levenshtein's distance. */
static size_t distance(struct cb_str a, struct cb_str b)
{
    size_t row[NAME_MAX + 1];
    for (size_t k = 0; k <= b.n; k++) {
        row[k] = k;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t k = 1; k <= b.n; k++) {
            const size_t replace = diagonal + (a.p[i - 1] != b.p[k - 1]);
            const size_t shift = (row[k] < row[k - 1] ? row[k] : row[k - 1]) + 1;
            diagonal = row[k];
            row[k] = replace < shift ? replace : shift;
        }
    }
    return row[b.n];
}

/* The sibling that was probably meant, or the key of that name elsewhere. */
static const struct cb_key *meant(const struct cb_key *parent, struct cb_str name)
{
    const struct cb_key *best = NULL;
    size_t least = 3;
    for (const struct cb_key *k = NULL; name.n <= NAME_MAX && (k = cb_key_next(parent, k)) != NULL;) {
        const struct cb_str candidate = cb_str_of(cb_key_name(k));
        const size_t d = distance(name, candidate);
        if (d < least && d < candidate.n / 2) {
            least = d;
            best = k;
        }
    }
    for (size_t i = 0; best == NULL && i < CB_KEY_COUNT; i++) {
        if (cb_str_is(name, cb_key_name(&cb_keys[i]))) {
            best = &cb_keys[i];
        }
    }
    return best;
}

static void unknown_key(const struct reading *r, const struct cb_key *parent, const yaml_node_t *node)
{
    const struct cb_quoted name = cb_load_quote(scalar(node));
    const struct cb_key *suggestion = meant(parent, scalar(node));
    cb_load_problem(r->load, line_of(node), "unknown key `%s%s%s%s`%s%s%s",
                    parent == NULL ? "" : parent->path,
                    parent != NULL && parent->type == CB_KEY_LIST ? "[]" : "", parent == NULL ? "" : ".",
                    name.text, suggestion == NULL ? "" : "; did you mean `",
                    suggestion == NULL ? "" : suggestion->path, suggestion == NULL ? "" : "`?");
}

/* --- values --- */

/* Counts the entries against the row's bounds and makes room for them; NULL when there is nothing to read. */
static void *entries(const struct reading *r, const struct cb_key *key, const yaml_node_t *node, size_t size,
                     size_t *out_count)
{
    const bool nothing = is_null(node);
    if (!nothing && node->type != YAML_SEQUENCE_NODE) {
        cb_load_problem(r->load, line_of(node), "`%s` must be a list", key->path);
        return NULL;
    }
    const size_t n = nothing ? 0 : (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    if (n < (size_t)key->min || n > (size_t)key->max) {
        cb_load_problem(r->load, line_of(node), "`%s` must have %d to %d entries", key->path, (int)key->min,
                        (int)key->max);
        return NULL;
    }
    void *memory = cb_arena_array(r->load->arena, n, size);
    r->load->no_memory |= memory == NULL;
    *out_count = n;
    return n == 0 ? NULL : memory;
}

static const yaml_node_t *entry(const struct reading *r, const yaml_node_t *list, size_t i)
{
    return yaml_document_get_node(r->document, list->data.sequence.items.start[i]);
}

static void set_defaults(struct cb_load *l, const struct cb_key *parent, void *base);

static void read_list(const struct reading *r, const struct cb_key *key, const yaml_node_t *node, void *base)
{
    size_t n = 0;
    char *items = entries(r, key, node, key->entry_size, &n);
    if (items == NULL) {
        return;
    }
    *(void **)cb_key_slot(key, base) = items;
    *(size_t *)((char *)base + key->count_offset) = n;
    for (size_t i = 0; i < n; i++) {
        set_defaults(r->load, key, items + i * key->entry_size);
        read_mapping(r, key, entry(r, node, i), items + i * key->entry_size);
    }
}

static void read_scalar(const struct reading *r, const struct cb_key *key, const yaml_node_t *node,
                        void *slot)
{
    if (node->type != YAML_SCALAR_NODE) {
        cb_load_problem(r->load, line_of(node), "`%s` must be a single value", key->path);
    } else if (is_null(node)) {
        cb_load_problem(r->load, line_of(node), "`%s` has no value", key->path);
    } else {
        cb_value_read(r->load, key, scalar(node), line_of(node), slot);
    }
}

static void read_words(const struct reading *r, const struct cb_key *key, const yaml_node_t *node, void *base)
{
    size_t n = 0;
    const char **words = entries(r, key, node, sizeof *words, &n);
    if (words == NULL) {
        return;
    }
    *(const char ***)cb_key_slot(key, base) = words;
    *(size_t *)((char *)base + key->count_offset) = n;
    for (size_t i = 0; i < n; i++) {
        read_scalar(r, key, entry(r, node, i), &words[i]);
    }
}

static void read_value(const struct reading *r, const struct cb_key *key, const yaml_node_t *node, void *base)
{
    switch (key->type) {
        case CB_KEY_SECTION:
            read_mapping(r, key, node, base);
            return;
        case CB_KEY_LIST:
            read_list(r, key, node, base);
            return;
        case CB_KEY_WORDS:
            read_words(r, key, node, base);
            return;
        case CB_KEY_TEXT:
        case CB_KEY_PATH:
        case CB_KEY_STORE:
        case CB_KEY_CHOICE:
        case CB_KEY_INT:
        case CB_KEY_DURATION:
        case CB_KEY_BOOL:
            read_scalar(r, key, node, cb_key_slot(key, base));
            return;
    }
}

/* --- mappings --- */

static void read_pair(const struct reading *r, const struct cb_key *parent, const yaml_node_pair_t *pair,
                      int seen[CB_KEY_COUNT], void *base)
{
    const yaml_node_t *name = yaml_document_get_node(r->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(r->document, pair->value);
    if (name->type != YAML_SCALAR_NODE) {
        cb_load_problem(r->load, line_of(name), "a key must be a word");
        return;
    }
    const struct cb_key *key = cb_key_child(parent, scalar(name));
    if (key == NULL) {
        unknown_key(r, parent, name);
        return;
    }
    int *line = &seen[cb_key_index(key)];
    if (*line != 0) {
        cb_load_problem(r->load, line_of(name), "`%s` is set twice, first on line %d", key->path, *line);
        return;
    }
    *line = line_of(name);
    read_value(r, key, value, base);
}

/* Defaults of this mapping and of the sections in it; entries of lists get theirs when they are read. */
static void set_defaults(struct cb_load *l, const struct cb_key *parent, void *base)
{
    for (const struct cb_key *k = NULL; (k = cb_key_next(parent, k)) != NULL;) {
        if (k->type == CB_KEY_SECTION) {
            set_defaults(l, k, base);
        } else if (k->fallback != NULL) {
            cb_value_read(l, k, cb_str_of(k->fallback), 0, cb_key_slot(k, base));
        }
    }
}

static void read_mapping(const struct reading *r, const struct cb_key *parent, const yaml_node_t *node,
                         void *base)
{
    int seen[CB_KEY_COUNT] = { 0 };
    const bool nothing =
        node == NULL || (is_null(node) && (parent == NULL || parent->type == CB_KEY_SECTION));
    const int line = node == NULL || (nothing && parent == NULL) ? 1 : line_of(node);
    if (!nothing && node->type != YAML_MAPPING_NODE) {
        cb_load_problem(r->load, line, "%s%s%s must be a mapping of keys to values",
                        parent == NULL                ? "the configuration"
                        : parent->type == CB_KEY_LIST ? "an entry of `"
                                                      : "`",
                        parent == NULL ? "" : parent->path, parent == NULL ? "" : "`");
        return;
    }
    if (!nothing) {
        const yaml_node_pair_t *end = node->data.mapping.pairs.top;
        for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < end; pair++) {
            read_pair(r, parent, pair, seen, base);
        }
    }
    for (const struct cb_key *k = NULL; (k = cb_key_next(parent, k)) != NULL;) {
        if (k->required && seen[cb_key_index(k)] == 0) {
            cb_load_problem(r->load, line, "`%s` is missing", k->path);
        }
    }
}

void cb_document_read(struct cb_load *l, yaml_document_t *document)
{
    const struct reading r = { l, document };
    set_defaults(l, NULL, l->config);
    read_mapping(&r, NULL, yaml_document_get_root_node(document), l->config);
}
