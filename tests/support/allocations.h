/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting allocations and making one fail. A test that includes this header is linked with wrappers
 * around the allocator and pthread_create (a thread is a resource that can run out too). Only calls
 * made by our own code are seen, not those inside the C library. */
#ifndef TESTS_ALLOCATIONS_H
#define TESTS_ALLOCATIONS_H

#include <stddef.h>

/* Allocations asked for since the program began, failed ones included. */
size_t allocations_count(void);
/* Blocks allocated and not yet freed. */
size_t allocations_live(void);
/* The n-th allocation from now fails (1 = the next one); 0 = none. Only that one fails. */
void allocations_fail_at(size_t n);

#endif
