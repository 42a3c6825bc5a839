/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer norm in vector words, row by row: a row stays in the first cache between its passes. */
#include <math.h>

#include "linalg/dispatch.h"
#include "simd/simd.h"
#include "simd/sum.h"

/* Elements of a row whose sums are in float. */
#define PIECE ((size_t)1024)
/* Vectors whose sums are apart. */
#define CHAINS ((size_t)4)

typedef struct sums {
    double first, second;
} sums;

/* One vector of what is summed: x - center and its square; or g = dy * weight and g times normalised x. */
typedef struct terms {
    const float *x, *dy, *weight;
    hwv_layer_norm_moments moments;
} terms;

HWV_WORD vf normalised(vf x, const hwv_layer_norm_moments *m)
{
    return v_fma(v_sub(x, v_set(m->center)), v_set(m->inverse), v_set(m->shift));
}

HWV_WORD void add_vector(const bool of_dy, const bool weighted, const terms *t, size_t at, size_t width, vf *first,
                         vf *second)
{
    const vf x = v_load_part(t->x + at, width);
    vf a, b;
    if (of_dy) {
        a = v_load_part(t->dy + at, width);
        if (weighted)
            a = v_mul(a, v_load_part(t->weight + at, width));
        b = normalised(x, &t->moments);
    } else {
        a = b = v_sub(x, v_set(t->moments.center));
    }
    if (width < V_LANES) { /* the lanes behind the end are no terms */
        a = v_keep(vm_first(width), a);
        b = v_keep(vm_first(width), b);
    }
    *first = v_add(*first, a);
    *second = v_fma(a, b, *second);
}

HWV_WORD sums row_sums(const bool of_dy, const bool weighted, size_t cols, const terms *t)
{
    sums total = {0, 0};
    for (size_t from = 0; from < cols; from += PIECE) {
        const size_t stop = cols - from < PIECE ? cols : from + PIECE;
        vf first[CHAINS], second[CHAINS];
        size_t i = from;
        HWV_UNROLL
        for (size_t v = 0; v < CHAINS; v++)
            first[v] = second[v] = v_zero();
        for (; stop - i >= CHAINS * V_LANES; i += CHAINS * V_LANES) {
            HWV_UNROLL
            for (size_t v = 0; v < CHAINS; v++)
                add_vector(of_dy, weighted, t, i + v * V_LANES, V_LANES, &first[v], &second[v]);
        }
        for (; stop - i >= V_LANES; i += V_LANES)
            add_vector(of_dy, weighted, t, i, V_LANES, &first[0], &second[0]);
        if (i < stop)
            add_vector(of_dy, weighted, t, i, stop - i, &first[1], &second[1]);
        total.first += (double)v_sum(v_add(v_add(first[0], first[1]), v_add(first[2], first[3])));
        total.second += (double)v_sum(v_add(v_add(second[0], second[1]), v_add(second[2], second[3])));
    }
    return total;
}

/* The mean of the beginning of a row. */
HWV_WORD float row_center(size_t cols, const float *x)
{
    vf sum[2] = {v_zero(), v_zero()};
    size_t i = 0;
    for (; cols - i >= 2 * V_LANES; i += 2 * V_LANES) {
        sum[0] = v_add(sum[0], v_load(x + i));
        sum[1] = v_add(sum[1], v_load(x + i + V_LANES));
    }
    for (; cols - i >= V_LANES; i += V_LANES)
        sum[0] = v_add(sum[0], v_load(x + i));
    if (i < cols)
        sum[1] = v_add(sum[1], v_keep(vm_first(cols - i), v_load_n(x + i, cols - i)));
    return v_sum(v_add(sum[0], sum[1])) / (float)cols;
}

static hwv_layer_norm_moments row_moments(const hwv_layer_norm *norm, const float *x)
{
    const float center = norm->uncentered ? 0 : row_center(norm->cols < PIECE ? norm->cols : PIECE, x);
    terms t = {.x = x, .moments = {.center = center}};
    const sums s = row_sums(false, false, norm->cols, &t);
    const double n = (double)norm->cols, off = norm->uncentered ? 0 : s.first / n;
    const double variance = s.second / n - off * off;
    const double inverse = 1 / sqrt((variance > 0 || isnan(variance) ? variance : 0) + (double)norm->epsilon);
    t.moments.inverse = (float)inverse;
    t.moments.shift = (float)(-off * inverse);
    return t.moments;
}

