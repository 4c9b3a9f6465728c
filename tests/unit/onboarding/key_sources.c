#include "onboarding/key_sources.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/limits.h"

#define OKP                                                                                                  \
    "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"," \
    "\"kid\":\"%s\"}]}"
#define URL     "https://keys.example/a"
#define REFRESH 600

/* The world outside: what answers, and what time it is. */
static atomic_int fetches;
static atomic_llong now;
static _Atomic(const char *) kid;     /* of the key that is published; NULL: nobody answers */
static _Atomic(enum cb_code) failure; /* then */
static atomic_bool stalling;          /* URLs with that in their name */

static int64_t clock_of_test(void)
{
    return now;
}

static cb_status fetch(void *ctx, const char *url, struct cb_buf *out, struct cb_err *err)
{
    (void)ctx;
    fetches++;
    while (strstr(url, "stalls") != NULL && atomic_load(&stalling)) {
        (void)nanosleep(&(struct timespec){ .tv_nsec = 1000000L }, NULL);
    }
    CB_ENSURE(kid != NULL, failure, "nobody answers");
    cb_buf_add_fmt(out, OKP, kid);
    return CB_OK;
}

static struct cb_key_sources *start(const char *first_kid)
{
    struct cb_key_sources *s = NULL;
    kid = first_kid;
    failure = CB_E_FETCH_FAILED;
    fetches = 0;
    now = 1000000;
    cr_assert_not(CB_FAILED(
        cb_key_sources_start(&(struct cb_key_fetcher){ .fetch = fetch, .clock = clock_of_test }, &s, NULL)));
    return s;
}

static enum cb_code get(struct cb_key_sources *s, const char *url, const char *signed_with)
{
    const struct cb_signed of = { .alg = CB_ALG_EDDSA, .kid = cb_str_of(signed_with) };
    struct cb_key_set *keys = NULL;
    struct cb_err err = { 0 };
    if (!CB_FAILED(cb_key_sources_get(s, url, REFRESH, signed_with == NULL ? NULL : &of, &keys, &err))) {
        cb_key_set_unref(keys);
    }
    return err.code;
}

/* As a partner does that was told to come again. */
static enum cb_code settled(struct cb_key_sources *s, const char *url, const char *signed_with)
{
    const struct timespec pause = { .tv_nsec = 1000000L };
    enum cb_code code = CB_E_DCR_KEYS_PENDING;
    for (int i = 0; i < 2000 && code == CB_E_DCR_KEYS_PENDING; i++) {
        code = get(s, url, signed_with);
        (void)nanosleep(&pause, NULL);
    }
    return code;
}

Test(key_sources, are_fetched_once_and_kept)
{
    struct cb_key_sources *s = start("a");
    cr_expect_eq(get(s, URL, "a"), CB_E_DCR_KEYS_PENDING);
    cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
    now += REFRESH - 1;
    cr_expect_eq(get(s, URL, NULL), CB_E_NONE);
    cr_expect_eq(fetches, 1);
    now += 1;
    cr_expect_eq(get(s, URL, "a"), CB_E_DCR_KEYS_PENDING); /* a key may have been withdrawn */
    cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
    cr_expect_eq(fetches, 2);
    cb_key_sources_stop(s);
}

Test(key_sources, look_for_an_unknown_key_once_a_minute)
{
    struct cb_key_sources *s = start("a");
    cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
    kid = "b";
    now += 59;
    cr_expect_eq(get(s, URL, "b"), CB_E_NONE); /* what there is; it will not verify */
    cr_expect_eq(fetches, 1);
    now += 1;
    cr_expect_eq(get(s, URL, "b"), CB_E_DCR_KEYS_PENDING);
    cr_expect_eq(settled(s, URL, "b"), CB_E_NONE);
    cr_expect_eq(fetches, 2);
    cb_key_sources_stop(s);
}

Test(key_sources, keep_what_was_good_while_nobody_answers)
{
    struct cb_key_sources *s = start("a");
    cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
    kid = NULL;
    now += REFRESH;
    cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
    cr_expect_eq(fetches, 2);
    cr_expect_eq(get(s, URL, "a"), CB_E_NONE);
    cr_expect_eq(fetches, 2);
    cb_key_sources_stop(s);
}

