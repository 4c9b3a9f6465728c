#include "world.h"

struct cb_snapshot world;

cb_status cb_app_snapshot(const struct cb_app *app, struct cb_request *rq, struct cb_err *err)
{
    (void)app;
    (void)err;
    rq->snapshot = &world;
    return CB_OK;
}

const struct cb_services *cb_app_services(const struct cb_app *app)
{
    static const struct cb_services none;
    (void)app;
    return &none;
}
