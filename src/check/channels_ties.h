/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sets of places (value, axis) that share their channels, while they are being found: union-find in which every place
 * knows how its axis counts the channels of its set. */
#ifndef HWV_CHECK_CHANNELS_TIES_H
#define HWV_CHECK_CHANNELS_TIES_H

#include "halfwave/network.h"

typedef struct hwv_strand {
    size_t set, outer, inner; /* index (o * channels + c) * inner + i along the axis is of channel c */
    size_t next;              /* another place of the set, HWV_NO_STRAND after the last */
} hwv_strand;
#define HWV_NO_STRAND SIZE_MAX

typedef struct hwv_tie_set {
    size_t channels, count, head; /* count 0: it went into another one */
    char *closed;                 /* why no channel may be cut; then the structure is of no use. NULL: open */
} hwv_tie_set;

typedef struct hwv_ties {
    const hwv_graph *graph;
    size_t *first; /* by value: strand of its axis 0 */
    hwv_strand *strands;
    hwv_tie_set *sets;
    size_t count; /* of strands, and of sets */
    bool merging; /* second round: axes that a reshape makes one, when all others are known */
    bool failed;  /* no memory */
} hwv_ties;

/* Every axis is a set of its own. HWV_ERR_MEMORY. Free in any case; a struct of zeros is accepted. */
hwv_status hwv_ties_make(hwv_ties *ties, const hwv_graph *graph, hwv_error *error);
void hwv_ties_free(hwv_ties *ties);

/* Both axes count the same channels. */
void hwv_tie(hwv_ties *ties, hwv_id a, size_t axis_a, hwv_id b, size_t axis_b);
/* Index (o * length of a + k) * inner + i along b's axis is of index k along a's. */
void hwv_tie_block(hwv_ties *ties, hwv_id a, size_t axis_a, hwv_id b, size_t axis_b, size_t outer, size_t inner);
/* All axes of two values of the same shape. */
void hwv_tie_all(hwv_ties *ties, hwv_id a, hwv_id b);

/* No channel of this axis may be cut; the first reason stays. */
void hwv_close(hwv_ties *ties, hwv_id value, size_t axis, const char *format, ...) HWV_PRINTF(4, 5);
void hwv_close_all(hwv_ties *ties, hwv_id value, const char *reason);
/* The reason, or NULL. */
const char *hwv_ties_closed(const hwv_ties *ties, hwv_id value, size_t axis);

/* ---- rules ----------------------------------------------------------------------------------------- */

/* What a node ties and closes, by kind. */
typedef void hwv_tie_rule(hwv_ties *ties, const hwv_node *node);
/* NULL: there is none. */
hwv_tie_rule *hwv_tie_rule_of(hwv_node_kind kind);

/* channels_layers.c, channels_elements.c, channels_moves.c */
hwv_tie_rule hwv_tie_dense, hwv_tie_conv2d, hwv_tie_matmul, hwv_tie_bias, hwv_tie_batch_norm, hwv_tie_activation,
    hwv_tie_pool, hwv_tie_global_pool, hwv_tie_layer_norm, hwv_tie_softmax, hwv_tie_loss;
hwv_tie_rule hwv_tie_broadcast, hwv_tie_same, hwv_tie_reduce;
hwv_tie_rule hwv_tie_reshape, hwv_tie_transpose, hwv_tie_concat, hwv_tie_slice, hwv_tie_pad, hwv_tie_tile,
    hwv_tie_gather;

static inline const hwv_shape *hwv_ties_shape(const hwv_ties *ties, hwv_id value)
{
    return &hwv_graph_value(ties->graph, value)->shape;
}

/* A convolution whose groups are its channels: each channel by itself. */
bool hwv_conv_is_depthwise(const hwv_graph *graph, const hwv_node *node);

#endif
