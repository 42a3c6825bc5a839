/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm: blocks for the kernels of the set in use, and what is put together from them in double. */
#include "linalg/batch_norm_parts.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "halfwave/memory.h"

/* Rows of a block at most: few enough that sums in float around a centre from the block's first rows are accurate. If
 * those lie k deviations off the mean of the block, FIRST / rows of it do at least, so k^2 is at most rows / FIRST, and
 * squares around them lose no more than a factor of 1 + k^2. */
#define BLOCK_ROWS ((size_t)512)
#define FIRST      ((size_t)32)
#define SUMS       HWV_BATCH_NORM_SUMS
#define MAPS       HWV_BATCH_NORM_MAPS

/* Rows of a group, whose sum in float is added to that of its block. */
#define GROUP ((size_t)32)

static size_t most_rows(size_t channels)
{
    const size_t rows = hwv_sum_block(channels);
    return rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
}

/* Blocks of images are whole lines, an even number of them: windows of two lines do not lie in two. */
hwv_batch_norm_cut hwv_batch_norm_cut_of(const hwv_batch_norm *norm)
{
    const size_t most = most_rows(norm->channels);
    hwv_batch_norm_cut c = {.group = GROUP, .block = most, .image = norm->rows};
    if (norm->line > 0) {
        const size_t fit = most / norm->line / 2 * 2, lines = fit > 2 ? fit : 2;
        c.group = norm->line;
        c.block = (lines < norm->lines ? lines : norm->lines) * norm->line;
        c.image = norm->line * norm->lines;
    }
    c.count = hwv_block_count(c.image, c.block);
    return c;
}

hwv_batch_norm_range hwv_batch_norm_block(const hwv_batch_norm_cut *c, size_t block)
{
    const size_t from = block % c->count * c->block, left = c->image - from;
    return (hwv_batch_norm_range){block / c->count * c->image + from, left < c->block ? left : c->block};
}

size_t hwv_batch_norm_sums_floats(const hwv_batch_norm *norm)
{
    const hwv_batch_norm_cut c = hwv_batch_norm_cut_of(norm);
    size_t floats;
    if (!hwv_size_mul(hwv_batch_norm_blocks(norm, &c), SUMS, &floats) || !hwv_size_mul(floats, norm->channels, &floats))
        return SIZE_MAX;
    return floats;
}

size_t hwv_batch_norm_workspace(const hwv_batch_norm *norm)
{
    size_t floats, bytes;
    if (!hwv_size_mul(norm->channels, MAPS, &floats) ||
        !hwv_size_add(floats, hwv_batch_norm_sums_floats(norm), &floats) ||
        !hwv_size_mul(floats, sizeof(float), &bytes))
        return SIZE_MAX;
    return bytes;
}

/* One pass over all blocks. */
typedef struct job {
    const hwv_batch_norm *norm;
    const hwv_linalg_kernels *kernels;
    hwv_batch_norm_cut cut;
    const float *x, *dy;
    float *to;
    hwv_batch_norm_floats map;
    float *sums; /* of the blocks */
    hwv_rows_function *finish;
    const void *context;
} job;

hwv_batch_norm_floats hwv_batch_norm_map_in(size_t channels, float *floats)
{
    return (hwv_batch_norm_floats){floats, floats + channels, floats + 2 * channels, floats + 3 * channels};
}

static job job_make(const hwv_batch_norm *norm, const float *x, const float *dy, float *to, void *workspace)
{
    return (job){.norm = norm,
                 .kernels = hwv_linalg_kernels_of(hwv_isa_current()),
                 .cut = hwv_batch_norm_cut_of(norm),
                 .x = x,
                 .dy = dy,
                 .to = to,
                 .map = hwv_batch_norm_map_in(norm->channels, workspace),
                 .sums = (float *)workspace + MAPS * norm->channels};
}

/* function for every block: first is its number. */
static void job_run(const job *j, const hwv_executor *executor, hwv_rows_function *function)
{
    hwv_blocks_run(executor, hwv_batch_norm_blocks(j->norm, &j->cut), 1, function, j);
}

/* ---- moments -------------------------------------------------------------------------------------- */

void hwv_batch_norm_measure_block(const hwv_batch_norm *norm, const hwv_linalg_kernels *kernels, size_t block,
                                  const float *x, float *sums)
{
    const hwv_batch_norm_cut cut = hwv_batch_norm_cut_of(norm);
    const size_t channels = norm->channels, rows = hwv_batch_norm_block(&cut, block).count;
    const size_t few = rows < FIRST ? rows : FIRST;
    float *center = sums + block * SUMS * channels;
    kernels->rows->column_sum(few, channels, x, channels, false, center);
    for (size_t c = 0; c < channels; c++)
        center[c] /= (float)few;
    memset(center + channels, 0, 2 * channels * sizeof *center);
    kernels->batch_norm->moments(rows, channels, cut.group, x, center, center + channels, center + 2 * channels);
}

