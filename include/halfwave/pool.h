/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Threads. Everything that can run in parallel takes an hwv_executor: two functions, so that a host
 * program can put its own pool there. hwv_pool is ours: pthreads, hybrid waiting (spin briefly, then
 * sleep). Results never depend on the number of workers: callers cut work into tasks by the problem's
 * shape alone. */
#ifndef HALFWAVE_POOL_H
#define HALFWAVE_POOL_H

#include <stddef.h>

#include "halfwave/status.h"

HWV_BEGIN

/* ==== halfwave-threads: executors, and a pool of threads ==== */

/* One task of a run: task in [0, tasks), worker in [0, workers). */
typedef void hwv_task(void *context, size_t task, size_t worker);

typedef struct hwv_executor {
    void *self;
    /* Largest number of tasks that run at once, at least 1, constant for the executor's life. */
    size_t (*workers)(void *self);
    /* Runs task 0 .. tasks-1, each once, in any order, and returns when all are done. Not
     * reentrant: a task must not call run. */
    void (*run)(void *self, size_t tasks, hwv_task *task, void *context);
} hwv_executor;

typedef struct hwv_pool hwv_pool;

/* A pool of `threads` workers including the caller (0 = one per CPU this process may use).
 * HWV_ERR_MEMORY when threads cannot be made, HWV_ERR_ARGUMENT for more than 1024. More threads than
 * CPUs are allowed and only take part where a CPU is free. Caller frees with hwv_pool_destroy. */
HWV_API hwv_status hwv_pool_create(hwv_pool **pool, size_t threads, hwv_error *error);
HWV_API void hwv_pool_destroy(hwv_pool *pool);
/* The executor interface of a pool; valid as long as the pool. One thread at a time may run on it. */
HWV_API const hwv_executor *hwv_pool_executor(hwv_pool *pool);

/* Number of CPUs this process may use (at least 1). */
HWV_API size_t hwv_cpu_count(void);

/* Helpers that accept NULL for "in the caller, one worker". */
HWV_API size_t hwv_executor_workers(const hwv_executor *executor);
HWV_API void hwv_executor_run(const hwv_executor *executor, size_t tasks, hwv_task *task, void *context);

HWV_END

#endif
