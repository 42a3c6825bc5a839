/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * transpose, reshape, concat, slice, pad, expand, tile, gather: drawn shapes and attributes, floats and integers, batched
 * and not, against index arithmetic written here; gradients as what goes back where it came from; what is refused; the
 * speed of a transpose beside a copy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "halfwave/clock.h"
#include "graph/structure.h"
#include "sanitized.h"
#include "support.h"

#define CASES 60

/* ---- drawn cases ---------------------------------------------------------------------------------- */

typedef struct sample {
    hwv_node_kind kind;
    hwv_node_attributes attributes;
    size_t inputs;
    hwv_shape shape[3];
    bool integers, indexed; /* indexed: the last input are indices */
} sample;

static uint32_t draw_count, draw_stream;

static size_t draw(size_t below)
{
    return hwv_random_below(3, HWV_STREAM_TEST, draw_stream, draw_count++, (uint32_t)below);
}

static hwv_shape shape_draw(size_t most_rank)
{
    hwv_shape shape = {.rank = 1 + draw(most_rank)};
    for (size_t d = 0; d < shape.rank; d++)
        shape.dim[d] = draw(4) == 0 ? 1 : 2 + draw(shape.rank > 3 ? 4 : draw(3) ? 6 : 70);
    if (shape.rank > 1 && draw(2))
        shape.dim[0] = HWV_BATCH;
    return shape;
}

static void order_draw(sample *s)
{
    size_t *order = s->attributes.order, rank = s->shape[0].rank, fixed = s->shape[0].dim[0] == HWV_BATCH;
    for (size_t i = 0; i < rank; i++)
        order[i] = i;
    for (size_t i = rank; i-- > fixed + 1;) {
        size_t k = fixed + draw(i + 1 - fixed), swap = order[i];
        order[i] = order[k];
        order[k] = swap;
    }
}

static void reshape_draw(sample *s)
{
    hwv_shape *y = &s->attributes.shape, *x = &s->shape[0];
    for (size_t d = 0; d < x->rank; d++) {
        bool join = d > 0 && y->dim[y->rank - 1] != HWV_BATCH && draw(2);
        if (join)
            y->dim[y->rank - 1] *= x->dim[d];
        else
            y->dim[y->rank++] = x->dim[d];
    }
    if (y->rank < HWV_MAX_RANK && draw(2))
        y->dim[y->rank++] = 1;
}

static void concat_draw(sample *s)
{
    size_t batched = s->shape[0].dim[0] == HWV_BATCH, axis = batched + draw(s->shape[0].rank - batched);
    s->attributes.axis = axis;
    s->inputs = 2 + draw(2);
    for (size_t i = 1; i < s->inputs; i++) {
        s->shape[i] = s->shape[0];
        s->shape[i].dim[axis] = 1 + draw(5);
    }
}

static void slice_draw(sample *s)
{
    hwv_node_attributes *a = &s->attributes;
    a->shape = s->shape[0];
    for (size_t d = 0; d < s->shape[0].rank; d++) {
        size_t n = s->shape[0].dim[d];
        a->step[d] = 1;
        if (n == HWV_BATCH || draw(3) == 0)
            continue;
        size_t first = draw(n), far = 1 + draw(3);
        bool back = draw(2);
        a->begin[d] = (ptrdiff_t)first;
        a->step[d] = back ? -(ptrdiff_t)far : (ptrdiff_t)far;
        a->shape.dim[d] = 1 + draw((back ? first : n - 1 - first) / far + 1);
    }
}

static void pad_draw(sample *s)
{
    hwv_node_attributes *a = &s->attributes;
    a->pad_mode = (hwv_pad_mode)draw(3);
    a->fill = (float)draw(9);
    for (size_t d = 0; d < s->shape[0].rank; d++) {
        size_t n = s->shape[0].dim[d], most = a->pad_mode == HWV_PAD_REFLECT ? n : 6;
        if (n == HWV_BATCH || draw(3) == 0)
            continue;
        a->before[d] = draw(most);
        a->after[d] = draw(most);
    }
}

