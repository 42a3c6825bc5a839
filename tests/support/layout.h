/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reference vectors hold images as [batch, channels, height, width]; here channels come last. */
#ifndef TESTS_LAYOUT_H
#define TESTS_LAYOUT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

/* Elements of `size` bytes of [batch, channels, pixels] to [batch, pixels, channels], in place. */
static inline void layout_turn(void *data, size_t size, size_t batch, size_t channels, size_t pixels)
{
    char *from = data, *to = malloc(batch * channels * pixels * size + 1);
    if (to == NULL) {
        fprintf(stderr, "no memory to turn images\n");
        exit(1);
    }
    for (size_t n = 0; n < batch; n++)
        for (size_t c = 0; c < channels; c++)
            for (size_t p = 0; p < pixels; p++)
                memcpy(to + ((n * pixels + p) * channels + c) * size, from + ((n * channels + c) * pixels + p) * size,
                       size);
    memcpy(from, to, batch * channels * pixels * size);
    free(to);
}

/* An array of images becomes [batch, height, width, channels]; one of fewer dimensions stays as it is. */
static inline void layout_channels_last(reference_array *array)
{
    if (array->dims != 4)
        return;
    size_t *shape = array->shape, channels = shape[1], pixels = shape[2] * shape[3];
    layout_turn(array->values, sizeof *array->values, shape[0], channels, pixels);
    if (array->f32)
        layout_turn(array->f32, sizeof *array->f32, shape[0], channels, pixels);
    shape[1] = shape[2];
    shape[2] = shape[3];
    shape[3] = channels;
}

#endif
