/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm: blocks for the kernels of the set in use, and what is put together from them in double. */
#include "linalg/batch_norm.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "halfwave/memory.h"
#include "linalg/dispatch.h"

/* Rows of a block at most: few enough that sums in float around a centre from the block's first rows are accurate. If
 * those lie k deviations off the mean of the block, FIRST / rows of it do at least, so k^2 is at most rows / FIRST, and
 * squares around them lose no more than a factor of 1 + k^2. */
#define BLOCK_ROWS ((size_t)512)
#define FIRST      ((size_t)32)
/* Floats a channel: of a block (a centre and two sums), and of a map (centre, scale, offset, slope). */
#define SUMS 3
#define MAPS 4

static size_t block_rows(size_t channels)
{
    size_t rows = hwv_sum_block(channels);
    return rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
}

static size_t block_count(size_t rows, size_t channels)
{
    return hwv_block_count(rows, block_rows(channels));
}

size_t hwv_batch_norm_workspace(size_t rows, size_t channels)
{
    size_t floats, bytes;
    if (!hwv_size_mul(block_count(rows, channels), SUMS, &floats) || !hwv_size_add(floats, MAPS, &floats) ||
        !hwv_size_mul(floats, channels, &floats) || !hwv_size_mul(floats, sizeof(float), &bytes))
        return SIZE_MAX;
    return bytes;
}

/* One pass over all blocks. */
typedef struct job {
    const hwv_batch_norm *norm;
    const hwv_linalg_kernels *kernels;
    size_t block; /* rows */
    const float *x, *dy;
    float *to;
    float *center, *scale, *offset, *slope; /* of the channels */
    float *sums;                            /* of the blocks: centre, first and second sum */
    hwv_rows_function *finish;
    const void *context;
} job;

static job job_make(const hwv_batch_norm *norm, const float *x, const float *dy, float *to, void *workspace)
{
    size_t channels = norm->channels;
    float *floats = workspace;
    return (job){.norm = norm,
                 .kernels = hwv_linalg_kernels_of(hwv_isa_current()),
                 .block = block_rows(channels),
                 .x = x,
                 .dy = dy,
                 .to = to,
                 .center = floats,
                 .scale = floats + channels,
                 .offset = floats + 2 * channels,
                 .slope = floats + 3 * channels,
                 .sums = floats + MAPS * channels};
}

static void job_run(const job *j, const hwv_executor *executor, hwv_rows_function *function)
{
    hwv_blocks_run(executor, j->norm->rows, j->block, function, j);
}

/* ---- moments -------------------------------------------------------------------------------------- */

static void moments_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    size_t channels = j->norm->channels, few = rows < FIRST ? rows : FIRST;
    float *center = j->sums + first / j->block * SUMS * channels;
    const float *x = j->x + first * channels;
    j->kernels->rows->column_sum(few, channels, x, channels, false, center);
    for (size_t c = 0; c < channels; c++)
        center[c] /= (float)few;
    memset(center + channels, 0, 2 * channels * sizeof *center);
    j->kernels->batch_norm->moments(rows, channels, x, center, center + channels, center + 2 * channels);
}

/* The blocks' moments put together (Chan, Golub & LeVeque 1979): afterwards `inverse` is the sum of squared
 * deviations. */
