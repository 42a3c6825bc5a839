/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The gradient check of one graph, and the kinks of an operator. */
#ifndef HWV_GRAPH_GRADCHECK_H
#define HWV_GRAPH_GRADCHECK_H

#include "graph/kind.h"

/* A derivative to be made wrong: all nodes of a kind, or of one operator (op >= 0). kind 0: none. */
typedef struct hwv_plant {
    int kind, op;
} hwv_plant;

typedef struct hwv_graph_check {
    const hwv_graph *graph;
    hwv_id output;
    size_t sums;       /* terms of the longest chain of sums */
    uint32_t integers; /* integer inputs are drawn below this */
    bool wide;         /* draw "x" from (-8, 8), denser around 0, instead of (-1, 1) */
    size_t batch;
    uint64_t seed;
    hwv_plant plant;
} hwv_graph_check;

/* Every gradient of the graph against central differences, with all passes and with none; the worst one is merged into
 * *result. HWV_ERR_MEMORY, HWV_ERR_INTERNAL when no point away from kinks is found. */
hwv_status hwv_graph_check_run(const hwv_graph_check *check, hwv_gradcheck_result *result, hwv_error *error);

/* Merges a comparison into a result: the worst one, by its share of the limit, is kept. */
void hwv_gradcheck_merge(hwv_gradcheck_result *result, double difference, double limit, const char *where);

/* Places where an operator bends or jumps, found by one-sided differences of its reference at 0, +-1, +-3, +-6 and
 * its parameters; at most HWV_KINKS. */
#define HWV_KINKS 12
typedef struct hwv_kink {
    double x, left, right; /* slopes on both sides */
    bool corner; /* the slope jumps; else only the curvature (softsign at 0), which a central difference feels too */
} hwv_kink;
size_t hwv_kinks_find(const hwv_act *act, hwv_kink kinks[HWV_KINKS]);

/* A graph of one activation: its gradient at every kink and a float to both sides of it. HWV_ERR_MEMORY. */
hwv_status hwv_kinks_check(const hwv_graph_check *check, hwv_gradcheck_result *result, hwv_error *error);

#endif
