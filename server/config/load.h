/* What the passes of cb_config_load share: bytes -> document (document.c) -> struct (read.c) -> cross checks
 * (check.c). Private to server/config/. */
#ifndef CB_CONFIG_LOAD_H
#define CB_CONFIG_LOAD_H

#include <yaml.h>

#include "config/schema.h"

struct cb_problem {
    int line;
    const char *text;
};

enum { CB_PROBLEMS_MAX = 100 };

struct cb_load {
    struct cb_arena *arena;   /* for what the configuration keeps */
    struct cb_arena *scratch; /* for the time of loading */
    const char *path;
    struct cb_config *config;
    struct cb_value_line *lines; /* where each value stands */
    bool no_memory;
    struct cb_problem problems[CB_PROBLEMS_MAX];
    size_t problem_count;
    size_t more; /* problems beyond that number */
};

/* Notes a problem; the text must not hold the value of `store`. Long text is cut. */
void cb_load_problem(struct cb_load *l, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* What was typed, fit for a problem: cut to 64 bytes, control characters replaced. */
struct cb_quoted {
    char text[68];
};
struct cb_quoted cb_load_quote(struct cb_str typed);

/* "FILE:LINE: text" for each, sorted by line. */
void cb_load_write_problems(struct cb_load *l, struct cb_buf *out);

/* The line on which the value in this slot stands; 0 when it is not in the file. */
void cb_load_note_line(struct cb_load *l, const void *slot, int line);
int cb_load_line(const struct cb_load *l, const void *slot);

/* NULL sets no_memory. */
char *cb_load_text(struct cb_load *l, struct cb_str s);

/* False when a problem was noted; otherwise the caller calls yaml_document_delete. */
bool cb_document_parse(struct cb_load *l, struct cb_str bytes, yaml_document_t *out);

void cb_document_read(struct cb_load *l, yaml_document_t *document);

void cb_config_check(struct cb_load *l);

/* Reads a scalar into its slot, or notes a problem. */
void cb_value_read(struct cb_load *l, const struct cb_key *key, struct cb_str text, int line, void *slot);

/* A scalar as one would write it; a password becomes ***. */
void cb_value_print(const struct cb_key *key, const void *slot, struct cb_buf *out);
bool cb_value_is_set(const struct cb_key *key, const void *slot);

#endif
