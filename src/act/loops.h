/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The loops over rows that turn a formula into the kernels of its passes. A formula comes as a function that
 * is inlined here, so that each kernel is one straight loop. */
#ifndef HWV_ACT_LOOPS_H
#define HWV_ACT_LOOPS_H

#include "act/predicates.h"

typedef vw hwv_formula(vw x, wp p);
typedef vw hwv_gradient(vw dy, vw x, wp p);
typedef vw hwv_masked_gradient(vw dy, wm pass, wp p);
typedef wm hwv_predicate(vw x, wp p);

HWV_WORD wp loop_params(const hwv_args *a)
{
    wp p;
    HWV_UNROLL
    for (int i = 0; i < HWV_ACT_PARAMS; i++)
        p.p[i] = w_set(a->param[i]);
    return p;
}

/* The 64 elements of a mask word are a straight run of code where that is short. */
#if V_LANES >= 4
#define HWV_UNROLL_WORD HWV_UNROLL
#else
#define HWV_UNROLL_WORD
#endif

/* The low n bits, n in 1..64. */
HWV_WORD uint64_t loop_low_bits(size_t n)
{
    return UINT64_MAX >> (64 - n);
}

/* Elements before y reaches the alignment of a vector, at most n. */
HWV_WORD size_t loop_head(const float *y, size_t n)
{
    size_t bytes = sizeof(vf), over = (size_t)((uintptr_t)y % bytes);
    size_t head = over ? (bytes - over) / sizeof(float) : 0;
    return head < n ? head : n;
}

HWV_WORD void loop_forward(const hwv_args *a, hwv_formula *f)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const float *x = a->x + r * a->x_stride;
        float *y = a->y + r * a->y_stride;
        size_t n = a->cols, i = 0;
        if (a->stream) {
            i = loop_head(y, n);
            if (i)
                w_store_n(y, f(w_load_n(x, i), p), i);
            for (; i + W_LANES <= n; i += W_LANES)
                w_stream(y + i, f(w_load(x + i), p));
        }
        for (; i + W_LANES <= n; i += W_LANES)
            w_store(y + i, f(w_load(x + i), p));
        if (i < n)
            w_store_n(y + i, f(w_load_n(x + i, n - i), p), n - i);
    }
    if (a->stream)
        v_stream_fence();
}

HWV_WORD void loop_backward(const hwv_args *a, hwv_gradient *g)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const float *x = a->x + r * a->x_stride, *dy = a->dy + r * a->dy_stride;
        float *dx = a->y + r * a->y_stride;
        size_t n = a->cols, i = 0;
        if (a->stream) {
            i = loop_head(dx, n);
            if (i)
                w_store_n(dx, g(w_load_n(dy, i), w_load_n(x, i), p), i);
            for (; i + W_LANES <= n; i += W_LANES)
                w_stream(dx + i, g(w_load(dy + i), w_load(x + i), p));
        }
        for (; i + W_LANES <= n; i += W_LANES)
            w_store(dx + i, g(w_load(dy + i), w_load(x + i), p));
        if (i < n)
            w_store_n(dx + i, g(w_load_n(dy + i, n - i), w_load_n(x + i, n - i), p), n - i);
    }
    if (a->stream)
        v_stream_fence();
}

HWV_WORD void loop_bias(const hwv_args *a, hwv_formula *f)
{
    const wp p = loop_params(a);
    if (a->cols < W_LANES && a->cols != 0 && W_LANES % a->cols == 0 && a->cols % V_LANES == 0 &&
        a->x_stride == a->cols && a->y_stride == a->cols) {
        /* Several short rows fill the wide vector: one long row with a repeated bias. */
        vw bias;
        HWV_UNROLL
        for (size_t k = 0; k < V_WIDE; k++)
            bias.v[k] = v_load(a->bias + (k * V_LANES & (a->cols - 1)));
        size_t n = a->rows * a->cols, i = 0;
        for (; i + W_LANES <= n; i += W_LANES)
            w_store(a->y + i, f(w_add(w_load(a->x + i), bias), p));
        if (i < n)
            w_store_n(a->y + i, f(w_add(w_load_n(a->x + i, n - i), bias), p), n - i);
        return;
    }
    for (size_t r = 0; r < a->rows; r++) {
        const float *x = a->x + r * a->x_stride;
        float *y = a->y + r * a->y_stride;
        size_t n = a->cols, i = 0;
        for (; i + W_LANES <= n; i += W_LANES)
            w_store(y + i, f(w_add(w_load(x + i), w_load(a->bias + i)), p));
        if (i < n)
            w_store_n(y + i, f(w_add(w_load_n(x + i, n - i), w_load_n(a->bias + i, n - i)), p), n - i);
    }
}

