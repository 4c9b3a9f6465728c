/* POST /register: RFC 7591; UK Open Banking and Open Finance Brazil dynamic client registration. */
#ifndef CB_REGISTER_H
#define CB_REGISTER_H

#include "oauth/enrol.h"

CB_MUST cb_register_post(const struct cb_app *app, struct cb_request *rq, struct cb_reply *out,
                         struct cb_err *err);

#endif
