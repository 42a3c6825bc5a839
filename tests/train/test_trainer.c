/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whole runs: what they reach, that they repeat bit for bit, how they stop, what they tell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "graph/plan.h"
#include "train/trainer.h"

#define LARGE "fc 300; act; fc 301; act prelu; fc 10"

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

static void test_reaches_the_error_and_time(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    hwv_error error;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &options, NULL, NULL, &result, &error), HWV_OK);
    assert_true(result.test_error <= 0.10);
    assert_true(result.train_error < 0.02 && result.train_loss < 0.05);
    assert_int_equal(result.steps, 20 * 44);
    assert_int_equal(result.epochs, 20);
    assert_int_equal(result.parameters, 2410);
    assert_int_equal(result.history_count, 20);
    assert_true(result.ms_per_step > 0 && isnan(result.epochs_to_target));
    assert_int_equal(strlen(result.weights_sha256), 64);
    const hwv_epoch_stats *last = &result.history[19];
    assert_true(last->epoch == 20 && last->steps == 880 && last->test_error == result.test_error && last->lr == 0.05);
    assert_true(last->grad_norm > 0 && last->units == 32 && last->seconds > 0);
    /* 44 steps are less than 100: the mean is that of the last epoch. */
    assert_true(fabs(last->train_loss - result.train_loss) < 1e-12);
    assert_int_equal(result.layer_count, 1);
    assert_string_equal(result.layers[0].name, "act1");
    assert_string_equal(result.layers[0].act, "relu");
    assert_true(result.layers[0].units == 32 && result.layers[0].zeros > 0.1 && result.layers[0].zeros < 0.9);
    assert_string_equal(result.diverged, "");
    hwv_train_result_free(&result);
}

/* The weights after 2 epochs with so many threads (0: no executor). */
static void trained(const char *notation, const hwv_train_options *options, size_t threads, char sha256[65])
{
    hwv_error error;
    hwv_pool *pool = NULL;
    hwv_train_options own = *options;
    hwv_train_result result;
    if (threads > 0) {
        assert_int_equal(hwv_pool_create(&pool, threads, &error), HWV_OK);
        own.executor = hwv_pool_executor(pool);
    }
    assert_int_equal(train(&digits, notation, HWV_OP_RELU, &own, NULL, NULL, &result, &error), HWV_OK);
    memcpy(sha256, result.weights_sha256, 65);
    hwv_train_result_free(&result);
    hwv_pool_destroy(pool);
}

static void test_threads_do_not_matter(void **state)
{
    (void)state;
    static const char *const notations[] = {SMALL, LARGE};
    for (size_t n = 0; n < 2; n++) {
        for (size_t o = 0; o < HWV_OPTIMIZER_COUNT; o++) {
            hwv_train_options options = hwv_train_defaults();
            options.epochs = 2;
            options.optimizer.clip = 0.5;
            options.optimizer.weight_decay = 1e-3;
            options.optimizer.optimizer = (hwv_optimizer)o;
            if (o != HWV_OPTIMIZER_SGD)
                options.optimizer.lr = 0.001;
            char alone[65], with[65];
            trained(notations[n], &options, 0, alone);
            for (size_t threads = 1; threads <= 3; threads++) {
                trained(notations[n], &options, threads, with);
                assert_string_equal(alone, with);
            }
            options.seed = 2;
            trained(notations[n], &options, 0, with);
            assert_string_not_equal(alone, with);
        }
    }
}

