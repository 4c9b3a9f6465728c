#ifndef CB_UTF8_H
#define CB_UTF8_H

#include <stdbool.h>

#include "base/str.h"

/* Length in bytes of the well-formed UTF-8 sequence at the start of s, 0 when there is none: no overlong
 * form, no surrogate, nothing above U+10FFFF. RFC 3629 section 4. */
size_t cb_utf8_sequence(struct cb_str s);

bool cb_utf8_valid(struct cb_str s);

#endif
