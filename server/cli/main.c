#include "cli/commands.h"

static const struct cb_command *const commands[] = {
    &cb_command_serve,
    &cb_command_dev,
    &cb_command_config_check,
    &cb_command_config_print,
    &cb_command_db_migrate,
    &cb_command_db_status,
    &cb_command_client_add,
    &cb_command_client_list,
    &cb_command_client_show,
    &cb_command_client_update,
    &cb_command_client_disable,
    &cb_command_client_enable,
    &cb_command_client_remove,
    &cb_command_client_check_registration,
    &cb_command_client_certificates,
    &cb_command_client_revocations,
    &cb_command_client_revoke_certificate,
    &cb_command_client_unrevoke_certificate,
    &cb_command_key_list,
    &cb_command_key_rotate,
    &cb_command_key_retire,
    &cb_command_trust_list,
    &cb_command_explain,
    &cb_command_token,
    &cb_command_register,
    &cb_command_directory_init,
    &cb_command_directory_statement,
    &cb_command_directory_serve,
    &cb_command_verify,
};

int cb_cli_main(int argc, char **argv)
{
    return cb_cli_run(commands, CB_COUNT(commands), argc, argv, stdout, stderr);
}
