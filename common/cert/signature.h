/* Signatures over DER: which algorithms are good enough, and whether one verifies. RFC 5280 section 4.1.1.2.
 */
#ifndef CB_SIGNATURE_H
#define CB_SIGNATURE_H

#include "base/str.h"

struct cb_signature_algorithm {
    const char *key;    /* OpenSSL's name of the kind of key */
    const char *digest; /* NULL: the scheme has its own */
    bool pss;
    int salt; /* of PSS: octets */
};

/* What an AlgorithmIdentifier (the whole DER) names: RSA PKCS#1 v1.5 and PSS (one digest for both of its
 * parts), ECDSA, each with SHA-256, SHA-384 or SHA-512, Ed25519 and Ed448. False: another, or malformed. */
bool cb_signature_algorithm_of(struct cb_str identifier, struct cb_signature_algorithm *out);

/* Did the key (SubjectPublicKeyInfo, DER) sign `data`? `signature` is the content of a BIT STRING. */
bool cb_signature_verifies(const struct cb_signature_algorithm *algorithm, struct cb_str public_key,
                           struct cb_str data, struct cb_str signature);

#endif