static void moments_block(const void *context, size_t block, size_t count)
{
    const job *j = context;
    const size_t first = hwv_batch_norm_block(&j->cut, block).first;
    (void)count;
    hwv_batch_norm_measure_block(j->norm, j->kernels, block, j->x + first * j->norm->channels, j->sums);
}

/* The blocks' moments put together (Chan, Golub & LeVeque 1979): afterwards `inverse` is the sum of squared
 * deviations. */
static void moments_combine(const hwv_batch_norm *norm, const float *sums, hwv_batch_norm_moments *moments)
{
    const size_t channels = norm->channels;
    const hwv_batch_norm_cut cut = hwv_batch_norm_cut_of(norm);
    const size_t blocks = hwv_batch_norm_blocks(norm, &cut);
    for (size_t b = 0; b < blocks; b++) {
        const hwv_batch_norm_range range = hwv_batch_norm_block(&cut, b);
        const double rows = (double)range.count, all = (double)range.first + rows;
        const double share = rows / all, weight = (double)range.first * share, each = 1 / rows;
        const float *center = sums + b * SUMS * channels, *sum = center + channels, *square = sum + channels;
        for (size_t c = 0; c < channels; c++) {
            double off = (double)sum[c] * each, squares = (double)square[c] - off * (double)sum[c];
            double mean = (double)center[c] + off, apart = b > 0 ? mean - moments[c].mean : 0;
            hwv_batch_norm_moments before = b > 0 ? moments[c] : (hwv_batch_norm_moments){mean, 0};
            moments[c].mean = before.mean + apart * share;
            moments[c].inverse =
                before.inverse + (squares > 0 || isnan(squares) ? squares : 0) + apart * apart * weight;
        }
    }
}

static double inverse_of(const hwv_batch_norm *norm, double variance)
{
    return 1 / sqrt(variance + (double)norm->epsilon);
}

void hwv_batch_norm_measured(const hwv_batch_norm *norm, const float *sums, float momentum, float *running_mean,
                             float *running_variance, hwv_batch_norm_moments *moments)
{
    const double rows = (double)norm->rows, share = (double)momentum;
    moments_combine(norm, sums, moments);
    for (size_t c = 0; c < norm->channels; c++) {
        double squares = moments[c].inverse, kept = 1 - share;
        running_mean[c] = (float)(kept * (double)running_mean[c] + share * moments[c].mean);
        if (norm->rows > 1)
            running_variance[c] = (float)(kept * (double)running_variance[c] + share * squares / (rows - 1));
        moments[c].inverse = inverse_of(norm, squares / rows);
    }
}

void hwv_batch_norm_measure(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x, float momentum,
                            float *running_mean, float *running_variance, hwv_batch_norm_moments *moments,
                            void *workspace)
{
    const job j = job_make(norm, x, NULL, NULL, workspace);
    job_run(&j, executor, moments_block);
    hwv_batch_norm_measured(norm, j.sums, momentum, running_mean, running_variance, moments);
}

static hwv_batch_norm_moments recalled(const hwv_batch_norm *norm, const float *running_mean,
                                       const float *running_variance, size_t c)
{
    return (hwv_batch_norm_moments){(double)running_mean[c], inverse_of(norm, (double)running_variance[c])};
}

void hwv_batch_norm_recall(const hwv_batch_norm *norm, const float *running_mean, const float *running_variance,
                           hwv_batch_norm_moments *moments)
{
    for (size_t c = 0; c < norm->channels; c++)
        moments[c] = recalled(norm, running_mean, running_variance, c);
}

/* ---- forward -------------------------------------------------------------------------------------- */

/* Any blocks will do. */
/* Any blocks will do. */
static void map_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    size_t at = first * j->norm->channels;
    const hwv_batch_norm_map map = {j->norm->channels, j->map.center, j->map.scale, j->map.offset, j->map.slope};
    j->kernels->batch_norm->map(rows, &map, j->x + at, j->dy ? j->dy + at : NULL, j->to + at);
    if (j->finish)
        j->finish(j->context, first, rows);
}

static void map_run(const job *j, const hwv_executor *executor)
{
    hwv_blocks_run(executor, j->norm->rows, most_rows(j->norm->channels), map_block, j);
}

/* A channel's map, (x - mean) * scale + offset. The mean is rounded to a float, which x - center is exact with where
 * x is near, and what was rounded off goes into the offset. */
static void map_set(hwv_batch_norm_floats to, size_t c, double mean, double scale, double offset)
{
    to.center[c] = (float)mean;
    to.scale[c] = (float)scale;
    to.offset[c] = (float)(offset - (mean - (double)to.center[c]) * scale);
}

