/* The revocation worker, tied to the server's outbound rules, its log and its snapshots. */
#ifndef CB_APP_REVOCATION_H
#define CB_APP_REVOCATION_H

#include "app/app.h"

struct cb_app_revocation;

/* Follows the groups of these settings; what their files say is in the snapshot when it returns. The app must
 * outlive it. CB_E_CONFIG, CB_E_MEMORY. */
CB_MUST cb_app_revocation_start(struct cb_app *app, const struct cb_settings *settings, struct cb_log *log,
                                struct cb_app_revocation **out, struct cb_err *err);

/* Before other settings are swapped in. */
CB_MUST cb_app_revocation_follow(struct cb_app_revocation *r, const struct cb_settings *settings,
                                 struct cb_err *err);

void cb_app_revocation_stop(struct cb_app_revocation *r); /* NULL is fine */

#endif