static void moments_combine(const job *j, hwv_batch_norm_moments *moments)
{
    size_t channels = j->norm->channels;
    for (size_t first = 0; first < j->norm->rows; first += j->block) {
        size_t left = j->norm->rows - first;
        double rows = (double)(left < j->block ? left : j->block), all = (double)first + rows;
        double share = rows / all, weight = (double)first * share, each = 1 / rows;
        const float *center = j->sums + first / j->block * SUMS * channels, *sum = center + channels;
        const float *square = sum + channels;
        for (size_t c = 0; c < channels; c++) {
            double off = (double)sum[c] * each, squares = (double)square[c] - off * (double)sum[c];
            double mean = (double)center[c] + off, apart = first ? mean - moments[c].mean : 0;
            hwv_batch_norm_moments before = first ? moments[c] : (hwv_batch_norm_moments){mean, 0};
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

void hwv_batch_norm_measure(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x, float momentum,
                            float *running_mean, float *running_variance, hwv_batch_norm_moments *moments,
                            void *workspace)
{
    job j = job_make(norm, x, NULL, NULL, workspace);
    double rows = (double)norm->rows, share = (double)momentum;
    job_run(&j, executor, moments_block);
    moments_combine(&j, moments);
    for (size_t c = 0; c < norm->channels; c++) {
        double squares = moments[c].inverse, kept = 1 - share;
        running_mean[c] = (float)(kept * (double)running_mean[c] + share * moments[c].mean);
        if (norm->rows > 1)
            running_variance[c] = (float)(kept * (double)running_variance[c] + share * squares / (rows - 1));
        moments[c].inverse = inverse_of(norm, squares / rows);
    }
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

static void map_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    size_t at = first * j->norm->channels;
    const hwv_batch_norm_map map = {j->norm->channels, j->center, j->scale, j->offset, j->slope};
    j->kernels->batch_norm->map(rows, &map, j->x + at, j->dy ? j->dy + at : NULL, j->to + at);
    if (j->finish)
        j->finish(j->context, first, rows);
}

/* A channel's map, (x - mean) * scale + offset. The mean is rounded to a float, which x - center is exact with where
 * x is near, and what was rounded off goes into the offset. */
static void map_set(const job *j, size_t c, double mean, double scale, double offset)
{
    j->center[c] = (float)mean;
    j->scale[c] = (float)scale;
    j->offset[c] = (float)(offset - (mean - (double)j->center[c]) * scale);
}

static void forward_map_set(const job *j, size_t c, hwv_batch_norm_moments moments)
{
    map_set(j, c, moments.mean, (double)j->norm->weight[c] * moments.inverse, (double)j->norm->bias[c]);
}

void hwv_batch_norm_forward(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x,
                            const hwv_batch_norm_moments *moments, float *y, hwv_rows_function *finish,
                            const void *context, void *workspace)
{
    job j = job_make(norm, x, NULL, y, workspace);
    j.finish = finish;
    j.context = context;
    for (size_t c = 0; c < norm->channels; c++)
        forward_map_set(&j, c, moments[c]);
    job_run(&j, executor, map_block);
}

hwv_column_map hwv_batch_norm_running_map(const hwv_batch_norm *norm, const float *running_mean,
                                          const float *running_variance, float *floats)
{
    const job j = {
        .norm = norm, .center = floats, .scale = floats + norm->channels, .offset = floats + 2 * norm->channels};
    for (size_t c = 0; c < norm->channels; c++)
        forward_map_set(&j, c, recalled(norm, running_mean, running_variance, c));
    return (hwv_column_map){j.center, j.scale, j.offset};
}

/* ---- backward ------------------------------------------------------------------------------------- */

static void sums_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    size_t channels = j->norm->channels, at = first * channels;
    float *sum = j->sums + first / j->block * SUMS * channels;
    memset(sum, 0, 2 * channels * sizeof *sum);
    j->kernels->batch_norm->sums(rows, channels, j->x + at, j->dy + at, j->center, sum, sum + channels);
}

/* Sums over all blocks of dy, and of dy * (x - mean). */
static void sums_combine(const job *j, size_t c, double mean, double *sum, double *product)
{
    size_t channels = j->norm->channels, blocks = block_count(j->norm->rows, channels);
    *sum = *product = 0;
    for (size_t b = 0; b < blocks; b++) {
        const float *of = j->sums + b * SUMS * channels;
        *sum += (double)of[c];
        *product += (double)of[channels + c];
    }
    *product -= (mean - (double)j->center[c]) * *sum;
}

static void gradient_set(float *gradient, bool add, size_t c, double value)
{
    if (gradient)
        gradient[c] = (float)((add ? (double)gradient[c] : 0) + value);
}

/* Of a channel, with k = weight * inverse and moments of its own:
 *     dx = k * (dy - mean of dy - (x - mean) * inverse^2 * mean of dy * (x - mean))                               */
void hwv_batch_norm_backward(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x, const float *dy,
                             const hwv_batch_norm_moments *moments, bool constant,
                             const hwv_batch_norm_gradients *gradients, void *workspace)
{
    job j = job_make(norm, x, dy, gradients->x, workspace);
    double rows = (double)norm->rows;
    bool summed = !constant || gradients->weight || gradients->bias;
    for (size_t c = 0; c < norm->channels; c++)
        j.center[c] = (float)moments[c].mean;
    if (summed)
        job_run(&j, executor, sums_block);
    for (size_t c = 0; c < norm->channels; c++) {
        double mean = moments[c].mean, inverse = moments[c].inverse, k = (double)norm->weight[c] * inverse;
        double sum = 0, product = 0;
        if (summed)
            sums_combine(&j, c, mean, &sum, &product);
        gradient_set(gradients->weight, gradients->add_weight, c, product * inverse);
        gradient_set(gradients->bias, gradients->add_bias, c, sum);
        j.slope[c] = (float)k;
        map_set(&j, c, mean, -k * inverse * inverse * product / rows, -k * sum / rows);
    }
    if (gradients->x == NULL)
        return;
    if (constant) { /* dx = k * dy */
        memcpy(j.scale, j.slope, norm->channels * sizeof(float));
        memset(j.center, 0, norm->channels * sizeof(float));
        memset(j.offset, 0, norm->channels * sizeof(float));
        j.x = dy;
        j.dy = NULL;
    }
    job_run(&j, executor, map_block);
}
