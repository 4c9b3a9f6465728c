/* libcertbound-verifier: is this access token good, and is it bound to the certificate on this connection?
 * RFC 9068 (JWT access tokens), RFC 8705 section 3 (certificate-bound tokens), RFC 8725 (JWT best practice).
 * SPDX-License-Identifier: Apache-2.0
 *
 * Configure a verifier once, at start, and share it between all threads. Then, for each request:
 *
 *     certbound_code why;
 *     certbound_claims *c = certbound_verify(v, token, token_len, peer_der, peer_der_len, time(NULL), &why);
 *     if (c == NULL)
 *         respond(certbound_code_status(why), certbound_code_www_authenticate(why));
 *     else if (!certbound_claims_has_scope(c, "payments"))
 *         respond_403();
 *     else
 *         serve(certbound_claims_subject(c));
 *     certbound_claims_free(c);
 *
 * The claims object is the proof: without it there is no subject and no scope to act upon. NULL means deny.
 * The library does no input or output, never logs, exits or reads the environment, and takes no third-party
 * type. The certificate comes as DER, whatever the TLS library. There is no option that turns the binding
 * off.
 */
#ifndef CERTBOUND_VERIFIER_H
#define CERTBOUND_VERIFIER_H

#include <stddef.h>
#include <stdint.h>

#include <certbound/version.h>

#if defined(__GNUC__)
#define CERTBOUND_API __attribute__((visibility("default")))
#else
#define CERTBOUND_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Why a call said what it said. Values never change; new ones are added behind.
 *  Zero is a refusal like any other: never test a code for truth, compare it with CERTBOUND_OK. */
typedef enum certbound_code {
    CERTBOUND_E_INTERNAL = 0, /* our fault; deny */
    CERTBOUND_OK = 1,
    CERTBOUND_E_MEMORY = 2,         /* out of memory; deny */
    CERTBOUND_E_ARGUMENT = 3,       /* the caller's mistake: NULL, or a value out of its range */
    CERTBOUND_E_NOT_CONFIGURED = 4, /* no issuer or no audience was set */
    CERTBOUND_E_NO_KEYS = 5,        /* no JWK set was set yet */
    CERTBOUND_E_JWKS = 6,           /* certbound_verifier_set_jwks: not a JWK set with a usable key */

    /* The Authorization header. */
    CERTBOUND_E_TOKEN_MISSING = 10,         /* no credentials at all */
    CERTBOUND_E_SCHEME = 11,                /* another scheme than Bearer */
    CERTBOUND_E_CREDENTIALS_MALFORMED = 12, /* Bearer, but what follows is no token */

    /* The token's shape, header and signature. */
    CERTBOUND_E_TOKEN_TOO_LARGE = 20, /* over 16 KiB */
    CERTBOUND_E_TOKEN_MALFORMED = 21, /* not three parts of canonical base64url */
    CERTBOUND_E_HEADER = 22,          /* the header is no JSON object, or repeats a member */
    CERTBOUND_E_TYP = 23,             /* typ is not at+jwt */
    CERTBOUND_E_ALG = 24,             /* alg is not ES256, PS256 or EdDSA */
    CERTBOUND_E_CRIT = 25,            /* crit: no extension is understood */
    CERTBOUND_E_KID_MISSING = 26,     /* the header names no key */
    CERTBOUND_E_KID_UNKNOWN = 27,     /* no such key in the set: fetch it again, but not often */
    CERTBOUND_E_ALG_KEY = 28,         /* alg does not fit the key */
    CERTBOUND_E_SIGNATURE = 29,       /* not signed by that key */

    /* The claims. */
    CERTBOUND_E_CLAIMS = 40,           /* the payload is no JSON object, or repeats a member */
    CERTBOUND_E_ISSUER = 41,           /* iss is not the configured issuer */
    CERTBOUND_E_AUDIENCE = 42,         /* aud does not name the configured audience */
    CERTBOUND_E_CLAIM_MISSING = 43,    /* exp, iat, sub, client_id or jti is missing, or empty */
    CERTBOUND_E_CLAIM_TYPE = 44,       /* one of these, nbf or scope has another type or range */
    CERTBOUND_E_EXPIRED = 45,          /* exp has come */
    CERTBOUND_E_ISSUED_IN_FUTURE = 46, /* iat is further ahead than the clock skew */
    CERTBOUND_E_NOT_YET_VALID = 47,    /* nbf is further ahead than the clock skew */

    /* The binding. */
    CERTBOUND_E_CNF_MISSING = 60,           /* a token without cnf: usable by whoever steals it */
    CERTBOUND_E_CNF_MALFORMED = 61,         /* cnf is no object, or x5t#S256 not 32 bytes of base64url */
    CERTBOUND_E_CNF_UNSUPPORTED = 62,       /* cnf without x5t#S256 */
    CERTBOUND_E_DPOP_UNSUPPORTED = 63,      /* cnf.jkt: a DPoP-bound token, which this version cannot check */
    CERTBOUND_E_CERTIFICATE_MISSING = 64,   /* the client showed no certificate */
    CERTBOUND_E_CERTIFICATE_TOO_LARGE = 65, /* over 16 KiB */
    CERTBOUND_E_CERTIFICATE_MISMATCH = 66,  /* the token is bound to another certificate */

    /* Yours to answer with, after certbound_claims_has_scope said no. */
    CERTBOUND_E_INSUFFICIENT_SCOPE = 80
} certbound_code;

