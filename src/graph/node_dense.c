/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * dense: y[r,o] = sum over i of x[r,i] * weight[o,i]. The bias is a node of its own, which the
 * pass DENSE_BIAS lets the product add. */
#include "graph/kind.h"
#include "graph/structure.h"
#include "linalg/gemm.h"
#include "linalg/transpose.h"
#include "linalg/vector.h"

enum { X, WEIGHT };
enum {
    OUT,
    TURNED
}; /* geometry: outputs of the layer, whose inputs are the record's cols; the forward product's way */

/* Few samples, and more weights than a second-level cache holds. */
#define FEW_ROWS     ((size_t)128)
#define MANY_WEIGHTS ((size_t)256 << 10)

hwv_status hwv_node_dense_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[X]->shape, *weight = &shaping->input[WEIGHT]->shape;
    if (x->rank < 2 || weight->rank != 2 || shaping->input[X]->element != HWV_ELEMENT_F32 ||
        shaping->input[WEIGHT]->element != HWV_ELEMENT_F32 || hwv_shape_batched(weight) ||
        x->dim[x->rank - 1] != weight->dim[1])
        return hwv_shaping_fail(shaping, "x [..., in] and weight [out, in] with the same in");
    shaping->output[0] = *x;
    shaping->output[0].dim[x->rank - 1] = weight->dim[0];
    return HWV_OK;
}

static hwv_gemm forward_product(size_t rows, size_t in, size_t out)
{
    return (hwv_gemm){.m = rows, .n = out, .k = in, .b_transposed = true};
}

/* The transpose of y: x is brought into the order of the kernels in place of the weights, which are read once, row by
 * row. The same chains of multiply-adds, so the same bits. */
static hwv_gemm turned_product(size_t rows, size_t in, size_t out)
{
    return (hwv_gemm){.m = out, .n = rows, .k = in, .b_transposed = true};
}

static size_t turned_bytes(size_t rows, size_t out)
{
    return hwv_size_align(rows * out * sizeof(float));
}

static bool turns(const hwv_demand *demand, size_t out)
{
    size_t weights;
    return demand->rows <= FEW_ROWS && out >= 4 * demand->rows && demand->prepared == 0 &&
           hwv_size_mul(out, demand->cols, &weights) && weights >= MANY_WEIGHTS;
}

static hwv_gemm x_product(size_t rows, size_t in, size_t out)
{
    return (hwv_gemm){.m = rows, .n = in, .k = out};
}

static hwv_gemm weight_product(size_t rows, size_t in, size_t out)
{
    return (hwv_gemm){.m = out, .n = in, .k = rows, .a_transposed = true};
}

static void prepare(const hwv_record *record, const hwv_run *run)
{
    size_t in = record->cols, out = record->geometry[OUT];
    hwv_gemm y = forward_product(1, in, out);
    hwv_gemm_pack(&y, run->executor, record->input[WEIGHT], in, record->prepared);
}

hwv_status hwv_node_dense_plan(hwv_demand *demand)
{
    size_t out = hwv_graph_value(demand->graph, demand->node->input[WEIGHT])->shape.dim[0];
    hwv_gemm y = forward_product(demand->rows, demand->cols, out);
    hwv_gemm dx = x_product(demand->rows, demand->cols, out);
    hwv_gemm dweight = weight_product(demand->rows, demand->cols, out);
    const double flops = 2.0 * (double)demand->rows * (double)demand->cols * (double)out;
    demand->geometry[OUT] = out;
    demand->forward_effort.flops = flops;
    demand->forward_workspace = hwv_gemm_workspace(&y, demand->workers);
    if (demand->fixed && hwv_role_kept(hwv_graph_value(demand->graph, demand->node->input[WEIGHT])->role)) {
        demand->prepared = hwv_gemm_packed_bytes(&y);
        demand->prepare = prepare;
    }
    if (turns(demand, out)) {
        hwv_gemm turned = turned_product(demand->rows, demand->cols, out);
        demand->geometry[TURNED] = true;
        demand->forward_workspace = turned_bytes(demand->rows, out) + hwv_gemm_workspace(&turned, demand->workers);
    }
    if (demand->wanted & HWV_BIT(X)) {
        demand->backward_inputs |= HWV_BIT(WEIGHT);
        demand->backward_effort.flops += flops;
        demand->backward_workspace = hwv_gemm_workspace(&dx, demand->workers);
    }
    if (demand->wanted & HWV_BIT(WEIGHT)) {
        size_t bytes = hwv_gemm_workspace(&dweight, demand->workers);
        demand->backward_inputs |= HWV_BIT(X);
        demand->backward_effort.flops += flops;
        demand->accumulates |= HWV_BIT(WEIGHT);
        if (demand->backward_workspace < bytes)
            demand->backward_workspace = bytes;
    }
    return HWV_OK;
}

