/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network with every layer on images: two steps give the same bits with and without passes, for any number of
 * threads, and allocate nothing; a dropped unit depends on seed and step alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "allocations.h"
#include "compare.h"
#include "halfwave/model.h"
#include "halfwave/random.h"

#define BATCH 13
#define SIDE  12
#define MOST  8192
#define NET                                                                                                            \
    "conv 5 8; act; pool 2; drop 25%; conv 3 12 nobias groups 4; bn; act tanh; conv 3 12 valid; act prelu; "           \
    "res { conv 3 16 stride 2; bn; act; conv 3 16; bn }; act; avgpool 2 stride 1; conv 1 20; act leaky_relu(0.1); "    \
    "gap; fc classes"

/* Loss, gradients and weights (running statistics included) after two steps of plain descent. */
typedef struct outcome {
    float loss[2], gradients[MOST], weights[MOST];
    size_t elements, allocations;
} outcome;

static void two_steps(outcome *o, unsigned passes, size_t threads, uint64_t seed)
{
    hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 3, .dims = {SIDE, SIDE, 3}, .classes = 10};
    hwv_model model;
    hwv_error error;
    hwv_pool *pool = NULL;
    hwv_plan *plan;
    memset(o, 0, sizeof *o);
    if (hwv_model_build(&model, NET, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 5);
    if (threads > 0)
        assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
    hwv_plan_options plan_options = {
        .batch = BATCH, .training = true, .passes = passes, .executor = pool ? hwv_pool_executor(pool) : NULL};
    assert_int_equal(hwv_plan_create(&plan, model.graph, model.weights, model.loss, &plan_options, &error), HWV_OK);
    float *x = hwv_plan_data(plan, model.input), *weights = hwv_weights_block(model.weights, &o->elements);
    int32_t *labels = hwv_plan_data(plan, model.labels);
    const float *gradients = hwv_plan_parameter_gradients(plan, &o->elements);
    assert_true(o->elements <= MOST);
    size_t before = allocations_count();
    for (uint32_t step = 0; step < 2; step++) {
        for (size_t i = 0; i < BATCH * SIDE * SIDE * 3; i++)
            x[i] = (float)hwv_random_uniform(1, HWV_STREAM_TEST, step, i);
        for (size_t i = 0; i < BATCH; i++)
            labels[i] = (int32_t)(i % 10);
        hwv_plan_seed(plan, seed, step);
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
        o->loss[step] = *(const float *)hwv_plan_data(plan, model.loss);
        for (size_t i = 0; i < o->elements; i++)
            weights[i] -= 0.1f * gradients[i]; /* of state there is no gradient: zeros */
    }
    o->allocations = allocations_count() - before;
    memcpy(o->gradients, gradients, o->elements * sizeof(float));
    memcpy(o->weights, weights, o->elements * sizeof(float));
    hwv_plan_destroy(plan);
    hwv_pool_destroy(pool);
    hwv_model_free(&model);
}

static void same(const char *label, const outcome *a, const outcome *b)
{
    assert_true(compare_bits(label, a->loss, b->loss, 2));
    assert_true(compare_bits(label, a->gradients, b->gradients, a->elements));
    assert_true(compare_bits(label, a->weights, b->weights, a->elements));
}

static void test_passes_and_threads_change_no_bit(void **state)
{
    static outcome plain, other;
    static const unsigned sets[] = {HWV_PASS_ALL,
                                    HWV_PASS_MASK,
                                    HWV_PASS_MASK | HWV_PASS_FINISH,
                                    HWV_PASS_FINISH,
                                    HWV_PASS_ALL & ~HWV_PASS_FINISH,
                                    HWV_PASS_ALL & ~HWV_PASS_IN_PLACE};
    (void)state;
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        two_steps(&plain, 0, 0, 3);
        assert_true(plain.loss[0] > 0 && plain.loss[0] != plain.loss[1]);
        assert_int_equal(plain.allocations, 0);
        for (size_t p = 0; p < sizeof sets / sizeof sets[0]; p++) {
            char label[80];
            snprintf(label, sizeof label, "%s, passes %u", hwv_isa_name(hwv_isa_current()), sets[p]);
            two_steps(&other, sets[p], 0, 3);
            same(label, &plain, &other);
        }
        for (size_t threads = 1; threads <= 3; threads++) {
            char label[80];
            snprintf(label, sizeof label, "%s, %zu threads", hwv_isa_name(hwv_isa_current()), threads);
            two_steps(&other, HWV_PASS_ALL, threads, 3);
            same(label, &plain, &other);
            assert_int_equal(other.allocations, 0);
        }
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

static void test_seed_decides_what_is_dropped(void **state)
{
    static outcome one, two;
    (void)state;
    two_steps(&one, HWV_PASS_ALL, 0, 3);
    two_steps(&two, HWV_PASS_ALL, 0, 4);
    assert_true(one.loss[0] != two.loss[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_and_threads_change_no_bit),
        cmocka_unit_test(test_seed_decides_what_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
