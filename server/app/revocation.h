/* The revocation worker, tied to the server's own connections, its log and its snapshots. */
#ifndef CB_APP_REVOCATION_H
#define CB_APP_REVOCATION_H

#include "app/app.h"
#include "revocation/revocation.h"

/* Follows the groups of these settings; what their files say is in the snapshot when it returns. The app must
 * outlive it, and connects no more once it is stopped. CB_E_MEMORY. */
CB_MUST cb_app_revocation_start(struct cb_app *app, const struct cb_settings *settings,
                                struct cb_revocation **out, struct cb_err *err);

#endif
