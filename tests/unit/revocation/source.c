#include "revocation/source.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

#include "testlib/crl.h"

static struct pki_cert *ca;
static struct cb_source *source;
static char path[] = "/tmp/certbound-list-XXXXXX";

static void setup(void)
{
    ca = pki_issue(&(struct pki_spec){ .ca = true });
    (void)close(mkstemp(path));
}

static void teardown(void)
{
    cb_source_free(source);
    (void)unlink(path);
    pki_free(ca);
}

TestSuite(source, .init = setup, .fini = teardown);

static struct cb_crl *list_by(const struct pki_cert *issuer, int64_t this_update, int64_t next_update,
                              size_t count)
{
    const struct cb_str cas[] = { pki_der(issuer) };
    struct cb_crl *list = NULL;
    size_t n = 0;
    char *der = crl_issue(
        &(struct crl_spec){
            .issuer = issuer, .this_update = this_update, .next_update = next_update, .count = count },
        &n);
    cr_assert_not(CB_FAILED(cb_crl_read((struct cb_str){ der, n }, cas, 1, PKI_NOW, &list, NULL)));
    free(der);
    return list;
}

static struct cb_crl *list_of(int64_t this_update, int64_t next_update, size_t count)
{
    return list_by(ca, this_update, next_update, count);
}

/* Reads the source with this outcome. Says the code that would be logged. */
static enum cb_code attempt(struct cb_crl *list, enum cb_code failure, int64_t now_ms, bool *changed)
{
    struct cb_err err = { 0 };
    struct cb_job *j = cb_source_job(source);
    cr_assert_not_null(j);
    cr_expect_eq(j->source, source->id);
    cr_expect_not(cb_source_is_due(source, now_ms), "it is under way");
    j->list = list;
    j->err.code = failure;
    const bool another = cb_source_take(source, j, PKI_NOW, now_ms, &err);
    if (changed != NULL) {
        *changed = another;
    }
    cb_job_free(j);
    return err.code;
}

static void write_to(const char *file, const char *text)
{
    FILE *f = fopen(file, "w");
    cr_assert(f != NULL && fputs(text, f) >= 0 && fclose(f) == 0);
}

Test(source, reads_a_file_when_it_is_another)
{
    char other[sizeof path + 4];
    source = cb_source_new(path, false, NULL, "g");
    cr_expect_not(source->is_url);
    cr_expect(cb_source_is_due(source, 0), "at first");
    (void)attempt(NULL, CB_E_CRL_MALFORMED, 0, NULL);
    cr_expect_not(cb_source_is_due(source, 1 << 30), "not by time");
    write_to(path, "longer");
    cr_expect(cb_source_is_due(source, 0), "another size");
    (void)attempt(NULL, CB_E_CRL_MALFORMED, 0, NULL);
    (void)snprintf(other, sizeof other, "%s.new", path);
    write_to(other, "longer");
    cr_assert_eq(rename(other, path), 0);
    cr_expect(cb_source_is_due(source, 0), "another file");
    (void)attempt(NULL, CB_E_CRL_MALFORMED, 0, NULL);
    (void)unlink(path);
    cr_expect(cb_source_is_due(source, 0), "none any more");
    (void)attempt(NULL, CB_E_FILE, 0, NULL);
    cr_expect_not(cb_source_is_due(source, 0));
}

Test(source, fetches_a_url_half_way_within_bounds)
{
    static const struct {
        int64_t life_s, wait_s;
    } rows[] = { { 10, 30 }, { 60, 30 }, { 62, 31 }, { 7200, 3600 }, { 86400, 3600 }, { -10, 30 } };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        bool changed = false;
        source = cb_source_new("https://lists.example/ca.crl", false, NULL, "g");
        cr_expect(source->is_url);
        (void)attempt(list_of(PKI_NOW - 100, PKI_NOW + rows[i].life_s, 1), CB_E_NONE, 500, &changed);
        cr_expect(changed);
        cr_expect_not(cb_source_is_due(source, 500 + rows[i].wait_s * 1000 - 1), "row %zu", i);
        cr_expect(cb_source_is_due(source, 500 + rows[i].wait_s * 1000), "row %zu", i);
        cb_source_free(source);
    }
    source = NULL;
}

