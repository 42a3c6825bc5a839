/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gradients of kind reduce: where more than dy and y decides, a fold first finds it for every element of y. */
#include "graph/functions.h"
#include "graph/node_reduce.h"

#include <math.h>

static bool needs_aid(int function)
{
    return function == HWV_REDUCTION_MAX || function == HWV_REDUCTION_MIN || function == HWV_REDUCTION_PROD ||
           function == HWV_REDUCTION_LOG_SUM;
}

static const float *x_of(const hwv_reduce_job *job, const size_t *at)
{
    return (const float *)job->record->input[0] + at[HWV_REDUCE_X];
}

/* ---- what is known of an element of y ---------------------------------------------------------------- */

static void count_step(const void *context, size_t n, const size_t *at, bool along, double *cells)
{
    const hwv_reduce_job *job = context;
    const float *x = x_of(job, at), zero = 0;
    const float *wanted =
        job->function == HWV_REDUCTION_PROD ? &zero : (const float *)job->record->output[0] + at[HWV_REDUCE_Y];
    const size_t step = job->function == HWV_REDUCTION_PROD ? 0 : !along;
    for (size_t i = 0; i < n; i++)
        cells[along ? 0 : i] += x[i] == wanted[i * step];
}

static void count_finish(const void *context, size_t first, size_t n, const double *cells)
{
    const hwv_reduce_job *job = context;
    for (size_t i = 0; i < n; i++)
        job->aid[first + i].count = cells[i];
}

static void number_step(const void *context, size_t n, const size_t *at, bool along, double *cells)
{
    const hwv_reduce_job *job = context;
    const float *x = x_of(job, at);
    const bool product = job->function == HWV_REDUCTION_PROD;
    for (size_t i = 0; i < n; i++) {
        double *cell = &cells[along ? 0 : i];
        if (product)
            *cell *= x[i] == 0 ? 1 : (double)x[i];
        else
            *cell += (double)x[i];
    }
}

static void number_finish(const void *context, size_t first, size_t n, const double *cells)
{
    const hwv_reduce_job *job = context;
    for (size_t i = 0; i < n; i++)
        job->aid[first + i].number = cells[i];
}

/* ---- gradients --------------------------------------------------------------------------------------- */

/* The product of the others. */
static double others(const hwv_reduce_aid *aid, double x)
{
    if (aid->count > 1 || (aid->count > 0 && x != 0))
        return 0;
    return x == 0 ? aid->number : aid->number / x;
}

/* dx of an element of x; y and aid are those of the element of y that it went into. */
static double gradient_of(const hwv_reduce_job *job, double dy, double x, double y, const hwv_reduce_aid *aid)
{
    switch (job->function) {
    case HWV_REDUCTION_SUM:
        return dy;
    case HWV_REDUCTION_MEAN:
        return dy / job->count;
    case HWV_REDUCTION_MAX:
    case HWV_REDUCTION_MIN:
        return x == y ? dy / aid->count : 0;
    case HWV_REDUCTION_PROD:
        return dy * others(aid, x);
    case HWV_REDUCTION_L1:
        return x > 0 ? dy : x < 0 ? -dy : 0;
    case HWV_REDUCTION_L2:
        return y == 0 ? 0 : dy * x / y;
    case HWV_REDUCTION_SUM_SQUARE:
        return dy * 2 * x;
    case HWV_REDUCTION_LOG_SUM:
        return dy / aid->number;
    default:
        return dy * exp(x - y);
    }
}

static void gradient_row(const void *context, size_t n, const size_t *at)
{
    static const hwv_reduce_aid no_aid = {0};
    const hwv_reduce_job *job = context;
    const hwv_record *record = job->record;
    const float *x = record->input[0] ? x_of(job, at) : NULL, *dy = record->output_gradient[0] + at[HWV_REDUCE_Y];
    const float *y = record->output[0] ? (const float *)record->output[0] + at[HWV_REDUCE_Y] : NULL;
    const hwv_reduce_aid *aid = job->aid ? job->aid + at[HWV_REDUCE_Y] : &no_aid;
    const size_t step = hwv_loops_inner(&job->loops, HWV_REDUCE_Y);
    float *dx = record->input_gradient[0] + at[HWV_REDUCE_X];
    for (size_t i = 0; i < n; i++) {
        const size_t k = i * step;
        dx[i] = (float)gradient_of(job, (double)dy[k], x ? (double)x[i] : 0, y ? (double)y[k] : 0,
                                   job->aid ? &aid[k] : aid);
    }
}

void hwv_node_reduce_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_reduce_job job = hwv_reduce_job_make(record, run);
    hwv_fold fold = {.loops = &job.loops, .target = HWV_REDUCE_Y, .context = &job};
    if (needs_aid(job.function)) {
        job.aid = run->workspace;
        if (job.function != HWV_REDUCTION_LOG_SUM) {
            fold.step = count_step;
            fold.finish = count_finish;
            hwv_fold_run(&fold, run->executor);
        }
        if (job.function == HWV_REDUCTION_PROD || job.function == HWV_REDUCTION_LOG_SUM) {
            fold.start = job.function == HWV_REDUCTION_PROD;
            fold.step = number_step;
            fold.finish = number_finish;
            hwv_fold_run(&fold, run->executor);
        }
    }
    hwv_loops_run(&job.loops, run->executor, gradient_row, &job);
}
