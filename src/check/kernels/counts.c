/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting in vector words: a vector of units down the rows. */
#include <float.h>
#include <math.h>

#include "check/kernels/tops_count.h"

/* A sum that starts with BASE keeps the spacing of its doubles up to TOP; so what an addition loses is one subtraction
 * away, and a double again. Where squares over HWV_COUNT_EACH rows stay below TOP, the numbers themselves do too. */
#define BASE (1.5 * 0x1p30)
#define TOP  0x1p31
/* Squares summed in float beyond it count as too large. */
#define FINITE 1e36f
/* Where no square is larger, sums of HWV_FEATURE_ROWS numbers stay between 2^30 and TOP. */
#define SQUARES 0x1p46f

typedef struct exact {
    vd sum, lost;
} exact;

HWV_WORD exact exact_start(void)
{
    return (exact){vd_set(BASE), vd_zero()};
}

/* Products with 1, and products of two floats, are exact, fused or not; they keep the adders of a CPU free for the rest. */
HWV_WORD exact exact_add(exact a, vd x)
{
    const vd one = vd_set(1), sum = vd_fma(x, one, a.sum);
    return (exact){sum, vd_add(a.lost, vd_fnma(vd_sub(sum, a.sum), one, x))};
}

/* x: of floats */
HWV_WORD exact exact_add_square(exact a, vd x)
{
    const vd sum = vd_fma(x, x, a.sum);
    return (exact){sum, vd_sub(a.lost, vd_fnma(x, x, vd_sub(sum, a.sum)))};
}

/* hi + lo += x + lost (Knuth's two-sum) */
HWV_WORD void sum_add(const hwv_count_sum *to, size_t at, vd x, vd lost)
{
    const vd hi = vd_load(to->hi + at), sum = vd_add(hi, x), part = vd_sub(sum, hi);
    const vd error = vd_add(vd_sub(hi, vd_sub(sum, part)), vd_sub(x, part));
    vd_store(to->hi + at, sum);
    vd_store(to->lo + at, vd_add(vd_load(to->lo + at), vd_add(error, lost)));
}

HWV_WORD void exact_end(const hwv_count_sum *to, size_t at, exact a)
{
    sum_add(to, at, vd_sub(a.sum, vd_set(BASE)), a.lost);
}

/* How far numbers of a column lie apart, by their bits without the sign: the largest, and the smallest but for 0, which comes
 * last when the others have 2^31 - 1 added. */
typedef struct spread {
    vi most, least;
} spread;

HWV_WORD spread spread_start(void)
{
    return (spread){vi_set(0), vi_set(INT32_MAX)};
}

HWV_WORD spread spread_add(spread s, vf x)
{
    const vi bits = vi_and(v_as_i(x), vi_set(INT32_MAX));
    return (spread){vi_max(s.most, bits), vi_min(s.least, vi_add(bits, vi_set(INT32_MAX)))};
}

/* Whether a double holds sums of 2^terms of them without an error. */
HWV_WORD bool spread_fits(spread s, int terms)
{
    const vi high = vi_shr(s.most, 23), low = vi_shr(vi_sub(s.least, vi_set(INT32_MAX)), 23);
    /* numbers below 2^(high + 1), multiples of 2^(low - 23): 53 bits */
    return !vm_any(vm_or(vi_lt(vi_set(53 - 23 - 1 - terms), vi_sub(high, low)), vi_lt(vi_set(254), high)));
}

HWV_WORD void counter_add(uint32_t *to, vi by)
{
    int32_t *p = (int32_t *)to;
    vi_store(p, vi_add(vi_load(p), by));
}

/* Whether a sum of numbers that are not negative stayed where its spacing is that of BASE; false with a NaN. */
HWV_WORD bool exact_holds(exact a)
{
    double lanes[V_LANES];
    bool holds = true;
    vd_store(lanes, a.sum);
    for (size_t i = 0; i < V_LANES; i++)
        holds = holds && lanes[i] < TOP;
    return holds;
}

