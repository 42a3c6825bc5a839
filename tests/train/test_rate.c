/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Picking a learning rate: the rule of halfwave/train.h, divergence, interruption, memory. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "halfwave/network.h"

static hwv_data digits;

static int setup(void **state)
{
    (void)state;
    digits = digits_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hwv_data_close(&digits);
    return 0;
}

static hwv_status pick_for(const char *notation, hwv_rate_search *search, const hwv_data *data, hwv_op op,
                           const hwv_train_options *options, hwv_error *error)
{
    hwv_model model = model_make(&digits, notation, op);
    hwv_status status = hwv_rate_pick(search, &model, data, options, NULL, NULL, error);
    hwv_model_free(&model);
    return status;
}

static hwv_status pick(hwv_rate_search *search, const hwv_data *data, hwv_op op, const hwv_train_options *options,
                       hwv_error *error)
{
    return pick_for(SMALL, search, data, op, options, error);
}

/* What a trial is said to be, done by hand: a whole run's losses by its step hook. */
typedef struct losses {
    size_t steps;
    double sum; /* of the last quarter */
} losses;

static void add_loss(void *self, const hwv_step *step)
{
    losses *l = self;
    if (step->step > l->steps - (l->steps + 3) / 4)
        l->sum += step->loss;
}

static double loss_by_hand(const hwv_train_options *options, double rate, uint64_t seed, size_t steps)
{
    hwv_train_options own = *options;
    hwv_train_result result;
    hwv_error error;
    losses l = {.steps = steps};
    hwv_train_hooks hooks = {.self = &l, .step = add_loss};
    own.optimizer.lr = rate;
    own.seed = seed;
    own.max_steps = steps;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &own, &hooks, NULL, &result, &error), HWV_OK);
    hwv_train_result_free(&result);
    return l.sum / (double)((steps + 3) / 4);
}

/* Ascending rates of the grid 1, 2, 3, 5 without a gap in its coarse half 1, 3. */
static void assert_grid(const hwv_rate_search *search)
{
    for (size_t i = 1; i < search->trial_count; i++) {
        double step = search->trials[i].rate / search->trials[i - 1].rate;
        assert_true(step > 1.49 && step < 3.4);
    }
}

static void test_trials_are_as_documented(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    options.optimizer.schedule = HWV_SCHEDULE_COSINE; /* made for the whole run, not for the trial */
    options.optimizer.lr = (double)NAN;               /* not looked at */
    options.until_train_error = 0.99;                 /* nor this */
    options.seed = 7;
    hwv_rate_search search;
    hwv_error error;
    assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_int_equal(search.steps, 20 * 44 / 4);
    assert_true(search.learned && search.trial_count >= 5);
    assert_grid(&search);
    options.until_train_error = 0;
    double least = search.trials[0].loss;
    for (size_t i = 0; i < search.trial_count; i++) {
        double by_seed[HWV_RATE_SEEDS];
        for (size_t k = 0; k < HWV_RATE_SEEDS; k++)
            by_seed[k] = loss_by_hand(&options, search.trials[i].rate, 7 + HWV_RATE_SEED_OFFSET + k, search.steps);
        double a = by_seed[0], b = by_seed[1], c = by_seed[2];
        assert_true(search.trials[i].loss == fmax(fmin(a, b), fmin(fmax(a, b), c)));
        least = fmin(least, search.trials[i].loss);
    }
    /* None diverged: the middle of those that are as good as the best. */
    double level = least + 0.1 * fmin(least, log(10) - least);
    size_t first = 0, last = search.trial_count - 1;
    while (search.trials[first].loss > level)
        first++;
    while (search.trials[last].loss > level)
        last--;
    assert_true(search.rate == search.trials[(first + last) / 2].rate);
    assert_true(search.rate >= 0.02 && search.rate <= 0.2);
}

static void test_same_for_any_number_of_threads(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search one, three;
    hwv_error error;
    assert_int_equal(pick(&one, &digits, HWV_OP_TANH, &options, &error), HWV_OK);
    hwv_pool *pool;
    assert_int_equal(hwv_pool_create(&pool, 3, &error), HWV_OK);
    options.executor = hwv_pool_executor(pool);
    assert_int_equal(pick(&three, &digits, HWV_OP_TANH, &options, &error), HWV_OK);
    hwv_pool_destroy(pool);
    assert_int_equal(one.trial_count, three.trial_count);
    assert_true(one.rate == three.rate);
    for (size_t i = 0; i < one.trial_count; i++)
        assert_memory_equal(&one.trials[i], &three.trials[i], sizeof one.trials[i]);
}

