/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gathering a batch: part of every training step. */
#include "io/gather.h"

#include <assert.h>
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

static void normalize_bytes(float *restrict x, const uint8_t *restrict bytes, size_t n, const float *restrict shift,
                            const float *restrict factor)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t j = 0; j < BLOCK; j++)
            x[i + j] = ((float)bytes[i + j] - shift[i + j]) * factor[i + j];
    for (; i < n; i++)
        x[i] = ((float)bytes[i] - shift[i]) * factor[i];
}

static void normalize_floats(float *restrict x, const float *restrict floats, size_t n, const float *restrict shift,
                             const float *restrict factor)
{
    size_t i = 0;
    for (; i + BLOCK <= n; i += BLOCK)
        for (size_t j = 0; j < BLOCK; j++)
            x[i + j] = (floats[i + j] - shift[i + j]) * factor[i + j];
    for (; i < n; i++)
        x[i] = (floats[i] - shift[i]) * factor[i];
}

void hwv_convert_bytes(const hwv_data *data, const uint8_t *bytes, float *x)
{
    const hwv_normal *normal = data->normal;
    if (normal)
        normalize_bytes(x, bytes, data->features, normal->shift, normal->factor);
    else
        scale_bytes(x, bytes, data->features, data->scale);
}

void hwv_convert_floats(const hwv_data *data, const float *floats, float *x)
{
    const hwv_normal *normal = data->normal;
    if (normal)
        normalize_floats(x, floats, data->features, normal->shift, normal->factor);
    else
        memcpy(x, floats, data->features * sizeof *x);
}

void hwv_data_gather(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows, size_t first, size_t count,
                     float *x, int32_t *labels)
{
    size_t n = data->features;
    assert(!part->tokens);
    for (size_t i = 0; i < count; i++) {
        size_t row = rows ? rows[i] : first + i;
        if (part->bytes)
            hwv_convert_bytes(data, part->bytes + row * n, x + i * n);
        else
            hwv_convert_floats(data, part->floats + row * n, x + i * n);
        if (labels)
            labels[i] = part->labels[row];
    }
}
