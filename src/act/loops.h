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
        p.p[i] = w_set((v_real)a->param[i]);
    return p;
}

/* The 64 elements of a mask word are a straight run of code where that is short. */
#if V_LANES >= 8 && !defined(HWV_DOUBLE)
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
HWV_WORD size_t loop_head(const v_real *y, size_t n)
{
    size_t bytes = sizeof(vf), over = (size_t)((uintptr_t)y % bytes);
    size_t head = over ? (bytes - over) / sizeof(v_real) : 0;
    return head < n ? head : n;
}

HWV_WORD void loop_forward(const hwv_args *a, hwv_formula *f)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride;
        v_real *y = (v_real *)a->y + r * a->y_stride;
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
        const v_real *x = (const v_real *)a->x + r * a->x_stride, *dy = (const v_real *)a->dy + r * a->dy_stride;
        v_real *dx = (v_real *)a->y + r * a->y_stride;
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

/* The same with the formula written out once, for long ones: what does not fill a wide vector goes through a
 * buffer that does, and the same inner loop. */
HWV_WORD void loop_forward_long(const hwv_args *a, hwv_formula *f)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride;
        v_real *y = (v_real *)a->y + r * a->y_stride, part[W_LANES];
        size_t head = a->stream ? loop_head(y, a->cols) : 0, n;
        for (size_t i = 0; i < a->cols; i += n) {
            n = i < head ? head - i : a->cols - i;
            bool whole = n >= W_LANES, around = whole && a->stream;
            const v_real *from = whole ? x + i : part;
            v_real *to = whole ? y + i : part;
            n = whole ? n - n % W_LANES : n;
            if (!whole)
                w_store(part, w_load_n(x + i, n));
            for (size_t k = 0; k < n; k += W_LANES) {
                vw v = f(w_load(from + k), p);
                if (around)
                    w_stream(to + k, v);
                else
                    w_store(to + k, v);
            }
            if (!whole)
                w_store_n(y + i, w_load(part), n);
        }
    }
    if (a->stream)
        v_stream_fence();
}

HWV_WORD void loop_backward_long(const hwv_args *a, hwv_gradient *g)
{
    const wp p = loop_params(a);
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride, *dy = (const v_real *)a->dy + r * a->dy_stride;
        v_real *dx = (v_real *)a->y + r * a->y_stride, part[2][W_LANES];
        size_t head = a->stream ? loop_head(dx, a->cols) : 0, n;
        for (size_t i = 0; i < a->cols; i += n) {
            n = i < head ? head - i : a->cols - i;
            bool whole = n >= W_LANES, around = whole && a->stream;
            const v_real *from_x = whole ? x + i : part[0], *from_dy = whole ? dy + i : part[1];
            v_real *to = whole ? dx + i : part[0];
            n = whole ? n - n % W_LANES : n;
            if (!whole) {
                w_store(part[0], w_load_n(x + i, n));
                w_store(part[1], w_load_n(dy + i, n));
            }
            for (size_t k = 0; k < n; k += W_LANES) {
                vw v = g(w_load(from_dy + k), w_load(from_x + k), p);
                if (around)
                    w_stream(to + k, v);
                else
                    w_store(to + k, v);
            }
            if (!whole)
                w_store_n(dx + i, w_load(part[0]), n);
        }
    }
    if (a->stream)
        v_stream_fence();
}

HWV_WORD void loop_bias(const hwv_args *a, hwv_formula *f)
{
    const wp p = loop_params(a);
    const v_real *b = a->bias;
    if (a->cols < W_LANES && a->cols != 0 && W_LANES % a->cols == 0 && a->cols % V_LANES == 0 &&
        a->x_stride == a->cols && a->y_stride == a->cols) {
        /* Several short rows fill the wide vector: one long row with a repeated bias. */
        vw bias;
        HWV_UNROLL
        for (size_t k = 0; k < V_WIDE; k++)
            bias.v[k] = v_load(b + (k * V_LANES & (a->cols - 1)));
        const v_real *x = a->x;
        v_real *y = a->y;
        size_t n = a->rows * a->cols, i = 0;
        for (; i + W_LANES <= n; i += W_LANES)
            w_store(y + i, f(w_add(w_load(x + i), bias), p));
        if (i < n)
            w_store_n(y + i, f(w_add(w_load_n(x + i, n - i), bias), p), n - i);
        return;
    }
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride;
        v_real *y = (v_real *)a->y + r * a->y_stride;
        size_t n = a->cols, i = 0;
        for (; i + W_LANES <= n; i += W_LANES)
            w_store(y + i, f(w_add(w_load(x + i), w_load(b + i)), p));
        if (i < n)
            w_store_n(y + i, f(w_add(w_load_n(x + i, n - i), w_load_n(b + i, n - i)), p), n - i);
    }
}

/* One word of the mask: n in 1..64 elements; y, bias and nans may be NULL where they are constants. */
HWV_WORD uint64_t loop_word(v_real *y, const v_real *x, const v_real *bias, uint64_t *nans, wp p, hwv_formula *f,
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
    const v_real *b = with_bias ? a->bias : NULL;
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride;
        v_real *y = (v_real *)a->y + r * a->y_stride;
        uint64_t *mask = a->mask + r * a->mask_stride;
        size_t n = a->cols, i = 0;
        for (; i + 64 <= n; i += 64)
            *mask++ = loop_word(y + i, x + i, with_bias ? b + i : NULL, NULL, p, f, pass, 64);
        if (i < n)
            *mask = loop_word(y + i, x + i, with_bias ? b + i : NULL, NULL, p, f, pass, n - i);
    }
}

HWV_WORD void loop_fires(const hwv_args *a, hwv_predicate *fires)
{
    const wp p = loop_params(a);
    uint64_t nans = 0;
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride;
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
        const v_real *dy = (const v_real *)a->dy + r * a->dy_stride;
        v_real *dx = (v_real *)a->y + r * a->y_stride;
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

/* A kernel. The declaration in front is for those who compile with -Wmissing-prototypes. */
#define HWV_DEFINE(name, pass, call)                                                                                   \
    hwv_kernel HWV_KERNEL(name, pass);                                                                                 \
    void HWV_KERNEL(name, pass)(const hwv_args *a)                                                                     \
    {                                                                                                                  \
        call;                                                                                                          \
    }

/* HWV_OWNED_##KERNEL (text) is text for rows with kernels of their own. */
#define HWV_OWNED_OWN(...)  __VA_ARGS__
#define HWV_OWNED_WITH(...) HWV_OWNED_OWN
#define HWV_OWNED_OF(...)   HWV_OWNED_NOTHING
#define HWV_OWNED_NOTHING(...)

#endif
