/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Attention: heads, and where they are few blocks of queries or keys, for the kernels of the set in use. */
#include "linalg/attention.h"

#include <math.h>
#include <stdint.h>

#include "halfwave/memory.h"
#include "linalg/blocks.h"
#include "linalg/dispatch.h"

/* Below these operations a thread is not worth waking. */
#define FEW_FLOPS 200000.0

/* Floats of a worker: copies of a block of keys and values and of the queries, of which a backward run has a panel four
 * times, and two blocks of scores. */
static size_t scratch_floats(const hwv_attention *a)
{
    const size_t wide = (a->width / a->heads + 15) / 16 * 16, fixed = 2 * HWV_ATTENTION_KEYS * HWV_PANEL;
    size_t floats;
    if (!hwv_size_mul(wide, 2 * HWV_ATTENTION_KEYS + HWV_ATTENTION_QUERIES, &floats) || floats > SIZE_MAX - fixed)
        return SIZE_MAX;
    return floats + fixed;
}

size_t hwv_attention_workspace(const hwv_attention *attention, size_t workers)
{
    size_t bytes;
    if (!hwv_size_mul(scratch_floats(attention), sizeof(float), &bytes) ||
        !hwv_size_mul(bytes, workers > 0 ? workers : 1, &bytes) || bytes > SIZE_MAX - HWV_ALIGNMENT)
        return SIZE_MAX;
    return bytes + HWV_ALIGNMENT;
}

/* Of one product over all scores. */
static double product_flops(const hwv_attention *a)
{
    const double length = (double)a->length;
    return 2 * (double)a->samples * (double)a->width * (a->causal ? length * (length + 1) / 2 : length * length);
}

double hwv_attention_forward_flops(const hwv_attention *attention)
{
    return 2 * product_flops(attention);
}

double hwv_attention_backward_flops(const hwv_attention *attention)
{
    return 5 * product_flops(attention);
}

typedef struct job {
    const hwv_attention *attention;
    const hwv_attention_kernels *kernels;
    const float *qkv, *dy;
    float *y, *lse, *dqkv, *scratch;
    size_t floats;      /* of a worker's scratch */
    size_t part, parts; /* rows of a task, and how many tasks a head is */
    bool queries, keys; /* backward: which gradients */
} job;

static job job_make(const hwv_attention *attention, void *workspace)
{
    const uintptr_t at = ((uintptr_t)workspace + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1);
    return (job){.attention = attention,
                 .kernels = hwv_linalg_kernels_of(hwv_isa_current())->attention,
                 .scratch = (float *)at,
                 .floats = scratch_floats(attention)};
}

static hwv_attention_head head_at(const job *j, size_t sample, size_t head)
{
    const hwv_attention *a = j->attention;
    const size_t size = a->width / a->heads, row = sample * a->length;
    const size_t in = row * 3 * a->width + head * size, out = row * a->width + head * size;
    hwv_attention_head h = {.length = a->length,
                            .size = size,
                            .stride = 3 * a->width,
                            .y_stride = a->width,
                            .scale = (float)(1 / sqrt((double)size)),
                            .causal = a->causal,
                            .q = j->qkv + in,
                            .k = j->qkv + in + a->width,
                            .v = j->qkv + in + 2 * a->width,
                            .y = j->y + out,
                            .lse = j->lse ? j->lse + (sample * a->heads + head) * a->length : NULL};
    if (j->dy)
        h.dy = j->dy + out;
    if (j->queries)
        h.dq = j->dqkv + in;
    if (j->keys) {
        h.dk = j->dqkv + in + a->width;
        h.dv = j->dqkv + in + 2 * a->width;
    }
    return h;
}

static void task_run(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const size_t at = task / j->parts, first = task % j->parts * j->part, left = j->attention->length - first;
    const size_t rows = left < j->part ? left : j->part;
    const hwv_attention_head h = head_at(j, at / j->attention->heads, at % j->attention->heads);
    float *scratch = j->scratch + worker * j->floats;
    if (!j->queries && !j->keys)
        j->kernels->forward(&h, first, rows, scratch);
    else if (j->queries)
        j->kernels->backward(&h, first, rows, 0, h.length, scratch);
    else
        j->kernels->backward(&h, 0, h.length, first, rows, scratch);
}

static void tasks_run(job *j, const hwv_executor *executor, size_t part, double flops)
{
    const hwv_attention *a = j->attention;
    j->part = part;
    j->parts = hwv_block_count(a->length, part);
    hwv_executor_run(flops < FEW_FLOPS ? NULL : executor, a->samples * a->heads * j->parts, task_run, j);
}

/* Whether there are too few heads for all workers. */
static bool is_few(const hwv_attention *a, const hwv_executor *executor)
{
    const size_t workers = hwv_executor_workers(executor);
    return workers > 1 && a->samples * a->heads < 2 * workers && a->length > HWV_ATTENTION_KEYS;
}

void hwv_attention_forward(const hwv_attention *attention, const hwv_executor *executor, const float *qkv, float *y,
                           float *lse, void *workspace)
{
    job j = job_make(attention, workspace);
    j.qkv = qkv;
    j.y = y;
    j.lse = lse;
    tasks_run(&j, executor, is_few(attention, executor) ? HWV_PANEL : HWV_ATTENTION_QUERIES,
              hwv_attention_forward_flops(attention));
}

/* A head is one task for all gradients, or, where heads are few, blocks of queries and then blocks of keys are, which
 * takes 7 products instead of 5 and gives the same bits. */
void hwv_attention_backward(const hwv_attention *attention, const hwv_executor *executor, const float *qkv,
                            const float *y, const float *lse, const float *dy, float *dqkv, void *workspace)
{
    const double flops = hwv_attention_backward_flops(attention);
    const bool few = is_few(attention, executor);
    job j = job_make(attention, workspace);
    j.qkv = qkv;
    j.y = (float *)y;
    j.lse = (float *)lse;
    j.dy = dy;
    j.dqkv = dqkv;
    j.queries = true;
    j.keys = !few;
    tasks_run(&j, executor, few ? HWV_PANEL : attention->length, flops);
    if (few) {
        j.queries = false;
        j.keys = true;
        tasks_run(&j, executor, HWV_ATTENTION_KEYS, flops);
    }
}
