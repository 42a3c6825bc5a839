/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Updates and counts in vector words. */
#include "simd/root.h"
#include "simd/simd.h"
#include "train/kernels.h"

/* x - x is 0 for finite x and NaN otherwise: a sum of these remembers whether one was not finite. */
HWV_WORD vf spoilt(vf sum, vf x)
{
    return v_add(sum, v_sub(x, x));
}

HWV_WORD bool is_clean(vf a, vf b)
{
    vf sum = v_add(a, b);
    return !vm_any(v_unordered(sum, sum));
}

/* The vectors of one update; the flags are constants where these are inlined. */
typedef struct words {
    vf scale, rate, decay, shrink, momentum;
    vf beta1, beta2, one_minus_beta1, one_minus_beta2, eps, root_correction;
} words;

HWV_WORD words words_of(const hwv_update *u)
{
    return (words){
        .scale = v_set(u->scale),
        .rate = v_set(u->rate),
        .decay = v_set(u->decay),
        .shrink = v_set(u->shrink),
        .momentum = v_set(u->momentum),
        .beta1 = v_set(u->beta1),
        .beta2 = v_set(u->beta2),
        .one_minus_beta1 = v_set(u->one_minus_beta1),
        .one_minus_beta2 = v_set(u->one_minus_beta2),
        .eps = v_set(u->eps),
        .root_correction = v_set(u->root_correction),
    };
}

/* The new p; *v is the momentum buffer. */
HWV_WORD vf sgd_word(const words *w, const hwv_sgd_rule rule, const bool first, const bool decays, vf p, vf g, vf *v)
{
    g = v_mul(g, w->scale);
    if (decays)
        g = v_add(g, v_mul(w->decay, p));
    if (rule != HWV_SGD_PLAIN) {
        *v = first ? g : v_add(v_mul(w->momentum, *v), g);
        g = rule == HWV_SGD_NESTEROV ? v_add(g, v_mul(w->momentum, *v)) : *v;
    }
    return v_sub(p, v_mul(w->rate, g));
}

HWV_WORD bool sgd_loop(const hwv_update *u, const hwv_sgd_rule rule, const bool first, const bool decays, float *p,
                       const float *g, float *moment, size_t n)
{
    const words w = words_of(u);
    const bool moves = rule != HWV_SGD_PLAIN, reads = moves && !first;
    vf clean_a = v_zero(), clean_b = v_zero();
    size_t i = 0;
    for (; n - i >= 2 * V_LANES; i += 2 * V_LANES) {
        vf va = v_zero(), vb = v_zero();
        if (reads) {
            va = v_load(moment + i);
            vb = v_load(moment + i + V_LANES);
        }
        vf a = sgd_word(&w, rule, first, decays, v_load(p + i), v_load(g + i), &va);
        vf b = sgd_word(&w, rule, first, decays, v_load(p + i + V_LANES), v_load(g + i + V_LANES), &vb);
        if (moves) {
            v_store(moment + i, va);
            v_store(moment + i + V_LANES, vb);
        }
        v_store(p + i, a);
        v_store(p + i + V_LANES, b);
        clean_a = spoilt(clean_a, a);
        clean_b = spoilt(clean_b, b);
    }
    while (i < n) {
        size_t left = n - i < V_LANES ? n - i : V_LANES;
        bool whole = left == V_LANES;
        vf v = !reads ? v_zero() : whole ? v_load(moment + i) : v_load_n(moment + i, left);
        vf old = whole ? v_load(p + i) : v_load_n(p + i, left);
        vf new = sgd_word(&w, rule, first, decays, old, whole ? v_load(g + i) : v_load_n(g + i, left), &v);
        clean_a = spoilt(clean_a, new);
        if (whole) {
            if (moves)
                v_store(moment + i, v);
            v_store(p + i, new);
        } else {
            if (moves)
                v_store_n(moment + i, v, left);
            v_store_n(p + i, new, left);
        }
        i += left;
    }
    return is_clean(clean_a, clean_b);
}

