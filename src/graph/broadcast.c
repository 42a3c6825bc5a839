/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Broadcasting: shapes, loops, folds. */
#include "graph/broadcast.h"

#include <string.h>

#include "linalg/blocks.h"

bool hwv_broadcast(const hwv_shape *const *shapes, size_t count, hwv_shape *result)
{
    *result = (hwv_shape){0};
    for (size_t s = 0; s < count; s++)
        if (shapes[s]->rank > result->rank)
            result->rank = shapes[s]->rank;
    for (size_t d = 0; d < result->rank; d++)
        result->dim[d] = 1;
    for (size_t s = 0; s < count; s++)
        for (size_t d = 0, behind = result->rank - shapes[s]->rank; d < shapes[s]->rank; d++) {
            size_t *to = &result->dim[behind + d], from = shapes[s]->dim[d];
            if (from == 1)
                continue;
            if ((*to != 1 && *to != from) || (from == HWV_BATCH && behind + d > 0))
                return false;
            *to = from;
        }
    return true;
}

/* ---- loops ------------------------------------------------------------------------------------------ */

/* The step of an array along dimension d of the space; 0 where it is repeated. */
static size_t step_of(const hwv_shape *space, const hwv_shape *shape, size_t d)
{
    const size_t behind = space->rank - shape->rank;
    size_t step = 1;
    if (d < behind || (shape->dim[d - behind] == 1 && space->dim[d] != 1))
        return 0;
    for (size_t i = d - behind + 1; i < shape->rank; i++)
        step *= shape->dim[i];
    return step;
}

/* Whether a dimension with these steps goes on where the last one of the loops ends. */
static bool goes_on(const hwv_loops *loops, size_t dim, const size_t *step)
{
    for (size_t o = 0; o < loops->operands; o++)
        if (loops->step[o][loops->rank - 1] != step[o] * dim)
            return false;
    return true;
}

hwv_loops hwv_loops_make(const hwv_shape *space, const hwv_shape *const *shapes, size_t count)
{
    hwv_loops loops = {.operands = count};
    for (size_t d = 0; d < space->rank; d++) {
        size_t step[HWV_OPERANDS] = {0};
        if (space->dim[d] == 1)
            continue;
        for (size_t o = 0; o < count; o++)
            step[o] = step_of(space, shapes[o], d);
        if (loops.rank > 0 && goes_on(&loops, space->dim[d], step))
            loops.dim[loops.rank - 1] *= space->dim[d];
        else
            loops.dim[loops.rank++] = space->dim[d];
        for (size_t o = 0; o < count; o++)
            loops.step[o][loops.rank - 1] = step[o];
    }
    if (loops.rank == 0) {
        loops.rank = loops.dim[0] = 1;
        for (size_t o = 0; o < count; o++)
            loops.step[o][0] = 1;
    }
    return loops;
}

/* Dimensions to be walked through, a selection of the loops' or all but the innermost. */
typedef struct walk {
    size_t rank, operands, count; /* of places */
    size_t dim[HWV_MAX_RANK], step[HWV_OPERANDS][HWV_MAX_RANK];
} walk;

/* The dimensions below `rank` that the target has (kept) or that are folded away; all for a target of HWV_OPERANDS. */
static walk walk_make(const hwv_loops *loops, size_t rank, size_t target, bool kept)
{
    walk w = {.operands = loops->operands, .count = 1};
    for (size_t d = 0; d < rank; d++) {
        if (target < HWV_OPERANDS && (loops->step[target][d] != 0) != kept)
            continue;
        w.dim[w.rank] = loops->dim[d];
        w.count *= loops->dim[d];
        for (size_t o = 0; o < loops->operands; o++)
            w.step[o][w.rank] = loops->step[o][d];
        w.rank++;
    }
    return w;
}

/* Where one stands: the index in each dimension, and the element of each operand. */
typedef struct place {
    size_t index[HWV_MAX_RANK], at[HWV_OPERANDS];
} place;

static place place_of(const walk *w, size_t number, const size_t *from)
{
    place p = {0};
    for (size_t o = 0; from && o < w->operands; o++)
        p.at[o] = from[o];
    for (size_t d = w->rank; d-- > 0; number /= w->dim[d]) {
        p.index[d] = number % w->dim[d];
        for (size_t o = 0; o < w->operands; o++)
            p.at[o] += p.index[d] * w->step[o][d];
    }
    return p;
}