void hwv_batch_norm_map_forward(const hwv_batch_norm *norm, const hwv_batch_norm_moments *moments,
                                hwv_batch_norm_floats to)
{
    for (size_t c = 0; c < norm->channels; c++)
        map_set(to, c, moments[c].mean, (double)norm->weight[c] * moments[c].inverse, (double)norm->bias[c]);
}

void hwv_batch_norm_forward(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x,
                            const hwv_batch_norm_moments *moments, float *y, hwv_rows_function *finish,
                            const void *context, void *workspace)
{
    job j = job_make(norm, x, NULL, y, workspace);
    j.finish = finish;
    j.context = context;
    hwv_batch_norm_map_forward(norm, moments, j.map);
    map_run(&j, executor);
}

hwv_column_map hwv_batch_norm_running_map(const hwv_batch_norm *norm, const float *running_mean,
                                          const float *running_variance, float *floats)
{
    const hwv_batch_norm_floats to = {floats, floats + norm->channels, floats + 2 * norm->channels, NULL};
    for (size_t c = 0; c < norm->channels; c++) {
        const hwv_batch_norm_moments moments = recalled(norm, running_mean, running_variance, c);
        map_set(to, c, moments.mean, (double)norm->weight[c] * moments.inverse, (double)norm->bias[c]);
    }
    return (hwv_column_map){to.center, to.scale, to.offset};
}

/* ---- backward ------------------------------------------------------------------------------------- */

static void sums_block(const void *context, size_t block, size_t count)
{
    const job *j = context;
    const hwv_batch_norm_range range = hwv_batch_norm_block(&j->cut, block);
    const size_t channels = j->norm->channels, at = range.first * channels;
    float *sum = j->sums + block * SUMS * channels;
    (void)count;
    memset(sum, 0, 2 * channels * sizeof *sum);
    j->kernels->batch_norm->sums(range.count, channels, j->cut.group, j->x + at, j->dy + at, j->map.center, sum,
                                 sum + channels);
}

/* Sums over all blocks of dy, and of dy * (x - mean). */
static void sums_combine(const hwv_batch_norm *norm, const float *sums, size_t c, double mean, double *sum,
                         double *product)
{
    const hwv_batch_norm_cut cut = hwv_batch_norm_cut_of(norm);
    const size_t channels = norm->channels, blocks = hwv_batch_norm_blocks(norm, &cut);
    *sum = *product = 0;
    for (size_t b = 0; b < blocks; b++) {
        const float *of = sums + b * SUMS * channels;
        *sum += (double)of[c];
        *product += (double)of[channels + c];
    }
    *product -= (mean - (double)(float)mean) * *sum;
}

static void gradient_set(float *gradient, bool add, size_t c, double value)
{
    if (gradient)
        gradient[c] = (float)((add ? (double)gradient[c] : 0) + value);
}

/* Of a channel, with k = weight * inverse and moments of its own:
 *     dx = k * (dy - mean of dy - (x - mean) * inverse^2 * mean of dy * (x - mean))                               */
void hwv_batch_norm_map_backward(const hwv_batch_norm *norm, const float *sums, const hwv_batch_norm_moments *moments,
                                 bool constant, const hwv_batch_norm_gradients *gradients, hwv_batch_norm_floats to)
{
    const double rows = (double)norm->rows;
    for (size_t c = 0; c < norm->channels; c++) {
        double mean = moments[c].mean, inverse = moments[c].inverse, k = (double)norm->weight[c] * inverse;
        double sum = 0, product = 0;
        if (sums)
            sums_combine(norm, sums, c, mean, &sum, &product);
        gradient_set(gradients->weight, gradients->add_weight, c, product * inverse);
        gradient_set(gradients->bias, gradients->add_bias, c, sum);
        to.slope[c] = (float)k;
        map_set(to, c, mean, constant ? 0 : -k * inverse * inverse * product / rows, constant ? 0 : -k * sum / rows);
    }
}

void hwv_batch_norm_backward(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x, const float *dy,
                             const hwv_batch_norm_moments *moments, bool constant,
                             const hwv_batch_norm_gradients *gradients, void *workspace)
{
    job j = job_make(norm, x, dy, gradients->x, workspace);
    bool summed = !constant || gradients->weight || gradients->bias;
    for (size_t c = 0; c < norm->channels; c++)
        j.map.center[c] = (float)moments[c].mean;
    if (summed)
        job_run(&j, executor, sums_block);
    hwv_batch_norm_map_backward(norm, summed ? j.sums : NULL, moments, constant, gradients, j.map);
    if (gradients->x == NULL)
        return;
    if (constant) { /* dx = k * dy */
        memcpy(j.map.scale, j.map.slope, norm->channels * sizeof(float));
        memset(j.map.center, 0, norm->channels * sizeof(float));
        memset(j.map.offset, 0, norm->channels * sizeof(float));
        j.x = dy;
        j.dy = NULL;
    }
    map_run(&j, executor);
}
