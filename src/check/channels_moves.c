/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Nodes that move numbers: an axis that they take whole goes on, others are closed. */
#include "check/channels_ties.h"

void hwv_tie_transpose(hwv_ties *ties, const hwv_node *node)
{
    for (size_t d = 0; d < hwv_ties_shape(ties, node->output[0])->rank; d++)
        hwv_tie(ties, node->input[0], node->attributes.order[d], node->output[0], d);
}

void hwv_tie_concat(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id y = node->output[0];
    const size_t axis = node->attributes.axis;
    for (size_t i = 0; i < node->input_count; i++)
        for (size_t d = 0; d < hwv_ties_shape(ties, y)->rank; d++)
            if (d != axis)
                hwv_tie(ties, node->input[i], d, y, d);
            else
                hwv_close(ties, node->input[i], d, "'%s' joins it with others", node->name);
    hwv_close(ties, y, axis, "'%s' joins it of others", node->name);
}

/* An axis is touched: it ends here, and another begins. */
static void close_both(hwv_ties *ties, const hwv_node *node, size_t d, const char *does)
{
    hwv_close(ties, node->input[0], d, "'%s' %s", node->name, does);
    hwv_close(ties, node->output[0], d, "'%s' %s", node->name, does);
}

void hwv_tie_slice(hwv_ties *ties, const hwv_node *node)
{
    const hwv_node_attributes *attributes = &node->attributes;
    const hwv_shape *x = hwv_ties_shape(ties, node->input[0]), *y = hwv_ties_shape(ties, node->output[0]);
    for (size_t d = 0; d < x->rank; d++)
        if (x->dim[d] == y->dim[d] && attributes->begin[d] == 0 && attributes->step[d] == 1)
            hwv_tie(ties, node->input[0], d, node->output[0], d);
        else
            close_both(ties, node, d, "takes a part of it");
}

void hwv_tie_pad(hwv_ties *ties, const hwv_node *node)
{
    for (size_t d = 0; d < hwv_ties_shape(ties, node->input[0])->rank; d++)
        if (node->attributes.before[d] == 0 && node->attributes.after[d] == 0)
            hwv_tie(ties, node->input[0], d, node->output[0], d);
        else
            close_both(ties, node, d, "pads it");
}

void hwv_tie_tile(hwv_ties *ties, const hwv_node *node)
{
    for (size_t d = 0; d < hwv_ties_shape(ties, node->input[0])->rank; d++)
        if (node->attributes.repeat[d] == 1)
            hwv_tie(ties, node->input[0], d, node->output[0], d);
        else
            close_both(ties, node, d, "repeats it");
}

/* The axes of the indices take the place of one of x. */
void hwv_tie_gather(hwv_ties *ties, const hwv_node *node)
{
    const hwv_id x = node->input[0], indices = node->input[1], y = node->output[0];
    const size_t axis = node->attributes.axis, count = hwv_ties_shape(ties, indices)->rank;
    hwv_close(ties, x, axis, "'%s' picks from it", node->name);
    for (size_t d = 0; d < count; d++)
        hwv_tie(ties, indices, d, y, axis + d);
    for (size_t d = 0; d < hwv_ties_shape(ties, x)->rank; d++)
        if (d != axis)
            hwv_tie(ties, x, d, y, d < axis ? d : d - 1 + count);
}

/* ---- reshape --------------------------------------------------------------------------------------- */

/* Axes of x and y that hold the same numbers, those of 1 left out. */
typedef struct group {
    size_t x[HWV_MAX_RANK], y[HWV_MAX_RANK];
    size_t x_count, y_count;
} group;

/* The next axes from *i and *j on whose products are equal; false: there are none. */
static bool group_next(const hwv_shape *x, const hwv_shape *y, size_t *i, size_t *j, group *g)
{
    size_t product_x = 1, product_y = 1;
    *g = (group){0};
    do {
        const bool from_x = *i < x->rank && (product_x <= product_y || *j == y->rank);
        const size_t length = from_x ? x->dim[*i] : *j < y->rank ? y->dim[*j] : 0;
        if (length == 0)
            return false;
        if (from_x && length != 1)
            g->x[g->x_count++] = *i;
        if (!from_x && length != 1)
            g->y[g->y_count++] = *j;
        if (from_x)
            (*i)++;
        else
            (*j)++;
        *(from_x ? &product_x : &product_y) *= length;
    } while (product_x != product_y || g->x_count == 0);
    return true;
}

/* Several axes of one value are one of the other. Of them the one that is open goes on, in blocks; the others stay whole.
 * `parts` lie in `whole`, which counts outer * part * inner. */
static void tie_parts(hwv_ties *ties, const hwv_node *node, hwv_id parted, const size_t *parts, size_t count,
                      hwv_id whole, size_t whole_axis)
{
    const hwv_shape *shape = hwv_ties_shape(ties, parted);
    size_t open = count, opens = 0, outer = 1, inner = 1;
    for (size_t k = 0; k < count; k++)
        if (hwv_ties_closed(ties, parted, parts[k]) == NULL) {
            open = k;
            opens++;
        }
    if (opens != 1) {
        for (size_t k = 0; k < count; k++)
            hwv_close(ties, parted, parts[k], "'%s' lays several axes into one", node->name);
        hwv_close(ties, whole, whole_axis, "'%s' lays several axes into one", node->name);
        return;
    }
    for (size_t k = 0; k < count; k++)
        if (k != open)
            *(k < open ? &outer : &inner) *= shape->dim[parts[k]];
    hwv_tie_block(ties, parted, parts[open], whole, whole_axis, outer, inner);
}

static void tie_group(hwv_ties *ties, const hwv_node *node, const group *g)
{
    const hwv_id x = node->input[0], y = node->output[0];
    if (g->x_count == 1 && g->y_count == 1) {
        hwv_tie(ties, x, g->x[0], y, g->y[0]);
    } else if (g->x_count > 1 && g->y_count > 1) {
        for (size_t k = 0; k < g->x_count; k++)
            hwv_close(ties, x, g->x[k], "'%s' mixes it with other axes", node->name);
        for (size_t k = 0; k < g->y_count; k++)
            hwv_close(ties, y, g->y[k], "'%s' mixes it of other axes", node->name);
    } else if (ties->merging && g->y_count == 1) {
        tie_parts(ties, node, x, g->x, g->x_count, y, g->y[0]);
    } else if (ties->merging && g->x_count == 1) {
        tie_parts(ties, node, y, g->y, g->y_count, x, g->x[0]);
    }
}

/* Flatten too. The batch of one is that of the other. */
void hwv_tie_reshape(hwv_ties *ties, const hwv_node *node)
{
    const hwv_shape *x = hwv_ties_shape(ties, node->input[0]), *y = hwv_ties_shape(ties, node->output[0]);
    size_t i = 0, j = 0;
    group g;
    if (x->rank > 0 && y->rank > 0 && x->dim[0] == HWV_BATCH && y->dim[0] == HWV_BATCH) {
        hwv_tie(ties, node->input[0], 0, node->output[0], 0);
        i = j = 1;
    }
    while (group_next(x, y, &i, &j, &g))
        tie_group(ties, node, &g);
}
