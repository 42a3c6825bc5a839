/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting: columns cut into vectors, and plain code for what the kernels leave. */
#include "check/counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/built.h"
#include "check/sum2.h"
#include "halfwave/isa.h"

/* Sums of squares of a sample outside of these count as too large or too small for float. */
#define SQUARES_LARGEST 1e36
#define SQUARES_LEAST   1e-28

#define DECLARE(name) extern const hwv_count_kernels hwv_count_kernels_##name;
HWV_BUILT_LIST(DECLARE)

#define ENTRY(name) [HWV_ISA_##name] = &hwv_count_kernels_##name,

static const hwv_count_kernels *const kernels[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)};

const hwv_count_kernels *hwv_count_kernels_current(void)
{
    return kernels[hwv_isa_current()];
}

/* ---- rules ------------------------------------------------------------------------------------------ */

static bool fires(const hwv_act *act, float x)
{
    uint64_t mask = 0;
    hwv_act_fires(act, HWV_F32, 1, 1, &x, 1, &mask, 1, NULL);
    return mask & 1;
}

/* Floats in their order. */
static float float_at(int64_t order)
{
    uint32_t bits = (uint32_t)(order < 0 ? -order : order) | (order < 0 ? UINT32_C(0x80000000) : 0);
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The largest float that does not fire, found by halving: everything above does. */
static float threshold_of(const hwv_act *act, float from)
{
    int64_t below = from < 0 ? -INT64_C(0x7f800000) : 0, above = INT64_C(0x7f800000);
    if (fires(act, float_at(below)))
        return from < 0 ? -INFINITY : -1;
    while (above - below > 1) {
        const int64_t middle = below + (above - below) / 2;
        if (fires(act, float_at(middle)))
            above = middle;
        else
            below = middle;
    }
    return float_at(below);
}

hwv_count_rule hwv_count_rule_of(const hwv_act *act, float low, float high)
{
    const bool absolute = fires(act, -INFINITY), by_z = act->op == HWV_OP_HARDSWISH;
    return (hwv_count_rule){.threshold = threshold_of(act, absolute ? 0.0f : -INFINITY),
                            .absolute = absolute,
                            .rectifier = act->op == HWV_OP_RELU,
                            .by_z = by_z,
                            .low = by_z ? -3 : low,
                            .high = high};
}

/* ---- life ------------------------------------------------------------------------------------------- */

static size_t padded(size_t columns)
{
    return (columns + HWV_COUNT_PAD - 1) / HWV_COUNT_PAD * HWV_COUNT_PAD;
}

/* `bytes` a column, aligned; the pieces of the block are taken from its front. */
static unsigned char *block_new(void **block, size_t columns, size_t bytes, hwv_error *error)
{
    size_t size;
    *block = NULL;
    if (columns < SIZE_MAX / 2 && hwv_size_mul(padded(columns), bytes, &size) &&
        hwv_size_add(size, HWV_ALIGNMENT, &size))
        *block = hwv_calloc(size, 1);
    if (*block == NULL) {
        hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu units", columns);
        return NULL;
    }
    return (unsigned char *)(((uintptr_t)*block + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1));
}

static void *take(unsigned char **front, size_t columns, size_t bytes)
{
    void *piece = *front;
    *front += padded(columns) * bytes;
    return piece;
}

static void limits_reset(hwv_counts *c)
{
    for (size_t i = 0; i < padded(c->columns); i++) {
        c->blocks[i / HWV_COUNT_PAD].min[i % HWV_COUNT_PAD] = INFINITY;
        c->blocks[i / HWV_COUNT_PAD].max[i % HWV_COUNT_PAD] = -INFINITY;
    }
}

hwv_status hwv_counts_init(hwv_counts *c, size_t columns, bool grouped, hwv_error *error)
{
    *c = (hwv_counts){.columns = columns, .grouped = grouped};
    c->blocks = (void *)block_new(&c->memory, columns, sizeof *c->blocks / HWV_COUNT_PAD, error);
    if (c->blocks == NULL) {
        *c = (hwv_counts){0};
        return HWV_ERR_MEMORY;
    }
    limits_reset(c);
    return HWV_OK;
}

void hwv_counts_free(hwv_counts *c)
{
    hwv_free(c->memory);
    *c = (hwv_counts){0};
}

void hwv_counts_close(hwv_counts *c)
{
    for (size_t i = 0; c->grouped && i < c->columns; i++) {
        hwv_count_block *b = &c->blocks[i / HWV_COUNT_PAD];
        b->samples[i % HWV_COUNT_PAD] += b->open[i % HWV_COUNT_PAD];
        b->open[i % HWV_COUNT_PAD] = 0;
    }
}

static hwv_sum2 sum_take(const hwv_count_sum *sum, size_t i, hwv_sum2 to)
{
    hwv_sum2 whole = hwv_sum2_add(to, sum->hi[i]);
    if (isfinite(whole.hi))
        whole = hwv_sum2_add(whole, sum->lo[i]);
    sum->hi[i] = sum->lo[i] = 0;
    return whole;
}

static uint32_t count_take(uint32_t *count)
{
    const uint32_t taken = *count;
    *count = 0;
    return taken;
}

void hwv_counts_join(hwv_counts *to, hwv_counts *from)
{
    hwv_count_kernels_current()->join(to, from);
    to->looks += from->looks;
    to->summed += from->summed;
    from->looks = from->summed = 0;
}

static hwv_sum2 block_sum_take(hwv_count_block *b, size_t which, size_t i, hwv_sum2 to)
{
    const hwv_count_sum sum = hwv_count_sum_of(b, which);
    return sum_take(&sum, i, to);
}

void hwv_counts_take(hwv_counts *c, hwv_unit_tally *units)
{
    for (size_t at = 0; at < c->columns; at++) {
        hwv_count_block *b = &c->blocks[at / HWV_COUNT_PAD];
        hwv_unit_tally *u = &units[at];
        const size_t i = at % HWV_COUNT_PAD;
        u->fired += count_take(&b->fired[i]);
        u->fired_samples += count_take(&b->samples[i]);
        u->zeros += count_take(&b->zeros[i]);
        u->nans += count_take(&b->nans[i]);
        u->low += count_take(&b->low[i]);
        u->high += count_take(&b->high[i]);
        u->min = b->min[i] < u->min ? b->min[i] : u->min;
        u->max = b->max[i] > u->max ? b->max[i] : u->max;
        u->z = block_sum_take(b, HWV_COUNT_Z, i, u->z);
        u->square = block_sum_take(b, HWV_COUNT_SQUARE, i, u->square);
        u->magnitude = block_sum_take(b, HWV_COUNT_MAGNITUDE, i, u->magnitude);
        u->summed += c->summed - count_take(&b->lacking[i]);
    }
    limits_reset(c);
    c->looks = c->summed = 0;
}

hwv_status hwv_feature_sums_init(hwv_feature_sums *s, size_t columns, hwv_error *error)
{
    *s = (hwv_feature_sums){.columns = columns};
    unsigned char *front = block_new(&s->block, columns, 2 * sizeof(double), error);
    if (!front) {
        *s = (hwv_feature_sums){0};
        return HWV_ERR_MEMORY;
    }
    s->sum.hi = take(&front, columns, sizeof(double));
    s->sum.lo = take(&front, columns, sizeof(double));
    return HWV_OK;
}

void hwv_feature_sums_free(hwv_feature_sums *s)
{
    hwv_free(s->block);
    *s = (hwv_feature_sums){0};
}

void hwv_feature_sums_join(hwv_feature_sums *to, hwv_feature_sums *from)
{
    hwv_count_kernels_current()->join_sums(to->columns, &to->sum, &from->sum);
    to->square = hwv_sum2_join(to->square, from->square);
    to->looks += from->looks;
    from->square = (hwv_sum2){0};
    from->looks = 0;
}

void hwv_feature_sums_take(hwv_feature_sums *s, hwv_sum2 *input, hwv_sum2 *square)
{
    for (size_t i = 0; i < s->columns; i++)
        input[i] = sum_take(&s->sum, i, input[i]);
    *square = hwv_sum2_join(*square, s->square);
    s->square = (hwv_sum2){0};
    s->looks = 0;
}

/* ---- plain code ------------------------------------------------------------------------------------- */

static void plain_add(const hwv_count_sum *sum, size_t at, double x)
{
    const hwv_sum2 whole = hwv_sum2_add((hwv_sum2){sum->hi[at], sum->lo[at]}, x);
    sum->hi[at] = whole.hi;
    sum->lo[at] = whole.lo;
}

static void plain_number(hwv_count_block *b, size_t which, size_t i, double x)
{
    const hwv_count_sum sum = hwv_count_sum_of(b, which);
    plain_add(&sum, i, x);
}

/* One column of one sample, or of samples of one look. NaNs fire nowhere and are in no sum. */
static void plain_units(const hwv_count_rule *rule, bool each, size_t rows, size_t stride, const float *z,
                        const float *h, const hwv_counts *c, size_t at)
{
    hwv_count_block *b = &c->blocks[at / HWV_COUNT_PAD];
    const size_t i = at % HWV_COUNT_PAD;
    uint32_t fired = 0;
    for (size_t r = 0; r < rows; r++) {
        const float x = z[r * stride], y = rule->rectifier ? (x > 0 ? x : 0) : h[r * stride];
        const bool summed = each || hwv_count_picks(r, rows);
        if (isnan(x)) {
            b->nans[i]++;
            b->lacking[i] += summed;
            continue;
        }
        fired += (rule->absolute ? fabsf(x) : x) > rule->threshold;
        b->zeros[i] += y == 0;
        b->low[i] += x <= rule->low;
        b->high[i] += x >= rule->high;
        b->min[i] = x < b->min[i] ? x : b->min[i];
        b->max[i] = x > b->max[i] ? x : b->max[i];
        if (!summed)
            continue;
        plain_number(b, HWV_COUNT_Z, i, (double)x);
        plain_number(b, HWV_COUNT_SQUARE, i, (double)x * (double)x);
        plain_number(b, HWV_COUNT_MAGNITUDE, i, fabs((double)y));
    }
    b->fired[i] += fired;
    if (c->pictured)
        b->last_fired[i] = fired;
    if (c->grouped)
        b->open[i] |= fired > 0;
    else
        b->samples[i] += each ? fired : fired > 0;
}

/* ---- samples ---------------------------------------------------------------------------------------- */

/* All columns of one sample, or of samples of one look. states: of looks that are counted, or NULL. */
static void count_rows(const hwv_count_rule *rule, bool each, size_t rows, const float *z, const float *h,
                       const hwv_count_state *states, const hwv_counts *c)
{
    const hwv_count_kernels *k = hwv_count_kernels_current();
    for (size_t at = 0, width; at < c->columns; at += width) {
        const size_t left = c->columns - at;
        width = !each && left >= 2 * k->lanes ? 2 * k->lanes : left < k->lanes ? left : k->lanes;
        if (states && k->activated(rows, width, c->columns, z + at, h + at, c, at, states++))
            continue;
        if (k->units(rule, each, rows, width, c->columns, z + at, h + at, c, at))
            continue;
        for (size_t i = at; i < at + width; i++)
            plain_units(rule, each, rows, c->columns, z + i, h + i, c, i);
    }
}

/* In double, where a division of whole numbers below 2^53 is rounded to no other one: many at a time. */
static void picture_row(const hwv_counts *c, size_t looks, uint8_t *picture)
{
    for (size_t at = 0; at < c->columns; at += HWV_COUNT_PAD) {
        const uint32_t *fired = c->blocks[at / HWV_COUNT_PAD].last_fired;
        const size_t width = c->columns - at < HWV_COUNT_PAD ? c->columns - at : HWV_COUNT_PAD;
        for (size_t i = 0; i < width; i++)
            picture[at + i] = (uint8_t)(int)((255.0 * fired[i] + ((double)looks - 1)) / (double)looks);
    }
}

void hwv_counts_add(const hwv_count_rule *rule, size_t samples, size_t looks, const float *z, const float *h,
                    hwv_counts *c, uint8_t *picture)
{
    const bool each = looks == 1;
    const size_t step = each && !c->grouped && !picture ? HWV_COUNT_EACH : 1, size = looks * c->columns;
    c->pictured = picture != NULL;
    for (size_t s = 0; s < samples; s += step) {
        const size_t rows = !each ? looks : samples - s < step ? samples - s : step;
        count_rows(rule, each, rows, z + s * size, h + s * size, NULL, c);
        if (picture)
            picture_row(c, looks, picture + s * c->columns);
    }
    c->looks += samples * looks;
    c->summed += samples * hwv_count_picked(looks);
}

bool hwv_count_activates(const hwv_count_rule *rule)
{
    return rule->by_z && hwv_count_kernels_current()->activate;
}

void hwv_counts_activate(const hwv_count_rule *rule, bool fresh, size_t rows, size_t columns, const float *z, float *y,
                         hwv_count_state *states)
{
    hwv_count_kernels_current()->activate(rule, fresh, rows, columns, z, y, states);
}

void hwv_counts_add_activated(const hwv_count_rule *rule, size_t looks, const float *z, const float *h,
                              const hwv_count_state *states, hwv_counts *c, uint8_t *picture)
{
    c->pictured = picture != NULL;
    count_rows(rule, false, looks, z, h, states, c);
    if (picture)
        picture_row(c, looks, picture);
    c->looks += looks;
    c->summed += hwv_count_picked(looks);
}

static void plain_features(bool each, size_t rows, size_t width, size_t stride, const float *x, hwv_feature_sums *sums,
                           size_t at)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; (each || hwv_count_picks(r, rows)) && i < width; i++)
            if (!isnan(x[r * stride + i]))
                plain_add(&sums->sum, at + i, (double)x[r * stride + i]);
}

