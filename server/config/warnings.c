/* What is no mistake by itself, and does what nobody means. */
#include "config/config.h"

/* Roles of certificates have names of their own: ETSI TS 119 495 section 4.2.4. */
static bool has_certificate_role(const struct cb_config *c)
{
    for (size_t i = 0; i < c->role_count; i++) {
        if (cb_str_starts(cb_str_of(c->roles[i].role), CB_STR("PSP_"))) {
            return true;
        }
    }
    return false;
}

static const struct {
    const char *profile, *outcome;
} without_roles[] = {
    { "psd2", "no token is issued to its clients" },
    { "obuk", "no token is issued for a certificate with a PSD2 statement" },
};

static void warn_of_group(const struct cb_config_trust_group *g, struct cb_buf *out)
{
    for (size_t i = 0; i < CB_COUNT(without_roles); i++) {
        if (cb_str_is(cb_str_of(g->profile), without_roles[i].profile)) {
            cb_buf_add_fmt(out,
                           "trust group `%s` is of profile %s, and `roles` names none of a certificate's "
                           "roles (PSP_AS, PSP_PI, PSP_AI, PSP_IC): %s\n",
                           g->name, g->profile, without_roles[i].outcome);
        }
    }
}

void cb_config_warnings(const struct cb_config *c, struct cb_buf *out)
{
    for (size_t i = 0; i < c->trust_group_count && !has_certificate_role(c); i++) {
        warn_of_group(&c->trust_groups[i], out);
    }
    for (size_t i = 0; i < c->directory_count && c->role_count == 0; i++) {
        const struct cb_config_directory *d = &c->directories[i];
        if (!cb_str_is(cb_str_of(d->profile), "generic")) {
            cb_buf_add_fmt(out,
                           "directory `%s` is of profile %s, whose software statements name roles, and there "
                           "are no `roles`: no token is issued to its clients\n",
                           d->name, d->profile);
        }
    }
}
