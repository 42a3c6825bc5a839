/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Elements of 4 bytes, floats or integers, moved from one array of several axes to another: what transpose, concat,
 * slice, pad, expand, tile and their gradients are made of. */
#ifndef HWV_GRAPH_MOVE_H
#define HWV_GRAPH_MOVE_H

#include "graph/kind.h"

/* Tile splits each axis into two. */
#define HWV_MOVE_AXES (2 * HWV_MAX_RANK)

/* One axis after the other, the outermost first; steps in elements, of either sign, or 0 where `from` is repeated. */
typedef struct hwv_move {
    const void *from;
    void *to;
    bool add; /* floats are added to `to` instead */
    size_t rank;
    size_t dim[HWV_MOVE_AXES];
    ptrdiff_t to_step[HWV_MOVE_AXES], from_step[HWV_MOVE_AXES];
} hwv_move;

/* Adds an axis behind those there are; axes that lie behind each other in both arrays become one. */
void hwv_move_axis(hwv_move *move, size_t dim, ptrdiff_t to_step, ptrdiff_t from_step);

/* Every element of `to` is met once. In parallel where that pays; nothing depends on how. */
void hwv_move_run(const hwv_move *move, const hwv_executor *executor);

/* Elements from one index of each axis to the next. */
void hwv_shape_steps(const hwv_shape *shape, ptrdiff_t *step);

/* Element `at` of a shape as the index of each axis; for references. */
void hwv_shape_index(const hwv_shape *shape, size_t at, size_t *index);

#endif
