/* Bytes to a YAML document, of which only the plain part is allowed: UTF-8, one document, no anchors (an
 * alias of an alias grows without bound), no tags, no deep nesting. */
#include "base/utf8.h"
#include "config/load.h"

enum { DEPTH_MAX = 8 };

static int line_of(yaml_mark_t mark)
{
    return (int)mark.line + 1;
}

static bool check_utf8(struct cb_load *l, struct cb_str bytes)
{
    int line = 1;
    while (bytes.n > 0) {
        const size_t n = cb_utf8_sequence(bytes);
        if (n == 0) {
            cb_load_problem(l, line, "the file is not UTF-8");
            return false;
        }
        line += bytes.p[0] == '\n';
        bytes.p += n;
        bytes.n -= n;
    }
    return true;
}

/* libyaml's words are fixed texts: they quote nothing of the file. */
static void syntax_problem(struct cb_load *l, const yaml_parser_t *p)
{
    const char *why = p->problem == NULL ? "out of memory" : p->problem;
    if (cb_str_is(cb_str_of(why), "found character that cannot start any token")) {
        why = "indent with spaces, not with tabs, and put a value that begins with @, ` or % in quotes";
    }
    /* The place matters most: a bracket that was never closed is found at the end of the file. */
    if (p->context != NULL && p->context_mark.line != p->problem_mark.line) {
        cb_load_problem(l, line_of(p->problem_mark), "YAML: %s (%s that begins on line %d)", why, p->context,
                        line_of(p->context_mark));
    } else {
        cb_load_problem(l, line_of(p->problem_mark), "YAML: %s", why);
    }
}

static void parser_start(yaml_parser_t *p, struct cb_str bytes)
{
    yaml_parser_set_encoding(p, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(p, (const unsigned char *)bytes.p, bytes.n);
}

struct scan {
    int depth;
    int documents;
    bool ended;
};

/* An anchor, a tag, a second document, one level too many: the text of the problem, or NULL. */
static const char *refused(struct scan *s, const yaml_event_t *e)
{
    const yaml_char_t *anchor = NULL, *tag = NULL;
    if (e->type == YAML_SCALAR_EVENT) {
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
    } else if (e->type == YAML_SEQUENCE_START_EVENT) {
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
        s->depth++;
    } else if (e->type == YAML_MAPPING_START_EVENT) {
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
        s->depth++;
    } else if (e->type == YAML_SEQUENCE_END_EVENT || e->type == YAML_MAPPING_END_EVENT) {
        s->depth--;
    } else if (e->type == YAML_DOCUMENT_START_EVENT && ++s->documents > 1) {
        return "a second document begins; the configuration is one";
    }
    if (anchor != NULL || e->type == YAML_ALIAS_EVENT) {
        return "anchors and aliases are not allowed";
    }
    if (tag != NULL) {
        return "tags are not allowed";
    }
    s->ended = e->type == YAML_STREAM_END_EVENT;
    return s->depth > DEPTH_MAX ? "nested too deeply" : NULL;
}

static bool scan(struct cb_load *l, yaml_parser_t *p)
{
    struct scan s = { 0 };
    while (!s.ended) {
        yaml_event_t e;
        if (!yaml_parser_parse(p, &e)) {
            syntax_problem(l, p);
            return false;
        }
        const char *why = refused(&s, &e);
        const int line = line_of(e.start_mark);
        yaml_event_delete(&e);
        if (why != NULL) {
            cb_load_problem(l, line, "%s", why);
            return false;
        }
    }
    return true;
}

/* What editors of another system put before UTF-8. YAML 1.2 section 5.2 allows it; libyaml does so only where
 * it guesses the encoding. */
static struct cb_str without_mark(struct cb_str bytes)
{
    const bool marked = cb_str_starts(bytes, CB_STR("\xef\xbb\xbf"));
    return marked ? (struct cb_str){ bytes.p + 3, bytes.n - 3 } : bytes;
}

bool cb_document_parse(struct cb_load *l, struct cb_str bytes, yaml_document_t *out)
{
    bytes = without_mark(bytes);
    if (!check_utf8(l, bytes)) {
        return false;
    }
    CB_AUTO(yaml_parser_delete) yaml_parser_t first = { 0 }, second = { 0 };
    if (!yaml_parser_initialize(&first) || !yaml_parser_initialize(&second)) {
        l->no_memory = true;
        return false;
    }
    parser_start(&first, bytes);
    if (!scan(l, &first)) {
        return false;
    }
    parser_start(&second, bytes);
    if (!yaml_parser_load(&second, out)) {
        syntax_problem(l, &second);
        return false;
    }
    return true;
}
