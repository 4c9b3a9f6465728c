#include "config/load.h"

#include "base/file.h"
#include "base/limits.h"

/* The document keeps a few times the file's size in its own memory; here go the text and the lines. */
#define SCRATCH_MAX (8 * CB_LIMIT_CONFIG_FILE)

static void read_document(struct cb_load *l, struct cb_str bytes)
{
    yaml_document_t document = { 0 };
    if (!cb_document_parse(l, bytes, &document)) {
        return;
    }
    cb_document_read(l, &document);
    yaml_document_delete(&document);
    cb_config_check(l);
}

cb_status cb_config_parse(struct cb_arena *a, const char *path, struct cb_str bytes, struct cb_config **out,
                          struct cb_buf *problems, struct cb_err *err)
{
    CB_AUTO(cb_arena_done) struct cb_arena scratch = { .max = SCRATCH_MAX };
    struct cb_load *l = cb_arena_alloc(&scratch, sizeof *l);
    struct cb_config *config = cb_arena_alloc(a, sizeof *config);
    CB_ENSURE(l != NULL && config != NULL, CB_E_MEMORY, "configuration");
    *l = (struct cb_load){ .arena = a, .scratch = &scratch, .path = path, .config = config };
    config->path = cb_load_text(l, cb_str_of(path));
    read_document(l, bytes);
    cb_load_write_problems(l, problems);
    CB_ENSURE(!l->no_memory, CB_E_MEMORY, "%s: no memory for the configuration", path);
    CB_ENSURE(l->problem_count == 0, CB_E_CONFIG, "%zu problem%s in %s", l->problem_count + l->more,
              l->problem_count == 1 ? "" : "s", path);
    *out = config;
    return CB_OK;
}

cb_status cb_config_load(struct cb_arena *a, const char *path, struct cb_config **out,
                         struct cb_buf *problems, struct cb_err *err)
{
    CB_AUTO(cb_arena_done) struct cb_arena file = { .max = 2 * CB_LIMIT_CONFIG_FILE };
    struct cb_str bytes;
    CB_TRY(cb_file_read(&file, path, CB_LIMIT_CONFIG_FILE, &bytes, err));
    return cb_config_parse(a, path, bytes, out, problems, err);
}