/* One word of the mask: n in 1..64 elements; y, bias and nans may be NULL where they are constants. */
HWV_WORD uint64_t loop_word(float *y, const float *x, const float *bias, uint64_t *nans, wp p, hwv_formula *f,
                            hwv_predicate *pass, size_t n)
{
    uint64_t bits = 0, unordered = 0;
    size_t i = 0;
#define HWV_WORD_STEP(load, store)                                                                                     \
    do {                                                                                                               \
        vw v = load(x);                                                                                                \
        if (bias)                                                                                                      \
            v = w_add(v, load(bias));                                                                                  \
        bits |= wm_bits(pass(v, p)) << i;                                                                              \
        if (nans)                                                                                                      \
            unordered |= wm_bits(w_unordered(v, v)) << i;                                                              \
        if (y)                                                                                                         \
            store(y, f(v, p));                                                                                         \
    } while (0)
#define HWV_LOAD(q)       w_load((q) + i)
#define HWV_STORE(q, v)   w_store((q) + i, v)
#define HWV_LOAD_N(q)     w_load_n((q) + i, n - i)
#define HWV_STORE_N(q, v) w_store_n((q) + i, v, n - i)
    if (n == 64) {
        HWV_UNROLL_WORD
        for (i = 0; i < 64; i += W_LANES)
            HWV_WORD_STEP(HWV_LOAD, HWV_STORE);
    } else {
        for (; i + W_LANES <= n; i += W_LANES)
            HWV_WORD_STEP(HWV_LOAD, HWV_STORE);
        if (i < n)
            HWV_WORD_STEP(HWV_LOAD_N, HWV_STORE_N);
        bits &= loop_low_bits(n);
        unordered &= loop_low_bits(n);
    }
#undef HWV_WORD_STEP
#undef HWV_LOAD
#undef HWV_STORE
#undef HWV_LOAD_N
#undef HWV_STORE_N
    for (; nans && unordered; unordered &= unordered - 1)
        ++*nans;
    return bits;
}

HWV_WORD void loop_mask(const hwv_args *a, hwv_formula *f, hwv_predicate *pass, int with_bias)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const float *x = a->x + r * a->x_stride;
        float *y = a->y + r * a->y_stride;
        uint64_t *mask = a->mask + r * a->mask_stride;
        size_t n = a->cols, i = 0;
        for (; i + 64 <= n; i += 64)
            *mask++ = loop_word(y + i, x + i, with_bias ? a->bias + i : NULL, NULL, p, f, pass, 64);
        if (i < n)
            *mask = loop_word(y + i, x + i, with_bias ? a->bias + i : NULL, NULL, p, f, pass, n - i);
    }
}

HWV_WORD void loop_fires(const hwv_args *a, hwv_predicate *fires)
{
    const wp p = loop_params(a);
    uint64_t nans = 0;
    for (size_t r = 0; r < a->rows; r++) {
        const float *x = a->x + r * a->x_stride;
        uint64_t *mask = a->mask + r * a->mask_stride;
        for (size_t i = 0; i < a->cols; i += 64)
            *mask++ = loop_word(NULL, x + i, NULL, &nans, p, NULL, fires, a->cols - i < 64 ? a->cols - i : 64);
    }
    if (a->nans)
        *a->nans += nans;
}

HWV_WORD void loop_backward_mask(const hwv_args *a, hwv_masked_gradient *g)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const float *dy = a->dy + r * a->dy_stride;
        float *dx = a->y + r * a->y_stride;
        const uint64_t *mask = a->mask + r * a->mask_stride;
        size_t n = a->cols, i = 0;
        for (; i + 64 <= n; i += 64) {
            uint64_t bits = *mask++;
            HWV_UNROLL_WORD
            for (size_t j = 0; j < 64; j += W_LANES)
                w_store(dx + i + j, g(w_load(dy + i + j), wm_from_bits(bits >> j), p));
        }
        uint64_t bits = i < n ? *mask : 0;
        for (; i + W_LANES <= n; i += W_LANES) {
            w_store(dx + i, g(w_load(dy + i), wm_from_bits(bits), p));
            bits >>= W_LANES % 64;
        }
        if (i < n)
            w_store_n(dx + i, g(w_load_n(dy + i, n - i), wm_from_bits(bits), p), n - i);
    }
}

/* Kernels of a row. The declaration in front is for those who compile with -Wmissing-prototypes. */
#define HWV_DEFINE(name, pass, call)                                                                                   \
    void HWV_ISA(hwv_##name##_##pass)(const hwv_args *a);                                                              \
    void HWV_ISA(hwv_##name##_##pass)(const hwv_args *a)                                                               \
    {                                                                                                                  \
        call;                                                                                                          \
    }

#define HWV_DEFINE_Y_ALWAYS(name) HWV_DEFINE(name, backward_y, loop_backward(a, name##_backward_y))
#define HWV_DEFINE_Y_IF(when)     HWV_DEFINE_Y_ALWAYS
#define HWV_DEFINE_Y_NEVER(name)

/* Passes of every family. */
#define HWV_DEFINE_ROW(name, FIRES)                                                                                    \
    HWV_DEFINE(name, forward, loop_forward(a, name##_forward))                                                         \
    HWV_DEFINE(name, bias, loop_bias(a, name##_forward))                                                               \
    HWV_DEFINE(name, backward, loop_backward(a, name##_backward))                                                      \
    HWV_DEFINE(name, fires, loop_fires(a, is_##FIRES))

/* Passes of families with masks. */
#define HWV_DEFINE_MASKS(name, PASS)                                                                                   \
    HWV_DEFINE(name, forward_mask, loop_mask(a, name##_forward, is_##PASS, 0))                                         \
    HWV_DEFINE(name, bias_mask, loop_mask(a, name##_forward, is_##PASS, 1))                                            \
    HWV_DEFINE(name, backward_mask, loop_backward_mask(a, name##_backward_mask))

#endif
