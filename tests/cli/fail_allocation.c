/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Loaded before a program (LD_PRELOAD), makes the allocation with the number in FAIL_AT (from 1) fail. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static atomic_long allocations;

/* Reading the environment allocates nothing. */
static bool fails(void)
{
    static long at;
    if (at == 0) {
        const char *number = getenv("FAIL_AT");
        at = number != NULL ? atol(number) : -1;
    }
    return atomic_fetch_add(&allocations, 1) + 1 == at;
}

/* A function pointer from dlsym's object pointer, as POSIX wants it. */
#define NEXT(type, name)                                                                                               \
    static type next;                                                                                                  \
    if (next == NULL) {                                                                                                \
        void *symbol = dlsym(RTLD_NEXT, name);                                                                         \
        memcpy(&next, &symbol, sizeof next);                                                                           \
    }

typedef void *malloc_function(size_t);
typedef void *realloc_function(void *, size_t);
typedef void *aligned_function(size_t, size_t);
typedef int posix_function(void **, size_t, size_t);

void *malloc(size_t size)
{
    NEXT(malloc_function *, "malloc")
    if (!fails())
        return next(size);
    errno = ENOMEM;
    return NULL;
}

/* dlsym may call calloc itself, so this one does without. */
void *calloc(size_t count, size_t size)
{
    if (size != 0 && count > (size_t)-1 / size) {
        errno = ENOMEM;
        return NULL;
    }
    void *block = malloc(count * size);
    return block != NULL ? memset(block, 0, count * size) : NULL;
}

void *realloc(void *block, size_t size)
{
    NEXT(realloc_function *, "realloc")
    if (!fails())
        return next(block, size);
    errno = ENOMEM;
    return NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    NEXT(aligned_function *, "aligned_alloc")
    if (!fails())
        return next(alignment, size);
    errno = ENOMEM;
    return NULL;
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    NEXT(posix_function *, "posix_memalign")
    return fails() ? ENOMEM : next(block, alignment, size);
}
