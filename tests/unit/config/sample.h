#ifndef CB_TEST_CONFIG_SAMPLE_H
#define CB_TEST_CONFIG_SAMPLE_H

#include "config/config.h"

/* Every required key and the store, one a line, so that a test can name the line. */
#define SAMPLE                                                                                               \
    "issuer: https://as.example.com\n"                                                                       \
    "listeners:\n"                                                                                           \
    "  public: { address: '[::]:8443', certificate: s.pem, private_key: s.key }\n"                           \
    "  mtls: { address: '[::]:8444', certificate: s.pem, private_key: s.key, url: "                          \
    "'https://as.example.com:8444' }\n"                                                                      \
    "store: sqlite:certbound.db\n"                                                                           \
    "keys: { encryption_key_file: kek }\n"                                                                   \
    "resources:\n"                                                                                           \
    "  - { identifier: 'https://api.example.com', scopes: [accounts, payments] }\n"                          \
    "trust_groups:\n"                                                                                        \
    "  - { name: partners, anchors: ca.pem }\n"

/* The sample with the first `from` replaced (NULL: `to` is added at the end), heap. */
char *sample_with(const char *from, const char *to);

/* Parses text as /etc/cb/test.yaml. */
struct outcome {
    struct cb_arena arena;
    struct cb_config *config;
    struct cb_buf problems;
    struct cb_err err;
    bool ok;
};
void outcome_of(struct outcome *o, const char *yaml);
void outcome_done(struct outcome *o);
const char *outcome_problems(struct outcome *o); /* as a C string */

#endif
