#include "partner/peer.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "base/limits.h"
#include "testlib/pki.h"

static struct pki_cert *ca, *leaf;
static struct cb_trust *trust, *again;
static const struct pki_value ca_name[] = { { .type = "CN", .value = "Bank CA" }, { .type = NULL } };

static struct cb_trust *trust_of(const struct pki_cert *anchor)
{
    char *pem = pki_pem(&anchor, 1);
    const struct cb_pem_text text = { NULL, cb_str_of(pem) };
    struct cb_trust *t = NULL;
    cr_assert_not(
        CB_FAILED(cb_trust_new(&(struct cb_trust_options){ .anchors = &text, .anchor_count = 1 }, &t, NULL)));
    free(pem);
    return t;
}

static void setup(void)
{
    ca = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    leaf = pki_issue(&(struct pki_spec){ .issuer = ca, .not_after = PKI_NOW + 9 });
    trust = trust_of(ca);
    again = trust_of(ca);
}

static void teardown(void)
{
    cb_trust_free(again);
    cb_trust_free(trust);
    pki_free(leaf);
    pki_free(ca);
}

TestSuite(peer, .init = setup, .fini = teardown);

static struct cb_peer *peer_of(const struct pki_cert *c)
{
    const struct cb_str der = pki_der(c);
    return cb_peer_new(&der, 1);
}

static enum cb_code check(struct cb_peer *p, const struct cb_trust *t, uint64_t generation, int64_t now,
                          const struct cb_trust_path **path)
{
    struct cb_err err = { 0 };
    (void)cb_peer_check(p, t, generation, now, path, &err).v_;
    return err.code;
}

Test(peer, remembers_its_path_for_one_group_and_generation)
{
    struct cb_peer *p = peer_of(leaf);
    const struct cb_trust_path *first = NULL, *second = NULL;
    cr_expect_eq(check(p, trust, 1, PKI_NOW, &first), CB_E_NONE);
    cr_assert_eq(first->count, 1);
    cr_expect_eq(first->links[0].issuer, cb_trust_anchor_at(trust, 0));
    cr_expect_eq(check(p, trust, 1, PKI_NOW + 8, &second), CB_E_NONE);
    cr_expect_eq(first, second);
    cr_expect_eq(check(p, again, 1, PKI_NOW, &second), CB_E_NONE);
    cr_expect_eq(second->links[0].issuer, cb_trust_anchor_at(again, 0), "another group asks for itself");
    cr_expect_eq(check(p, trust, 1, PKI_NOW + 9, &second), CB_E_CERT_EXPIRED);
    cr_expect_eq(check(p, trust, 2, PKI_NOW - 2 * 86400, &second), CB_E_CERT_NOT_YET_VALID);
    cr_expect_eq(check(p, trust, 2, PKI_NOW, &second), CB_E_NONE);
    cb_peer_free(p);
}

/* A group may be gone with its generation, and another stand where it stood. */
Test(peer, asks_anew_in_another_generation)
{
    struct pki_cert *stranger = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct cb_trust *other = trust_of(stranger);
    struct cb_peer *p = peer_of(leaf);
    const struct cb_trust_path *path = NULL;
    cr_expect_eq(check(p, trust, 1, PKI_NOW, &path), CB_E_NONE);
    cr_expect_eq(check(p, other, 2, PKI_NOW, &path), CB_E_CERT_ISSUER_UNKNOWN);
    cb_trust_free(trust);
    trust = NULL;
    cr_expect_eq(path->count, 1, "the path does not die with its group");
    cb_peer_free(p);
    cb_trust_free(other);
    pki_free(stranger);
}

Test(peer, remembers_a_failure_for_its_second)
{
    struct pki_cert *late = pki_issue(&(struct pki_spec){ .issuer = ca, .not_before = PKI_NOW + 1 });
    struct pki_cert *stranger = pki_issue(&(struct pki_spec){ .subject = ca_name, .ca = true });
    struct cb_trust *other = trust_of(stranger);
    struct cb_peer *p = peer_of(late);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(check(p, trust, 1, PKI_NOW, NULL), CB_E_CERT_NOT_YET_VALID);
    }
    cr_expect_eq(check(p, trust, 1, PKI_NOW + 1, NULL), CB_E_NONE);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(check(p, other, 1, PKI_NOW + 1, NULL), CB_E_CERT_ISSUER_UNKNOWN);
        cr_expect_eq(check(p, trust, 1, PKI_NOW + 1, NULL), CB_E_NONE, "it is of another group");
    }
    cr_expect_eq(check(p, other, 2, PKI_NOW + 1, NULL), CB_E_CERT_ISSUER_UNKNOWN);
    cr_expect(CB_FAILED(cb_peer_check(p, other, 2, PKI_NOW + 1, NULL, NULL)));
    cb_peer_free(p);
    cb_trust_free(other);
    pki_free(stranger);
    pki_free(late);
}

Test(peer, of_too_many_certificates_is_none)
{
    struct cb_str ders[CB_LIMIT_CHAIN + 1] = { { 0 } };
    for (size_t i = 0; i < CB_COUNT(ders); i++) {
        ders[i] = pki_der(leaf);
    }
    const struct cb_cert *cert = NULL;
    struct cb_err err = { 0 };
    struct cb_peer *most = cb_peer_new(ders, CB_LIMIT_CHAIN), *more = cb_peer_new(ders, CB_LIMIT_CHAIN + 1);
    cr_expect_not(CB_FAILED(cb_peer_cert(most, &cert, NULL)));
    cr_expect(CB_FAILED(cb_peer_cert(more, &cert, &err)));
    cr_expect_eq(err.code, CB_E_CERT_MALFORMED);
    cb_peer_free(more);
    cb_peer_free(most);
}
