/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What only the operating system knows. system.c is the one file that may use calls outside POSIX;
 * each has a portable fallback. */
#ifndef HWV_BASE_SYSTEM_H
#define HWV_BASE_SYSTEM_H

#include <pthread.h>
#include <stddef.h>

#define HWV_HUGE_PAGE ((size_t)2 << 20)

/* CPUs this process may run on, at least 1. */
size_t hwv_system_cpus(void);
/* Size of the last-level cache, 0 when unknown. */
size_t hwv_system_cache(void);
/* Asks for huge pages for a range that starts on a huge page; a wish, nothing fails. */
void hwv_system_huge(void *base, size_t bytes);
/* How often the calling thread lost its CPU to another one so far; 0 where it cannot be known. */
long hwv_system_preemptions(void);
/* pthread_create, with all signals blocked in the new thread: they stay with those of the host program. */
int hwv_system_thread(pthread_t *thread, void *(*start)(void *), void *argument);

#endif