static void expand_draw(sample *s)
{
    hwv_shape *x = &s->shape[0], *y = &s->attributes.shape;
    *y = *x;
    for (size_t d = 0; d < x->rank; d++)
        if (x->dim[d] == 1)
            y->dim[d] = 1 + draw(6);
    if (x->dim[0] == 1 && draw(2))
        y->dim[0] = HWV_BATCH;
    if (x->rank == HWV_MAX_RANK || x->dim[0] == HWV_BATCH || y->dim[0] == HWV_BATCH || draw(2))
        return;
    y->rank++;
    for (size_t d = y->rank; d-- > 1;)
        y->dim[d] = y->dim[d - 1];
    y->dim[0] = draw(2) ? HWV_BATCH : 3;
}

static void tile_draw(sample *s)
{
    for (size_t d = 0; d < s->shape[0].rank; d++)
        s->attributes.repeat[d] = s->shape[0].dim[d] == HWV_BATCH ? 1 : 1 + draw(3);
}

static void gather_draw(sample *s)
{
    size_t batched = s->shape[0].dim[0] == HWV_BATCH, axis = batched + draw(s->shape[0].rank - batched);
    s->attributes.axis = axis;
    s->inputs = 2;
    s->indexed = true;
    s->shape[1] = (hwv_shape){.rank = 1 + draw(2), .dim = {1 + draw(5), 1 + draw(4)}};
    if (axis == 0 && draw(2))
        s->shape[1].dim[0] = HWV_BATCH;
}

static const struct {
    hwv_node_kind kind;
    void (*draw)(sample *s);
    size_t most_rank;
} drawn[] = {
    {HWV_NODE_TRANSPOSE, order_draw, 6}, {HWV_NODE_RESHAPE, reshape_draw, 5}, {HWV_NODE_CONCAT, concat_draw, 5},
    {HWV_NODE_SLICE, slice_draw, 5},     {HWV_NODE_PAD, pad_draw, 4},         {HWV_NODE_EXPAND, expand_draw, 6},
    {HWV_NODE_TILE, tile_draw, 4},       {HWV_NODE_GATHER, gather_draw, 4},
};
#define KINDS (sizeof drawn / sizeof drawn[0])

/* ---- where an element comes from ------------------------------------------------------------------- */

static void index_of(const hwv_shape *shape, size_t at, long *index)
{
    for (size_t d = shape->rank; d-- > 0; at /= shape->dim[d])
        index[d] = (long)(at % shape->dim[d]);
}

static size_t at_of(const hwv_shape *shape, const long *index)
{
    size_t at = 0;
    for (size_t d = 0; d < shape->rank; d++) {
        assert_true(index[d] >= 0 && (size_t)index[d] < shape->dim[d]);
        at = at * shape->dim[d] + (size_t)index[d];
    }
    return at;
}

static long mirrored(long i, long n)
{
    while (i < 0 || i >= n)
        i = i < 0 ? -i : 2 * (n - 1) - i;
    return i;
}

/* Shapes with the batch filled in. Of the input *input; SIZE_MAX: the fill. */
static size_t origin(const sample *s, const hwv_shape *x, const hwv_shape *y, const int32_t *indices, size_t element,
                     size_t *input)
{
    const hwv_node_attributes *a = &s->attributes;
    long to[HWV_MAX_RANK] = {0}, from[HWV_MAX_RANK] = {0};
    const size_t axis = a->axis;
    bool outside = false;
    index_of(y, element, to);
    *input = 0;
    switch ((int)s->kind) {
    case HWV_NODE_TRANSPOSE:
        for (size_t d = 0; d < y->rank; d++)
            from[a->order[d]] = to[d];
        break;
    case HWV_NODE_RESHAPE:
        return element;
    case HWV_NODE_CONCAT:
        memcpy(from, to, sizeof from);
        for (; (size_t)from[axis] >= x[*input].dim[axis]; ++*input)
            from[axis] -= (long)x[*input].dim[axis];
        break;
    case HWV_NODE_SLICE:
        for (size_t d = 0; d < y->rank; d++)
            from[d] = (long)a->begin[d] + to[d] * (long)a->step[d];
        break;
    case HWV_NODE_PAD:
        for (size_t d = 0; d < y->rank; d++) {
            long i = to[d] - (long)a->before[d], n = (long)x->dim[d];
            outside = outside || i < 0 || i >= n;
            from[d] = a->pad_mode == HWV_PAD_REFLECT ? mirrored(i, n) : i < 0 ? 0 : i < n ? i : n - 1;
        }
        if (outside && a->pad_mode == HWV_PAD_CONSTANT)
            return SIZE_MAX;
        break;
    case HWV_NODE_EXPAND:
        for (size_t d = 0; d < x->rank; d++)
            from[d] = x->dim[d] == 1 ? 0 : to[y->rank - x->rank + d];
        break;
    case HWV_NODE_TILE:
        for (size_t d = 0; d < y->rank; d++)
            from[d] = to[d] % (long)x->dim[d];
        break;
    default: { /* gather */
        const size_t k = s->shape[1].rank;
        for (size_t d = 0; d < axis; d++)
            from[d] = to[d];
        long i = indices[at_of(&x[1], to + axis)], n = (long)x->dim[axis];
        i = i < 0 ? i + n : i;
        from[axis] = i < 0 ? 0 : i < n ? i : n - 1;
        for (size_t d = axis + 1; d < x->rank; d++)
            from[d] = to[d - 1 + k];
    }
    }
    return at_of(&x[*input], from);
}

