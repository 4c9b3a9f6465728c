#include "partner/pem_texts.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/limits.h"

struct listing {
    struct dirent **entries;
    int count;
};

static void listing_done(struct listing *l)
{
    for (int i = 0; i < l->count; i++) {
        free(l->entries[i]);
    }
    free(l->entries);
}

static bool ends(struct cb_str s, struct cb_str with)
{
    return s.n >= with.n && cb_str_eq((struct cb_str){ s.p + s.n - with.n, with.n }, with);
}

static int is_pem(const struct dirent *e)
{
    const struct cb_str name = cb_str_of(e->d_name);
    return name.p[0] != '.' && (ends(name, CB_STR(".pem")) || ends(name, CB_STR(".crt")));
}

/* By bytes, whatever the locale. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
    return cb_str_order(cb_str_of((*a)->d_name), cb_str_of((*b)->d_name));
}

/* Takes what it read off *room. */
static cb_status read_one(struct cb_arena *a, const char *path, size_t *room, struct cb_pem_text *out,
                          struct cb_err *err)
{
    out->name = path;
    CB_TRY(cb_file_read(a, path, *room, &out->text, err));
    *room -= out->text.n;
    return CB_OK;
}

static const char *joined(struct cb_arena *a, const char *folder, const char *name)
{
    const size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = cb_arena_alloc(a, size);
    if (path != NULL) {
        (void)snprintf(path, size, "%s/%s", folder, name);
    }
    return path;
}

static cb_status read_folder(struct cb_arena *a, const char *folder, const struct cb_pem_text **out,
                             size_t *out_count, struct cb_err *err)
{
    struct listing l CB_AUTO(listing_done) = { .count = 0 };
    const int n = scandir(folder, &l.entries, is_pem, by_name);
    CB_ENSURE(n >= 0, CB_E_FILE, "%.100s: could not list: %s", folder, strerrordesc_np(errno));
    l.count = n;
    CB_ENSURE(n > 0, CB_E_FILE, "%.100s holds no .pem and no .crt file", folder);
    struct cb_pem_text *texts = cb_arena_array(a, (size_t)n, sizeof *texts);
    CB_ENSURE(texts != NULL, CB_E_MEMORY, "PEM files");
    size_t room = CB_LIMIT_PEM_FILE;
    for (int i = 0; i < n; i++) {
        const char *path = joined(a, folder, l.entries[i]->d_name);
        CB_ENSURE(path != NULL, CB_E_MEMORY, "PEM files");
        CB_TRY(read_one(a, path, &room, &texts[i], err));
    }
    *out = texts;
    *out_count = (size_t)n;
    return CB_OK;
}

cb_status cb_pem_texts_read(struct cb_arena *a, const char *path, const struct cb_pem_text **out,
                            size_t *out_count, struct cb_err *err)
{
    struct stat st = { 0 };
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return read_folder(a, path, out, out_count, err);
    }
    size_t room = CB_LIMIT_PEM_FILE;
    struct cb_pem_text *text = cb_arena_alloc(a, sizeof *text);
    CB_ENSURE(text != NULL, CB_E_MEMORY, "PEM file");
    CB_TRY(read_one(a, path, &room, text, err));
    *out = text;
    *out_count = 1;
    return CB_OK;
}
