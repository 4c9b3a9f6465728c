/* The certificates that clients were seen with, and those revoked here. */
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "place.h"

TestSuite(certificates, .init = place_migrated, .fini = place_done);

static struct cb_seen_certificate seen(const char *client_id, char fill, int64_t not_after, int64_t last_seen)
{
    static char digests[256][32];
    char *x5t = digests[(unsigned char)fill];
    memset(x5t, fill, 32);
    return (struct cb_seen_certificate){
        .client_id = cb_str_of(client_id),
        .x5t = { x5t, 32 },
        .subject = CB_STR("CN=a"),
        .issuer = CB_STR("CN=ca"),
        .serial = CB_STR("0a"),
        .not_before = 1,
        .not_after = not_after,
        .first_seen = last_seen,
        .last_seen = last_seen,
    };
}

static void clients_named(const char *names)
{
    for (; *names != '\0'; names++) {
        const char id[] = { *names, '\0' };
        const struct cb_client_record c = client_of(id);
        MUST(cb_store_client_add(store, &c, &err));
    }
}

static cb_status print(void *ctx, const struct cb_seen_certificate *c, struct cb_err *e)
{
    (void)e;
    cb_buf_add_fmt(ctx, CB_STR_FMT "/%c %lld %lld-%lld, ", CB_STR_ARG(c->client_id), c->x5t.p[0],
                   (long long)c->not_after, (long long)c->first_seen, (long long)c->last_seen);
    return CB_OK;
}

static void expect_page(const struct cb_certificate_page *page, const char *want)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_MIB);
    MUST(cb_store_certificate_page(store, page, print, &b, &err));
    cr_expect(cb_str_is(cb_buf_str(&b), want), CB_STR_FMT " instead of %s", CB_STR_ARG(cb_buf_str(&b)), want);
    cb_buf_done(&b);
}

Test(certificates, are_noted_and_noted_again)
{
    clients_named("ab");
    const int64_t before = generation();
    const struct cb_seen_certificate first[] = { seen("a", 'x', 900, 100), seen("b", 'y', 800, 100),
                                                 seen("nobody", 'z', 1, 100) };
    const struct cb_seen_certificate again[] = { seen("a", 'x', 900, 200), seen("b", 'y', 800, 50) };
    MUST(cb_store_certificates_seen(store, first, 3, &err));
    MUST(cb_store_certificates_seen(store, again, 2, &err));
    MUST(cb_store_certificates_seen(store, again, 0, &err));
    expect_page(&(struct cb_certificate_page){ .limit = 9 }, "b/y 800 100-100, a/x 900 100-200, ");
    cr_expect_eq(generation(), before);
}

Test(certificates, of_which_a_row_is_bad_none_is_kept)
{
    clients_named("a");
    struct cb_seen_certificate two[] = { seen("a", 'x', 900, 100), seen("a", 'y', 900, 100) };
    two[1].x5t.n = 31;
    EXPECT(cb_store_certificates_seen(store, two, 2, &err), CB_E_INTERNAL);
    expect_page(&(struct cb_certificate_page){ .limit = 9 }, "");
}

Test(certificates, come_page_by_page_those_that_end_first_first)
{
    clients_named("ab");
    const struct cb_seen_certificate all[] = { seen("b", 'x', 300, 1), seen("a", 'x', 300, 1),
                                               seen("a", 'y', 300, 1), seen("a", 'z', 100, 1) };
    MUST(cb_store_certificates_seen(store, all, 4, &err));
    expect_page(&(struct cb_certificate_page){ .limit = 2 }, "a/z 100 1-1, a/x 300 1-1, ");
    expect_page(&(struct cb_certificate_page){ .limit = 2, .after = all[1] }, "a/y 300 1-1, b/x 300 1-1, ");
    expect_page(&(struct cb_certificate_page){ .limit = 2, .after = all[0] }, "");
    expect_page(&(struct cb_certificate_page){ .limit = 9, .client_id = CB_STR("b") }, "b/x 300 1-1, ");
    expect_page(&(struct cb_certificate_page){ .limit = 9, .ends_before = 300 }, "a/z 100 1-1, ");
    expect_page(&(struct cb_certificate_page){ .limit = 9, .ends_before = 301, .client_id = CB_STR("b") },
                "b/x 300 1-1, ");
}