/* h is read neither with RECTIFIER nor with BY_Z; then zeros are those beside the lower flat side. */
HWV_WORD void look(const unsigned asked, const hwv_count_rule *rule, vf z, vf h, count *c)
{
    c->fired = vi_count(c->fired, v_gt(asked & ABSOLUTE ? v_abs(z) : z, v_set(rule->threshold)));
    c->least = v_min(c->least, z);
    c->most = v_max(c->most, z);
    if (asked & RECTIFIER)
        return;
    c->low = vi_count(c->low, v_le(z, v_set(rule->low)));
    c->zeros = vi_count(c->zeros, asked & BY_Z ? vi_disjoint(v_as_i(z), vi_set(0x7ffffffe)) : v_eq(h, v_zero()));
    if (asked & HIGH)
        c->high = vi_count(c->high, v_ge(z, v_set(rule->high)));
}

/* Where the counts of a vector of columns lie in their block. */
HWV_WORD size_t lane_of(size_t at)
{
    return V_LANES == HWV_COUNT_PAD ? 0 : at % HWV_COUNT_PAD;
}

HWV_WORD void commit(const unsigned asked, const bool each, size_t rows, const count *c, const hwv_counts *to,
                     size_t at)
{
    hwv_count_block *b = &to->blocks[at / HWV_COUNT_PAD];
    const size_t lane = lane_of(at);
    const vi none = vi_set(0), once = vi_count(none, vi_lt(none, c->fired));
    counter_add(b->fired + lane, c->fired);
    if (to->pictured)
        vi_store((int32_t *)b->last_fired + lane, c->fired);
    if (to->grouped)
        vi_store((int32_t *)b->open + lane, vi_or(vi_load((int32_t *)b->open + lane), once));
    else
        counter_add(b->samples + lane, each ? c->fired : once);
    const vi silent = vi_sub(vi_set((int32_t)rows), c->fired);
    counter_add(b->zeros + lane, asked & RECTIFIER ? silent : asked & BY_Z ? vi_add(c->zeros, c->low) : c->zeros);
    counter_add(b->low + lane, asked & RECTIFIER ? silent : c->low);
    if (asked & HIGH)
        counter_add(b->high + lane, c->high);
    v_store(b->min + lane, v_min(c->least, v_load(b->min + lane)));
    v_store(b->max + lane, v_max(c->most, v_load(b->max + lane)));
}

/* A sum of z, or of |h|, of which a double loses nothing (fits) or what it loses is kept. */
HWV_WORD exact number_add(const bool fits, exact a, vd x)
{
    return fits ? (exact){vd_fma(x, vd_set(1), a.sum), a.lost} : exact_add(a, x);
}

HWV_WORD void number_end(const bool fits, const hwv_counts *to, size_t which, size_t at, exact a)
{
    const hwv_count_sum sum = hwv_count_sum_of(&to->blocks[at / HWV_COUNT_PAD], which);
    if (fits)
        sum_add(&sum, lane_of(at), a.sum, vd_zero());
    else
        exact_end(&sum, lane_of(at), a);
}

/* Samples of one look. fits: false where a double would lose something. */
HWV_WORD bool units_each(const unsigned asked, const bool fits, const hwv_count_rule *rule, size_t rows, size_t width,
                         size_t stride, const float *z, const float *h, const hwv_counts *to, size_t at)
{
    count c = count_start();
    spread apart = spread_start();
    exact sum = fits ? (exact){vd_zero(), vd_zero()} : exact_start(), square = exact_start(), magnitude = sum;
    for (size_t r = 0; r < rows; r++) {
        const vf x = v_load_part(z + r * stride, width);
        const vf y = asked & RECTIFIER ? v_zero() : v_load_part(h + r * stride, width);
        const vd wide = vd_of(x);
        look(asked, rule, x, y, &c);
        apart = fits ? spread_add(apart, x) : apart;
        sum = number_add(fits, sum, wide);
        square = exact_add_square(square, wide);
        magnitude = number_add(fits, magnitude, vd_of(size_of(asked, x, y)));
    }
    if (!exact_holds(square) || (fits ? !spread_fits(apart, 6) : !exact_holds(magnitude))) /* HWV_COUNT_EACH */
        return false;
    commit(asked, true, rows, &c, to, at);
    number_end(fits, to, HWV_COUNT_Z, at, sum);
    number_end(false, to, HWV_COUNT_SQUARE, at, square);
    number_end(fits, to, HWV_COUNT_MAGNITUDE, at, magnitude);
    return true;
}