/* Of a sample. */
static double plain_squares(size_t looks, size_t columns, const float *x)
{
    double sum = 0;
    for (size_t i = 0; i < looks * columns; i++)
        sum += isnan(x[i]) || !hwv_count_picks(i / columns, looks) ? 0 : (double)x[i] * (double)x[i];
    return sum;
}

/* Four sums beside each other, so that they need not wait. */
static double lanes_sum(const double *lanes)
{
    double a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i < HWV_COUNT_PAD; i += 4) {
        a += lanes[i];
        b += lanes[i + 1];
        c += lanes[i + 2];
        d += lanes[i + 3];
    }
    return (a + b) + (c + d);
}

/* Squares of a sample, added up. */
static void square_add(size_t looks, const float *x, const double *lanes, hwv_feature_sums *sums)
{
    double square = lanes_sum(lanes);
    if (!(square <= SQUARES_LARGEST) || (square < SQUARES_LEAST && square > 0))
        square = plain_squares(looks, sums->columns, x);
    sums->square = hwv_sum2_add(sums->square, square);
}

static void sample_add(size_t looks, const float *x, hwv_feature_sums *sums)
{
    const hwv_count_kernels *k = hwv_count_kernels_current();
    alignas(64) double lanes[1][HWV_COUNT_PAD] = {{0}};
    hwv_squares squares = {.sample = lanes};
    for (size_t at = 0, width; at < sums->columns; at += width) {
        width = sums->columns - at < 2 * k->lanes ? sums->columns - at : 2 * k->lanes;
        if (!k->features(false, looks, width, sums->columns, x + at, &sums->sum, at, &squares))
            plain_features(false, looks, width, sums->columns, x + at, sums, at);
    }
    square_add(looks, x, lanes[0], sums);
}

