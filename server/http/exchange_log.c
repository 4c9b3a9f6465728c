/* The one line that a request leaves in the log. */
#include "base/clock.h"
#include "http/exchange.h"

static enum cb_event event_of(const struct cb_exchange *x, bool refused)
{
    const struct cb_route *audited =
        x->found.route != NULL && x->found.route->audited ? x->found.route : NULL;
    if (!refused) {
        return audited == NULL || x->request.audit.nothing_done ? CB_EV__MAX : audited->issued;
    }
    if (cb_code_class(x->err.code) != CB_CLASS_PROTOCOL) {
        return CB_EV_REQUEST_FAILED;
    }
    return audited == NULL ? CB_EV_REQUEST_REFUSED : audited->refused;
}

void cb_exchange_log(struct cb_connection *c, const char *method, bool refused, unsigned status)
{
    const struct cb_exchange *x = &c->exchange;
    const enum cb_event event = event_of(x, refused);
    if (event == CB_EV__MAX) {
        return;
    }
    const struct cb_audit *audit = &x->request.audit;
    char address[CB_ADDRESS_TEXT];
    char x5t[CB_X5T_TEXT] = "";
    cb_address_text(&c->entry.address, address);
    if (audit->has_x5t) {
        cb_x5t_text(&audit->x5t, x5t);
    }
    CB_LOG(c->listener->options.log, event, refused ? &x->err : NULL, CB_F_CSTR("request", x->request.id),
           CB_F_CSTR("listener", c->listener->name), CB_F_CSTR("address", address),
           CB_F_STR("forwarded_for", audit->forwarded_for), CB_F_CSTR("method", method),
           CB_F_CSTR("path", x->found.route == NULL ? NULL : x->found.route->path),
           CB_F_INT("status", status), CB_F_STR("client_id", audit->client_id),
           CB_F_STR("administrator", audit->administrator), CB_F_STR("object", audit->object),
           CB_F_CSTR("x5t", x5t), CB_F_STR("scope", audit->scope), CB_F_STR("resource", audit->resource),
           CB_F_STR("jti", audit->jti), CB_F_CSTR("rule", audit->rule),
           CB_F_WHOLE("register", audit->register_as),
           CB_F_INT("duration_us", cb_clock_monotonic_us() - x->began_us));
}
