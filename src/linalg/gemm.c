/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products: what is packed, how the work is cut. Since an element of C is one chain over k whatever the
 * cut, all rules here concern speed only. */
#include "linalg/gemm.h"

#include <assert.h>
#include <stdint.h>

#include "halfwave/isa.h"
#include "halfwave/memory.h"
#include "linalg/dispatch.h"
#include "linalg/microkernel.h"

/* A block of B: 512 x 512 floats, 1 MB, is what a second-level cache holds. */
#define BLOCK_DEPTH   HWV_GEMM_SEEN_DEPTH
#define BLOCK_COLUMNS ((size_t)512)
/* Below this many multiply-adds a second thread costs more than it brings. */
#define THREADED ((size_t)1 << 20)
/* Tasks a block is cut into, about: enough to level out workers, few enough to cost nothing. */
#define TASKS ((size_t)32)

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t parts_of(size_t count, size_t each)
{
    return count / each + (count % each != 0);
}

/* Floats of one worker's copied strip. */
static size_t strip_floats(const hwv_gemm *g)
{
    return HWV_TILE_ROWS * (least(g->k, BLOCK_DEPTH) + HWV_STRIP_PAD);
}

static size_t panel_floats(const hwv_gemm *g)
{
    return parts_of(least(g->n, BLOCK_COLUMNS), HWV_PANEL) * HWV_PANEL * least(g->k, BLOCK_DEPTH);
}

size_t hwv_gemm_workspace(const hwv_gemm *g, size_t workers)
{
    size_t strips;
    if (!hwv_size_mul(workers > 0 ? workers : 1, strip_floats(g) * sizeof(float), &strips) ||
        !hwv_size_add(strips, panel_floats(g) * sizeof(float) + HWV_ALIGNMENT, &strips))
        return SIZE_MAX;
    return strips;
}

/* B is used in place where packing would not pay: read along its rows, and either few rows of C use it or
 * all of it stays in the first cache levels. */
static bool in_place(const hwv_gemm *g, size_t ldb)
{
    return !g->b_transposed && (g->m <= 64 || (g->n <= 128 && ldb <= 512));
}

/* A strip of A is copied where many panels use it and its rows would fall on the same cache sets, or, read
 * along i, every k would be another page or leave much of a cache line unused. */
static bool copies(const hwv_gemm *g, size_t lda, size_t rows)
{
    if (g->a_transposed)
        return lda >= (rows < 8 ? 256 : 1024) && g->n > 256;
    return lda % 256 == 0 && g->n > 256;
}

/* One block of C, shared by the tasks of a run. */
typedef struct job {
    const hwv_gemm_kernels *kernels;
    hwv_gemm_block block;
    size_t ldb;
    bool b_transposed;
    float *panels;  /* of the block, to be packed; NULL: they are there already */
    float *scratch; /* one strip per worker */
    size_t scratch_step;
    size_t row_tasks, column_tasks;
} job;

static void pack_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    (void)worker;
    size_t from = j->block.direct + task * HWV_PANEL;
    const float *b = j->block.b + (j->b_transposed ? from * j->ldb : from);
    j->kernels->pack(j->panels + task * j->block.panel_step, j->block.packed_tile.depth,
                     least(HWV_PANEL, j->block.columns - from), b, j->ldb, j->b_transposed);
}

/* Where part `part` of `parts` begins; they differ by one at most. */
static size_t part_start(size_t count, size_t parts, size_t part)
{
    size_t longer = count % parts;
    return part * (count / parts) + least(part, longer);
}

static void block_task(void *context, size_t task, size_t worker)
{
    const job *j = context;
    size_t row = task / j->column_tasks, column = task % j->column_tasks;
    size_t rows = j->kernels->rows, strips = parts_of(j->block.rows, rows);
    size_t panels = parts_of(j->block.columns, HWV_PANEL);
    j->kernels->block(&j->block, part_start(strips, j->row_tasks, row) * rows,
                      least(part_start(strips, j->row_tasks, row + 1) * rows, j->block.rows),
                      part_start(panels, j->column_tasks, column) * HWV_PANEL,
                      least(part_start(panels, j->column_tasks, column + 1) * HWV_PANEL, j->block.columns),
                      j->scratch + worker * j->scratch_step);
}

