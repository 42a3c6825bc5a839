/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * reduce: y = f over attributes.axes of x, f a row of reductions.def; what is reduced stays as a dimension of 1 where
 * keep_axes says so, and reducing all gives [1]. Folds are in double and in an order that the shape alone decides.
 *
 * A NaN passes through max and min. Of integers sum, prod, l1 and sum_square wrap around as long as they stay below
 * 2^53, mean truncates. Gradients: max and min share theirs evenly among equal elements; of l2 at 0 it is 0; prod's is
 * right with zeros among the factors. arg_max and arg_min have none; a NaN is not looked at but where all are. */
#include "graph/broadcast.h"
#include "graph/functions.h"
#include "graph/node_reduce.h"
#include "graph/structure.h"
#include "linalg/blocks.h"

#include <math.h>
#include <string.h>

static bool is_index(int function)
{
    return hwv_function_row(HWV_NODE_REDUCE, function)->types == HWV_TYPES_INDEX;
}

hwv_status hwv_node_reduce_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[0]->shape;
    const unsigned axes = attributes->axes;
    const hwv_function *row;
    hwv_shape y = {0};
    HWV_TRY(hwv_function_check(shaping->node, &row, shaping->error));
    if (row->types == HWV_TYPES_FLOAT && shaping->input[0]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "floats for this function");
    if (axes >> x->rank != 0 || (row->types == HWV_TYPES_INDEX && (axes == 0 || (axes & (axes - 1)) != 0)))
        return hwv_shaping_fail(shaping, row->types == HWV_TYPES_INDEX ? "one axis, of x" : "axes of x");
    for (size_t d = 0; d < x->rank; d++) {
        bool reduced = axes >> d & 1;
        if (!reduced || attributes->keep_axes)
            y.dim[y.rank++] = reduced ? 1 : x->dim[d];
    }
    if (y.rank == 0)
        y.dim[y.rank++] = 1;
    shaping->output[0] = y;
    shaping->element[0] = row->types == HWV_TYPES_INDEX ? HWV_ELEMENT_I32 : shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_reduce_plan(hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    size_t elements;
    switch (node->attributes.function) {
    case HWV_REDUCTION_SUM:
    case HWV_REDUCTION_MEAN:
        break;
    case HWV_REDUCTION_MAX:
    case HWV_REDUCTION_MIN:
    case HWV_REDUCTION_L2:
    case HWV_REDUCTION_LOG_SUM_EXP:
        demand->backward_outputs = HWV_BIT(0);
        demand->backward_inputs = HWV_BIT(0);
        break;
    default:
        demand->backward_inputs = HWV_BIT(0);
    }
    if (!demand->training || !demand->wanted)
        return HWV_OK;
    if (!hwv_shape_elements(&hwv_graph_value(demand->graph, node->output[0])->shape, demand->batch, &elements) ||
        !hwv_size_mul(elements, sizeof(hwv_reduce_aid), &demand->backward_workspace))
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", node->name);
    return HWV_OK;
}

/* ---- the job ---------------------------------------------------------------------------------------- */

hwv_reduce_job hwv_reduce_job_make(const hwv_record *record, const hwv_run *run)
{
    const hwv_node_attributes *attributes = &record->node->attributes;
    const hwv_shape x = hwv_record_input_shape(record, run, 0);
    hwv_shape y = x;
    hwv_reduce_job job = {.record = record, .function = attributes->function, .count = 1};
    for (size_t d = 0; d < x.rank; d++) {
        if ((attributes->axes >> d & 1) == 0)
            continue;
        y.dim[d] = 1;
        job.count *= (double)x.dim[d];
    }
    job.loops = hwv_loops_make(&x, (const hwv_shape *const[]){&x, &y}, 2);
    return job;
}

/* ---- forward: folds --------------------------------------------------------------------------------- */

/* Of two numbers; a NaN of either passes. */
static double larger(double a, double b)
{
    return a > b || a != a ? a : b;
}

static double smaller(double a, double b)
{
    return a < b || a != a ? a : b;
}

/* Every cell becomes JOIN, an expression of a, the cell, and of b, TERM of x. Along a row by eight partial ones, which
 * begin with START. */
