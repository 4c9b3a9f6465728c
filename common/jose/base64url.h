/* base64url without padding, RFC 4648 section 5 and RFC 7515 section 2. One text for one value. */
#ifndef CB_BASE64URL_H
#define CB_BASE64URL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

#define CB_BASE64URL_LEN(bytes) (((bytes)*4 + 2) / 3)

/* Writes CB_BASE64URL_LEN(n) characters, no NUL. */
void cb_base64url_encode(const void *p, size_t n, char *out);
void cb_base64url_add(struct cb_buf *out, const void *p, size_t n);

/* Strict: only the 64 characters, no padding, no white space, unused bits zero. Writes to out (capacity cap)
 * and sets *out_n. CB_E_BASE64URL. */
CB_MUST cb_base64url_decode(struct cb_str text, uint8_t *out, size_t cap, size_t *out_n, struct cb_err *err);

/* Standard base64 with padding, as x5c carries it (RFC 7517 section 4.7); as strict. */
CB_MUST cb_base64_decode(struct cb_str text, uint8_t *out, size_t cap, size_t *out_n, struct cb_err *err);

#endif
