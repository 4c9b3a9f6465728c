/* application/x-www-form-urlencoded: decoded strictly, bound to the struct that a parameter table describes.
 */
#ifndef CB_FORM_H
#define CB_FORM_H

#include "oauth/exchange.h"

/* Percent escapes (RFC 3986 section 2.1) in place, `+` for a space where plus_is_space. False: a broken
 * escape, a control character, or not UTF-8. */
bool cb_percent_decode(char *p, size_t n, bool plus_is_space, struct cb_str *out);

/* Decodes `body` in place, the values point into it; the form is allocated in the arena. client_id is bound
 * to *out_client_id whether or not the table names it. A value that is empty counts as absent (RFC 6749
 * section 3.2), a name that comes twice is refused unless the table says that it may. CB_E_FORM_MALFORMED
 * (percent escapes, UTF-8, control characters, more than CB_LIMIT_FORM_PARAMETERS), CB_E_PARAMETER_REPEATED,
 * _UNKNOWN (closed tables), _MISSING, _MALFORMED, _TOO_LONG. */
CB_MUST cb_form_bind(struct cb_arena *a, const struct cb_param_table *table, char *body, size_t n,
                     const void **out_form, struct cb_str *out_client_id, struct cb_err *err);

#endif
