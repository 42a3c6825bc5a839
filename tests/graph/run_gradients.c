/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The gradient check on every runnable instruction set, as a plain program for emulators. */
#include <stdio.h>

#include "halfwave/graph.h"

static void each(void *self, const hwv_gradcheck_result *result)
{
    (void)self;
    if (!result->passed)
        printf("%s %s on %s: %g over %g at %s\n", result->kind, result->name, hwv_isa_name(hwv_isa_current()),
               result->worst, result->limit, result->where);
}

int main(void)
{
    int wrong = 0;
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        const char *isa = hwv_isa_name(hwv_isa_get(i));
        hwv_error error;
        size_t failed = 0;
        if (hwv_isa_force(isa, &error) != HWV_OK ||
            hwv_gradcheck(NULL, NULL, 1, each, NULL, &failed, &error) != HWV_OK) {
            printf("%s: %s\n", isa, error.text);
            wrong = 1;
        }
        wrong |= failed > 0;
        printf("%s: %zu failed\n", isa, failed);
    }
    return wrong;
}
