/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Training a small transformer on text: rounds of steps with evaluations between them, the same bits for any number of
 * threads and after a cut. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common.h"
#include "halfwave/pool.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

enum { COUNT = 4000, LETTERS = 5, BLOCK = 8, BATCH = 6, STEPS = 40, EVERY = 7, ROUNDS = STEPS / EVERY, CUT = 23 };

static const char notation[] = "embed 16; pos; res { ln; attn 2 causal; drop 0.1 }; "
                               "res { ln; fc 32; act; fc 16 }; ln; unembed";

static char folder[256], checkpoint[300], text_file[300];

static int setup(void **state)
{
    (void)state;
    char text[COUNT];
    unsigned letter = 0, random = 1;
    for (size_t i = 0; i < COUNT; i++) {
        random = random * 1103515245 + 12345;
        letter = (2 * letter + 1 + (random >> 16) % 2) % LETTERS;
        text[i] = (char)('a' + (int)letter);
    }
    snprintf(folder, sizeof folder, "%s", folder_make());
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(text_file, sizeof text_file, "%s/a.txt", folder);
    file_put(text_file, text, COUNT);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(checkpoint);
    remove(text_file);
    return rmdir(folder);
}

static hwv_data text_open(void)
{
    char spec[320];
    hwv_data data;
    hwv_error error;
    snprintf(spec, sizeof spec, "text:%s", text_file);
    need(hwv_data_open(&data, spec, &error), &error, spec);
    need(hwv_data_block_set(&data, BLOCK, &error), &error, spec);
    return data;
}

static hwv_train_options options_make(void)
{
    hwv_train_options options = hwv_recipe_options(HWV_RECIPE_TEXT);
    options.batch = BATCH;
    options.max_steps = STEPS;
    options.eval_every = EVERY;
    options.optimizer.warmup = 5;
    return options;
}

/* ---- rounds ------------------------------------------------------------------------------------------ */

typedef struct seen {
    hwv_model *model;
    const hwv_data *data;
    hwv_data_part part;
    size_t rounds, ended;
} seen;

/* What is told of a round is true of the weights at its end. */
static void round_check(void *self, const hwv_epoch_stats *stats)
{
    seen *s = self;
    hwv_evaluation evaluation = {0};
    hwv_error error;
    need(hwv_evaluate(s->model, s->data, &s->part, NULL, &evaluation, &error), &error, "evaluate");
    assert_int_equal(evaluation.samples, s->part.count);
    assert_true(fabs(stats->test_loss / evaluation.loss - 1) < 1e-6 && stats->test_error == evaluation.error);
    s->rounds++;
    assert_int_equal(stats->epoch, s->rounds);
    assert_int_equal(stats->steps, s->rounds * EVERY);
}

static void end_check(void *self, size_t rounds)
{
    ((seen *)self)->ended = rounds;
}

