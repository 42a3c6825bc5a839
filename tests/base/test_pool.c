/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The thread pool: each task exactly once, many small runs, idle helpers asleep, failure to create. */
#include "allocations.h"
#include "base/pool_private.h"
#include "halfwave/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define TASKS_MAX 1000

typedef struct tally {
    atomic_int seen[TASKS_MAX];
    atomic_size_t worker_limit;
    size_t plain[TASKS_MAX]; /* not atomic: written by whoever runs the task, read by the caller afterwards */
} tally;

static void count_task(void *context, size_t task, size_t worker)
{
    tally *all = context;
    atomic_fetch_add(&all->seen[task], 1);
    all->plain[task] = all->plain[task] * 3 + task;
    if (worker >= atomic_load(&all->worker_limit))
        atomic_store(&all->worker_limit, SIZE_MAX);
}

static void check_runs(const hwv_executor *executor, size_t workers, int runs)
{
    static tally all;
    static const size_t sizes[] = {0, 1, 2, 3, 7, 64, TASKS_MAX};
    assert_int_equal(hwv_executor_workers(executor), workers);
    memset(&all, 0, sizeof all);
    atomic_store(&all.worker_limit, workers);
    int wanted[TASKS_MAX] = {0};
    size_t plain[TASKS_MAX] = {0};
    for (int run = 0; run < runs; run++) {
        size_t tasks = sizes[(size_t)run % (sizeof sizes / sizeof sizes[0])];
        hwv_executor_run(executor, tasks, count_task, &all);
        for (size_t i = 0; i < tasks; i++) {
            wanted[i]++;
            plain[i] = plain[i] * 3 + i;
        }
    }
    for (size_t i = 0; i < TASKS_MAX; i++) {
        assert_int_equal(atomic_load(&all.seen[i]), wanted[i]);
        assert_int_equal(all.plain[i], plain[i]);
    }
    assert_int_equal(atomic_load(&all.worker_limit), workers);
}

static void test_each_task_once(void **state)
{
    (void)state;
    static const size_t threads[] = {1, 2, 3, 8};
    check_runs(NULL, 1, 70);
    for (size_t t = 0; t < sizeof threads / sizeof threads[0]; t++)
        for (int all = 0; all < 2; all++) {
            hwv_pool *pool;
            assert_int_equal(hwv_pool_create(&pool, threads[t], NULL), HWV_OK);
            if (all)
                hwv_pool_use_all_helpers(pool);
            check_runs(hwv_pool_executor(pool), threads[t], 700);
            hwv_pool_destroy(pool);
        }
}

enum { RANGES = 3, EACH = 4 };

typedef struct meeting {
    atomic_size_t there;
    size_t first[RANGES]; /* of each worker, one more than its task */
} meeting;

/* A worker's first task lasts until all have one. */
static void meet_task(void *context, size_t task, size_t worker)
{
    meeting *all = context;
    const double end = hwv_clock_seconds() + 10;
    if (all->first[worker] > 0)
        return;
    all->first[worker] = task + 1;
    atomic_fetch_add(&all->there, 1);
    while (atomic_load(&all->there) < RANGES && hwv_clock_seconds() < end)
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

/* Each begins with a range of its own, the same in every run: that is where its data are. A helper that looks for work
 * while a run begins may find another's first; that is rare. */
static void test_ranges(void **state)
{
    (void)state;
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, RANGES, NULL), HWV_OK);
    hwv_pool_use_all_helpers(pool);
    int own = 0;
    for (int run = 0; run < 20; run++) {
        meeting all = {0};
        bool each = true;
        hwv_executor_run(hwv_pool_executor(pool), RANGES * EACH, meet_task, &all);
        for (size_t w = 0; w < RANGES; w++)
            each = each && all.first[w] == w * EACH + 1;
        own += each;
    }
    assert_in_range(own, 16, 20);
    hwv_pool_destroy(pool);
}

/* Pauses of many lengths between runs, so that runs meet helpers that spin, fall asleep and sleep. */
static void test_runs_after_pauses(void **state)
{
    (void)state;
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    hwv_pool_use_all_helpers(pool);
    static tally all;
    atomic_store(&all.worker_limit, 3);
    for (int run = 0; run < 600; run++) {
        double end = hwv_clock_seconds() + 1e-6 * (run % 60);
        hwv_executor_run(hwv_pool_executor(pool), 5, count_task, &all);
        while (hwv_clock_seconds() < end) {
        }
    }
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(atomic_load(&all.seen[i]), 600);
    hwv_pool_destroy(pool);
}