static bool sgd(const hwv_update *u, float *p, const float *g, float *moment1, size_t n)
{
    const bool decays = u->decay != 0;
    switch (u->rule) {
    case HWV_SGD_MOMENTUM:
        if (u->first)
            return decays ? sgd_loop(u, HWV_SGD_MOMENTUM, true, true, p, g, moment1, n)
                          : sgd_loop(u, HWV_SGD_MOMENTUM, true, false, p, g, moment1, n);
        return decays ? sgd_loop(u, HWV_SGD_MOMENTUM, false, true, p, g, moment1, n)
                      : sgd_loop(u, HWV_SGD_MOMENTUM, false, false, p, g, moment1, n);
    case HWV_SGD_NESTEROV:
        if (u->first)
            return decays ? sgd_loop(u, HWV_SGD_NESTEROV, true, true, p, g, moment1, n)
                          : sgd_loop(u, HWV_SGD_NESTEROV, true, false, p, g, moment1, n);
        return decays ? sgd_loop(u, HWV_SGD_NESTEROV, false, true, p, g, moment1, n)
                      : sgd_loop(u, HWV_SGD_NESTEROV, false, false, p, g, moment1, n);
    case HWV_SGD_PLAIN:
    default:
        return decays ? sgd_loop(u, HWV_SGD_PLAIN, false, true, p, g, moment1, n)
                      : sgd_loop(u, HWV_SGD_PLAIN, false, false, p, g, moment1, n);
    }
}

/* The new p. */
HWV_WORD vf adam_word(const words *w, vf p, vf g, vf *m1, vf *m2)
{
    g = v_add(v_mul(g, w->scale), v_mul(w->decay, p));
    *m1 = v_add(v_mul(w->beta1, *m1), v_mul(w->one_minus_beta1, g));
    *m2 = v_add(v_mul(w->beta2, *m2), v_mul(w->one_minus_beta2, v_mul(g, g)));
    vf root = v_add(v_div(v_sqrt(*m2), w->root_correction), w->eps);
    return v_sub(v_mul(w->shrink, p), v_mul(w->rate, v_div(*m1, root)));
}

static bool adam(const hwv_update *u, float *p, const float *g, float *moment1, float *moment2, size_t n)
{
    const words w = words_of(u);
    vf clean = v_zero();
    size_t i = 0;
    for (; n - i >= V_LANES; i += V_LANES) {
        vf m1 = v_load(moment1 + i), m2 = v_load(moment2 + i);
        vf new = adam_word(&w, v_load(p + i), v_load(g + i), &m1, &m2);
        v_store(moment1 + i, m1);
        v_store(moment2 + i, m2);
        v_store(p + i, new);
        clean = spoilt(clean, new);
    }
    if (i < n) {
        size_t left = n - i;
        vf m1 = v_load_n(moment1 + i, left), m2 = v_load_n(moment2 + i, left);
        vf new = adam_word(&w, v_load_n(p + i, left), v_load_n(g + i, left), &m1, &m2);
        v_store_n(moment1 + i, m1, left);
        v_store_n(moment2 + i, m2, left);
        v_store_n(p + i, new, left);
        clean = spoilt(clean, v_keep(vm_first(left), new));
    }
    return is_clean(clean, v_zero());
}

/* Lanes in which some x[0 .. n-1] was not below `limit` (not below or equal, with `equal`). */
HWV_WORD vm lanes_above(const bool equal, size_t n, const float *x, vf limit)
{
    vm above = vm_first(0);
    size_t i = 0;
    for (; n - i >= V_LANES; i += V_LANES) {
        vf v = v_load(x + i);
        above = vm_or(above, equal ? v_nle(v, limit) : v_nlt(v, limit));
    }
    if (i < n) {
        vf v = v_load_n(x + i, n - i);
        above = vm_or(above, vm_and(vm_first(n - i), equal ? v_nle(v, limit) : v_nlt(v, limit)));
    }
    return above;
}

static size_t wrong(size_t rows, size_t classes, const float *x, const int32_t *labels, uint8_t *wrong_rows)
{
    size_t sum = 0;
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * classes;
        size_t label = (size_t)labels[r];
        vf own = v_set(row[label]);
        vm above = vm_or(lanes_above(false, label, row, own), lanes_above(true, classes - label, row + label, own));
        bool is_wrong = vm_any(above);
        wrong_rows[r] = is_wrong;
        sum += is_wrong;
    }
    return sum;
}

static uint64_t zeros(size_t n, const float *x)
{
    /* A lane counts in a float, exactly, up to 2^24. */
    const size_t block = (size_t)V_LANES << 20;
    const vf one = v_set(1.0f);
    uint64_t sum = 0;
    for (size_t start = 0; start < n;) {
        size_t stop = n - start < block ? n : start + block, i = start;
        float lane[V_LANES];
        vf count = v_zero();
        for (; stop - i >= V_LANES; i += V_LANES)
            count = v_add(count, v_keep(v_eq(v_load(x + i), v_zero()), one));
        v_store(lane, count);
        for (size_t l = 0; l < V_LANES; l++)
            sum += (uint64_t)lane[l];
        for (; i < stop; i++)
            sum += x[i] == 0;
        start = stop;
    }
    return sum;
}

const hwv_train_kernels HWV_ISA(hwv_train_kernels) = {sgd, adam, wrong, zeros};