static void test_rounds(void **state)
{
    (void)state;
    hwv_data data = text_open();
    hwv_model model = model_make(&data, notation, HWV_OP_RELU);
    hwv_train_options options = options_make();
    hwv_trainer *t;
    hwv_train_result result;
    hwv_error error;
    seen s = {.model = &model, .data = &data, .part = hwv_data_some(&data, &data.test, EVERY * BATCH / 16)};
    hwv_train_hooks hooks = {.self = &s, .epoch = round_check, .end = end_check};
    assert_int_equal(s.part.count, 2);
    need(hwv_trainer_create(&t, &model, &data, &options, &hooks, &error), &error, "create");
    need(hwv_trainer_run(t, &result, &error), &error, "run");
    assert_true(s.rounds == ROUNDS && s.ended == ROUNDS && result.history_count == ROUNDS && result.epochs == 0);

    hwv_evaluation evaluation = {0};
    need(hwv_evaluate(&model, &data, &data.test, NULL, &evaluation, &error), &error, "evaluate");
    assert_true(result.test_loss == evaluation.loss && result.test_error == evaluation.error);
    assert_int_equal(result.layers[0].looks, hwv_data_apart(&data, &data.train).count * BLOCK);
    hwv_train_result_free(&result);
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* Without a number of steps a round is an epoch, and the whole of the test part is evaluated. */
static void test_epochs(void **state)
{
    (void)state;
    hwv_data data = text_open();
    hwv_model model = model_make(&data, notation, HWV_OP_RELU);
    hwv_train_options options = options_make();
    hwv_trainer *t;
    hwv_error error;
    options.eval_every = 0;
    need(hwv_trainer_create(&t, &model, &data, &options, NULL, &error), &error, "create");
    assert_true(t->round_steps == t->steps_per_epoch && t->estimate.count == data.test.count);
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* ---- the same bits ----------------------------------------------------------------------------------- */

static volatile int stop;

static void stop_at(void *self, const hwv_step *step)
{
    (void)self;
    stop = step->step == CUT;
}

/* A run on some threads; cut: interrupted and resumed. */
static hwv_train_result run(const hwv_data *data, const hwv_train_options *given, size_t threads, bool cut)
{
    hwv_train_options options = *given;
    hwv_train_result result;
    hwv_error error;
    hwv_pool *pool;
    const hwv_train_hooks hooks = {.step = stop_at};
    need(hwv_pool_create(&pool, threads, &error), &error, "pool");
    options.executor = hwv_pool_executor(pool);
    options.checkpoint = cut ? checkpoint : NULL;
    stop = 0;
    for (int part = cut ? 0 : 1; part < 2; part++) {
        hwv_model model = model_make(data, notation, HWV_OP_RELU);
        hwv_trainer *t;
        options.interrupt = part == 0 ? &stop : NULL;
        need(hwv_trainer_create(&t, &model, data, &options, part == 0 ? &hooks : NULL, &error), &error, "create");
        if (cut && part == 1)
            need(hwv_trainer_resume(t, checkpoint, &error), &error, "resume");
        hwv_status status = hwv_trainer_run(t, &result, &error);
        assert_int_equal(status, part == 0 ? HWV_ERR_INTERRUPTED : HWV_OK);
        assert_int_equal(result.steps, part == 0 ? CUT : STEPS);
        if (part == 0)
            hwv_train_result_free(&result);
        hwv_trainer_destroy(t);
        hwv_model_free(&model);
    }
    hwv_pool_destroy(pool);
    return result;
}

static void same_expect(const hwv_train_result *a, const hwv_train_result *b)
{
    assert_string_equal(a->weights_sha256, b->weights_sha256);
    assert_true(a->test_loss == b->test_loss && a->test_error == b->test_error && a->train_loss == b->train_loss);
    assert_int_equal(a->history_count, b->history_count);
    for (size_t i = 0; i < a->history_count; i++) {
        hwv_epoch_stats x = a->history[i], y = b->history[i];
        assert_true(x.epoch == y.epoch && x.steps == y.steps && x.train_loss == y.train_loss &&
                    x.train_error == y.train_error && x.test_loss == y.test_loss && x.test_error == y.test_error &&
                    x.lr == y.lr && x.grad_norm == y.grad_norm && x.dead == y.dead && x.units == y.units);
    }
}

static void bits_expect(const hwv_train_options *options)
{
    hwv_data data = text_open();
    hwv_train_result one = run(&data, options, 1, false);
    for (size_t threads = 1; threads <= 3; threads++) {
        for (int cut = threads == 1; cut < 2; cut++) {
            hwv_train_result other = run(&data, options, threads, cut);
            same_expect(&one, &other);
            hwv_train_result_free(&other);
        }
    }
    hwv_train_result_free(&one);
    hwv_data_close(&data);
}

static void test_bits(void **state)
{
    (void)state;
    hwv_train_options options = options_make();
    bits_expect(&options);
}

static void test_accumulated_bits(void **state)
{
    (void)state;
    hwv_train_options options = options_make();
    options.accumulate = 3;
    bits_expect(&options);
}

/* Some batches a step are one batch of so many times the size, to rounding: the same samples, the mean of gradients. */
static void test_accumulated(void **state)
{
    (void)state;
    enum { PARTS = 4, TAKEN = 10 };
    const char *const plain = "embed 16; pos; res { ln; attn 2 causal }; res { ln; fc 32; act; fc 16 }; ln; unembed";
    hwv_data data = text_open();
    hwv_model models[2];
    hwv_trainer *trainers[2];
    hwv_error error;
    size_t elements = 0;
    float *weights[2];
    for (size_t i = 0; i < 2; i++) {
        hwv_train_options options = options_make();
        options.batch = i == 0 ? PARTS * BATCH : BATCH;
        options.accumulate = i == 0 ? 1 : PARTS;
        models[i] = model_make(&data, plain, HWV_OP_RELU);
        need(hwv_trainer_create(&trainers[i], &models[i], &data, &options, NULL, &error), &error, "create");
        weights[i] = hwv_weights_block(models[i].weights, &elements);
    }
    assert_int_equal(trainers[0]->steps_per_epoch, trainers[1]->steps_per_epoch);
    for (size_t step = 0; step < TAKEN; step++) {
        double loss[2];
        for (size_t i = 0; i < 2; i++)
            need(hwv_trainer_step(trainers[i], &loss[i], &error), &error, "step");
        assert_true(fabs(loss[1] / loss[0] - 1) < 1e-5);
        assert_int_equal(trainers[0]->wrong_count, trainers[1]->wrong_count);
        assert_true(fabs(trainers[1]->norm / trainers[0]->norm - 1) < 1e-4);
    }
    for (size_t i = 0; i < elements; i++)
        assert_true(fabsf(weights[1][i] - weights[0][i]) < 2e-4f);
    for (size_t i = 0; i < 2; i++) {
        hwv_trainer_destroy(trainers[i]);
        hwv_model_free(&models[i]);
    }

    hwv_train_options options = options_make();
    hwv_model model = model_make(&data, plain, HWV_OP_RELU);
    options.accumulate = data.train.count / BATCH + 1;
    assert_int_equal(hwv_trainer_create(&trainers[0], &model, &data, &options, NULL, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "1 to 598 are accepted"));
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* ---- checkpoints ------------------------------------------------------------------------------------- */

static void test_other_rounds(void **state)
{
    (void)state;
    hwv_data data = text_open();
    hwv_train_options options = options_make();
    hwv_train_result result = run(&data, &options, 1, true);
    hwv_train_result_free(&result);
    hwv_model model = model_make(&data, notation, HWV_OP_RELU);
    hwv_trainer *t;
    hwv_error error;
    options.eval_every = EVERY + 1;
    need(hwv_trainer_create(&t, &model, &data, &options, NULL, &error), &error, "create");
    assert_int_equal(hwv_trainer_resume(t, checkpoint, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with eval_every 7, given is 8"));
    hwv_trainer_destroy(t);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

/* Rows of older files have no loss of the test part. */
static void test_older_history(void **state)
{
    (void)state;
    const double row[HWV_HISTORY_OLDER] = {3, 30, 0.5, 0.25, 0.125, 0.1, 2, 4, 8, 1.5};
    hwv_epoch_stats stats;
    hwv_history_unpack(&stats, row, HWV_HISTORY_OLDER);
    assert_true(isnan(stats.test_loss) && stats.epoch == 3 && stats.test_error == 0.125 && stats.seconds == 1.5);
    double again[HWV_HISTORY_COLUMNS];
    stats.test_loss = 0.75;
    hwv_history_pack(again, &stats);
    hwv_history_unpack(&stats, again, HWV_HISTORY_COLUMNS);
    assert_true(stats.test_loss == 0.75 && stats.units == 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds),        cmocka_unit_test(test_epochs),
        cmocka_unit_test(test_bits),          cmocka_unit_test(test_accumulated_bits),
        cmocka_unit_test(test_accumulated),   cmocka_unit_test(test_other_rounds),
        cmocka_unit_test(test_older_history),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