HWV_WORD void map_vector(const bool weighted, const bool biased, const hwv_layer_norm *norm,
                         const hwv_layer_norm_moments *m, size_t at, size_t width, const float *x, float *y)
{
    vf n = normalised(v_load_part(x + at, width), m);
    if (weighted)
        n = biased ? v_fma(n, v_load_part(norm->weight + at, width), v_load_part(norm->bias + at, width))
                   : v_mul(n, v_load_part(norm->weight + at, width));
    else if (biased)
        n = v_add(n, v_load_part(norm->bias + at, width));
    v_store_part(y + at, n, width);
}

HWV_WORD void forward_rows(const bool weighted, const bool biased, const hwv_layer_norm *norm, size_t rows,
                           const float *x, float *y, hwv_layer_norm_moments *moments)
{
    const size_t cols = norm->cols;
    for (size_t r = 0; r < rows; r++, x += cols, y += cols) {
        const hwv_layer_norm_moments m = row_moments(norm, x);
        size_t i = 0;
        for (; cols - i >= V_LANES; i += V_LANES)
            map_vector(weighted, biased, norm, &m, i, V_LANES, x, y);
        if (i < cols)
            map_vector(weighted, biased, norm, &m, i, cols - i, x, y);
        if (moments)
            moments[r] = m;
    }
}

static void forward(const hwv_layer_norm *norm, size_t rows, const float *x, float *y, hwv_layer_norm_moments *moments)
{
    if (norm->weight && norm->bias)
        forward_rows(true, true, norm, rows, x, y, moments);
    else if (norm->weight)
        forward_rows(true, false, norm, rows, x, y, moments);
    else
        forward_rows(false, norm->bias != NULL, norm, rows, x, y, moments);
}

/* ---- backward ------------------------------------------------------------------------------------- */

/* What a row's gradients are made of: dx = (g - mean - n * slope) * inverse. */
typedef struct slopes {
    terms of;
    float mean, slope;
    float *dx, *weight, *bias;
} slopes;

HWV_WORD void gradient_vector(const bool weighted, const bool x_wanted, const bool parameters, const slopes *s,
                              size_t at, size_t width)
{
    const vf dy = v_load_part(s->of.dy + at, width), n = normalised(v_load_part(s->of.x + at, width), &s->of.moments);
    if (parameters) {
        v_store_part(s->weight + at, v_fma(dy, n, v_load_part(s->weight + at, width)), width);
        v_store_part(s->bias + at, v_add(dy, v_load_part(s->bias + at, width)), width);
    }
    if (x_wanted) {
        const vf g = weighted ? v_mul(dy, v_load_part(s->of.weight + at, width)) : dy;
        const vf d = v_fma(n, v_set(-s->slope), v_sub(g, v_set(s->mean)));
        v_store_part(s->dx + at, v_mul(d, v_set(s->of.moments.inverse)), width);
    }
}

HWV_WORD void backward_rows(const bool weighted, const bool x_wanted, const bool parameters, const hwv_layer_norm *norm,
                            size_t rows, slopes s, const hwv_layer_norm_moments *moments)
{
    const size_t cols = norm->cols;
    for (size_t r = 0; r < rows; r++) {
        size_t i = 0;
        s.of.moments = moments[r];
        if (x_wanted) {
            const sums total = row_sums(true, weighted, cols, &s.of);
            s.mean = norm->uncentered ? 0 : (float)(total.first / (double)cols);
            s.slope = (float)(total.second / (double)cols);
        }
        for (; cols - i >= V_LANES; i += V_LANES)
            gradient_vector(weighted, x_wanted, parameters, &s, i, V_LANES);
        if (i < cols)
            gradient_vector(weighted, x_wanted, parameters, &s, i, cols - i);
        s.of.x += cols;
        s.of.dy += cols;
        s.dx = x_wanted ? s.dx + cols : s.dx;
    }
}

static void backward(const hwv_layer_norm *norm, size_t rows, const float *x, const float *dy,
                     const hwv_layer_norm_moments *moments, float *dx, float *weight, float *bias)
{
    const slopes s = {.of = {.x = x, .dy = dy, .weight = norm->weight}, .dx = dx, .weight = weight, .bias = bias};
    if (dx == NULL)
        backward_rows(false, false, true, norm, rows, s, moments);
    else if (norm->weight && weight)
        backward_rows(true, true, true, norm, rows, s, moments);
    else if (norm->weight)
        backward_rows(true, true, false, norm, rows, s, moments);
    else if (weight)
        backward_rows(false, true, true, norm, rows, s, moments);
    else
        backward_rows(false, true, false, norm, rows, s, moments);
}

extern const hwv_layer_norm_kernels HWV_ISA(hwv_layer_norm_kernels);
const hwv_layer_norm_kernels HWV_ISA(hwv_layer_norm_kernels) = {forward, backward};
