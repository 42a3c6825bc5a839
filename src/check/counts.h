/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting: what a tally holds of each unit, by column, so that kernels walk along it.
 *
 * Sums are kept in two doubles whose order of additions hardly matters: where every look is a sample of its own, each
 * number is added without an error; where a sample has many looks, the sample's sum is, which itself is summed in float
 * over 16 of the looks that are picked, and in double over those. So shards and threads do not change what a sum is rounded to. */
#ifndef HWV_CHECK_COUNTS_H
#define HWV_CHECK_COUNTS_H

#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>

#include "halfwave/check.h"
#include "halfwave/memory.h"

/* Columns are padded to a multiple of it: the lanes of the widest set. */
#define HWV_COUNT_PAD ((size_t)16)

/* Sums of z, z^2, |h| and of inputs take one of each so many looks in a row of a sample: at least 8 of each sample. */
static inline size_t hwv_count_every(size_t looks)
{
    return looks < 64 ? 1 : looks < 128 ? 4 : 16;
}

/* Which one of the looks every * group .. every * group + every - 1: the exclusive or of the digits of `group` in base
 * `every`. So each column of an image has its share, whatever power of two it is wide. */
static inline size_t hwv_count_pick(size_t group, size_t every)
{
    uint32_t digits = (uint32_t)group;
    digits ^= digits >> 16;
    digits ^= digits >> 8;
    digits ^= digits >> 4;
    if (every == 4)
        digits ^= digits >> 2;
    return digits & (every - 1);
}

/* Whether a look of a sample of `looks` is in the sums. */
static inline bool hwv_count_picks(size_t look, size_t looks)
{
    const size_t every = hwv_count_every(looks);
    return look % every == hwv_count_pick(look / every, every);
}

/* How many of the looks of a sample are. */
static inline size_t hwv_count_picked(size_t looks)
{
    const size_t every = hwv_count_every(looks);
    return looks / every + (hwv_count_pick(looks / every, every) < looks % every);
}

/* How units of an operator are counted. */
typedef struct hwv_count_rule {
    float threshold; /* fires where z, or |z|, is larger */
    bool absolute;
    bool rectifier; /* h is z where it fires and 0 elsewhere: it need not be read; then low is 0, high +inf */
    /* h is 0 where z <= low and where |z| <= 2^-149, and nowhere else, so that it need not be read to tell; threshold is 0,
     * low negative with 7 bits of fraction at most, high +inf. Of hardswish: -3 itself, whose gradient is that of the
     * parabola, counts as flat, since h is 0. */
    bool by_z;
    float low, high; /* the flat sides: z <= low, z >= high */
} hwv_count_rule;

/* low, high: the flat sides. */
hwv_count_rule hwv_count_rule_of(const hwv_act *act, float low, float high);

/* A sum a column; lo: what hi lost. Aligned, and padded as everything here to whole vectors of any set. */
typedef struct hwv_count_sum {
    double *hi, *lo;
} hwv_count_sum;

enum { HWV_COUNT_Z, HWV_COUNT_SQUARE, HWV_COUNT_MAGNITUDE, HWV_COUNT_SUMS };

/* HWV_COUNT_PAD columns: what every sample adds to comes first, so that it is one run of memory. */
typedef struct hwv_count_block {
    alignas(HWV_ALIGNMENT) uint32_t fired[HWV_COUNT_PAD];
    uint32_t samples[HWV_COUNT_PAD], zeros[HWV_COUNT_PAD], low[HWV_COUNT_PAD];
    float min[HWV_COUNT_PAD], max[HWV_COUNT_PAD];
    double sums[HWV_COUNT_SUMS][2][HWV_COUNT_PAD]; /* hi, lo */
    uint32_t high[HWV_COUNT_PAD], nans[HWV_COUNT_PAD];
    uint32_t lacking[HWV_COUNT_PAD];    /* NaNs among those that were picked */
    uint32_t open[HWV_COUNT_PAD];       /* grouped: 1 where the open group fired */
    uint32_t last_fired[HWV_COUNT_PAD]; /* pictured: looks of the last sample */
} hwv_count_block;

