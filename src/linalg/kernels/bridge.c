/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Between two convolutions in vector words: one walk over z, in which norm, activation and pool of a pixel, or of a window
 * of four, stay in registers. A vector is V_LANES channels of one pixel. */
#include "linalg/dispatch.h"
#include "simd/simd.h"

typedef enum bridge_walk { FORWARD, SUMS, BACKWARD } bridge_walk;

/* Numbers of V_LANES channels. */
typedef struct channels {
    vf center, scale, offset;               /* of z */
    vf back_scale, back_offset, back_slope; /* of dz, around the same centre */
    vf act_slope;
} channels;

HWV_WORD channels channels_load(const bridge_walk walk, const size_t n, const hwv_bridge_strip *s, size_t c)
{
    channels k;
    k.center = v_load_part(s->forward.center + c, n);
    k.scale = v_load_part(s->forward.scale + c, n);
    k.offset = v_load_part(s->forward.offset + c, n);
    k.back_scale = walk == BACKWARD ? v_load_part(s->backward.scale + c, n) : v_zero();
    k.back_offset = walk == BACKWARD ? v_load_part(s->backward.offset + c, n) : v_zero();
    k.back_slope = walk == BACKWARD ? v_load_part(s->backward.slope + c, n) : v_zero();
    k.act_slope = v_set(s->slope);
    return k;
}

/* The formulas of act/rectified.h. */
HWV_WORD vf act_forward(const bool leaky, const channels *k, vf u)
{
    return leaky ? v_select(v_gt(u, v_zero()), u, v_mul(k->act_slope, u)) : v_keep(v_nlt(u, v_zero()), u);
}
HWV_WORD vf act_backward(const bool leaky, const channels *k, vf u, vf g)
{
    return leaky ? v_select(v_gt(u, v_zero()), g, v_mul(k->act_slope, g)) : v_keep(v_nle(u, v_zero()), g);
}

/* What the pixels of one line give in the sums. */
typedef struct totals {
    vf sum, product;
} totals;

/* A pixel of z, and what the norm makes of it. */
typedef struct pixel {
    vf off, u;
} pixel;

HWV_WORD pixel pixel_load(const size_t n, const channels *k, const float *z)
{
    pixel p;
    p.off = v_sub(v_load_part(z, n), k->center);
    p.u = v_fma(p.off, k->scale, k->offset);
    return p;
}

/* g: the gradient of what the norm makes. */
HWV_WORD void pixel_back(const bridge_walk walk, const size_t n, const channels *k, const pixel *p, vf g, float *dz,
                         totals *t)
{
    if (walk == SUMS) {
        t->sum = v_add(t->sum, g);
        t->product = v_fma(g, p->off, t->product);
    } else {
        v_store_part(dz, v_fma(g, k->back_slope, v_fma(p->off, k->back_scale, k->back_offset)), n);
    }
}

/* One pixel; d: to is a, from is d where the walk goes backward. */
HWV_WORD void pixel_walk(const bridge_walk walk, const bool leaky, const size_t n, const channels *k, const float *z,
                         const float *d, float *to, totals *t)
{
    const pixel p = pixel_load(n, k, z);
    if (walk == FORWARD)
        v_store_part(to, act_forward(leaky, k, p.u), n);
    else
        pixel_back(walk, n, k, &p, act_backward(leaky, k, p.u, v_load_part(d, n)), to, t);
}

/* Four pixels, the lower two `down` elements on; the rule of linalg/pooling.h says which of them wins. */
HWV_WORD void window_walk(const bridge_walk walk, const bool leaky, const size_t n, const channels *k, size_t right,
                          size_t down, const float *z, const float *d, float *to, totals t[2])
{
    pixel p[4];
    vm wins[4];
    vf most = v_zero();
    HWV_UNROLL
    for (size_t i = 0; i < 4; i++) {
        p[i] = pixel_load(n, k, z + i / 2 * down + i % 2 * right);
        const vf a = act_forward(leaky, k, p[i].u);
        if (i > 0)
            wins[i] = vm_or(v_gt(a, most), v_unordered(a, a));
        most = i == 0 ? a : v_select(wins[i], a, most);
    }
    if (walk == FORWARD) {
        v_store_part(to, most, n);
        return;
    }
    const vf all = v_load_part(d, n);
    const vm later = vm_or(wins[2], wins[3]);
    const vf given[4] = {v_keep(vm_not(vm_or(wins[1], later)), all), v_keep(vm_andnot(wins[1], later), all),
                         v_keep(vm_andnot(wins[2], wins[3]), all), v_keep(wins[3], all)};
    HWV_UNROLL
    for (size_t i = 0; i < 4; i++)
        pixel_back(walk, n, k, &p[i], act_backward(leaky, k, p[i].u, given[i]), to + i / 2 * down + i % 2 * right,
                   &t[i / 2]);
}

