/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting in vector words: a vector of units down the rows. */
#include <float.h>
#include <math.h>

#include "check/counts.h"
#include "simd/halves.h"
#include "simd/integers.h"
#include "simd/sum.h"

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

HWV_WORD void counter_add(uint32_t *to, vi count)
{
    int32_t *p = (int32_t *)to;
    vi_store(p, vi_add(vi_load(p), count));
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

/* What a rule asks for, a constant in every instance. */
enum {
    ABSOLUTE = 1,  /* |z| fires */
    RECTIFIER = 2, /* h is z where it fires, and 0 on the lower flat side, which is the rest */
    HIGH = 4,      /* the upper flat side is not at infinity, where no number is that is counted here */
};

/* Returns |h|, which is NaN where z is. */
HWV_WORD vf look(const unsigned asked, const hwv_count_rule *rule, vf z, vf h, count *c)
{
    const vf threshold = v_set(rule->threshold);
    const vm fires = asked & RECTIFIER ? v_nle(z, threshold) : v_gt(asked & ABSOLUTE ? v_abs(z) : z, threshold);
    c->fired = vi_count(c->fired, fires);
    c->least = v_min(c->least, z);
    c->most = v_max(c->most, z);
    if (asked & RECTIFIER)
        return v_keep(fires, z);
    c->zeros = vi_count(c->zeros, v_eq(h, v_zero()));
    c->low = vi_count(c->low, v_le(z, v_set(rule->low)));
    if (asked & HIGH)
        c->high = vi_count(c->high, v_ge(z, v_set(rule->high)));
    return v_abs(h);
}

HWV_WORD void commit(const unsigned asked, const bool each, size_t rows, const count *c, const hwv_counts *to,
                     size_t at)
{
    const vi none = vi_set(0), once = vi_count(none, vi_lt(none, c->fired));
    counter_add(to->fired + at, c->fired);
    vi_store((int32_t *)to->last_fired + at, c->fired);
    if (to->grouped)
        vi_store((int32_t *)to->open + at, vi_or(vi_load((int32_t *)to->open + at), once));
    else
        counter_add(to->samples + at, each ? c->fired : once);
    const vi silent = vi_sub(vi_set((int32_t)rows), c->fired);
    counter_add(to->zeros + at, asked & RECTIFIER ? silent : c->zeros);
    counter_add(to->low + at, asked & RECTIFIER ? silent : c->low);
    if (asked & HIGH)
        counter_add(to->high + at, c->high);
    v_store(to->min + at, v_min(c->least, v_load(to->min + at)));
    v_store(to->max + at, v_max(c->most, v_load(to->max + at)));
}

/* Samples of one look. */
HWV_WORD bool units_each(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t width, size_t stride,
                         const float *z, const float *h, const hwv_counts *to, size_t at)
{
    count c = count_start();
    exact sum = exact_start(), square = exact_start(), magnitude = exact_start();
    for (size_t r = 0; r < rows; r++) {
        const vf x = v_load_part(z + r * stride, width);
        const vf y = asked & RECTIFIER ? v_zero() : v_load_part(h + r * stride, width);
        const vf a = look(asked, rule, x, y, &c);
        const vd wide = vd_of(x);
        sum = exact_add(sum, wide);
        square = exact_add_square(square, wide);
        magnitude = exact_add(magnitude, vd_of(a));
    }
    if (!exact_holds(square) || !exact_holds(magnitude))
        return false;
    commit(asked, true, rows, &c, to, at);
    exact_end(&to->sums[HWV_COUNT_Z], at, sum);
    exact_end(&to->sums[HWV_COUNT_SQUARE], at, square);
    exact_end(&to->sums[HWV_COUNT_MAGNITUDE], at, magnitude);
    return true;
}

/* Columns that two groups of rows take as the halves of vectors, so that fewer lanes are empty. */
#define PAIRED(width) (V_HALVES && (width) <= V_LANES / 2)
#define PAIR          (2 * HWV_COUNT_GROUP)

/* A vector of a row; paired: beside that of another one. */
HWV_WORD vf row_load(const bool paired, const float *x, const float *other, size_t width)
{
#if V_HALVES
    if (paired)
        return v_load_halves(x, other, width);
#else
    (void)paired, (void)other;
#endif
    return v_load_part(x, width);
}

/* Columns keep the order of their additions, paired or not. */
HWV_WORD vd widen_add(const bool paired, vd sum, vf few)
{
#if V_HALVES
    if (paired)
        return vd_add_halves(sum, few);
#else
    (void)paired;
#endif
    return vd_add(sum, vd_of(few));
}

/* Sums in float, over a few rows. */
typedef struct moments {
    vf sum, square;
} moments;

HWV_WORD moments moments_start(void)
{
    return (moments){v_zero(), v_zero()};
}

HWV_WORD void moments_add(const bool two, const bool paired, size_t width, const float *x, const float *other,
                          moments *to)
{
    const vf a = row_load(paired, x, other, width);
    to[0].sum = v_add(to[0].sum, a);
    to[0].square = v_fma(a, a, to[0].square);
    if (two) {
        const vf b = row_load(paired, x + V_LANES, other + V_LANES, width);
        to[1].sum = v_add(to[1].sum, b);
        to[1].square = v_fma(b, b, to[1].square);
    }
}

/* Of up to HWV_COUNT_GROUP rows from `first` on; paired: and of as many `apart` further on. sparse: of one in four. */
HWV_WORD void moments_rows(const bool two, const bool paired, bool sparse, size_t apart, size_t first, size_t rows,
                           size_t width, size_t stride, const float *x, moments *to)
{
    const size_t end = paired || rows - first >= HWV_COUNT_GROUP ? first + HWV_COUNT_GROUP : rows;
    const size_t pick = hwv_count_pick(first / HWV_COUNT_GROUP);
    for (size_t r = first; !sparse && r < end; r++)
        moments_add(two, paired, width, x + r * stride, x + (r + apart) * stride, to);
    for (size_t i = 0; sparse && i < HWV_COUNT_GROUP / 4; i++) {
        /* hwv_count_pick of the fours; `apart` changes one digit of what it is told, and that by 1 */
        const size_t r = first + 4 * i + (pick ^ i), other = first + 4 * i + (pick ^ i ^ 1) + apart;
        if (r < end)
            moments_add(two, paired, width, x + r * stride, x + other * stride, to);
    }
}

/* A vector of units over the looks of a sample. */
typedef struct looks {
    count count;
    vd sum, square, magnitude;
    vf size;
} looks;

HWV_WORD looks looks_start(void)
{
    return (looks){count_start(), vd_zero(), vd_zero(), vd_zero(), v_zero()};
}

HWV_WORD vf group_look(const unsigned asked, const bool paired, const hwv_count_rule *rule, size_t width, size_t stride,
                       const float *z, const float *h, count *c)
{
    const size_t other = HWV_COUNT_GROUP * stride;
    const vf x = row_load(paired, z, z + other, width);
    return look(asked, rule, x, asked & RECTIFIER ? v_zero() : row_load(paired, h, h + other, width), c);
}

HWV_WORD void group_end(const bool paired, moments m, vf magnitude, looks *to)
{
    to->size = v_add(to->size, v_add(m.square, magnitude));
    to->sum = widen_add(paired, to->sum, m.sum);
    to->square = widen_add(paired, to->square, m.square);
    to->magnitude = widen_add(paired, to->magnitude, magnitude);
}

/* Down the rows from `r` on; two: and the vector beside it, so that a line of the cache that they share comes once. */
HWV_WORD void looks_add(const unsigned asked, const bool two, const bool paired, bool sparse,
                        const hwv_count_rule *rule, size_t r, size_t rows, size_t width, size_t stride, const float *z,
                        const float *h, looks *to)
{
    count first = to[0].count, second = to[two].count;
    while (r < rows) {
        const size_t start = r, end = paired || rows - r >= HWV_COUNT_GROUP ? r + HWV_COUNT_GROUP : rows;
        moments m[2] = {moments_start(), moments_start()};
        vf f = v_zero(), g = v_zero();
        for (; r < end; r++) {
            const float *x = z + r * stride, *y = h + r * stride;
            f = v_add(f, group_look(asked, paired, rule, width, stride, x, y, &first));
            if (two)
                g = v_add(g, group_look(asked, paired, rule, width, stride, x + V_LANES, y + V_LANES, &second));
        }
        moments_rows(two, paired, sparse, HWV_COUNT_GROUP, start, rows, width, stride, z, m);
        group_end(paired, m[0], f, &to[0]);
        if (two)
            group_end(paired, m[1], g, &to[1]);
        r += paired ? HWV_COUNT_GROUP : 0;
    }
    to[two].count = second;
    to[0].count = first;
}

/* The two halves of what was paired. */
HWV_WORD void looks_join(looks *l)
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

/* Less than a vector. */
HWV_WORD looks looks_part(const unsigned asked, bool sparse, const hwv_count_rule *rule, size_t rows, size_t width,
                          size_t stride, const float *z, const float *h)
{
    looks l = looks_start();
    const size_t pairs = PAIRED(width) ? rows / PAIR * PAIR : 0;
    if (pairs > 0) {
        looks_add(asked, false, true, sparse, rule, 0, pairs, width, stride, z, h, &l);
        looks_join(&l);
    }
    looks_add(asked, false, false, sparse, rule, pairs, rows, width, stride, z, h, &l);
    return l;
}

HWV_WORD void looks_commit(const unsigned asked, size_t rows, const looks *l, const hwv_counts *to, size_t at)
{
    commit(asked, false, rows, &l->count, to, at);
    sum_add(&to->sums[HWV_COUNT_Z], at, l->sum, vd_zero());
    sum_add(&to->sums[HWV_COUNT_SQUARE], at, l->square, vd_zero());
    sum_add(&to->sums[HWV_COUNT_MAGNITUDE], at, l->magnitude, vd_zero());
}

/* The looks of one sample. */
HWV_WORD bool units_sample(const unsigned asked, const hwv_count_rule *rule, size_t rows, size_t width, size_t stride,
                           const float *z, const float *h, const hwv_counts *to, size_t at)
{
    looks l[2] = {looks_start(), looks_start()};
    const bool sparse = rows >= HWV_COUNT_FEW;
    const size_t whole = width / V_LANES * V_LANES, vectors = (width + V_LANES - 1) / V_LANES;
    if (whole == 2 * V_LANES)
        looks_add(asked, true, false, sparse, rule, 0, rows, V_LANES, stride, z, h, l);
    else if (whole > 0)
        looks_add(asked, false, false, sparse, rule, 0, rows, V_LANES, stride, z, h, l);
    if (whole < width)
        l[vectors - 1] = looks_part(asked, sparse, rule, rows, width - whole, stride, z + whole, h + whole);
    if (vm_any(v_nle(v_add(l[0].size, l[1].size), v_set(FINITE))))
        return false;
    for (size_t v = 0; v < vectors; v++)
        looks_commit(asked, rows, &l[v], to, at + v * V_LANES);
    return true;
}

/* Whole vectors apart: their loads need no count. */
#define CALL(FUNCTION, asked)                                                                                          \
    (width == V_LANES ? FUNCTION(asked, rule, rows, V_LANES, stride, z, h, to, at)                                     \
                      : FUNCTION(asked, rule, rows, width, stride, z, h, to, at))
#define UNITS(asked) (each ? CALL(units_each, asked) : units_sample(asked, rule, rows, width, stride, z, h, to, at))

static bool units(const hwv_count_rule *rule, bool each, size_t rows, size_t width, size_t stride, const float *z,
                  const float *h, const hwv_counts *to, size_t at)
{
    if (rule->absolute)
        return UNITS(ABSOLUTE | HIGH);
    if (rule->rectifier)
        return UNITS(RECTIFIER);
    return rule->high < INFINITY ? UNITS(HIGH) : UNITS(0);
}

/* The running sums of squares tell too how large a number can be, and whether one is NaN. */
HWV_WORD bool features_each(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                            size_t at, hwv_squares *squares)
{
    exact sum = exact_start();
    vf size = v_zero();
    for (size_t r = 0; r < rows; r++) {
        const vf a = v_load_part(x + r * stride, width), few = v_fma(a, a, v_load(squares->few[r]));
        v_store(squares->few[r], few);
        size = v_add(size, few);
        sum = exact_add(sum, vd_of(a));
    }
    if (vm_any(v_nle(size, v_set(SQUARES))))
        return false;
    exact_end(to, at, sum);
    return true;
}

/* Samples of one look, HWV_COUNT_WIDE whole vectors: what is added to a double there loses nothing where the exponents of a
 * column lie close enough together. By the bits without their sign: the largest, and the smallest but for 0, which comes
 * last when the others have 2^31 - 1 added. */
HWV_WORD bool exponents_close(vi most, vi least)
{
    const vi high = vi_shr(most, 23), low = vi_shr(vi_sub(least, vi_set(INT32_MAX)), 23);
    /* 16 terms below 2^(high + 1), of multiples of 2^(low - 23): 53 bits */
    return !vm_any(vm_or(vi_lt(vi_set(53 - 23 - 1 - 4), vi_sub(high, low)), vi_lt(vi_set(254), high)));
}

static bool features_wide(size_t rows, size_t stride, const float *x, const hwv_count_sum *to, size_t at,
                          hwv_squares *squares)
{
    vd sum[HWV_COUNT_WIDE];
    vf few[HWV_FEATURE_ROWS];
    vi most = vi_set(0), least = vi_set(INT32_MAX);
    HWV_UNROLL
    for (size_t v = 0; v < HWV_COUNT_WIDE; v++)
        sum[v] = vd_zero();
    for (size_t r = 0; r < rows; r++) {
        few[r] = v_load(squares->few[r]);
        HWV_UNROLL
        for (size_t v = 0; v < HWV_COUNT_WIDE; v++) {
            const vf a = v_load(x + r * stride + v * V_LANES);
            const vi bits = vi_and(v_as_i(a), vi_set(INT32_MAX));
            most = vi_max(most, bits);
            least = vi_min(least, vi_add(bits, vi_set(INT32_MAX)));
            few[r] = v_fma(a, a, few[r]);
            sum[v] = vd_add(sum[v], vd_of(a));
        }
    }
    if (!exponents_close(most, least))
        return false;
    for (size_t r = 0; r < rows; r++)
        v_store(squares->few[r], few[r]);
    HWV_UNROLL
    for (size_t v = 0; v < HWV_COUNT_WIDE; v++)
        sum_add(to, at + v * V_LANES, sum[v], vd_zero());
    return true;
}

/* A vector of inputs over the looks of a sample. */
typedef struct inputs {
    vd sum, square;
    vf size;
} inputs;

HWV_WORD void inputs_end(const bool paired, moments m, inputs *to)
{
    to->size = v_add(to->size, m.square);
    to->sum = widen_add(paired, to->sum, m.sum);
    to->square = widen_add(paired, to->square, m.square);
}

/* As looks_add; and what is added to one vector need not wait for what was added before. `span` rows have
 * HWV_COUNT_GROUP terms. */
HWV_WORD void inputs_add(const bool two, const bool paired, size_t span, size_t r, size_t rows, size_t width,
                         size_t stride, const float *x, inputs *to)
{
    const bool sparse = span > HWV_COUNT_GROUP;
    while (r < rows) {
        const size_t end = paired || rows - r >= span ? r + span : rows;
        moments m[2] = {moments_start(), moments_start()};
        for (; r < end; r += HWV_COUNT_GROUP)
            moments_rows(two, paired, sparse, span, r, rows, width, stride, x, m);
        inputs_end(paired, m[0], &to[0]);
        if (two)
            inputs_end(paired, m[1], &to[1]);
        r += paired ? span : 0;
    }
}

/* What is not finite stays in the squares, for the caller to see. */
HWV_WORD bool features_sample(size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *to,
                              size_t at, hwv_squares *squares)
{
    inputs in[2] = {{vd_zero(), vd_zero(), v_zero()}, {vd_zero(), vd_zero(), v_zero()}};
    const size_t part = width % V_LANES, whole = width - part, vectors = (width + V_LANES - 1) / V_LANES;
    const size_t span = rows < HWV_COUNT_FEW ? HWV_COUNT_GROUP : 4 * HWV_COUNT_GROUP;
    const size_t pairs = PAIRED(part) ? rows / (2 * span) * (2 * span) : 0;
    vd square = vd_load(squares->sample[0]);
    if (whole == 2 * V_LANES)
        inputs_add(true, false, span, 0, rows, V_LANES, stride, x, in);
    else if (whole > 0)
        inputs_add(false, false, span, 0, rows, V_LANES, stride, x, in);
    if (part > 0) {
        inputs_add(false, true, span, 0, pairs, part, stride, x + whole, &in[vectors - 1]);
        inputs_add(false, false, span, pairs, rows, part, stride, x + whole, &in[vectors - 1]);
    }
    for (size_t v = 0; v < vectors; v++)
        square = vd_add(square, in[v].square);
    vd_store(squares->sample[0], square);
    if (vm_any(v_nle(v_add(in[0].size, in[1].size), v_set(FINITE))))
        return false;
    for (size_t v = 0; v < vectors; v++)
        sum_add(to, at + v * V_LANES, in[v].sum, vd_zero());
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

static void join(const hwv_counts *to, const hwv_counts *from)
{
    for (size_t at = 0; at < to->columns; at += V_LANES) {
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
    for (size_t i = 0; i < HWV_COUNT_SUMS; i++)
        sums_join(to->columns, &to->sums[i], &from->sums[i]);
}

extern const hwv_count_kernels HWV_ISA(hwv_count_kernels);
const hwv_count_kernels HWV_ISA(hwv_count_kernels) = {V_LANES, units, features, features_wide, widen, join, sums_join};