/* Each epoch is a permutation, differs from the others, and is a function of seed and epoch. */
static void test_order_of_samples(void **state)
{
    (void)state;
    hwv_error error;
    hwv_trainer *trainer;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
    size_t n = digits.train.count, fixed = 0, same = 0;
    uint32_t *first = malloc(n * sizeof *first);
    uint8_t *seen = calloc(n, 1);
    double displacement = 0;
    assert_true(first && seen);
    hwv_trainer_shuffle(trainer, 3);
    memcpy(first, trainer->order, n * sizeof *first);
    for (size_t i = 0; i < n; i++) {
        assert_true(first[i] < n && !seen[first[i]]);
        seen[first[i]] = 1;
        fixed += first[i] == i;
        displacement += fabs((double)first[i] - (double)i) / (double)n;
    }
    /* Of random permutations one element in n stays, and elements move by a third of n. */
    assert_true(fixed < 8 && fabs(displacement / (double)n - 1.0 / 3) < 0.03);
    hwv_trainer_shuffle(trainer, 4);
    for (size_t i = 0; i < n; i++)
        same += trainer->order[i] == first[i];
    assert_true(same < 10);
    hwv_trainer_shuffle(trainer, 3);
    assert_memory_equal(trainer->order, first, n * sizeof *first);
    free(first);
    free(seen);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

/* A hook's own lines stand in the log, behind that of the epoch. */
static void log_epoch(void *self, const hwv_epoch_stats *epoch)
{
    char line[80];
    int length = snprintf(line, sizeof line, "{\"event\": \"mine\", \"epoch\": %zu}\n", epoch->epoch);
    assert_int_equal(hwv_trainer_log(*(hwv_trainer **)self, line, (size_t)length, NULL), HWV_OK);
}

static void test_log_of_hooks(void **state)
{
    (void)state;
    static char text[1 << 16], large[1001];
    hwv_error error;
    hwv_trainer *trainer = NULL;
    hwv_train_result result;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    hwv_train_hooks hooks = {.self = &trainer, .epoch = log_epoch};
    char path[] = "/tmp/halfwave-log-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    options.epochs = 2;
    options.log = path;
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, &hooks, &error), HWV_OK);
    /* Without a run there is no log. */
    assert_int_equal(hwv_trainer_log(trainer, large, sizeof large, &error), HWV_OK);
    assert_int_equal(hwv_trainer_run(trainer, &result, &error), HWV_OK);
    FILE *file = fdopen(fd, "rb");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    const char *first = strstr(text, "{\"event\": \"mine\", \"epoch\": 1}\n");
    assert_non_null(first);
    assert_true(strstr(text, "\"event\": \"epoch\"") < first && first[-1] == '\n');
    assert_non_null(strstr(first, "{\"event\": \"mine\", \"epoch\": 2}\n"));
    (void)fclose(file);
    (void)unlink(path);
    hwv_train_result_free(&result);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

static void test_steps_allocate_nothing(void **state)
{
    (void)state;
    const char *log = "/dev/null";
    for (int kind = 0; kind < 3; kind++) {
        hwv_error error;
        hwv_trainer *trainer;
        hwv_pool *pool;
        hwv_model model = model_make(&digits, kind == 2 ? LARGE : SMALL, HWV_OP_RELU);
        hwv_train_options options = hwv_train_defaults();
        assert_int_equal(hwv_pool_create(&pool, 2, &error), HWV_OK);
        options.executor = hwv_pool_executor(pool);
        options.log = log;
        if (kind > 0) {
            options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
            options.optimizer.lr = 0.001;
            options.optimizer.clip = 1;
        }
        assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
        size_t before = allocations_count();
        double loss;
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
        assert_int_equal(allocations_count(), before);
        /* Nor do the epochs of a run: 3 and 18 have the same number of allocations around them. */
        size_t counts[2];
        for (size_t r = 0; r < 2; r++) {
            hwv_train_result result;
            trainer->limit = trainer->step + (r ? 18 : 3) * trainer->steps_per_epoch;
            before = allocations_count();
            assert_int_equal(hwv_trainer_run(trainer, &result, &error), HWV_OK);
            counts[r] = allocations_count() - before;
            hwv_train_result_free(&result);
        }
        assert_int_equal(counts[0], counts[1]);
        hwv_trainer_destroy(trainer);
        hwv_model_free(&model);
        hwv_pool_destroy(pool);
    }
}

/* Three steps of the trainer are a plain update of each parameter with the gradients it saw: step numbers, clipping,
 * weight decay not on slopes, and of adamw on matrices only unless it is asked for, two moments. */
