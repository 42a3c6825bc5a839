/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Rows cut into blocks. */
#include "linalg/blocks.h"

/* Fewer blocks than these are not worth waking a thread for. */
#define FEW 4
/* Elements of a block: 64 KiB an array, a few microseconds of work beside the fraction of one that it
 * takes to hand it to another thread. */
#define BLOCK 16384

typedef struct blocks {
    hwv_rows_function *function;
    const void *context;
    size_t rows, block;
} blocks;

static void block_run(void *context, size_t task, size_t worker)
{
    const blocks *b = context;
    size_t first = task * b->block, left = b->rows - first;
    (void)worker;
    b->function(b->context, first, left < b->block ? left : b->block);
}

void hwv_blocks_run(const hwv_executor *executor, size_t rows, size_t block, hwv_rows_function *function,
                    const void *context)
{
    blocks b = {.function = function, .context = context, .rows = rows, .block = block};
    size_t count = hwv_block_count(rows, block);
    hwv_executor_run(count < FEW ? NULL : executor, count, block_run, &b);
}

void hwv_rows_run(const hwv_executor *executor, size_t rows, size_t cols, hwv_rows_function *function,
                  const void *context)
{
    size_t block = cols < BLOCK ? BLOCK / cols : 1;
    if (rows / FEW < block)
        function(context, 0, rows);
    else
        hwv_blocks_run(executor, rows, block, function, context);
}