/* Of a rectifier |h| is z or 0: where z fits, it does. */
HWV_WORD bool units_some(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t width, size_t stride,
                         const float *z, const float *h, const hwv_counts *to, size_t at)
{
    return ((asked & RECTIFIER) && units_each(asked, true, rule, rows, width, stride, z, h, to, at)) ||
           units_each(asked, false, rule, rows, width, stride, z, h, to, at);
}

/* ---- samples of many looks -------------------------------------------------------------------------- */

/* Counts `rows` rows; paired: they are beside as many that follow them. */
HWV_WORD void block_count(const unsigned asked, const bool two, const bool paired, const hwv_count_rule *rule,
                          size_t rows, size_t width, size_t stride, const float *z, const float *h, looks *to)
{
    const bool reads = !(asked & (RECTIFIER | BY_Z));
    const size_t other = rows * stride;
    count c = to[0].count, d = to[two].count;
    vf odd = to[0].odd, even = to[two].odd;
    for (size_t r = 0; r < rows; r++, z += stride, h += stride) {
        const vf a = v_held(row_load(paired, z, z + other, width));
        odd = v_add(odd, a);
        look(asked, rule, a, reads ? row_load(paired, h, h + other, width) : a, &c);
        if (two) {
            const vf b = v_held(row_load(paired, z + V_LANES, z + other + V_LANES, width));
            even = v_add(even, b);
            look(asked, rule, b, reads ? row_load(paired, h + V_LANES, h + other + V_LANES, width) : b, &d);
        }
    }
    to[two].count = d;
    to[two].odd = even;
    to[0].count = c;
    to[0].odd = odd;
}

HWV_WORD void block_add(const unsigned asked, const bool two, const bool paired, const hwv_count_rule *rule,
                        size_t rows, size_t width, size_t stride, const float *z, const float *h, looks *to)
{
    const bool whole = width == (paired ? V_LANES / 2 : V_LANES);
    if ((asked & BY_Z) && whole && rows % 2 == 0 && tops_count(two, paired, rule, rows, width, stride, z, to))
        return;
    block_count(asked, two, paired, rule, rows, width, stride, z, h, to);
}

/* Rows from `first` on, a multiple of the span. */
HWV_WORD void looks_add(const unsigned asked, const bool two, const hwv_count_rule *rule, size_t first, size_t rows,
                        size_t width, size_t stride, const float *z, const float *h, looks *to)
{
    const size_t span = span_of(rows);
    for (size_t r = first; r < rows; r += span) {
        const size_t some = rows - r < span ? rows - r : span, at = r * stride;
        block_add(asked, two, false, rule, some, width, stride, z + at, h + at, to);
        span_add(asked, two, false, span, r, rows, width, stride, z, h, &to[0].sums, &to[two].sums);
    }
}

/* The two halves of what was paired. */
HWV_WORD void count_join(looks *l)
{
#if V_HALVES
    count *c = &l->count;
    c->fired = vi_join_add(c->fired);
    c->zeros = vi_join_add(c->zeros);
    c->low = vi_join_add(c->low);
    c->high = vi_join_add(c->high);
    c->least = v_join_min(c->least);
    c->most = v_join_max(c->most);
#else
    (void)l;
#endif
}

/* Sums of less than a vector. */
HWV_WORD void part_sum(const unsigned asked, size_t rows, size_t width, size_t stride, const float *z, const float *h,
                       looks *to)
{
    const size_t span = span_of(rows), pairs = PAIRED(width) ? rows / (2 * span) * (2 * span) : 0;
    for (size_t r = 0; r < pairs; r += 2 * span)
        span_add(asked, false, true, span, r, rows, width, stride, z, h, &to->sums, NULL);
    for (size_t r = pairs; r < rows; r += span)
        span_add(asked, false, false, span, r, rows, width, stride, z, h, &to->sums, NULL);
}