Test(key_sources, say_why_there_are_none)
{
    static const struct {
        enum cb_code failure, code;
    } cases[] = {
        { CB_E_FETCH_FAILED, CB_E_DCR_KEYS_UNAVAILABLE },
        { CB_E_FETCH_REFUSED, CB_E_DCR_STATEMENT },
        { CB_E_FETCH_TOO_LARGE, CB_E_DCR_STATEMENT },
        { CB_E_MEMORY, CB_E_MEMORY },
    };
    for (size_t i = 0; i < CB_COUNT(cases); i++) {
        struct cb_key_sources *s = start(NULL);
        failure = cases[i].failure;
        cr_expect_eq(settled(s, URL, "a"), cases[i].code, "%s", cb_code_reason(cases[i].failure));
        cr_expect_eq(get(s, URL, "a"), cases[i].code);
        cr_expect_eq(fetches, 1); /* for a minute nobody is asked again */
        kid = "a";
        now += 60;
        cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
        cb_key_sources_stop(s);
    }
}

Test(key_sources, are_many_but_not_endless)
{
    struct cb_key_sources *s = start("a");
    char url[64];
    for (int i = 0; i < 300; i++) {
        (void)snprintf(url, sizeof url, "https://keys.example/%d", i);
        now++;
        cr_expect_eq(settled(s, url, "a"), CB_E_NONE);
    }
    cr_expect_eq(fetches, 300);
    cr_expect_eq(get(s, "https://keys.example/299", "a"), CB_E_NONE);
    cr_expect_eq(get(s, "https://keys.example/0", "a"), CB_E_DCR_KEYS_PENDING); /* made room */
    cr_expect_eq(get(s, "", "a"), CB_E_DCR_KEYS_UNAVAILABLE);
    static char longest[CB_LIMIT_URL + 2];
    memset(longest, 'x', CB_LIMIT_URL);
    cr_expect_eq(settled(s, longest, "a"), CB_E_NONE);
    longest[CB_LIMIT_URL] = 'x';
    cr_expect_eq(get(s, longest, "a"), CB_E_DCR_KEYS_UNAVAILABLE);
    cb_key_sources_stop(s);
}

static void expect_fetches(int count)
{
    const struct timespec pause = { .tv_nsec = 1000000L };
    for (int i = 0; i < 2000 && fetches < count; i++) {
        (void)nanosleep(&pause, NULL);
    }
    cr_expect_eq(fetches, count);
}

Test(key_sources, that_are_followed_are_there_before_they_are_asked_for)
{
    struct cb_key_sources *s = start("a");
    const char *urls[] = { URL };
    cb_key_sources_follow(s, urls, 1, REFRESH);
    expect_fetches(1);
    cr_expect_eq(settled(s, URL, "a"), CB_E_NONE);
    now += REFRESH;
    cb_key_sources_follow(s, urls, 1, REFRESH); /* a reload; the thread looks, too */
    expect_fetches(2);
    now += REFRESH;
    cb_key_sources_follow(s, urls, 0, REFRESH);
    cr_expect_eq(fetches, 2);
    cb_key_sources_stop(s);
    cb_key_sources_stop(NULL);
}

/* Whoever is vouched for may stall: the directory's keys are followed by a thread of their own. */
Test(key_sources, a_directory_waits_for_nobody)
{
    struct cb_key_sources *s = start("one");
    static const char *const urls[] = { "https://a.example/stalls", "https://b.example/stalls",
                                        "https://c.example/stalls", "https://d.example/stalls" };
    const char *const directory[] = { URL };
    stalling = true;
    for (size_t i = 0; i < CB_COUNT(urls); i++) {
        cr_expect_eq(get(s, urls[i], NULL), CB_E_DCR_KEYS_PENDING);
    }
    cb_key_sources_follow(s, directory, 1, REFRESH);
    cr_expect_eq(settled(s, URL, NULL), CB_E_NONE);
    cr_expect_eq(get(s, urls[0], NULL), CB_E_DCR_KEYS_PENDING);
    stalling = false;
    for (size_t i = 0; i < CB_COUNT(urls); i++) {
        cr_expect_eq(settled(s, urls[i], NULL), CB_E_NONE);
    }
    cb_key_sources_stop(s);
}
