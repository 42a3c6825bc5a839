/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Looks counted by the upper halves of numbers, for the kernels that count: behind the activation, or beside it, in which
 * case what was counted is kept from block to block of a sample. */
#ifndef HWV_CHECK_KERNELS_TOPS_COUNT_H
#define HWV_CHECK_KERNELS_TOPS_COUNT_H

#define V_WIDE 1

#include <math.h>

#include "act/smooth/parabolas.h"
#include "check/kernels/spans.h"
#include "simd/integers.h"
#include "simd/tops.h"

/* What is counted of a vector of units. */
typedef struct count {
    vi fired, zeros, low, high;
    vf least, most;
} count;

HWV_WORD count count_start(void)
{
    const vi none = vi_set(0);
    return (count){none, none, none, none, v_set(INFINITY), v_set(-INFINITY)};
}

/* A vector over the looks of a sample. odd: the sum of all z, not finite where one of them is not. */
typedef struct looks {
    count count;
    vf odd;
    sums sums;
} looks;

HWV_WORD looks looks_start(void)
{
    return (looks){count_start(), v_zero(), sums_start()};
}

#if V_TOPS

/* Of two vectors; 12 operations where count has 18. */
typedef struct tops {
    vt fired, low, odd;
    vf least, most, little, much;
} tops;

HWV_WORD tops tops_start(void)
{
    const vt none = vt_zero();
    const vf least = v_set(INFINITY), most = v_set(-INFINITY);
    return (tops){none, none, none, least, most, least, most};
}

HWV_WORD tops tops_add(tops t, vt edge, vf a, vf b)
{
    const vt both = vt_of(a, b);
    t.fired = vt_count_gt(t.fired, both, vt_zero());
    t.low = vt_count_ge(t.low, both, edge);
    t.odd = vt_odd(t.odd, both);
    t.least = v_min(t.least, a);
    t.most = v_max(t.most, a);
    t.little = v_min(t.little, b);
    t.much = v_max(t.much, b);
    return t;
}

/* Nothing, and false, where a number is odd. two: of two vectors of columns, else of one. */
HWV_WORD bool tops_take(const bool two, tops t, looks *to)
{
    if (vt_any_odd(t.odd))
        return false;
    count *c = &to[0].count, *d = &to[two].count;
    c->fired = vi_add(c->fired, vt_low(t.fired));
    d->fired = vi_add(d->fired, vt_high(t.fired));
    c->low = vi_add(c->low, vt_low(t.low));
    d->low = vi_add(d->low, vt_high(t.low));
    c->least = v_min(c->least, t.least);
    c->most = v_max(c->most, t.most);
    d->least = v_min(d->least, t.little);
    d->most = v_max(d->most, t.much);
    return true;
}

#endif

/* As block_count for BY_Z, of whole vectors and an even number of rows, at most 2^16. Nothing is counted, and false, where a
 * number is odd; and where a set has no such words. */
HWV_WORD bool tops_count(const bool two, const bool paired, const hwv_count_rule *rule, size_t rows, size_t width,
                         size_t stride, const float *z, looks *to)
{
#if V_TOPS
    const size_t other = rows * stride;
    const vt edge = vt_set_of(rule->low);
    tops t = tops_start();
    for (size_t r = 0; r < rows; r += two ? 1 : 2, z += two ? stride : 2 * stride) {
        const vf a = v_held(row_load(paired, z, z + other, width));
        const vf b = v_held(two ? v_load(z + V_LANES) : row_load(paired, z + stride, z + stride + other, width));
        t = tops_add(t, edge, a, b);
    }
    return tops_take(two, t, to);
#else
    (void)two, (void)paired, (void)rule, (void)rows, (void)width, (void)stride, (void)z, (void)to;
    return false;
#endif
}

/* ---- beside the activation -------------------------------------------------------------------------- */

#if V_TOPS

/* y of hardswish */
HWV_WORD vf y_of(vf z)
{
    const wp none = {{{{v_zero()}}}};
    return hardswish_forward((vw){{z}}, none).v[0];
}

HWV_WORD tops state_load(const hwv_count_state *s)
{
    return (tops){vt_load(s->words[0]), vt_load(s->words[1]), vt_load(s->words[2]), v_load(s->words[3]),
                  v_load(s->words[4]),  v_load(s->words[5]),  v_load(s->words[6])};
}

HWV_WORD void state_store(hwv_count_state *s, tops t)
{
    vt_store(s->words[0], t.fired);
    vt_store(s->words[1], t.low);
    vt_store(s->words[2], t.odd);
    v_store(s->words[3], t.least);
    v_store(s->words[4], t.most);
    v_store(s->words[5], t.little);
    v_store(s->words[6], t.much);
}

/* Vectors of columns that two vectors are made of: two of one row, one of two rows, a half of four. */
enum { PAIR, SINGLE, HALF };

HWV_WORD vf form_load(const unsigned form, const float *z, size_t stride)
{
    return form == HALF ? row_load(true, z, z + stride, V_LANES / 2) : v_load(z);
}

HWV_WORD void form_store(const unsigned form, float *y, size_t stride, vf a)
{
    if (form == HALF)
        v_store_halves(y, y + stride, a);
    else
        v_store(y, a);
}

/* Rows that are left over make what was counted odd. */
HWV_WORD void state_add(const unsigned form, const bool fresh, float low, size_t rows, size_t stride, const float *z,
                        float *y, hwv_count_state *state)
{
    const vt edge = vt_set_of(low);
    const size_t some = form == PAIR ? 1 : form == SINGLE ? 2 : 4, width = form == HALF ? V_LANES / 2 : V_LANES;
    const size_t beside = form == PAIR ? V_LANES : some / 2 * stride;
    tops t = fresh ? tops_start() : state_load(state);
    size_t r = 0;
    for (; r + some <= rows; r += some, z += some * stride, y += some * stride) {
        const vf a = v_held(form_load(form, z, stride)), b = v_held(form_load(form, z + beside, stride));
        form_store(form, y, stride, y_of(a));
        form_store(form, y + beside, stride, y_of(b));
        t = tops_add(t, edge, a, b);
    }
    if (r < rows)
        t.odd = vt_odd(t.odd, vt_zero());
    for (; r < rows; r++, z += stride, y += stride)
        v_store_n(y, y_of(v_load_n(z, width)), width);
    state_store(state, t);
}

static void activate(const hwv_count_rule *rule, bool fresh, size_t rows, size_t columns, const float *z, float *y,
                     hwv_count_state *states)
{
    size_t at = 0;
    for (; columns - at >= 2 * V_LANES; at += 2 * V_LANES)
        state_add(PAIR, fresh, rule->low, rows, columns, z + at, y + at, states++);
    if (columns - at >= V_LANES) {
        state_add(SINGLE, fresh, rule->low, rows, columns, z + at, y + at, states++);
        at += V_LANES;
    }
    if (columns - at == V_LANES / 2) {
        state_add(HALF, fresh, rule->low, rows, columns, z + at, y + at, states);
        return;
    }
    for (size_t r = 0; at < columns && r < rows; r++)
        v_store_n(y + r * columns + at, y_of(v_load_n(z + r * columns + at, columns - at)), columns - at);
}

#endif

/* What was counted of two vectors of columns, of one, or of a half: as tops_count. */
HWV_WORD bool state_take(const bool two, const hwv_count_state *state, looks *to)
{
#if V_TOPS
    return tops_take(two, state_load(state), to);
#else
    (void)two, (void)state, (void)to;
    return false;
#endif
}

#endif
