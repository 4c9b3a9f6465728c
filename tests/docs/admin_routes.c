/* Prints the routes of the admin listener, a line each: "GET /admin/v1/clients BODY_MAX". */
#include <stdio.h>

#include "app/routes.h"

int main(void)
{
    static const char *const methods[CB_METHOD__MAX] = {
        [CB_GET] = "GET", [CB_POST] = "POST", [CB_PUT] = "PUT", [CB_PATCH] = "PATCH", [CB_DELETE] = "DELETE"
    };
    const struct cb_route_list *list = &cb_routes[CB_LISTENER_ADMIN];
    for (size_t i = 0; i < list->count; i++) {
        printf("%s %s %zu\n", methods[list->routes[i].method], list->routes[i].path,
               list->routes[i].body == CB_BODY_NONE ? 0 : list->routes[i].body_max);
    }
    return 0;
}
