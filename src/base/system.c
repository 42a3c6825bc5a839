/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Calls outside C11 and POSIX.1-2008, each guarded and each with a fallback. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity, madvise, cache sizes in sysconf, RUSAGE_THREAD */
#endif
#include "base/system.h"

#if !defined(_WIN32)
#include <signal.h>
#include <unistd.h>
#endif
#if defined(__linux__)
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#endif

size_t hwv_system_cpus(void)
{
#if defined(__linux__)
    /* taskset and containers narrow the affinity, not the number of CPUs online. */
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (size_t)CPU_COUNT(&set);
#endif
#if defined(_SC_NPROCESSORS_ONLN)
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    if (online > 0)
        return (size_t)online;
#endif
    return 1;
}

size_t hwv_system_cache(void)
{
#if defined(_SC_LEVEL3_CACHE_SIZE)
    long level3 = sysconf(_SC_LEVEL3_CACHE_SIZE);
    if (level3 > 0)
        return (size_t)level3;
    long level2 = sysconf(_SC_LEVEL2_CACHE_SIZE);
    if (level2 > 0)
        return (size_t)level2;
#endif
    return 0;
}

void hwv_system_huge(void *base, size_t bytes)
{
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    (void)madvise(base, bytes, MADV_HUGEPAGE);
#else
    (void)base;
    (void)bytes;
#endif
}

long hwv_system_preemptions(void)
{
#if defined(__linux__) && defined(RUSAGE_THREAD)
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) == 0)
        return usage.ru_nivcsw;
#endif
    return 0;
}

int hwv_system_thread(pthread_t *thread, void *(*start)(void *), void *argument)
{
#if defined(_WIN32)
    return pthread_create(thread, NULL, start, argument);
#else
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(thread, NULL, start, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return failed;
#endif
}