/** What is checked against, and what is remembered. Make one, share it. @since 0.1 */
typedef struct certbound_verifier certbound_verifier;

/** A verified token. Immutable: any thread may read it. @since 0.1 */
typedef struct certbound_claims certbound_claims;

/** A verifier that denies everything until issuer, audience and keys are set.
 *  @return NULL when memory is used up; every other function takes NULL and denies. @since 0.1 */
CERTBOUND_API certbound_verifier *certbound_verifier_new(void);

/** No other thread may use the verifier any more. Claims that were handed out stay good. NULL is fine. @since
 * 0.1 */
CERTBOUND_API void certbound_verifier_free(certbound_verifier *v);

/* The setters below copy what they are given. Any thread may call them at any time; calls of certbound_verify
 * that have begun finish with what was set before. Each empties the memory of verified tokens. One that fails
 * changes nothing. They return CERTBOUND_OK, CERTBOUND_E_ARGUMENT or CERTBOUND_E_MEMORY. */

/** The one issuer whose tokens count, compared with `iss` byte by byte.
 *  @param issuer 1 to 512 bytes. @since 0.1 */
CERTBOUND_API certbound_code certbound_verifier_set_issuer(certbound_verifier *v, const char *issuer);

/** The name of this resource server, which `aud` must be or contain (RFC 9068 section 4).
 *  @param audience 1 to 512 bytes. @since 0.1 */
CERTBOUND_API certbound_code certbound_verifier_set_audience(certbound_verifier *v, const char *audience);

/** The issuer's public keys, RFC 7517 section 5. Keys that are not for ES256 (P-256), PS256 (RSA of 2048 to
 * 4096 bits) or EdDSA (Ed25519) signatures, or have no kid, are skipped as that section says; points are
 * checked to be on their curve. Fetching the set, again and again, is the caller's business; a set that is
 * refused leaves the old one.
 *  @param json at most 256 KiB and 64 keys.
 *  @return also CERTBOUND_E_JWKS: not JSON, repeated members, no usable key, or two of the same kid. @since
 * 0.1 */
CERTBOUND_API certbound_code certbound_verifier_set_jwks(certbound_verifier *v, const char *json, size_t len);

/** How far ahead of ours the issuer's clock may be: `iat` and `nbf` may lie so many seconds in the future.
 *  `exp` gets no such grace. @param seconds 0 to 60; 10 unless set. @since 0.1 */
CERTBOUND_API certbound_code certbound_verifier_set_clock_skew(certbound_verifier *v, int64_t seconds);

/** How many verified tokens to remember, by their SHA-256, so that the next call for the same token need not
 * check the signature again. Dates and certificate are checked on every call all the same. @param tokens 0
 * remembers none; at most 1048576, rounded up to a power of two from 128; 4096 unless set. A token takes at
 * most 4 KiB. @since 0.1 */
