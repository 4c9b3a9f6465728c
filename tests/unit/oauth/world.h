/* The world that endpoints see in these tests, instead of a running server. */
#ifndef WORLD_H
#define WORLD_H

#include "oauth/snapshot.h"

extern struct cb_snapshot world;

#endif