/* Less than a vector: rows are counted beside those half a block further on. */
#define PART_ROWS ((size_t)512)
HWV_WORD void looks_part(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t width, size_t stride,
                         const float *z, const float *h, looks *to)
{
    const size_t even = PAIRED(width) ? rows / 2 * 2 : 0;
    for (size_t r = 0; r < even;) {
        const size_t some = even - r < PART_ROWS ? even - r : PART_ROWS;
        block_add(asked, false, true, rule, some / 2, width, stride, z + r * stride, h + r * stride, to);
        r += some;
    }
    if (even > 0)
        count_join(to);
    if (even < rows)
        block_add(asked, false, false, rule, rows - even, width, stride, z + even * stride, h + even * stride, to);
    part_sum(asked, rows, width, stride, z, h, to);
}

HWV_WORD void looks_commit(const unsigned asked, size_t rows, const looks *l, const hwv_counts *to, size_t at)
{
    commit(asked, false, rows, &l->count, to, at);
    number_end(true, to, HWV_COUNT_Z, at, (exact){l->sums.sum, vd_zero()});
    number_end(true, to, HWV_COUNT_SQUARE, at, (exact){l->sums.square, vd_zero()});
    number_end(true, to, HWV_COUNT_MAGNITUDE, at, (exact){l->sums.magnitude, vd_zero()});
}

/* Whether all numbers are finite, and those that were summed not too large. */
HWV_WORD bool looks_hold(const looks *l)
{
    return !vm_any(v_nle(v_add(l->sums.size, v_abs(l->odd)), v_set(FINITE)));
}

/* Nothing, and false, where they do not hold. */
HWV_WORD bool looks_end(const unsigned asked, const bool two, size_t rows, const looks *l, const hwv_counts *to,
                        size_t at)
{
    if (!looks_hold(&l[0]) || (two && !looks_hold(&l[1])))
        return false;
    looks_commit(asked, rows, &l[0], to, at);
    if (two)
        looks_commit(asked, rows, &l[1], to, at + V_LANES);
    return true;
}

/* The looks of one sample: of two vectors, of one, or of less. */
HWV_WORD bool units_two(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t stride, const float *z,
                        const float *h, const hwv_counts *to, size_t at)
{
    looks l[2] = {looks_start(), looks_start()};
    looks_add(asked, true, rule, 0, rows, V_LANES, stride, z, h, l);
    return looks_end(asked, true, rows, l, to, at);
}

HWV_WORD bool units_one(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t width, size_t stride,
                        const float *z, const float *h, const hwv_counts *to, size_t at)
{
    looks l = looks_start();
    if (width == V_LANES)
        looks_add(asked, false, rule, 0, rows, V_LANES, stride, z, h, &l);
    else
        looks_part(asked, rule, rows, width, stride, z, h, &l);
    return looks_end(asked, false, rows, &l, to, at);
}

HWV_WORD bool units_sample(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t width, size_t stride,
                           const float *z, const float *h, const hwv_counts *to, size_t at)
{
    return width > V_LANES ? units_two(asked, rule, rows, stride, z, h, to, at)
                           : units_one(asked, rule, rows, width, stride, z, h, to, at);
}

/* As units_sample, of columns whose looks were counted as they were activated. */
HWV_WORD bool units_activated(const bool two, size_t rows, size_t width, size_t stride, const float *z, const float *h,
                              const hwv_counts *to, size_t at, const hwv_count_state *state)
{
    looks l[2] = {looks_start(), looks_start()};
    if (!state_take(two, state, l))
        return false;
    if (width < V_LANES) {
        count_join(&l[0]);
        part_sum(BY_Z, rows, width, stride, z, h, &l[0]);
    }
    for (size_t r = 0; width == V_LANES && r < rows; r += span_of(rows))
        span_add(BY_Z, two, false, span_of(rows), r, rows, V_LANES, stride, z, h, &l[0].sums, &l[1].sums);
    return looks_end(BY_Z, two, rows, l, to, at);
}

static bool activated(size_t rows, size_t width, size_t stride, const float *z, const float *h, const hwv_counts *to,
                      size_t at, const hwv_count_state *state)
{
    if (width > V_LANES)
        return units_activated(true, rows, V_LANES, stride, z, h, to, at, state);
    if (width == V_LANES)
        return units_activated(false, rows, V_LANES, stride, z, h, to, at, state);
    return width == V_LANES / 2 && units_activated(false, rows, V_LANES / 2, stride, z, h, to, at, state);
}