static inline hwv_count_sum hwv_count_sum_of(hwv_count_block *block, size_t which)
{
    return (hwv_count_sum){block->sums[which][0], block->sums[which][1]};
}

/* Of some columns. Owns one block of memory. */
typedef struct hwv_counts {
    size_t columns, looks; /* looks: since the last take; they must stay below 2^31 */
    size_t summed;         /* of those, the ones that were picked for sums of z and z^2 */
    bool grouped;          /* a sample goes on in the next one, until hwv_counts_close */
    bool pictured;         /* the samples that are being added have a picture */
    hwv_count_block *blocks;
    void *memory;
} hwv_counts;

/* All zero. HWV_ERR_MEMORY: *counts is zero. */
hwv_status hwv_counts_init(hwv_counts *counts, size_t columns, bool grouped, hwv_error *error);
void hwv_counts_free(hwv_counts *counts);
/* The end of a group: units that fired in it have one sample more. */
void hwv_counts_close(hwv_counts *counts);
/* Adds all of *from to *to, and *from starts anew; both have the same columns and no groups, and together less than 2^31
 * looks. */
void hwv_counts_join(hwv_counts *to, hwv_counts *from);
/* Adds all to the units of a tally, and starts anew. An open group stays open. */
void hwv_counts_take(hwv_counts *counts, hwv_unit_tally *units);

/* z, h: [samples][looks][columns]; picture (may be NULL): [samples][columns], share of the looks that fired in 255ths,
 * rounded up. */
void hwv_counts_add(const hwv_count_rule *rule, size_t samples, size_t looks, const float *z, const float *h,
                    hwv_counts *counts, uint8_t *picture);

/* What was counted of some columns while they were activated. */
typedef struct hwv_count_state {
    alignas(HWV_ALIGNMENT) float words[7][HWV_COUNT_PAD];
} hwv_count_state;

static inline size_t hwv_count_states(size_t columns)
{
    return columns / HWV_COUNT_PAD / 2 + 2;
}

/* Whether looks of an operator can be counted as they are activated, less than 2^16 of a sample. */
bool hwv_count_activates(const hwv_count_rule *rule);
/* y of some rows of a sample, and their counts; fresh: the first rows. states: hwv_count_states(columns) of them. Quickest
 * where the number of rows is a multiple of 4. */
void hwv_counts_activate(const hwv_count_rule *rule, bool fresh, size_t rows, size_t columns, const float *z, float *y,
                         hwv_count_state *states);
/* As hwv_counts_add of one sample, all of whose looks are in states. */
void hwv_counts_add_activated(const hwv_count_rule *rule, size_t looks, const float *z, const float *h,
                              const hwv_count_state *states, hwv_counts *counts, uint8_t *picture);

/* Sums of what a layer reads, over the looks that are picked, NaNs left out: of x by column; of x^2 over a sample in float,
 * up to 16 terms a time, and in double over those, and then added as the sums above are. */
typedef struct hwv_feature_sums {
    size_t columns, looks; /* looks: since the last take */
    hwv_count_sum sum;
    hwv_sum2 square;
    void *block;
} hwv_feature_sums;

hwv_status hwv_feature_sums_init(hwv_feature_sums *sums, size_t columns, hwv_error *error);
void hwv_feature_sums_free(hwv_feature_sums *sums);
/* As hwv_counts_join. */
void hwv_feature_sums_join(hwv_feature_sums *to, hwv_feature_sums *from);
void hwv_feature_sums_take(hwv_feature_sums *sums, hwv_sum2 *input, hwv_sum2 *square);
/* x: [samples][looks][columns] */
void hwv_feature_sums_add(size_t samples, size_t looks, const float *x, hwv_feature_sums *sums);
/* The same of samples of one look, in pieces: columns at .. at+width-1, x the first of them, rows `stride` apart. squares:
 * [rows][HWV_COUNT_PAD], aligned, of this row's pieces so far, zero at first; pieces come in the order of columns, and at is
 * a multiple of HWV_COUNT_GROUP * HWV_COUNT_PAD. The same bits where rows are cut at multiples of HWV_FEATURE_ROWS. */
