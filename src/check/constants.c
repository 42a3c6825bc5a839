/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The network runs over the data once, and what is asked for is looked at after each run. */
#include "check/constants.h"

#include <math.h>

#include "check/runner.h"
#include "graph/structure.h"
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

static void run_see(const hwv_constants *constants, const hwv_graph *graph, hwv_plan *plan, size_t rows)
{
    for (size_t v = 0; v < constants->value_count; v++) {
        size_t fixed, batched, cols;
        const float *x = constants->ranges[v] ? hwv_plan_data(plan, (hwv_id)v) : NULL;
        if (x == NULL)
            continue;
        hwv_shape_matrix(&hwv_graph_value(graph, (hwv_id)v)->shape, &fixed, &batched, &cols);
        rows_see(constants->ranges[v], x, fixed + batched * rows, cols);
    }
}

static hwv_status shards_run(hwv_constants *constants, hwv_runner *runner, const hwv_feed *feed, hwv_error *error)
{
    for (;;) {
        size_t rows;
        HWV_TRY(hwv_runner_next(runner, feed, &rows, NULL, error));
        if (rows == 0 && (feed->more == NULL || !feed->more(feed->self)))
            return HWV_OK;
        if (rows == 0)
            continue;
        hwv_plan_rows(runner->plan, rows);
        hwv_plan_forward(runner->plan);
        run_see(constants, runner->network->graph, runner->plan, rows);
    }
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
    const hwv_targets targets = {.output = values[0], .keep = values, .keep_count = count};
    hwv_runner runner = {0};
    hwv_feed feed = {0};
    size_t batch;
    *constants = (hwv_constants){0};
    HWV_TRY(ranges_make(constants, network->graph, values, count, error));
    HWV_TRY(source->open(source->self, &feed, error));
    HWV_TRY(hwv_runner_batch(&batch, network, &targets, executor, error));
    hwv_status status = hwv_runner_make(&runner, network, &targets, batch, executor, error);
    if (status == HWV_OK)
        status = shards_run(constants, &runner, &feed, error);
    hwv_runner_free(&runner);
    return status;
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
