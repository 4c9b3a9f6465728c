#include "cli/record.h"

#include "base/clock.h"
#include "base/limits.h"

static void json_words(struct cb_json_out *j, const char *key, struct cb_str words)
{
    struct cb_str word;
    cb_json_key(j, key);
    cb_json_open(j, '[');
    while (words.n > 0 && cb_str_next(&words, ' ', &word)) {
        cb_json_str(j, word);
    }
    cb_json_close(j, ']');
}

static void json_optional(struct cb_json_out *j, const char *key, struct cb_str value)
{
    if (value.n > 0) {
        cb_json_put_str(j, key, value);
    }
}

/* The subject's name, as "tls_client_auth_subject_dn", for a key: it is one of our own words. */
static void json_subject(struct cb_json_out *j, const struct cb_client_record *r)
{
    char key[64];
    if (r->subject_kind.n > 0 && r->subject_kind.n < sizeof key) {
        memcpy(key, r->subject_kind.p, r->subject_kind.n);
        key[r->subject_kind.n] = '\0';
        cb_json_put_str(j, key, r->subject);
    }
}

void cb_record_json(const struct cb_client_record *r, struct cb_json_out *j)
{
    cb_json_open(j, '{');
    cb_json_put_str(j, "client_id", r->client_id);
    json_optional(j, "client_name", r->client_name);
    cb_json_put_str(j, "token_endpoint_auth_method", r->auth_method);
    json_subject(j, r);
    if (r->jwks.n > 0) {
        cb_json_key(j, "jwks");
        cb_json_raw(j, r->jwks);
    }
    json_optional(j, "trust_group", r->trust_group);
    cb_json_put_str(j, "scope", r->scope);
    json_words(j, "grant_types", r->grant_types);
    cb_json_put_bool(j, "enabled", r->enabled);
    cb_json_put_time(j, "created_at", r->created_at);
    cb_json_put_time(j, "updated_at", r->updated_at);
    cb_json_put_int(j, "revision", r->revision);
    cb_json_close(j, '}');
}

static int print_json(struct cb_cli *cli, const struct cb_client_record *r)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_record_json(r, &j);
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

int cb_record_print(struct cb_cli *cli, const struct cb_client_record *r, bool json)
{
    if (json) {
        return print_json(cli, r);
    }
    char created[CB_TIME_TEXT], updated[CB_TIME_TEXT];
    cb_time_text(r->created_at, created);
    cb_time_text(r->updated_at, updated);
    const struct cb_str rows[][2] = {
        { CB_STR("client_id"), r->client_id },
        { CB_STR("client_name"), r->client_name },
        { CB_STR("token_endpoint_auth_method"), r->auth_method },
        { r->subject_kind, r->subject },
        { CB_STR("jwks"), r->jwks },
        { CB_STR("trust_group"), r->trust_group },
        { CB_STR("scope"), r->scope },
        { CB_STR("grant_types"), r->grant_types },
        { CB_STR("state"), r->enabled ? CB_STR("enabled") : CB_STR("disabled") },
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