/* HWV_FEATURE_ROWS rows at most. */
static void rows_add(size_t rows, size_t stride, const float *x, size_t from, size_t end,
                     double (*lanes)[HWV_COUNT_PAD], hwv_feature_sums *sums)
{
    const hwv_count_kernels *k = hwv_count_kernels_current();
    const size_t group = HWV_COUNT_GROUP * k->lanes, wide = HWV_COUNT_WIDE * k->lanes;
    hwv_squares squares;
    squares.sample = lanes;
    memset(squares.few, 0, rows * sizeof squares.few[0]);
    for (size_t at = from, width; at < end; x += width) {
        bool added;
        if (at % wide == 0 && end - at >= wide) {
            width = wide;
            added = k->features_wide(rows, stride, x, &sums->sum, at, &squares);
        } else {
            width = end - at < k->lanes ? end - at : k->lanes;
            added = k->features(true, rows, width, stride, x, &sums->sum, at, &squares);
        }
        if (!added)
            plain_features(true, rows, width, stride, x, sums, at);
        at += width;
        if (at % group == 0 || at == end)
            k->widen(rows, &squares);
    }
}

void hwv_feature_sums_piece(size_t rows, size_t stride, const float *x, size_t at, size_t width,
                            double (*squares)[HWV_COUNT_PAD], hwv_feature_sums *sums)
{
    for (size_t r = 0; r < rows; r += HWV_FEATURE_ROWS) {
        const size_t some = rows - r < HWV_FEATURE_ROWS ? rows - r : HWV_FEATURE_ROWS;
        rows_add(some, stride, x + r * stride, at, at + width, squares + r, sums);
    }
}

