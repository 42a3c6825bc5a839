/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * layer_norm: the numbers of a sample from attributes.axis on, minus their mean, over their deviation, times weight,
 * plus bias, where these are given (Ba, Kiros & Hinton 2016). Moments are in double and made again in the backward run. */
#include "graph/elementwise.h"
#include "graph/structure.h"

#include <math.h>

enum { X, WEIGHT, BIAS };

/* x as a matrix [rows, size] that is normalised row by row; false: no such axis. */
static bool split(const hwv_shape *x, size_t axis, size_t *size)
{
    *size = 1;
    if (axis >= x->rank || (axis == 0 && hwv_shape_batched(x)))
        return false;
    for (size_t i = axis; i < x->rank; i++)
        *size *= x->dim[i];
    return true;
}

hwv_status hwv_node_layer_norm_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[X]->shape;
    size_t size, elements;
    bool fits = shaping->input[X]->element == HWV_ELEMENT_F32 && split(x, attributes->axis, &size);
    for (size_t i = WEIGHT; fits && i < shaping->node->input_count; i++)
        fits = shaping->input[i]->element == HWV_ELEMENT_F32 && !hwv_shape_batched(&shaping->input[i]->shape) &&
               hwv_shape_elements(&shaping->input[i]->shape, 1, &elements) && elements == size;
    if (!fits)
        return hwv_shaping_fail(shaping,
                                "x, an axis of a sample, and weight and bias (both may be left out) of as many "
                                "numbers as lie from that axis on");
    if (!(attributes->epsilon >= 0 && attributes->epsilon < INFINITY))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: epsilon %g; 0 or more is accepted", shaping->node->name,
                        (double)attributes->epsilon);
    shaping->output[0] = *x;
    return HWV_OK;
}

hwv_status hwv_node_layer_norm_plan(hwv_demand *demand)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[X])->shape;
    split(x, demand->node->attributes.axis, &demand->geometry[0]);
    demand->overwrites = HWV_BIT(X);
    if (demand->training && demand->wanted) {
        const unsigned given = HWV_BIT(demand->node->input_count) - 1;
        demand->backward_inputs = (HWV_BIT(X) | HWV_BIT(WEIGHT)) & given;
        demand->accumulates = (HWV_BIT(WEIGHT) | HWV_BIT(BIAS)) & given;
        /* Sums of the gradients of weight and bias. */
        if (!hwv_size_mul(demand->geometry[0], 2 * sizeof(double), &demand->backward_workspace))
            return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", demand->node->name);
    }
    return HWV_OK;
}

typedef struct job {
    const hwv_record *record;
    size_t size;
    double epsilon;
} job;

static job job_make(const hwv_record *record)
{
    return (job){.record = record, .size = record->geometry[0], .epsilon = (double)record->node->attributes.epsilon};
}

static size_t rows_of(const hwv_record *record, const hwv_run *run)
{
    return hwv_record_rows(record, run) * record->cols / record->geometry[0];
}

/* Eight partial sums, added in order. */
static double sum(const double parts[8])
{
    double total = 0;
    for (size_t i = 0; i < 8; i++)
        total += parts[i];
    return total;
}

/* Mean and 1 / deviation of a row. */
static void moments(const job *j, const float *x, double *mean, double *inverse)
{
    double parts[8] = {0}, squares[8] = {0};
    for (size_t i = 0; i < j->size; i++)
        parts[i % 8] += (double)x[i];
    *mean = sum(parts) / (double)j->size;
    for (size_t i = 0; i < j->size; i++) {
        double d = (double)x[i] - *mean;
        squares[i % 8] += d * d;
    }
    *inverse = 1 / sqrt(sum(squares) / (double)j->size + j->epsilon);
}

static void forward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const float *weight = j->record->input[WEIGHT], *bias = j->record->input[BIAS];
    for (size_t r = first; r < first + rows; r++) {
        const float *x = (const float *)j->record->input[X] + r * j->size;
        float *y = (float *)j->record->output[0] + r * j->size;
        double mean, inverse;
        moments(j, x, &mean, &inverse);
        for (size_t i = 0; i < j->size; i++)
            y[i] = (float)(((double)x[i] - mean) * inverse);
        for (size_t i = 0; weight && i < j->size; i++)
            y[i] *= weight[i];
        for (size_t i = 0; bias && i < j->size; i++)
            y[i] += bias[i];
    }
}

void hwv_node_layer_norm_forward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record);
    hwv_rows_run(run->executor, rows_of(record, run), j.size, forward_rows, &j);
}

static double scale(const float *weight, size_t i)
{
    return weight ? (double)weight[i] : 1;
}