static cb_status print_replaced(void *ctx, const struct cb_seen_certificate *c, struct cb_err *e)
{
    (void)e;
    cb_buf_add_fmt(ctx, "%c %lld, ", c->x5t.p[0], (long long)c->replaced_at);
    return CB_OK;
}

Test(certificates, tell_when_a_later_one_was_seen_first)
{
    clients_named("ab");
    const struct cb_seen_certificate all[] = { seen("a", 'x', 300, 10), seen("a", 'y', 400, 30),
                                               seen("a", 'z', 500, 20), seen("b", 'w', 600, 5) };
    const struct cb_certificate_page page = { .limit = 9, .ends_before = 550 };
    struct cb_buf b;
    cb_buf_init(&b, CB_KIB);
    MUST(cb_store_certificates_seen(store, all, 4, &err));
    MUST(cb_store_certificate_page(store, &page, print_replaced, &b, &err));
    cr_expect(cb_str_is(cb_buf_str(&b), "x 20, y 20, z 0, "), CB_STR_FMT, CB_STR_ARG(cb_buf_str(&b)));
    cb_buf_done(&b);
}

static size_t count(void)
{
    return (size_t)place_number("SELECT count(*) FROM client_certificates");
}

Test(certificates, of_a_client_the_last_seen_are_kept)
{
    clients_named("ab");
    for (int i = 0; i <= CB_LIMIT_SEEN; i++) {
        const struct cb_seen_certificate one = seen("a", (char)(i + 1), 900, 100 + i);
        MUST(cb_store_certificates_seen(store, &one, 1, &err));
        cr_expect_eq(count(), (size_t)(i < CB_LIMIT_SEEN ? i + 1 : CB_LIMIT_SEEN));
    }
    const struct cb_seen_certificate other = seen("b", 'x', 900, 1);
    MUST(cb_store_certificates_seen(store, &other, 1, &err));
    cr_expect_eq(count(), CB_LIMIT_SEEN + 1);
    cr_expect_eq(place_number("SELECT min(last_seen) FROM client_certificates WHERE client_id = 'a'"), 101);
}

Test(certificates, more_at_once_than_are_kept)
{
    struct cb_seen_certificate all[CB_LIMIT_SEEN + 2];
    clients_named("ab");
    for (int i = 0; i <= CB_LIMIT_SEEN; i++) {
        all[i] = seen("b", (char)(i + 1), 900, 100 + i);
    }
    all[CB_LIMIT_SEEN + 1] = seen("a", 'x', 900, 1);
    MUST(cb_store_certificates_seen(store, all, CB_COUNT(all), &err));
    cr_expect_eq(count(), CB_LIMIT_SEEN + 1);
    cr_expect_eq(place_number("SELECT min(last_seen) FROM client_certificates WHERE client_id = 'b'"), 101);
    cr_expect_eq(place_number("SELECT min(last_seen) FROM client_certificates WHERE client_id = 'a'"), 1);
}

static cb_status busy_at_second(void *ctx, const struct cb_seen_certificate *c, struct cb_err *e)
{
    (void)c;
    if (++*(int *)ctx < 2) {
        return CB_OK;
    }
    cb_err_set(e, CB_E_STORE_RETRY, __FILE__, __LINE__, "the reader's own");
    return CB_FAIL;
}

Test(certificates, what_was_handed_out_is_not_handed_out_again)
{
    int calls = 0;
    clients_named("a");
    const struct cb_seen_certificate all[] = { seen("a", 'x', 300, 1), seen("a", 'y', 300, 1) };
    MUST(cb_store_certificates_seen(store, all, 2, &err));
    const struct cb_certificate_page page = { .limit = 9 };
    EXPECT(cb_store_certificate_page(store, &page, busy_at_second, &calls, &err), CB_E_STORE_RETRY);
    cr_expect_eq(calls, 2);
}

Test(certificates, go_with_their_client)
{
    clients_named("ab");
    const struct cb_seen_certificate all[] = { seen("a", 'x', 300, 1), seen("b", 'x', 300, 1) };
    MUST(cb_store_certificates_seen(store, all, 2, &err));
    MUST(cb_store_client_remove(store, CB_STR("a"), 0, &err));
    expect_page(&(struct cb_certificate_page){ .limit = 9 }, "b/x 300 1-1, ");
}

/* --- of a key set, not seen yet --- */

