/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * matmul: stacks of matrices that broadcast, batched and not, forward and both gradients against loops in double, with
 * few and with many matrices; the same bits for any number of threads; what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "graph/structure.h"
#include "support.h"

#define N HWV_BATCH

static const hwv_shape pairs[][2] = {
    {{2, {7, 9}}, {2, {9, 5}}},
    {{2, {N, 9}}, {2, {9, 5}}},
    {{3, {N, 3, 9}}, {2, {9, 5}}},
    {{3, {N, 3, 9}}, {3, {N, 9, 5}}},
    {{4, {N, 4, 13, 16}}, {4, {N, 4, 16, 11}}},
    {{4, {N, 4, 13, 16}}, {3, {4, 16, 11}}},
    {{4, {N, 1, 13, 16}}, {4, {N, 6, 16, 11}}},
    {{4, {N, 6, 13, 16}}, {4, {N, 1, 16, 11}}},
    {{2, {3, 8}}, {3, {N, 8, 5}}},
    {{3, {6, 3, 8}}, {4, {N, 1, 8, 5}}},
    {{5, {3, 1, 2, 4, 6}}, {5, {1, 5, 2, 6, 3}}},
    {{4, {N, 12, 32, 16}}, {4, {N, 12, 16, 32}}},
    {{3, {1, 5, 6}}, {3, {N, 6, 4}}},
};
#define PAIRS (sizeof pairs / sizeof pairs[0])

/* a and b after a bias each, so that a parameter leads to both. */
typedef struct bench {
    hwv_graph *graph;
    hwv_id given[2], moved[2], y;
} bench;

static bench bench_make(const hwv_shape pair[2])
{
    static const char *const names[][3] = {{"a", "a.bias", "a+"}, {"b", "b.bias", "b+"}};
    bench b;
    assert_int_equal(hwv_graph_create(&b.graph, NULL), HWV_OK);
    for (size_t i = 0; i < 2; i++) {
        b.given[i] = input_add(b.graph, names[i][0], HWV_ELEMENT_F32, pair[i]);
        hwv_id bias = parameter_add(b.graph, names[i][1], shape_of(1, pair[i].dim[pair[i].rank - 1], 0, 0));
        b.moved[i] = node_add(b.graph, HWV_NODE_BIAS, names[i][2], (hwv_node_attributes){0}, b.given[i], bias);
    }
    b.y = node_add(b.graph, HWV_NODE_MATMUL, "y", (hwv_node_attributes){0}, b.moved[0], b.moved[1]);
    return b;
}

static hwv_shape filled(const bench *b, hwv_id id, size_t rows, size_t *elements)
{
    hwv_shape shape = hwv_graph_value(b->graph, id)->shape;
    assert_true(hwv_shape_elements(&shape, rows, elements));
    if (shape.dim[0] == N)
        shape.dim[0] = rows;
    return shape;
}

/* The element of a matrix of `shape` that meets element `at` of y, its row and column given. */
static size_t element(const hwv_shape *shape, const hwv_shape *y, size_t at, size_t row, size_t col)
{
    const size_t n = shape->dim[shape->rank - 1], m = shape->dim[shape->rank - 2];
    size_t matrix = 0, stride = 1;
    at /= y->dim[y->rank - 1] * y->dim[y->rank - 2];
    for (size_t behind = 3; behind <= y->rank; behind++) {
        const size_t i = at % y->dim[y->rank - behind];
        at /= y->dim[y->rank - behind];
        if (behind > shape->rank)
            continue;
        const size_t own = shape->dim[shape->rank - behind];
        matrix += (own == 1 ? 0 : i) * stride;
        stride *= own;
    }
    return (matrix * m + row) * n + col;
}

/* y, da and db in one array; by floats of a run, and in double. */
typedef struct result {
    size_t n[3]; /* a, b, y */
    float *floats[3];
    double *exact[3], *scale[3]; /* scale: sums of absolute terms */
} result;

static double drawn(uint32_t stream, size_t i)
{
    return (double)(float)hwv_random_normal(9, HWV_STREAM_TEST, stream, i);
}

