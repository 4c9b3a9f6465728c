#include "watch/webhook.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "log/throttle.h"

/* Without a signing key every delivery fails, and nobody is connected to. */
static struct cb_webhook *hook;
static struct cb_log *log_;
static const struct cb_config config = { .expiry_webhook = "https://hooks.example/" };
static const struct cb_snapshot snapshot = { .config = &config };

static void setup(void)
{
    struct cb_err err = { 0 };
    cr_assert_not(CB_FAILED(cb_log_new(open("/dev/null", O_WRONLY), CB_LOG_ERROR, &log_, &err)));
    hook = cb_webhook_new(log_);
    cr_assert_not_null(hook);
}

static void teardown(void)
{
    cb_webhook_free(hook);
    cb_log_free(log_);
}

TestSuite(webhook, .init = setup, .fini = teardown);

static uint64_t failures_at(int64_t now)
{
    const uint64_t before = cb_log_count(log_, CB_EV_WEBHOOK_FAILED);
    cb_webhook_deliver(hook, NULL, &snapshot, now);
    return cb_log_count(log_, CB_EV_WEBHOOK_FAILED) - before;
}

Test(webhook, tries_again_later_and_later_for_a_day)
{
    static const int64_t pauses[] = { 60, 120, 240, 480, 960, 1920, 3600, 3600 };
    int64_t now = 1000;
    cb_webhook_add(hook, CB_STR("{}"), now);
    cr_assert_eq(failures_at(now), 1);
    for (size_t i = 0; i < CB_COUNT(pauses); i++) {
        cr_expect_eq(failures_at(now + pauses[i] - 1), 0, "pause %zu", i);
        now += pauses[i];
        cr_expect_eq(failures_at(now), 1, "pause %zu", i);
    }
    cr_expect_eq(failures_at(1000 + 24 * 3600), 1); /* the last time */
    cr_expect_eq(failures_at(1000 + 48 * 3600), 0);
}

static void fill(void)
{
    for (int i = 0; i < CB_WEBHOOK_QUEUE; i++) {
        cb_webhook_add(hook, CB_STR("{}"), 1000);
    }
}

Test(webhook, holds_so_many_and_gives_up_the_oldest)
{
    fill();
    cr_expect_eq(cb_log_count(log_, CB_EV_WEBHOOK_EVENT_LOST), 0);
    cb_webhook_add(hook, CB_STR("{}"), 1000);
    cr_expect_eq(cb_log_count(log_, CB_EV_WEBHOOK_EVENT_LOST), 1);
    for (int i = 0; i < CB_WEBHOOK_QUEUE; i++) {
        cr_expect_eq(failures_at(1000), 1, "one in each pass");
    }
    cr_expect_eq(failures_at(1000), 0);
}

/* Every line of a log is one write(2). */
static size_t lines_in(int fd)
{
    static char text[64 * 1024];
    const ssize_t n = pread(fd, text, sizeof text, 0);
    size_t lines = 0;
    for (ssize_t i = 0; i < n; i++) {
        lines += text[i] == '\n';
    }
    return lines;
}

Test(webhook, says_what_is_given_up_and_counts_what_it_does_not_say)
{
    FILE *file = tmpfile();
    struct cb_err err = { 0 };
    teardown();
    cr_assert(file != NULL);
    cr_assert_not(CB_FAILED(cb_log_new(fileno(file), CB_LOG_INFO, &log_, &err)));
    hook = cb_webhook_new(log_);
    fill();
    for (int i = 0; i < 3 * CB_THROTTLE_PER_SECOND; i++) {
        cb_webhook_add(hook, CB_STR("{}"), 1000);
    }
    cr_expect_eq(lines_in(fileno(file)), CB_THROTTLE_PER_SECOND);
    cr_expect_eq(cb_log_count(log_, CB_EV_WEBHOOK_EVENT_LOST), 3 * CB_THROTTLE_PER_SECOND);
    cb_webhook_add(hook, CB_STR("{}"), 1001);
    cr_expect_eq(lines_in(fileno(file)), CB_THROTTLE_PER_SECOND + 1);
    (void)fclose(file);
}

Test(webhook, waits_where_none_is_configured)
{
    static const struct cb_config without = { .expiry_webhook = NULL };
    const struct cb_snapshot s = { .config = &without };
    cb_webhook_add(hook, CB_STR("{}"), 1000);
    cb_webhook_deliver(hook, NULL, &s, 1000);
    cr_expect_eq(cb_log_count(log_, CB_EV_WEBHOOK_FAILED), 0);
    cr_expect_eq(failures_at(1000), 1);
}
