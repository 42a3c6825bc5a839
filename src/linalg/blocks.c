/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Rows cut into blocks. */
#include "linalg/blocks.h"

/* Elements of a block: 64 KiB an array, a few microseconds of work beside the fraction of one that it
 * takes to hand it to another thread. */
#define BLOCK 16384

typedef struct rows_task {
    hwv_rows_function *function;
    const void *context;
    size_t rows, block;
} rows_task;

static void rows_task_run(void *context, size_t task, size_t worker)
{
    const rows_task *tasks = context;
    size_t first = task * tasks->block, left = tasks->rows - first;
    (void)worker;
    tasks->function(tasks->context, first, left < tasks->block ? left : tasks->block);
}

void hwv_rows_run(const hwv_executor *executor, size_t rows, size_t cols, hwv_rows_function *function,
                  const void *context)
{
    size_t block = cols < BLOCK ? BLOCK / cols : 1;
    if (rows / 4 < block) {
        function(context, 0, rows);
        return;
    }
    rows_task tasks = {.function = function, .context = context, .rows = rows, .block = block};
    hwv_executor_run(executor, rows / block + (rows % block != 0), rows_task_run, &tasks);
}
