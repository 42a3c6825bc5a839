/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ONNX models in double by plain loops over the file's own tensors, one sample at a time, sharing no code with the
 * import: what the tests of real models compare with. It knows the operators of those models and nothing more; a model
 * with another one gives false. */
#ifndef TESTS_ONNX_FORWARD_H
#define TESTS_ONNX_FORWARD_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/model.h"

typedef struct forward_value {
    const char *name;
    size_t rank, dim[8], elements;
    double *data;
} forward_value;

typedef struct forward {
    const hwv_onnx *file;
    forward_value values[1024];
    size_t count, constants; /* those that stay from sample to sample */
} forward;

static inline size_t forward_elements(size_t rank, const size_t *dim)
{
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= dim[i];
    return n;
}

static inline forward_value *forward_find(forward *f, const char *name)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->values[i].name, name) == 0)
            return &f->values[i];
    return NULL;
}

static inline forward_value *forward_new(forward *f, const char *name, size_t rank, const size_t *dim)
{
    forward_value *v = &f->values[f->count++];
    *v = (forward_value){.name = name, .rank = rank, .elements = forward_elements(rank, dim)};
    if (rank)
        memcpy(v->dim, dim, rank * sizeof *dim);
    v->data = calloc(v->elements + 1, sizeof *v->data);
    return v;
}

static inline void forward_tensor(forward *f, const char *name, const hwv_onnx_tensor *t)
{
    forward_value *v = forward_new(f, name, t->rank, t->dim);
    for (size_t i = 0; i < v->elements; i++)
        v->data[i] = hwv_onnx_tensor_number(t, i);
}

static inline forward *forward_open(const hwv_onnx *file)
{
    forward *f = calloc(1, sizeof *f);
    f->file = file;
    for (size_t i = 0; i < file->initialiser_count; i++)
        forward_tensor(f, file->initialisers[i].name, &file->initialisers[i]);
    for (size_t n = 0; n < file->node_count; n++)
        if (strcmp(file->nodes[n].op, "Constant") == 0)
            forward_tensor(f, file->nodes[n].outputs[0], hwv_onnx_attribute_find(&file->nodes[n], "value")->tensor);
    f->constants = f->count;
    return f;
}

static inline void forward_clear(forward *f)
{
    while (f->count > f->constants)
        free(f->values[--f->count].data);
}

static inline void forward_close(forward *f)
{
    f->constants = 0;
    forward_clear(f);
    free(f);
}

/* ---- attributes ----------------------------------------------------------------------------------- */

static inline int64_t forward_int(const hwv_onnx_node *n, const char *name, int64_t absent)
{
    const hwv_onnx_attribute *a = hwv_onnx_attribute_find(n, name);
    return a ? a->i : absent;
}

static inline double forward_float(const hwv_onnx_node *n, const char *name, double absent)
{
    const hwv_onnx_attribute *a = hwv_onnx_attribute_find(n, name);
    return a ? (double)a->f : absent;
}

static inline size_t forward_size(const hwv_onnx_node *n, const char *name, size_t i, size_t absent)
{
    const hwv_onnx_attribute *a = hwv_onnx_attribute_find(n, name);
    return a && a->count > i ? (size_t)a->ints[i] : absent;
}

/* ---- operators ------------------------------------------------------------------------------------ */

/* y = a op b with NumPy's broadcasting. */
static inline void forward_binary(forward *f, const hwv_onnx_node *n, const forward_value *a, const forward_value *b)
{
    size_t rank = a->rank > b->rank ? a->rank : b->rank, dim[8];
    for (size_t i = 0; i < rank; i++) {
        size_t x = i + a->rank >= rank ? a->dim[i + a->rank - rank] : 1;
        size_t z = i + b->rank >= rank ? b->dim[i + b->rank - rank] : 1;
        dim[i] = x > z ? x : z;
    }
    forward_value *y = forward_new(f, n->outputs[0], rank, dim);
    for (size_t e = 0; e < y->elements; e++) {
        size_t rest = e, at[2] = {0, 0}, step[2] = {1, 1};
        for (size_t i = rank; i-- > 0;) {
            size_t index = rest % dim[i];
            rest /= dim[i];
            for (size_t o = 0; o < 2; o++) {
                const forward_value *v = o ? b : a;
                if (i + v->rank < rank)
                    continue;
                size_t own = v->dim[i + v->rank - rank];
                at[o] += (own == 1 ? 0 : index) * step[o];
                step[o] *= own;
            }
        }
        double p = a->data[at[0]], q = b->data[at[1]];
        switch (n->op[0]) {
        case 'A':
            y->data[e] = p + q;
            break;
        case 'S':
            y->data[e] = p - q;
            break;
        case 'M':
            y->data[e] = p * q;
            break;
        case 'D':
            y->data[e] = p / q;
            break;
        default:
            y->data[e] = pow(p, q);
        }
    }
}

