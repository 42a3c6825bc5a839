/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * An array takes the buffer of another: pass VIEW, when it is the same numbers in another shape; pass IN_PLACE, when
 * nothing reads the other any more and the kernel may overwrite it. */
#include "graph/plan.h"

static void join(hwv_draft *draft, size_t to, size_t from, bool same)
{
    size_t into = draft->arrays[from].buffer;
    hwv_buffer *buffer = &draft->buffers[into], *old = &draft->buffers[to];
    for (size_t a = 0; !same && a < draft->array_count; a++)
        if (draft->arrays[a].buffer == into)
            draft->arrays[a].lost = true;
    if (buffer->first > old->first)
        buffer->first = old->first;
    if (buffer->last < old->last)
        buffer->last = old->last;
    buffer->members++;
    old->used = false;
    draft->arrays[to].buffer = into;
}

static bool may_join(const hwv_draft *draft, size_t now, const hwv_pair *pair)
{
    const hwv_array *to = &draft->arrays[pair->to], *from = &draft->arrays[pair->from];
    if (to->buffer == HWV_NONE || from->buffer == HWV_NONE || to->buffer == from->buffer)
        return false;
    const hwv_buffer *new = &draft->buffers[to->buffer], *old = &draft->buffers[from->buffer];
    /* alone in its buffer, first used here, and no larger than what it moves into */
    if (to->buffer != pair->to || new->members != 1 || new->first != now || new->mask || old->mask ||
        to->bytes > old->bytes)
        return false;
    /* A view stays true only if nobody writes it again; overwriting needs an array that is done with. */
    return pair->same ? to->writers == 1 : old->last <= now;
}

void hwv_pass_in_place(hwv_draft *draft, bool views, bool overwrite)
{
    for (size_t s = 0; s < draft->step_count; s++) {
        const hwv_draft_step *step = &draft->steps[s];
        for (size_t p = 0; p < step->pair_count; p++)
            if ((step->pair[p].same ? views : overwrite) && may_join(draft, s, &step->pair[p]))
                join(draft, step->pair[p].to, step->pair[p].from, step->pair[p].same);
    }
}
