/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dropout in plans: what it drops depends on seed, stream and step alone; without training it is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "compare.h"
#include "support.h"

#define ROWS  6
#define UNITS 50
#define N     (ROWS * UNITS)

/* p (a parameter, [ROWS, UNITS]) -> two dropouts, one after another */
typedef struct dropping {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id p, first, second;
} dropping;

static dropping dropping_make(float rate)
{
    dropping d;
    assert_int_equal(hwv_graph_create(&d.graph, NULL), HWV_OK);
    d.p = parameter_add(d.graph, "p", shape_of(2, ROWS, UNITS, 0));
    d.first =
        node_add(d.graph, HWV_NODE_DROPOUT, "drop1", (hwv_node_attributes){.rate = rate, .stream = 0}, d.p, HWV_NO_ID);
    d.second = node_add(d.graph, HWV_NODE_DROPOUT, "drop2", (hwv_node_attributes){.rate = rate, .stream = 1}, d.first,
                        HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&d.weights, d.graph, NULL), HWV_OK);
    for (size_t i = 0; i < N; i++)
        hwv_weights_data(d.weights, d.p)[i] = 1;
    return d;
}

static void dropping_free(dropping *d)
{
    hwv_weights_destroy(d->weights);
    hwv_graph_destroy(d->graph);
}

/* Output and gradient of p in one run; the gradient of the output is 1, so that both are the same. */
static void run(const dropping *d, hwv_id output, unsigned passes, uint64_t seed, uint32_t step, float *y)
{
    hwv_plan *plan =
        plan_make(d->graph, d->weights, output, (hwv_plan_options){.batch = 1, .training = true, .passes = passes});
    for (size_t i = 0; i < N; i++)
        hwv_plan_gradient(plan, output)[i] = 1;
    hwv_plan_seed(plan, seed, step);
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    memcpy(y, hwv_plan_data(plan, output), N * sizeof(float));
    assert_true(compare_bits("gradient", hwv_plan_gradient(plan, d->p), y, N));
    hwv_plan_destroy(plan);
}

static size_t differences(const float *a, const float *b)
{
    size_t count = 0;
    for (size_t i = 0; i < N; i++)
        count += (a[i] == 0) != (b[i] == 0);
    return count;
}

static void test_what_is_dropped(void **state)
{
    (void)state;
    dropping d = dropping_make(0.5f);
    float one[N], both[N], other[N];
    run(&d, d.first, 0, 7, 3, one);
    run(&d, d.second, 0, 7, 3, both);
    for (size_t i = 0; i < N; i++) {
        assert_true(one[i] == 0 || one[i] == 2);
        assert_true(both[i] == 0 || (both[i] == 4 && one[i] == 2));
    }
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
        run(&d, d.second, passes, 7, 3, other);
        assert_true(compare_bits("passes", other, both, N));
    }
    /* independent draws differ in about half of the elements */
    run(&d, d.first, 0, 7, 4, other);
    assert_in_range(differences(one, other), N / 2 - 50, N / 2 + 50);
    run(&d, d.first, 0, 8, 3, other);
    assert_in_range(differences(one, other), N / 2 - 50, N / 2 + 50);
    size_t second_of_first = 0, firsts = 0; /* the streams are two */
    for (size_t i = 0; i < N; i++) {
        firsts += one[i] != 0;
        second_of_first += both[i] != 0;
    }
    assert_in_range(second_of_first, firsts / 2 - 40, firsts / 2 + 40);
    dropping_free(&d);
}

static void test_not_there_in_evaluation(void **state)
{
    (void)state;
    for (int training = 0; training < 2; training++) {
        dropping d = dropping_make(training ? 0 : 0.5f); /* nothing is dropped in training either at a rate of 0 */
        for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
            hwv_plan *plan = plan_make(d.graph, d.weights, d.second,
                                       (hwv_plan_options){.batch = 1, .training = training, .passes = passes});
            hwv_plan_seed(plan, 7, 3);
            hwv_plan_forward(plan);
            assert_true(compare_bits("as it is", hwv_plan_data(plan, d.second), hwv_weights_data(d.weights, d.p), N));
            hwv_plan_destroy(plan);
        }
        dropping_free(&d);
    }
}

static void test_wrong_nodes(void **state)
{
    (void)state;
    dropping d = dropping_make(0.5f);
    static const hwv_node_attributes wrong[] = {{.rate = 1}, {.rate = -0.5f}, {.rate = NAN}, {.stream = 1 << 24}};
    static const char *const messages[] = {"a share of 1 to drop; 0 or more", "a share of -0.5", "nan",
                                           "stream 16777216; 0 to 16777215"};
    for (size_t i = 0; i < 4; i++) {
        hwv_id y;
        hwv_error error;
        assert_int_equal(hwv_graph_node(d.graph, HWV_NODE_DROPOUT, "n", &wrong[i], &d.p, 1, &y, &error),
                         HWV_ERR_ARGUMENT);
        if (strstr(error.text, messages[i]) == NULL)
            fail_msg("'%s' does not contain '%s'", error.text, messages[i]);
    }
    dropping_free(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_dropped),
        cmocka_unit_test(test_not_there_in_evaluation),
        cmocka_unit_test(test_wrong_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
