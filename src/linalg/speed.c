/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Peak of multiply-adds and bandwidth of copies, on all workers at once. */
#include "linalg/speed.h"

#include <string.h>

#include "base/built.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"

#define ROUNDS     5
#define PEAK_STEPS ((size_t)20000)
/* A task's share: beyond a second-level cache for one worker already. */
#define TASK_BYTES ((size_t)2 << 20)
#define TASKS      ((size_t)8)

#define DECLARE(name) extern hwv_peak_function hwv_peak_##name;
HWV_BUILT_LIST(DECLARE)

hwv_peak_function *hwv_peak_of(hwv_isa isa)
{
#define ENTRY(name) [HWV_ISA_##name] = hwv_peak_##name,
    static hwv_peak_function *const functions[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)};
    return functions[isa];
}

typedef struct work {
    double done[TASKS];
    hwv_peak_function *peak;
    unsigned char *from, *to;
} work;

static void peak_task(void *context, size_t task, size_t worker)
{
    work *w = context;
    (void)worker;
    w->done[task] = w->peak(PEAK_STEPS);
}

static void copy_task(void *context, size_t task, size_t worker)
{
    work *w = context;
    (void)worker;
    memcpy(w->to + task * TASK_BYTES, w->from + task * TASK_BYTES, TASK_BYTES);
}

static double least_seconds(const hwv_executor *executor, hwv_task *task, work *w)
{
    double least = 0;
    for (size_t round = 0; round < ROUNDS; round++) {
        const double start = hwv_clock_seconds();
        hwv_executor_run(executor, TASKS, task, w);
        const double seconds = hwv_clock_seconds() - start;
        if (round == 0 || seconds < least)
            least = seconds;
    }
    return least > 1e-9 ? least : 1e-9;
}

hwv_status hwv_speed_measure(const hwv_executor *executor, hwv_speed *speed, hwv_error *error)
{
    work w = {.peak = hwv_peak_of(hwv_isa_current())};
    hwv_arena arena = {0};
    HWV_TRY(hwv_arena_init(&arena, 2 * TASKS * TASK_BYTES, error));
    w.from = hwv_arena_take(&arena, TASKS * TASK_BYTES);
    w.to = hwv_arena_take(&arena, TASKS * TASK_BYTES);
    memset(w.from, 1, TASKS * TASK_BYTES);
    double seconds = least_seconds(executor, peak_task, &w), done = 0;
    for (size_t t = 0; t < TASKS; t++)
        done += w.done[t];
    speed->flops = done / seconds;
    speed->bytes = 2.0 * (double)(TASKS * TASK_BYTES) / least_seconds(executor, copy_task, &w);
    hwv_arena_free(&arena);
    return HWV_OK;
}
