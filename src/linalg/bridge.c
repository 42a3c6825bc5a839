/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Between two convolutions: where the numbers of the channels and the sums of the blocks lie, and the kernels of the set
 * in use. */
#include "linalg/bridge.h"

#include <stdint.h>
#include <string.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/batch_norm_parts.h"

bool hwv_bridge_suits(const hwv_act *act)
{
    return act->op == HWV_OP_RELU || act->op == HWV_OP_LEAKY_RELU;
}

/* Maps forward and backward, a channel. */
#define MAPS (2 * HWV_BATCH_NORM_MAPS)

typedef struct parts {
    hwv_batch_norm_moments *moments;
    hwv_batch_norm_floats forward, backward;
    float *sums;
} parts;

size_t hwv_bridge_bytes(const hwv_bridge *b)
{
    const size_t channels = b->norm.channels;
    size_t floats, bytes, moments;
    if (!hwv_size_mul(channels, MAPS, &floats) ||
        !hwv_size_add(floats, hwv_batch_norm_sums_floats(&b->norm), &floats) ||
        !hwv_size_mul(floats, sizeof(float), &bytes) ||
        !hwv_size_mul(channels, sizeof(hwv_batch_norm_moments), &moments) || !hwv_size_add(bytes, moments, &bytes))
        return SIZE_MAX;
    return bytes;
}

static parts parts_of(const hwv_bridge *b)
{
    const size_t channels = b->norm.channels;
    hwv_batch_norm_moments *moments = b->kept;
    float *floats = (float *)(moments + channels);
    return (parts){.moments = moments,
                   .forward = hwv_batch_norm_map_in(channels, floats),
                   .backward = hwv_batch_norm_map_in(channels, floats + HWV_BATCH_NORM_MAPS * channels),
                   .sums = floats + MAPS * channels};
}

static hwv_bridge_strip strip_of(const hwv_bridge *b, const parts *p, size_t lines)
{
    return (hwv_bridge_strip){
        .lines = lines,
        .line = b->norm.line,
        .channels = b->norm.channels,
        .pool = b->pool,
        .leaky = b->act.op == HWV_OP_LEAKY_RELU,
        .slope = b->act.param[0],
        .forward = {b->norm.channels, p->forward.center, p->forward.scale, p->forward.offset, NULL},
        .backward = {b->norm.channels, p->backward.center, p->backward.scale, p->backward.offset, p->backward.slope},
    };
}

static const hwv_linalg_kernels *kernels(void)
{
    return hwv_linalg_kernels_of(hwv_isa_current());
}

void hwv_bridge_measure(const hwv_bridge *b, size_t image, const float *z)
{
    const hwv_batch_norm_cut cut = hwv_batch_norm_cut_of(&b->norm);
    const parts p = parts_of(b);
    for (size_t i = 0; i < cut.count; i++)
        hwv_batch_norm_measure_block(&b->norm, kernels(), image * cut.count + i, z + i * cut.block * b->norm.channels,
                                     p.sums);
}

void hwv_bridge_measured(const hwv_bridge *b, float momentum, float *running_mean, float *running_variance)
{
    const parts p = parts_of(b);
    hwv_batch_norm_measured(&b->norm, p.sums, momentum, running_mean, running_variance, p.moments);
    hwv_batch_norm_map_forward(&b->norm, p.moments, p.forward);
}

void hwv_bridge_forward(const hwv_bridge *b, const float *z, float *a)
{
    const parts p = parts_of(b);
    const hwv_bridge_strip strip = strip_of(b, &p, b->norm.lines);
    kernels()->bridge->forward(&strip, z, a);
}

void hwv_bridge_sum(const hwv_bridge *b, size_t image, const float *z, const float *d)
{
    const hwv_batch_norm_cut cut = hwv_batch_norm_cut_of(&b->norm);
    const parts p = parts_of(b);
    const size_t channels = b->norm.channels;
    for (size_t i = 0; i < cut.count; i++) {
        const size_t rows = hwv_batch_norm_block(&cut, i).count, from = i * cut.block * channels;
        const hwv_bridge_strip strip = strip_of(b, &p, rows / b->norm.line);
        float *sum = p.sums + (image * cut.count + i) * HWV_BATCH_NORM_SUMS * channels;
        memset(sum, 0, 2 * channels * sizeof *sum);
        kernels()->bridge->sums(&strip, z + from, d + from / (b->pool ? 4 : 1), sum, sum + channels);
    }
}

void hwv_bridge_summed(const hwv_bridge *b, const hwv_batch_norm_gradients *gradients)
{
    const parts p = parts_of(b);
    hwv_batch_norm_map_backward(&b->norm, p.sums, p.moments, false, gradients, p.backward);
}

void hwv_bridge_backward(const hwv_bridge *b, const float *z, const float *d, float *dz)
{
    const parts p = parts_of(b);
    const hwv_bridge_strip strip = strip_of(b, &p, b->norm.lines);
    kernels()->bridge->backward(&strip, z, d, dz);
}