static void place_next(const walk *w, place *p)
{
    for (size_t d = w->rank; d-- > 0;) {
        for (size_t o = 0; o < w->operands; o++)
            p->at[o] += w->step[o][d];
        if (++p->index[d] < w->dim[d])
            return;
        for (size_t o = 0; o < w->operands; o++)
            p->at[o] -= w->dim[d] * w->step[o][d];
        p->index[d] = 0;
    }
}

typedef struct rows_job {
    const hwv_loops *loops;
    walk outer;
    hwv_loop_function *function;
    const void *context;
} rows_job;

static void rows_block(const void *context, size_t first, size_t rows)
{
    const rows_job *job = context;
    place p = place_of(&job->outer, first, NULL);
    for (size_t r = 0; r < rows; r++, place_next(&job->outer, &p))
        job->function(job->context, job->loops->dim[job->loops->rank - 1], p.at);
}

static void elements_block(const void *context, size_t first, size_t n)
{
    const rows_job *job = context;
    size_t at[HWV_OPERANDS] = {0};
    for (size_t o = 0; o < job->loops->operands; o++)
        at[o] = first * job->loops->step[o][0];
    job->function(job->context, n, at);
}

void hwv_loops_run(const hwv_loops *loops, const hwv_executor *executor, hwv_loop_function *function,
                   const void *context)
{
    rows_job job = {.loops = loops,
                    .outer = walk_make(loops, loops->rank - 1, HWV_OPERANDS, true),
                    .function = function,
                    .context = context};
    if (loops->rank == 1)
        hwv_rows_run(executor, loops->dim[0], 1, elements_block, &job);
    else
        hwv_rows_run(executor, job.outer.count, loops->dim[loops->rank - 1], rows_block, &job);
}

/* ---- folds ------------------------------------------------------------------------------------------ */

typedef struct fold_job {
    const hwv_fold *fold;
    walk kept, folded; /* kept: without the innermost dimension; folded: too, if that is folded */
    size_t inner;      /* elements of the innermost dimension */
    size_t chunks;     /* pieces of it, where it is kept */
} fold_job;

/* The innermost dimension is folded: one cell an element of the target. */
static void along_block(const void *context, size_t first, size_t count)
{
    const fold_job *job = context;
    const hwv_fold *fold = job->fold;
    place to = place_of(&job->kept, first, NULL);
    for (size_t k = 0; k < count; k++, place_next(&job->kept, &to)) {
        double cell = fold->start;
        place from = place_of(&job->folded, 0, to.at);
        for (size_t i = 0; i < job->folded.count; i++, place_next(&job->folded, &from))
            fold->step(fold->context, job->inner, from.at, true, &cell);
        fold->finish(fold->context, to.at[fold->target], 1, &cell);
    }
}

/* It is kept: a piece of it at a time. */
static void across_block(const void *context, size_t first, size_t count)
{
    const fold_job *job = context;
    const hwv_fold *fold = job->fold;
    double cells[HWV_FOLD_CELLS];
    for (size_t k = first; k < first + count; k++) {
        size_t start = k % job->chunks * HWV_FOLD_CELLS;
        size_t n = job->inner - start < HWV_FOLD_CELLS ? job->inner - start : HWV_FOLD_CELLS;
        place to = place_of(&job->kept, k / job->chunks, NULL);
        for (size_t o = 0; o < fold->loops->operands; o++)
            to.at[o] += start * hwv_loops_inner(fold->loops, o);
        for (size_t i = 0; i < n; i++)
            cells[i] = fold->start;
        place from = place_of(&job->folded, 0, to.at);
        for (size_t i = 0; i < job->folded.count; i++, place_next(&job->folded, &from))
            fold->step(fold->context, n, from.at, false, cells);
        fold->finish(fold->context, to.at[fold->target], n, cells);
    }
}