static void test_goes_on_beyond_the_ends(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search search;
    hwv_error error;
    options.epochs = 5;
    /* Larger pixels need smaller rates: further down, and none further up. */
    hwv_data large = digits;
    large.scale *= 30;
    assert_int_equal(pick(&search, &large, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_grid(&search);
    assert_true(search.learned && search.rate <= 0.005 && search.trials[0].rate < search.rate);
    assert_true(search.trials[search.trial_count - 1].rate == 0.1);
    /* The reverse. */
    hwv_data small = digits;
    small.scale /= 6;
    assert_int_equal(pick(&search, &small, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_grid(&search);
    assert_true(search.learned && search.rate >= 0.2 && search.rate < search.trials[search.trial_count - 1].rate);
    assert_true(search.trials[0].rate == 0.01);
}

static void test_nothing_learned(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search search;
    hwv_error error;
    options.epochs = 5;
    /* Pixels near 0: more steps, up to the whole run, and then the centre. */
    hwv_data small = digits;
    small.scale /= 100;
    assert_int_equal(pick(&search, &small, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_grid(&search);
    assert_true(!search.learned && search.rate == 0.03);
    assert_int_equal(search.steps, 220);
    /* Three layers of sigmoid are slow to start: a quarter of the run shows nothing at any rate, the half does. */
    options.epochs = 20;
    assert_int_equal(
        pick_for("fc 32; act; fc 32; act; fc 32; act; fc 10", &search, &digits, HWV_OP_SIGMOID, &options, &error),
        HWV_OK);
    assert_int_equal(search.steps, 440);
    assert_true(search.learned && search.rate >= 0.1 && search.rate <= 1);
}

/* Pixels up to 1,000 and four steps: nothing learns, and the centre does harm. */
static void test_nothing_learned_and_harmed(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search search;
    hwv_error error;
    hwv_data large = digits;
    large.scale *= 1000;
    options.epochs = 0;
    options.max_steps = 4;
    assert_int_equal(pick(&search, &large, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_true(!search.learned && search.rate < 0.03);
    for (size_t i = 0; i < search.trial_count; i++)
        if (search.trials[i].rate == 0.03)
            assert_true(search.trials[i].loss > 1.1 * log(10));
}

static void test_centres(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search search;
    hwv_error error;
    options.epochs = 5;
    options.optimizer.momentum = 0;
    assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_true(search.rate >= 0.1 && search.rate <= 1);
    /* Momentum 0.999: centre 0.0003. */
    options.optimizer.momentum = 0.999;
    assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_true(search.trials[0].rate <= 1e-4);
    options = hwv_train_defaults();
    options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
    assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_OK);
    assert_true(search.trials[0].rate == 3e-4);
    assert_true(search.rate >= 0.003 && search.rate <= 0.03);
}

static void test_length(void **state)
{
    (void)state;
    static const struct {
        size_t epochs, max_steps, steps;
    } cases[] = {{1, 0, 44}, {3, 0, 100}, {100, 0, 300}, {0, 60, 60}, {100, 500, 125}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_train_options options = hwv_train_defaults();
        hwv_rate_search search;
        hwv_error error;
        options.epochs = cases[i].epochs;
        options.max_steps = cases[i].max_steps;
        assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_OK);
        assert_int_equal(search.steps, cases[i].steps);
    }
}

static void test_divergence(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search search;
    hwv_error error;
    options.epochs = 5;
    /* The lowest loss is the last before the edge, which is too near. */
    hwv_data small = digits;
    small.scale /= 10;
    assert_int_equal(pick(&search, &small, HWV_OP_PRELU, &options, &error), HWV_OK);
    size_t best = 0;
    for (size_t i = 1; i < search.trial_count; i++)
        best = search.trials[i].loss < search.trials[best].loss ? i : best;
    assert_true(search.trials[best + 1].loss == (double)INFINITY && search.rate == search.trials[best - 1].rate);
    /* Numbers that no rate survives. */
    hwv_data large = digits;
    large.scale = 1e30f;
    assert_int_equal(pick(&search, &large, HWV_OP_RELU, &options, &error), HWV_ERR_NUMERIC);
    assert_int_equal(search.trial_count, 3 + HWV_RATE_FURTHER);
    assert_true(search.rate == search.trials[0].rate && search.rate == 3e-5);
    for (size_t i = 0; i < search.trial_count; i++)
        assert_true(search.trials[i].loss == (double)INFINITY);
    assert_string_equal(error.text, "training diverges at every rate tried, 3e-05 to 0.1");
}

static volatile int stop;

static void stop_at(void *self, double rate, double done)
{
    size_t *calls = self;
    assert_true(rate > 0 && done > 0 && done <= 1);
    if (++*calls == 130)
        stop = 1;
}

/* A model of a network begins each run with its weights, and has them afterwards. */
static void test_a_network(void **state)
{
    (void)state;
    hwv_model model = model_make(&digits, "fc 32; bn; act; fc 10", HWV_OP_RELU), network_model;
    const hwv_model_options shape = model_options(&digits, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    hwv_network network;
    hwv_rate_search search;
    hwv_trainer *trainer;
    hwv_error error;
    size_t elements;
    options.epochs = 5;
    hwv_model_initialise(&model, HWV_INIT_HE, 3);
    assert_int_equal(hwv_network_of_model(&network, &model, "net", &error), HWV_OK);
    assert_int_equal(hwv_model_of_network(&network_model, &network, &shape, &error), HWV_OK);
    float *weights = hwv_weights_block(network_model.weights, &elements), *kept = malloc(elements * sizeof *kept);
    memcpy(kept, weights, elements * sizeof *kept);
    assert_int_equal(hwv_rate_pick(&search, &network_model, &digits, &options, NULL, NULL, &error), HWV_OK);
    assert_memory_equal(weights, kept, elements * sizeof *kept);
    /* a trial done by hand: the first seed's loss is one of the three that the median is of */
    double mean[HWV_RATE_SEEDS] = {0}, loss;
    for (size_t k = 0; k < HWV_RATE_SEEDS; k++) {
        hwv_train_options own = options;
        own.seed += HWV_RATE_SEED_OFFSET + k;
        own.optimizer.lr = search.trials[0].rate;
        assert_int_equal(hwv_trainer_create(&trainer, &network_model, &digits, &own, NULL, &error), HWV_OK);
        for (size_t step = 0; step < search.steps; step++) {
            assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
            mean[k] += step >= search.steps - (search.steps + 3) / 4 ? loss : 0;
        }
        mean[k] /= (double)((search.steps + 3) / 4);
        hwv_trainer_destroy(trainer);
        memcpy(weights, kept, elements * sizeof *kept);
    }
    const double a = mean[0], b = mean[1], c = mean[2];
    assert_true(search.trials[0].loss == fmax(fmin(a, b), fmin(fmax(a, b), c)));
    free(kept);
    hwv_model_free(&network_model);
}

static void test_interruption_and_errors(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_rate_search search;
    hwv_error error;
    size_t calls = 0;
    options.interrupt = &stop;
    assert_int_equal(hwv_rate_pick(&search, &model, &digits, &options, stop_at, &calls, &error), HWV_ERR_INTERRUPTED);
    hwv_model_free(&model);
    assert_int_equal(calls, 130);
    options.interrupt = NULL;
    options.batch = 5000;
    assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_ERR_ARGUMENT);
    options.batch = 0;
    assert_int_equal(pick(&search, &digits, HWV_OP_RELU, &options, &error), HWV_ERR_ARGUMENT);
}

static void test_memory(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_rate_search search;
    hwv_error error;
    options.epochs = 0;
    options.max_steps = 1;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    size_t live = allocations_live(), failed = 0;
    for (size_t n = 1;; n += n < 200 ? 1 : 37) {
        size_t start = allocations_count();
        allocations_fail_at(n);
        hwv_status status = hwv_rate_pick(&search, &model, &digits, &options, NULL, NULL, &error);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live);
        if (allocations_count() - start < n) {
            assert_int_equal(status, HWV_OK);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        failed++;
    }
    assert_true(failed > 20);
    hwv_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trials_are_as_documented),
        cmocka_unit_test(test_same_for_any_number_of_threads),
        cmocka_unit_test(test_goes_on_beyond_the_ends),
        cmocka_unit_test(test_nothing_learned),
        cmocka_unit_test(test_nothing_learned_and_harmed),
        cmocka_unit_test(test_centres),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_divergence),
        cmocka_unit_test(test_a_network),
        cmocka_unit_test(test_interruption_and_errors),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