static inline double forward_function(const hwv_onnx_node *n, double x)
{
    if (strcmp(n->op, "Relu") == 0)
        return x > 0 ? x : 0;
    if (strcmp(n->op, "LeakyRelu") == 0)
        return x > 0 ? x : x * forward_float(n, "alpha", 0.01);
    if (strcmp(n->op, "Sigmoid") == 0)
        return 1 / (1 + exp(-x));
    if (strcmp(n->op, "Clip") == 0)
        return fmin(fmax(x, forward_float(n, "min", -INFINITY)), forward_float(n, "max", INFINITY));
    if (strcmp(n->op, "HardSigmoid") == 0)
        return fmin(fmax(x * forward_float(n, "alpha", (double)0.2f) + forward_float(n, "beta", 0.5), 0), 1);
    return sqrt(x);
}

static inline void forward_unary(forward *f, const hwv_onnx_node *n, const forward_value *x)
{
    forward_value *y = forward_new(f, n->outputs[0], x->rank, x->dim);
    for (size_t i = 0; i < x->elements; i++)
        y->data[i] = forward_function(n, x->data[i]);
}

/* [..., k] times [k, n], or [n, k] where transposed. */
static inline void forward_product(forward *f, const hwv_onnx_node *n, const forward_value *x, const forward_value *w,
                                   bool transposed, const forward_value *bias)
{
    size_t k = x->dim[x->rank - 1], out = w->dim[!transposed], dim[8];
    memcpy(dim, x->dim, sizeof dim);
    dim[x->rank - 1] = out;
    forward_value *y = forward_new(f, n->outputs[0], x->rank, dim);
    for (size_t r = 0; r < x->elements / k; r++)
        for (size_t o = 0; o < out; o++) {
            double sum = bias ? bias->data[o] : 0;
            for (size_t i = 0; i < k; i++)
                sum += x->data[r * k + i] * w->data[transposed ? o * k + i : i * out + o];
            y->data[r * out + o] = sum;
        }
}

static inline void forward_conv(forward *f, const hwv_onnx_node *n, const forward_value *x, const forward_value *w,
                                const forward_value *bias)
{
    size_t groups = forward_size(n, "none", 0, (size_t)forward_int(n, "group", 1));
    size_t in = w->dim[1], out = w->dim[0], dim[4] = {x->dim[0], out, 0, 0};
    for (size_t d = 0; d < 2; d++)
        dim[2 + d] =
            (x->dim[2 + d] + forward_size(n, "pads", d, 0) + forward_size(n, "pads", 2 + d, 0) - w->dim[2 + d]) /
                forward_size(n, "strides", d, 1) +
            1;
    forward_value *y = forward_new(f, n->outputs[0], 4, dim);
    size_t sy = forward_size(n, "strides", 0, 1), sx = forward_size(n, "strides", 1, 1);
    size_t py = forward_size(n, "pads", 0, 0), px = forward_size(n, "pads", 1, 0);
    for (size_t o = 0; o < out; o++)
        for (size_t i = 0; i < dim[2]; i++)
            for (size_t j = 0; j < dim[3]; j++) {
                double sum = bias ? bias->data[o] : 0;
                for (size_t c = 0; c < in; c++)
                    for (size_t u = 0; u < w->dim[2]; u++)
                        for (size_t v = 0; v < w->dim[3]; v++) {
                            size_t row = i * sy + u - py, col = j * sx + v - px;
                            size_t channel = o / (out / groups) * in + c;
                            if (row < x->dim[2] && col < x->dim[3])
                                sum += x->data[(channel * x->dim[2] + row) * x->dim[3] + col] *
                                       w->data[((o * in + c) * w->dim[2] + u) * w->dim[3] + v];
                        }
                y->data[(o * dim[2] + i) * dim[3] + j] = sum;
            }
}

static inline void forward_batch_norm(forward *f, const hwv_onnx_node *n, forward_value *const *in)
{
    const forward_value *x = in[0];
    forward_value *y = forward_new(f, n->outputs[0], x->rank, x->dim);
    size_t each = x->elements / x->dim[1];
    double epsilon = forward_float(n, "epsilon", 1e-5);
    for (size_t i = 0; i < x->elements; i++) {
        size_t c = i / each;
        y->data[i] = (x->data[i] - in[3]->data[c]) / sqrt(in[4]->data[c] + epsilon) * in[1]->data[c] + in[2]->data[c];
    }
}