static void check_updates(hwv_trainer *trainer, const hwv_train_options *options)
{
    const hwv_graph *graph = trainer->model->graph;
    size_t n = trainer->elements;
    hwv_error error;
    float *mine = calloc(3 * n, sizeof *mine);
    assert_non_null(mine);
    memcpy(mine, trainer->weights, n * sizeof *mine);
    for (size_t step = 1; step <= 3; step++) {
        double loss, squares = 0;
        assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
        for (size_t i = 0; i < n; i++)
            squares += (double)trainer->gradients[i] * (double)trainer->gradients[i];
        const double most = options->optimizer.clip / (sqrt(squares) + 1e-6);
        assert_true(fabs((double)trainer->clip - fmin(most, 1)) <= 1e-6);
        for (size_t i = 0; i < n; i++)
            trainer->gradients[i] *= trainer->clip;
        for (size_t v = 0; v < hwv_graph_value_count(graph); v++) {
            const hwv_value *value = hwv_graph_value(graph, (hwv_id)v);
            if (value->role != HWV_ROLE_PARAMETER)
                continue;
            size_t at = hwv_weights_offset(trainer->model->weights, (hwv_id)v), count = value->shape.dim[0];
            count *= value->shape.rank == 2 ? value->shape.dim[1] : 1;
            bool matrix = value->shape.rank > 1 || options->optimizer.decay_all;
            bool decay =
                strstr(value->name, "slope") == NULL && (matrix || options->optimizer.optimizer != HWV_OPTIMIZER_ADAMW);
            hwv_optimizer_update(&options->optimizer, options->optimizer.lr, step, decay, mine + at,
                                 trainer->gradients + at, mine + n + at, mine + 2 * n + at, count);
        }
        assert_memory_equal(mine, trainer->weights, n * sizeof *mine);
    }
    free(mine);
}

static void test_updates_are_the_optimizer(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++)
        for (size_t o = 0; o < HWV_OPTIMIZER_COUNT; o++) {
            hwv_error error;
            hwv_trainer *trainer;
            hwv_model model = model_make(&digits, LARGE, HWV_OP_RELU);
            hwv_train_options options = hwv_train_defaults();
            options.optimizer.optimizer = (hwv_optimizer)o;
            options.optimizer.decay_all = all;
            options.optimizer.weight_decay = 0.3;
            options.optimizer.clip = 0.4;
            assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
            check_updates(trainer, &options);
            hwv_trainer_destroy(trainer);
            hwv_model_free(&model);
        }
}

/* ---- stopping ------------------------------------------------------------------------------------ */

static void test_max_steps(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    hwv_error error;
    options.max_steps = 50;
    options.epochs = 0;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &options, NULL, NULL, &result, &error), HWV_OK);
    assert_true(result.steps == 50 && result.epochs == 1 && result.history_count == 1);
    hwv_train_result_free(&result);
    options.epochs = 1;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &options, NULL, NULL, &result, &error), HWV_OK);
    assert_int_equal(result.steps, 44);
    hwv_train_result_free(&result);
}

static void test_until_train_error(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    hwv_error error;
    options.until_train_error = 0.05;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &options, NULL, NULL, &result, &error), HWV_OK);
    assert_true(result.steps < 880 && result.steps * 32 >= 2000 && result.train_error <= 0.05);
    assert_true(result.train_error > 0.04); /* it stopped at once */
    assert_int_equal(result.steps_to_target, result.steps);
    assert_true(fabs(result.epochs_to_target - (double)result.steps / 44) < 1e-12);
    hwv_train_result_free(&result);
}

typedef struct watcher {
    volatile int interrupt;
    size_t at, steps, epochs;
    double losses, norms;
    size_t forward, backward;
    float *first_weight;
} watcher;

static void on_step(void *self, const hwv_step *step)
{
    watcher *w = self;
    w->steps++;
    assert_int_equal(step->step, w->steps);
    assert_true(step->lr > 0 && step->loss > 0 && step->error >= 0 && step->error <= 1 && step->moment2 == NULL);
    w->losses += step->loss;
    w->norms += step->grad_norm;
    if (w->steps == w->at)
        w->interrupt = 1;
}

static void on_epoch(void *self, const hwv_epoch_stats *stats)
{
    watcher *w = self;
    w->epochs++;
    assert_int_equal(stats->epoch, w->epochs);
}

static void on_forward(void *self, const hwv_observation *seen)
{
    watcher *w = self;
    w->forward++;
    assert_true(seen->rows == 32 && seen->cols == 32);
}

static void on_backward(void *self, const hwv_observation *seen)
{
    watcher *w = self;
    w->backward++;
    assert_non_null(seen->dz);
}

