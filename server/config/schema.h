/* The key table: what may stand in the YAML file. Parsing, ranges, `config print`, the reference
 * documentation and the reload rules all come from it. Private to server/config/. */
#ifndef CB_CONFIG_SCHEMA_H
#define CB_CONFIG_SCHEMA_H

#include "base/str.h"
#include "config/config.h"

enum cb_key_type {
    CB_KEY_SECTION,  /* a mapping */
    CB_KEY_LIST,     /* a sequence of mappings, whose keys are "PATH[].NAME" */
    CB_KEY_WORDS,    /* a sequence of strings */
    CB_KEY_TEXT,     /* const char * */
    CB_KEY_PATH,     /* const char *, relative to the file's folder */
    CB_KEY_STORE,    /* const char *, may hold a password */
    CB_KEY_CHOICE,   /* const char *, one of `choices` */
    CB_KEY_INT,      /* int64_t */
    CB_KEY_DURATION, /* int64_t, seconds */
    CB_KEY_BOOL,     /* bool */
};

/* A row. Parents stand before their children. */
struct cb_key {
    const char *path; /* "tokens.lifetime" */
    enum cb_key_type type;
    bool required; /* where its parent is present */
    bool reloadable;
    bool url_or_path;                         /* text, words: without "://" it is a path */
    const char *fallback;                     /* the default, as one would write it */
    const char *choices;                      /* "debug|info" */
    int64_t min, max;                         /* of the number, or of the entries of a list */
    const char *(*wrong)(struct cb_str text); /* what is wrong with a text value; NULL: nothing */
    size_t offset;                            /* in struct cb_config, or in the entry of the list */
    size_t count_offset;                      /* lists: of the size_t */
    size_t entry_size;                        /* lists of mappings */
    const char *doc;                          /* one line */
};

enum { CB_KEY_COUNT = 91 };
extern const struct cb_key cb_keys[];

/* NULL stands for the file itself. */
const struct cb_key *cb_key_parent(const struct cb_key *key);
const struct cb_key *cb_key_child(const struct cb_key *parent, struct cb_str name);
const char *cb_key_name(const struct cb_key *key); /* the last part of the path */

static inline size_t cb_key_index(const struct cb_key *key)
{
    return (size_t)(key - cb_keys);
}

static inline void *cb_key_slot(const struct cb_key *key, void *base)
{
    return (char *)base + key->offset;
}

static inline const void *cb_key_value(const struct cb_key *key, const void *base)
{
    return (const char *)base + key->offset;
}

/* For everything below a key, NULL for the whole file: `for (k = NULL; (k = cb_key_next(parent, k));)` */
const struct cb_key *cb_key_next(const struct cb_key *parent, const struct cb_key *previous);

#endif
