/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products of one vector with a matrix, and what zeros of the vector save.
 *     y[j] = sum over i of x[rows[i]] w[rows[i],j], + 0 (+ bias[j])
 * The matrix has a row for each number of the vector. Each y is one chain of (fused) multiply-adds in the order of the
 * rows, starting from +0; +0 and the bias are added last. So a row whose x is 0 (of either sign) may be left out where its
 * weights are finite: the chain goes through the same values but for the sign of a zero, which the +0 makes equal. Results
 * depend on the operands alone, not on how columns were cut, on threads, alignment or strides. NaN and infinity of rows
 * that are given go through as in plain arithmetic. Nothing is allocated. */
#ifndef HWV_LINALG_GEMV_H
#define HWV_LINALG_GEMV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/pool.h"

/* Panels of columns, one behind the other, of `stride` elements a row. */
typedef struct hwv_gemv {
    size_t rows, cols; /* of w; 0 rows: sums of nothing */
    const float *w;
    size_t width;  /* columns of a panel, the last has fewer: 1 or more, and divides HWV_GEMV_WIDE */
    size_t stride; /* elements from one row of a panel to the next */
    size_t panel;  /* from one panel to the next */
} hwv_gemv;

#define HWV_GEMV_NARROW ((size_t)128)
#define HWV_GEMV_WIDE   ((size_t)1024)

/* A plain matrix, rows `stride` elements apart. */
hwv_gemv hwv_gemv_plain(size_t rows, size_t cols, const float *w, size_t stride);
/* For the transpose of weight [cols, rows]; w is to be set. Panels are narrow, which is best where all rows are read, or,
 * `listed` and with many columns, wide: best where some are. */
hwv_gemv hwv_gemv_turned(size_t rows, size_t cols, bool listed);
/* Floats that w has then; SIZE_MAX: too many. */
size_t hwv_gemv_floats(const hwv_gemv *gemv);
/* Fills them; to: as w will be. True: all numbers are finite. */
bool hwv_gemv_turn(const hwv_gemv *gemv, const float *weight, float *to);

/* rows: `count` numbers of rows, ascending, or NULL: the first `count` of all. y overlaps nothing; bias [cols] or NULL.
 * On the executor (NULL: the caller) where the whole matrix is large. */
void hwv_gemv_run(const hwv_gemv *gemv, const hwv_executor *executor, const float *x, const int32_t *rows, size_t count,
                  const float *bias, float *y);

/* The numbers of the elements of x[n], n below 2^31, that are not 0; a NaN is not. Room for n + HWV_GEMV_SPARE. */
#define HWV_GEMV_SPARE ((size_t)16)
size_t hwv_gemv_nonzero(size_t n, const float *x, int32_t *rows);

/* All rows, or, where an eighth of them or more can be left out, those whose x is not 0; the weights are finite. rows: room
 * for gemv->rows + HWV_GEMV_SPARE. Returns how many were read. */
size_t hwv_gemv_run_nonzero(const hwv_gemv *gemv, const hwv_executor *executor, const float *x, const float *bias,
                            int32_t *rows, float *y);

/* ---- for the kernels ------------------------------------------------------------------------------ */

typedef struct hwv_gemv_kernels {
    /* columns from `first` on, a multiple of HWV_GEMV_WIDE, whose bias and y these are */
    void (*run)(const hwv_gemv *gemv, const float *x, const int32_t *rows, size_t count, size_t first, size_t cols,
                const float *bias, float *y);
    size_t (*nonzero)(size_t n, const float *x, int32_t *rows);
    bool (*finite)(size_t n, const float *x);
} hwv_gemv_kernels;

#endif