/* Whole vectors apart: their loads need no count. */
#define CALL(FUNCTION, asked)                                                                                          \
    (width == V_LANES ? FUNCTION(asked, rule, rows, V_LANES, stride, z, h, to, at)                                     \
                      : FUNCTION(asked, rule, rows, width, stride, z, h, to, at))
#define UNITS(asked) (each ? CALL(units_some, asked) : units_sample(asked, rule, rows, width, stride, z, h, to, at))

static bool units(const hwv_count_rule *rule, bool each, size_t rows, size_t width, size_t stride, const float *z,
                  const float *h, const hwv_counts *to, size_t at)
{
    if (rule->absolute)
        return UNITS(ABSOLUTE | HIGH);
    if (rule->rectifier)
        return UNITS(RECTIFIER);
    if (rule->by_z)
        return UNITS(BY_Z);
    return rule->high < INFINITY ? UNITS(HIGH) : UNITS(0);
}

/* The running sums of squares tell too how large a number can be, and whether one is NaN. */
HWV_WORD bool squares_hold(size_t rows, const hwv_squares *squares)
{
    vf size = v_zero();
    for (size_t r = 0; r < rows; r++)
        size = v_add(size, v_load(squares->few[r]));
    return !vm_any(v_nle(size, v_set(SQUARES)));
}

/* Sums alone. */
HWV_WORD void features_exact(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                             size_t at)
{
    exact sum = exact_start();
    for (size_t r = 0; r < rows; r++)
        sum = exact_add(sum, vd_of(v_load_part(x + r * stride, width)));
    exact_end(to, at, sum);
}

HWV_WORD bool features_each(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                            size_t at, hwv_squares *squares)
{
    for (size_t r = 0; r < rows; r++) {
        const vf a = v_load_part(x + r * stride, width);
        v_store(squares->few[r], v_fma(a, a, v_load(squares->few[r])));
    }
    if (!squares_hold(rows, squares))
        return false;
    features_exact(rows, width, stride, x, to, at);
    return true;
}

/* Samples of one look, HWV_COUNT_WIDE whole vectors: as plain doubles, where their numbers allow it. */
static bool features_wide(size_t rows, size_t stride, const float *x, const hwv_count_sum *to, size_t at,
                          hwv_squares *squares)
{
    const vd one = vd_set(1); /* products with it keep the adders, which convert too, free */
    vd sum[HWV_COUNT_WIDE];
    spread apart = spread_start();
    HWV_UNROLL
    for (size_t v = 0; v < HWV_COUNT_WIDE; v++)
        sum[v] = vd_zero();
    for (size_t r = 0; r < rows; r++) {
        vf few = v_load(squares->few[r]);
        HWV_UNROLL
        for (size_t v = 0; v < HWV_COUNT_WIDE; v++) {
            const vf a = v_held(v_load(x + r * stride + v * V_LANES));
            apart = spread_add(apart, a);
            few = v_fma(a, a, few);
            sum[v] = vd_fma(vd_load_floats(x + r * stride + v * V_LANES), one, sum[v]);
        }
        v_store(squares->few[r], few);
    }
    const bool fits = spread_fits(apart, 4); /* HWV_FEATURE_ROWS */
    if (!fits && !squares_hold(rows, squares))
        return false;
    HWV_UNROLL
    for (size_t v = 0; v < HWV_COUNT_WIDE; v++) {
        if (fits)
            sum_add(to, at + v * V_LANES, sum[v], vd_zero());
        else
            features_exact(rows, V_LANES, stride, x + v * V_LANES, to, at + v * V_LANES);
    }
    return true;
}