void hwv_fold_run(const hwv_fold *fold, const hwv_executor *executor)
{
    const hwv_loops *loops = fold->loops;
    const size_t last = loops->rank - 1, inner = loops->dim[last];
    fold_job job = {.fold = fold,
                    .kept = walk_make(loops, last, fold->target, true),
                    .folded = walk_make(loops, last, fold->target, false),
                    .inner = inner,
                    .chunks = hwv_block_count(inner, HWV_FOLD_CELLS)};
    if (loops->step[fold->target][last] == 0)
        hwv_rows_run(executor, job.kept.count, job.folded.count * inner, along_block, &job);
    else
        hwv_rows_run(executor, job.kept.count * job.chunks,
                     job.folded.count * (inner < HWV_FOLD_CELLS ? inner : HWV_FOLD_CELLS), across_block, &job);
}

double hwv_fold_sum(double cell, size_t n, const float *x)
{
    double part[8] = {0};
    size_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (size_t j = 0; j < 8; j++)
            part[j] += (double)x[i + j];
    for (; i < n; i++)
        part[i % 8] += (double)x[i];
    return cell + (((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7])));
}

typedef struct terms_job {
    const hwv_loops *loops;
    size_t target;
    hwv_terms_function *terms;
    const void *context;
    float *out;
} terms_job;

static void terms_step(const void *context, size_t n, const size_t at[HWV_OPERANDS], bool along, double *cells)
{
    const terms_job *job = context;
    float terms[HWV_FOLD_CELLS];
    size_t from[HWV_OPERANDS] = {0};
    memcpy(from, at, sizeof from);
    if (!along) {
        job->terms(job->context, n, from, terms);
        for (size_t i = 0; i < n; i++)
            cells[i] += (double)terms[i];
        return;
    }
    for (size_t done = 0; done < n; done += HWV_FOLD_CELLS) {
        size_t part = n - done < HWV_FOLD_CELLS ? n - done : HWV_FOLD_CELLS;
        job->terms(job->context, part, from, terms);
        *cells = hwv_fold_sum(*cells, part, terms);
        for (size_t o = 0; o < job->loops->operands; o++)
            from[o] += part * hwv_loops_inner(job->loops, o);
    }
}

static void terms_finish(const void *context, size_t first, size_t n, const double *cells)
{
    const terms_job *job = context;
    for (size_t i = 0; i < n; i++)
        job->out[first + i] = (float)cells[i];
}

static void terms_direct(const void *context, size_t n, const size_t at[HWV_OPERANDS])
{
    const terms_job *job = context;
    job->terms(job->context, n, at, job->out + at[job->target]);
}

void hwv_terms_sum(const hwv_loops *loops, size_t target, const hwv_executor *executor, hwv_terms_function *terms,
                   const void *context, float *out)
{
    terms_job job = {.loops = loops, .target = target, .terms = terms, .context = context, .out = out};
    hwv_fold fold = {.loops = loops, .target = target, .step = terms_step, .finish = terms_finish, .context = &job};
    bool repeated = false;
    for (size_t d = 0; d < loops->rank; d++)
        repeated |= loops->step[target][d] == 0;
    if (repeated)
        hwv_fold_run(&fold, executor);
    else
        hwv_loops_run(loops, executor, terms_direct, &job);
}

/* ---- references ------------------------------------------------------------------------------------- */

hwv_shape hwv_reference_space(const hwv_reference *reference, size_t *elements)
{
    hwv_shape space = {0};
    *elements = 1;
    for (size_t i = 0; i < reference->node->input_count; i++)
        if (reference->shape[i]->rank > space.rank)
            space.rank = reference->shape[i]->rank;
    for (size_t behind = 1; behind <= space.rank; behind++) {
        size_t largest = 1;
        for (size_t i = 0; i < reference->node->input_count; i++) {
            const hwv_shape *shape = reference->shape[i];
            if (shape->rank >= behind && shape->dim[shape->rank - behind] > largest)
                largest = shape->dim[shape->rank - behind];
        }
        space.dim[space.rank - behind] = largest;
        *elements *= largest;
    }
    return space;
}

double hwv_reference_at(const hwv_reference *reference, const hwv_shape *space, size_t at, size_t i)
{
    const hwv_shape *shape = reference->shape[i];
    size_t element = 0, stride = 1;
    for (size_t behind = 1; behind <= shape->rank; behind++) {
        size_t dim = shape->dim[shape->rank - behind];
        element += at % space->dim[space->rank - behind] % dim * stride;
        at /= space->dim[space->rank - behind];
        stride *= dim;
    }
    return reference->input[i][element];
}