static void run_block(job *j, const hwv_executor *executor)
{
    size_t packed = j->panels ? parts_of(j->block.columns - j->block.direct, HWV_PANEL) : 0;
    if (!executor) {
        for (size_t p = 0; p < packed; p++)
            pack_task(j, p, 0);
        j->kernels->block(&j->block, 0, j->block.rows, 0, j->block.columns, j->scratch);
        return;
    }
    /* Cut by shape: rows first, columns where there are few rows, two panels at least. */
    j->row_tasks = least(parts_of(j->block.rows, j->kernels->rows), TASKS);
    j->column_tasks = least(TASKS / j->row_tasks, parts_of(j->block.columns, 2 * HWV_PANEL));
    if (packed > 0)
        hwv_executor_run(executor, packed, pack_task, j);
    hwv_executor_run(executor, j->row_tasks * j->column_tasks, block_task, j);
}

/* Not a struct copied from another: reading back wide what was just written in pieces stalls. */
static void set_tile(hwv_tile *tile, size_t depth, size_t a_stride, size_t b_stride, size_t c_stride, bool accumulate)
{
    tile->batch = 1;
    tile->a_batch = tile->b_batch = 0;
    tile->depth = depth;
    tile->a_stride = a_stride;
    tile->b_stride = b_stride;
    tile->c_stride = c_stride;
    tile->accumulate = accumulate;
}

static bool is_large(const hwv_gemm *g)
{
    size_t work;
    return !hwv_size_mul(g->m, g->n, &work) || !hwv_size_mul(work, g->k, &work) || work >= THREADED;
}

/* Where the panels of a block lie, in floats: column blocks one behind the other, in each its blocks of k. */
static size_t packed_offset(const hwv_gemm *g, size_t column, size_t columns, size_t k)
{
    return column * g->k + parts_of(columns, HWV_PANEL) * HWV_PANEL * k;
}

size_t hwv_gemm_packed_bytes(const hwv_gemm *g)
{
    size_t bytes;
    if (!hwv_size_mul(parts_of(g->n, HWV_PANEL), HWV_PANEL * sizeof(float), &bytes) ||
        !hwv_size_mul(bytes, g->k, &bytes))
        return SIZE_MAX;
    return bytes;
}

