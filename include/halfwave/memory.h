/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Checked sizes, allocation that may fail, and the arena: one block handed out in 64-byte aligned
 * pieces and released as a whole. */
#ifndef HALFWAVE_MEMORY_H
#define HALFWAVE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"

HWV_BEGIN

/* ==== halfwave-memory: checked sizes, allocation that may fail, arenas ==== */

#define HWV_ALIGNMENT ((size_t)64)

/* *out = a * b; false (and *out untouched) when it does not fit a size_t. */
static inline bool hwv_size_mul(size_t a, size_t b, size_t *out)
{
    if (a != 0 && b > SIZE_MAX / a)
        return false;
    *out = a * b;
    return true;
}

/* The product of sizes; SIZE_MAX when it does not fit. */
static inline size_t hwv_size_product(const size_t *sizes, size_t count)
{
    size_t all = 1;
    for (size_t i = 0; i < count; i++)
        if (!hwv_size_mul(all, sizes[i], &all))
            return SIZE_MAX;
    return all;
}

/* *out = a + b; false (and *out untouched) when it does not fit a size_t. */
static inline bool hwv_size_add(size_t a, size_t b, size_t *out)
{
    if (b > SIZE_MAX - a)
        return false;
    *out = a + b;
    return true;
}

/* Bytes rounded up to the arena's alignment; saturates at SIZE_MAX. */
static inline size_t hwv_size_align(size_t bytes)
{
    return bytes > SIZE_MAX - (HWV_ALIGNMENT - 1) ? SIZE_MAX : (bytes + (HWV_ALIGNMENT - 1)) & ~(HWV_ALIGNMENT - 1);
}

/* malloc of count * size bytes, zeroed, NULL on overflow or shortage; count * size == 0 gives a
 * unique pointer. Freed with hwv_free (which accepts NULL). */
HWV_API void *hwv_calloc(size_t count, size_t size);
/* realloc of count * size bytes; on failure the old block stays valid and NULL is returned. */
HWV_API void *hwv_realloc(void *block, size_t count, size_t size);
/* Releases what the others gave. Accepts NULL. */
HWV_API void hwv_free(void *block);
/* Copy of a string, NULL on shortage; free with hwv_free. */
HWV_API char *hwv_strdup(const char *text);

/* An arena owns `base`. Zero-initialise, then hwv_arena_init. */
typedef struct hwv_arena {
    unsigned char *base;
    void *block; /* what the system gave; base is inside it */
    size_t size; /* usable bytes */
    size_t used; /* bytes handed out so far */
} hwv_arena;

/* One allocation of `bytes`, zeroed, 64-byte aligned (2 MiB aligned and on huge pages where the
 * system has them, from 2 MiB up). HWV_ERR_MEMORY names the size. bytes may be 0. */
HWV_API hwv_status hwv_arena_init(hwv_arena *arena, size_t bytes, hwv_error *error);
/* The next 64-byte aligned piece, or NULL when fewer than `bytes` are left. Never allocates. */
HWV_API void *hwv_arena_take(hwv_arena *arena, size_t bytes);
/* Releases everything; the struct is zero again. Accepts a zero struct. */
HWV_API void hwv_arena_free(hwv_arena *arena);

HWV_END

#endif