static struct cb_client_record publisher(const struct cb_seen_certificate *all, size_t count)
{
    struct cb_client_record c = client_of("a");
    c.jwks = CB_STR("{}");
    c.certificates = (struct cb_certificate_list){ all, count };
    return c;
}

static void publish(const struct cb_seen_certificate *all, size_t count, const char *jwks)
{
    const struct cb_key_set_read read = { .client_id = CB_STR("a"),
                                          .jwks_uri = CB_STR("https://a.example/jwks"),
                                          .jwks = cb_str_of(jwks),
                                          .certificates = { all, count } };
    bool changed = false;
    MUST(cb_store_client_set_jwks(store, &read, &changed, &err));
    cr_expect(changed);
}

static const struct cb_certificate_page any = { .limit = 99 };

Test(certificates, of_a_key_set_are_there_from_the_start)
{
    const struct cb_seen_certificate own[] = { seen("", 'x', 900, 5), seen("", 'y', 800, 5) };
    const struct cb_seen_certificate used = seen("a", 'x', 900, 100), stranger = seen("a", 'z', 850, 100);
    const struct cb_client_record c = publisher(own, 2);
    MUST(cb_store_client_add(store, &c, &err));
    expect_page(&any, "a/y 800 0-0, a/x 900 0-0, ");
    MUST(cb_store_certificates_seen(store, &used, 1, &err));
    MUST(cb_store_certificates_seen(store, &stranger, 1, &err));
    expect_page(&any, "a/y 800 0-0, a/z 850 100-100, a/x 900 100-100, ");
}

Test(certificates, of_a_key_set_go_with_it_unless_they_were_seen)
{
    const struct cb_seen_certificate before[] = { seen("", 'x', 900, 5), seen("", 'y', 800, 5) };
    const struct cb_seen_certificate after[] = { seen("", 'z', 950, 5) }, used = seen("a", 'x', 900, 100);
    struct cb_client_record c = publisher(before, 2);
    MUST(cb_store_client_add(store, &c, &err));
    MUST(cb_store_certificates_seen(store, &used, 1, &err));
    c = publisher(after, 1);
    c.revision = 7;
    EXPECT(cb_store_client_update(store, &c, &err), CB_E_CHANGED_MEANWHILE);
    expect_page(&any, "a/y 800 0-0, a/x 900 100-100, ");
    c.revision = 1;
    MUST(cb_store_client_update(store, &c, &err));
    expect_page(&any, "a/x 900 100-100, a/z 950 0-0, ");
    c.certificates.count = 0;
    c.revision = 2;
    MUST(cb_store_client_update(store, &c, &err));
    expect_page(&any, "a/x 900 100-100, ");
}

Test(certificates, of_a_published_key_set_follow_it)
{
    const struct cb_seen_certificate one[] = { seen("", 'x', 900, 5) }, two[] = { seen("", 'y', 950, 5) };
    struct cb_client_record c = publisher(NULL, 0);
    c.jwks = CB_STR("");
    c.jwks_uri = CB_STR("https://a.example/jwks");
    MUST(cb_store_client_add(store, &c, &err));
    publish(one, 1, "{\"n\":1}");
    expect_page(&any, "a/x 900 0-0, ");
    publish(two, 1, "{\"n\":2}");
    expect_page(&any, "a/y 950 0-0, ");
    c.revision = 1; /* whoever updates does not know what was read meanwhile */
    MUST(cb_store_client_update(store, &c, &err));
    expect_page(&any, "a/y 950 0-0, ");
    c.revision = 2;
    c.jwks_uri = CB_STR("https://other.example/jwks");
    MUST(cb_store_client_update(store, &c, &err));
    expect_page(&any, "");
}

Test(certificates, of_a_key_set_replace_none_before_they_are_seen)
{
    const struct cb_seen_certificate own[] = { seen("", 'x', 300, 5), seen("", 'y', 400, 5) };
    const struct cb_seen_certificate old = seen("a", 'x', 300, 10), new = seen("a", 'y', 400, 20);
    const struct cb_client_record c = publisher(own, 2);
    struct cb_buf b;
    cb_buf_init(&b, CB_KIB);
    MUST(cb_store_client_add(store, &c, &err));
    MUST(cb_store_certificates_seen(store, &old, 1, &err));
    MUST(cb_store_certificate_page(store, &any, print_replaced, &b, &err));
    MUST(cb_store_certificates_seen(store, &new, 1, &err));
    MUST(cb_store_certificate_page(store, &any, print_replaced, &b, &err));
    cr_expect(cb_str_is(cb_buf_str(&b), "x 0, y 0, x 20, y 0, "), CB_STR_FMT, CB_STR_ARG(cb_buf_str(&b)));
    cb_buf_done(&b);
}

