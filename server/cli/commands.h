/* Every command; cb_cli_main holds them in the order of --help. Private to server/cli/. */
#ifndef CB_CLI_COMMANDS_H
#define CB_CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct cb_command cb_command_serve, cb_command_dev;
extern const struct cb_command cb_command_config_check, cb_command_config_print;
extern const struct cb_command cb_command_db_migrate, cb_command_db_status;
extern const struct cb_command cb_command_client_add, cb_command_client_list, cb_command_client_show,
    cb_command_client_update, cb_command_client_disable, cb_command_client_enable, cb_command_client_remove,
    cb_command_client_check_registration;
extern const struct cb_command cb_command_client_certificates, cb_command_client_revocations,
    cb_command_client_revoke_certificate, cb_command_client_unrevoke_certificate;
extern const struct cb_command cb_command_key_list, cb_command_key_rotate, cb_command_key_retire;
extern const struct cb_command cb_command_register, cb_command_directory_init, cb_command_directory_statement,
    cb_command_directory_serve;
extern const struct cb_command cb_command_trust_list;
extern const struct cb_command cb_command_explain, cb_command_token, cb_command_verify;

/* Rows that many commands have. */
#define CB_OPTION_CONFIG(args)                                                                               \
    {                                                                                                        \
        "config", "FILE", true, offsetof(struct args, config), "the configuration"                           \
    }
#define CB_OPTION_JSON(args)                                                                                 \
    {                                                                                                        \
        "json", NULL, false, offsetof(struct args, json), "print JSON"                                       \
    }

#endif
