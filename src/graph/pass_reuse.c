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

/* Lowest offset where buffer b hits none of the placed ones, which stand in `placed` by rising offset; b joins them. */
static size_t place(const hwv_buffer *buffers, size_t *placed, size_t count, size_t b)
{
    const hwv_buffer *buffer = &buffers[b];
    size_t offset = 0, at;
    for (size_t p = 0; p < count; p++) {
        const hwv_buffer *other = &buffers[placed[p]];
        if (!alive_together(buffer, other) || other->offset + other->bytes <= offset)
            continue;
        if (other->offset >= offset + buffer->bytes)
            break;
        offset = other->offset + other->bytes;
        if (offset > SIZE_MAX / 4)
            return SIZE_MAX;
    }
    for (at = count; at > 0 && buffers[placed[at - 1]].offset > offset; at--)
        placed[at] = placed[at - 1];
    placed[at] = b;
    return offset;
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
    size_t *placed = hwv_calloc(draft->array_count, sizeof *placed);
    hwv_status status = HWV_OK;
    *activations = *masks = 0;
    if (order == NULL || placed == NULL) {
        hwv_free(order);
        hwv_free(placed);
        return hwv_fail(draft->error, HWV_ERR_MEMORY, "no memory for a plan");
    }
    size_t count = sort(draft, order, share);
    for (size_t i = 0; i < count && status == HWV_OK; i++) {
        hwv_buffer *buffer = &draft->buffers[order[i]];
        size_t *end = buffer->mask ? masks : activations;
        buffer->offset = share ? place(draft->buffers, placed, i, order[i]) : *end;
        if (buffer->offset > SIZE_MAX / 2 || buffer->bytes > SIZE_MAX / 4)
            status = hwv_fail(draft->error, HWV_ERR_MEMORY, "the activations do not fit in memory at a batch of %zu",
                              draft->options->batch);
        else if (*end < buffer->offset + buffer->bytes)
            *end = buffer->offset + buffer->bytes;
    }
    hwv_free(placed);
    hwv_free(order);
    return status;
}
