/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * matmul: y [..., m, n] = a [..., m, k] b [..., k, n]; the dimensions in front broadcast. Where b is one matrix for all
 * of a, it is one product with all rows of a. */
#include "graph/broadcast.h"
#include "graph/structure.h"
#include "linalg/gemm.h"

#include <string.h>

enum { A, B };

/* The dimensions in front of the last two. */
static hwv_shape front(const hwv_shape *shape)
{
    hwv_shape f = *shape;
    f.rank = shape->rank - 2;
    return f;
}

static size_t last(const hwv_shape *shape, size_t from_end)
{
    return shape->dim[shape->rank - from_end];
}

hwv_status hwv_node_matmul_infer(hwv_shaping *shaping)
{
    const hwv_shape *a = &shaping->input[A]->shape, *b = &shaping->input[B]->shape;
    hwv_shape *y = &shaping->output[0], front_a, front_b;
    bool fits = a->rank >= 2 && b->rank >= 2 && shaping->input[A]->element == HWV_ELEMENT_F32 &&
                shaping->input[B]->element == HWV_ELEMENT_F32 && last(a, 1) == last(b, 2) && last(b, 2) != HWV_BATCH;
    if (fits) {
        front_a = front(a);
        front_b = front(b);
        const hwv_shape *shapes[2] = {&front_a, &front_b};
        /* The rows may be the batch where nothing is in front of them. */
        fits = (a->rank > 2 && b->rank > 2) ? hwv_broadcast(shapes, 2, y) : true;
        if (a->rank == 2 || b->rank == 2)
            *y = a->rank > b->rank ? front_a : front_b;
        if (b->rank > 2 && last(a, 2) == HWV_BATCH)
            fits = false;
    }
    if (!fits)
        return hwv_shaping_fail(shaping,
                                "a [..., m, k] and b [..., k, n], the dimensions in front equal or 1 or missing");
    y->dim[y->rank++] = last(a, 2);
    y->dim[y->rank++] = last(b, 1);
    return HWV_OK;
}

/* ---- products ------------------------------------------------------------------------------------- */

/* What one run multiplies: `count` pairs of matrices; strides 0 where one is repeated. */
typedef struct products {
    size_t m, n, k, rank;
    size_t dim[HWV_MAX_RANK], step[2][HWV_MAX_RANK]; /* of the front, in matrices */
    size_t count;
} products;

static products products_of(hwv_shape a, hwv_shape b, hwv_shape y)
{
    products p = {.m = last(&a, 2), .n = last(&b, 1), .k = last(&a, 1), .rank = y.rank - 2, .count = 1};
    const hwv_shape *shapes[2] = {&a, &b};
    for (size_t i = 0; i < p.rank; i++) {
        p.dim[i] = y.dim[i];
        p.count *= p.dim[i];
    }
    for (size_t o = 0; o < 2; o++) {
        size_t next = 1, own = shapes[o]->rank - 2;
        for (size_t i = own; i-- > 0;) {
            p.step[o][p.rank - own + i] = shapes[o]->dim[i] == 1 ? 0 : next;
            next *= shapes[o]->dim[i];
        }
    }
    /* One b for all: the rows of a and y lie behind each other. */
    bool one = true;
    for (size_t i = 0; i < p.rank; i++)
        one = one && (p.dim[i] == 1 || p.step[B][i] == 0);
    size_t own_a = 1;
    for (size_t i = 0; i + 2 < a.rank; i++)
        own_a *= a.dim[i];
    if (one && own_a == p.count) {
        p.m *= p.count;
        p.count = 1;
        p.rank = 0;
    }
    return p;
}

/* Which matrix of operand o the product number `at` reads. */
static size_t matrix_at(const products *p, size_t o, size_t at)
{
    size_t matrix = 0;
    for (size_t i = p->rank; i-- > 0;) {
        matrix += at % p->dim[i] * p->step[o][i];
        at /= p->dim[i];
    }
    return matrix;
}

static hwv_gemm forward_product(const products *p)
{
    return (hwv_gemm){.m = p->m, .n = p->n, .k = p->k};
}

static hwv_gemm a_product(const products *p)
{
    return (hwv_gemm){.m = p->m, .n = p->k, .k = p->n, .b_transposed = true};
}

static hwv_gemm b_product(const products *p)
{
    return (hwv_gemm){.m = p->k, .n = p->n, .k = p->m, .a_transposed = true};
}

static hwv_shape filled(hwv_shape shape, size_t batch)
{
    for (size_t i = 0; i < shape.rank; i++)
        if (shape.dim[i] == HWV_BATCH)
            shape.dim[i] = batch;
    return shape;
}

