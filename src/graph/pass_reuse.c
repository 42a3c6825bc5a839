/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass REUSE: buffers that are never in use at the same step may lie on the same memory. Largest first, each
 * at the lowest place that is free during its life. Without the pass they lie one after another. */
#include "graph/plan.h"

static bool alive_together(const hwv_buffer *a, const hwv_buffer *b)
{
    return a->mask == b->mask && a->first <= b->last && b->first <= a->last;
}

/* Lowest offset where buffer b hits none of the placed ones; SIZE_MAX if there is none. */
static size_t place(const hwv_buffer *buffers, const size_t *order, size_t placed, const hwv_buffer *b)
{
    size_t offset = 0;
    for (size_t tries = 0; tries <= placed; tries++) {
        bool free = true;
        for (size_t p = 0; p < placed && free; p++) {
            const hwv_buffer *other = &buffers[order[p]];
            if (alive_together(b, other) && offset < other->offset + other->bytes &&
                other->offset < offset + b->bytes) {
                offset = other->offset + other->bytes;
                free = false;
            }
        }
        if (free)
            return offset;
        if (offset > SIZE_MAX / 4)
            break;
    }
    return SIZE_MAX;
}

/* Used buffers in `order`, largest first (equal ones as they came), sizes rounded up to cache lines. */
static size_t sort(hwv_draft *draft, size_t *order, bool share)
{
    size_t count = 0;
    for (size_t b = 0; b < draft->array_count; b++) {
        hwv_buffer *buffer = &draft->buffers[b];
        if (!buffer->used)
            continue;
        buffer->bytes = hwv_size_align(buffer->bytes);
        size_t at = count++;
        for (; share && at > 0 && draft->buffers[order[at - 1]].bytes < buffer->bytes; at--)
            order[at] = order[at - 1];
        order[at] = b;
    }
    return count;
}

hwv_status hwv_pass_reuse(hwv_draft *draft, bool share, size_t *activations, size_t *masks)
{
    size_t *order = hwv_calloc(draft->array_count, sizeof *order);
    hwv_status status = HWV_OK;
    *activations = *masks = 0;
    if (order == NULL)
        return hwv_fail(draft->error, HWV_ERR_MEMORY, "no memory for a plan");
    size_t count = sort(draft, order, share);
    for (size_t i = 0; i < count && status == HWV_OK; i++) {
        hwv_buffer *buffer = &draft->buffers[order[i]];
        size_t *end = buffer->mask ? masks : activations;
        buffer->offset = share ? place(draft->buffers, order, i, buffer) : *end;
        if (buffer->offset > SIZE_MAX / 2 || buffer->bytes > SIZE_MAX / 4)
            status = hwv_fail(draft->error, HWV_ERR_MEMORY, "the activations do not fit in memory at a batch of %zu",
                              draft->options->batch);
        else if (*end < buffer->offset + buffer->bytes)
            *end = buffer->offset + buffer->bytes;
    }
    hwv_free(order);
    return status;
}