/* ---- runs ------------------------------------------------------------------------------------------ */

static hwv_shape filled(hwv_shape shape, size_t rows)
{
    if (shape.dim[0] == HWV_BATCH)
        shape.dim[0] = rows;
    return shape;
}

static size_t elements_of(const hwv_graph *graph, hwv_id id, size_t rows)
{
    size_t n;
    assert_true(hwv_shape_elements(&hwv_graph_value(graph, id)->shape, rows, &n));
    return n;
}

typedef struct bench {
    hwv_graph *graph;
    hwv_id given[3], moved[3], y; /* moved: after a bias, so that a parameter leads to every input */
} bench;

static bench bench_make(const sample *s)
{
    static const char *const names[][3] = {{"a", "a.bias", "a+"}, {"b", "b.bias", "b+"}, {"c", "c.bias", "c+"}};
    bench b = {0};
    hwv_error error;
    assert_int_equal(hwv_graph_create(&b.graph, NULL), HWV_OK);
    for (size_t i = 0; i < s->inputs; i++) {
        const bool integers = s->integers || (s->indexed && i == 1);
        b.moved[i] = b.given[i] =
            input_add(b.graph, names[i][0], integers ? HWV_ELEMENT_I32 : HWV_ELEMENT_F32, s->shape[i]);
        if (integers || s->shape[i].rank < 2)
            continue;
        hwv_id bias = parameter_add(b.graph, names[i][1], shape_of(1, s->shape[i].dim[s->shape[i].rank - 1], 0, 0));
        b.moved[i] = node_add(b.graph, HWV_NODE_BIAS, names[i][2], (hwv_node_attributes){0}, b.given[i], bias);
    }
    if (hwv_graph_node(b.graph, s->kind, "y", &s->attributes, b.moved, s->inputs, &b.y, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return b;
}

static void given_draw(const bench *b, const sample *s, hwv_plan *plan, size_t rows)
{
    for (size_t i = 0; i < s->inputs; i++) {
        size_t n = elements_of(b->graph, b->given[i], rows);
        float *floats = hwv_plan_data(plan, b->given[i]);
        int32_t *integers = hwv_plan_data(plan, b->given[i]);
        for (size_t e = 0; e < n; e++)
            if (hwv_graph_value(b->graph, b->given[i])->element == HWV_ELEMENT_I32)
                integers[e] = (int32_t)hwv_random_below(5, HWV_STREAM_TEST, (uint32_t)i, e, 200) - 100;
            else
                floats[e] = (float)hwv_random_normal(5, HWV_STREAM_TEST, (uint32_t)i, e);
    }
}

static void gradient_check(const sample *s, const bench *b, hwv_plan *plan, const hwv_shape *x, const hwv_shape *y,
                           size_t rows)
{
    const size_t n = elements_of(b->graph, b->y, rows);
    float *dy = hwv_plan_gradient(plan, b->y);
    for (size_t e = 0; e < n; e++)
        dy[e] = (float)hwv_random_normal(6, HWV_STREAM_TEST, 0, e);
    float *kept = malloc(n * sizeof *kept); /* its memory may be given away */
    assert_non_null(kept);
    memcpy(kept, dy, n * sizeof *kept);
    hwv_plan_backward(plan, false);
    for (size_t i = 0; i < s->inputs; i++) {
        const float *dx = b->moved[i] == b->given[i] ? NULL : hwv_plan_gradient(plan, b->moved[i]);
        const size_t of = elements_of(b->graph, b->given[i], rows);
        double *wanted = calloc(of, sizeof *wanted);
        assert_non_null(wanted);
        for (size_t e = 0; e < n; e++) {
            size_t input, at = origin(s, x, y, hwv_plan_data(plan, b->given[1]), e, &input);
            if (at != SIZE_MAX && input == i)
                wanted[at] += (double)kept[e];
        }
        for (size_t e = 0; dx && e < of; e++)
            if (!(fabs((double)dx[e] - wanted[e]) <= 1e-5 * fmax(1, fabs(wanted[e]))))
                fail_msg("%s: gradient %zu of input %zu is %g, expected %g", hwv_node_kind_name(s->kind), e, i,
                         (double)dx[e], wanted[e]);
        free(wanted);
    }
    free(kept);
}

static void check_run(const sample *s, const bench *b, size_t rows, unsigned passes, hwv_pool *pool)
{
    hwv_weights *weights;
    hwv_shape x[3], y = filled(hwv_graph_value(b->graph, b->y)->shape, rows);
    bool training = false;
    assert_int_equal(hwv_weights_create(&weights, b->graph, NULL), HWV_OK);
    for (size_t i = 0; i < s->inputs; i++) {
        x[i] = filled(s->shape[i], rows);
        training = training || b->moved[i] != b->given[i];
    }
    hwv_plan *plan = plan_make(b->graph, weights, b->y,
                               (hwv_plan_options){.batch = 5,
                                                  .passes = passes,
                                                  .training = training,
                                                  .executor = pool ? hwv_pool_executor(pool) : NULL,
                                                  .keep = b->given,
                                                  .keep_count = s->inputs});
    hwv_plan_rows(plan, rows);
    given_draw(b, s, plan, rows);
    hwv_plan_forward(plan);
    const uint32_t *to = hwv_plan_data(plan, b->y);
    for (size_t e = 0, n = elements_of(b->graph, b->y, rows); e < n; e++) {
        size_t input, at = origin(s, x, &y, hwv_plan_data(plan, b->given[1]), e, &input);
        const uint32_t *from = hwv_plan_data(plan, b->given[input]);
        uint32_t wanted;
        const int32_t fill = (int32_t)s->attributes.fill;
        if (at != SIZE_MAX)
            wanted = from[at];
        else
            memcpy(&wanted, s->integers ? (const void *)&fill : &s->attributes.fill, sizeof wanted);
        if (to[e] != wanted)
            fail_msg("%s: element %zu is %08x, expected %08x (rank %zu, rows %zu)", hwv_node_kind_name(s->kind), e,
                     to[e], wanted, y.rank, rows);
    }
    if (training)
        gradient_check(s, b, plan, x, &y, rows);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
}

static void test_drawn(void **state)
{
    static const size_t rows[] = {5, 1, 3};
    hwv_pool *pool;
    (void)state;
    assert_int_equal(hwv_pool_create(&pool, 2, NULL), HWV_OK);
    for (size_t k = 0; k < KINDS; k++)
        for (uint32_t c = 0; c < CASES; c++) {
            draw_stream = (uint32_t)k * CASES + c;
            draw_count = 0;
            sample s = {.kind = drawn[k].kind, .inputs = 1, .integers = c % 4 == 3};
            s.shape[0] = shape_draw(drawn[k].most_rank);
            drawn[k].draw(&s);
            bench b = bench_make(&s);
            check_run(&s, &b, rows[c % 3], 0, NULL);
            check_run(&s, &b, rows[(c + 1) % 3], HWV_PASS_ALL, pool);
            hwv_graph_destroy(b.graph);
        }
    hwv_pool_destroy(pool);
}

/* Large ones, whose squares and rows are cut among threads. */
static void test_large(void **state)
{
    static const sample cases[] = {
        {HWV_NODE_TRANSPOSE, {.order = {0, 2, 3, 1}}, 1, {{4, {HWV_BATCH, 67, 33, 30}}}, false, false},
        {HWV_NODE_TRANSPOSE, {.order = {0, 3, 1, 2}}, 1, {{4, {HWV_BATCH, 33, 30, 67}}}, true, false},
        {HWV_NODE_TRANSPOSE, {.order = {1, 0}}, 1, {{2, {1001, 259}}}, false, false},
        {HWV_NODE_TRANSPOSE, {.order = {0, 2, 1, 3}}, 1, {{4, {HWV_BATCH, 12, 64, 32}}}, false, false},
        {HWV_NODE_TRANSPOSE, {.order = {2, 1, 0}}, 1, {{3, {70, 9, 65}}}, false, false},
        {HWV_NODE_GATHER, {.axis = 0}, 2, {{2, {300, 77}}, {2, {HWV_BATCH, 400}}}, false, true},
        {HWV_NODE_TILE, {.repeat = {1, 30, 2}}, 1, {{3, {HWV_BATCH, 40, 35}}}, false, false},
        {HWV_NODE_EXPAND, {.shape = {3, {HWV_BATCH, 90, 301}}}, 1, {{2, {1, 301}}}, false, false},
        {HWV_NODE_CONCAT,
         {.axis = 2},
         3,
         {{3, {HWV_BATCH, 90, 30}}, {3, {HWV_BATCH, 90, 7}}, {3, {HWV_BATCH, 90, 200}}},
         false,
         false},
        {HWV_NODE_PAD,
         {.before = {0, 3, 5, 0}, .after = {0, 2, 0, 4}, .pad_mode = HWV_PAD_EDGE},
         1,
         {{4, {HWV_BATCH, 30, 40, 20}}},
         false,
         false},
        {HWV_NODE_SLICE,
         {.shape = {3, {HWV_BATCH, 100, 60}}, .begin = {0, 199, 1}, .step = {1, -2, 5}},
         1,
         {{3, {HWV_BATCH, 200, 301}}},
         false,
         false},
    };
    hwv_pool *pool;
    (void)state;
    assert_int_equal(hwv_pool_create(&pool, 2, NULL), HWV_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bench b = bench_make(&cases[i]);
        check_run(&cases[i], &b, 5, 0, pool);
        check_run(&cases[i], &b, 4, HWV_PASS_ALL, NULL);
        hwv_graph_destroy(b.graph);
    }
    hwv_pool_destroy(pool);
}

/* ---- what is refused ------------------------------------------------------------------------------- */

static void refused(hwv_node_kind kind, hwv_node_attributes attributes, hwv_shape a, const hwv_shape *b,
                    const char *why)
{
    hwv_graph *graph;
    hwv_error error = {0};
    hwv_id inputs[2], y;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    inputs[0] = input_add(graph, "a", HWV_ELEMENT_F32, a);
    if (b)
        inputs[1] = input_add(graph, "b", kind == HWV_NODE_GATHER ? HWV_ELEMENT_I32 : HWV_ELEMENT_F32, *b);
    assert_int_equal(hwv_graph_node(graph, kind, "y", &attributes, inputs, b ? 2 : 1, &y, &error), HWV_ERR_SHAPE);
    if (!strstr(error.text, why))
        fail_msg("%s", error.text);
    hwv_graph_destroy(graph);
}

#define N HWV_BATCH

static void test_refused(void **state)
{
    const hwv_shape x = {3, {N, 4, 6}}, fixed = {3, {2, 4, 6}}, other = {3, {N, 5, 7}}, row = {1, {N}};
    (void)state;
    refused(HWV_NODE_TRANSPOSE, (hwv_node_attributes){.order = {1, 0, 2}}, x, NULL, "the batch");
    refused(HWV_NODE_TRANSPOSE, (hwv_node_attributes){.order = {0, 1, 1}}, x, NULL, "every axis once");
    refused(HWV_NODE_TRANSPOSE, (hwv_node_attributes){.order = {0, 1, 3}}, x, NULL, "every axis once");
    refused(HWV_NODE_RESHAPE, (hwv_node_attributes){.shape = {2, {N, 25}}}, x, NULL, "as many");
    refused(HWV_NODE_RESHAPE, (hwv_node_attributes){.shape = {2, {2, 24}}}, x, NULL, "the batch");
    refused(HWV_NODE_CONCAT, (hwv_node_attributes){.axis = 0}, x, &x, "not the batch");
    refused(HWV_NODE_CONCAT, (hwv_node_attributes){.axis = 1}, x, &other, "alike");
    refused(HWV_NODE_CONCAT, (hwv_node_attributes){.axis = 3}, fixed, &fixed, "alike");
    refused(HWV_NODE_CONCAT, (hwv_node_attributes){.axis = 0}, fixed, &x, "alike");
    for (int step = -4; step <= 4; step++) {
        hwv_node_attributes slice = {.shape = {3, {N, 3, 6}}, .begin = {0, 1, 0}, .step = {1, step, 1}};
        if (step != 1)
            refused(HWV_NODE_SLICE, slice, x, NULL, "stay in x");
    }
    refused(HWV_NODE_SLICE, (hwv_node_attributes){.shape = x, .begin = {0, 0, -1}, .step = {1, 1, 1}}, x, NULL, "stay");
    refused(HWV_NODE_SLICE, (hwv_node_attributes){.shape = x, .step = {2, 1, 1}}, x, NULL, "whole batch");
    refused(HWV_NODE_SLICE, (hwv_node_attributes){.shape = fixed, .step = {1, 1, 1}}, x, NULL, "whole batch");
    refused(HWV_NODE_SLICE, (hwv_node_attributes){.shape = {1, {N}}, .step = {1}}, x, NULL, "stay");
    refused(HWV_NODE_SLICE,
            (hwv_node_attributes){.shape = {3, {N, 4, 3}}, .begin = {0, 0, 1}, .step = {1, 1, PTRDIFF_MIN}}, x, NULL,
            "stay");
    refused(HWV_NODE_PAD, (hwv_node_attributes){.before = {1}}, x, NULL, "of the batch none");
    refused(HWV_NODE_PAD, (hwv_node_attributes){.after = {0, 4}, .pad_mode = HWV_PAD_REFLECT}, x, NULL, "reflect");
    refused(HWV_NODE_PAD, (hwv_node_attributes){.after = {0, SIZE_MAX - 3}}, x, NULL, "memory");
    refused(HWV_NODE_EXPAND, (hwv_node_attributes){.shape = {3, {N, 4, 7}}}, x, NULL, "dimensions");
    refused(HWV_NODE_EXPAND, (hwv_node_attributes){.shape = {2, {4, 6}}}, x, NULL, "dimensions");
    refused(HWV_NODE_EXPAND, (hwv_node_attributes){.shape = {3, {N, 4, 6}}}, fixed, NULL, "dimensions");
    refused(HWV_NODE_EXPAND, (hwv_node_attributes){.shape = {7, {0}}}, fixed, NULL, "dimensions");
    refused(HWV_NODE_TILE, (hwv_node_attributes){.repeat = {2, 1, 1}}, x, NULL, "batch once");
    refused(HWV_NODE_TILE, (hwv_node_attributes){.repeat = {1, 0, 1}}, x, NULL, "every axis");
    refused(HWV_NODE_TILE, (hwv_node_attributes){.repeat = {1, 1, SIZE_MAX / 2}}, x, NULL, "every axis");
    refused(HWV_NODE_GATHER, (hwv_node_attributes){.axis = 0}, x, &row, "not the batch");
    refused(HWV_NODE_GATHER, (hwv_node_attributes){.axis = 1}, fixed, &row, "in front");
    refused(HWV_NODE_GATHER, (hwv_node_attributes){.axis = 1}, (hwv_shape){4, {2, 2, 2, 2}},
            &(hwv_shape){4, {1, 1, 1, 2}}, "6 dimensions");
}

/* ---- speed ---------------------------------------------------------------------------------------- */

/* [64, 32, 32, 32] to channels last and back, at least half as fast as a copy. */
static void test_speed(void **state)
{
    static const size_t orders[][4] = {{0, 2, 3, 1}, {0, 3, 1, 2}};
    const size_t n = 64 * 32 * 32 * 32;
    (void)state;
    for (size_t o = 0; o < 2; o++) {
        sample s = {.kind = HWV_NODE_TRANSPOSE, .inputs = 1, .integers = true, .shape = {{4, {N, 32, 32, 32}}}};
        double best[2] = {INFINITY, INFINITY};
        hwv_weights *weights;
        memcpy(s.attributes.order, orders[o], sizeof orders[o]);
        bench b = bench_make(&s);
        assert_int_equal(hwv_weights_create(&weights, b.graph, NULL), HWV_OK);
        hwv_plan *plan = plan_make(b.graph, weights, b.y, (hwv_plan_options){.batch = 64, .passes = HWV_PASS_ALL});
        float *x = hwv_plan_data(plan, b.given[0]), *y = hwv_plan_data(plan, b.y);
        memset(x, 1, n * sizeof *x);
        for (size_t round = 0; round < 60; round++) {
            double start = hwv_clock_seconds();
            hwv_plan_forward(plan);
            double middle = hwv_clock_seconds();
            memcpy(y, x, n * sizeof *x);
            double end = hwv_clock_seconds();
            best[0] = fmin(best[0], middle - start);
            best[1] = fmin(best[1], end - middle);
        }
        print_message("transpose to %s: %.2f of a copy\n", o ? "channels first" : "channels last", best[1] / best[0]);
        assert_true(HWV_SANITIZED || best[1] / best[0] >= 0.25);
        hwv_plan_destroy(plan);
        hwv_weights_destroy(weights);
        hwv_graph_destroy(b.graph);
    }
}

/* The gradient of an embedding of many words: each of its rows is the sum of those of dy in their order, rounded after
 * each, for any number of threads. */
static void test_embedding(void **state)
{
    enum { WORDS = 500000, WIDTH = 5, COUNT = 100000 };
    const hwv_shape indices = shape_of(1, COUNT, 0, 0);
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id index, y;
    (void)state;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    const hwv_id table = parameter_add(graph, "table", shape_of(2, WORDS, WIDTH, 0));
    assert_int_equal(hwv_graph_constant(graph, "index", HWV_ELEMENT_I32, &indices, &index, NULL), HWV_OK);
    y = node_add(graph, HWV_NODE_GATHER, "y", (hwv_node_attributes){.axis = 0}, table, index);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    int32_t *at = (int32_t *)hwv_weights_data(weights, index);
    float *wanted = calloc((size_t)WORDS * WIDTH, sizeof *wanted);
    assert_non_null(wanted);
    for (size_t i = 0; i < COUNT; i++)
        at[i] = (int32_t)hwv_random_below(3, HWV_STREAM_TEST, 1, i, i % 2 ? WORDS : 50);
    for (size_t threads = 1; threads <= 3; threads++) {
        hwv_pool *pool;
        assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
        hwv_plan *plan = plan_make(
            graph, weights, y, (hwv_plan_options){.batch = 1, .training = true, .executor = hwv_pool_executor(pool)});
        float *dy = hwv_plan_gradient(plan, y);
        for (size_t i = 0; i < (size_t)COUNT * WIDTH; i++) {
            dy[i] = (float)hwv_random_normal(3, HWV_STREAM_TEST, 2, i);
            if (threads == 1)
                wanted[(size_t)at[i / WIDTH] * WIDTH + i % WIDTH] += dy[i];
        }
        hwv_plan_forward(plan);
        double begin = hwv_clock_seconds(), copy;
        hwv_plan_backward(plan, false);
        const double took = hwv_clock_seconds() - begin;
        assert_memory_equal(hwv_plan_gradient(plan, table), wanted, (size_t)WORDS * WIDTH * sizeof *wanted);
        begin = hwv_clock_seconds();
        memcpy(hwv_plan_gradient(plan, table), wanted, (size_t)WORDS * WIDTH * sizeof *wanted);
        copy = hwv_clock_seconds() - begin;
        print_message("gradient of an embedding, %zu threads: %.1f times a copy of it\n", threads, took / copy);
        hwv_plan_destroy(plan);
        hwv_pool_destroy(pool);
    }
    free(wanted);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn),   cmocka_unit_test(test_large), cmocka_unit_test(test_embedding),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
