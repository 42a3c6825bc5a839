/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * matmul: y [..., m, n] = a [..., m, k] b [..., k, n]; the dimensions in front broadcast. Where b is one matrix for all
 * of a, it is one product with all rows of a. */
#include "graph/broadcast.h"
#include "graph/move.h"
#include "graph/structure.h"
#include "linalg/blocks.h"
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

/* Bytes of workspace for products like this, all workers in one or each in its own. */
static size_t workspace_of(const hwv_gemm *product, size_t workers)
{
    size_t joint = hwv_gemm_workspace(product, workers), apart = hwv_gemm_workspace(product, 1);
    if (apart == SIZE_MAX || !hwv_size_mul(hwv_size_align(apart), workers > 0 ? workers : 1, &apart))
        return SIZE_MAX;
    return joint > apart ? joint : apart;
}

hwv_status hwv_node_matmul_plan(hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    const hwv_graph *graph = demand->graph;
    products p = products_of(filled(hwv_graph_value(graph, node->input[A])->shape, demand->batch),
                             filled(hwv_graph_value(graph, node->input[B])->shape, demand->batch),
                             filled(hwv_graph_value(graph, node->output[0])->shape, demand->batch));
    hwv_gemm y = forward_product(&p), da = a_product(&p), db = b_product(&p);
    const double flops = 2.0 * (double)p.m * (double)p.n * (double)p.k * (double)p.count;
    demand->forward_effort.flops = flops;
    demand->forward_workspace = workspace_of(&y, demand->workers);
    for (size_t i = A; i <= B; i++) {
        size_t bytes = workspace_of(i == A ? &da : &db, demand->workers);
        if ((demand->wanted & HWV_BIT(i)) == 0)
            continue;
        demand->backward_inputs |= HWV_BIT(1 - i);
        demand->backward_effort.flops += flops;
        demand->accumulates |= HWV_BIT(i);
        if (demand->backward_workspace < bytes)
            demand->backward_workspace = bytes;
    }
    if (demand->forward_workspace == SIZE_MAX || demand->backward_workspace == SIZE_MAX)
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", node->name);
    return HWV_OK;
}

/* ---- runs ------------------------------------------------------------------------------------------- */

/* Matrices of one array, each the sum of the products that meet it: y, of one product each, or a gradient. */
enum { Y = 2 };

typedef struct job {
    const hwv_record *record;
    const hwv_run *run;
    products p;
    hwv_gemm product;
    size_t of; /* A, B: its gradient; Y */
    bool add;
    size_t matrices, sums; /* sums: products of each */
    size_t block, each;    /* matrices of a task; bytes of workspace of a worker */
} job;

static bool repeated(const job *j, size_t dim)
{
    return j->of != Y && j->p.step[j->of][dim] == 0 && j->p.dim[dim] > 1;
}

static job job_make(const hwv_record *record, const hwv_run *run, size_t of)
{
    job j = {.record = record,
             .run = run,
             .p = products_of(hwv_record_input_shape(record, run, A), hwv_record_input_shape(record, run, B),
                              hwv_record_output_shape(record, run, 0)),
             .of = of,
             .matrices = 1,
             .sums = 1};
    for (size_t i = 0; i < j.p.rank; i++)
        *(repeated(&j, i) ? &j.sums : &j.matrices) *= j.p.dim[i];
    j.product = of == Y ? forward_product(&j.p) : of == A ? a_product(&j.p) : b_product(&j.p);
    j.add = of != Y && hwv_record_add(record, run, of);
    j.each = hwv_size_align(hwv_gemm_workspace(&j.product, 1));
    return j;
}

/* The number of the product that is term `sum` of a matrix. */
static size_t product_of(const job *j, size_t matrix, size_t sum)
{
    size_t at = 0, stride = 1;
    for (size_t i = j->p.rank; i-- > 0; stride *= j->p.dim[i]) {
        size_t *from = repeated(j, i) ? &sum : &matrix;
        at += *from % j->p.dim[i] * stride;
        *from /= j->p.dim[i];
    }
    return at;
}