void hwv_feature_sums_piece(size_t rows, size_t stride, const float *x, size_t at, size_t width,
                            double (*squares)[HWV_COUNT_PAD], hwv_feature_sums *sums);
/* All columns of these samples were in pieces. x: [rows][columns] */
void hwv_feature_sums_whole(size_t rows, const float *x, double (*squares)[HWV_COUNT_PAD], hwv_feature_sums *sums);

/* ---- kernels ---------------------------------------------------------------------------------------- */

/* Rows of a sum in float, and of a call where each row is added without an error. */
#define HWV_COUNT_GROUP ((size_t)16)
#define HWV_COUNT_EACH  ((size_t)64)
/* Rows of inputs at once: they are long, and no more than as many streams to the cache. */
#define HWV_FEATURE_ROWS ((size_t)16)
/* Vectors of inputs that are added at once where their numbers allow it; a divisor of HWV_COUNT_GROUP. */
#define HWV_COUNT_WIDE ((size_t)4)

/* Squares of samples, by lane, of HWV_FEATURE_ROWS at most. */
typedef struct hwv_squares {
    alignas(64) float few[HWV_FEATURE_ROWS][HWV_COUNT_PAD]; /* over HWV_COUNT_GROUP vectors of a row */
    double (*sample)[HWV_COUNT_PAD];
} hwv_squares;

/* One sample, or (each) samples of one look: `rows` rows, `stride` apart, columns at .. at+width-1 of the counts, z and h
 * being those of column `at`; width <= lanes, or (not each) 2 * lanes, of inputs anything up to that. False, and nothing is
 * counted, where a number is not finite or too large for the sums; the caller then counts by plain code.
 * activate: y, as hardswish, of some rows of all columns; what it counts goes to states, one for each two vectors, one for a
 * vector that is left, and one for half a vector (fresh: they hold nothing yet). NULL where a set has no such words.
 * activated: as `units` of one sample, of a state's columns, all of whose rows are in it.
 * features: squares are added to `few` by row, whatever is returned, or (not each) to the first of `sample`.
 * features_wide: the same of `rows` samples of one look and HWV_COUNT_WIDE whole vectors.
 * widen: `few` moves to `sample`.
 * join, join_sums: what is counted in *from, or its sums, moves to *to. */
typedef struct hwv_count_kernels {
    size_t lanes;
    bool (*units)(const hwv_count_rule *rule, bool each, size_t rows, size_t width, size_t stride, const float *z,
                  const float *h, const hwv_counts *counts, size_t at);
    void (*activate)(const hwv_count_rule *rule, bool fresh, size_t rows, size_t columns, const float *z, float *y,
                     hwv_count_state *states);
    bool (*activated)(size_t rows, size_t width, size_t stride, const float *z, const float *h,
                      const hwv_counts *counts, size_t at, const hwv_count_state *state);
    bool (*features)(bool each, size_t rows, size_t width, size_t stride, const float *x, const hwv_count_sum *sum,
                     size_t at, hwv_squares *squares);
    bool (*features_wide)(size_t rows, size_t stride, const float *x, const hwv_count_sum *sum, size_t at,
                          hwv_squares *squares);
    void (*widen)(size_t rows, hwv_squares *squares);
    void (*join)(const hwv_counts *to, const hwv_counts *from);
    void (*join_sums)(size_t columns, const hwv_count_sum *to, const hwv_count_sum *from);
} hwv_count_kernels;

const hwv_count_kernels *hwv_count_kernels_current(void);

#endif
