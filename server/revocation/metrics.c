#include <inttypes.h>

#include "revocation/view.h"

/* /metrics has its bound: the first lists are told one by one, and of a long location its end. */
enum { LISTS_TOLD = 64, LABEL_MAX = 128 };

/* The value of a label: a path may hold anything. */
static void add_label(struct cb_buf *out, const char *value)
{
    const size_t n = strlen(value);
    for (value += n > LABEL_MAX ? n - LABEL_MAX : 0; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\') {
            cb_buf_add_char(out, '\\');
        }
        cb_buf_add(out, (unsigned char)*value < ' ' ? " " : value, 1);
    }
}

static void add_head(struct cb_buf *out, const char *name, const char *help, const char *type)
{
    cb_buf_add_fmt(out, "# HELP certbound_%s %s\n# TYPE certbound_%s %s\n", name, help, name, type);
}

static int64_t held_of(const struct cb_revocation_list *l)
{
    return l->facts != NULL;
}

static int64_t entries_of(const struct cb_revocation_list *l)
{
    return l->facts == NULL ? 0 : (int64_t)l->facts->entries;
}

static int64_t this_update_of(const struct cb_revocation_list *l)
{
    return l->facts == NULL ? 0 : l->facts->this_update;
}

static int64_t next_update_of(const struct cb_revocation_list *l)
{
    return l->facts == NULL ? 0 : l->facts->next_update;
}

static int64_t loaded_of(const struct cb_revocation_list *l)
{
    return l->loaded_at;
}

static int64_t failed_of(const struct cb_revocation_list *l)
{
    return l->failure != CB_E_NONE;
}

static const struct {
    const char *name, *help;
    int64_t (*value)(const struct cb_revocation_list *l);
} gauges[] = {
    { "crl_held", "1 when a revocation list from this place is held.", held_of },
    { "crl_entries", "Entries of the list that is held.", entries_of },
    { "crl_this_update_timestamp_seconds", "When the list was made.", this_update_of },
    { "crl_next_update_timestamp_seconds", "When the list ends.", next_update_of },
    { "crl_loaded_timestamp_seconds", "When it was last read, or fetched and found unchanged.", loaded_of },
    { "crl_last_attempt_failed", "1 when the last attempt to read it failed; the log says why.", failed_of },
};

static void add_lists(const struct cb_revocation_view *v, struct cb_buf *out)
{
    for (size_t g = 0; g < CB_COUNT(gauges); g++) {
        add_head(out, gauges[g].name, gauges[g].help, "gauge");
        for (size_t i = 0; i < cb_revocation_list_count(v) && i < LISTS_TOLD; i++) {
            const struct cb_revocation_list l = cb_revocation_list_at(v, i);
            cb_buf_add_fmt(out, "certbound_%s{trust_group=\"", gauges[g].name);
            add_label(out, l.group);
            cb_buf_add_cstr(out, "\",location=\"");
            add_label(out, l.location);
            cb_buf_add_fmt(out, "\"} %" PRId64 "\n", gauges[g].value(&l));
        }
    }
}

void cb_revocation_metrics(const struct cb_revocation_view *v, struct cb_buf *out)
{
    static const char *const outcomes[CB_DESK__MAX] = {
        [CB_DESK_GOOD] = "good",
        [CB_DESK_STALE] = "stale",
        [CB_DESK_UNKNOWN] = "unknown",
        [CB_DESK_REVOKED] = "revoked",
    };
    add_lists(v, out);
    add_head(out, "ocsp_answers", "Answers of OCSP responders that are held.", "gauge");
    cb_buf_add_fmt(out, "certbound_ocsp_answers %zu\n", cb_revocation_answer_count(v));
    add_head(out, "revocation_checks_total",
             "Checks by what they found; stale was accepted by the group's grace. A connection that is known "
             "is not checked again.",
             "counter");
    for (enum cb_desk_outcome o = CB_DESK_GOOD; o < CB_DESK__MAX; o++) {
        cb_buf_add_fmt(out, "certbound_revocation_checks_total{outcome=\"%s\"} %" PRIu64 "\n", outcomes[o],
                       v == NULL ? 0 : cb_desk_counted(v->desk, o));
    }
}
