#include "cli/listing.h"

#include "base/limits.h"

void cb_listing_begin(struct cb_listing *l, struct cb_cli *cli, bool as_json, const char *member,
                      const struct cb_str *headings, size_t columns)
{
    *l = (struct cb_listing){ .cli = cli, .as_json = as_json };
    cb_buf_init(&l->text, 256 * CB_MIB);
    l->json = cb_json_out(&l->text);
    cb_json_open(&l->json, '{');
    cb_json_key(&l->json, member);
    cb_json_open(&l->json, '[');
    cb_table_init(&l->table, &cli->arena, columns);
    cb_table_add(&l->table, headings);
}

int cb_listing_end(struct cb_listing *l, cb_status listed, const struct cb_err *err)
{
    struct cb_err why = { 0 };
    if (CB_FAILED(listed)) {
        return cb_cli_fail(l->cli, err);
    }
    if (!l->as_json) {
        return CB_FAILED(cb_table_print(&l->table, l->cli->out, &why)) ? cb_cli_fail(l->cli, &why)
                                                                       : CB_EXIT_OK;
    }
    cb_json_close(&l->json, ']');
    cb_json_close(&l->json, '}');
    cb_buf_add_char(&l->text, '\n');
    return cb_cli_print(l->cli, &l->text);
}

void cb_listing_done(struct cb_listing *l)
{
    cb_buf_done(&l->text);
}
