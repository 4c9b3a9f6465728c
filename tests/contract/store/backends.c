#include "backend.h"

const struct backend *const backends[] = { &sqlite_backend, NULL };
