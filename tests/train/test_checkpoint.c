/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Checkpoints: a run that was cut anywhere goes on to the same bits; what does not fit is refused and nothing is
 * changed; the log stays valid JSON lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common.h"
#include "halfwave/json.h"
#include "io/safetensors.h"
#include "io/sha256.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

static hwv_data digits;
static char checkpoint[300], other[300], log_path[300];

static int setup(void **state)
{
    (void)state;
    const char *folder = folder_make();
    digits = digits_open();
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(other, sizeof other, "%s/b.safetensors", folder);
    snprintf(log_path, sizeof log_path, "%s/log.jsonl", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(checkpoint);
    remove(other);
    remove(log_path);
    *strrchr(checkpoint, '/') = '\0';
    hwv_data_close(&digits);
    return rmdir(checkpoint); /* fails if a temporary file was left */
}

/* What a run is, beside its options. */
typedef struct recipe {
    const char *notation;
    hwv_op op;
    hwv_train_options options;
} recipe;

static recipe sgd_recipe(void)
{
    recipe r = {SMALL, HWV_OP_RELU, hwv_train_defaults()};
    r.options.epochs = 4;
    r.options.seed = UINT64_MAX - 5; /* does not fit a JSON integer */
    return r;
}

static recipe adam_recipe(void)
{
    recipe r = {"fc 24; act prelu; fc 24; act leaky_relu(slope=0.2); fc classes", HWV_OP_TANH, hwv_train_defaults()};
    r.options.epochs = 3;
    r.options.batch = 50;
    r.options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
    r.options.optimizer.lr = 0.003;
    r.options.optimizer.weight_decay = 0.01;
    r.options.optimizer.clip = 0.7;
    r.options.optimizer.schedule = HWV_SCHEDULE_COSINE;
    r.options.optimizer.warmup = 7;
    return r;
}

static recipe nesterov_recipe(void)
{
    recipe r = {SMALL, HWV_OP_SIGMOID, hwv_train_defaults()};
    r.options.epochs = 3;
    r.options.optimizer.nesterov = true;
    r.options.optimizer.schedule = HWV_SCHEDULE_MULTI_STEP;
    r.options.optimizer.milestones[0] = 30;
    r.options.optimizer.milestones[1] = 60;
    return r;
}

static hwv_train_result run(const recipe *r, const char *resume)
{
    hwv_train_result result;
    hwv_error error;
    need(train(&digits, r->notation, r->op, &r->options, NULL, resume, &result, &error), &error, "run");
    return result;
}

static void assert_same_history(const hwv_train_result *a, const hwv_train_result *b)
{
    assert_int_equal(a->history_count, b->history_count);
    for (size_t i = 0; i < a->history_count; i++) {
        hwv_epoch_stats x = a->history[i], y = b->history[i];
        x.seconds = y.seconds = 0;
        assert_memory_equal(&x, &y, sizeof x);
    }
}

/* Cut after `steps` and resumed, perhaps in several goes; compared with `whole`. */
static void cut_and_compare(recipe r, const hwv_train_result *whole, const size_t *cuts, size_t count)
{
    r.options.checkpoint = checkpoint;
    for (size_t i = 0; i <= count; i++) {
        r.options.max_steps = i < count ? cuts[i] : 0;
        hwv_train_result part = run(&r, i > 0 ? checkpoint : NULL);
        if (i < count) {
            assert_int_equal(part.steps, cuts[i]);
            assert_string_not_equal(part.weights_sha256, whole->weights_sha256);
        } else {
            assert_string_equal(part.weights_sha256, whole->weights_sha256);
            assert_true(part.train_loss == whole->train_loss && part.train_error == whole->train_error);
            assert_true(part.test_error == whole->test_error && part.steps == whole->steps);
            assert_same_history(&part, whole);
        }
        hwv_train_result_free(&part);
    }
    remove(checkpoint);
}

static void test_resumes_to_the_same_bits(void **state)
{
    (void)state;
    const recipe recipes[] = {sgd_recipe(), adam_recipe(), nesterov_recipe()};
    for (size_t k = 0; k < 3; k++) {
        hwv_train_result whole = run(&recipes[k], NULL);
        const size_t single[] = {1, 2, 27, 28, 29, 43, 44, 45, 71, 83};
        for (size_t i = 0; i < sizeof single / sizeof single[0]; i++)
            cut_and_compare(recipes[k], &whole, &single[i], 1);
        const size_t many[] = {3, 44, 50, 60, 61};
        cut_and_compare(recipes[k], &whole, many, 5);
        hwv_train_result_free(&whole);
    }
}

static void interrupt_at(void *self, const hwv_step *step)
{
    volatile int *flag = self;
    if (step->step == 70)
        *flag = 1;
}

static void test_interrupted_run_resumes(void **state)
{
    (void)state;
    volatile int flag = 0;
    hwv_train_hooks hooks = {.self = (void *)&flag, .step = interrupt_at};
    hwv_error error;
    hwv_train_result result;
    recipe r = sgd_recipe();
    hwv_train_result whole = run(&r, NULL);
    r.options.checkpoint = checkpoint;
    r.options.interrupt = &flag;
    assert_int_equal(train(&digits, r.notation, r.op, &r.options, &hooks, NULL, &result, &error), HWV_ERR_INTERRUPTED);
    assert_true(result.interrupted && result.steps == 70);
    hwv_train_result_free(&result);
    r.options.interrupt = NULL;
    result = run(&r, checkpoint);
    assert_string_equal(result.weights_sha256, whole.weights_sha256);
    hwv_train_result_free(&result);

    /* A finished run has nothing left to do, and more epochs go on. */
    result = run(&r, checkpoint);
    assert_true(result.steps == whole.steps && isnan(result.ms_per_step));
    assert_string_equal(result.weights_sha256, whole.weights_sha256);
    hwv_train_result_free(&result);
    r.options.epochs = 6;
    result = run(&r, checkpoint);
    assert_true(result.steps == 6 * 44 && result.history_count == 6);
    hwv_train_result more = result;
    r.options.checkpoint = NULL;
    result = run(&r, NULL);
    assert_string_equal(result.weights_sha256, more.weights_sha256);
    hwv_train_result_free(&result);
    hwv_train_result_free(&more);
    hwv_train_result_free(&whole);
}

/* ---- files that do not fit ------------------------------------------------------------------------ */

static void make_checkpoint(const recipe *r, const char *path, size_t steps)
{
    recipe own = *r;
    own.options.max_steps = steps;
    own.options.checkpoint = path;
    hwv_train_result result = run(&own, NULL);
    hwv_train_result_free(&result);
}

/* Resuming is refused; neither trainer nor file changes. The message has `words`. */
static void expect_refused(const recipe *r, const char *path, hwv_status status, const char *words)
{
    hwv_error error;
    hwv_trainer *trainer;
    char before[65], after[65];
    size_t size, size_after;
    char *bytes = file_bytes(path, &size);
    hwv_model model = model_make(&digits, r->notation, r->op);
    need(hwv_trainer_create(&trainer, &model, &digits, &r->options, NULL, &error), &error, "create");
    hwv_weights_sha256(&model, before);
    assert_int_equal(hwv_trainer_resume(trainer, path, &error), status);
    if (!strstr(error.text, words) || !strstr(error.text, path))
        fail_msg("'%s' does not contain '%s'", error.text, words);
    hwv_weights_sha256(&model, after);
    assert_string_equal(before, after);
    assert_true(trainer->step == 0 && !trainer->resumed);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    char *bytes_after = file_bytes(path, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(bytes, bytes_after, size);
    free(bytes);
    free(bytes_after);
}

static void test_what_differs_is_named(void **state)
{
    (void)state;
    const recipe good = sgd_recipe();
    make_checkpoint(&good, checkpoint, 50);
    recipe r = good;
#define DIFFERS(member, value, words)                                                                                  \
    r = good;                                                                                                          \
    r.member = value;                                                                                                  \
    expect_refused(&r, checkpoint, HWV_ERR_MISMATCH, words)
    DIFFERS(options.optimizer.lr, 0.1, "lr 0.05, given is 0.1");
    DIFFERS(options.optimizer.optimizer, HWV_OPTIMIZER_ADAM, "optimizer sgd, given is adam");
    DIFFERS(options.optimizer.nesterov, true, "nesterov off, given is on");
    DIFFERS(options.optimizer.milestones[1], 31, "milestones 0,0,0,0,0,0,0,0, given is 0,31,0,0,0,0,0,0");
    DIFFERS(options.batch, 31, "batch 32, given is 31");
    DIFFERS(options.seed, 3, "seed 18446744073709551610, given is 3");
    DIFFERS(options.init, HWV_INIT_PYTORCH, "init auto, given is pytorch");
    DIFFERS(notation, "fc 33; act; fc 10", "'fc 32; act; fc 10', given is 'fc 33; act; fc 10'");
    DIFFERS(op, HWV_OP_TANH, "activation relu, given is tanh");
    hwv_data saved = digits;
    digits.train.count--;
    expect_refused(&good, checkpoint, HWV_ERR_MISMATCH, "trained on digits (1437 + 360 samples of 64)");
    digits = saved;
    r = good;
    r.options.epochs = 9;
    r.options.until_train_error = 0.5;
    hwv_train_result result = run(&r, checkpoint);
    assert_int_equal(result.steps * 32 >= 2000, true);
    hwv_train_result_free(&result);
}

/* Writes a file with `from` replaced by `to`, of the same length. */
static void replace(const char *bytes, size_t size, const char *from, const char *to)
{
    char *copy = malloc(size);
    size_t length = strlen(from), i = 0;
    assert_true(copy && strlen(to) == length);
    memcpy(copy, bytes, size);
    while (i + length <= size && memcmp(copy + i, from, length) != 0)
        i++;
    assert_true(i + length <= size);
    memcpy(copy + i, to, length);
    file_put(other, copy, size);
    free(copy);
}

static void test_damaged_files(void **state)
{
    (void)state;
    const recipe good = sgd_recipe();
    hwv_error error;
    hwv_model model;
    make_checkpoint(&good, checkpoint, 50);
    size_t size;
    char *bytes = file_bytes(checkpoint, &size);
    assert_true(size > 20000);
    for (size_t cut = 0; cut < size; cut += cut < 3000 ? 61 : 997) {
        file_put(other, bytes, cut);
        expect_refused(&good, other, HWV_ERR_FORMAT, "");
        assert_int_equal(hwv_checkpoint_load(&model, other, &error), HWV_ERR_FORMAT);
        assert_null(model.graph);
    }
    static const struct {
        const char *from, *to, *words;
        hwv_status status;
    } edits[] = {
        {"\"version\": \"1\"", "\"version\": \"2\"", "version 2; version 1 is read", HWV_ERR_MISMATCH},
        {"halfwave checkpoint", "halfwave chequebook", "no checkpoint of halfwave", HWV_ERR_MISMATCH},
        {"\\\"momentum\\\"", "\\\"momentun\\\"", "momentum is missing", HWV_ERR_FORMAT},
        {"\\\"lr\\\": 0.05", "\\\"lr\\\": true", "lr has a value that cannot be used", HWV_ERR_FORMAT},
        {"\\\"batch\\\": 32", "\\\"batch\\\":  0", "batch has a value that cannot be used", HWV_ERR_FORMAT},
        {"\\\"accumulate\\\": 1", "\\\"accumulate\\\": 0", "accumulate has a value that cannot be", HWV_ERR_FORMAT},
        {"\\\"step\\\": 50", "\\\"step\\\": 51", "cannot be step", HWV_ERR_FORMAT},
        {"\\\"step\\\": 50", "\\\"step\\\": -5", "step has a value", HWV_ERR_FORMAT},
        {"\\\"op\\\": \\\"relu\\\"", "\\\"op\\\": \\\"rely\\\"", "unknown activation", HWV_ERR_FORMAT},
        {"\"fc1.weight\"", "\"fc1.weighs\"", "'fc1.weight' is missing", HWV_ERR_FORMAT},
        {"[32, 64]", "[64, 32]", "does not have the shape", HWV_ERR_FORMAT},
        {"\"optimizer.moment1.fc2.bias\"", "\"optimizer.moment1.fc2.bIas\"", "is missing", HWV_ERR_FORMAT},
        {"\"train.losses\"", "\"train.lossen\"", "'train.losses' is missing", HWV_ERR_FORMAT},
    };
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        replace(bytes, size, edits[i].from, edits[i].to);
        expect_refused(&good, other, edits[i].status, edits[i].words);
    }
    /* A notation that no file of this size can fill. */
    replace(bytes, size, "fc 32; act; fc 10", "fc 3222222; fc 10");
    assert_int_equal(hwv_checkpoint_load(&model, other, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "larger than the file"));
    replace(bytes, size, "fc 32; act; fc 10", "fx 32; act; fc 10");
    assert_int_equal(hwv_checkpoint_load(&model, other, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "unknown layer 'fx'"));
    free(bytes);
    /* One flipped bit of a weight: not trained on, not evaluated. */
    bytes = file_bytes(checkpoint, &size);
    for (size_t at = size - 1; at > size - 12000; at -= 1999) {
        bytes[at] ^= 0x40;
        file_put(other, bytes, size);
        bytes[at] ^= 0x40;
        expect_refused(&good, other, HWV_ERR_FORMAT, "damaged or was edited");
        assert_int_equal(hwv_checkpoint_load(&model, other, &error), HWV_ERR_FORMAT);
        assert_null(model.graph);
    }
    free(bytes);
    /* Any single byte of the header may be wrong: a status, never a crash. */
    bytes = file_bytes(checkpoint, &size);
    for (size_t at = 0; at < 3000; at += 7) {
        char old = bytes[at];
        bytes[at] = (char)(old ^ (1 << at % 7));
        file_put(other, bytes, size);
        if (hwv_checkpoint_load(&model, other, &error) == HWV_OK)
            hwv_model_free(&model);
        bytes[at] = old;
    }
    free(bytes);
}

static void test_foreign_files_stay(void **state)
{
    (void)state;
    hwv_error error;
    hwv_trainer *trainer;
    recipe r = sgd_recipe();
    hwv_model model = model_make(&digits, r.notation, r.op);
    r.options.checkpoint = other;
    file_put(other, "my thesis", 9);
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &r.options, NULL, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "is not overwritten"));
    const float zeros[2] = {0};
    const hwv_tensor_entry tensor = {.name = "a", .type = HWV_TENSOR_F32, .rank = 1, .shape = {2}, .data = zeros};
    assert_int_equal(hwv_safetensors_write(other, &tensor, 1, NULL, 0, &error), HWV_OK);
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &r.options, NULL, &error), HWV_ERR_MISMATCH);
    hwv_model_free(&model);
    assert_int_equal(hwv_checkpoint_load(&model, "/nonexistent", &error), HWV_ERR_IO);
    remove(other);
}