static result run(const bench *b, size_t rows, unsigned passes, hwv_pool *pool)
{
    hwv_weights *weights;
    result r;
    assert_int_equal(hwv_weights_create(&weights, b->graph, NULL), HWV_OK);
    hwv_plan *plan = plan_make(
        b->graph, weights, b->y,
        (hwv_plan_options){
            .batch = 5, .passes = passes, .training = true, .executor = pool ? hwv_pool_executor(pool) : NULL});
    hwv_plan_rows(plan, rows);
    const hwv_id ids[] = {b->moved[0], b->moved[1], b->y};
    for (size_t i = 0; i < 3; i++) {
        filled(b, ids[i], rows, &r.n[i]);
        r.floats[i] = calloc(r.n[i], sizeof(float));
        for (size_t e = 0; i < 2 && e < r.n[i]; e++)
            ((float *)hwv_plan_data(plan, b->given[i]))[e] = (float)drawn((uint32_t)i, e);
    }
    hwv_plan_forward(plan);
    memcpy(r.floats[2], hwv_plan_data(plan, b->y), r.n[2] * sizeof(float));
    for (size_t e = 0; e < r.n[2]; e++)
        hwv_plan_gradient(plan, b->y)[e] = (float)drawn(2, e);
    hwv_plan_backward(plan, false);
    for (size_t i = 0; i < 2; i++)
        if (hwv_plan_gradient(plan, ids[i]))
            memcpy(r.floats[i], hwv_plan_gradient(plan, ids[i]), r.n[i] * sizeof(float));
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    return r;
}

static void add(result *r, size_t of, size_t at, double term)
{
    r->exact[of][at] += term;
    r->scale[of][at] += fabs(term);
}

static void exact_make(const bench *b, size_t rows, result *r)
{
    size_t n;
    const hwv_shape a = filled(b, b->moved[0], rows, &n), c = filled(b, b->moved[1], rows, &n),
                    y = filled(b, b->y, rows, &n);
    for (size_t i = 0; i < 3; i++) {
        r->exact[i] = calloc(r->n[i], sizeof(double));
        r->scale[i] = calloc(r->n[i], sizeof(double));
    }
    for (size_t e = 0; e < n; e++)
        for (size_t k = 0; k < a.dim[a.rank - 1]; k++) {
            const size_t cols = y.dim[y.rank - 1], row = e / cols % y.dim[y.rank - 2], col = e % cols;
            const size_t at_a = element(&a, &y, e, row, k), at_b = element(&c, &y, e, k, col);
            add(r, 2, e, drawn(0, at_a) * drawn(1, at_b));
            add(r, 0, at_a, drawn(2, e) * drawn(1, at_b));
            add(r, 1, at_b, drawn(2, e) * drawn(0, at_a));
        }
}

static void free_result(result *r, bool exact)
{
    for (size_t i = 0; i < 3; i++) {
        free(r->floats[i]);
        if (exact) {
            free(r->exact[i]);
            free(r->scale[i]);
        }
    }
}

static void test_products(void **state)
{
    static const char *const names[] = {"gradient of a", "gradient of b", "y"};
    hwv_pool *pool;
    (void)state;
    assert_int_equal(hwv_pool_create(&pool, 2, NULL), HWV_OK);
    for (size_t p = 0; p < PAIRS; p++) {
        const size_t rows = p % 2 ? 5 : 3;
        const bench b = bench_make(pairs[p]);
        result one = run(&b, rows, 0, NULL), two = run(&b, rows, 0, pool), all = run(&b, rows, HWV_PASS_ALL, pool);
        exact_make(&b, rows, &one);
        for (size_t i = 0; i < 3; i++) {
            assert_memory_equal(one.floats[i], two.floats[i], one.n[i] * sizeof(float));
            for (size_t e = 0; e < one.n[i]; e++)
                if (!(fabs((double)one.floats[i][e] - one.exact[i][e]) <= 64 * 0x1p-24 * one.scale[i][e]))
                    fail_msg("pair %zu, %s %zu: %g, expected %g", p, names[i], e, (double)one.floats[i][e],
                             one.exact[i][e]);
        }
        assert_memory_equal(one.floats[2], all.floats[2], one.n[2] * sizeof(float));
        free_result(&one, true);
        free_result(&two, false);
        free_result(&all, false);
        hwv_graph_destroy(b.graph);
    }
    hwv_pool_destroy(pool);
}

static void test_refused(void **state)
{
    static const hwv_shape bad[][2] = {
        {{2, {3, 4}}, {2, {5, 2}}},       {{1, {4}}, {2, {4, 2}}},          {{2, {3, 5}}, {2, {4, 2}}},
        {{3, {2, 3, 4}}, {3, {3, 4, 2}}}, {{3, {N, 3, 4}}, {3, {2, 4, 2}}}, {{2, {N, 4}}, {3, {2, 4, 2}}},
        {{2, {3, 4}}, {2, {N, 2}}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        hwv_graph *graph;
        hwv_error error = {0};
        hwv_id inputs[2], y;
        assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
        inputs[0] = input_add(graph, "a", HWV_ELEMENT_F32, bad[i][0]);
        inputs[1] = input_add(graph, "b", HWV_ELEMENT_F32, bad[i][1]);
        assert_int_equal(hwv_graph_node(graph, HWV_NODE_MATMUL, "y", NULL, inputs, 2, &y, &error), HWV_ERR_SHAPE);
        assert_non_null(strstr(error.text, "[..., m, k]"));
        hwv_graph_destroy(graph);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
