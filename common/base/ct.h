/* The only two functions for bytes that must not leak. */
#ifndef CB_CT_H
#define CB_CT_H

#include <stdbool.h>
#include <stddef.h>

/* Length first, then every byte, in time that does not depend on where they differ. */
bool cb_ct_eq(const void *a, size_t a_len, const void *b, size_t b_len);

/* Zeroes in a way that the compiler may not drop. NULL with 0 is fine. */
void cb_wipe(void *p, size_t n);

#endif
