/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The values of a whole graph in double, by the `reference` functions of its nodes: what gradients are
 * checked against. */
#ifndef HWV_GRAPH_TRUTH_H
#define HWV_GRAPH_TRUTH_H

#include "graph/kind.h"
#include "graph/structure.h"

/* Owns its arrays; zero-initialise. value[v] has elements[v] numbers; integers are doubles here. */
typedef struct hwv_truth {
    const hwv_graph *graph;
    hwv_shape *shape; /* with the batch filled in */
    size_t *elements;
    double **value;
    double *block;
    double bend; /* least distance to where a node that is no activation bends, in the last run */
} hwv_truth;

/* All values zero. HWV_ERR_MEMORY. */
hwv_status hwv_truth_create(hwv_truth *truth, const hwv_graph *graph, size_t batch, hwv_error *error);
void hwv_truth_free(hwv_truth *truth);
/* Computes every node from the values without producer. */
void hwv_truth_run(hwv_truth *truth);

#endif
