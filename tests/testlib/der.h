/* DER by hand, for tests that need what no library would write. It lives in the arena. */
#ifndef TEST_DER_H
#define TEST_DER_H

#include "base/arena.h"

struct cb_str der_wrap(struct cb_arena *a, unsigned char identifier, const struct cb_str *parts,
                       size_t count);
struct cb_str der_oid(struct cb_arena *a, const char *dotted);
struct cb_str der_utf8(struct cb_arena *a, struct cb_str text);

#define DER_SEQUENCE(a, ...)                                                                                 \
    der_wrap((a), 0x30, (const struct cb_str[]){ __VA_ARGS__ },                                              \
             sizeof((const struct cb_str[]){ __VA_ARGS__ }) / sizeof(struct cb_str))

/* One role of a PSD2 statement. */
struct der_role {
    const char *oid, *name;
};

/* What a qcStatements extension says. */
struct der_qc {
    const char *types[4];         /* OIDs; none: no QcType */
    const struct der_role *roles; /* ended by a row without OID; NULL: no PSD2 statement */
    const char *authority_id;     /* "GB-FCA" */
};
struct cb_str der_qc_statements(struct cb_arena *a, const struct der_qc *qc);

#define DER_QC_STATEMENTS "1.3.6.1.5.5.7.1.3"
#define DER_QC_SEAL       "0.4.0.1862.1.6.2"
#define DER_QC_WEB        "0.4.0.1862.1.6.3"
#define DER_PSD2          "0.4.0.19495.2"
#define DER_PSP_PI                                                                                           \
    {                                                                                                        \
        "0.4.0.19495.1.2", "PSP_PI"                                                                          \
    }
#define DER_PSP_AI                                                                                           \
    {                                                                                                        \
        "0.4.0.19495.1.3", "PSP_AI"                                                                          \
    }

#endif
