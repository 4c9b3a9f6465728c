#include "watch/webhook.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

/* Without a signing key every delivery fails, and nobody is connected to. */
static struct cb_webhook *hook;
static struct cb_log *log_;
static const struct cb_config config = { .expiry_webhook = "https://hooks.example/" };
static const struct cb_snapshot snapshot = { .config = &config };

static void setup(void)
{
    struct cb_err err = { 0 };
    hook = cb_webhook_new();
    cr_assert_not_null(hook);
    cr_assert_not(CB_FAILED(cb_log_new(open("/dev/null", O_WRONLY), CB_LOG_ERROR, &log_, &err)));
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
    cb_webhook_deliver(hook, NULL, &snapshot, log_, now);
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

Test(webhook, holds_so_many_and_gives_up_the_oldest)
{
    for (int i = 0; i < CB_WEBHOOK_QUEUE + 1; i++) {
        cb_webhook_add(hook, CB_STR("{}"), 1000);
    }
    for (int i = 0; i < CB_WEBHOOK_QUEUE; i++) {
        cr_expect_eq(failures_at(1000), 1, "one in each pass");
    }
    cr_expect_eq(failures_at(1000), 0);
}

Test(webhook, waits_where_none_is_configured)
{
    static const struct cb_config without = { .expiry_webhook = NULL };
    const struct cb_snapshot s = { .config = &without };
    cb_webhook_add(hook, CB_STR("{}"), 1000);
    cb_webhook_deliver(hook, NULL, &s, log_, 1000);
    cr_expect_eq(cb_log_count(log_, CB_EV_WEBHOOK_FAILED), 0);
    cr_expect_eq(failures_at(1000), 1);
}
