/* What runs beside the snapshots for those who change something. */
#ifndef CB_SERVICES_H
#define CB_SERVICES_H

#include "oauth/snapshot.h"

/* Fills in what `s` does not have yet; its store and log stay the caller's. CB_E_MEMORY, CB_E_CONFIG. */
CB_MUST cb_services_start(struct cb_services *s, const struct cb_config *config, struct cb_err *err);

/* Connections of ours that are under way fail soon, and later ones at once: before threads that make them are
 * waited for. */
void cb_services_interrupt(const struct cb_services *s);
void cb_services_stop(struct cb_services *s); /* also of one that was not started */

/* The configuration, or a new one, is in force: its directories' keys are kept fresh from now on. */
void cb_services_follow(const struct cb_services *s, const struct cb_config *config);

#endif