/* With n = normalised x and g = dy weight: dx = (g - mean(g) - n mean(g n)) / deviation. */
static void dx_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const float *weight = j->record->input[WEIGHT];
    for (size_t r = first; r < first + rows; r++) {
        const float *x = (const float *)j->record->input[X] + r * j->size;
        const float *dy = j->record->output_gradient[0] + r * j->size;
        float *dx = j->record->input_gradient[X] + r * j->size;
        double mean, inverse, plain = 0, along = 0, size = (double)j->size;
        moments(j, x, &mean, &inverse);
        for (size_t i = 0; i < j->size; i++) {
            double g = (double)dy[i] * scale(weight, i);
            plain += g;
            along += g * ((double)x[i] - mean) * inverse;
        }
        for (size_t i = 0; i < j->size; i++) {
            double g = (double)dy[i] * scale(weight, i), n = ((double)x[i] - mean) * inverse;
            dx[i] = (float)((g - plain / size - n * along / size) * inverse);
        }
    }
}

/* Sums over the rows in order, in double. */
static void parameter_gradients(const job *j, const hwv_run *run, size_t rows)
{
    const hwv_record *record = j->record;
    double *dweight = run->workspace, *dbias = dweight + j->size;
    memset(dweight, 0, 2 * j->size * sizeof *dweight);
    for (size_t r = 0; r < rows; r++) {
        const float *x = (const float *)record->input[X] + r * j->size;
        const float *dy = record->output_gradient[0] + r * j->size;
        double mean, inverse;
        moments(j, x, &mean, &inverse);
        for (size_t i = 0; i < j->size; i++) {
            dweight[i] += (double)dy[i] * ((double)x[i] - mean) * inverse;
            dbias[i] += (double)dy[i];
        }
    }
    for (size_t p = WEIGHT; p <= BIAS; p++) {
        float *to = record->input_gradient[p];
        const double *from = p == WEIGHT ? dweight : dbias;
        bool add = to && hwv_record_add(record, run, p);
        for (size_t i = 0; to && i < j->size; i++)
            to[i] = (float)from[i] + (add ? to[i] : 0);
    }
}

void hwv_node_layer_norm_backward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record);
    size_t rows = rows_of(record, run);
    if (record->input_gradient[WEIGHT] || record->input_gradient[BIAS])
        parameter_gradients(&j, run, rows);
    if (record->input_gradient[X])
        hwv_rows_run(run->executor, rows, j.size, dx_rows, &j);
}

void hwv_node_layer_norm_reference(const hwv_reference *reference)
{
    const double *weight = reference->input[WEIGHT], *bias = reference->input[BIAS];
    const size_t inputs = reference->node->input_count;
    size_t size = 1;
    for (size_t d = reference->node->attributes.axis; d < reference->shape[X]->rank; d++)
        size *= reference->shape[X]->dim[d];
    double epsilon = (double)reference->node->attributes.epsilon;
    for (size_t r = 0; r < reference->elements[X] / size; r++) {
        const double *x = reference->input[X] + r * size;
        double *y = reference->output[0] + r * size, mean = 0, variance = 0;
        for (size_t i = 0; i < size; i++)
            mean += x[i];
        mean /= (double)size;
        for (size_t i = 0; i < size; i++)
            variance += (x[i] - mean) * (x[i] - mean);
        variance /= (double)size;
        for (size_t i = 0; i < size; i++)
            y[i] = (x[i] - mean) / sqrt(variance + epsilon) * (inputs > WEIGHT ? weight[i] : 1) +
                   (inputs > BIAS ? bias[i] : 0);
    }
}

/* The last axis; the last two; without bias, and without weight too. */
hwv_status hwv_node_layer_norm_example(hwv_example *example)
{
    static const size_t given[] = {3, 3, 2, 1};
    size_t axis = example->variant ? 1 : 2, size = example->variant ? 15 : 5;
    hwv_node_attributes attributes = {.epsilon = 1e-3f, .axis = axis};
    hwv_id inputs[3];
    example->variants = sizeof given / sizeof given[0];
    example->sums = 3 * size + 12;
    HWV_TRY(hwv_example_parameter(example, "x", 4, 3, 5, &inputs[X]));
    if (given[example->variant] > WEIGHT)
        HWV_TRY(hwv_example_parameter(example, "weight", size, 0, 0, &inputs[WEIGHT]));
    if (given[example->variant] > BIAS)
        HWV_TRY(hwv_example_parameter(example, "bias", size, 0, 0, &inputs[BIAS]));
    return hwv_example_node_of(example, HWV_NODE_LAYER_NORM, "norm", &attributes, inputs, given[example->variant]);
}
