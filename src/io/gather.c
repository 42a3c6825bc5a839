/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gathering a batch: part of every training step. */
#include "halfwave/data.h"

#include <string.h>

/* Blocks of a fixed number of elements are what compilers turn into vectors at -O2. */
enum { BLOCK = 16 };

static void scale_bytes(float *restrict x, const uint8_t *restrict bytes, size_t n, float scale)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t j = 0; j < BLOCK; j++)
            x[i + j] = (float)bytes[i + j] * scale;
    for (; i < n; i++)
        x[i] = (float)bytes[i] * scale;
}

void hwv_data_gather(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows, size_t first, size_t count,
                     float *x, int32_t *labels)
{
    size_t n = data->features;
    for (size_t i = 0; i < count; i++) {
        size_t row = rows ? rows[i] : first + i;
        if (part->bytes)
            scale_bytes(x + i * n, part->bytes + row * n, n, data->scale);
        else
            memcpy(x + i * n, part->floats + row * n, n * sizeof *x);
        labels[i] = part->labels[row];
    }
}
