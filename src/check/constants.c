/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The smallest and the largest of each column. */
#include "check/constants.h"

#include <math.h>

#include "check/watch.h"
#include "halfwave/memory.h"

static void rows_see(hwv_range *ranges, const float *x, size_t rows, size_t cols)
{
    for (size_t r = 0; r < rows; r++, x += cols)
        for (size_t c = 0; c < cols; c++) {
            /* a NaN stays: nothing is smaller or larger */
            ranges[c].min = x[c] < ranges[c].min || isnan(x[c]) ? x[c] : ranges[c].min;
            ranges[c].max = x[c] > ranges[c].max || isnan(x[c]) ? x[c] : ranges[c].max;
        }
}

static void value_see(void *self, hwv_id value, const float *x, size_t rows, size_t cols)
{
    const hwv_constants *constants = self;
    rows_see(constants->ranges[value], x, rows, cols);
}

static hwv_status ranges_make(hwv_constants *constants, const hwv_graph *graph, const hwv_id *values, size_t count,
                              hwv_error *error)
{
    constants->value_count = hwv_graph_value_count(graph);
    constants->ranges = hwv_calloc(constants->value_count + 1, sizeof *constants->ranges);
    for (size_t i = 0; constants->ranges && i < count; i++) {
        const hwv_shape *shape = &hwv_graph_value(graph, values[i])->shape;
        const size_t cols = shape->dim[shape->rank - 1];
        hwv_range **ranges = &constants->ranges[values[i]];
        if (*ranges)
            continue;
        *ranges = hwv_calloc(cols, sizeof **ranges);
        if (*ranges == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the ranges of %zu units", cols);
        for (size_t c = 0; c < cols; c++)
            (*ranges)[c] = (hwv_range){INFINITY, -INFINITY};
    }
    if (constants->ranges == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the ranges of a network");
    return HWV_OK;
}

hwv_status hwv_constants_measure(hwv_constants *constants, const hwv_network *network, const hwv_id *values,
                                 size_t count, const hwv_source *source, const hwv_executor *executor, hwv_error *error)
{
    const hwv_watch watch = {values, count, constants, value_see};
    *constants = (hwv_constants){0};
    HWV_TRY(ranges_make(constants, network->graph, values, count, error));
    return hwv_network_watch(network, &watch, source, executor, error);
}

void hwv_constants_free(hwv_constants *constants)
{
    for (size_t v = 0; constants->ranges && v < constants->value_count; v++)
        hwv_free(constants->ranges[v]);
    hwv_free(constants->ranges);
    *constants = (hwv_constants){0};
}

bool hwv_range_is_constant(const hwv_range *range)
{
    return range->min == range->max && isfinite(range->min);
}
