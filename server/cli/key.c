/* certbound key ...: the signing keys in the store. A running server follows. */
#include "base/clock.h"
#include "base/json_out.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "keys/key_list.h"

struct key_args {
    const char *config;
    const char *kid;
    bool force;
    bool json;
};

static cb_status open_keys(struct cb_cli *cli, const struct key_args *args, struct cb_config **config,
                           struct cb_store **store, struct cb_key_list **out, struct cb_err *err)
{
    CB_TRY(cb_cli_config(cli, args->config, config, err));
    CB_TRY(cb_cli_store(*config, store, err));
    return cb_key_list_read(*store, &cli->arena, out, err);
}

/* --- key list --- */

static void print_time(int64_t t, char out[CB_TIME_TEXT])
{
    out[0] = '\0';
    if (t != 0) {
        cb_time_text(t, out);
    }
}

static int print_table(struct cb_cli *cli, const struct cb_key_list *keys, int64_t now)
{
    struct cb_table table;
    cb_table_init(&table, &cli->arena, 5);
    cb_table_add(&table, (const struct cb_str[]){ CB_STR("KID"), CB_STR("ALG"), CB_STR("STATE"),
                                                  CB_STR("SIGNS_FROM"), CB_STR("RETIRED") });
    for (size_t i = 0; i < keys->count; i++) {
        char from[CB_TIME_TEXT], retired[CB_TIME_TEXT];
        print_time(keys->all[i].active_from, from);
        print_time(keys->all[i].retired_at, retired);
        const char *state = cb_key_state_name(cb_key_state_of(keys->all, keys->count, i, now));
        cb_table_add(&table, (const struct cb_str[]){ keys->all[i].kid, keys->all[i].alg, cb_str_of(state),
                                                      cb_str_of(from), cb_str_of(retired) });
    }
    struct cb_err err = { 0 };
    return CB_FAILED(cb_table_print(&table, cli->out, &err)) ? cb_cli_fail(cli, &err) : CB_EXIT_OK;
}

static int print_json(struct cb_cli *cli, const struct cb_key_list *keys, int64_t now)
{
    struct cb_buf text CB_AUTO(cb_buf_done);
    cb_buf_init(&text, CB_MIB);
    struct cb_json_out j = cb_json_out(&text);
    cb_json_open(&j, '{');
    cb_json_key(&j, "keys");
    cb_json_open(&j, '[');
    for (size_t i = 0; i < keys->count; i++) {
        cb_key_list_json(keys, i, now, &j);
    }
    cb_json_close(&j, ']');
    cb_json_close(&j, '}');
    cb_buf_add_char(&text, '\n');
    return cb_cli_print(cli, &text);
}

static int run_list(struct cb_cli *cli, const void *given)
{
    const struct key_args *args = given;
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    struct cb_config *config = NULL;
    struct cb_key_list *keys = NULL;
    struct cb_err err = { 0 };
    if (CB_FAILED(open_keys(cli, args, &config, &store, &keys, &err))) {
        return cb_cli_fail(cli, &err);
    }
    const int64_t now = cb_clock_unix();
    return args->json ? print_json(cli, keys, now) : print_table(cli, keys, now);
}

/* --- key rotate --- */

static void auto_kek(struct cb_kek **k)
{
    cb_kek_free(*k);
}

static cb_status rotate(struct cb_cli *cli, const struct key_args *args, int64_t now,
                        struct cb_config **config, char kid[CB_KID_TEXT], struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_AUTO(auto_kek) struct cb_kek *kek = NULL;
    CB_TRY(cb_cli_config(cli, args->config, config, err));
    CB_TRY(cb_kek_load((*config)->key_encryption_key, &kek, err));
    CB_TRY(cb_cli_store(*config, &store, err));
    return cb_keys_create(store, kek, cb_alg_of(cb_str_of((*config)->signing_algorithm)), false, now,
                          (*config)->publish_ahead_s, kid, err);
}

static int run_rotate(struct cb_cli *cli, const void *given)
{
    const struct key_args *args = given;
    struct cb_config *config = NULL;
    char kid[CB_KID_TEXT], from[CB_TIME_TEXT];
    struct cb_err err = { 0 };
    const int64_t now = cb_clock_unix();
    if (CB_FAILED(rotate(cli, args, now, &config, kid, &err))) {
        return cb_cli_fail(cli, &err);
    }
    cb_time_text(now + config->publish_ahead_s, from);
    (void)fprintf(cli->out, "%s is published now and signs from %s\n", kid, from);
    return CB_EXIT_OK;
}

/* --- key retire --- */

static cb_status retire(struct cb_cli *cli, const struct key_args *args, struct cb_err *err)
{
    CB_AUTO(cb_cli_store_close) struct cb_store *store = NULL;
    CB_TRY(cb_cli_store_at(cli, args->config, &store, err));
    return cb_keys_retire(store, cb_str_of(args->kid), args->force, cb_clock_unix(), err);
}

static int run_retire(struct cb_cli *cli, const void *given)
{
    const struct key_args *args = given;
    struct cb_err err = { 0 };
    if (CB_FAILED(retire(cli, args, &err))) {
        return cb_cli_fail(cli, &err);
    }
    (void)fprintf(cli->out, "%s is retired\n", args->kid);
    return CB_EXIT_OK;
}

/* --- tables --- */

static const struct cb_option list_options[] = { CB_OPTION_CONFIG(key_args), CB_OPTION_JSON(key_args) };
static const struct cb_option rotate_options[] = { CB_OPTION_CONFIG(key_args) };
static const struct cb_option retire_options[] = {
    { "KID", NULL, true, offsetof(struct key_args, kid), "the key" },
    CB_OPTION_CONFIG(key_args),
    { "force", NULL, false, offsetof(struct key_args, force), "even if tokens that it signed are in use" },
};

const struct cb_command cb_command_key_list = { "key list",
                                                "List the signing keys and where each stands",
                                                list_options,
                                                CB_COUNT(list_options),
                                                sizeof(struct key_args),
                                                run_list,
                                                .more =
                                                    "pending: published, does not sign yet; signing; "
                                                    "retiring: superseded, still published for its tokens;\n"
                                                    "retired: gone." };
const struct cb_command cb_command_key_rotate = {
    "key rotate",
    "Make the next signing key and publish it",
    rotate_options,
    CB_COUNT(rotate_options),
    sizeof(struct key_args),
    run_rotate,
    .more = "It signs after keys.publish_ahead, when every resource server has seen it."
};
const struct cb_command cb_command_key_retire = { "key retire",
                                                  "Withdraw a signing key",
                                                  retire_options,
                                                  CB_COUNT(retire_options),
                                                  sizeof(struct key_args),
                                                  run_retire,
                                                  .more = NULL };
