/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Winograd transforms in vector words. The points are 0, +-a, +-b and infinity with a = sqrt(1/2), b = sqrt(2): half the
 * error of the textbook's 0, +-1, +-2, and as a * b = 1 the same few constants serve all transforms. */
#include "linalg/winograd_kernels.h"
#include "linalg/microkernel.h"
#include "simd/simd.h"

#define POINTS HWV_WINOGRAD_POINTS
#define A      0.70710678118654752f
#define B      1.41421356237309505f

/* B': the filters of six neighbours whose products with the weights' values at the points make up the outputs. */
HWV_WORD void filter(vf v[POINTS], const vf x[POINTS])
{
    const vf half = v_set(0.5f), two = v_set(2.0f), middle = v_set(2.5f), a = v_set(A), b = v_set(B);
    const vf even_a = v_fnma(two, x[2], x[4]), odd_a = v_mul(a, v_fnma(two, x[1], x[3]));
    const vf even_b = v_fnma(half, x[2], x[4]), odd_b = v_mul(b, v_fnma(half, x[1], x[3]));
    v[0] = v_add(v_fnma(middle, x[2], x[4]), x[0]);
    v[1] = v_add(even_a, odd_a);
    v[2] = v_sub(even_a, odd_a);
    v[3] = v_add(even_b, odd_b);
    v[4] = v_sub(even_b, odd_b);
    v[5] = v_add(v_fnma(middle, x[3], x[5]), x[1]);
}

/* Values at the points of the polynomial with n coefficients. n is a constant here and below. */
HWV_WORD void evaluate(const size_t n, vf v[POINTS], const vf *x)
{
    const vf half = v_set(0.5f), two = v_set(2.0f), zero = v_zero();
    const vf x2 = n > 2 ? x[2] : zero, x3 = n > 3 ? x[3] : zero, x4 = n > 4 ? x[4] : zero;
    const vf even_a = n > 4 ? v_fma(half, v_fma(half, x4, x2), x[0]) : n > 2 ? v_fma(half, x2, x[0]) : x[0];
    const vf even_b = n > 4 ? v_fma(two, v_fma(two, x4, x2), x[0]) : n > 2 ? v_fma(two, x2, x[0]) : x[0];
    const vf odd_a = n > 3 ? v_fma(half, x3, x[1]) : x[1], odd_b = n > 3 ? v_fma(two, x3, x[1]) : x[1];
    v[0] = x[0];
    v[1] = v_fma(v_set(A), odd_a, even_a);
    v[2] = v_fnma(v_set(A), odd_a, even_a);
    v[3] = v_fma(v_set(B), odd_b, even_b);
    v[4] = v_fnma(v_set(B), odd_b, even_b);
    v[5] = x[n - 1];
}

/* The transposed matrix: x[i] = sum over points p of v[p] * p^i; infinity counts in the last. */
HWV_WORD void collect(const size_t n, vf *x, const vf v[POINTS])
{
    const vf even_a = v_add(v[1], v[2]), odd_a = v_mul(v_set(A), v_sub(v[1], v[2]));
    const vf even_b = v_add(v[3], v[4]), odd_b = v_mul(v_set(B), v_sub(v[3], v[4]));
    x[0] = v_add(v[0], v_add(even_a, even_b));
    x[1] = v_add(odd_a, odd_b);
    if (n > 2)
        x[2] = v_fma(v_set(2.0f), even_b, v_mul(v_set(0.5f), even_a));
    if (n > 3)
        x[3] = v_fma(v_set(2.0f), odd_b, v_mul(v_set(0.5f), odd_a));
    if (n > 4)
        x[4] = v_fma(v_set(4.0f), even_b, v_mul(v_set(0.25f), even_a));
    x[n - 1] = v_add(x[n - 1], v[5]);
}

/* G is evaluate() divided by the products of the points' distances from each other. */
HWV_WORD void weigh(vf v[POINTS])
{
    const vf a = v_set(-2.0f / 3.0f), b = v_set(1.0f / 6.0f);
    v[1] = v_mul(v[1], a);
    v[2] = v_mul(v[2], a);
    v[3] = v_mul(v[3], b);
    v[4] = v_mul(v[4], b);
}