void hwv_feature_sums_whole(size_t rows, const float *x, double (*squares)[HWV_COUNT_PAD], hwv_feature_sums *sums)
{
    for (size_t r = 0; r < rows; r++) {
        square_add(1, x + r * sums->columns, squares[r], sums);
        memset(squares[r], 0, sizeof squares[r]);
    }
    sums->looks += rows;
}

void hwv_feature_sums_add(size_t samples, size_t looks, const float *x, hwv_feature_sums *sums)
{
    alignas(64) double squares[HWV_FEATURE_ROWS][HWV_COUNT_PAD];
    if (looks > 1) {
        for (size_t s = 0; s < samples; s++)
            sample_add(looks, x + s * looks * sums->columns, sums);
        sums->looks += samples * looks;
        return;
    }
    memset(squares, 0, (samples < HWV_FEATURE_ROWS ? samples : HWV_FEATURE_ROWS) * sizeof squares[0]);
    for (size_t s = 0; s < samples; s += HWV_FEATURE_ROWS) {
        const size_t rows = samples - s < HWV_FEATURE_ROWS ? samples - s : HWV_FEATURE_ROWS;
        const float *first = x + s * sums->columns;
        rows_add(rows, sums->columns, first, 0, sums->columns, squares, sums);
        hwv_feature_sums_whole(rows, first, squares, sums);
    }
}
