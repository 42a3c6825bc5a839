/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Rows cut into blocks, in parallel where that pays. */
#ifndef HWV_LINALG_BLOCKS_H
#define HWV_LINALG_BLOCKS_H

#include <stddef.h>

#include "halfwave/pool.h"

typedef void hwv_rows_function(const void *context, size_t first, size_t rows);

/* function(context, first, rows) for every block of `block` rows, the last of which may be shorter; in parallel unless
 * there are only a few. What is computed of a block may be kept under its number, first / block. */
void hwv_blocks_run(const hwv_executor *executor, size_t rows, size_t block, hwv_rows_function *function,
                    const void *context);

static inline size_t hwv_block_count(size_t rows, size_t block)
{
    return rows / block + (rows % block != 0);
}

/* Rows of a block of a sum over rows of `cols` elements (1 or more): 256 KiB an array, so that small sums have one block,
 * and 32 rows or more. */
static inline size_t hwv_sum_block(size_t cols)
{
    const size_t rows = 65536 / cols / 32 * 32;
    return rows < 32 ? 32 : rows;
}

/* function(context, first, rows) over blocks of all rows of `cols` elements (1 or more); the blocks depend on rows and
 * cols alone, and nothing may depend on the blocks. Too little work for threads is one block, in the caller. */
void hwv_rows_run(const hwv_executor *executor, size_t rows, size_t cols, hwv_rows_function *function,
                  const void *context);

#endif