/* Rows of pixels n x n become POINTS x POINTS frequencies. weighs: G, else A. */
HWV_WORD void spread(const size_t n, const bool weighs, vf pixel[][HWV_WINOGRAD_TAPS], float *to, size_t step)
{
    vf half[POINTS][HWV_WINOGRAD_TAPS];
    HWV_UNROLL
    for (size_t x = 0; x < n; x++) {
        vf column[HWV_WINOGRAD_TAPS], v[POINTS];
        HWV_UNROLL
        for (size_t y = 0; y < n; y++)
            column[y] = pixel[y][x];
        evaluate(n, v, column);
        if (weighs)
            weigh(v);
        HWV_UNROLL
        for (size_t i = 0; i < POINTS; i++)
            half[i][x] = v[i];
    }
    HWV_UNROLL
    for (size_t i = 0; i < POINTS; i++) {
        vf v[POINTS];
        evaluate(n, v, half[i]);
        if (weighs)
            weigh(v);
        HWV_UNROLL
        for (size_t j = 0; j < POINTS; j++)
            v_store(to + (i * POINTS + j) * step, v[j]);
    }
}

/* And back: A', or with weighs G'. */
HWV_WORD void gather(const size_t n, const bool weighs, vf frequency[POINTS][POINTS], vf pixel[][HWV_WINOGRAD_TAPS])
{
    vf half[HWV_WINOGRAD_TAPS][POINTS];
    HWV_UNROLL
    for (size_t j = 0; j < POINTS; j++) {
        vf column[POINTS], x[HWV_WINOGRAD_TAPS];
        HWV_UNROLL
        for (size_t i = 0; i < POINTS; i++)
            column[i] = frequency[i][j];
        if (weighs)
            weigh(column);
        collect(n, x, column);
        HWV_UNROLL
        for (size_t y = 0; y < n; y++)
            half[y][j] = x[y];
    }
    HWV_UNROLL
    for (size_t y = 0; y < n; y++) {
        if (weighs)
            weigh(half[y]);
        collect(n, pixel[y], half[y]);
    }
}

/* Where channel c is, from the first. */
HWV_WORD size_t channel_at(size_t c, size_t panel)
{
    return c / HWV_PANEL * panel + c % HWV_PANEL;
}

HWV_WORD void input_lanes(const float *const *at, size_t c, size_t lanes, float *v, size_t step)
{
    vf half[POINTS][POINTS];
    HWV_UNROLL
    for (size_t x = 0; x < POINTS; x++) {
        vf column[POINTS], filtered[POINTS];
        HWV_UNROLL
        for (size_t y = 0; y < POINTS; y++)
            column[y] = v_load_part(at[y * POINTS + x] + c, lanes);
        filter(filtered, column);
        HWV_UNROLL
        for (size_t i = 0; i < POINTS; i++)
            half[i][x] = filtered[i];
    }
    HWV_UNROLL
    for (size_t i = 0; i < POINTS; i++) {
        vf filtered[POINTS];
        filter(filtered, half[i]);
        HWV_UNROLL
        for (size_t j = 0; j < POINTS; j++)
            v_store(v + (i * POINTS + j) * step, filtered[j]);
    }
}

static void input(const float *const *at, size_t channels, float *v, size_t step, size_t panel)
{
    size_t c = 0;
    for (; c + V_LANES <= channels; c += V_LANES)
        input_lanes(at, c, V_LANES, v + channel_at(c, panel), step);
    if (c < channels)
        input_lanes(at, c, channels - c, v + channel_at(c, panel), step);
}

HWV_WORD void gradient_lanes(const size_t n, const float *const *at, size_t c, size_t lanes, float *d, size_t step)
{
    vf pixel[HWV_WINOGRAD_TILE][HWV_WINOGRAD_TAPS];
    HWV_UNROLL
    for (size_t y = 0; y < n; y++) {
        HWV_UNROLL
        for (size_t x = 0; x < n; x++)
            pixel[y][x] = v_load_part(at[y * n + x] + c, lanes);
    }
    spread(n, false, pixel, d, step);
}

HWV_WORD void gradient(const size_t n, const float *const *at, size_t channels, float *d, size_t step, size_t panel)
{
    size_t c = 0;
    for (; c + V_LANES <= channels; c += V_LANES)
        gradient_lanes(n, at, c, V_LANES, d + channel_at(c, panel), step);
    if (c < channels)
        gradient_lanes(n, at, c, channels - c, d + channel_at(c, panel), step);
}