static void slow_task(void *context, size_t task, size_t worker)
{
    (void)worker;
    struct timespec pause = {0, task == 0 ? 3000000 : 1000};
    nanosleep(&pause, NULL);
    atomic_fetch_add((atomic_size_t *)context, 1);
}

/* The caller runs out of tasks while a helper still sleeps in one. */
static void test_caller_waits_for_slow_helper(void **state)
{
    (void)state;
    hwv_pool *pool;
    atomic_size_t done;
    assert_int_equal(hwv_pool_create(&pool, 4, NULL), HWV_OK);
    hwv_pool_use_all_helpers(pool);
    for (size_t run = 0; run < 20; run++) {
        atomic_store(&done, 0);
        hwv_executor_run(hwv_pool_executor(pool), 6, slow_task, &done);
        assert_int_equal(atomic_load(&done), 6);
    }
    hwv_pool_destroy(pool);
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void test_idle_pool_sleeps(void **state)
{
    (void)state;
    hwv_pool *pool;
    static tally all;
    atomic_store(&all.worker_limit, 8);
    assert_int_equal(hwv_pool_create(&pool, 8, NULL), HWV_OK);
    hwv_pool_use_all_helpers(pool);
    hwv_executor_run(hwv_pool_executor(pool), 100, count_task, &all);
    struct timespec settle = {0, 50000000}, pause = {0, 200000000};
    nanosleep(&settle, NULL);
    double before = cpu_seconds();
    nanosleep(&pause, NULL);
    assert_true(cpu_seconds() - before < 0.02);
    hwv_pool_destroy(pool);
}

static void test_create_and_destroy(void **state)
{
    (void)state;
    size_t live = allocations_live();
    for (size_t i = 0; i < 100; i++) {
        hwv_pool *pool;
        assert_int_equal(hwv_pool_create(&pool, 1 + i % 5, NULL), HWV_OK);
        if (i % 3 == 0)
            check_runs(hwv_pool_executor(pool), 1 + i % 5, 7);
        hwv_pool_destroy(pool);
    }
    hwv_pool_destroy(NULL);
    assert_int_equal(allocations_live(), live);
}

/* A pool of 4 asks for memory once and for three threads. */
static void test_creation_failure(void **state)
{
    (void)state;
    size_t live = allocations_live();
    hwv_pool *pool;
    hwv_error error;
    for (size_t n = 1; n <= 4; n++) {
        allocations_fail_at(n);
        assert_int_equal(hwv_pool_create(&pool, 4, &error), HWV_ERR_MEMORY);
        assert_null(pool);
        assert_int_equal(error.status, HWV_ERR_MEMORY);
    }
    allocations_fail_at(5);
    assert_int_equal(hwv_pool_create(&pool, 4, &error), HWV_OK);
    allocations_fail_at(0);
    hwv_pool_destroy(pool);
    assert_int_equal(hwv_pool_create(&pool, SIZE_MAX, &error), HWV_ERR_ARGUMENT);
    assert_null(pool);
    assert_int_equal(allocations_live(), live);
}

static void test_default_is_one_per_cpu(void **state)
{
    (void)state;
    hwv_pool *pool;
    assert_true(hwv_cpu_count() >= 1);
    assert_int_equal(hwv_pool_create(&pool, 0, NULL), HWV_OK);
    assert_int_equal(hwv_executor_workers(hwv_pool_executor(pool)), hwv_cpu_count());
    hwv_pool_destroy(pool);
}

static void test_runs_allocate_nothing(void **state)
{
    (void)state;
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    size_t count = allocations_count();
    check_runs(hwv_pool_executor(pool), 3, 70);
    assert_int_equal(allocations_count(), count);
    hwv_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_task_once),        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_runs_after_pauses),     cmocka_unit_test(test_caller_waits_for_slow_helper),
        cmocka_unit_test(test_idle_pool_sleeps),      cmocka_unit_test(test_create_and_destroy),
        cmocka_unit_test(test_creation_failure),      cmocka_unit_test(test_default_is_one_per_cpu),
        cmocka_unit_test(test_runs_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
