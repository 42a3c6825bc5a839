/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * softmax: y = softmax of the rows of x, or its logarithm; a row is attributes.axis and all axes behind it, together. A
 * row with a NaN or +inf, or with -inf only, is NaN: so are PyTorch's and ONNX Runtime's. */
#include "linalg/softmax.h"
#include "graph/elementwise.h"
#include "graph/kind.h"

#include <math.h>

hwv_status hwv_node_softmax_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    const size_t axis = shaping->node->attributes.axis;
    if (shaping->input[0]->element != HWV_ELEMENT_F32 || axis >= x->rank || (axis == 0 && hwv_shape_batched(x)))
        return hwv_shaping_fail(shaping, "x of floats, and an axis of it that is not the batch");
    shaping->output[0] = *x;
    return HWV_OK;
}

hwv_status hwv_node_softmax_plan(hwv_demand *demand)
{
    demand->backward_outputs = HWV_BIT(0);
    demand->overwrites = HWV_BIT(0);
    demand->gradient_overwrites = HWV_BIT(0);
    return HWV_OK;
}

typedef struct job {
    const hwv_record *record;
    size_t rows, cols;
} job;

static job job_make(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0);
    job j = {.record = record, .rows = 1, .cols = 1};
    for (size_t d = 0; d < x.rank; d++)
        *(d < record->node->attributes.axis ? &j.rows : &j.cols) *= x.dim[d];
    return j;
}

static void forward_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const float *x = (const float *)j->record->input[0] + first * j->cols;
    float *y = (float *)j->record->output[0] + first * j->cols;
    if (j->record->node->attributes.logarithm)
        hwv_log_softmax(rows, j->cols, y, j->cols, x, j->cols);
    else
        hwv_softmax(rows, j->cols, y, j->cols, x, j->cols);
}

void hwv_node_softmax_forward(const hwv_record *record, const hwv_run *run)
{
    const job j = job_make(record, run);
    hwv_rows_run(run->executor, j.rows, j.cols, forward_block, &j);
}

/* dx = y (dy - sum of dy y); of the logarithm dx = dy - e^y sum of dy. */
static void backward_row(size_t cols, bool logarithm, float *dx, const float *dy, const float *y)
{
    double sum = 0;
    for (size_t c = 0; c < cols; c++)
        sum += logarithm ? (double)dy[c] : (double)dy[c] * (double)y[c];
    for (size_t c = 0; c < cols; c++)
        dx[c] = logarithm ? (float)((double)dy[c] - exp((double)y[c]) * sum)
                          : (float)((double)y[c] * ((double)dy[c] - sum));
}

static void backward_block(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const hwv_record *record = j->record;
    for (size_t r = first; r < first + rows; r++)
        backward_row(j->cols, record->node->attributes.logarithm, record->input_gradient[0] + r * j->cols,
                     record->output_gradient[0] + r * j->cols, (const float *)record->output[0] + r * j->cols);
}

void hwv_node_softmax_backward(const hwv_record *record, const hwv_run *run)
{
    const job j = job_make(record, run);
    hwv_rows_run(run->executor, j.rows, j.cols, backward_block, &j);
}

void hwv_node_softmax_reference(const hwv_reference *reference)
{
    const hwv_node_attributes *attributes = &reference->node->attributes;
    size_t cols = 1;
    for (size_t d = attributes->axis; d < reference->shape[0]->rank; d++)
        cols *= reference->shape[0]->dim[d];
    for (size_t row = 0; row < reference->elements[0]; row += cols) {
        double sum = 0;
        for (size_t c = 0; c < cols; c++)
            sum += exp(reference->input[0][row + c]);
        for (size_t c = 0; c < cols; c++) {
            double p = exp(reference->input[0][row + c]) / sum;
            reference->output[0][row + c] = attributes->logarithm ? log(p) : p;
        }
    }
}

hwv_status hwv_node_softmax_example(hwv_example *example)
{
    hwv_node_attributes attributes = {.axis = example->variant / 2, .logarithm = example->variant & 1};
    hwv_id x;
    example->variants = 6;
    example->sums = 24;
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    return hwv_example_node(example, HWV_NODE_SOFTMAX, "p", &attributes, x, HWV_NO_ID);
}