/* ---- what is in a checkpoint ----------------------------------------------------------------------- */

static void test_loads_as_a_model(void **state)
{
    (void)state;
    recipe r = adam_recipe();
    r.options.epochs = 1;
    r.options.checkpoint = checkpoint;
    hwv_train_result result = run(&r, NULL);
    hwv_model model;
    hwv_error error;
    assert_int_equal(hwv_checkpoint_load(&model, checkpoint, &error), HWV_OK);
    char sha256[65];
    hwv_weights_sha256(&model, sha256);
    assert_string_equal(sha256, result.weights_sha256);
    hwv_evaluation evaluation = {0};
    assert_int_equal(hwv_evaluate(&model, &digits, &digits.test, NULL, &evaluation, &error), HWV_OK);
    assert_true(evaluation.error == result.test_error);
    hwv_train_options options = hwv_train_defaults();
    options.passes = 0;
    assert_int_equal(hwv_checkpoint_options(&options, checkpoint, &error), HWV_OK);
    assert_true(options.passes == 0 && options.batch == 50 && options.optimizer.lr == 0.003 &&
                options.optimizer.schedule == HWV_SCHEDULE_COSINE && options.optimizer.clip == 0.7);

    /* Names are those of the parameters; every moment is there. */
    hwv_safetensors file;
    assert_int_equal(hwv_safetensors_read(&file, checkpoint, &error), HWV_OK);
    static const char *const names[] = {"fc1.weight",  "act1.slope",
                                        "fc3.bias",    "optimizer.moment1.fc1.weight",
                                        "train.wrong", "optimizer.moment2.act1.slope",
                                        "train.losses"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(hwv_safetensors_find(&file, names[i]));
    const hwv_tensor_entry *weight = hwv_safetensors_find(&file, "fc1.weight");
    assert_true(weight->type == HWV_TENSOR_F32 && weight->rank == 2 && weight->shape[0] == 24 &&
                weight->shape[1] == 64);
    assert_string_equal(hwv_safetensors_metadata(&file, "format"), HWV_CHECKPOINT_FORMAT);
    /* The digest is that of the parameters' bytes in the order of the graph. */
    hwv_sha256 sum;
    hwv_sha256_begin(&sum);
    for (size_t v = 0; v < hwv_graph_value_count(model.graph); v++) {
        const hwv_tensor_entry *tensor = hwv_safetensors_find(&file, hwv_graph_value(model.graph, (hwv_id)v)->name);
        if (tensor)
            hwv_sha256_add(&sum, tensor->data, tensor->bytes);
    }
    hwv_sha256_end(&sum, sha256);
    assert_string_equal(sha256, result.weights_sha256);
    hwv_safetensors_free(&file);
    hwv_model_free(&model);
    hwv_train_result_free(&result);
}

/* Bytes in memory are read as a file is, and messages name them. */
static void test_parses_bytes(void **state)
{
    (void)state;
    size_t size;
    recipe r = adam_recipe();
    make_checkpoint(&r, checkpoint, 7);
    char *bytes = file_bytes(checkpoint, &size), loaded_sum[65], parsed_sum[65];
    hwv_model loaded, parsed;
    hwv_error error;
    assert_int_equal(hwv_checkpoint_load(&loaded, checkpoint, &error), HWV_OK);
    assert_int_equal(hwv_checkpoint_parse(&parsed, "in memory", bytes, size, &error), HWV_OK);
    hwv_weights_sha256(&loaded, loaded_sum);
    hwv_weights_sha256(&parsed, parsed_sum);
    assert_string_equal(parsed_sum, loaded_sum);
    assert_string_equal(parsed.notation, loaded.notation);
    hwv_model_free(&loaded);
    hwv_model_free(&parsed);
    for (size_t cut = 0; cut < size; cut += cut < 64 ? 1 : size / 97) {
        char *part = malloc(cut + 1); /* a block of its own: reading beyond it is noticed by sanitizers */
        memcpy(part, bytes, cut);
        assert_int_equal(hwv_checkpoint_parse(&parsed, "in memory", part, cut, &error), HWV_ERR_FORMAT);
        assert_memory_equal(error.text, "in memory: ", 11);
        assert_null(parsed.graph);
        free(part);
    }
    bytes[size - 100] ^= 1;
    assert_int_equal(hwv_checkpoint_parse(&parsed, "in memory", bytes, size, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "damaged"));
    free(bytes);
}

/* In the third epoch the checkpoint of the second is there. */
static void look_at_checkpoint(void *self, const hwv_epoch_stats *stats)
{
    size_t *seen = self;
    hwv_checkpoint opened;
    hwv_error error;
    if (stats->epoch != 3)
        return;
    need(hwv_checkpoint_open(&opened, checkpoint, &error), &error, checkpoint);
    *seen = opened.progress.step;
    hwv_checkpoint_close(&opened);
}

static void test_checkpoint_every(void **state)
{
    (void)state;
    recipe r = sgd_recipe();
    hwv_error error;
    hwv_train_result result;
    size_t seen = 0;
    hwv_train_hooks hooks = {.self = &seen, .epoch = look_at_checkpoint};
    remove(checkpoint);
    r.options.checkpoint = checkpoint;
    r.options.checkpoint_every = 2;
    need(train(&digits, r.notation, r.op, &r.options, &hooks, NULL, &result, &error), &error, "run");
    hwv_train_result_free(&result);
    assert_int_equal(seen, 2 * 44);
}

/* A run that ends badly leaves the last good checkpoint. */
static void test_nan_is_not_saved(void **state)
{
    (void)state;
    recipe r = sgd_recipe();
    hwv_error error;
    hwv_train_result result;
    r.options.checkpoint = checkpoint;
    r.options.epochs = 3;
    hwv_model model = model_make(&digits, r.notation, r.op);
    hwv_trainer *trainer;
    need(hwv_trainer_create(&trainer, &model, &digits, &r.options, NULL, &error), &error, "create");
    trainer->limit = 2 * 44 + 3;
    need(hwv_trainer_run(trainer, &result, &error), &error, "run");
    hwv_train_result_free(&result);
    trainer->limit = 3 * 44;
    trainer->weights[0] = NAN;
    size_t size, after;
    char *bytes = file_bytes(checkpoint, &size);
    assert_int_equal(hwv_trainer_run(trainer, &result, &error), HWV_ERR_NUMERIC);
    char *still = file_bytes(checkpoint, &after);
    assert_true(size == after && size > 0);
    assert_memory_equal(bytes, still, size);
    hwv_train_result_free(&result);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    free(bytes);
    free(still);
    hwv_checkpoint opened;
    assert_int_equal(hwv_checkpoint_open(&opened, checkpoint, &error), HWV_OK);
    assert_int_equal(opened.progress.step, 91);
    hwv_checkpoint_close(&opened);
}

/* ---- the log ------------------------------------------------------------------------------------- */

/* All lines are valid; steps and epochs follow each other. */
static void check_log(size_t steps, size_t epochs)
{
    size_t size, step = 0, epoch = 0;
    char *bytes = file_bytes(log_path, &size);
    assert_true(size > 0 && bytes[size - 1] == '\n');
    for (char *line = bytes; *line;) {
        size_t length = strcspn(line, "\n");
        hwv_json_value *root;
        hwv_error error;
        need(hwv_json_parse(&root, line, length, &error), &error, "log");
        const char *event = hwv_json_get(root, "event")->string;
        if (strcmp(event, "step") == 0) {
            assert_int_equal(hwv_json_get(root, "step")->integer, ++step);
            assert_int_equal(hwv_json_get(root, "epoch")->integer, step / 44);
            assert_true(hwv_json_get(root, "loss")->number > 0 && hwv_json_get(root, "grad_norm")->number > 0);
            assert_true(hwv_json_get(root, "lr")->number == 0.05 && hwv_json_get(root, "error")->number <= 1);
        } else {
            assert_string_equal(event, "epoch");
            assert_int_equal(hwv_json_get(root, "epoch")->integer, ++epoch);
            assert_true(hwv_json_get(root, "test_error")->number < 1);
        }
        hwv_json_free(root);
        line += length + 1;
    }
    assert_true(step == steps && epoch == epochs);
    free(bytes);
}

static void test_log_lines(void **state)
{
    (void)state;
    recipe r = sgd_recipe();
    r.options.log = log_path;
    r.options.checkpoint = checkpoint;
    r.options.max_steps = 60;
    hwv_train_result result = run(&r, NULL);
    hwv_train_result_free(&result);
    check_log(60, 1);
    /* A line that was cut off goes when the log is continued. */
    FILE *file = fopen(log_path, "ab");
    assert_non_null(file);
    fputs("{\"event\": \"st", file);
    fclose(file);
    r.options.max_steps = 0;
    result = run(&r, checkpoint);
    hwv_train_result_free(&result);
    check_log(176, 4);
    /* A run from the start begins a new log. */
    r.options.max_steps = 10;
    result = run(&r, NULL);
    hwv_train_result_free(&result);
    check_log(10, 0);
    hwv_error error;
    r.options.log = "/dev/full";
    if (access(r.options.log, W_OK) == 0)
        assert_int_equal(train(&digits, r.notation, r.op, &r.options, NULL, NULL, &result, &error), HWV_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resumes_to_the_same_bits),
        cmocka_unit_test(test_interrupted_run_resumes),
        cmocka_unit_test(test_what_differs_is_named),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_foreign_files_stay),
        cmocka_unit_test(test_loads_as_a_model),
        cmocka_unit_test(test_parses_bytes),
        cmocka_unit_test(test_checkpoint_every),
        cmocka_unit_test(test_nan_is_not_saved),
        cmocka_unit_test(test_log_lines),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
