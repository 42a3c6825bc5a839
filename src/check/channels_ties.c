/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sets are merged by moving the smaller one. Where one set counts finer than the other (features of a flatten against
 * channels), the finer one gets the coarser channels. */
#include "check/channels_ties.h"

#include <stdarg.h>
#include <stdio.h>

#include "halfwave/memory.h"

hwv_status hwv_ties_make(hwv_ties *ties, const hwv_graph *graph, hwv_error *error)
{
    size_t values = hwv_graph_value_count(graph);
    *ties = (hwv_ties){.graph = graph, .first = hwv_calloc(values + 1, sizeof *ties->first)};
    for (size_t v = 0; ties->first && v < values; v++) {
        ties->first[v] = ties->count;
        ties->count += hwv_ties_shape(ties, (hwv_id)v)->rank;
    }
    ties->strands = hwv_calloc(ties->count + 1, sizeof *ties->strands);
    ties->sets = hwv_calloc(ties->count + 1, sizeof *ties->sets);
    if (!ties->first || !ties->strands || !ties->sets)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the channels of %zu values", values);
    for (size_t v = 0; v < values; v++)
        for (size_t a = 0; a < hwv_ties_shape(ties, (hwv_id)v)->rank; a++) {
            size_t s = ties->first[v] + a;
            ties->strands[s] = (hwv_strand){.set = s, .outer = 1, .inner = 1, .next = HWV_NO_STRAND};
            ties->sets[s] = (hwv_tie_set){.channels = hwv_ties_shape(ties, (hwv_id)v)->dim[a], .count = 1, .head = s};
        }
    return HWV_OK;
}

void hwv_ties_free(hwv_ties *ties)
{
    for (size_t s = 0; ties->sets && s < ties->count; s++)
        hwv_free(ties->sets[s].closed);
    hwv_free(ties->first);
    hwv_free(ties->strands);
    hwv_free(ties->sets);
    *ties = (hwv_ties){0};
}

/* ---- closing --------------------------------------------------------------------------------------- */

static void set_close(hwv_ties *ties, hwv_tie_set *set, const char *reason)
{
    if (set->closed)
        return;
    set->closed = hwv_strdup(reason);
    ties->failed = ties->failed || set->closed == NULL;
}

void hwv_close(hwv_ties *ties, hwv_id value, size_t axis, const char *format, ...)
{
    char reason[160];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    set_close(ties, &ties->sets[ties->strands[ties->first[value] + axis].set], reason);
}

void hwv_close_all(hwv_ties *ties, hwv_id value, const char *reason)
{
    for (size_t a = 0; a < hwv_ties_shape(ties, value)->rank; a++)
        hwv_close(ties, value, a, "%s", reason);
}

const char *hwv_ties_closed(const hwv_ties *ties, hwv_id value, size_t axis)
{
    return ties->sets[ties->strands[ties->first[value] + axis].set].closed;
}

/* ---- tying ----------------------------------------------------------------------------------------- */

/* The places of a set count what lies within its channels: channels = outer * coarser channels * inner. */
static void set_coarsen(hwv_ties *ties, hwv_tie_set *set, size_t outer, size_t channels, size_t inner)
{
    for (size_t s = set->head; s != HWV_NO_STRAND; s = ties->strands[s].next) {
        ties->strands[s].outer *= outer;
        ties->strands[s].inner *= inner;
    }
    set->channels = channels;
}

/* Makes the channels of two sets the same, where strand b is counted by its own set as (b.outer, b.inner) and by the
 * other as (outer, inner); false: neither lies within the other. */
static bool sets_fit(hwv_ties *ties, hwv_tie_set *own, const hwv_strand *b, hwv_tie_set *other, size_t outer,
                     size_t inner)
{
    const size_t b_outer = b->outer, b_inner = b->inner;
    if (b_outer == outer && b_inner == inner)
        return own->channels == other->channels;
    if (outer % b_outer == 0 && inner % b_inner == 0) {
        set_coarsen(ties, own, outer / b_outer, other->channels, inner / b_inner);
        return true;
    }
    if (b_outer % outer == 0 && b_inner % inner == 0) {
        set_coarsen(ties, other, b_outer / outer, own->channels, b_inner / inner);
        return true;
    }
    return false;
}

static void sets_merge(hwv_ties *ties, size_t into, size_t from)
{
    hwv_tie_set *to = &ties->sets[into], *old = &ties->sets[from];
    size_t last = old->head;
    for (size_t s = old->head; s != HWV_NO_STRAND; s = ties->strands[s].next) {
        ties->strands[s].set = into;
        last = s;
    }
    ties->strands[last].next = to->head;
    to->head = old->head;
    to->count += old->count;
    if (to->closed == NULL)
        to->closed = old->closed;
    else
        hwv_free(old->closed);
    *old = (hwv_tie_set){0};
}

void hwv_tie_block(hwv_ties *ties, hwv_id a, size_t axis_a, hwv_id b, size_t axis_b, size_t outer, size_t inner)
{
    const hwv_strand *sa = &ties->strands[ties->first[a] + axis_a], *sb = &ties->strands[ties->first[b] + axis_b];
    const size_t length_a = hwv_ties_shape(ties, a)->dim[axis_a], length_b = hwv_ties_shape(ties, b)->dim[axis_b];
    hwv_tie_set *set_a = &ties->sets[sa->set], *set_b = &ties->sets[sb->set];
    bool fits = length_a == length_b && outer == 1 && inner == 1;
    if (!fits && length_a != HWV_BATCH && length_b != HWV_BATCH)
        fits = length_b % (outer * inner) == 0 && length_b / (outer * inner) == length_a;
    if (!set_a->closed && !set_b->closed) {
        /* within one set the two ways to count must be one */
        fits = fits && (set_a == set_b ? sb->outer == outer * sa->outer && sb->inner == sa->inner * inner
                                       : sets_fit(ties, set_b, sb, set_a, outer * sa->outer, sa->inner * inner));
        if (!fits) {
            set_close(ties, set_a, "its channels are counted in two ways");
            set_close(ties, set_b, "its channels are counted in two ways");
        }
    }
    if (set_a == set_b)
        return;
    if (set_a->count >= set_b->count)
        sets_merge(ties, sa->set, sb->set);
    else
        sets_merge(ties, sb->set, sa->set);
}

void hwv_tie(hwv_ties *ties, hwv_id a, size_t axis_a, hwv_id b, size_t axis_b)
{
    hwv_tie_block(ties, a, axis_a, b, axis_b, 1, 1);
}

void hwv_tie_all(hwv_ties *ties, hwv_id a, hwv_id b)
{
    for (size_t d = 0; d < hwv_ties_shape(ties, a)->rank; d++)
        hwv_tie(ties, a, d, b, d);
}
