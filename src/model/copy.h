/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Copies of graphs: a graph that has plans must not be added to, and a copy may leave out what is not needed. */
#ifndef HWV_MODEL_COPY_H
#define HWV_MODEL_COPY_H

#include "halfwave/graph.h"

/* Marks in take[] (all false before, one for each value) what `value` is computed from, and itself. */
void hwv_graph_mark(const hwv_graph *graph, hwv_id value, bool *take);

/* Adds to `graph` the values of `from` that `take` marks (NULL: all) and the nodes that compute them, in their order.
 * map[v], one for each value of `from`, is what v becomes: HWV_NO_ID before, or what the caller has put in its place.
 * evaluation: batch norms are frozen, nothing is dropped. Errors of hwv_graph_node. */
hwv_status hwv_graph_copy(hwv_graph *graph, const hwv_graph *from, const bool *take, bool evaluation, hwv_id *map,
                          hwv_error *error);

/* Numbers of all that is kept with the weights and was copied. */
void hwv_weights_copy(hwv_weights *weights, const hwv_graph *from, hwv_weights *numbers, const hwv_id *map);

#endif
