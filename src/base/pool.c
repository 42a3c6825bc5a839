/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The thread pool.
 *
 * A run is cut into a range of tasks for each worker: what task t works on in one run lies in the cache of the core that
 * works on task t of the next one. Whoever is done with its own range takes from the others'. Whoever lowers a range's
 * `open` from k to k-1 (by compare-and-swap, so never below 0) owns task end-k: until that task is counted off in
 * `unfinished` the run cannot end, so its description cannot change. A helper that comes late therefore finds 0
 * everywhere and touches nothing, and the caller waits only for helpers that really took a task: with one CPU the caller
 * simply does everything itself. The pool's `open`, their sum, says that there is work: it changes after those of the
 * ranges, so it may for a moment be below 0.
 *
 * Waiting is hybrid: look for work for about 30 us, then sleep. The caller wakes sleepers, but never
 * more than keeps every CPU busy. `sleepers` counts helpers asleep and not yet called; it and `called`
 * change under the mutex only. Publishing `open` and reading `sleepers`, and raising `sleepers` and
 * reading `open`, are all sequentially consistent, so one side always sees the other. */
#include "base/pool_private.h"
#include "base/system.h"
#include "halfwave/clock.h"
#include "halfwave/memory.h"
#include "halfwave/pool.h"

#include <pthread.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define SPIN_SECONDS 30e-6
#define THREADS_MAX  ((size_t)1024)

/* The first is the caller, the others are helpers. */
typedef struct worker {
    alignas(64) atomic_size_t open; /* of its range */
    size_t end;                     /* constant while unfinished > 0 */
    hwv_pool *pool;
    size_t number;
    pthread_t thread;
} worker;

struct hwv_pool {
    /* Apart from each other: `open` and `unfinished` are written by all. */
    alignas(64) atomic_size_t open;
    alignas(64) atomic_size_t unfinished;
    alignas(64) atomic_size_t sleepers;
    atomic_bool caller_sleeps;
    atomic_bool stop;
    /* The run in progress; constant while unfinished > 0. */
    hwv_task *task;
    void *context;
    /* Constant, but for busy_limit: helpers worth having awake. */
    size_t helper_count;
    size_t busy_limit;
    hwv_executor executor;
    pthread_mutex_t mutex;
    pthread_cond_t work, done;
    size_t called; /* sleepers called and not yet awake */
    void *block;   /* the allocation that holds the pool */
    worker workers[];
};

static void pause_cpu(void)
{
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
    __asm__ volatile("pause");
#elif defined(__GNUC__) && defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

static bool is_zero(const atomic_size_t *value)
{
    return atomic_load_explicit(value, memory_order_acquire) == 0;
}

/* Waits up to the spinning time for (*value == 0) to become `wanted`; true when it did. */
static bool spin_until_zero(const atomic_size_t *value, bool wanted, const atomic_bool *stop)
{
    double end = hwv_clock_seconds() + SPIN_SECONDS;
    do {
        for (int i = 0; i < 32; i++) {
            if (is_zero(value) == wanted)
                return true;
            pause_cpu();
        }
        if (atomic_load_explicit(stop, memory_order_relaxed))
            return false;
    } while (hwv_clock_seconds() < end);
    return is_zero(value) == wanted;
}

static bool take(hwv_pool *pool, worker *range, size_t *task)
{
    size_t open = atomic_load_explicit(&range->open, memory_order_relaxed);
    do {
        if (open == 0)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&range->open, &open, open - 1, memory_order_acquire,
                                                    memory_order_relaxed));
    *task = range->end - open;
    atomic_fetch_sub_explicit(&pool->open, 1, memory_order_relaxed);
    return true;
}

/* Of its own range first. */
static bool take_any(hwv_pool *pool, size_t number, size_t *task)
{
    const size_t ranges = pool->helper_count + 1;
    for (size_t i = 0; i < ranges; i++)
        if (take(pool, &pool->workers[(number + i) % ranges], task))
            return true;
    return false;
}

/* Takes tasks until none is open, then counts them off. */
static void work(hwv_pool *pool, size_t number)
{
    size_t taken = 0, task;
    for (; take_any(pool, number, &task); taken++)
        pool->task(pool->context, task, number);
    /* The last one out calls a sleeping caller. */
    if (taken != 0 && atomic_fetch_sub(&pool->unfinished, taken) == taken && atomic_load(&pool->caller_sleeps)) {
        pthread_mutex_lock(&pool->mutex);
        pthread_cond_signal(&pool->done);
        pthread_mutex_unlock(&pool->mutex);
    }
}

static void sleep_until_called(hwv_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    atomic_fetch_add(&pool->sleepers, 1);
    if (atomic_load(&pool->open) != 0 || atomic_load(&pool->stop)) {
        atomic_fetch_sub(&pool->sleepers, 1);
    } else {
        while (pool->called == 0)
            pthread_cond_wait(&pool->work, &pool->mutex);
        pool->called--;
    }
    pthread_mutex_unlock(&pool->mutex);
}

static void *helper_main(void *argument)
{
    worker *self = argument;
    hwv_pool *pool = self->pool;
    while (!atomic_load_explicit(&pool->stop, memory_order_acquire)) {
        if (spin_until_zero(&pool->open, false, &pool->stop))
            work(pool, self->number);
        else
            sleep_until_called(pool);
    }
    return NULL;
}

