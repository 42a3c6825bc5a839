/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dense layers with many weights and few samples take another way to the same bits as with many samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compare.h"
#include "halfwave/isa.h"
#include "halfwave/pool.h"
#include "support.h"

enum { IN = 1030, OUT = 407, FEW = 70, MANY = 300 };

typedef struct layer {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id x, y;
} layer;

static layer layer_make(void)
{
    layer l;
    assert_int_equal(hwv_graph_create(&l.graph, NULL), HWV_OK);
    l.x = input_add(l.graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, IN, 0));
    l.y = fc_add(l.graph, "fc", l.x, IN, OUT);
    assert_int_equal(hwv_weights_create(&l.weights, l.graph, NULL), HWV_OK);
    weights_draw(l.weights, 3);
    return l;
}

static void run(const layer *l, size_t batch, size_t rows, unsigned passes, const hwv_executor *executor, float *y)
{
    hwv_plan *plan = plan_make(l->graph, l->weights, l->y,
                               (hwv_plan_options){.batch = batch, .passes = passes, .executor = executor});
    float *x = hwv_plan_data(plan, l->x);
    for (size_t i = 0; i < rows * IN; i++)
        x[i] = (float)hwv_random_normal(5, HWV_STREAM_TEST, 0, i);
    hwv_plan_rows(plan, rows);
    hwv_plan_forward(plan);
    memcpy(y, hwv_plan_data(plan, l->y), rows * OUT * sizeof *y);
    hwv_plan_destroy(plan);
}

static void test_few_samples(void **state)
{
    static float few[FEW * OUT], many[FEW * OUT];
    static const size_t rows[] = {1, 7, 33, FEW};
    (void)state;
    layer l = layer_make();
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        for (size_t r = 0; r < sizeof rows / sizeof *rows; r++)
            for (int threaded = 0; threaded < 2; threaded++) {
                const hwv_executor *executor = threaded ? hwv_pool_executor(pool) : NULL;
                const unsigned passes = r % 2 ? HWV_PASS_ALL : 0;
                run(&l, MANY, rows[r], passes, NULL, many);
                run(&l, FEW, rows[r], passes, executor, few);
                assert_true(compare_bits(hwv_isa_name(hwv_isa_get(i)), few, many, rows[r] * OUT));
            }
    }
    hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL);
    hwv_pool_destroy(pool);
    hwv_weights_destroy(l.weights);
    hwv_graph_destroy(l.graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_few_samples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