#define STEP(label, type, START, TERM, JOIN)                                                                           \
    static double label##_join(double a, double b)                                                                     \
    {                                                                                                                  \
        return JOIN;                                                                                                   \
    }                                                                                                                  \
    static double label##_term(double x)                                                                               \
    {                                                                                                                  \
        return TERM;                                                                                                   \
    }                                                                                                                  \
    static void label(const void *context, size_t n, const size_t *at, bool along, double *cells)                      \
    {                                                                                                                  \
        const hwv_reduce_job *job = context;                                                                           \
        const type *x = (const type *)job->record->input[0] + at[HWV_REDUCE_X];                                        \
        double part[8] = {START, START, START, START, START, START, START, START};                                     \
        size_t i = 0;                                                                                                  \
        for (; !along && i < n; i++)                                                                                   \
            cells[i] = label##_join(cells[i], label##_term((double)x[i]));                                             \
        for (; along && i + 8 <= n; i += 8)                                                                            \
            for (size_t j = 0; j < 8; j++)                                                                             \
                part[j] = label##_join(part[j], label##_term((double)x[i + j]));                                       \
        for (; i < n; i++)                                                                                             \
            part[i % 8] = label##_join(part[i % 8], label##_term((double)x[i]));                                       \
        for (size_t half = 4; along && half > 0; half /= 2)                                                            \
            for (size_t j = 0; j < half; j++)                                                                          \
                part[j] = label##_join(part[j], part[j + half]);                                                       \
        if (along)                                                                                                     \
            *cells = label##_join(*cells, part[0]);                                                                    \
    }