/* What a walk reads and writes. */
typedef struct arrays {
    const float *z, *d;
    float *to, *sum, *product;
} arrays;

HWV_WORD void totals_add(const size_t n, const totals *t, size_t c, const arrays *a)
{
    v_store_part(a->sum + c, v_add(v_load_part(a->sum + c, n), t->sum), n);
    v_store_part(a->product + c, v_add(v_load_part(a->product + c, n), t->product), n);
}

/* What the next line, or the next two, will read: it comes from the last-level cache mostly, and in strides that the CPU
 * does not guess. */
HWV_WORD void bring(const bridge_walk walk, const bool pool, size_t across, size_t step, const float *z, const float *d)
{
    const size_t lines = pool ? 2 : 1;
    HWV_UNROLL
    for (size_t i = 0; i < lines * lines; i++)
        v_prefetch(z + (lines + i / 2) * across + i % 2 * step);
    if (walk != FORWARD)
        v_prefetch(d + across / lines);
}

/* Vectors of a pixel that are walked side by side: what two of them read lies together. */
#define SIDE 2

/* `vectors` times n channels of a line, or of two where there is a pool. */
HWV_WORD void line_walk(const bridge_walk walk, const bool leaky, const bool pool, const size_t vectors, const size_t n,
                        const hwv_bridge_strip *s, size_t line, size_t c, const arrays *a)
{
    channels k[SIDE];
    totals t[SIDE][2] = {{{v_zero(), v_zero()}, {v_zero(), v_zero()}}, {{v_zero(), v_zero()}, {v_zero(), v_zero()}}};
    const size_t step = s->channels, across = s->line * step, at = line * across + c;
    const size_t out = pool ? line / 2 * (s->line / 2) * step + c : at;
    const size_t to = walk == FORWARD ? out : at;
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++)
        k[v] = channels_load(walk, n, s, c + v * V_LANES);
    for (size_t x = 0; x < s->line; x += pool ? 2 : 1) {
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++) {
            const size_t i = v * V_LANES;
            const float *z = a->z + at + x * step + i;
            const float *d = walk == FORWARD ? NULL : a->d + out + (pool ? x / 2 : x) * step + i;
            float *y = walk == SUMS ? NULL : a->to + to + (pool && walk == FORWARD ? x / 2 : x) * step + i;
            bring(walk, pool, across, step, z, d);
            if (pool)
                window_walk(walk, leaky, n, &k[v], step, across, z, d, y, t[v]);
            else
                pixel_walk(walk, leaky, n, &k[v], z, d, y, t[v]);
        }
    }
    HWV_UNROLL
    for (size_t v = 0; walk == SUMS && v < vectors; v++) {
        totals_add(n, &t[v][0], c + v * V_LANES, a);
        if (pool)
            totals_add(n, &t[v][1], c + v * V_LANES, a);
    }
}

HWV_WORD void lines_walk(const bridge_walk walk, const bool leaky, const bool pool, const hwv_bridge_strip *s,
                         const arrays *a)
{
    for (size_t line = 0; line < s->lines; line += pool ? 2 : 1) {
        size_t c = 0;
        for (; c + SIDE * V_LANES <= s->channels; c += SIDE * V_LANES)
            line_walk(walk, leaky, pool, SIDE, V_LANES, s, line, c, a);
        for (; c + V_LANES <= s->channels; c += V_LANES)
            line_walk(walk, leaky, pool, 1, V_LANES, s, line, c, a);
        if (c < s->channels)
            line_walk(walk, leaky, pool, 1, s->channels - c, s, line, c, a);
    }
}

HWV_WORD void walk_any(const bridge_walk walk, const hwv_bridge_strip *s, const arrays *a)
{
    if (s->pool && s->leaky)
        lines_walk(walk, true, true, s, a);
    else if (s->pool)
        lines_walk(walk, false, true, s, a);
    else if (s->leaky)
        lines_walk(walk, true, false, s, a);
    else
        lines_walk(walk, false, false, s, a);
}

static void forward(const hwv_bridge_strip *s, const float *z, float *a)
{
    const arrays all = {.z = z, .to = a};
    walk_any(FORWARD, s, &all);
}

static void sums(const hwv_bridge_strip *s, const float *z, const float *d, float *sum, float *product)
{
    const arrays all = {.z = z, .d = d, .sum = sum, .product = product};
    walk_any(SUMS, s, &all);
}

static void backward(const hwv_bridge_strip *s, const float *z, const float *d, float *dz)
{
    const arrays all = {.z = z, .d = d, .to = dz};
    walk_any(BACKWARD, s, &all);
}

extern const hwv_bridge_kernels HWV_ISA(hwv_bridge_kernels);
const hwv_bridge_kernels HWV_ISA(hwv_bridge_kernels) = {forward, sums, backward};
