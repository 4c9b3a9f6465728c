#include "cert/key_strength.h"

#include <inttypes.h>

enum own { NO_OWN, OWN_RSA, OWN_EC };

/* OpenSSL's security level alone would let P-224 and DSA pass. */
static const struct {
    const char *type;
    int bits;
    enum own own; /* which minimum is asked for beyond */
} kinds[] = {
    { "EC", 256, OWN_EC },    { "RSA", 2048, OWN_RSA }, { "RSA-PSS", 2048, OWN_RSA },
    { "ED25519", 0, NO_OWN }, { "ED448", 0, NO_OWN },
};

cb_status cb_key_check_strength(const EVP_PKEY *key, const struct cb_key_minimum *minimum, struct cb_err *err)
{
    const int64_t own[] = { [NO_OWN] = 0, [OWN_RSA] = minimum->rsa_bits, [OWN_EC] = minimum->ec_bits };
    const int bits = EVP_PKEY_get_bits(key);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (EVP_PKEY_is_a(key, kinds[i].type)) {
            CB_ENSURE(bits >= kinds[i].bits, CB_E_CERT_WEAK, "a key is %s of %d bits, at least %d are needed",
                      kinds[i].type, bits, kinds[i].bits);
            CB_ENSURE(bits >= own[kinds[i].own], CB_E_CERT_KEY_SIZE,
                      "a key is %s of %d bits, at least %" PRId64 " are demanded", kinds[i].type, bits,
                      own[kinds[i].own]);
            return CB_OK;
        }
    }
    CB_REFUSE(CB_E_CERT_WEAK, "a key is neither EC, RSA nor EdDSA");
}
