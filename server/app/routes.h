#ifndef CB_ROUTES_H
#define CB_ROUTES_H

#include "http/http.h"

struct cb_route_list {
    const struct cb_route *routes;
    size_t count;
};

/* What each listener answers. */
extern const struct cb_route_list cb_routes[CB_LISTENER__MAX];

#endif
