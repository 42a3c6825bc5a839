/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * attention: y [batch, length, width] = softmax(q k' / sqrt(d)) v of every head; qkv [batch, length, 3 width] has rows
 * [q | k | v], each of them attributes.heads runs of d = width / heads. Causal: a position sees itself and those in
 * front of it. */
#include "graph/kind.h"
#include "linalg/attention.h"

#include <math.h>

enum { QKV };

hwv_status hwv_node_attention_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[QKV]->shape;
    const size_t heads = shaping->node->attributes.heads;
    if (shaping->input[QKV]->element != HWV_ELEMENT_F32 || x->rank != 3 || heads == 0 || x->dim[2] % 3 != 0 ||
        x->dim[2] / 3 % heads != 0)
        return hwv_shaping_fail(shaping, "qkv [batch, length, 3 width] of floats, heads 1 or more that divide width");
    shaping->output[0] = *x;
    shaping->output[0].dim[2] = x->dim[2] / 3;
    return HWV_OK;
}

static hwv_attention attention_of(const hwv_node *node, const hwv_shape *qkv)
{
    return (hwv_attention){.samples = qkv->dim[0],
                           .length = qkv->dim[1],
                           .width = qkv->dim[2] / 3,
                           .heads = node->attributes.heads,
                           .causal = node->attributes.causal};
}

hwv_status hwv_node_attention_plan(hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    hwv_shape qkv = hwv_graph_value(demand->graph, node->input[QKV])->shape;
    qkv.dim[0] = hwv_shape_batched(&qkv) ? demand->batch : qkv.dim[0];
    const hwv_attention attention = attention_of(node, &qkv);
    demand->forward_workspace = hwv_attention_workspace(&attention, demand->workers);
    demand->forward_effort.flops = hwv_attention_forward_flops(&attention);
    if (demand->training && demand->wanted) {
        demand->backward_inputs = HWV_BIT(QKV);
        demand->backward_outputs = HWV_BIT(0);
        demand->backward_workspace = demand->forward_workspace;
        demand->backward_effort.flops = hwv_attention_backward_flops(&attention);
        /* One for each head of a row: below the bytes of qkv. */
        demand->saved = attention.samples * attention.length * attention.heads * sizeof(float);
    }
    if (demand->forward_workspace == SIZE_MAX)
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", node->name);
    return HWV_OK;
}

void hwv_node_attention_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape qkv = hwv_record_input_shape(record, run, QKV);
    const hwv_attention attention = attention_of(record->node, &qkv);
    hwv_attention_forward(&attention, run->executor, record->input[QKV], record->output[0], record->saved,
                          run->workspace);
}

void hwv_node_attention_backward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape qkv = hwv_record_input_shape(record, run, QKV);
    const hwv_attention attention = attention_of(record->node, &qkv);
    hwv_attention_backward(&attention, run->executor, record->input[QKV], record->output[0], record->saved,
                           record->output_gradient[0], record->input_gradient[QKV], run->workspace);
}

/* ---- reference ------------------------------------------------------------------------------------- */

static double score(const double *query, const double *key, size_t size)
{
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += query[i] * key[i];
    return sum / sqrt((double)size);
}

static void query_reference(const hwv_attention *a, const double *sample, size_t head, size_t query, double *y)
{
    const size_t size = a->width / a->heads, stride = 3 * a->width, seen = a->causal ? query + 1 : a->length;
    const double *q = sample + query * stride + head * size, *k = sample + a->width + head * size, *v = k + a->width;
    double most = -INFINITY, total = 0;
    for (size_t i = 0; i < size; i++)
        y[i] = 0;
    for (size_t t = 0; t < seen; t++)
        most = fmax(most, score(q, k + t * stride, size));
    for (size_t t = 0; t < seen; t++) {
        const double share = exp(score(q, k + t * stride, size) - most);
        total += share;
        for (size_t i = 0; i < size; i++)
            y[i] += share * v[t * stride + i];
    }
    for (size_t i = 0; i < size; i++)
        y[i] /= total;
}

void hwv_node_attention_reference(const hwv_reference *reference)
{
    const hwv_attention a = attention_of(reference->node, reference->shape[QKV]);
    for (size_t s = 0; s < a.samples; s++)
        for (size_t head = 0; head < a.heads; head++)
            for (size_t t = 0; t < a.length; t++)
                query_reference(&a, reference->input[QKV] + s * a.length * 3 * a.width, head, t,
                                reference->output[0] + (s * a.length + t) * a.width + head * (a.width / a.heads));
}

/* Causal and not; heads of three; more positions than a block of keys has. */
hwv_status hwv_node_attention_example(hwv_example *example)
{
    static const struct {
        size_t samples, length, heads, size;
    } shapes[] = {{2, 5, 2, 3}, {1, 67, 1, 2}};
    const size_t v = example->variant / 2, columns = 3 * shapes[v].heads * shapes[v].size;
    const hwv_node_attributes attributes = {.heads = shapes[v].heads, .causal = example->variant % 2 == 0};
    hwv_id qkv;
    example->variants = 2 * sizeof shapes / sizeof shapes[0];
    example->sums = 2 * shapes[v].length + 3 * shapes[v].size;
    HWV_TRY(hwv_example_parameter(example, "qkv", shapes[v].samples, shapes[v].length, columns, &qkv));
    return hwv_example_node(example, HWV_NODE_ATTENTION, "attention", &attributes, qkv, HWV_NO_ID);
}
