#include "log/log.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"

/* Everything a log wrote, through a pipe: what one write(2) gave is what one read(2) gets. */
struct tap {
    int fds[2];
    struct cb_log *log;
    char line[8192];
    json_t *json;
};

static void tap_open(struct tap *t, enum cb_log_level least)
{
    *t = (struct tap){ 0 };
    cr_assert_eq(pipe(t->fds), 0);
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_log_new(t->fds[1], least, &t->log, &err)));
}

static void tap_close(struct tap *t)
{
    json_decref(t->json);
    cb_log_free(t->log);
    close(t->fds[0]);
    close(t->fds[1]);
}

static const char *tap_read(struct tap *t)
{
    const ssize_t n = read(t->fds[0], t->line, sizeof t->line - 1);
    cr_assert_gt(n, 0);
    t->line[n] = '\0';
    cr_assert_eq(strchr(t->line, '\n'), t->line + n - 1, "not one line: %s", t->line);
    json_decref(t->json);
    t->json = NULL;
    t->json = json_loadb(t->line, (size_t)n - 1, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    cr_assert_not_null(t->json, "not JSON: %s", t->line);
    return t->line;
}

static const char *text(const struct tap *t, const char *key)
{
    return json_string_value(json_object_get(t->json, key));
}

Test(log, writes_one_json_object_a_line)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    CB_LOG(t.log, CB_EV_LISTENING, NULL, CB_F_CSTR("listener", "mtls"), CB_F_INT("port", 8444),
           CB_F_BOOL("resumed", true));
    tap_read(&t);
    cr_assert_str_eq(text(&t, "level"), "info");
    cr_assert_str_eq(text(&t, "event"), "listening");
    cr_assert_str_eq(text(&t, "listener"), "mtls");
    cr_assert_eq(json_integer_value(json_object_get(t.json, "port")), 8444);
    cr_assert(json_is_true(json_object_get(t.json, "resumed")));
    cr_assert_null(json_object_get(t.json, "truncated"));
    cr_assert_null(json_object_get(t.json, "reason"));
    tap_close(&t);
}

Test(log, time_is_rfc3339_with_milliseconds)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    CB_LOG(t.log, CB_EV_SERVER_READY, NULL, { 0 });
    tap_read(&t);
    const char *time = text(&t, "time");
    cr_assert_not_null(time);
    const char *shape = "dddd-dd-ddTdd:dd:dd.dddZ";
    cr_assert_eq(strlen(time), strlen(shape), "%s", time);
    for (size_t i = 0; shape[i] != '\0'; i++) {
        const bool digit = time[i] >= '0' && time[i] <= '9';
        cr_assert(shape[i] == 'd' ? digit : time[i] == shape[i], "%s", time);
    }
    tap_close(&t);
}

Test(log, an_error_adds_reason_detail_and_place)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    const struct cb_err err = {
        .code = CB_E_CERT_EXPIRED, .line = 7, .file = "common/cert/trust.c", .detail = "since 3 s"
    };
    CB_LOG(t.log, CB_EV_TOKEN_REFUSED, &err, CB_F_CSTR("client_id", "a"));
    tap_read(&t);
    cr_assert_str_eq(text(&t, "level"), "warning");
    cr_assert_str_eq(text(&t, "reason"), "certificate_expired");
    cr_assert_str_eq(text(&t, "detail"), "since 3 s");
    cr_assert_str_eq(text(&t, "at"), "trust.c:7");
    tap_close(&t);
}

Test(log, escapes_what_a_peer_sent)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    const struct cb_str evil = CB_STR("a\"\n{\"event\":\"token_issued\"}\xff\0z");
    CB_LOG(t.log, CB_EV_REQUEST_REFUSED, NULL, CB_F_STR("client_id", evil));
    const char *line = tap_read(&t);
    cr_assert_not_null(strstr(line, "\\u000a{\\\"event\\\""));
    cr_assert_not_null(strstr(line, "\xef\xbf\xbd\\u0000z"));
    tap_close(&t);
}

Test(log, leaves_out_empty_text)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    CB_LOG(t.log, CB_EV_TOKEN_ISSUED, NULL, CB_F_CSTR("scope", ""), CB_F_CSTR("jti", NULL));
    tap_read(&t);
    cr_assert_null(json_object_get(t.json, "scope"));
    cr_assert_null(json_object_get(t.json, "jti"));
    tap_close(&t);
}

static size_t logged_length(struct tap *t, size_t n, const char *unit)
{
    char value[2 * CB_LOG_TEXT] = "";
    size_t used = 0;
    while (used < n) {
        used += (size_t)snprintf(value + used, sizeof value - used, "%s", unit);
    }
    CB_LOG(t->log, CB_EV_TOKEN_ISSUED, NULL, CB_F_STR("v", ((struct cb_str){ value, n })));
    tap_read(t);
    return strlen(text(t, "v"));
}

Test(log, cuts_long_values_at_a_character)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    cr_assert_eq(logged_length(&t, CB_LOG_TEXT, "x"), CB_LOG_TEXT);
    cr_assert_null(json_object_get(t.json, "truncated"));
    cr_assert_eq(logged_length(&t, CB_LOG_TEXT + 1, "x"), CB_LOG_TEXT);
    cr_assert(json_is_true(json_object_get(t.json, "truncated")));
    cr_assert_eq(logged_length(&t, CB_LOG_TEXT + 1, "\xe2\x82\xac"), CB_LOG_TEXT - 1);
    tap_close(&t);
}