static void forward_turned(const hwv_record *record, const hwv_run *run)
{
    const size_t rows = hwv_record_rows(record, run), in = record->cols, out = record->geometry[OUT];
    const hwv_gemm turned = turned_product(rows, in, out);
    float *y = record->output[0], *transposed = run->workspace;
    hwv_gemm_run(&turned, run->executor, record->input[WEIGHT], in, record->input[X], in, transposed, rows,
                 transposed + turned_bytes(rows, out) / sizeof(float));
    hwv_transpose(out, rows, transposed, rows, y, out);
    for (size_t r = 0; record->bias && r < rows; r++)
        hwv_add(out, y + r * out, record->bias);
}

/* A product whose input an observer is told of. */
typedef struct telling {
    const hwv_observer *observer;
    hwv_observed_piece piece;
} telling;

static void tell(void *context, size_t first, size_t rows, size_t k, size_t depth, const float *a, size_t lda)
{
    telling *t = context;
    t->piece.first = first;
    t->piece.rows = rows;
    t->piece.column = k;
    t->piece.columns = depth;
    t->piece.x = a;
    t->piece.x_stride = lda;
    t->observer->piece(t->observer->self, &t->piece);
}

void hwv_node_dense_forward(const hwv_record *record, const hwv_run *run)
{
    size_t in = record->cols, out = record->geometry[OUT];
    hwv_gemm y = forward_product(hwv_record_rows(record, run), in, out);
    telling t;
    if (record->told && hwv_executor_workers(run->executor) < 2) {
        t.observer = record->told;
        t.piece.node = (hwv_id)(record->node - record->graph->nodes);
        t.piece.all_rows = y.m;
        y.seen = tell;
        y.context = &t;
    }
    if (record->geometry[TURNED])
        forward_turned(record, run);
    else if (record->prepared)
        hwv_gemm_run_packed(&y, run->executor, record->input[X], in, record->prepared, record->output[0], out,
                            record->bias, run->workspace);
    else
        hwv_gemm_run_bias(&y, run->executor, record->input[X], in, record->input[WEIGHT], in, record->output[0], out,
                          record->bias, run->workspace);
}

void hwv_node_dense_backward(const hwv_record *record, const hwv_run *run)
{
    size_t rows = hwv_record_rows(record, run), in = record->cols, out = record->geometry[OUT];
    const float *dy = record->output_gradient[0];
    if (record->input_gradient[WEIGHT]) {
        hwv_gemm dweight = weight_product(rows, in, out);
        dweight.accumulate = hwv_record_add(record, run, WEIGHT);
        hwv_gemm_run(&dweight, run->executor, dy, out, record->input[X], in, record->input_gradient[WEIGHT], in,
                     run->workspace);
    }
    if (record->input_gradient[X]) {
        hwv_gemm dx = x_product(rows, in, out);
        hwv_gemm_run(&dx, run->executor, dy, out, record->input[WEIGHT], in, record->input_gradient[X], in,
                     run->workspace);
    }
}

void hwv_node_dense_reference(const hwv_reference *reference)
{
    size_t out = reference->shape[WEIGHT]->dim[0], in = reference->shape[WEIGHT]->dim[1];
    for (size_t r = 0; r < reference->elements[X] / in; r++)
        for (size_t o = 0; o < out; o++) {
            double sum = 0;
            for (size_t i = 0; i < in; i++)
                sum += reference->input[X][r * in + i] * reference->input[WEIGHT][o * in + i];
            reference->output[0][r * out + o] = sum;
        }
}

hwv_status hwv_node_dense_example(hwv_example *example)
{
    hwv_id x, weight;
    bool deep = example->variant == 1; /* x of three dimensions */
    example->variants = 2;
    example->sums = 7 + 5 + 6;
    HWV_TRY(hwv_example_parameter(example, "x", deep ? 2 : 6, deep ? 3 : 7, deep ? 7 : 0, &x));
    HWV_TRY(hwv_example_parameter(example, "weight", 5, 7, 0, &weight));
    return hwv_example_node(example, HWV_NODE_DENSE, "fc", NULL, x, weight);
}
