/* The entries of a revocation list: packed records and an index over them. Part of crl.c. */
#ifndef CB_CRL_TABLE_H
#define CB_CRL_TABLE_H

#include "cert/crl.h"

struct cb_crl_table {
    uint8_t *records; /* number of octets of the serial, reason, date, serial; one behind the other */
    uint32_t *slots;  /* where in records, plus one; 0: free */
    size_t slot_count;
    size_t count;
    size_t memory;
    uint64_t seed;
};

/* Reads the content of revokedCertificates; with_extensions: the list is of version 2. On failure *out stays
 * as it was. CB_E_CRL_MALFORMED, CB_E_CRL_UNSUPPORTED. */
CB_MUST cb_crl_table_read(struct cb_str revoked, bool with_extensions, struct cb_crl_table *out,
                          struct cb_err *err);
void cb_crl_table_done(struct cb_crl_table *t);
bool cb_crl_table_find(const struct cb_crl_table *t, struct cb_str serial, struct cb_crl_entry *out);

#endif