Test(source, fetches_again_ever_later_after_failures_and_says_each_reason_once)
{
    static const int64_t waits[] = { 2, 4, 8, 16, 32, 64, 128, 256, 300, 300 };
    int64_t now_ms = 0;
    source = cb_source_new("https://lists.example/ca.crl", false, NULL, "g");
    for (size_t i = 0; i < CB_COUNT(waits); i++) {
        const enum cb_code said = attempt(NULL, CB_E_FETCH_FAILED, now_ms, NULL);
        cr_expect_eq(said, i == 0 ? CB_E_FETCH_FAILED : CB_E_NONE);
        cr_expect_not(cb_source_is_due(source, now_ms + waits[i] * 1000 - 1), "wait %zu", i);
        now_ms += waits[i] * 1000;
        cr_expect(cb_source_is_due(source, now_ms), "wait %zu", i);
    }
    cr_expect_eq(attempt(NULL, CB_E_CRL_SIGNATURE, now_ms, NULL), CB_E_CRL_SIGNATURE, "another reason");
    cr_expect_eq(attempt(list_of(PKI_NOW, PKI_NOW + 9, 1), CB_E_NONE, now_ms, NULL), CB_E_NONE);
    cr_expect_eq(source->failure, CB_E_NONE);
    cr_expect_eq(attempt(NULL, CB_E_FETCH_FAILED, now_ms, NULL), CB_E_FETCH_FAILED, "said again");
}

Test(source, keeps_the_good_list_over_a_bad_and_an_older_one)
{
    bool changed = false;
    source = cb_source_new("https://lists.example/ca.crl", false, NULL, "g");
    (void)attempt(list_of(PKI_NOW - 100, PKI_NOW + 100, 1), CB_E_NONE, 0, NULL);
    cr_expect_eq(attempt(NULL, CB_E_CRL_MALFORMED, 0, &changed), CB_E_CRL_MALFORMED);
    cr_expect(changed, "that it failed is new");
    cr_expect_eq(cb_crl_facts(source->list)->entries, 1);
    cr_expect_eq(attempt(list_of(PKI_NOW - 101, PKI_NOW + 100, 2), CB_E_NONE, 0, NULL), CB_E_CRL_OLDER);
    cr_expect_eq(cb_crl_facts(source->list)->entries, 1);
    (void)attempt(list_of(PKI_NOW - 100, PKI_NOW + 100, 1), CB_E_NONE, 0, &changed);
    cr_expect(changed, "that it goes well again is new");
    (void)attempt(list_of(PKI_NOW - 100, PKI_NOW + 100, 1), CB_E_NONE, 0, &changed);
    cr_expect_not(changed, "the same list");
    source->say_loaded = false;
    (void)attempt(list_of(PKI_NOW - 99, PKI_NOW + 100, 3), CB_E_NONE, 0, &changed);
    cr_expect(changed);
    cr_expect(source->say_loaded);
    cr_expect_eq(cb_crl_facts(source->list)->entries, 3);
}

static struct cb_crl *list_numbered(int64_t this_update, struct cb_str number)
{
    const struct cb_str cas[] = { pki_der(ca) };
    struct cb_buf extensions;
    struct cb_crl *list = NULL;
    size_t n = 0;
    cb_buf_init(&extensions, 256);
    crl_extension(&extensions, CB_STR("\x55\x1d\x14"), false, number);
    char *der = crl_issue(&(struct crl_spec){ .issuer = ca,
                                              .this_update = this_update,
                                              .next_update = PKI_NOW + 100,
                                              .extensions = cb_buf_str(&extensions) },
                          &n);
    cr_assert_not(CB_FAILED(cb_crl_read((struct cb_str){ der, n }, cas, 1, PKI_NOW, &list, NULL)));
    free(der);
    cb_buf_done(&extensions);
    return list;
}