/* For what is there to be copied. */
Test(log, writes_some_values_whole_or_not_at_all)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    char value[CB_LIMIT_LOG_LINE];
    memset(value, 'x', sizeof value);
    CB_LOG(t.log, CB_EV_TOKEN_REFUSED, NULL, CB_F_WHOLE("v", ((struct cb_str){ value, 4 * CB_LOG_TEXT })));
    tap_read(&t);
    cr_expect_eq(strlen(text(&t, "v")), 4 * CB_LOG_TEXT);
    cr_expect_null(json_object_get(t.json, "truncated"));
    CB_LOG(t.log, CB_EV_TOKEN_REFUSED, NULL, CB_F_WHOLE("v", ((struct cb_str){ value, sizeof value })));
    tap_read(&t);
    cr_expect_null(json_object_get(t.json, "v"));
    cr_expect(json_is_true(json_object_get(t.json, "truncated")));
    tap_close(&t);
}

/* Every number of fields that escape to six times their size: the line is JSON and within its bound. */
Test(log, a_line_that_does_not_fit_stays_json)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    char control[CB_LOG_TEXT];
    memset(control, 1, sizeof control);
    const struct cb_log_field field = CB_F_STR("v", ((struct cb_str){ control, sizeof control }));
    char key[4][3] = { "f0", "f1", "f2", "f3" };
    struct cb_log_field fields[5] = { field, field, field, field, CB_F_CSTR("last", "fits") };
    for (size_t i = 0; i < 4; i++) {
        fields[i].key = key[i];
    }
    cb_log_write(t.log, CB_EV_TOKEN_REFUSED, NULL, fields, CB_COUNT(fields));
    cr_assert_leq(strlen(tap_read(&t)), CB_LIMIT_LOG_LINE);
    cr_assert(json_is_true(json_object_get(t.json, "truncated")));
    cr_assert_not_null(text(&t, "f1"));
    cr_assert_null(json_object_get(t.json, "f2"));
    cr_assert_str_eq(text(&t, "last"), "fits", "what still fits is kept");
    tap_close(&t);
}

/* The bound to the byte: fill the rest of the line with 256-byte values and a last one of every size. */
Test(log, is_json_at_every_length_around_the_bound)
{
    struct tap t;
    tap_open(&t, CB_LOG_INFO);
    char value[CB_LOG_TEXT];
    memset(value, 'x', sizeof value);
    size_t truncated = 0;
    size_t longest = 0;
    for (size_t n = 1; n <= CB_LOG_TEXT; n++) {
        struct cb_log_field fields[16];
        char key[16][4];
        for (size_t i = 0; i < CB_COUNT(fields); i++) {
            (void)snprintf(key[i], sizeof key[i], "k%02zu", i);
            const size_t length = i + 1 == CB_COUNT(fields) ? n : 250;
            fields[i] = CB_F_STR(key[i], ((struct cb_str){ value, length }));
        }
        cb_log_write(t.log, CB_EV_TOKEN_ISSUED, NULL, fields, CB_COUNT(fields));
        const size_t length = strlen(tap_read(&t));
        longest = length > longest ? length : longest;
        truncated += json_is_true(json_object_get(t.json, "truncated"));
    }
    cr_assert_gt(truncated, 0);
    cr_assert_lt(truncated, CB_LOG_TEXT);
    cr_assert_leq(longest, CB_LIMIT_LOG_LINE);
    tap_close(&t);
}

Test(log, counts_what_it_does_not_write)
{
    struct tap t;
    tap_open(&t, CB_LOG_ERROR);
    CB_LOG(t.log, CB_EV_TOKEN_ISSUED, NULL, { 0 });
    CB_LOG(t.log, CB_EV_TOKEN_ISSUED, NULL, { 0 });
    cb_log_set_level(t.log, CB_LOG_DEBUG);
    CB_LOG(t.log, CB_EV_TLS_FAILED, NULL, { 0 });
    tap_read(&t);
    cr_assert_str_eq(text(&t, "event"), "tls_failed");
    cr_assert_eq(cb_log_count(t.log, CB_EV_TOKEN_ISSUED), 2);
    cr_assert_eq(cb_log_count(t.log, CB_EV_TLS_FAILED), 1);
    cr_assert_eq(cb_log_count(t.log, CB_EV_TOKEN_REFUSED), 0);
    tap_close(&t);
}

Test(log, knows_its_level_names)
{
    static const struct {
        const char *name;
        enum cb_log_level level;
    } names[] = { { "debug", CB_LOG_DEBUG },
                  { "info", CB_LOG_INFO },
                  { "warning", CB_LOG_WARNING },
                  { "error", CB_LOG_ERROR } };
    enum cb_log_level level = CB_LOG_DEBUG;
    for (size_t i = 0; i < CB_COUNT(names); i++) {
        cr_assert(cb_log_level_of(cb_str_of(names[i].name), &level));
        cr_assert_eq(level, names[i].level);
    }
    cr_assert_not(cb_log_level_of(CB_STR("INFO"), &level));
    cr_assert_not(cb_log_level_of(CB_STR(""), &level));
}

Test(log, without_a_log_nothing_happens)
{
    CB_LOG(NULL, CB_EV_SERVER_READY, NULL, { 0 });
    cb_log_free(NULL);
}

Test(log, every_event_has_its_own_name)
{
    for (int i = 0; i < CB_EV__MAX; i++) {
        cr_assert_not_null(cb_event_name((enum cb_event)i));
        for (int k = 0; k < i; k++) {
            cr_assert_str_neq(cb_event_name((enum cb_event)i), cb_event_name((enum cb_event)k));
        }
    }
}