hwv_status hwv_node_matmul_plan(hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    const hwv_graph *graph = demand->graph;
    products p = products_of(filled(hwv_graph_value(graph, node->input[A])->shape, demand->batch),
                             filled(hwv_graph_value(graph, node->input[B])->shape, demand->batch),
                             filled(hwv_graph_value(graph, node->output[0])->shape, demand->batch));
    hwv_gemm y = forward_product(&p), da = a_product(&p), db = b_product(&p);
    demand->forward_workspace = hwv_gemm_workspace(&y, demand->workers);
    for (size_t i = A; i <= B; i++) {
        size_t bytes = hwv_gemm_workspace(i == A ? &da : &db, demand->workers);
        if ((demand->wanted & HWV_BIT(i)) == 0)
            continue;
        demand->backward_inputs |= HWV_BIT(1 - i);
        demand->accumulates |= HWV_BIT(i);
        if (demand->backward_workspace < bytes)
            demand->backward_workspace = bytes;
    }
    return HWV_OK;
}

static products products_run(const hwv_record *record, const hwv_run *run)
{
    return products_of(hwv_record_input_shape(record, run, A), hwv_record_input_shape(record, run, B),
                       hwv_record_output_shape(record, run, 0));
}

void hwv_node_matmul_forward(const hwv_record *record, const hwv_run *run)
{
    products p = products_run(record, run);
    hwv_gemm product = forward_product(&p);
    for (size_t at = 0; at < p.count; at++)
        hwv_gemm_run(&product, run->executor, (const float *)record->input[A] + matrix_at(&p, A, at) * p.m * p.k, p.k,
                     (const float *)record->input[B] + matrix_at(&p, B, at) * p.k * p.n, p.n,
                     (float *)record->output[0] + at * p.m * p.n, p.n, run->workspace);
}

/* Gradients of a matrix that several products read are added, in the order of the products. */
void hwv_node_matmul_backward(const hwv_record *record, const hwv_run *run)
{
    products p = products_run(record, run);
    for (size_t o = A; o <= B; o++) {
        float *to = record->input_gradient[o];
        if (to == NULL)
            continue;
        hwv_gemm product = o == A ? a_product(&p) : b_product(&p);
        size_t size = o == A ? p.m * p.k : p.k * p.n;
        for (size_t at = 0; at < p.count; at++) {
            const float *dy = record->output_gradient[0] + at * p.m * p.n;
            size_t matrix = matrix_at(&p, o, at);
            bool before = false;
            for (size_t k = 0; k < at && !before; k++)
                before = matrix_at(&p, o, k) == matrix;
            product.accumulate = before || hwv_record_add(record, run, o);
            if (o == A)
                hwv_gemm_run(&product, run->executor, dy, p.n,
                             (const float *)record->input[B] + matrix_at(&p, B, at) * p.k * p.n, p.n,
                             to + matrix * size, p.k, run->workspace);
            else
                hwv_gemm_run(&product, run->executor,
                             (const float *)record->input[A] + matrix_at(&p, A, at) * p.m * p.k, p.k, dy, p.n,
                             to + matrix * size, p.n, run->workspace);
        }
    }
}

void hwv_node_matmul_reference(const hwv_reference *reference)
{
    products p;
    const hwv_shape *a = reference->shape[A], *b = reference->shape[B];
    hwv_shape y = {0}, front_a = front(a), front_b = front(b);
    const hwv_shape *shapes[2] = {&front_a, &front_b};
    if (a->rank > 2 && b->rank > 2)
        hwv_broadcast(shapes, 2, &y);
    else
        y = a->rank > b->rank ? front_a : front_b;
    y.rank += 2;
    p = products_of(*a, *b, y);
    for (size_t at = 0; at < p.count; at++)
        for (size_t i = 0; i < p.m; i++)
            for (size_t j = 0; j < p.n; j++) {
                double sum = 0;
                for (size_t k = 0; k < p.k; k++)
                    sum += reference->input[A][(matrix_at(&p, A, at) * p.m + i) * p.k + k] *
                           reference->input[B][(matrix_at(&p, B, at) * p.k + k) * p.n + j];
                reference->output[0][(at * p.m + i) * p.n + j] = sum;
            }
}

/* Two matrices; stacks of them; one b for a stack; one a for a stack. */
hwv_status hwv_node_matmul_example(hwv_example *example)
{
    static const hwv_shape shapes[][2] = {
        {{.rank = 2, .dim = {3, 4}}, {.rank = 2, .dim = {4, 5}}},
        {{.rank = 4, .dim = {2, 1, 3, 4}}, {.rank = 3, .dim = {3, 4, 2}}},
        {{.rank = 3, .dim = {2, 3, 4}}, {.rank = 2, .dim = {4, 5}}},
        {{.rank = 2, .dim = {3, 4}}, {.rank = 3, .dim = {3, 4, 2}}},
    };
    hwv_id a, b;
    example->variants = sizeof shapes / sizeof shapes[0];
    example->sums = 4 + 5 * 6;
    HWV_TRY(hwv_example_parameter_shaped(example, "a", &shapes[example->variant][A], &a));
    HWV_TRY(hwv_example_parameter_shaped(example, "b", &shapes[example->variant][B], &b));
    return hwv_example_node(example, HWV_NODE_MATMUL, "product", NULL, a, b);
}
