#include "backend.h"

const struct backend *const backends[] = { &postgresql_backend, &sqlite_backend, NULL };
