/* Somebody who applies for registration, rightly but for what a test spoils. */
#ifndef APPLICANT_H
#define APPLICANT_H

#include "onboarding/rules.h"

#define NOW       1800000000
#define AS_ISSUER "https://as.example"
#define SOFTWARE  "4tAzFgVTa8xZ8zRqLxyXbP"
#define ORG_ID    "0015800001041REAAY"
#define UUID      "d7384bd0-842f-43c5-be02-9d2b2d5efc2c"
#define UUID2     "67c57882-043b-11ec-9a03-0242ac130003"
#define OBUK_DN   "CN=" ORG_ID ",2.5.4.97=PSDGB-FCA-123456,O=Acme,C=GB"
#define OFBR_DN                                                                                              \
    "CN=acme.example,UID=" UUID ",2.5.4.97=#0c2a4f464242522d"                                                \
    "36376335373838322d303433622d313165632d396130332d303234326163313330303033,O=Acme,C=BR"
#define GENERIC_DN "CN=acme,O=Acme"

enum part { REQUEST, REQUEST_HEADER, STATEMENT, STATEMENT_HEADER, PARTS };

struct applicant {
    json_t *parts[PARTS];
    bool is_signed;
    struct pki_cert *certificate;
};

extern struct cb_arena arena;
extern struct cb_config config;

/* Use as the .init and .fini of a suite. */
void applicant_setup(void);
void applicant_teardown(void);

/* A good one of the directory "uk", "brazil" or "sandbox". */
struct applicant applicant_of(const char *directory);
void applicant_free(struct applicant *a);

/* Sets a member; value is JSON, NULL takes the member away. */
void applicant_set(struct applicant *a, enum part part, const char *member, const char *value);

/* The body that it sends; lives in the arena. */
struct cb_str applicant_body(const struct applicant *a);

/* Read, and with every verdict good and the certificate of the applicant. Fails the test when it cannot be
 * read. */
struct cb_application applicant_read(const struct applicant *a);

#endif