/* RFC 5280 section 5.2.3. A CA that begins to count anew has still a later thisUpdate. */
Test(source, takes_no_lower_number_of_the_same_second)
{
    static const struct {
        int64_t later_by;
        struct cb_str number;
        enum cb_code code;
    } rows[] = {
        { 0, { "\x02\x02\x01\x00", 4 }, CB_E_NONE },      /* 256, as before */
        { 0, { "\x02\x02\x01\x01", 4 }, CB_E_NONE },      /* 257 */
        { 0, { "\x02\x02\x00\xff", 4 }, CB_E_CRL_OLDER }, /* 255 */
        { 0, { "\x02\x01\x7f", 3 }, CB_E_CRL_OLDER },      { 1, { "\x02\x01\x01", 3 }, CB_E_NONE },
        { -1, { "\x02\x02\x01\x01", 4 }, CB_E_CRL_OLDER },
    };
    const struct cb_str number = { "\x02\x02\x01\x00", 4 };
    for (size_t i = 0; i < CB_COUNT(rows); i++) {
        source = cb_source_new("https://lists.example/ca.crl", false, NULL, "g");
        (void)attempt(list_numbered(PKI_NOW - 100, number), CB_E_NONE, 0, NULL);
        struct cb_crl *list = list_numbered(PKI_NOW - 100 + rows[i].later_by, rows[i].number);
        cr_expect_eq(attempt(list, CB_E_NONE, 0, NULL), rows[i].code, "row %zu", i);
        cb_source_free(source);
    }
    source = NULL;
}

/* Another CA's genuine list at the same place takes nothing away, and an older one of the first does not come
 * back by that way. */
Test(source, sets_aside_what_a_list_of_another_kind_displaces)
{
    struct pki_cert *other = pki_issue(&(struct pki_spec){ .ca = true });
    bool changed = false;
    source = cb_source_new("https://lists.example/ca.crl", false, NULL, "g");
    (void)attempt(list_of(PKI_NOW - 100, PKI_NOW + 100, 1), CB_E_NONE, 0, NULL);
    cr_expect_eq(attempt(list_by(other, PKI_NOW - 500, PKI_NOW + 100, 2), CB_E_NONE, 0, &changed), CB_E_NONE);
    cr_expect(changed);
    cr_expect_eq(cb_crl_facts(source->list)->entries, 2);
    cr_assert_eq(source->aside_count, 1);
    cr_expect_eq(cb_crl_facts(source->aside[0])->entries, 1);
    cr_expect_eq(attempt(list_of(PKI_NOW - 101, PKI_NOW + 100, 3), CB_E_NONE, 0, NULL), CB_E_CRL_OLDER);
    cr_expect_eq(cb_crl_facts(source->list)->entries, 2);
    cr_expect_eq(attempt(list_of(PKI_NOW - 99, PKI_NOW + 100, 4), CB_E_NONE, 0, NULL), CB_E_NONE);
    cr_expect_eq(cb_crl_facts(source->list)->entries, 4);
    cr_assert_eq(source->aside_count, 1, "each kind once");
    cr_expect_eq(cb_crl_facts(source->aside[0])->entries, 2);
    pki_free(other);
}

Test(source, keeps_the_kinds_that_came_first)
{
    struct pki_cert *others[CB_SOURCE_ASIDE + 2];
    source = cb_source_new("https://lists.example/ca.crl", false, NULL, "g");
    (void)attempt(list_of(PKI_NOW - 100, PKI_NOW + 100, 1), CB_E_NONE, 0, NULL);
    for (size_t i = 0; i < CB_COUNT(others); i++) {
        others[i] = pki_issue(&(struct pki_spec){ .ca = true });
        (void)attempt(list_by(others[i], PKI_NOW - 100, PKI_NOW + 100, 2 + i), CB_E_NONE, 0, NULL);
        cr_expect_eq(source->aside_count, i < CB_SOURCE_ASIDE ? i + 1 : CB_SOURCE_ASIDE);
    }
    for (size_t i = 0; i + 1 < CB_SOURCE_ASIDE; i++) {
        cr_expect_eq(cb_crl_facts(source->aside[i])->entries, i + 1);
    }
    for (size_t i = 0; i < CB_COUNT(others); i++) {
        pki_free(others[i]);
    }
}
