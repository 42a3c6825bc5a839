/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * unary, binary, compare, where, cast, reduce, softmax: every function against its reference in double over shapes that
 * broadcast and batches of several sizes; NaN, infinities, signed zeros and integers against plain C; the same bits for
 * any number of threads; what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "compare.h"
#include "graph/broadcast.h"
#include "graph/functions.h"
#include "graph/truth.h"
#include "support.h"

#define N HWV_BATCH

/* One node, its inputs given by the caller. */
typedef struct bench {
    hwv_graph *graph;
    hwv_id in[3], y;
    size_t inputs;
} bench;

static bench bench_make(hwv_node_kind kind, hwv_node_attributes attributes, size_t inputs, const hwv_shape *shapes,
                        const hwv_element *elements)
{
    static const char *const names[] = {"a", "b", "c"};
    bench b = {.inputs = inputs};
    hwv_error error;
    assert_int_equal(hwv_graph_create(&b.graph, NULL), HWV_OK);
    for (size_t i = 0; i < inputs; i++)
        b.in[i] = input_add(b.graph, names[i], elements[i], shapes[i]);
    if (hwv_graph_node(b.graph, kind, "y", &attributes, b.in, inputs, &b.y, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return b;
}

typedef union word {
    float f;
    int32_t i;
} word;

static size_t elements_of(const bench *b, hwv_id id, size_t rows)
{
    size_t n;
    const hwv_shape *shape = &hwv_graph_value(b->graph, id)->shape;
    assert_true(hwv_shape_elements(shape, rows, &n));
    return n;
}

/* y of `rows` rows in a plan of `batch`, on threads. The caller frees it. */
static word *bench_run(const bench *b, const word *const *data, size_t batch, size_t rows, size_t threads)
{
    hwv_pool *pool = NULL;
    hwv_weights *weights;
    if (threads > 0)
        assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
    assert_int_equal(hwv_weights_create(&weights, b->graph, NULL), HWV_OK);
    hwv_plan *plan = plan_make(
        b->graph, weights, b->y,
        (hwv_plan_options){.batch = batch, .passes = HWV_PASS_ALL, .executor = pool ? hwv_pool_executor(pool) : NULL});
    hwv_plan_rows(plan, rows);
    for (size_t i = 0; i < b->inputs; i++)
        memcpy(hwv_plan_data(plan, b->in[i]), data[i], elements_of(b, b->in[i], rows) * sizeof(word));
    hwv_plan_forward(plan);
    size_t n = elements_of(b, b->y, rows);
    word *y = malloc(n * sizeof *y);
    assert_non_null(y);
    memcpy(y, hwv_plan_data(plan, b->y), n * sizeof *y);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_pool_destroy(pool);
    return y;
}

/* ---- against the references ------------------------------------------------------------------------ */

static word *drawn(const bench *b, hwv_id id, size_t rows, bool positive)
{
    size_t n = elements_of(b, id, rows);
    bool integers = hwv_graph_value(b->graph, id)->element == HWV_ELEMENT_I32;
    word *to = malloc(n * sizeof *to);
    assert_non_null(to);
    for (size_t i = 0; i < n; i++) {
        double u = hwv_random_normal(7, HWV_STREAM_TEST, (uint32_t)id, i);
        if (positive)
            u = fabs(u) + 0.01;
        if (integers)
            to[i].i = (int32_t)floor(3 * u) + (positive ? 1 : 0);
        else
            to[i].f = (float)u;
    }
    return to;
}

/* Drawn inputs, in batches of 5 with 5, 1 and 4 rows; at most `ulp` away. */
static void same_as_reference(const char *label, const bench *b, bool positive, double ulp)
{
    static const size_t rows[] = {5, 1, 4};
    for (size_t r = 0; r < 3; r++) {
        hwv_truth truth;
        word *data[3] = {0};
        assert_int_equal(hwv_truth_create(&truth, b->graph, rows[r], NULL), HWV_OK);
        for (size_t i = 0; i < b->inputs; i++) {
            bool integers = hwv_graph_value(b->graph, b->in[i])->element == HWV_ELEMENT_I32;
            data[i] = drawn(b, b->in[i], rows[r], positive);
            for (size_t e = 0; e < truth.elements[b->in[i]]; e++)
                truth.value[b->in[i]][e] = integers ? (double)data[i][e].i : (double)data[i][e].f;
        }
        hwv_truth_run(&truth);
        word *y = bench_run(b, (const word *const *)data, 5, rows[r], 0);
        size_t n = elements_of(b, b->y, rows[r]);
        assert_int_equal(n, truth.elements[b->y]);
        if (hwv_graph_value(b->graph, b->y)->element == HWV_ELEMENT_I32) {
            for (size_t e = 0; e < n; e++)
                if ((double)y[e].i != trunc(truth.value[b->y][e]))
                    fail_msg("%s, element %zu: %d, expected %g", label, e, y[e].i, truth.value[b->y][e]);
        } else {
            assert_true(compare_ulp(label, &y->f, truth.value[b->y], n, ulp));
        }
        free(y);
        for (size_t i = 0; i < b->inputs; i++)
            free(data[i]);
        hwv_truth_free(&truth);
    }
    hwv_graph_destroy(b->graph);
}

/* Every way to be repeated: not, a row, a column, one number, both, channels of images, the batch on one side, 6
 * dimensions. */
static const hwv_shape pairs[][2] = {
    {{2, {N, 37}}, {2, {N, 37}}},
    {{2, {N, 37}}, {1, {37}}},
    {{1, {37}}, {2, {N, 37}}},
    {{2, {N, 1}}, {2, {N, 37}}},
    {{2, {N, 37}}, {1, {1}}},
    {{3, {1, 5, 3}}, {3, {N, 5, 3}}},
    {{4, {N, 4, 6, 17}}, {4, {N, 1, 1, 17}}},
    {{4, {N, 1, 6, 1}}, {3, {4, 1, 9}}},
    {{1, {N}}, {1, {1}}},
    {{3, {7, 1, 3}}, {2, {4, 1}}},
    {{6, {2, 1, 3, 1, 2, 1}}, {6, {1, 3, 1, 2, 1, 5}}},
    {{1, {1}}, {1, {1}}},
};
#define PAIRS (sizeof pairs / sizeof pairs[0])

static void test_binary(void **state)
{
    static const hwv_element floats[] = {HWV_ELEMENT_F32, HWV_ELEMENT_F32}, ints[] = {HWV_ELEMENT_I32, HWV_ELEMENT_I32};
    (void)state;
    for (size_t i = 0; hwv_function_get(HWV_NODE_BINARY, i); i++)
        for (size_t p = 0; p < PAIRS; p++) {
            const hwv_function *row = hwv_function_get(HWV_NODE_BINARY, i);
            const hwv_node_attributes attributes = {.function = row->number};
            bool exact = row->number != HWV_BINARY_POW && row->number != HWV_BINARY_MOD;
            bench b = bench_make(HWV_NODE_BINARY, attributes, 2, pairs[p], floats);
            same_as_reference(row->name, &b, row->number == HWV_BINARY_POW, exact ? 0.5 : 1);
            b = bench_make(HWV_NODE_BINARY, attributes, 2, pairs[p], ints);
            same_as_reference(row->name, &b, true, 0);
        }
}

static void test_compare(void **state)
{
    static const hwv_element floats[] = {HWV_ELEMENT_F32, HWV_ELEMENT_F32}, ints[] = {HWV_ELEMENT_I32, HWV_ELEMENT_I32};
    (void)state;
    for (size_t i = 0; hwv_function_get(HWV_NODE_COMPARE, i); i++)
        for (size_t p = 0; p < PAIRS; p++) {
            const hwv_function *row = hwv_function_get(HWV_NODE_COMPARE, i);
            const hwv_node_attributes attributes = {.function = row->number};
            bench b = bench_make(HWV_NODE_COMPARE, attributes, 2, pairs[p], ints);
            same_as_reference(row->name, &b, false, 0);
            if (row->types == HWV_TYPES_TRUTH)
                continue;
            b = bench_make(HWV_NODE_COMPARE, attributes, 2, pairs[p], floats);
            same_as_reference(row->name, &b, false, 0);
        }
}

static void test_where(void **state)
{
    (void)state;
    for (size_t p = 0; p < PAIRS; p++)
        for (int at = 0; at < 2; at++)
            for (int integers = 0; integers < 2; integers++) {
                hwv_element of = integers ? HWV_ELEMENT_I32 : HWV_ELEMENT_F32;
                hwv_shape shapes[] = {pairs[p][at], pairs[p][1 - at], pairs[(p + 4) % PAIRS][0]};
                if (p % 5)
                    shapes[2] = (hwv_shape){1, {1}};
                hwv_shape all;
                if (!hwv_broadcast((const hwv_shape *const[]){shapes, shapes + 1, shapes + 2}, 3, &all))
                    continue;
                bench b = bench_make(HWV_NODE_WHERE, (hwv_node_attributes){0}, 3, shapes,
                                     (hwv_element[]){HWV_ELEMENT_I32, of, of});
                same_as_reference("where", &b, false, 0.5);
            }
}

static void test_unary(void **state)
{
    static const hwv_shape shapes[] = {{2, {N, 37}}, {1, {1}}, {4, {3, 2, 7, 5}}};
    (void)state;
    for (size_t i = 0; hwv_function_get(HWV_NODE_UNARY, i); i++)
        for (size_t s = 0; s < 3; s++) {
            const hwv_function *row = hwv_function_get(HWV_NODE_UNARY, i);
            const hwv_node_attributes attributes = {.function = row->number};
            bool integers = row->types == HWV_TYPES_INTEGER || row->types == HWV_TYPES_BOTH;
            bool positive = row->number == HWV_UNARY_SQRT || row->number == HWV_UNARY_LOG;
            bool narrow = row->number == HWV_UNARY_ASIN || row->number == HWV_UNARY_ACOS ||
                          row->number == HWV_UNARY_ATANH || row->number == HWV_UNARY_ACOSH;
            if (integers) {
                bench b = bench_make(HWV_NODE_UNARY, attributes, 1, &shapes[s], (hwv_element[]){HWV_ELEMENT_I32});
                same_as_reference(row->name, &b, false, 0);
            }
            if (row->types == HWV_TYPES_INTEGER || narrow)
                continue; /* narrow: where it is not NaN, see the gradient check */
            bench b = bench_make(HWV_NODE_UNARY, attributes, 1, &shapes[s], (hwv_element[]){HWV_ELEMENT_F32});
            same_as_reference(row->name, &b, positive, 2);
        }
}

static void test_reduce(void **state)
{
    static const hwv_shape shapes[] = {{4, {N, 2, 3, 9}}, {3, {2, 50, 5}}, {2, {N, 131}}, {6, {2, 1, 3, 2, 5, 3}}};
    (void)state;
    for (size_t i = 0; hwv_function_get(HWV_NODE_REDUCE, i); i++)
        for (size_t s = 0; s < 4; s++)
            for (unsigned axes = 0; axes >> shapes[s].rank == 0; axes++) {
                const hwv_function *row = hwv_function_get(HWV_NODE_REDUCE, i);
                const hwv_node_attributes attributes = {
                    .function = row->number, .axes = axes, .keep_axes = (axes ^ i) & 1};
                if (row->types == HWV_TYPES_INDEX && (axes == 0 || (axes & (axes - 1))))
                    continue;
                bench b = bench_make(HWV_NODE_REDUCE, attributes, 1, &shapes[s], (hwv_element[]){HWV_ELEMENT_F32});
                same_as_reference(row->name, &b, row->number == HWV_REDUCTION_LOG_SUM, 0.51);
                /* products of many integers leave what a double holds */
                if (row->types == HWV_TYPES_FLOAT || row->number == HWV_REDUCTION_PROD)
                    continue;
                b = bench_make(HWV_NODE_REDUCE, attributes, 1, &shapes[s], (hwv_element[]){HWV_ELEMENT_I32});
                same_as_reference(row->name, &b, false, 0);
            }
}

static void test_softmax(void **state)
{
    static const hwv_shape shapes[] = {{2, {N, 37}}, {4, {N, 3, 2, 5}}, {3, {11, 2, 70}}, {1, {9}}};
    (void)state;
    for (size_t s = 0; s < 4; s++)
        for (size_t axis = shapes[s].dim[0] == N; axis < shapes[s].rank; axis++)
            for (int logarithm = 0; logarithm < 2; logarithm++) {
                const hwv_node_attributes attributes = {.axis = axis, .logarithm = logarithm};
                bench b = bench_make(HWV_NODE_SOFTMAX, attributes, 1, &shapes[s], (hwv_element[]){HWV_ELEMENT_F32});
                /* of float differences below 8, half an ULP of them: 4 of their exponential; and its own, the sum's, the
                 * quotient's */
                same_as_reference(logarithm ? "log softmax" : "softmax", &b, false, 8);
            }
}

/* ---- special values -------------------------------------------------------------------------------- */

#define BIG   INT32_MAX
#define SMALL INT32_MIN

/* y of floats or of integers, from rows of up to 16. */
static word *special(hwv_node_kind kind, hwv_node_attributes attributes, size_t n, hwv_element element, const word *a,
                     const word *b)
{
    const hwv_shape shapes[] = {{1, {n}}, {1, {n}}};
    bench made = bench_make(kind, attributes, b ? 2 : 1, shapes, (hwv_element[]){element, element});
    word *y = bench_run(&made, (const word *const[]){a, b}, 1, 1, 0);
    hwv_graph_destroy(made.graph);
    return y;
}

/* NaN is any NaN; zeros have their sign. */
static void floats_are(const char *label, word *y, const float *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (isnan(wanted[i]) ? !isnan(y[i].f) : memcmp(&y[i].f, &wanted[i], sizeof(float)) != 0)
            fail_msg("%s, element %zu: %g, expected %g", label, i, (double)y[i].f, (double)wanted[i]);
    free(y);
}

static void integers_are(const char *label, word *y, const int32_t *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (y[i].i != wanted[i])
            fail_msg("%s, element %zu: %d, expected %d", label, i, y[i].i, wanted[i]);
    free(y);
}

static const float strange[] = {0.0f, -0.0f, 1.5f, -2.5f, 0.5f, INFINITY, -INFINITY, NAN, 3e38f, 1e-45f};
#define STRANGE (sizeof strange / sizeof strange[0])

static void test_strange_pairs(void **state)
{
    (void)state;
    for (int function = 1; function < HWV_BINARY_END_; function++) {
        word a[STRANGE * STRANGE], b[STRANGE * STRANGE];
        float wanted[STRANGE * STRANGE];
        for (size_t i = 0; i < STRANGE * STRANGE; i++) {
            const float x = a[i].f = strange[i / STRANGE], y = b[i].f = strange[i % STRANGE];
            const float rest = fmodf(x, y);
            const float all[] = {
                [HWV_BINARY_ADD] = x + y,
                [HWV_BINARY_SUB] = x - y,
                [HWV_BINARY_MUL] = x * y,
                [HWV_BINARY_DIV] = x / y,
                [HWV_BINARY_POW] = powf(x, y),
                [HWV_BINARY_MIN] = isnan(x) || isnan(y) ? NAN
                                   : x < y              ? x
                                                        : y,
                [HWV_BINARY_MAX] = isnan(x) || isnan(y) ? NAN
                                   : x > y              ? x
                                                        : y,
                [HWV_BINARY_MOD] = rest != 0 && signbit(rest) != signbit(y) ? rest + y : rest,
                [HWV_BINARY_FMOD] = rest,
            };
            wanted[i] = all[function];
        }
        floats_are(hwv_function_row(HWV_NODE_BINARY, function)->name,
                   special(HWV_NODE_BINARY, (hwv_node_attributes){.function = function}, STRANGE * STRANGE,
                           HWV_ELEMENT_F32, a, b),
                   wanted, STRANGE * STRANGE);
    }
}

static void test_strange_unary(void **state)
{
    static const struct {
        hwv_unary function;
        float wanted[STRANGE];
    } cases[] = {
        {HWV_UNARY_NEG, {-0.0f, 0.0f, -1.5f, 2.5f, -0.5f, -INFINITY, INFINITY, NAN, -3e38f, -1e-45f}},
        {HWV_UNARY_ABS, {0, 0, 1.5f, 2.5f, 0.5f, INFINITY, INFINITY, NAN, 3e38f, 1e-45f}},
        {HWV_UNARY_FLOOR, {0, -0.0f, 1, -3, 0, INFINITY, -INFINITY, NAN, 3e38f, 0}},
        {HWV_UNARY_CEIL, {0, -0.0f, 2, -2, 1, INFINITY, -INFINITY, NAN, 3e38f, 1}},
        {HWV_UNARY_ROUND, {0, -0.0f, 2, -2, 0, INFINITY, -INFINITY, NAN, 3e38f, 0}},
        {HWV_UNARY_SIGN, {0, -0.0f, 1, -1, 1, 1, -1, NAN, 1, 1}},
        {HWV_UNARY_RECIPROCAL, {INFINITY, -INFINITY, 1 / 1.5f, -0.4f, 2, 0, -0.0f, NAN, 1 / 3e38f, INFINITY}},
    };
    word x[STRANGE];
    (void)state;
    for (size_t i = 0; i < STRANGE; i++)
        x[i].f = strange[i];
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const int function = (int)cases[c].function;
        floats_are(
            hwv_function_row(HWV_NODE_UNARY, function)->name,
            special(HWV_NODE_UNARY, (hwv_node_attributes){.function = function}, STRANGE, HWV_ELEMENT_F32, x, NULL),
            cases[c].wanted, STRANGE);
    }
    integers_are(
        "is_nan",
        special(HWV_NODE_UNARY, (hwv_node_attributes){.function = HWV_UNARY_IS_NAN}, STRANGE, HWV_ELEMENT_F32, x, NULL),
        (int32_t[]){0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, STRANGE);
    integers_are(
        "is_inf",
        special(HWV_NODE_UNARY, (hwv_node_attributes){.function = HWV_UNARY_IS_INF}, STRANGE, HWV_ELEMENT_F32, x, NULL),
        (int32_t[]){0, 0, 0, 0, 0, 1, 1, 0, 0, 0}, STRANGE);
    integers_are(
        "equal",
        special(HWV_NODE_COMPARE, (hwv_node_attributes){.function = HWV_COMPARE_EQUAL}, STRANGE, HWV_ELEMENT_F32, x, x),
        (int32_t[]){1, 1, 1, 1, 1, 1, 1, 0, 1, 1}, STRANGE);
}

static void test_integers(void **state)
{
    static const word a[] = {{.i = 7}, {.i = -7}, {.i = 7}, {.i = -7}, {.i = 5}, {.i = SMALL}, {.i = BIG}, {.i = 3}};
    static const word b[] = {{.i = 2}, {.i = 2}, {.i = -2}, {.i = -2}, {.i = 0}, {.i = -1}, {.i = BIG}, {.i = -1}};
    static const struct {
        hwv_binary function;
        int32_t wanted[8];
    } cases[] = {
        {HWV_BINARY_ADD, {9, -5, 5, -9, 5, BIG, -2, 2}},       {HWV_BINARY_SUB, {5, -9, 9, -5, 5, SMALL + 1, 0, 4}},
        {HWV_BINARY_MUL, {14, -14, -14, 14, 0, SMALL, 1, -3}}, {HWV_BINARY_DIV, {3, -3, -3, 3, 0, SMALL, 1, -3}},
        {HWV_BINARY_POW, {49, 49, 0, 0, 1, 0, BIG, 0}},        {HWV_BINARY_MOD, {1, 1, -1, -1, 0, 0, 0, 0}},
        {HWV_BINARY_FMOD, {1, -1, 1, -1, 0, 0, 0, 0}},         {HWV_BINARY_MIN, {2, -7, -2, -7, 0, SMALL, BIG, -1}},
        {HWV_BINARY_MAX, {7, 2, 7, -2, 5, -1, BIG, 3}},
    };
    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const int function = (int)cases[c].function;
        integers_are(hwv_function_row(HWV_NODE_BINARY, function)->name,
                     special(HWV_NODE_BINARY, (hwv_node_attributes){.function = function}, 8, HWV_ELEMENT_I32, a, b),
                     cases[c].wanted, 8);
    }
    integers_are("neg",
                 special(HWV_NODE_UNARY, (hwv_node_attributes){.function = HWV_UNARY_NEG}, 8, HWV_ELEMENT_I32, a, NULL),
                 (int32_t[]){-7, 7, -7, 7, -5, SMALL, -BIG, -3}, 8);
    integers_are("not",
                 special(HWV_NODE_UNARY, (hwv_node_attributes){.function = HWV_UNARY_NOT}, 8, HWV_ELEMENT_I32, b, NULL),
                 (int32_t[]){0, 0, 0, 0, 1, 0, 0, 0}, 8);
}

static void test_cast(void **state)
{
    static const word x[] = {{.f = 1.9f},  {.f = -1.9f}, {.f = NAN},       {.f = 3e9f},
                             {.f = -3e9f}, {.f = 0},     {.f = -INFINITY}, {.f = -0.0f}};
    static const word i[] = {{.i = 0}, {.i = -5}, {.i = 16777217}, {.i = BIG}};
    const hwv_node_attributes to_f32 = {.to = HWV_ELEMENT_F32}, to_i32 = {.to = HWV_ELEMENT_I32};
    const hwv_node_attributes truth = {.to = HWV_ELEMENT_I32, .function = HWV_CAST_TRUTH};
    (void)state;
    integers_are("to integers", special(HWV_NODE_CAST, to_i32, 8, HWV_ELEMENT_F32, x, NULL),
                 (int32_t[]){1, -1, 0, BIG, SMALL, 0, SMALL, 0}, 8);
    integers_are("truth", special(HWV_NODE_CAST, truth, 8, HWV_ELEMENT_F32, x, NULL),
                 (int32_t[]){1, 1, 1, 1, 1, 0, 1, 0}, 8);
    integers_are("truth of integers", special(HWV_NODE_CAST, truth, 4, HWV_ELEMENT_I32, i, NULL),
                 (int32_t[]){0, 1, 1, 1}, 4);
    floats_are("to floats", special(HWV_NODE_CAST, to_f32, 4, HWV_ELEMENT_I32, i, NULL),
               (float[]){0, -5, 16777216, 0x1p31f}, 4);
    floats_are("as they are", special(HWV_NODE_CAST, to_f32, 8, HWV_ELEMENT_F32, x, NULL),
               (float[]){1.9f, -1.9f, NAN, 3e9f, -3e9f, 0, -INFINITY, -0.0f}, 8);
}

/* Numbers near the ends of what 16 bits hold, ties, and drawn ones. */
static void test_rounding(void **state)
{
    static const word x[] = {{.f = 65504},     {.f = 65519.996f}, {.f = -65520},      {.f = 0x1p-24f},
                             {.f = 0x1p-25f},  {.f = 0x1.8p-24f}, {.f = 0x1.002p0f},  {.f = 0x1.006p0f},
                             {.f = 0x1p-14f},  {.f = -0.0f},      {.f = NAN},         {.f = INFINITY},
                             {.f = 0x1.01p0f}, {.f = 0x1.03p0f},  {.f = 0x1.ffp127f}, {.f = 0x1.fep127f}};
    const hwv_node_attributes half = {.function = HWV_CAST_FLOAT16}, brain = {.function = HWV_CAST_BFLOAT16};
    static const hwv_shape shape = {2, {N, 501}};
    (void)state;
    floats_are("float16", special(HWV_NODE_CAST, half, 16, HWV_ELEMENT_F32, x, NULL),
               (float[]){65504, 65504, -INFINITY, 0x1p-24f, 0, 0x1p-23f, 1, 0x1.008p0f, 0x1p-14f, -0.0f, NAN, INFINITY,
                         0x1.01p0f, 0x1.03p0f, INFINITY, INFINITY},
               16);
    floats_are("bfloat16", special(HWV_NODE_CAST, brain, 16, HWV_ELEMENT_F32, x, NULL),
               (float[]){65536, 65536, -65536, 0x1p-24f, 0x1p-25f, 0x1.8p-24f, 1, 1, 0x1p-14f, -0.0f, NAN, INFINITY, 1,
                         0x1.04p0f, INFINITY, 0x1.fep127f},
               16);
    for (int function = HWV_CAST_FLOAT16; function < HWV_CAST_END_; function++) {
        bench b = bench_make(HWV_NODE_CAST, (hwv_node_attributes){.function = function}, 1, &shape,
                             (hwv_element[]){HWV_ELEMENT_F32});
        same_as_reference("rounded", &b, false, 0);
    }
}

static word *reduced(int function, hwv_element element, const word *x)
{
    const hwv_shape shape = {2, {4, 3}};
    bench b = bench_make(HWV_NODE_REDUCE, (hwv_node_attributes){.function = function, .axes = 2}, 1, &shape,
                         (hwv_element[]){element});
    word *y = bench_run(&b, (const word *const[]){x}, 1, 1, 0);
    hwv_graph_destroy(b.graph);
    return y;
}

static void test_strange_reductions(void **state)
{
    static const word x[] = {{.f = 1},         {.f = NAN},       {.f = 2},        {.f = -INFINITY},
                             {.f = -INFINITY}, {.f = -INFINITY}, {.f = 3e38f},    {.f = 3e38f},
                             {.f = -3e38f},    {.f = 5},         {.f = INFINITY}, {.f = 5}};
    static const word i[] = {{.i = BIG}, {.i = 1}, {.i = 0}, {.i = -7},    {.i = 2}, {.i = 0},
                             {.i = 4},   {.i = 4}, {.i = 1}, {.i = SMALL}, {.i = 0}, {.i = 0}};
    (void)state;
    floats_are("max", reduced(HWV_REDUCTION_MAX, HWV_ELEMENT_F32, x), (float[]){NAN, -INFINITY, 3e38f, INFINITY}, 4);
    floats_are("min", reduced(HWV_REDUCTION_MIN, HWV_ELEMENT_F32, x), (float[]){NAN, -INFINITY, -3e38f, 5}, 4);
    floats_are("sum", reduced(HWV_REDUCTION_SUM, HWV_ELEMENT_F32, x), (float[]){NAN, -INFINITY, 3e38f, INFINITY}, 4);
    floats_are("log_sum_exp", reduced(HWV_REDUCTION_LOG_SUM_EXP, HWV_ELEMENT_F32, x),
               (float[]){NAN, -INFINITY, 3e38f, INFINITY}, 4);
    integers_are("arg_max", reduced(HWV_REDUCTION_ARG_MAX, HWV_ELEMENT_F32, x), (int32_t[]){2, 0, 0, 1}, 4);
    integers_are("arg_max_last", reduced(HWV_REDUCTION_ARG_MAX_LAST, HWV_ELEMENT_F32, x), (int32_t[]){2, 2, 1, 1}, 4);
    integers_are("arg_min_last", reduced(HWV_REDUCTION_ARG_MIN_LAST, HWV_ELEMENT_F32, x), (int32_t[]){0, 2, 2, 2}, 4);
    integers_are("sum", reduced(HWV_REDUCTION_SUM, HWV_ELEMENT_I32, i), (int32_t[]){SMALL, -5, 9, SMALL}, 4);
    integers_are("mean", reduced(HWV_REDUCTION_MEAN, HWV_ELEMENT_I32, i), (int32_t[]){715827882, -1, 3, -715827882}, 4);
    integers_are("prod", reduced(HWV_REDUCTION_PROD, HWV_ELEMENT_I32, i), (int32_t[]){0, 0, 16, 0}, 4);
}

static void test_strange_softmax(void **state)
{
    static const word x[] = {{.f = 1000},      {.f = -1000},     {.f = 0},         {.f = -INFINITY},
                             {.f = -INFINITY}, {.f = -INFINITY}, {.f = -INFINITY}, {.f = 3},
                             {.f = -INFINITY}, {.f = 1},         {.f = NAN},       {.f = 2}};
    const hwv_shape shape = {2, {4, 3}};
    (void)state;
    for (int logarithm = 0; logarithm < 2; logarithm++) {
        bench b = bench_make(HWV_NODE_SOFTMAX, (hwv_node_attributes){.axis = 1, .logarithm = logarithm}, 1, &shape,
                             (hwv_element[]){HWV_ELEMENT_F32});
        floats_are(logarithm ? "log softmax" : "softmax", bench_run(&b, (const word *const[]){x}, 1, 1, 0),
                   logarithm ? (float[]){0, -2000, -1000, NAN, NAN, NAN, -INFINITY, 0, -INFINITY, NAN, NAN, NAN}
                             : (float[]){1, 0, 0, NAN, NAN, NAN, 0, 1, 0, NAN, NAN, NAN},
                   12);
        hwv_graph_destroy(b.graph);
    }
}

/* ---- gradients where there is a choice --------------------------------------------------------------- */

/* The gradient of the parameter x [2, 3] where that of y is 6 throughout. */
static void gradients_are(const char *label, hwv_node_kind kind, hwv_node_attributes attributes, const float *x,
                          const float *wanted)
{
    hwv_graph *graph;
    hwv_weights *weights;
    size_t n;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    hwv_id id = parameter_add(graph, "x", shape_of(2, 2, 3, 0));
    hwv_id y = node_add(graph, kind, "y", attributes, id, HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    memcpy(hwv_weights_data(weights, id), x, 6 * sizeof(float));
    hwv_plan *plan =
        plan_make(graph, weights, y, (hwv_plan_options){.batch = 1, .training = true, .passes = HWV_PASS_ALL});
    assert_true(hwv_shape_elements(&hwv_graph_value(graph, y)->shape, 1, &n));
    for (size_t i = 0; i < n; i++)
        hwv_plan_gradient(plan, y)[i] = 6;
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    for (size_t i = 0; i < 6; i++)
        if (hwv_plan_gradient(plan, id)[i] != wanted[i])
            fail_msg("%s, element %zu: %g, expected %g", label, i, (double)hwv_plan_gradient(plan, id)[i],
                     (double)wanted[i]);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

static void test_gradients_of_ties(void **state)
{
    const hwv_node_attributes max = {.function = HWV_REDUCTION_MAX, .axes = 2};
    const hwv_node_attributes prod = {.function = HWV_REDUCTION_PROD, .axes = 2};
    const hwv_node_attributes l2 = {.function = HWV_REDUCTION_L2, .axes = 2};
    const hwv_node_attributes size = {.function = HWV_UNARY_ABS};
    (void)state;
    gradients_are("max", HWV_NODE_REDUCE, max, (float[]){1, 1, 0, 2, 2, 2}, (float[]){3, 3, 0, 2, 2, 2});
    gradients_are("prod", HWV_NODE_REDUCE, prod, (float[]){2, 0, 3, 0, 0, 3}, (float[]){0, 36, 0, 0, 0, 0});
    gradients_are("l2", HWV_NODE_REDUCE, l2, (float[]){0, 0, 0, 3, 0, 4}, (float[]){0, 0, 0, 3.6f, 0, 4.8f});
    gradients_are("abs", HWV_NODE_UNARY, size, (float[]){0, -0.0f, 1, -1, 2, -2}, (float[]){0, 0, 6, -6, 6, -6});
}

/* ---- threads ----------------------------------------------------------------------------------------- */

static void same_on_threads(const char *label, hwv_node_kind kind, hwv_node_attributes attributes, size_t inputs,
                            const hwv_shape *shapes)
{
    bench b = bench_make(kind, attributes, inputs, shapes, (hwv_element[]){HWV_ELEMENT_F32, HWV_ELEMENT_F32});
    word *data[2] = {drawn(&b, b.in[0], 64, true), inputs > 1 ? drawn(&b, b.in[1], 64, true) : NULL};
    word *alone = bench_run(&b, (const word *const *)data, 64, 64, 0);
    for (size_t threads = 1; threads <= 3; threads++) {
        word *many = bench_run(&b, (const word *const *)data, 64, 64, threads);
        assert_true(compare_bits(label, &many->f, &alone->f, elements_of(&b, b.y, 64)));
        free(many);
    }
    free(alone);
    free(data[0]);
    free(data[1]);
    hwv_graph_destroy(b.graph);
}

static void test_threads(void **state)
{
    static const hwv_shape large = {4, {N, 9, 11, 65}}, scale = {4, {N, 1, 1, 65}}, channels = {1, {65}};
    (void)state;
    same_on_threads("mul", HWV_NODE_BINARY, (hwv_node_attributes){.function = HWV_BINARY_MUL}, 2,
                    (hwv_shape[]){large, scale});
    same_on_threads("max", HWV_NODE_BINARY, (hwv_node_attributes){.function = HWV_BINARY_MAX}, 2,
                    (hwv_shape[]){channels, large});
    same_on_threads("div", HWV_NODE_BINARY, (hwv_node_attributes){.function = HWV_BINARY_DIV}, 2,
                    (hwv_shape[]){large, large});
    same_on_threads("exp", HWV_NODE_UNARY, (hwv_node_attributes){.function = HWV_UNARY_EXP}, 1, &large);
    same_on_threads("softmax", HWV_NODE_SOFTMAX, (hwv_node_attributes){.axis = 3}, 1, &large);
    for (unsigned axes = 1; axes < 16; axes++)
        for (int function = 1; function <= HWV_REDUCTION_LOG_SUM_EXP; function += 3)
            same_on_threads("reduce", HWV_NODE_REDUCE, (hwv_node_attributes){.function = function, .axes = axes}, 1,
                            &large);
}

/* ---- refusals ---------------------------------------------------------------------------------------- */

static void refused(hwv_node_kind kind, hwv_node_attributes attributes, size_t inputs, const hwv_shape *shapes,
                    const hwv_element *elements, const char *message)
{
    static const char *const names[] = {"a", "b", "c"};
    hwv_graph *graph;
    hwv_id in[3], y;
    hwv_error error;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    for (size_t i = 0; i < inputs; i++)
        in[i] = input_add(graph, names[i], elements[i], shapes[i]);
    assert_int_not_equal(hwv_graph_node(graph, kind, "y", &attributes, in, inputs, &y, &error), HWV_OK);
    if (strstr(error.text, message) == NULL)
        fail_msg("'%s' does not contain '%s'", error.text, message);
    hwv_graph_destroy(graph);
}

static void test_refusals(void **state)
{
    static const hwv_element f = HWV_ELEMENT_F32, i = HWV_ELEMENT_I32;
    const hwv_node_attributes add = {.function = HWV_BINARY_ADD}, and = {.function = HWV_COMPARE_AND};
    const hwv_node_attributes sqrt = {.function = HWV_UNARY_SQRT}, none = {0};
    const hwv_shape x = {2, {N, 4}}, other = {2, {N, 3}}, fixed = {2, {8, 4}}, batch = {1, {N}};
    (void)state;
    refused(HWV_NODE_BINARY, add, 2, (hwv_shape[]){x, other}, (hwv_element[]){f, f},
            "[batch, 3]; accepts two of a type");
    refused(HWV_NODE_BINARY, add, 2, (hwv_shape[]){x, fixed}, (hwv_element[]){f, f}, "got a [batch, 4], b [8, 4]");
    refused(HWV_NODE_BINARY, add, 2, (hwv_shape[]){x, batch}, (hwv_element[]){f, f}, "equal or 1 or missing");
    refused(HWV_NODE_BINARY, add, 2, (hwv_shape[]){x, x}, (hwv_element[]){f, i}, "of integers");
    refused(HWV_NODE_BINARY, none, 2, (hwv_shape[]){x, x}, (hwv_element[]){f, f}, "no function 0; accepts 1 (add), 2");
    refused(HWV_NODE_COMPARE, and, 2, (hwv_shape[]){x, x}, (hwv_element[]){f, f}, "two of integers");
    refused(HWV_NODE_UNARY, sqrt, 1, &x, &i, "accepts floats");
    refused(HWV_NODE_WHERE, none, 3, (hwv_shape[]){x, x, x}, (hwv_element[]){f, f, f}, "a condition of integers");
    refused(HWV_NODE_SOFTMAX, none, 1, &x, &f, "not the batch");
    refused(HWV_NODE_SOFTMAX, (hwv_node_attributes){.axis = 2}, 1, &x, &f, "an axis of it");
    refused(HWV_NODE_REDUCE, (hwv_node_attributes){.function = 1, .axes = 4}, 1, &x, &f, "axes of x");
    refused(HWV_NODE_REDUCE, (hwv_node_attributes){.function = HWV_REDUCTION_ARG_MAX, .axes = 3}, 1, &x, &f,
            "one axis");
    refused(HWV_NODE_REDUCE, (hwv_node_attributes){.function = HWV_REDUCTION_L2, .axes = 2}, 1, &x, &i, "floats");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary),          cmocka_unit_test(test_compare),
        cmocka_unit_test(test_where),           cmocka_unit_test(test_unary),
        cmocka_unit_test(test_reduce),          cmocka_unit_test(test_softmax),
        cmocka_unit_test(test_strange_pairs),   cmocka_unit_test(test_strange_unary),
        cmocka_unit_test(test_integers),        cmocka_unit_test(test_cast),
        cmocka_unit_test(test_rounding),        cmocka_unit_test(test_strange_reductions),
        cmocka_unit_test(test_strange_softmax), cmocka_unit_test(test_gradients_of_ties),
        cmocka_unit_test(test_threads),         cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