HWV_WORD void output_lanes(const size_t n, const float *m, size_t step, size_t c, size_t lanes, const float *bias,
                           const hwv_winograd_place *to)
{
    vf frequency[POINTS][POINTS], pixel[HWV_WINOGRAD_TILE][HWV_WINOGRAD_TAPS];
    HWV_UNROLL
    for (size_t i = 0; i < POINTS; i++) {
        HWV_UNROLL
        for (size_t j = 0; j < POINTS; j++)
            frequency[i][j] = v_load(m + (i * POINTS + j) * step);
    }
    gather(n, false, frequency, pixel);
    if (bias) {
        const vf b = v_load_part(bias + c, lanes);
        HWV_UNROLL
        for (size_t y = 0; y < n; y++) {
            HWV_UNROLL
            for (size_t x = 0; x < n; x++)
                pixel[y][x] = v_add(pixel[y][x], b);
        }
    }
    HWV_UNROLL
    for (size_t y = 0; y < n; y++) {
        HWV_UNROLL
        for (size_t x = 0; x < n; x++)
            if (y < to->rows && x < to->columns)
                v_store_part(to->at + y * to->line + x * to->pixel + c, pixel[y][x], lanes);
    }
}

HWV_WORD void output(const size_t n, const float *m, size_t step, size_t panel, size_t channels, const float *bias,
                     const hwv_winograd_place *to)
{
    size_t c = 0;
    for (; c + V_LANES <= channels; c += V_LANES)
        output_lanes(n, m + channel_at(c, panel), step, c, V_LANES, bias, to);
    if (c < channels)
        output_lanes(n, m + channel_at(c, panel), step, c, channels - c, bias, to);
}

HWV_WORD void weight(const size_t n, const float *taps, bool rotated, size_t width, float *u, size_t step)
{
    const float *first = taps + (rotated ? (n * n - 1) * HWV_PANEL : 0);
    const ptrdiff_t next = rotated ? -(ptrdiff_t)HWV_PANEL : (ptrdiff_t)HWV_PANEL;
    for (size_t f = 0; f < width; f += V_LANES) {
        vf tap[HWV_WINOGRAD_TAPS][HWV_WINOGRAD_TAPS];
        HWV_UNROLL
        for (size_t y = 0; y < n; y++) {
            HWV_UNROLL
            for (size_t x = 0; x < n; x++)
                tap[y][x] = v_load(first + (ptrdiff_t)(y * n + x) * next + f);
        }
        spread(n, true, tap, u + f, step);
    }
}

HWV_WORD void weight_gradient(const size_t n, const hwv_winograd_sums *s, size_t width, float *taps)
{
    for (size_t f = 0; f < width; f += V_LANES) {
        vf frequency[POINTS][POINTS], tap[HWV_WINOGRAD_TAPS][HWV_WINOGRAD_TAPS];
        HWV_UNROLL
        for (size_t i = 0; i < POINTS; i++) {
            HWV_UNROLL
            for (size_t j = 0; j < POINTS; j++) {
                const float *from = s->at + (i * POINTS + j) * s->step + f;
                vf sum = v_load(from);
                for (size_t shard = 1; shard < s->shards; shard++)
                    sum = v_add(sum, v_load(from + shard * s->shard_floats));
                frequency[i][j] = sum;
            }
        }
        gather(n, true, frequency, tap);
        HWV_UNROLL
        for (size_t y = 0; y < n; y++) {
            HWV_UNROLL
            for (size_t x = 0; x < n; x++)
                v_store(taps + (y * n + x) * HWV_PANEL + f, tap[y][x]);
        }
    }
}

#define FORM(TAPS, TILE)                                                                                               \
    static void gradient_##TILE(const float *const *at, size_t channels, float *d, size_t step, size_t panel)          \
    {                                                                                                                  \
        gradient(TILE, at, channels, d, step, panel);                                                                  \
    }                                                                                                                  \
    static void output_##TILE(const float *m, size_t step, size_t panel, size_t channels, const float *bias,           \
                              const hwv_winograd_place *place)                                                         \
    {                                                                                                                  \
        output(TILE, m, step, panel, channels, bias, place);                                                           \
    }                                                                                                                  \
    static void weight_##TAPS(const float *taps, bool rotated, size_t width, float *u, size_t step)                    \
    {                                                                                                                  \
        weight(TAPS, taps, rotated, width, u, step);                                                                   \
    }                                                                                                                  \
    static void weight_gradient_##TAPS(const hwv_winograd_sums *sums, size_t width, float *taps)                       \
    {                                                                                                                  \
        weight_gradient(TAPS, sums, width, taps);                                                                      \
    }

FORM(3, 4)
FORM(5, 2)

extern hwv_winograd_multiply HWV_ISA(hwv_winograd_multiply);
extern const hwv_winograd_kernels HWV_ISA(hwv_winograd_kernels);
const hwv_winograd_kernels HWV_ISA(hwv_winograd_kernels) = {
    HWV_ISA(hwv_winograd_multiply),         input, {gradient_4, gradient_2}, {output_4, output_2}, {weight_3, weight_5},
    {weight_gradient_3, weight_gradient_5},
};
