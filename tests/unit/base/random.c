#include "base/random.h"

#include <criterion/criterion.h>
#include <string.h>

/* Past the size of any pool, no name comes twice. */
Test(random, names_differ)
{
    enum { MANY = 200 };
    static uint8_t names[MANY][CB_RANDOM_NAME];
    for (int i = 0; i < MANY; i++) {
        cr_assert_not(CB_FAILED(cb_random_name(names[i], NULL)));
        for (int k = 0; k < i; k++) {
            cr_assert_neq(memcmp(names[i], names[k], CB_RANDOM_NAME), 0);
        }
    }
}