#define STEPS(name, START, TERM, JOIN)                                                                                 \
    STEP(floats_##name, float, START, TERM, JOIN)                                                                      \
    STEP(integers_##name, int32_t, START, TERM, JOIN)

STEPS(sum, 0, x, a + b)
STEPS(max, -INFINITY, x, larger(a, b))
STEPS(min, INFINITY, x, smaller(a, b))
STEPS(prod, 1, x, a *b)
STEPS(l1, 0, fabs(x), a + b)
STEPS(sum_square, 0, x *x, a + b)

/* The largest of all is in y by now; 0 instead of what is infinite. */
static void floats_exp(const void *context, size_t n, const size_t *at, bool along, double *cells)
{
    const hwv_reduce_job *job = context;
    const float *x = (const float *)job->record->input[0] + at[HWV_REDUCE_X];
    const float *y = (const float *)job->record->output[0] + at[HWV_REDUCE_Y];
    for (size_t i = 0; i < n; i++) {
        const double largest = (double)y[along ? 0 : i];
        cells[along ? 0 : i] += exp((double)x[i] - (isfinite(largest) ? largest : 0));
    }
}

static void floats_finish(const void *context, size_t first, size_t n, const double *cells)
{
    const hwv_reduce_job *job = context;
    float *y = (float *)job->record->output[0] + first;
    for (size_t i = 0; i < n; i++) {
        const double cell = cells[i], largest = (double)y[i];
        switch (job->function) {
        case HWV_REDUCTION_MEAN:
            y[i] = (float)(cell / job->count);
            break;
        case HWV_REDUCTION_L2:
            y[i] = (float)sqrt(cell);
            break;
        case HWV_REDUCTION_LOG_SUM:
            y[i] = (float)log(cell);
            break;
        case HWV_REDUCTION_LOG_SUM_EXP:
            y[i] = (float)(log(cell) + (isfinite(largest) ? largest : 0));
            break;
        default:
            y[i] = (float)cell;
        }
    }
}

static void integers_finish(const void *context, size_t first, size_t n, const double *cells)
{
    const hwv_reduce_job *job = context;
    int32_t *y = (int32_t *)job->record->output[0] + first;
    for (size_t i = 0; i < n; i++) {
        const double cell = job->function == HWV_REDUCTION_MEAN ? cells[i] / job->count : cells[i];
        const uint32_t bits = fabs(cell) < 0x1p53 ? (uint32_t)(int64_t)cell : cell < 0 ? 0x80000000u : 0x7fffffffu;
        memcpy(&y[i], &bits, sizeof bits);
    }
}

static void fold_choose(hwv_fold *fold, int function, bool integers)
{
    fold->start = 0;
    fold->finish = integers ? integers_finish : floats_finish;
    switch (function) {
    case HWV_REDUCTION_MAX:
        fold->start = -INFINITY;
        fold->step = integers ? integers_max : floats_max;
        break;
    case HWV_REDUCTION_MIN:
        fold->start = INFINITY;
        fold->step = integers ? integers_min : floats_min;
        break;
    case HWV_REDUCTION_PROD:
        fold->start = 1;
        fold->step = integers ? integers_prod : floats_prod;
        break;
    case HWV_REDUCTION_L1:
        fold->step = integers ? integers_l1 : floats_l1;
        break;
    case HWV_REDUCTION_L2:
    case HWV_REDUCTION_SUM_SQUARE:
        fold->step = integers ? integers_sum_square : floats_sum_square;
        break;
    case HWV_REDUCTION_LOG_SUM_EXP:
        fold->step = floats_exp;
        break;
    default:
        fold->step = integers ? integers_sum : floats_sum;
    }
}

/* ---- forward: where --------------------------------------------------------------------------------- */

/* x as [outer, count, inner]; y is [outer, inner]. Blocks of elements of y. */
typedef struct index_job {
    const hwv_record *record;
    size_t count, inner;
    bool integers, least, last;
} index_job;

static double index_element(const index_job *j, size_t at)
{
    return j->integers ? (double)((const int32_t *)j->record->input[0])[at]
                       : (double)((const float *)j->record->input[0])[at];
}

static void index_block(const void *context, size_t first, size_t n)
{
    const index_job *j = context;
    for (size_t k = first; k < first + n; k++) {
        const size_t base = k / j->inner * j->count * j->inner + k % j->inner;
        double best = NAN;
        size_t where = 0;
        for (size_t i = 0; i < j->count; i++) {
            const double x = index_element(j, base + i * j->inner);
            bool better = best != best ? x == x : j->least ? x < best : x > best;
            if (better || (j->last && x == best)) {
                best = x;
                where = i;
            }
        }
        ((int32_t *)j->record->output[0])[k] = (int32_t)where;
    }
}

static void index_forward(const hwv_record *record, const hwv_run *run, bool integers)
{
    const int function = record->node->attributes.function;
    const hwv_shape x = hwv_record_input_shape(record, run, 0);
    size_t axis = 0, outer = 1;
    index_job j = {.record = record,
                   .inner = 1,
                   .integers = integers,
                   .least = function == HWV_REDUCTION_ARG_MIN || function == HWV_REDUCTION_ARG_MIN_LAST,
                   .last = function == HWV_REDUCTION_ARG_MAX_LAST || function == HWV_REDUCTION_ARG_MIN_LAST};
    while ((record->node->attributes.axes >> axis & 1) == 0)
        axis++;
    j.count = x.dim[axis];
    for (size_t d = 0; d < axis; d++)
        outer *= x.dim[d];
    for (size_t d = axis + 1; d < x.rank; d++)
        j.inner *= x.dim[d];
    hwv_rows_run(run->executor, outer * j.inner, j.count, index_block, &j);
}

void hwv_node_reduce_forward(const hwv_record *record, const hwv_run *run)
{
    const bool integers = hwv_graph_value(record->graph, record->node->input[0])->element == HWV_ELEMENT_I32;
    if (is_index(record->node->attributes.function)) {
        index_forward(record, run, integers);
        return;
    }
    hwv_reduce_job job = hwv_reduce_job_make(record, run);
    hwv_fold fold = {.loops = &job.loops, .target = HWV_REDUCE_Y, .context = &job};
    if (job.function == HWV_REDUCTION_LOG_SUM_EXP) {
        job.function = HWV_REDUCTION_MAX;
        fold_choose(&fold, HWV_REDUCTION_MAX, integers);
        hwv_fold_run(&fold, run->executor);
        job.function = HWV_REDUCTION_LOG_SUM_EXP;
    }
    fold_choose(&fold, job.function, integers);
    hwv_fold_run(&fold, run->executor);
}

/* ---- reference -------------------------------------------------------------------------------------- */

/* Whether elements i and j of x meet in one of y. */
static bool meet(const hwv_shape *x, unsigned axes, size_t i, size_t j)
{
    for (size_t d = x->rank; d-- > 0; i /= x->dim[d], j /= x->dim[d])
        if ((axes >> d & 1) == 0 && i % x->dim[d] != j % x->dim[d])
            return false;
    return true;
}

/* Of those that meet element i, which is the first of them. */
static double reference_of(const hwv_reference *reference, int function, size_t i)
{
    const double *x = reference->input[0];
    const unsigned axes = reference->node->attributes.axes;
    double sum = 0, absolute = 0, square = 0, product = 1, exponential = 0, count = 0, least = x[i], most = x[i];
    double at_least = 0, at_most = 0, last_least = 0, last_most = 0;
    for (size_t j = i; j < reference->elements[0]; j++) {
        if (!meet(reference->shape[0], axes, i, j))
            continue;
        at_least = x[j] < least ? count : at_least;
        at_most = x[j] > most ? count : at_most;
        last_least = x[j] <= least ? count : last_least;
        last_most = x[j] >= most ? count : last_most;
        if (j != i && (function == HWV_REDUCTION_MAX || function == HWV_REDUCTION_MIN))
            *reference->bend = fmin(*reference->bend, fabs(x[j] - (function == HWV_REDUCTION_MAX ? most : least)));
        least = fmin(least, x[j]);
        most = fmax(most, x[j]);
        sum += x[j];
        absolute += fabs(x[j]);
        square += x[j] * x[j];
        product *= x[j];
        exponential += exp(x[j]);
        count++;
        if (function == HWV_REDUCTION_L1)
            *reference->bend = fmin(*reference->bend, fabs(x[j]));
    }
    const double results[] = {
        [HWV_REDUCTION_SUM] = sum,
        [HWV_REDUCTION_MEAN] = sum / count,
        [HWV_REDUCTION_MAX] = most,
        [HWV_REDUCTION_MIN] = least,
        [HWV_REDUCTION_PROD] = product,
        [HWV_REDUCTION_L1] = absolute,
        [HWV_REDUCTION_L2] = sqrt(square),
        [HWV_REDUCTION_SUM_SQUARE] = square,
        [HWV_REDUCTION_LOG_SUM] = log(sum),
        [HWV_REDUCTION_LOG_SUM_EXP] = log(exponential),
        [HWV_REDUCTION_ARG_MAX] = at_most,
        [HWV_REDUCTION_ARG_MIN] = at_least,
        [HWV_REDUCTION_ARG_MAX_LAST] = last_most,
        [HWV_REDUCTION_ARG_MIN_LAST] = last_least,
    };
    return results[function];
}

void hwv_node_reduce_reference(const hwv_reference *reference)
{
    const hwv_node_attributes *attributes = &reference->node->attributes;
    size_t to = 0;
    for (size_t i = 0; i < reference->elements[0]; i++) {
        bool first = true;
        for (size_t d = reference->shape[0]->rank, rest = i; d-- > 0; rest /= reference->shape[0]->dim[d])
            first = first && ((attributes->axes >> d & 1) == 0 || rest % reference->shape[0]->dim[d] == 0);
        if (first)
            reference->output[0][to++] = reference_of(reference, attributes->function, i);
    }
}

/* ---- example ---------------------------------------------------------------------------------------- */

/* Every function with a gradient over other axes; log_sum of e^x. */
hwv_status hwv_node_reduce_example(hwv_example *example)
{
    static const unsigned axes[] = {HWV_BIT(2), HWV_BIT(0), HWV_BIT(1), HWV_BIT(0) | HWV_BIT(2),
                                    HWV_BIT(0) | HWV_BIT(1) | HWV_BIT(2)};
    enum { AXES = sizeof axes / sizeof axes[0], FUNCTIONS = HWV_REDUCTION_LOG_SUM_EXP };
    const size_t v = example->variant;
    hwv_node_attributes attributes = {.function = HWV_UNARY_EXP};
    hwv_id x;
    example->variants = (size_t)FUNCTIONS * AXES;
    example->sums = 40;
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    if (v / AXES + 1 == HWV_REDUCTION_LOG_SUM) {
        HWV_TRY(hwv_example_node(example, HWV_NODE_UNARY, "e^x", &attributes, x, HWV_NO_ID));
        x = example->output;
    }
    attributes.function = (int)(v / AXES + 1);
    attributes.axes = axes[v % AXES];
    attributes.keep_axes = v & 1;
    return hwv_example_node(example, HWV_NODE_REDUCE, "f", &attributes, x, HWV_NO_ID);
}