static void test_interrupt_and_hooks(void **state)
{
    (void)state;
    watcher w = {.at = 61};
    hwv_observer observer = {.self = &w, .forward = on_forward, .backward = on_backward};
    hwv_train_hooks hooks = {.self = &w, .step = on_step, .epoch = on_epoch, .observer = &observer};
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    hwv_error error;
    options.interrupt = &w.interrupt;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &options, &hooks, NULL, &result, &error), HWV_ERR_INTERRUPTED);
    assert_true(result.interrupted && result.steps == 61 && w.steps == 61 && w.epochs == 1);
    assert_true(w.forward == 61 && w.backward == 61 && w.norms > 0);
    char watched[65];
    memcpy(watched, result.weights_sha256, 65);
    hwv_train_result_free(&result);

    /* Watching changes nothing. */
    options.interrupt = NULL;
    options.max_steps = 61;
    assert_int_equal(train(&digits, SMALL, HWV_OP_RELU, &options, NULL, NULL, &result, &error), HWV_OK);
    assert_string_equal(result.weights_sha256, watched);
    hwv_train_result_free(&result);
}

/* ---- numbers that stop being finite --------------------------------------------------------------- */

static void test_diverging_run(void **state)
{
    (void)state;
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    hwv_error error;
    options.optimizer.lr = 1e6;
    assert_int_equal(train(&digits, "fc 32; act leaky_relu; fc 10", HWV_OP_RELU, &options, NULL, NULL, &result, &error),
                     HWV_ERR_NUMERIC);
    assert_string_equal(result.diverged, error.text);
    unsigned long step = 0;
    assert_int_equal(sscanf(error.text, "step %lu, layer fc", &step), 1);
    assert_int_equal(step, result.steps + 1);
    assert_int_equal(strlen(result.weights_sha256), 64);
    assert_int_equal(result.layer_count, 1);
    hwv_train_result_free(&result);
}

/* Breaks one number of a good trainer and expects the message. */
static void expect_diagnosis(void (*breaks)(hwv_trainer *trainer), const char *wanted)
{
    hwv_error error;
    hwv_trainer *trainer;
    double loss;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
    breaks(trainer);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_ERR_NUMERIC);
    assert_string_equal(error.text, wanted);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

static float *parameter(hwv_trainer *trainer, const char *name)
{
    return hwv_weights_data(trainer->model->weights, hwv_graph_find(trainer->model->graph, name));
}

static void nan_weight(hwv_trainer *trainer)
{
    parameter(trainer, "fc1.weight")[3 * 64 + 5] = NAN;
}

static void large_bias(hwv_trainer *trainer)
{
    parameter(trainer, "fc1.bias")[7] = 3e38f;
    for (size_t i = 0; i < 10; i++)
        parameter(trainer, "fc2.weight")[i * 32 + 7] = i == 4 ? 3e38f : 0;
}

static void large_moment(hwv_trainer *trainer)
{
    trainer->moment[0][hwv_weights_offset(trainer->model->weights, hwv_graph_find(trainer->model->graph, "fc2.bias")) +
                       2] = -INFINITY;
}

static void test_diagnosis(void **state)
{
    (void)state;
    expect_diagnosis(nan_weight, "step 2, layer fc1: weight[3,5] is nan");
    expect_diagnosis(large_moment, "step 2, layer fc2: bias[2] became inf");
    hwv_error error;
    hwv_trainer *trainer;
    double loss;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
    large_bias(trainer);
    char wanted[100];
    snprintf(wanted, sizeof wanted, "step 2, layer fc2: the output of unit 4 is inf for training sample %lu",
             (unsigned long)trainer->order[32]);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_ERR_NUMERIC);
    assert_string_equal(error.text, wanted);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

/* Numbers that Winograd's transform alone takes out of the finite ones: the layer is named, and how it convolves. What
 * the running statistics became by it is not named in its place, nor do they move once more. */