/* The mean over the last `rows` elements of x, as values of their own. */
static inline void forward_mean(forward *f, const hwv_onnx_node *n, const forward_value *x, size_t axes)
{
    size_t dim[8], each = 1;
    memcpy(dim, x->dim, sizeof dim);
    for (size_t i = x->rank - axes; i < x->rank; i++) {
        each *= dim[i];
        dim[i] = 1;
    }
    forward_value *y = forward_new(f, n->outputs[0], x->rank, dim);
    for (size_t i = 0; i < x->elements; i++)
        y->data[i / each] += x->data[i] / (double)each;
}

static inline void forward_layer_norm(forward *f, const hwv_onnx_node *n, forward_value *const *in)
{
    const forward_value *x = in[0];
    size_t k = x->dim[x->rank - 1];
    forward_value *y = forward_new(f, n->outputs[0], x->rank, x->dim);
    for (size_t r = 0; r < x->elements / k; r++) {
        double mean = 0, variance = 0;
        for (size_t i = 0; i < k; i++)
            mean += x->data[r * k + i] / (double)k;
        for (size_t i = 0; i < k; i++)
            variance += (x->data[r * k + i] - mean) * (x->data[r * k + i] - mean) / (double)k;
        for (size_t i = 0; i < k; i++)
            y->data[r * k + i] =
                (x->data[r * k + i] - mean) / sqrt(variance + forward_float(n, "epsilon", 1e-5)) * in[1]->data[i] +
                in[2]->data[i];
    }
}

static inline bool forward_node(forward *f, const hwv_onnx_node *n)
{
    forward_value *in[8] = {0};
    const char *op = n->op;
    for (size_t i = 0; i < n->input_count && i < 8; i++)
        in[i] = forward_find(f, n->inputs[i]);
    if (strcmp(op, "Constant") == 0)
        return true;
    if (in[0] == NULL)
        return false;
    if (!strcmp(op, "Add") || !strcmp(op, "Sub") || !strcmp(op, "Mul") || !strcmp(op, "Div") || !strcmp(op, "Pow"))
        forward_binary(f, n, in[0], in[1]);
    else if (!strcmp(op, "Relu") || !strcmp(op, "LeakyRelu") || !strcmp(op, "Sigmoid") || !strcmp(op, "Sqrt") ||
             !strcmp(op, "HardSigmoid") || (!strcmp(op, "Clip") && n->input_count == 1))
        forward_unary(f, n, in[0]);
    else if (!strcmp(op, "Gemm"))
        forward_product(f, n, in[0], in[1], forward_int(n, "transB", 0) != 0, in[2]);
    else if (!strcmp(op, "MatMul"))
        forward_product(f, n, in[0], in[1], false, NULL);
    else if (!strcmp(op, "Conv"))
        forward_conv(f, n, in[0], in[1], in[2]);
    else if (!strcmp(op, "BatchNormalization"))
        forward_batch_norm(f, n, in);
    else if (!strcmp(op, "LayerNormalization"))
        forward_layer_norm(f, n, in);
    else if (!strcmp(op, "ReduceMean"))
        forward_mean(f, n, in[0], 1);
    else if (!strcmp(op, "GlobalAveragePool"))
        forward_mean(f, n, in[0], 2);
    else if (!strcmp(op, "Flatten")) {
        size_t dim[2] = {in[0]->dim[0], in[0]->elements / in[0]->dim[0]};
        memcpy(forward_new(f, n->outputs[0], 2, dim)->data, in[0]->data, in[0]->elements * sizeof(double));
    } else
        return false;
    return true;
}

/* Every value of the model for one sample x of input 0, whose dim[0] is 1. */
static inline bool forward_run(forward *f, size_t rank, const size_t *dim, const float *x)
{
    forward_clear(f);
    forward_value *in = forward_new(f, hwv_onnx_input(f->file, 0).name, rank, dim);
    for (size_t i = 0; i < in->elements; i++)
        in->data[i] = (double)x[i];
    for (size_t n = 0; n < f->file->node_count; n++)
        if (!forward_node(f, &f->file->nodes[n])) {
            printf("%s: the test does not know %s\n", f->file->path, f->file->nodes[n].op);
            return false;
        }
    return true;
}

#endif