/* Calls up to `count` sleepers. */
static void call_sleepers(hwv_pool *pool, size_t count)
{
    pthread_mutex_lock(&pool->mutex);
    size_t sleepers = atomic_load(&pool->sleepers);
    if (count > sleepers)
        count = sleepers;
    atomic_fetch_sub(&pool->sleepers, count);
    pool->called += count;
    for (size_t i = 0; i < count; i++)
        pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->mutex);
}

static size_t range_start(size_t tasks, size_t ranges, size_t r)
{
    return tasks / ranges * r + (r < tasks % ranges ? r : tasks % ranges);
}

static void publish(hwv_pool *pool, size_t tasks, hwv_task *task, void *context)
{
    const size_t ranges = pool->busy_limit + 1;
    pool->task = task;
    pool->context = context;
    atomic_store_explicit(&pool->unfinished, tasks, memory_order_relaxed);
    for (size_t r = 0; r < ranges; r++)
        pool->workers[r].end = range_start(tasks, ranges, r + 1);
    for (size_t r = 0; r < ranges; r++)
        atomic_store_explicit(&pool->workers[r].open, pool->workers[r].end - range_start(tasks, ranges, r),
                              memory_order_release);
    atomic_fetch_add(&pool->open, tasks);
    size_t wanted = tasks - 1 < pool->busy_limit ? tasks - 1 : pool->busy_limit;
    size_t sleepers = atomic_load(&pool->sleepers), awake = pool->helper_count - sleepers;
    if (sleepers != 0 && awake < wanted)
        call_sleepers(pool, wanted - awake);
}

static size_t pool_workers(void *self)
{
    const hwv_pool *pool = self;
    return pool->helper_count + 1;
}

static void pool_run(void *self, size_t tasks, hwv_task *task, void *context)
{
    hwv_pool *pool = self;
    if (tasks < 2 || pool->busy_limit == 0) {
        for (size_t i = 0; i < tasks; i++)
            task(context, i, 0);
        return;
    }
    publish(pool, tasks, task, context);
    work(pool, 0);
    if (spin_until_zero(&pool->unfinished, true, &pool->stop))
        return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->caller_sleeps, true);
    while (atomic_load(&pool->unfinished) != 0)
        pthread_cond_wait(&pool->done, &pool->mutex);
    atomic_store(&pool->caller_sleeps, false);
    pthread_mutex_unlock(&pool->mutex);
}

/* Ends the first `started` helpers and releases the pool. */
static void pool_end(hwv_pool *pool, size_t started)
{
    atomic_store(&pool->stop, true);
    call_sleepers(pool, started);
    for (size_t i = 1; i <= started; i++)
        pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->mutex);
    hwv_free(pool->block);
}

static size_t start_helpers(hwv_pool *pool)
{
    size_t started = 0;
    while (started < pool->helper_count) {
        worker *one = &pool->workers[started + 1];
        one->pool = pool;
        one->number = started + 1;
        if (hwv_system_thread(&one->thread, helper_main, one) != 0)
            break;
        started++;
    }
    return started;
}

hwv_status hwv_pool_create(hwv_pool **out, size_t threads, hwv_error *error)
{
    *out = NULL;
    size_t cpus = hwv_cpu_count();
    if (threads == 0)
        threads = cpus < THREADS_MAX ? cpus : THREADS_MAX;
    if (threads > THREADS_MAX)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%zu threads asked for, at most %zu are possible", threads,
                        THREADS_MAX);
    size_t helpers = threads - 1;
    void *block = hwv_calloc(1, sizeof(hwv_pool) + threads * sizeof(worker) + alignof(hwv_pool));
    if (block == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory: a pool of %zu threads", threads);
    size_t skip = alignof(hwv_pool) - (size_t)((uintptr_t)block % alignof(hwv_pool));
    hwv_pool *pool = (hwv_pool *)(void *)((unsigned char *)block + skip);
    pool->block = block;
    pool->helper_count = helpers;
    /* More threads than CPUs would only take turns. */
    pool->busy_limit = helpers < cpus ? helpers : cpus - 1;
    pool->executor = (hwv_executor){pool, pool_workers, pool_run};
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->done, NULL);
    size_t started = start_helpers(pool);
    if (started < helpers) {
        pool_end(pool, started);
        return hwv_fail(error, HWV_ERR_MEMORY, "only %zu of %zu threads could be started", started + 1, threads);
    }
    *out = pool;
    return HWV_OK;
}

void hwv_pool_destroy(hwv_pool *pool)
{
    if (pool != NULL)
        pool_end(pool, pool->helper_count);
}

const hwv_executor *hwv_pool_executor(hwv_pool *pool)
{
    return &pool->executor;
}

void hwv_pool_use_all_helpers(hwv_pool *pool)
{
    pool->busy_limit = pool->helper_count;
}

size_t hwv_cpu_count(void)
{
    return hwv_system_cpus();
}

size_t hwv_executor_workers(const hwv_executor *executor)
{
    return executor == NULL ? 1 : executor->workers(executor->self);
}

void hwv_executor_run(const hwv_executor *executor, size_t tasks, hwv_task *task, void *context)
{
    if (executor != NULL) {
        executor->run(executor->self, tasks, task, context);
        return;
    }
    for (size_t i = 0; i < tasks; i++)
        task(context, i, 0);
}