Test(certificates, of_a_key_set_are_not_those_that_must_make_room)
{
    const struct cb_seen_certificate own = seen("", 'x', 300, 5);
    const struct cb_client_record c = publisher(&own, 1);
    MUST(cb_store_client_add(store, &c, &err));
    for (int i = 0; i <= CB_LIMIT_SEEN; i++) {
        const struct cb_seen_certificate one = seen("a", (char)(i + 128), 900, 100 + i);
        MUST(cb_store_certificates_seen(store, &one, 1, &err));
    }
    cr_expect_eq(count(), CB_LIMIT_SEEN + 1);
    cr_expect_eq(place_number("SELECT min(last_seen) FROM client_certificates"), 0);
}

Test(certificates, of_a_key_set_are_checked)
{
    struct cb_seen_certificate own[] = { seen("", 'x', 300, 5), seen("", 'y', 300, 5) };
    const struct cb_client_record c = publisher(own, 2);
    own[1].x5t.n = 31;
    EXPECT(cb_store_client_add(store, &c, &err), CB_E_REGISTRATION);
    expect_page(&any, "");
}

Test(certificates, are_found_by_their_thumbprint)
{
    struct cb_arena a;
    struct cb_seen_certificate found = { .not_after = 0 };
    cb_arena_init(&a, CB_MIB);
    clients_named("abc");
    const struct cb_seen_certificate all[] = { seen("a", 'x', 300, 1), seen("b", 'x', 300, 7),
                                               seen("c", 'x', 300, 7), seen("c", 'y', 400, 9) };
    MUST(cb_store_certificates_seen(store, all, 4, &err));
    MUST(cb_store_certificate_find(store, &a, all[0].x5t, &found, &err));
    cr_expect(cb_str_is(found.client_id, "b"), "the one that was seen last, of those the first by name");
    cr_expect(cb_str_eq(found.x5t, all[0].x5t) && cb_str_is(found.subject, "CN=a") &&
              found.not_after == 300 && found.last_seen == 7 && found.replaced_at == 0);
    EXPECT(cb_store_certificate_find(store, &a, seen("", 'z', 0, 0).x5t, &found, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_certificate_find(store, &a, CB_STR("x"), &found, &err), CB_E_NOT_FOUND);
    a.max = a.used;
    EXPECT(cb_store_certificate_find(store, &a, all[3].x5t, &found, &err), CB_E_MEMORY);
    cr_expect(cb_str_is(found.client_id, "b"), "written on success only");
    cb_arena_done(&a);
}

/* --- revoked here --- */

static cb_status print_revocation(void *ctx, const struct cb_revocation_record *r, struct cb_err *e)
{
    (void)e;
    cb_buf_add_fmt(ctx, "%c " CB_STR_FMT " " CB_STR_FMT " %lld %lld, ", r->x5t.p[0], CB_STR_ARG(r->client_id),
                   CB_STR_ARG(r->reason), (long long)r->revoked_at, (long long)r->expires_at);
    return CB_OK;
}

static void expect_revoked(const char *want)
{
    struct cb_buf b;
    int64_t g = 0;
    cb_buf_init(&b, CB_KIB);
    MUST(cb_store_read_registry(
        store, &(struct cb_registry_reader){ .revocation = print_revocation, .ctx = &b }, &g, &err));
    cr_expect(cb_str_is(cb_buf_str(&b), want), CB_STR_FMT " instead of %s", CB_STR_ARG(cb_buf_str(&b)), want);
    cb_buf_done(&b);
}

static struct cb_revocation_record revocation(char fill, int64_t at, int64_t until)
{
    const struct cb_seen_certificate c = seen("", fill, 0, 0);
    return (struct cb_revocation_record){ .x5t = c.x5t,
                                          .client_id = CB_STR("a"),
                                          .reason = CB_STR("lost"),
                                          .revoked_at = at,
                                          .expires_at = until };
}

Test(certificates, are_revoked_once_and_taken_back_once)
{
    const struct cb_revocation_record x = revocation('x', 20, 99), y = revocation('y', 10, 50);
    const int64_t before = generation();
    MUST(cb_store_revocation_add(store, &x, &err));
    MUST(cb_store_revocation_add(store, &y, &err));
    EXPECT(cb_store_revocation_add(store, &x, &err), CB_E_EXISTS);
    cr_expect_not_null(strstr(err.detail, "revoked already"), "%s", err.detail);
    expect_revoked("y a lost 10 50, x a lost 20 99, ");
    cr_expect_eq(generation(), before + 2);
    EXPECT(cb_store_revocation_remove(store, y.x5t, &err), CB_E_NONE);
    EXPECT(cb_store_revocation_remove(store, y.x5t, &err), CB_E_NOT_FOUND);
    EXPECT(cb_store_revocation_remove(store, CB_STR("y"), &err), CB_E_NOT_FOUND);
    expect_revoked("x a lost 20 99, ");
    cr_expect_eq(generation(), before + 3);
}

Test(certificates, a_revocation_goes_when_the_certificate_has_ended)
{
    const struct cb_revocation_record x = revocation('x', 20, 99), y = revocation('y', 10, 50),
                                      at = revocation('z', 50, 60), behind = revocation('w', 51, 60);
    MUST(cb_store_revocation_add(store, &x, &err));
    MUST(cb_store_revocation_add(store, &y, &err));
    MUST(cb_store_revocation_add(store, &at, &err));
    expect_revoked("y a lost 10 50, x a lost 20 99, z a lost 50 60, ");
    MUST(cb_store_revocation_add(store, &behind, &err));
    expect_revoked("x a lost 20 99, z a lost 50 60, w a lost 51 60, ");
}

Test(certificates, a_revocation_has_its_bounds)
{
    static char text[CB_LIMIT_REASON + 1];
    memset(text, 'r', sizeof text);
    struct cb_revocation_record r = revocation('x', 20, 99);
    r.reason = (struct cb_str){ text, CB_LIMIT_REASON + 1 };
    EXPECT(cb_store_revocation_add(store, &r, &err), CB_E_REGISTRATION);
    r.reason.n--;
    EXPECT(cb_store_revocation_add(store, &r, &err), CB_E_NONE);
    r = revocation('y', -1, 99);
    EXPECT(cb_store_revocation_add(store, &r, &err), CB_E_REGISTRATION);
    r = revocation('y', 20, 99);
    r.x5t.n = 31;
    EXPECT(cb_store_revocation_add(store, &r, &err), CB_E_REGISTRATION);
}

static void expect_revocation_page(const struct cb_revocation_page *page, const char *want)
{
    struct cb_buf b;
    cb_buf_init(&b, CB_KIB);
    MUST(cb_store_revocation_page(store, page, print_revocation, &b, &err));
    cr_expect(cb_str_is(cb_buf_str(&b), want), CB_STR_FMT " instead of %s", CB_STR_ARG(cb_buf_str(&b)), want);
    cb_buf_done(&b);
}

Test(certificates, revocations_come_page_by_page_the_newest_last)
{
    struct cb_revocation_record w = revocation('w', 20, 99);
    w.client_id = (struct cb_str){ 0 };
    const struct cb_revocation_record y = revocation('y', 10, 99), x = revocation('x', 20, 99);
    MUST(cb_store_revocation_add(store, &x, &err));
    MUST(cb_store_revocation_add(store, &w, &err));
    MUST(cb_store_revocation_add(store, &y, &err));
    expect_revocation_page(&(struct cb_revocation_page){ .limit = 2 }, "y a lost 10 99, w  lost 20 99, ");
    expect_revocation_page(&(struct cb_revocation_page){ .limit = 2, .after = w }, "x a lost 20 99, ");
    expect_revocation_page(&(struct cb_revocation_page){ .limit = 2, .after = x }, "");
    expect_revocation_page(&(struct cb_revocation_page){ .limit = 9, .client_id = CB_STR("a") },
                           "y a lost 10 99, x a lost 20 99, ");
    expect_revocation_page(&(struct cb_revocation_page){ .limit = 9, .client_id = CB_STR("a"), .after = y },
                           "x a lost 20 99, ");
    expect_revocation_page(&(struct cb_revocation_page){ .limit = 9, .client_id = CB_STR("b") }, "");
}