CERTBOUND_API certbound_code certbound_verifier_set_cache_size(certbound_verifier *v, size_t tokens);

/** Takes the token out of the value of an Authorization header (RFC 6750 section 2.1); checks its characters
 * only. A request with more than one Authorization header is malformed: that is for the caller to see.
 *  @param value need not end in NUL; NULL when the request has no such header.
 *  @param token out, borrowed from value; written on CERTBOUND_OK only, as is token_len.
 *  @return CERTBOUND_OK, _E_TOKEN_MISSING, _E_SCHEME, _E_CREDENTIALS_MALFORMED, _E_ARGUMENT. @since 0.1 */
CERTBOUND_API certbound_code certbound_bearer_token(const char *value, size_t len, const char **token,
                                                    size_t *token_len);

/** Checks, in this order: size and shape, header (typ, alg, crit, kid), signature, iss, aud, exp, iat, nbf,
 * the other required claims, cnf, and that cnf.x5t#S256 is the SHA-256 of the certificate. Does not check:
 * whether the token was revoked, whether its scope suffices (certbound_claims_has_scope), and the
 * certificate's chain and dates, which RFC 8705 section 6.2 leaves to you. Thread-safe.
 *  @param token need not end in NUL; at most 16 KiB.
 *  @param der the certificate of the TLS connection as it was received, DER and nothing behind; at most 16
 * KiB. From the TLS library or a proxy you trust, never from the client's own header.
 *  @param now Unix seconds.
 *  @param why out, may be NULL: CERTBOUND_OK, or what was wrong. For your log; tell the client only what
 *             certbound_code_www_authenticate says.
 *  @return the claims, for certbound_claims_free; NULL means deny. @since 0.1 */
CERTBOUND_API certbound_claims *certbound_verify(certbound_verifier *v, const char *token, size_t token_len,
                                                 const void *der, size_t der_len, int64_t now,
                                                 certbound_code *why);

/* What the token says. Strings end in NUL, hold no other, are UTF-8, and live until certbound_claims_free. Of
 * NULL claims they are NULL, and numbers 0. @since 0.1 */
CERTBOUND_API const char *certbound_claims_subject(const certbound_claims *c);   /**< sub */
CERTBOUND_API const char *certbound_claims_client_id(const certbound_claims *c); /**< client_id */
CERTBOUND_API const char *certbound_claims_scope(
    const certbound_claims *c); /**< scope; "" when there is none */
CERTBOUND_API const char *certbound_claims_jwt_id(const certbound_claims *c); /**< jti */
CERTBOUND_API const char *certbound_claims_json(const certbound_claims *c);   /**< the whole payload */
CERTBOUND_API int64_t certbound_claims_expires(const certbound_claims *c);    /**< exp, Unix seconds */
CERTBOUND_API int64_t certbound_claims_issued_at(const certbound_claims *c);  /**< iat, Unix seconds */

/** Does `scope` hold this word, exactly (RFC 6749 section 3.3)? 1 or 0. @since 0.1 */
CERTBOUND_API int certbound_claims_has_scope(const certbound_claims *c, const char *scope);

/** NULL is fine. @since 0.1 */
CERTBOUND_API void certbound_claims_free(certbound_claims *c);

/* Fixed answers for any code, also one that this version does not know: never NULL, nothing from the token.
 */

/** A stable word for logs and metrics: "certificate_mismatch". @since 0.1 */
CERTBOUND_API const char *certbound_code_name(certbound_code code);

/** The HTTP status that RFC 6750 section 3.1 gives: 200, 400, 401, 403, or 500 and 503 where it was not the
 * client.
 *  @since 0.1 */
CERTBOUND_API int certbound_code_status(certbound_code code);

/** The value of the WWW-Authenticate header, RFC 6750 section 3. Add scope="..." to that of
 *  CERTBOUND_E_INSUFFICIENT_SCOPE yourself. @since 0.1 */
CERTBOUND_API const char *certbound_code_www_authenticate(certbound_code code);

/** The version that runs, where CERTBOUND_VERSION_STRING is the one compiled against. @since 0.1 */
CERTBOUND_API const char *certbound_version(void);

#ifdef __cplusplus
}
#endif

#endif
