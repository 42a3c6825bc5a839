/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the two files of kind reduce share. */
#ifndef HWV_GRAPH_NODE_REDUCE_H
#define HWV_GRAPH_NODE_REDUCE_H

#include "graph/broadcast.h"

enum { HWV_REDUCE_X, HWV_REDUCE_Y };

/* What backward has to know of an element of y, beside y. */
typedef struct hwv_reduce_aid {
    double number; /* the sum, or the product of what is not 0 */
    double count;  /* of elements that equal y, or that are 0 */
} hwv_reduce_aid;

/* Operands x, which is the whole space, and y. */
typedef struct hwv_reduce_job {
    const hwv_record *record;
    int function;
    double count; /* of elements that make one of y */
    hwv_loops loops;
    hwv_reduce_aid *aid; /* backward; one an element of y */
} hwv_reduce_job;

hwv_reduce_job hwv_reduce_job_make(const hwv_record *record, const hwv_run *run);

#endif
