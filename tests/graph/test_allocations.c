/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Memory: a run allocates nothing; each allocation failing in turn gives a status and leaks nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "allocations.h"
#include "support.h"

static void runs_allocate_nothing(net n, size_t cols, uint32_t classes)
{
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
        hwv_plan *plan =
            plan_make(n.graph, n.weights, n.loss, (hwv_plan_options){.batch = 8, .training = true, .passes = passes});
        inputs_draw(plan, n.x, cols, n.labels, 8, classes, 1);
        size_t before = allocations_count();
        for (size_t rows = 1; rows <= 8; rows++) {
            hwv_plan_rows(plan, rows);
            hwv_plan_forward(plan);
            hwv_plan_backward(plan, rows & 1);
        }
        assert_int_equal(allocations_count(), before);
        hwv_plan_destroy(plan);
    }
    net_free(&n);
}

static void test_runs_allocate_nothing(void **state)
{
    (void)state;
    runs_allocate_nothing(net_make(HWV_OP_RELU), 12, 70);
    runs_allocate_nothing(image_net_make(5, 4, 6, 10), 5 * 4 * 3, 10);
    runs_allocate_nothing(sequence_net_make(7, 12, 2, 10), 7 * 12, 10);
}

/* Calls body with the 1st, 2nd, ... allocation failing until it succeeds. */
static void fail_each(hwv_status (*body)(void *context, hwv_error *error), void *context)
{
    hwv_status status = HWV_ERR_MEMORY;
    size_t n = 0;
    while (status != HWV_OK) {
        hwv_error error = {0};
        size_t live = allocations_live();
        allocations_fail_at(++n);
        status = body(context, &error);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_true(error.text[0] != '\0');
        }
        assert_true(n < 10000);
    }
    assert_true(n > 1); /* there was something to fail */
}

static hwv_status graph_body(void *context, hwv_error *error)
{
    hwv_graph *graph;
    hwv_weights *weights = NULL;
    hwv_shape shape = {.rank = 2, .dim = {4, 4}};
    hwv_id x, id;
    (void)context;
    HWV_TRY(hwv_graph_create(&graph, error));
    hwv_status status = hwv_graph_parameter(graph, "x", &shape, true, &x, error);
    for (size_t i = 0; status == HWV_OK && i < 20; i++) { /* enough to grow twice */
        char name[16];
        snprintf(name, sizeof name, "n%zu", i);
        status = hwv_graph_node(graph, HWV_NODE_FLATTEN, name, NULL, &x, 1, &id, error);
    }
    if (status == HWV_OK)
        status = hwv_weights_create(&weights, graph, error);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
    return status;
}

static hwv_status plan_body(void *context, hwv_error *error)
{
    net *n = context;
    hwv_plan *plan;
    hwv_plan_options options = {.batch = 8, .training = true, .passes = HWV_PASS_ALL};
    HWV_TRY(hwv_plan_create(&plan, n->graph, n->weights, n->loss, &options, error));
    hwv_plan_destroy(plan);
    return HWV_OK;
}

static hwv_status gradcheck_body(void *context, hwv_error *error)
{
    size_t failed;
    (void)context;
    HWV_TRY(hwv_gradcheck("prelu", NULL, 1, NULL, NULL, &failed, error));
    HWV_TRY(hwv_gradcheck("softmax", NULL, 1, NULL, NULL, &failed, error));
    return hwv_gradcheck("mlp: fc 5; relu", NULL, 1, NULL, NULL, &failed, error);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    fail_each(graph_body, NULL);
    fail_each(plan_body, &n);
    fail_each(gradcheck_body, NULL);
    net_free(&n);
    n = image_net_make(5, 4, 6, 10);
    fail_each(plan_body, &n);
    net_free(&n);
    n = sequence_net_make(7, 12, 2, 10);
    fail_each(plan_body, &n);
    net_free(&n);
}

static void test_nothing_is_left(void **state)
{
    (void)state;
    size_t live = allocations_live();
    net n = net_make(HWV_OP_RELU);
    assert_int_equal(plan_body(&n, NULL), HWV_OK);
    assert_true(allocations_live() > live);
    net_free(&n);
    assert_int_equal(allocations_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_allocate_nothing),
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_nothing_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