/* B as it is, or packed: the other is NULL. */
static void run_product(const hwv_gemm *g, const hwv_executor *executor, const float *a, size_t lda, const float *b,
                        size_t ldb, const float *all_panels, float *c, size_t ldc, const float *bias, void *workspace)
{
    if (g->m == 0 || g->n == 0)
        return;
    assert(!g->seen || !g->a_transposed);
    if (executor && (g->seen || !is_large(g) || hwv_executor_workers(executor) < 2))
        executor = NULL;
    /* Field by field: clearing the whole struct would cost more than the smallest products. */
    job j;
    j.kernels = hwv_linalg_kernels_of(hwv_isa_current())->gemm;
    j.ldb = ldb;
    j.b_transposed = g->b_transposed;
    float *space = (float *)(((uintptr_t)workspace + HWV_ALIGNMENT - 1) & ~(uintptr_t)(HWV_ALIGNMENT - 1));
    j.panels = all_panels ? NULL : space;
    j.scratch = space + panel_floats(g);
    j.scratch_step = strip_floats(g);

    hwv_gemm_block *block = &j.block;
    const size_t wide = HWV_TILE_VECTORS * j.kernels->lanes;
    const bool direct = !all_panels && in_place(g, ldb);
    block->a_transposed = g->a_transposed;
    block->a_copied = copies(g, lda, j.kernels->rows);
    block->a_stride = lda;
    block->rows = g->m;
    for (size_t column = 0; column < g->n; column += BLOCK_COLUMNS) {
        block->columns = least(BLOCK_COLUMNS, g->n - column);
        block->direct = 0;
        if (direct) /* the kernels read whole vectors: a rest is packed */
            block->direct = block->columns - (block->columns % j.kernels->lanes ? block->columns % wide : 0);
        block->c = c + column;
        size_t k = 0;
        do {
            const size_t depth = least(BLOCK_DEPTH, g->k - k);
            const size_t a_stride = !block->a_copied ? lda : g->a_transposed ? HWV_TILE_ROWS : depth + HWV_STRIP_PAD;
            const bool accumulate = g->accumulate || k > 0, last = k + depth == g->k;
            set_tile(&block->direct_tile, depth, a_stride, ldb, ldc, accumulate);
            set_tile(&block->packed_tile, depth, a_stride, HWV_PANEL, ldc, accumulate);
            block->a = a + (g->a_transposed ? k * lda : k);
            block->b = b ? b + (g->b_transposed ? column * ldb + k : k * ldb + column) : NULL;
            block->panels = all_panels ? all_panels + packed_offset(g, column, block->columns, k) : space;
            block->bias = bias && last ? bias + column : NULL;
            block->told = g->seen && column == 0 ? g : NULL;
            block->k = k;
            block->panel_step = depth * HWV_PANEL;
            run_block(&j, executor);
            k += depth;
        } while (k < g->k);
    }
}

void hwv_gemm_run_bias(const hwv_gemm *g, const hwv_executor *executor, const float *a, size_t lda, const float *b,
                       size_t ldb, float *c, size_t ldc, const float *bias, void *workspace)
{
    run_product(g, executor, a, lda, b, ldb, NULL, c, ldc, bias, workspace);
}

void hwv_gemm_run_packed(const hwv_gemm *g, const hwv_executor *executor, const float *a, size_t lda,
                         const float *packed, float *c, size_t ldc, const float *bias, void *workspace)
{
    run_product(g, executor, a, lda, NULL, 0, packed, c, ldc, bias, workspace);
}

void hwv_gemm_pack(const hwv_gemm *g, const hwv_executor *executor, const float *b, size_t ldb, float *packed)
{
    job j = {.kernels = hwv_linalg_kernels_of(hwv_isa_current())->gemm, .ldb = ldb, .b_transposed = g->b_transposed};
    for (size_t column = 0; column < g->n; column += BLOCK_COLUMNS)
        for (size_t k = 0; k < g->k; k += BLOCK_DEPTH) {
            const size_t depth = least(BLOCK_DEPTH, g->k - k);
            j.block.columns = least(BLOCK_COLUMNS, g->n - column);
            j.block.b = b + (g->b_transposed ? column * ldb + k : k * ldb + column);
            j.block.panel_step = depth * HWV_PANEL;
            j.block.packed_tile.depth = depth;
            j.panels = packed + packed_offset(g, column, j.block.columns, k);
            hwv_executor_run(executor, parts_of(j.block.columns, HWV_PANEL), pack_task, &j);
        }
}

void hwv_gemm_reference(const hwv_gemm *g, const double *a, size_t lda, const double *b, size_t ldb, double *c,
                        size_t ldc, const double *bias)
{
    for (size_t i = 0; i < g->m; i++) {
        for (size_t j = 0; j < g->n; j++) {
            double sum = g->accumulate ? c[i * ldc + j] : 0.0;
            for (size_t k = 0; k < g->k; k++)
                sum += (g->a_transposed ? a[k * lda + i] : a[i * lda + k]) *
                       (g->b_transposed ? b[j * ldb + k] : b[k * ldb + j]);
            c[i * ldc + j] = sum + (bias ? bias[j] : 0.0);
        }
    }
}
