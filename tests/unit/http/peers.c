#include "http/peers.h"

#include <criterion/criterion.h>

#include "base/limits.h"
#include "testlib/pki.h"

static struct pki_cert *leaf, *other, *ca;
static struct cb_peers *peers;

static void setup(void)
{
    struct cb_err err = { 0 };
    ca = pki_issue(&(struct pki_spec){ .ca = true });
    leaf = pki_issue(&(struct pki_spec){ .issuer = ca });
    other = pki_issue(&(struct pki_spec){ .issuer = ca });
    cr_assert(!CB_FAILED(cb_peers_new(&peers, &err)));
}

static void teardown(void)
{
    cb_peers_free(peers);
    pki_free(other);
    pki_free(leaf);
    pki_free(ca);
}

TestSuite(peers, .init = setup, .fini = teardown);

static struct cb_peer *take(const struct cb_str *ders, size_t count, struct cb_x5t *key)
{
    struct cb_peer *p = NULL;
    struct cb_err err = { 0 };
    cr_assert(!CB_FAILED(cb_peers_take(peers, ders, count, &p, key, &err)), "%s", err.detail);
    return p;
}

Test(peers, what_was_given_is_taken_by_the_same_chain_only)
{
    const struct cb_str chain[] = { pki_der(leaf), pki_der(ca) };
    const struct cb_str turned[] = { pki_der(ca), pki_der(leaf) };
    const struct cb_str others[] = { pki_der(other), pki_der(ca) };
    struct cb_x5t key;
    struct cb_x5t unused;
    struct cb_peer *p = take(chain, 2, &key);
    cb_peers_give(peers, &key, p);
    struct cb_peer *alone = take(chain, 1, &unused);
    struct cb_peer *reversed = take(turned, 2, &unused);
    struct cb_peer *foreign = take(others, 2, &unused);
    cr_assert(alone != p && reversed != p && foreign != p);
    cr_assert_eq(take(chain, 2, &unused), p);
    cr_assert(cb_x5t_eq(&unused, &key));
    struct cb_peer *second = take(chain, 2, &unused);
    cr_assert_neq(second, p, "it is taken");
    cb_peer_free(second);
    cb_peer_free(alone);
    cb_peer_free(reversed);
    cb_peer_free(foreign);
    cb_peer_free(p);
}

Test(peers, one_partner_does_not_drive_the_others_out)
{
    const struct cb_str quiet = pki_der(other);
    const struct cb_str busy = pki_der(leaf);
    struct cb_x5t quiet_key;
    struct cb_x5t busy_key;
    struct cb_peer *p = take(&quiet, 1, &quiet_key);
    cb_peers_give(peers, &quiet_key, p);
    cb_peer_free(take(&busy, 1, &busy_key));
    for (size_t i = 0; i < CB_PEERS_KEPT + 1; i++) {
        cb_peers_give(peers, &busy_key, cb_peer_new(&busy, 1));
    }
    cr_assert_eq(take(&quiet, 1, &quiet_key), p);
    cb_peer_free(p);
}

static struct cb_x5t key_number(size_t i)
{
    return (struct cb_x5t){ .b = { (uint8_t)(i & 0xff), (uint8_t)(i >> 8), 1 } };
}

Test(peers, the_longest_waiting_makes_room)
{
    const struct cb_str first = pki_der(leaf);
    const struct cb_str second = pki_der(other);
    struct cb_x5t first_key;
    struct cb_x5t second_key;
    struct cb_x5t unused;
    struct cb_peer *oldest = take(&first, 1, &first_key);
    struct cb_peer *younger = take(&second, 1, &second_key);
    cb_peers_give(peers, &first_key, oldest);
    cb_peers_give(peers, &second_key, younger);
    for (size_t i = 0; i < CB_PEERS_KEPT - 1; i++) {
        const struct cb_x5t key = key_number(i);
        cb_peers_give(peers, &key, cb_peer_new(&first, 1));
    }
    cr_assert_eq(take(&second, 1, &unused), younger);
    cb_peers_give(peers, &second_key, younger);
    const struct cb_x5t one_more = key_number(CB_PEERS_KEPT);
    cb_peers_give(peers, &one_more, cb_peer_new(&first, 1));
    cr_assert_eq(take(&second, 1, &unused), younger, "given last but one");
    cb_peer_free(younger);
}

Test(peers, a_chain_that_is_too_long_is_a_peer_that_refuses)
{
    struct cb_str chain[CB_LIMIT_CHAIN + 2];
    for (size_t i = 0; i < CB_COUNT(chain); i++) {
        chain[i] = pki_der(leaf);
    }
    struct cb_x5t key;
    struct cb_err err = { 0 };
    const struct cb_cert *cert = NULL;
    struct cb_peer *p = take(chain, CB_LIMIT_CHAIN, &key);
    cr_assert(!CB_FAILED(cb_peer_cert(p, &cert, &err)));
    cb_peer_free(p);
    p = take(chain, CB_LIMIT_CHAIN + 1, &key);
    cr_assert(CB_FAILED(cb_peer_cert(p, &cert, &err)));
    cr_assert_eq(err.code, CB_E_CERT_MALFORMED);
    cb_peer_free(p);
    err = (struct cb_err){ 0 };
    p = NULL;
    cr_assert(CB_FAILED(cb_peers_take(peers, chain, CB_LIMIT_CHAIN + 2, &p, &key, &err)));
    cr_assert_eq(err.code, CB_E_LIMIT);
    cr_assert_null(p);
}