static void expect_winograd(const char *notation)
{
    hwv_error error;
    hwv_trainer *trainer;
    double loss;
    hwv_model model = model_make(&digits, notation, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
    size_t elements;
    const float *block = hwv_weights_block(model.weights, &elements);
    for (size_t i = 0; i < 16; i++)
        parameter(trainer, "conv1.bias")[i] = 3e38f;
    for (size_t i = 0; i < (size_t)16 * 16 * 9; i++)
        parameter(trainer, "conv2.weight")[i] = 1e-30f;
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_ERR_NUMERIC);
    unsigned long unit = 0, sample = 0;
    char number[16] = "", end[100] = "";
    if (sscanf(error.text,
               "step 2, layer conv2: the output of unit %lu is %15s for training sample %lu, by Winograd's "
               "filtering%99[^@]",
               &unit, number, &sample, end) != 4)
        fail_msg("%s: %s", notation, error.text);
    assert_string_equal(end, "; direct convolution may do without it");
    assert_int_equal(sample, trainer->order[32]);
    /* The same again tells the same: nothing was moved by looking. */
    float *before = malloc(elements * sizeof *before);
    assert_non_null(before);
    memcpy(before, block, elements * sizeof *before);
    assert_int_equal(hwv_diagnose_forward(trainer, loss, &error), HWV_ERR_NUMERIC);
    assert_memory_equal(before, block, elements * sizeof *before);
    free(before);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

/* Pixels of one image are one sample: the first is too large somewhere behind its blank corner. */
static void test_sample_of_a_pixel(void **state)
{
    (void)state;
    hwv_error error;
    hwv_trainer *trainer;
    double loss;
    hwv_model model = model_make(&digits, "conv 3 16; act; fc 10", HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_OK);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_OK);
    for (size_t i = 0; i < (size_t)16 * 9; i++)
        parameter(trainer, "conv1.weight")[i] = 1e38f;
    char wanted[100];
    snprintf(wanted, sizeof wanted, "step 2, layer conv1: the output of unit 0 is inf for training sample %lu",
             (unsigned long)trainer->order[32]);
    assert_int_equal(hwv_trainer_step(trainer, &loss, &error), HWV_ERR_NUMERIC);
    assert_string_equal(error.text, wanted);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

static void test_winograd_is_named(void **state)
{
    (void)state;
    expect_winograd("conv 3 16; act; conv 3 16; act; fc 10");
    expect_winograd("conv 3 16; act; conv 3 16; bn; act; fc 10");
}

/* ---- units --------------------------------------------------------------------------------------- */

/* Units made to be silent, always on, rare. */
static void test_units_are_counted(void **state)
{
    (void)state;
    hwv_error error;
    hwv_layer_stats *layers;
    size_t count;
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_TANH, HWV_OP_PRELU};
    for (size_t k = 0; k < 4; k++) {
        hwv_model model = model_make(&digits, SMALL, ops[k]);
        hwv_model_initialise(&model, HWV_INIT_HE, 4);
        float *bias = hwv_weights_data(model.weights, hwv_graph_find(model.graph, "fc1.bias"));
        bias[3] = bias[17] = -1000;
        bias[5] = 1000;
        assert_int_equal(hwv_count_units(&model, &digits, &digits.train, NULL, &layers, &count, &error), HWV_OK);
        assert_true(count == 1 && layers[0].units == 32);
        assert_int_equal(layers[0].fired[3], 0);
        assert_int_equal(layers[0].fired[17], 0);
        assert_int_equal(layers[0].fired[5], digits.train.count);
        size_t silent = 0, always = 0;
        uint64_t fired = 0;
        for (size_t u = 0; u < 32; u++) {
            silent += layers[0].fired[u] == 0;
            always += layers[0].fired[u] == digits.train.count;
            fired += layers[0].fired[u];
        }
        assert_int_equal(layers[0].dead, ops[k] == HWV_OP_RELU ? silent : 0);
        assert_int_equal(layers[0].always_on, always);
        double share = (double)fired / (32.0 * (double)digits.train.count);
        if (ops[k] == HWV_OP_RELU)
            assert_true(fabs(layers[0].zeros - (1 - share)) < 1e-12);
        else
            assert_true(layers[0].zeros == 0);
        hwv_layer_stats_free(layers, count);
        hwv_model_free(&model);
    }
}

/* Mean loss over the test part, sample by sample. */
static double plain_loss(hwv_model *model)
{
    hwv_error error;
    hwv_plan *plan;
    hwv_plan_options options = {.batch = 1};
    double total = 0;
    need(hwv_plan_create(&plan, model->graph, model->weights, model->logits, &options, &error), &error, "plan");
    const float *logits = hwv_plan_data(plan, model->logits);
    for (size_t i = 0; i < digits.test.count; i++) {
        int32_t label;
        double sum = 0;
        hwv_data_gather(&digits, &digits.test, NULL, i, 1, hwv_plan_data(plan, model->input), &label);
        hwv_plan_forward(plan);
        for (size_t c = 0; c < 10; c++)
            sum += exp((double)logits[c]);
        total += log(sum) - (double)logits[label];
    }
    hwv_plan_destroy(plan);
    return total / (double)digits.test.count;
}