/* What is not finite stays in the squares, for the caller to see. */
HWV_WORD bool features_sample(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                              size_t at, hwv_squares *squares)
{
    sums l[2] = {sums_start(), sums_start()};
    const size_t part = width % V_LANES, whole = width - part, vectors = (width + V_LANES - 1) / V_LANES;
    const size_t span = span_of(rows), pairs = PAIRED(part) ? rows / (2 * span) * (2 * span) : 0;
    vd square = vd_load(squares->sample[0]);
    for (size_t r = 0; whole == 2 * V_LANES && r < rows; r += span)
        span_add(INPUTS, true, false, span, r, rows, V_LANES, stride, x, x, &l[0], &l[1]);
    for (size_t r = 0; whole == V_LANES && r < rows; r += span)
        span_add(INPUTS, false, false, span, r, rows, V_LANES, stride, x, x, &l[0], &l[1]);
    for (size_t r = 0; part > 0 && r < pairs; r += 2 * span)
        span_add(INPUTS, false, true, span, r, rows, part, stride, x + whole, x + whole, &l[vectors - 1], NULL);
    for (size_t r = pairs; part > 0 && r < rows; r += span)
        span_add(INPUTS, false, false, span, r, rows, part, stride, x + whole, x + whole, &l[vectors - 1], NULL);
    for (size_t v = 0; v < vectors; v++)
        square = vd_add(square, l[v].square);
    vd_store(squares->sample[0], square);
    if (vm_any(v_nle(v_add(l[0].size, l[1].size), v_set(FINITE))))
        return false;
    for (size_t v = 0; v < vectors; v++)
        sum_add(to, at + v * V_LANES, l[v].sum, vd_zero());
    return true;
}

static bool features(bool each, size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                     size_t at, hwv_squares *squares)
{
    if (!each)
        return features_sample(rows, width, stride, x, to, at, squares);
    return width == V_LANES ? features_each(rows, V_LANES, stride, x, to, at, squares)
                            : features_each(rows, width, stride, x, to, at, squares);
}

static void widen(size_t rows, hwv_squares *squares)
{
    for (size_t r = 0; r < rows; r++) {
        double *sample = squares->sample[r];
        vd_store(sample, vd_add(vd_load(sample), vd_of(v_load(squares->few[r]))));
        v_store(squares->few[r], v_zero());
    }
}

/* ---- joining --------------------------------------------------------------------------------------- */

HWV_WORD void counter_move(uint32_t *to, uint32_t *from)
{
    counter_add(to, vi_load((const int32_t *)from));
    vi_store((int32_t *)from, vi_set(0));
}

static void sums_join(size_t columns, const hwv_count_sum *to, const hwv_count_sum *from)
{
    for (size_t at = 0; at < columns; at += V_LANES) {
        sum_add(to, at, vd_load(from->hi + at), vd_load(from->lo + at));
        vd_store(from->hi + at, vd_zero());
        vd_store(from->lo + at, vd_zero());
    }
}

static void block_join(hwv_count_block *to, hwv_count_block *from)
{
    for (size_t at = 0; at < HWV_COUNT_PAD; at += V_LANES) {
        counter_move(to->fired + at, from->fired + at);
        counter_move(to->samples + at, from->samples + at);
        counter_move(to->zeros + at, from->zeros + at);
        counter_move(to->nans + at, from->nans + at);
        counter_move(to->lacking + at, from->lacking + at);
        counter_move(to->low + at, from->low + at);
        counter_move(to->high + at, from->high + at);
        v_store(to->min + at, v_min(v_load(from->min + at), v_load(to->min + at)));
        v_store(to->max + at, v_max(v_load(from->max + at), v_load(to->max + at)));
        v_store(from->min + at, v_set(INFINITY));
        v_store(from->max + at, v_set(-INFINITY));
    }
    for (size_t i = 0; i < HWV_COUNT_SUMS; i++) {
        const hwv_count_sum into = hwv_count_sum_of(to, i), taken = hwv_count_sum_of(from, i);
        sums_join(HWV_COUNT_PAD, &into, &taken);
    }
}

static void join(const hwv_counts *to, const hwv_counts *from)
{
    for (size_t at = 0; at < to->columns; at += HWV_COUNT_PAD)
        block_join(&to->blocks[at / HWV_COUNT_PAD], &from->blocks[at / HWV_COUNT_PAD]);
}

#if V_TOPS
#define ACTIVATE activate
#else
#define ACTIVATE NULL
#endif

extern const hwv_count_kernels HWV_ISA(hwv_count_kernels);
const hwv_count_kernels HWV_ISA(hwv_count_kernels) = {
    V_LANES, units, ACTIVATE, activated, features, features_wide, widen, join, sums_join,
};
