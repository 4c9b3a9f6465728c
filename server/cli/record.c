#include "cli/record.h"

#include "base/clock.h"
#include "base/limits.h"
#include "cert/x5t.h"
#include "jose/base64url.h"
#include "partner/client_json.h"

static int print_json(struct cb_cli *cli, const struct cb_client_record *r)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_client_json(r, &j);
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

/* Nothing for one that is not known. */
static void time_text(int64_t at, char out[CB_TIME_TEXT])
{
    if (at != 0) {
        cb_time_text(at, out);
    }
}

int cb_record_print(struct cb_cli *cli, const struct cb_client_record *r, bool json)
{
    if (json) {
        return print_json(cli, r);
    }
    char created[CB_TIME_TEXT], updated[CB_TIME_TEXT];
    cb_time_text(r->created_at, created);
    cb_time_text(r->updated_at, updated);
    char issuer_key[CB_X5T_TEXT] = "", issued[CB_TIME_TEXT] = "", expires[CB_TIME_TEXT] = "";
    cb_base64url_encode(r->issuer_key.p, r->issuer_key.n, issuer_key);
    time_text(r->statement_issued_at, issued);
    time_text(r->statement_expires_at, expires);
    const struct cb_str rows[][2] = {
        { CB_STR("client_id"), r->client_id },
        { CB_STR("client_name"), r->client_name },
        { CB_STR("token_endpoint_auth_method"), r->auth_method },
        { r->subject_kind, r->subject },
        { CB_STR("jwks"), r->jwks },
        { CB_STR("jwks_uri"), r->jwks_uri },
        { CB_STR("trust_group"), r->trust_group },
        { CB_STR("issuer_key"), cb_str_of(issuer_key) },
        { CB_STR("directory"), r->directory },
        { CB_STR("organisation_id"), r->organisation_id },
        { CB_STR("software_id"), r->software_id },
        { CB_STR("roles"), r->roles },
        { CB_STR("scope"), r->scope },
        { CB_STR("grant_types"), r->grant_types },
        { CB_STR("statement_issued_at"), cb_str_of(issued) },
        { CB_STR("statement_expires_at"), cb_str_of(expires) },
        { CB_STR("state"), cb_client_state(r) },
        { CB_STR("created_at"), cb_str_of(created) },
        { CB_STR("updated_at"), cb_str_of(updated) },
    };
    struct cb_table table;
    cb_table_init(&table, &cli->arena, 2);
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        if (rows[i][1].n > 0) {
            cb_table_add(&table, rows[i]);
        }
    }
    struct cb_err err = { 0 };
    return CB_FAILED(cb_table_print(&table, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}