static void test_evaluation(void **state)
{
    (void)state;
    hwv_error error;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_model_initialise(&model, HWV_INIT_HE, 4);
    size_t confusion[100], sum = 0, right = 0, of_class[10] = {0};
    hwv_evaluation evaluation = {.confusion = confusion};
    memset(confusion, 0xff, sizeof confusion);
    assert_int_equal(hwv_evaluate(&model, &digits, &digits.test, NULL, &evaluation, &error), HWV_OK);
    assert_int_equal(evaluation.samples, 360);
    for (size_t i = 0; i < 360; i++)
        of_class[digits.test.labels[i]]++;
    for (size_t t = 0; t < 10; t++) {
        size_t row = 0;
        for (size_t p = 0; p < 10; p++)
            row += confusion[t * 10 + p];
        assert_int_equal(row, of_class[t]);
        sum += row;
        right += confusion[t * 11];
    }
    assert_int_equal(sum, 360);
    assert_true(fabs(evaluation.error - (1 - (double)right / 360)) < 1e-12);
    assert_true(fabs(evaluation.loss - plain_loss(&model)) < 1e-5);
    hwv_data other = digits;
    other.features = 65;
    assert_int_equal(hwv_evaluate(&model, &other, &digits.test, NULL, &evaluation, &error), HWV_ERR_SHAPE);
    hwv_model_free(&model);
}

static void test_wrong_options(void **state)
{
    (void)state;
    hwv_error error;
    hwv_trainer *trainer;
    hwv_model model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_train_options good = hwv_train_defaults(), options;
#define REFUSED(assignment, status)                                                                                    \
    options = good;                                                                                                    \
    options.assignment;                                                                                                \
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), status);                   \
    assert_null(trainer)
    REFUSED(batch = 0, HWV_ERR_ARGUMENT);
    REFUSED(batch = 1438, HWV_ERR_ARGUMENT);
    REFUSED(epochs = 0, HWV_ERR_ARGUMENT);
    REFUSED(until_train_error = 2, HWV_ERR_ARGUMENT);
    REFUSED(optimizer.lr = NAN, HWV_ERR_ARGUMENT);
    REFUSED(init = (hwv_init)77, HWV_ERR_ARGUMENT);
    REFUSED(checkpoint = "/nonexistent/folder/a.safetensors", HWV_ERR_IO);
    REFUSED(checkpoint = "/", HWV_ERR_IO);
    hwv_train_result result;
    good.log = "/nonexistent/folder/log";
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &good, NULL, &error), HWV_OK);
    assert_int_equal(hwv_trainer_run(trainer, &result, &error), HWV_ERR_IO);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

/* Random nodes draw from (seed, step): a resumed run draws what an uninterrupted one does. */
static void look_at_draws(void *self, const hwv_step *step)
{
    size_t *seen = self;
    assert_true(step->plan->run.seed == 77 && step->plan->run.step + 1 == step->step);
    ++*seen;
}

static void test_steps_seed_the_plan(void **state)
{
    (void)state;
    size_t seen = 0;
    hwv_train_options options = hwv_train_defaults();
    options.seed = 77;
    options.max_steps = 50;
    hwv_train_hooks hooks = {.self = &seen, .step = look_at_draws};
    hwv_train_result result;
    hwv_error error;
    need(train(&digits, SMALL, HWV_OP_RELU, &options, &hooks, NULL, &result, &error), &error, "run");
    assert_int_equal(seen, 50);
    hwv_train_result_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps_seed_the_plan),
        cmocka_unit_test(test_reaches_the_error_and_time),
        cmocka_unit_test(test_threads_do_not_matter),
        cmocka_unit_test(test_order_of_samples),
        cmocka_unit_test(test_log_of_hooks),
        cmocka_unit_test(test_steps_allocate_nothing),
        cmocka_unit_test(test_updates_are_the_optimizer),
        cmocka_unit_test(test_max_steps),
        cmocka_unit_test(test_until_train_error),
        cmocka_unit_test(test_interrupt_and_hooks),
        cmocka_unit_test(test_diverging_run),
        cmocka_unit_test(test_diagnosis),
        cmocka_unit_test(test_sample_of_a_pixel),
        cmocka_unit_test(test_winograd_is_named),
        cmocka_unit_test(test_units_are_counted),
        cmocka_unit_test(test_evaluation),
        cmocka_unit_test(test_wrong_options),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
