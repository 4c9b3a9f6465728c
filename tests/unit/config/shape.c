#include "config/shape.h"

#include <criterion/criterion.h>

struct shape {
    const char *text;
    bool good;
};

static void check(const char *(*wrong)(struct cb_str), const struct shape *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *why = wrong(cb_str_of(all[i].text));
        cr_expect_eq(why == NULL, all[i].good, "%s: %s", all[i].text, why == NULL ? "good" : why);
    }
}

Test(shape, issuer)
{
    static const struct shape all[] = {
        { "https://a", true },
        { "https://a.example:8443", true },
        { "https://a.example/path/b", true },
        { "https://[::1]:1/x", true },
        { "https://a.example/%7Ex", true },
        { "https://", false },
        { "https:///x", false },
        { "https://:8443", false },
        { "https://a.example/", false },
        { "https://a.example/x/", false },
        { "https://a.example?x", false },
        { "https://a.example/x?y", false },
        { "https://a.example#x", false },
        { "https://user@a.example", false },
        { "https://user:pw@a.example", false },
        { "https://a.example:", false },
        { "https://a.example:0", false },
        { "https://a.example:65536", false },
        { "https://a.example:123456", false },
        { "https://a.example:84x", false },
        { "https://a.ex ample", false },
        { "https://a.example/x y", false },
        { "https://a.example/\"", false },
        { "https://a.example/\xc3\xa9", false },
        { "https://[::1", false },
        { "https://[zz]", false },
        { "https://[::1]x", false },
        { "HTTPS://a.example", false },
        { "http://a.example", false },
        { "a.example", false },
    };
    check(cb_wrong_issuer, all, CB_COUNT(all));
}

Test(shape, origin)
{
    static const struct shape all[] = {
        { "https://a.example", true },    { "https://a.example:1", true }, { "https://a.example/", false },
        { "https://a.example/x", false }, { "https://a.example?", false }, { "https://a.example#", false },
        { "http://a.example", false },    { "https://", false },
    };
    check(cb_wrong_origin, all, CB_COUNT(all));
}

Test(shape, address)
{
    static const struct shape all[] = {
        { "127.0.0.1:8443", true },  { "[::]:8443", true },  { "[::1]:0", true },
        { "localhost:65535", true }, { "", false },          { ":8443", false },
        { "8443", false },           { "a:", false },        { "::1:8443", false },
        { "[::1]", false },          { "[::1]8443", false }, { "a:65536", false },
        { "a:-1", false },           { "a b:1", false },     { "[]:1", false },
        { "[1.2.3.4]:1", false },    { "a:1 ", false },      { "/run/x.sock", false },
        { "[::1%lo]:1", false },
    };
    check(cb_wrong_address, all, CB_COUNT(all));
}

Test(shape, resource)
{
    static const struct shape all[] = {
        { "https://api.example.com", true },
        { "https://api.example.com/v1?x=y", true },
        { "urn:example:api", true },
        { "a+b-c.d:x", true },
        { "https://api.example.com#x", false },
        { "/relative", false },
        { "api", false },
        { ":x", false },
        { "1a:x", false },
        { "urn:", false },
        { "urn:a b", false },
        { "urn:\xc3\xa9", false },
        { "a_b:x", false },
    };
    check(cb_wrong_resource, all, CB_COUNT(all));
    char at_bound[CB_LIMIT_RESOURCE + 2] = "urn:";
    memset(at_bound + 4, 'x', CB_LIMIT_RESOURCE - 4);
    cr_expect_null(cb_wrong_resource(cb_str_of(at_bound)));
    at_bound[CB_LIMIT_RESOURCE] = 'x';
    cr_expect_not_null(cb_wrong_resource(cb_str_of(at_bound)));
}

/* Every byte: RFC 6749 section 3.3. */
Test(shape, scope)
{
    for (int c = 0; c < 256; c++) {
        const char text[1] = { (char)c };
        const bool good = c > 0x20 && c < 0x7f && c != '"' && c != '\\';
        cr_expect_eq(cb_wrong_scope((struct cb_str){ text, 1 }) == NULL, good, "byte %d", c);
    }
    cr_expect_not_null(cb_wrong_scope(CB_STR("")));
}

Test(shape, name)
{
    static const struct shape all[] = {
        { "partners", true }, { "a.b_c-1", true }, { "", false },
        { "a b", false },     { "a/b", false },    { "\xc3\xa9", false },
    };
    check(cb_wrong_name, all, CB_COUNT(all));
    char at_bound[66] = "";
    memset(at_bound, 'x', 64);
    cr_expect_null(cb_wrong_name(cb_str_of(at_bound)));
    at_bound[64] = 'x';
    cr_expect_not_null(cb_wrong_name(cb_str_of(at_bound)));
}

Test(shape, store)
{
    static const struct shape all[] = {
        { "sqlite:x", true },         { "sqlite:/a/b", true }, { "postgresql://", true },
        { "postgres://h/d", true },   { "sqlite:", false },    { "", false },
        { "host=x dbname=y", false }, { "mysql://x", false },  { "postgresql:/x", false },
    };
    check(cb_wrong_store, all, CB_COUNT(all));
}

Test(shape, origin_of_a_url)
{
    cr_expect(cb_str_is(cb_url_origin(CB_STR("https://a.example:1/x")), "https://a.example:1"));
    cr_expect(cb_str_is(cb_url_origin(CB_STR("https://a.example")), "https://a.example"));
    cr_expect(cb_str_is(cb_url_origin(CB_STR("https://a?b")), "https://a"));
}
