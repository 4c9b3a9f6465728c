/* What a partner hands in to be registered, taken apart. Nothing in it is trusted until the rules have
 * passed. RFC 7591 section 2, 2.3; UK Open Banking DCR 3.2 and 3.3; Open Finance Brazil DCR. */
#ifndef CB_APPLICATION_H
#define CB_APPLICATION_H

#include "cert/cert.h"
#include "config/config.h"
#include "onboarding/signed.h"
#include "partner/profile.h"
#include "store/store.h"

/* Whose rules a registration follows: bits, so that a rule can name several. Zero is nobody's. */
enum cb_scheme { CB_SCHEME_GENERIC = 1, CB_SCHEME_OBUK = 2, CB_SCHEME_OFBR = 4 };
enum { CB_SCHEMES_ALL = CB_SCHEME_GENERIC | CB_SCHEME_OBUK | CB_SCHEME_OFBR };

/* 0 for a word that is none. */
unsigned cb_scheme_of(struct cb_str name);

/* What is at hand for judging an application. A rule that needs what is not at hand does not pass. */
enum {
    CB_HAS_STATEMENT_KEYS = 1,
    CB_HAS_REQUEST_KEYS = 2, /* those of the software, which sign the request */
    CB_HAS_CERTIFICATE = 4,  /* the one of the connection */
};

struct cb_application {
    struct cb_arena *arena;
    int64_t now;
    const struct cb_config *config;
    const struct cb_config_directory *directory; /* who issued the statement */
    unsigned scheme;
    bool is_signed;           /* the request came as a JWS */
    struct cb_signed request; /* then */
    const json_t *asked;      /* what was asked for, as it was */
    struct cb_signed statement;
    const json_t *metadata; /* what counts: asked for, with what the statement says over it */

    /* Set by whoever knows; none yet after reading. A verdict without a code is good. */
    unsigned has;
    struct cb_err statement_verdict; /* the signature of the statement */
    struct cb_err request_verdict;   /* the signature of the request */
    struct cb_err certificate_verdict;
    const struct cb_cert *certificate;
    struct cb_profile_facts facts;             /* what a good certificate says of its holder */
    struct cb_str fetched_jwks;                /* what jwks_uri answered; n == 0: not fetched */
    const struct cb_client_record *registered; /* to be replaced; NULL: a new one is made */
};

/* Reads a body: JSON, or a JWS of JSON, with a software statement in it. CB_E_DCR_METADATA,
 * CB_E_DCR_STATEMENT: what was sent cannot be read; CB_E_DCR_UNAPPROVED: none of our directories issued the
 * statement. */
CB_MUST cb_application_read(struct cb_arena *a, struct cb_str body, bool is_signed,
                            const struct cb_config *config, int64_t now, struct cb_application *out,
                            struct cb_err *err);

/* By which profile the certificate is read: the trust group's own, or, where that asks for nothing, the one
 * of the directory's scheme, for otherwise nobody would know whose certificate it is. */
enum cb_profile cb_application_profile(const struct cb_application *app);

/* Where the keys are that sign requests of this software; n == 0: the scheme does not sign requests, or the
 * statement does not say. */
struct cb_str cb_application_request_keys_url(const struct cb_application *app);

/* Where the certificates of a self_signed_tls_client_auth client are, by the word of the directory; n == 0:
 * it does not say, or the client is not one. */
struct cb_str cb_application_client_keys_url(const struct cb_application *app);

/* What makes a signed request one that can be used once: its jti, until when. */
void cb_application_use(const struct cb_application *app, struct cb_str *out_jti, int64_t *out_until);

/* software_id and organisation as the statement says; n == 0: it does not. */
struct cb_str cb_application_software_id(const struct cb_application *app);
struct cb_str cb_application_organisation_id(const struct cb_application *app);

/* The roles that the statement gives, active ones: NULL when it does not speak of roles. */
struct cb_words {
    struct cb_str *w;
    size_t count;
};
CB_MUST cb_application_roles(const struct cb_application *app, bool *out_stated, struct cb_words *out,
                             struct cb_err *err);

/* What would be registered as scope: asked for and allowed by the statement's roles; sorted out of words that
 * this server has. Without any asked for: all that the roles allow. */
CB_MUST cb_application_scope(const struct cb_application *app, struct cb_words *out, struct cb_err *err);

#endif
