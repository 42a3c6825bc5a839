/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The kernels in an engine of your own: a layer of 4 units over 3 samples. Forward keeps one bit an
 * element; that bit is all that backward needs and what the unit counts are made of.
 *
 *     cc kernels.c $(pkg-config --cflags --libs halfwave) */
#include <stdio.h>

#include <halfwave.h>

enum { ROWS = 3, UNITS = 4 };

int main(void)
{
    hwv_error error = {HWV_OK, ""};
    /* Optional: honours HALFWAVE_ISA; without it the widest instruction set is used. */
    if (hwv_initialise(&error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    const float z[ROWS * UNITS] = {1, -2, 0.5f, -1, 3, -1, -0.0f, -4, 2, -3, 1.5f, -2};
    const float dy[ROWS * UNITS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    float y[ROWS * UNITS], dz[ROWS * UNITS];
    uint64_t mask[ROWS], fired[UNITS] = {0};
    size_t words = hwv_mask_words(UNITS);

    hwv_act relu = hwv_act_make(HWV_OP_RELU);
    hwv_act_forward_mask(&relu, HWV_F32, ROWS, UNITS, y, UNITS, z, UNITS, mask, words);
    hwv_act_backward_mask(&relu, HWV_F32, ROWS, UNITS, dz, UNITS, dy, UNITS, mask, words);
    hwv_mask_count(ROWS, UNITS, mask, words, fired);

    printf("on %s:\n", hwv_isa_name(hwv_isa_current()));
    for (int u = 0; u < UNITS; u++)
        printf("unit %d fired for %d of %d samples%s; dz = %g %g %g\n", u, (int)fired[u], (int)ROWS,
               fired[u] == 0 ? ": silent" : "", (double)dz[u], (double)dz[UNITS + u], (double)dz[2 * UNITS + u]);
    return 0;
}
