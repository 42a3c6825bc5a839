/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting one layer. Firing goes through masks: positional counts of them are the looks, their union over the positions
 * of a sample says whether it fired there at all. Everything else is one sweep over z and h, by blocks of rows. */
#include "check/layer_count.h"

#include <string.h>

#include "check/kernels.h"
#include "check/sum2.h"
#include "check/tally.h"
#include "halfwave/memory.h"
#include "linalg/blocks.h"

hwv_status hwv_layer_count_init(hwv_layer_count *count, hwv_layer_tally *tally, size_t group, hwv_error *error)
{
    *count = (hwv_layer_count){.tally = tally, .group = group, .flat = hwv_flat_find(&tally->act)};
    count->group_mask = hwv_calloc(hwv_mask_words(tally->units), sizeof *count->group_mask);
    count->counts = hwv_calloc(tally->units, sizeof *count->counts);
    if (tally->units <= HWV_PICTURE_UNITS && tally->picture == NULL)
        tally->picture = hwv_calloc(HWV_PICTURE_SAMPLES, tally->units);
    if (!count->group_mask || !count->counts || (tally->units <= HWV_PICTURE_UNITS && !tally->picture)) {
        hwv_layer_count_free(count);
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu units of %s", tally->units, tally->name);
    }
    return HWV_OK;
}

void hwv_layer_count_free(hwv_layer_count *count)
{
    hwv_free(count->group_mask);
    hwv_free(count->mask);
    hwv_free(count->samples);
    hwv_free(count->counts);
    hwv_free(count->blocks);
    *count = (hwv_layer_count){0};
}

/* Room for `size` of something; false, and the layer has failed, without memory. Runs of one size ask once. */
static bool room(hwv_layer_count *count, void **array, size_t *have, size_t wanted, size_t each)
{
    if (wanted <= *have)
        return true;
    void *grown = hwv_realloc(*array, wanted, each);
    if (grown == NULL) {
        count->failed = true;
        return false;
    }
    *array = grown;
    *have = wanted;
    return true;
}

/* ---- firing ---------------------------------------------------------------------------------------- */

typedef struct firing {
    const hwv_act *act;
    const float *z;
    size_t units, positions, stride;
    uint64_t *mask, *samples;
} firing;

/* The masks of a block of samples, and their unions over positions. */
static void fire_block(const void *context, size_t first, size_t samples)
{
    const firing *f = context;
    size_t row = first * f->positions, rows = samples * f->positions;
    uint64_t *mask = f->mask + row * f->stride;
    hwv_act_fires(f->act, HWV_F32, rows, f->units, f->z + row * f->units, f->units, mask, f->stride, NULL);
    for (size_t s = 0; f->positions > 1 && s < samples; s++) {
        uint64_t *any = f->samples + (first + s) * f->stride;
        memset(any, 0, f->stride * sizeof *any);
        for (size_t p = 0; p < f->positions; p++)
            for (size_t w = 0; w < f->stride; w++)
                any[w] |= mask[(s * f->positions + p) * f->stride + w];
    }
}

static void counts_add(hwv_layer_count *count, size_t rows, const uint64_t *mask, bool samples)
{
    hwv_layer_tally *tally = count->tally;
    memset(count->counts, 0, tally->units * sizeof *count->counts);
    hwv_mask_count(rows, tally->units, mask, hwv_mask_words(tally->units), count->counts);
    for (size_t u = 0; u < tally->units; u++) {
        if (samples)
            tally->unit[u].fired_samples += count->counts[u];
        else
            tally->unit[u].fired += count->counts[u];
    }
}

static void group_end(hwv_layer_count *count)
{
    size_t words = hwv_mask_words(count->tally->units);
    counts_add(count, 1, count->group_mask, true);
    memset(count->group_mask, 0, words * sizeof *count->group_mask);
    count->pending = 0;
    count->tally->samples++;
}

static void samples_add(hwv_layer_count *count, size_t samples, const uint64_t *masks)
{
    size_t words = hwv_mask_words(count->tally->units);
    if (count->group == 1) {
        counts_add(count, samples, masks, true);
        count->tally->samples += samples;
        return;
    }
    for (size_t s = 0; s < samples; s++) {
        for (size_t w = 0; w < words; w++)
            count->group_mask[w] |= masks[s * words + w];
        if (++count->pending == count->group)
            group_end(count);
    }
}

void hwv_layer_count_close(hwv_layer_count *count)
{
    if (count->pending > 0)
        group_end(count);
}

/* The first samples of all, in 255ths of their looks, rounded up. */
static void picture_add(hwv_layer_count *count, size_t samples, size_t positions, const uint64_t *mask)
{
    hwv_layer_tally *tally = count->tally;
    size_t words = hwv_mask_words(tally->units);
    for (size_t s = 0; tally->picture && s < samples && tally->picture_samples < HWV_PICTURE_SAMPLES; s++) {
        uint8_t *row = tally->picture + tally->picture_samples++ * tally->units;
        memset(count->counts, 0, tally->units * sizeof *count->counts);
        hwv_mask_count(positions, tally->units, mask + s * positions * words, words, count->counts);
        for (size_t u = 0; u < tally->units; u++)
            row[u] = (uint8_t)((count->counts[u] * 255 + positions - 1) / positions);
    }
}

/* ---- moments --------------------------------------------------------------------------------------- */

/* Rows of a block: enough to be worth a task, few enough that sums stay exact; a function of the units alone. */
static size_t block_rows(size_t units)
{
    size_t rows = 65536 / units;
    return rows < 64 ? 64 : rows > 8192 ? 8192 : rows;
}

