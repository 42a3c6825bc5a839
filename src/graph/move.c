/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Moves: rows along the innermost axis, and squares where the innermost axes of the two arrays differ. */
#include "graph/move.h"

#include <string.h>

#include "linalg/blocks.h"
#include "linalg/transpose.h"

void hwv_move_axis(hwv_move *move, size_t dim, ptrdiff_t to_step, ptrdiff_t from_step)
{
    const ptrdiff_t n = (ptrdiff_t)dim;
    if (dim == 1)
        return;
    if (move->rank > 0 && move->to_step[move->rank - 1] == n * to_step &&
        move->from_step[move->rank - 1] == n * from_step) {
        move->dim[move->rank - 1] *= dim;
    } else {
        move->dim[move->rank++] = dim;
    }
    move->to_step[move->rank - 1] = to_step;
    move->from_step[move->rank - 1] = from_step;
}

void hwv_shape_steps(const hwv_shape *shape, ptrdiff_t *step)
{
    ptrdiff_t next = 1;
    for (size_t i = shape->rank; i-- > 0;) {
        step[i] = next;
        next *= (ptrdiff_t)shape->dim[i];
    }
}

void hwv_shape_index(const hwv_shape *shape, size_t at, size_t *index)
{
    for (size_t i = shape->rank; i-- > 0;) {
        index[i] = at % shape->dim[i];
        at /= shape->dim[i];
    }
}

/* ---- the outer axes ------------------------------------------------------------------------------- */

typedef struct job {
    const hwv_move *move;
    size_t outer; /* axes that are walked through */
    size_t axis[HWV_MOVE_AXES];
    size_t across, strips; /* squares: the axis of `from` that is its innermost, in strips */
} job;

typedef struct place {
    size_t index[HWV_MOVE_AXES];
    ptrdiff_t to, from;
} place;

static size_t outer_count(const job *j)
{
    size_t count = 1;
    for (size_t i = 0; i < j->outer; i++)
        count *= j->move->dim[j->axis[i]];
    return count;
}

static place place_of(const job *j, size_t number)
{
    place p = {0};
    for (size_t i = j->outer; i-- > 0;) {
        const size_t a = j->axis[i];
        p.index[i] = number % j->move->dim[a];
        number /= j->move->dim[a];
        p.to += (ptrdiff_t)p.index[i] * j->move->to_step[a];
        p.from += (ptrdiff_t)p.index[i] * j->move->from_step[a];
    }
    return p;
}

static void place_next(const job *j, place *p)
{
    for (size_t i = j->outer; i-- > 0;) {
        const size_t a = j->axis[i];
        p->to += j->move->to_step[a];
        p->from += j->move->from_step[a];
        if (++p->index[i] < j->move->dim[a])
            return;
        p->to -= (ptrdiff_t)j->move->dim[a] * j->move->to_step[a];
        p->from -= (ptrdiff_t)j->move->dim[a] * j->move->from_step[a];
        p->index[i] = 0;
    }
}

/* ---- rows ----------------------------------------------------------------------------------------- */

static void row_add(float *to, ptrdiff_t to_step, const float *from, ptrdiff_t from_step, size_t n)
{
    if (to_step == 1 && from_step == 1)
        for (size_t i = 0; i < n; i++)
            to[i] += from[i];
    else
        for (size_t i = 0; i < n; i++, to += to_step, from += from_step)
            *to += *from;
}

static void row_move(const hwv_move *move, ptrdiff_t to_at, ptrdiff_t from_at, size_t n)
{
    const ptrdiff_t to_step = move->to_step[move->rank - 1], from_step = move->from_step[move->rank - 1];
    if (move->add) {
        row_add((float *)move->to + to_at, to_step, (const float *)move->from + from_at, from_step, n);
        return;
    }
    uint32_t *to = (uint32_t *)move->to + to_at;
    const uint32_t *from = (const uint32_t *)move->from + from_at;
    if (to_step == 1 && from_step == 1) {
        memcpy(to, from, n * sizeof *to);
    } else if (to_step == 1 && from_step == 0) {
        const uint32_t one = *from;
        for (size_t i = 0; i < n; i++)
            to[i] = one;
    } else {
        for (size_t i = 0; i < n; i++, to += to_step, from += from_step)
            *to = *from;
    }
}

static void rows_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    place p = place_of(j, first);
    for (size_t r = 0; r < rows; r++, place_next(j, &p))
        row_move(j->move, p.to, p.from, j->move->dim[j->move->rank - 1]);
}

/* One axis only: pieces of it. */
static void elements_block(const void *context, size_t first, size_t n)
{
    const hwv_move *move = context;
    row_move(move, (ptrdiff_t)first * move->to_step[0], (ptrdiff_t)first * move->from_step[0], n);
}

/* ---- squares -------------------------------------------------------------------------------------- */

/* Indices of the axis `across` in a strip: cache lines of `from` that are read whole. */
#define STRIP ((size_t)64)

static void squares_block(const void *context, size_t first, size_t count)
{
    const job *j = context;
    const hwv_move *move = j->move;
    const size_t last = move->rank - 1, dim = move->dim[j->across];
    for (size_t k = first; k < first + count; k++) {
        const size_t start = k % j->strips * STRIP, n = dim - start < STRIP ? dim - start : STRIP;
        const place p = place_of(j, k / j->strips);
        float *to = (float *)move->to + p.to + (ptrdiff_t)start * move->to_step[j->across];
        const float *from = (const float *)move->from + p.from + start;
        hwv_transpose(move->dim[last], n, from, (size_t)move->from_step[last], to, (size_t)move->to_step[j->across]);
    }
}

/* Whether axis a is the innermost of `from` and the last one of `to`, and both are long enough for squares. */
static bool turns(const hwv_move *move, size_t a)
{
    const size_t last = move->rank - 1;
    return a < last && !move->add && move->from_step[a] == 1 && move->to_step[a] > 0 && move->to_step[last] == 1 &&
           move->from_step[last] > 0 && move->dim[a] > 1 && move->dim[last] > 1;
}

void hwv_move_run(const hwv_move *given, const hwv_executor *executor)
{
    hwv_move move = *given;
    if (move.rank == 0) {
        move.rank = move.dim[0] = 1;
        move.to_step[0] = move.from_step[0] = 1;
    }
    job j = {.move = &move, .across = SIZE_MAX};
    for (size_t a = 0; a + 1 < move.rank; a++)
        if (turns(&move, a))
            j.across = a;
    for (size_t a = 0; a + 1 < move.rank; a++)
        if (a != j.across)
            j.axis[j.outer++] = a;
    const size_t n = move.dim[move.rank - 1];
    if (move.rank == 1) {
        hwv_rows_run(executor, n, 1, elements_block, &move);
    } else if (j.across != SIZE_MAX) {
        const size_t dim = move.dim[j.across];
        j.strips = hwv_block_count(dim, STRIP);
        hwv_rows_run(executor, outer_count(&j) * j.strips, n * (dim < STRIP ? dim : STRIP), squares_block, &j);
    } else {
        hwv_rows_run(executor, outer_count(&j), n, rows_block, &j);
    }
}
