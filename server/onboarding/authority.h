/* organisation_competent_authority_claims: which authorities licensed an organisation, and under which
 * number, as the UK directory states it. */
#ifndef CB_ONBOARDING_AUTHORITY_H
#define CB_ONBOARDING_AUTHORITY_H

#include "base/json_in.h"
#include "cert/organisation.h"

/* Does one of the claims, an object or an array of them, name the authority, its country and the number of
 * `o`? A claim that says a status counts while it is Active. */
bool cb_authority_claimed(const json_t *claims, const struct cb_organisation *o);

#endif