static size_t block_bytes(size_t units)
{
    return hwv_size_align(units * (3 * sizeof(double) + 2 * sizeof(float) + 4 * sizeof(uint32_t)));
}

static hwv_moments block_moments(unsigned char *block, size_t units)
{
    double *sums = (void *)block;
    float *ends = (void *)(sums + 3 * units);
    uint32_t *counts = (void *)(ends + 2 * units);
    return (hwv_moments){.z = sums,
                         .square = sums + units,
                         .magnitude = sums + 2 * units,
                         .min = ends,
                         .max = ends + units,
                         .zeros = counts,
                         .nans = counts + units,
                         .low = counts + 2 * units,
                         .high = counts + 3 * units};
}

typedef struct sweep {
    const hwv_layer_count *count;
    const float *z, *h;
    size_t units, each;
} sweep;

static void sweep_block(const void *context, size_t first, size_t rows)
{
    const sweep *s = context;
    hwv_moments into = block_moments(s->count->blocks + first / s->each * block_bytes(s->units), s->units);
    const float *z = s->z + first * s->units, *h = s->h + first * s->units;
    hwv_check_kernels_current()->moments(rows, s->units, z, h, s->count->flat.low, s->count->flat.high, &into);
}

static void moments_join(hwv_unit_tally *unit, const hwv_moments *of, size_t u)
{
    unit->z = hwv_sum2_add(unit->z, of->z[u]);
    unit->square = hwv_sum2_add(unit->square, of->square[u]);
    unit->magnitude = hwv_sum2_add(unit->magnitude, of->magnitude[u]);
    unit->min = of->min[u] < unit->min ? of->min[u] : unit->min;
    unit->max = of->max[u] > unit->max ? of->max[u] : unit->max;
    unit->zeros += of->zeros[u];
    unit->nans += of->nans[u];
    unit->low += of->low[u];
    unit->high += of->high[u];
}

static void moments_add(hwv_layer_count *count, const hwv_executor *executor, size_t rows, const float *z,
                        const float *h)
{
    size_t units = count->tally->units;
    sweep s = {.count = count, .z = z, .h = h, .units = units, .each = block_rows(units)};
    size_t blocks = hwv_block_count(rows, s.each), bytes = block_bytes(units);
    void *room_for = count->blocks;
    if (!room(count, &room_for, &count->block_room, blocks, bytes))
        return;
    count->blocks = room_for;
    hwv_blocks_run(executor, rows, s.each, sweep_block, &s);
    for (size_t b = 0; b < blocks; b++) {
        hwv_moments of = block_moments(count->blocks + b * bytes, units);
        for (size_t u = 0; u < units; u++)
            moments_join(&count->tally->unit[u], &of, u);
    }
}

void hwv_layer_count_add(hwv_layer_count *count, const hwv_executor *executor, size_t samples, size_t positions,
                         const float *z, const float *h)
{
    size_t units = count->tally->units, words = hwv_mask_words(units), rows = samples * positions;
    void *mask = count->mask, *any = count->samples;
    bool fits = room(count, &mask, &count->mask_room, rows * words, sizeof(uint64_t));
    count->mask = mask;
    fits = fits && (positions == 1 || room(count, &any, &count->sample_room, samples * words, sizeof(uint64_t)));
    count->samples = any;
    if (!fits)
        return;
    size_t each = block_rows(units * positions < units ? units : units * positions);
    firing f = {&count->tally->act, z, units, positions, words, count->mask, count->samples};
    hwv_blocks_run(executor, samples, positions == 1 ? block_rows(units) : each < 64 ? 1 : each / 16, fire_block, &f);
    counts_add(count, rows, count->mask, false);
    samples_add(count, samples, positions == 1 ? count->mask : count->samples);
    picture_add(count, samples, positions, count->mask);
    moments_add(count, executor, rows, z, h ? h : z);
    count->tally->looks += rows;
}

/* ---- the input of the layer ------------------------------------------------------------------------ */

typedef struct input_sweep {
    unsigned char *blocks;
    const float *x;
    size_t features, each;
} input_sweep;

static void input_block(const void *context, size_t first, size_t rows)
{
    const input_sweep *s = context;
    double *sums = (double *)(void *)s->blocks + first / s->each * 2 * s->features;
    hwv_check_kernels_current()->input(rows, s->features, s->x + first * s->features, sums, sums + s->features);
}

void hwv_layer_count_input(hwv_layer_count *count, const hwv_executor *executor, size_t rows, const float *x)
{
    hwv_layer_tally *tally = count->tally;
    size_t features = tally->features, each = block_rows(features), blocks = hwv_block_count(rows, each);
    size_t bytes = block_bytes(tally->units), wanted = blocks * 2 * features * sizeof(double) / bytes + 1;
    void *room_for = count->blocks;
    if (features == 0 || !room(count, &room_for, &count->block_room, wanted, bytes))
        return;
    count->blocks = room_for;
    input_sweep s = {.blocks = count->blocks, .x = x, .features = features, .each = each};
    hwv_blocks_run(executor, rows, each, input_block, &s);
    const double *sums = (const double *)(void *)count->blocks;
    for (size_t b = 0; b < blocks; b++)
        for (size_t f = 0; f < features; f++) {
            tally->input[f] = hwv_sum2_add(tally->input[f], sums[2 * b * features + f]);
            tally->input_square[f] = hwv_sum2_add(tally->input_square[f], sums[(2 * b + 1) * features + f]);
        }
    tally->input_looks += rows;
}