static void matrix_run(const job *j, size_t matrix, const hwv_executor *executor, void *workspace)
{
    const products *p = &j->p;
    hwv_gemm product = j->product;
    for (size_t sum = 0; sum < j->sums; sum++) {
        const size_t at = product_of(j, matrix, sum), in_a = matrix_at(p, A, at), in_b = matrix_at(p, B, at);
        const float *a = (const float *)j->record->input[A] + in_a * p->m * p->k;
        const float *b = (const float *)j->record->input[B] + in_b * p->k * p->n;
        product.accumulate = sum > 0 || j->add;
        if (j->of == Y) {
            float *y = (float *)j->record->output[0] + at * p->m * p->n;
            hwv_gemm_run(&product, executor, a, p->k, b, p->n, y, p->n, workspace);
            continue;
        }
        const float *dy = j->record->output_gradient[0] + at * p->m * p->n;
        float *to = j->record->input_gradient[j->of] + (j->of == A ? in_a * p->m * p->k : in_b * p->k * p->n);
        if (j->of == A)
            hwv_gemm_run(&product, executor, dy, p->n, b, p->n, to, p->k, workspace);
        else
            hwv_gemm_run(&product, executor, a, p->k, dy, p->n, to, p->n, workspace);
    }
}

static void task_run(void *context, size_t task, size_t worker)
{
    const job *j = context;
    const size_t first = task * j->block, left = j->matrices - first;
    unsigned char *workspace = j->run->workspace;
    for (size_t i = 0; i < (left < j->block ? left : j->block); i++)
        matrix_run(j, first + i, NULL, workspace + worker * j->each);
}

/* Multiplications of a task at least: tens of microseconds. */
#define TASK 262144.0
/* Fewer matrices than these are multiplied one after the other by all workers. */
#define FEW ((size_t)8)

static void job_run(job *j)
{
    const double work = (double)j->p.m * (double)j->p.n * (double)j->p.k * (double)j->sums;
    j->block = work < TASK ? (size_t)(TASK / work) : 1;
    if (j->matrices < FEW)
        for (size_t i = 0; i < j->matrices; i++)
            matrix_run(j, i, j->run->executor, j->run->workspace);
    else
        hwv_executor_run(j->run->executor, hwv_block_count(j->matrices, j->block), task_run, j);
}

void hwv_node_matmul_forward(const hwv_record *record, const hwv_run *run)
{
    job j = job_make(record, run, Y);
    job_run(&j);
}

/* Gradients of a matrix that several products read are added, in the order of the products. */
void hwv_node_matmul_backward(const hwv_record *record, const hwv_run *run)
{
    for (size_t o = A; o <= B; o++) {
        job j = job_make(record, run, o);
        if (record->input_gradient[o])
            job_run(&j);
    }
}

/* Where row r and column c of the matrix lie that meets element `index` of y. */
static size_t reference_at(const hwv_shape *shape, size_t rank, const size_t *index, size_t r, size_t c)
{
    size_t at = 0;
    for (size_t i = 0; i + 2 < shape->rank; i++)
        at = at * shape->dim[i] + index[rank - shape->rank + i] % shape->dim[i];
    return (at * last(shape, 2) + r) * last(shape, 1) + c;
}

void hwv_node_matmul_reference(const hwv_reference *reference)
{
    const hwv_shape *a = reference->shape[A], *b = reference->shape[B], *y = reference->output_shape[0];
    size_t elements = 1;
    for (size_t i = 0; i < y->rank; i++)
        elements *= y->dim[i];
    for (size_t e = 0; e < elements; e++) {
        size_t index[HWV_MAX_RANK];
        double sum = 0;
        hwv_shape_index(y, e, index);
        for (size_t k = 0; k < last(a, 1); k++)
            sum += reference->input[A][reference_at(a, y->rank, index, index[y->rank - 2], k)] *
                   reference->input[B][reference_at(b, y->rank, index, k, index[y->rank - 1])];
        reference->output[0][e] = sum;
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
