/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arithmetic on elements: broadcasting ties axes of one length, what is reduced is closed. */
#include "check/channels_ties.h"

/* All inputs against the output, from the last axis on; an input's axis of 1 is repeated and knows no channels. */
void hwv_tie_broadcast(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id y = node->output[0];
    for (size_t i = 0; i < node->input_count; i++) {
        const hwv_shape *x = hwv_ties_shape(ties, node->input[i]), *to = hwv_ties_shape(ties, y);
        const size_t behind = to->rank - x->rank;
        for (size_t d = 0; d < x->rank; d++)
            if (x->dim[d] == to->dim[behind + d])
                hwv_tie(ties, node->input[i], d, y, behind + d);
    }
}

/* Kinds with one input of the output's shape. */
void hwv_tie_same(hwv_ties *ties, const hwv_node *node)
{
    hwv_tie_all(ties, node->input[0], node->output[0]);
}

void hwv_tie_reduce(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id x = node->input[0], y = node->output[0];
    const hwv_node_attributes *attributes = &node->attributes;
    for (size_t d = 0, at = 0; d < hwv_ties_shape(ties, x)->rank; d++) {
        const bool reduced = attributes->axes >> d & 1;
        if (reduced)
            hwv_close(ties, x, d, "'%s' reduces its channels to one number", node->name);
        else
            hwv_tie(ties, x, d, y, at);
        at += !reduced || attributes->keep_axes;
    }
}
