/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The arena. The block is larger than asked for by one alignment, and `base` is the first aligned byte
 * in it: that needs no call beyond calloc, whose large blocks come zeroed and untouched from the system. */
#include "base/system.h"
#include "halfwave/memory.h"

#include <string.h>

hwv_status hwv_arena_init(hwv_arena *arena, size_t bytes, hwv_error *error)
{
    memset(arena, 0, sizeof *arena);
    size_t alignment = bytes >= HWV_HUGE_PAGE ? HWV_HUGE_PAGE : HWV_ALIGNMENT;
    size_t size = hwv_size_align(bytes), total;
    void *block = hwv_size_add(size, alignment - 1, &total) ? hwv_calloc(total, 1) : NULL;
    if (block == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "out of memory: a block of %zu bytes could not be had", bytes);
    uintptr_t address = (uintptr_t)block;
    size_t skip = (size_t)((alignment - address % alignment) % alignment);
    arena->block = block;
    arena->base = (unsigned char *)block + skip;
    arena->size = size;
    if (alignment == HWV_HUGE_PAGE)
        hwv_system_huge(arena->base, size);
    return HWV_OK;
}

void *hwv_arena_take(hwv_arena *arena, size_t bytes)
{
    size_t aligned = hwv_size_align(bytes);
    if (arena->base == NULL || aligned > arena->size - arena->used)
        return NULL;
    void *piece = arena->base + arena->used;
    arena->used += aligned;
    return piece;
}

void hwv_arena_free(hwv_arena *arena)
{
    hwv_free(arena->block);
    memset(arena, 0, sizeof *arena);
}
