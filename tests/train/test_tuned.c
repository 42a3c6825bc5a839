/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ONNX files trained on: the first loss and gradients are those of the model that the file was written from; the same bits
 * for any number of threads and after a cut; what is written again says what was trained. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "halfwave/onnx.h"
#include "make.h"
#include "train/checkpoint.h"

static hwv_data digits;
static char file_path[300], tuned_path[300], checkpoint[300], other[300];

static int setup(void **state)
{
    (void)state;
    const char *folder = folder_make();
    digits = digits_open();
    snprintf(file_path, sizeof file_path, "%s/file.onnx", folder);
    snprintf(tuned_path, sizeof tuned_path, "%s/tuned.onnx", folder);
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(other, sizeof other, "%s/b.safetensors", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(file_path);
    remove(tuned_path);
    remove(checkpoint);
    remove(other);
    *strrchr(file_path, '/') = '\0';
    hwv_data_close(&digits);
    return rmdir(file_path); /* fails if a temporary file was left */
}

#define MLP   "fc 32; act; fc 10"
#define LENET "conv 5 6; act; pool 2; conv 3 8; act; pool 2; fc 24; act; fc 10"
#define RESNET                                                                                                         \
    "conv 3 8; bn; act; res { conv 3 8; bn; act; conv 3 8; bn }; act; res { conv 3 12 stride 2; bn }; act; gap; fc 10"

static const char *const notations[] = {MLP, LENET, RESNET};
enum { NOTATIONS = 3 };

/* A model after some steps, and its file. */
static hwv_model teacher(const char *notation, const char *path)
{
    hwv_model model = model_make(&digits, notation, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    hwv_train_result result;
    hwv_trainer *trainer;
    hwv_error error;
    options.max_steps = 30;
    options.optimizer.lr = 0.02;
    need(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), &error, "create");
    need(hwv_trainer_run(trainer, &result, &error), &error, "run");
    hwv_train_result_free(&result);
    hwv_trainer_destroy(trainer);
    need(hwv_onnx_export(&model, NULL, path, &error), &error, path);
    return model;
}

static hwv_model file_model(const char *path)
{
    const hwv_model_options options = model_options(&digits, HWV_OP_IDENTITY);
    hwv_model model;
    hwv_onnx *file;
    hwv_error error;
    need(hwv_onnx_open(&file, path, &error), &error, path);
    need(hwv_onnx_model(&model, file, &options, &error), &error, path);
    hwv_onnx_close(file);
    return model;
}

static hwv_train_options tuning(void)
{
    hwv_train_options options = hwv_train_defaults();
    options.epochs = 3;
    options.optimizer.lr = 0.01;
    options.optimizer.weight_decay = 0.001;
    return options;
}

static hwv_status tune(hwv_model *model, const hwv_train_options *options, const char *resume, hwv_train_result *result,
                       hwv_error *error)
{
    hwv_trainer *trainer;
    memset(result, 0, sizeof *result);
    need(hwv_trainer_create(&trainer, model, &digits, options, NULL, error), error, "create");
    hwv_status status = resume ? hwv_trainer_resume(trainer, resume, error) : HWV_OK;
    if (status == HWV_OK)
        status = hwv_trainer_run(trainer, result, error);
    hwv_trainer_destroy(trainer);
    return status;
}

static size_t elements_of(const hwv_value *value)
{
    size_t elements = 1;
    for (size_t i = 0; i < value->shape.rank; i++)
        elements *= value->shape.dim[i];
    return elements;
}

/* ---- the first step --------------------------------------------------------------------------------- */

enum { ROWS = 64 };

static hwv_plan *step_plan(const hwv_model *model)
{
    const hwv_plan_options options = {.batch = ROWS, .training = true, .passes = HWV_PASS_ALL};
    hwv_plan *plan;
    hwv_error error;
    need(hwv_plan_create(&plan, model->graph, model->weights, model->loss, &options, &error), &error, "plan");
    hwv_data_gather(&digits, &digits.train, NULL, 0, ROWS, hwv_plan_data(plan, model->input),
                    hwv_plan_data(plan, model->labels));
    return plan;
}

static double plan_loss(hwv_plan *plan, const hwv_model *model)
{
    hwv_plan_forward(plan);
    return (double)*(const float *)hwv_plan_data(plan, model->loss);
}

/* Where element i of a parameter lies in the file's: dense weights behind flattened images have their columns in the order
 * of channels first. */
static size_t moved(const hwv_model *model, hwv_id id, size_t i)
{
    const hwv_graph *graph = model->graph;
    for (hwv_id n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, n);
        if (node->kind != HWV_NODE_DENSE || node->input[1] != id)
            continue;
        const hwv_id producer = hwv_graph_value(graph, node->input[0])->producer;
        const hwv_node *before = producer == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, producer);
        if (before == NULL || before->kind != HWV_NODE_FLATTEN)
            return i;
        const hwv_shape *x = &hwv_graph_value(graph, before->input[0])->shape;
        const size_t pixels = x->dim[1] * x->dim[2], channels = x->dim[3], in = pixels * channels, c = i % in;
        return i / in * in + c % channels * pixels + c / channels;
    }
    return i;
}

static void test_first_step(void **state)
{
    (void)state;
    for (size_t k = 0; k < NOTATIONS; k++) {
        hwv_model native = teacher(notations[k], file_path), tuned = file_model(file_path);
        hwv_plan *a = step_plan(&native), *b = step_plan(&tuned);
        size_t elements, compared = 0;
        const double loss = plan_loss(a, &native);
        assert_true(fabs(plan_loss(b, &tuned) - loss) <= 1e-5 * loss);
        hwv_plan_backward(a, false);
        hwv_plan_backward(b, false);
        const float *of_a = hwv_plan_parameter_gradients(a, &elements);
        const float *of_b = hwv_plan_parameter_gradients(b, &elements);
        for (hwv_id id = 0; id < hwv_graph_value_count(native.graph); id++) {
            const hwv_value *value = hwv_graph_value(native.graph, id);
            const hwv_id there = hwv_graph_find(tuned.graph, value->name);
            if (value->role != HWV_ROLE_PARAMETER)
                continue;
            assert_int_not_equal(there, HWV_NO_ID);
            const float *x = of_a + hwv_weights_offset(native.weights, id);
            const float *y = of_b + hwv_weights_offset(tuned.weights, there);
            double largest = 0;
            for (size_t i = 0; i < elements_of(value); i++)
                largest = fmax(largest, fabs((double)x[i]));
            for (size_t i = 0; i < elements_of(value); i++, compared++)
                assert_true(fabs((double)x[i] - (double)y[moved(&native, id, i)]) <= 2e-5 * largest);
        }
        assert_int_equal(compared, hwv_model_parameters(&tuned));
        hwv_plan_destroy(a);
        hwv_plan_destroy(b);
        hwv_model_free(&native);
        hwv_model_free(&tuned);
    }
}

/* ---- whole runs ------------------------------------------------------------------------------------- */

/* With HALFWAVE_EXPORT_FOLDER a tuned file stays there with samples and logits, for scripts/onnx-runtime.sh. */
static void leave(hwv_model *model, size_t k)
{
    enum { SHOWN = 4 };
    const char *folder = getenv("HALFWAVE_EXPORT_FOLDER");
    const hwv_plan_options options = {.batch = SHOWN};
    char path[400];
    hwv_plan *plan;
    hwv_error error;
    if (folder == NULL)
        return;
    need(hwv_plan_create(&plan, model->graph, model->weights, model->logits, &options, &error), &error, "plan");
    float *x = hwv_plan_data(plan, model->input);
    hwv_data_gather(&digits, &digits.test, NULL, 0, SHOWN, x, NULL);
    hwv_plan_forward(plan);
    snprintf(path, sizeof path, "%s/tuned%zu.onnx", folder, k);
    need(hwv_onnx_export(model, NULL, path, &error), &error, path);
    snprintf(path, sizeof path, "%s/tuned%zu.x.npy", folder, k);
    need(hwv_npy_write(path, x, SHOWN, digits.features, &error), &error, path);
    snprintf(path, sizeof path, "%s/tuned%zu.y.npy", folder, k);
    need(hwv_npy_write(path, hwv_plan_data(plan, model->logits), SHOWN, 10, &error), &error, path);
    hwv_plan_destroy(plan);
}

/* Better than the file; what is written evaluates to the same. */
static void test_tunes_and_writes(void **state)
{
    (void)state;
    for (size_t k = 0; k < NOTATIONS; k++) {
        hwv_model native = teacher(notations[k], file_path), tuned = file_model(file_path);
        const hwv_train_options options = tuning();
        hwv_evaluation before = {0}, after = {0}, again = {0};
        hwv_train_result result;
        hwv_error error;
        need(hwv_evaluate(&native, &digits, &digits.test, NULL, &before, &error), &error, "evaluate");
        need(hwv_evaluate(&tuned, &digits, &digits.test, NULL, &again, &error), &error, "evaluate");
        assert_true(before.error == again.error && fabs(before.loss - again.loss) <= 1e-5 * before.loss);
        need(tune(&tuned, &options, NULL, &result, &error), &error, "tune");
        need(hwv_evaluate(&tuned, &digits, &digits.test, NULL, &after, &error), &error, "evaluate");
        assert_true(after.loss < 0.7 * before.loss && result.test_error == after.error);
        assert_int_equal(result.parameters, hwv_model_parameters(&native));
        assert_true(result.layer_count > 0);
        need(hwv_onnx_export(&tuned, NULL, tuned_path, &error), &error, "export");
        leave(&tuned, k);
        hwv_model read = file_model(tuned_path);
        need(hwv_evaluate(&read, &digits, &digits.test, NULL, &again, &error), &error, "evaluate");
        assert_true(after.error == again.error && after.loss == again.loss);
        hwv_train_result_free(&result);
        hwv_model_free(&read);
        hwv_model_free(&native);
        hwv_model_free(&tuned);
    }
}

/* Nothing trained: the file, byte for byte. */
static void test_untrained(void **state)
{
    (void)state;
    hwv_model native = teacher(LENET, file_path), tuned = file_model(file_path);
    hwv_train_options options = tuning();
    hwv_train_result result;
    hwv_error error;
    size_t size, written;
    options.optimizer.lr = 0;
    need(tune(&tuned, &options, NULL, &result, &error), &error, "tune");
    need(hwv_onnx_export(&tuned, NULL, tuned_path, &error), &error, "export");
    char *before = file_bytes(file_path, &size), *after = file_bytes(tuned_path, &written);
    assert_true(size > 0 && size == written);
    assert_memory_equal(before, after, size);
    free(before);
    free(after);
    hwv_train_result_free(&result);
    hwv_model_free(&native);
    hwv_model_free(&tuned);
}

static void test_threads_and_cuts(void **state)
{
    (void)state;
    for (size_t k = 1; k < NOTATIONS; k++) {
        hwv_model native = teacher(notations[k], file_path);
        hwv_train_options options = tuning();
        hwv_train_result whole, part;
        hwv_error error;
        hwv_pool *pool;
        if (k == 2)
            options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
        hwv_model one = file_model(file_path), two = file_model(file_path);
        need(tune(&one, &options, NULL, &whole, &error), &error, "tune");
        need(hwv_pool_create(&pool, 2, &error), &error, "pool");
        options.executor = hwv_pool_executor(pool);
        need(tune(&two, &options, NULL, &part, &error), &error, "tune");
        assert_string_equal(part.weights_sha256, whole.weights_sha256);
        hwv_train_result_free(&part);
        hwv_model_free(&two);
        options.checkpoint = checkpoint;
        options.max_steps = 50;
        two = file_model(file_path);
        need(tune(&two, &options, NULL, &part, &error), &error, "tune");
        assert_string_not_equal(part.weights_sha256, whole.weights_sha256);
        hwv_train_result_free(&part);
        hwv_model_free(&two);
        /* the checkpoint alone has all that is needed */
        remove(file_path);
        options.max_steps = 0;
        need(hwv_checkpoint_load(&two, checkpoint, &error), &error, "load");
        assert_true(two.of_network);
        assert_string_equal(two.notation, "file.onnx");
        need(tune(&two, &options, checkpoint, &part, &error), &error, "resume");
        assert_string_equal(part.weights_sha256, whole.weights_sha256);
        assert_true(part.train_loss == whole.train_loss && part.test_error == whole.test_error);
        hwv_train_result_free(&part);
        /* the file written from a checkpoint is the file written from the run */
        hwv_model loaded;
        size_t size, written;
        need(hwv_checkpoint_load(&loaded, checkpoint, &error), &error, "load");
        need(hwv_onnx_export(&loaded, NULL, tuned_path, &error), &error, "export");
        need(hwv_onnx_export(&one, NULL, file_path, &error), &error, "export");
        char *a = file_bytes(file_path, &size), *b = file_bytes(tuned_path, &written);
        assert_true(size > 0 && size == written && memcmp(a, b, size) == 0);
        free(a);
        free(b);
        hwv_model_free(&loaded);
        hwv_model_free(&two);
        hwv_model_free(&one);
        hwv_model_free(&native);
        hwv_train_result_free(&whole);
        hwv_pool_destroy(pool);
        remove(checkpoint);
    }
}

/* ---- checkpoints ------------------------------------------------------------------------------------ */

static void test_another_file(void **state)
{
    (void)state;
    hwv_model first = teacher(MLP, file_path), second = teacher("fc 30; act; fc 10", tuned_path);
    hwv_model a = file_model(file_path), b = file_model(tuned_path);
    hwv_train_options options = tuning();
    hwv_train_result result;
    hwv_error error;
    options.checkpoint = checkpoint;
    options.max_steps = 3;
    need(tune(&a, &options, NULL, &result, &error), &error, "tune");
    hwv_train_result_free(&result);
    options.checkpoint = NULL;
    hwv_free(b.notation);
    b.notation = hwv_strdup("file.onnx");
    assert_int_equal(tune(&b, &options, checkpoint, &result, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "of another file"));
    hwv_model native = model_make(&digits, MLP, HWV_OP_IDENTITY);
    assert_int_equal(tune(&native, &options, checkpoint, &result, &error), HWV_ERR_MISMATCH);
    hwv_model_free(&native);
    hwv_model_free(&first);
    hwv_model_free(&second);
    hwv_model_free(&a);
    hwv_model_free(&b);
}

static maker m;

static hwv_model made_model(int64_t opset)
{
    make_model(&m, opset);
    file_put(file_path, (const char *)m.model, m.model_size);
    return file_model(file_path);
}

static float drawn[4096];

static const float *draw(double scale)
{
    static uint32_t state = 1;
    for (size_t i = 0; i < sizeof drawn / sizeof *drawn; i++) {
        state = state * 1664525 + 1013904223;
        drawn[i] = (float)(((double)(state >> 8) / (1 << 24) - 0.5) * 2 * scale);
    }
    return drawn;
}

/* A file's names are its own business, and its constants are not trained. */
static void test_names_like_ours(void **state)
{
    (void)state;
    const float half = 0.5f;
    hwv_train_options options = tuning();
    hwv_train_result result;
    hwv_model loaded;
    hwv_error error;
    m = (maker){0};
    make_input(&m, "data.mean", (const int64_t[]){-1, 64}, 2);
    make_floats(&m, "model.onnx", (const size_t[]){16, 64}, 2, draw(0.1));
    make_floats(&m, "train.wrong", (const size_t[]){16}, 1, draw(0.1));
    make_floats(&m, "optimizer.moment1.model.onnx", (const size_t[]){10, 16}, 2, draw(0.2));
    make_floats(&m, "half", NULL, 0, &half);
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "train.losses", "data.mean model.onnx train.wrong", "a");
    make_node(&m, "Relu", "act", "a", "b");
    make_node(&m, "Mul", "scale", "b half", "c");
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "fc2", "c optimizer.moment1.model.onnx", "y");
    make_output(&m, "y");
    hwv_model model = made_model(13);
    options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
    options.checkpoint = checkpoint;
    options.epochs = 1;
    need(tune(&model, &options, NULL, &result, &error), &error, "tune");
    need(hwv_checkpoint_load(&loaded, checkpoint, &error), &error, "load");
    size_t elements;
    const float *a = hwv_weights_block(model.weights, &elements), *b = hwv_weights_block(loaded.weights, &elements);
    assert_memory_equal(a, b, elements * sizeof *a);
    assert_true(*hwv_weights_data(loaded.weights, hwv_graph_find(loaded.graph, "half")) == half);
    hwv_train_result_free(&result);
    hwv_model_free(&loaded);
    hwv_model_free(&model);
    remove(checkpoint);
}

/* Saved, loaded and written again, with each allocation failing in turn. */
static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_model native = teacher("fc 4; bn; act; fc 10", file_path), model = file_model(file_path);
    hwv_train_options options = tuning();
    hwv_status status = HWV_ERR_MEMORY;
    hwv_trainer *trainer;
    hwv_error error;
    size_t failed = 0;
    need(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), &error, "create");
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_model loaded = {0};
        size_t live = allocations_live();
        allocations_fail_at(n);
        status = hwv_trainer_save(trainer, checkpoint, &error);
        if (status == HWV_OK)
            status = hwv_checkpoint_load(&loaded, checkpoint, &error);
        if (status == HWV_OK)
            status = hwv_trainer_resume(trainer, checkpoint, &error);
        if (status == HWV_OK)
            status = hwv_onnx_export(&loaded, NULL, tuned_path, &error);
        allocations_fail_at(0);
        hwv_model_free(&loaded);
        assert_int_equal(allocations_live(), live);
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        failed++;
    }
    assert_true(failed > 100);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&native);
    hwv_model_free(&model);
    remove(checkpoint);
}

static void test_damaged(void **state)
{
    (void)state;
    hwv_model native = teacher("fc 10", file_path), model = file_model(file_path), loaded;
    hwv_train_options options = tuning();
    hwv_train_result result;
    hwv_error error;
    options.checkpoint = checkpoint;
    options.max_steps = 1;
    need(tune(&model, &options, NULL, &result, &error), &error, "tune");
    hwv_train_result_free(&result);
    /* a file in it that is none: sums of the tensors agree */
    memset(model.file, 0xFF, model.file_bytes);
    hwv_trainer *trainer;
    need(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), &error, "create");
    need(hwv_trainer_save(trainer, checkpoint, &error), &error, "save");
    hwv_trainer_destroy(trainer);
    assert_int_equal(hwv_checkpoint_load(&loaded, checkpoint, &error), HWV_ERR_FORMAT);
    assert_null(loaded.graph);
    hwv_model_free(&native);
    hwv_model_free(&model);
    remove(checkpoint);
}

/* ---- a file of another hand -------------------------------------------------------------------------- */

/* A feed-forward block of a transformer with its layer norm written out, on rows of pixels as tokens. */
static void block_make(void)
{
    const float one = 1, eps = 1e-5f, two = 2;
    float ones[8];
    for (size_t i = 0; i < 8; i++)
        ones[i] = one + 0.1f * (float)i;
    m = (maker){0};
    make_input(&m, "x", (const int64_t[]){-1, 8, 8}, 3);
    make_floats(&m, "gamma", (const size_t[]){8}, 1, ones);
    make_floats(&m, "beta", (const size_t[]){8}, 1, draw(0.1));
    make_floats(&m, "w1", (const size_t[]){8, 32}, 2, draw(0.5));
    make_floats(&m, "b1", (const size_t[]){32}, 1, draw(0.1));
    make_floats(&m, "w2", (const size_t[]){32, 8}, 2, draw(0.3));
    make_floats(&m, "b2", (const size_t[]){8}, 1, draw(0.1));
    make_floats(&m, "w3", (const size_t[]){64, 10}, 2, draw(0.2));
    make_floats(&m, "two", NULL, 0, &two);
    make_floats(&m, "eps", NULL, 0, &eps);
    const int64_t last = -1, rows[2] = {-1, 64};
    make_list(&m, "rows", rows, 2);
    make_ints(&m, "axes", &last, 1);
    make_node(&m, "ReduceMean", "mean", "x", "mean");
    make_node(&m, "Sub", "sub", "x mean", "d");
    make_node(&m, "Pow", "pow", "d two", "p");
    make_ints(&m, "axes", &last, 1);
    make_node(&m, "ReduceMean", "variance", "p", "v");
    make_node(&m, "Add", "shift", "v eps", "ve");
    make_node(&m, "Sqrt", "sqrt", "ve", "s");
    make_node(&m, "Div", "div", "d s", "n");
    make_node(&m, "Mul", "scale", "n gamma", "g");
    make_node(&m, "Add", "norm", "g beta", "h");
    make_node(&m, "MatMul", "up", "h w1", "u");
    make_node(&m, "Add", "up_bias", "b1 u", "ub");
    make_node(&m, "Relu", "act", "ub", "r");
    make_node(&m, "MatMul", "down", "r w2", "o");
    make_node(&m, "Add", "down_bias", "o b2", "ob");
    make_node(&m, "Add", "residual", "x ob", "res");
    make_node(&m, "Reshape", "flat", "res rows", "f");
    make_node(&m, "MatMul", "head", "f w3", "logits");
    make_int(&m, "axis", 1);
    make_node(&m, "Softmax", "softmax", "logits", "y");
    make_output(&m, "y");
}

/* The gradient along random directions is what the loss does there. */
static void test_a_block(void **state)
{
    (void)state;
    block_make();
    hwv_model model = made_model(13);
    assert_int_equal(hwv_model_parameters(&model), 8 + 8 + 256 + 32 + 256 + 8 + 640);
    hwv_plan *plan = step_plan(&model);
    size_t elements;
    float *weights = hwv_weights_block(model.weights, &elements), *kept = malloc(elements * sizeof *kept);
    memcpy(kept, weights, elements * sizeof *kept);
    (void)plan_loss(plan, &model);
    hwv_plan_backward(plan, false);
    const float *gradients = hwv_plan_parameter_gradients(plan, &elements);
    for (hwv_id id = 0; id < hwv_graph_value_count(model.graph); id++) { /* each parameter by itself */
        const hwv_value *value = hwv_graph_value(model.graph, id);
        double slope = 0, norm = 0, loss[2];
        if (value->role != HWV_ROLE_PARAMETER)
            continue;
        const size_t first = hwv_weights_offset(model.weights, id), count = elements_of(value);
        for (size_t i = 0; i < count; i++)
            norm += (double)gradients[first + i] * (double)gradients[first + i];
        norm = sqrt(norm);
        for (int side = 0; side < 2; side++) {
            for (size_t i = 0; i < count; i++)
                weights[first + i] += (float)((side ? 1 : -1) * 1e-2 * (double)gradients[first + i] / norm);
            loss[side] = plan_loss(plan, &model);
            memcpy(weights, kept, elements * sizeof *kept);
        }
        slope = (loss[1] - loss[0]) / 2e-2;
        if (!(fabs(slope - norm) <= 0.01 * norm))
            print_message("%s: %g by differences, %g\n", value->name, slope, norm);
        assert_true(fabs(slope - norm) <= 0.01 * norm);
    }
    free(kept);
    hwv_plan_destroy(plan);
    const hwv_train_options options = tuning();
    hwv_evaluation before = {0}, after = {0}, again = {0};
    hwv_train_result result;
    hwv_error error;
    need(hwv_evaluate(&model, &digits, &digits.test, NULL, &before, &error), &error, "evaluate");
    need(tune(&model, &options, NULL, &result, &error), &error, "tune");
    need(hwv_evaluate(&model, &digits, &digits.test, NULL, &after, &error), &error, "evaluate");
    assert_true(after.loss < 0.5 * before.loss);
    need(hwv_onnx_export(&model, NULL, tuned_path, &error), &error, "export");
    hwv_model read = file_model(tuned_path);
    need(hwv_evaluate(&read, &digits, &digits.test, NULL, &again, &error), &error, "evaluate");
    assert_true(again.loss == after.loss);
    hwv_train_result_free(&result);
    hwv_model_free(&read);
    hwv_model_free(&model);
}

/* Between the taps of dilated filters nothing is trained, as nothing there could be written. */
static void test_dilated_filters(void **state)
{
    (void)state;
    const hwv_train_options options = tuning();
    hwv_evaluation after = {0}, again = {0};
    hwv_train_result result;
    hwv_error error;
    m = (maker){0};
    make_input(&m, "x", (const int64_t[]){-1, 1, 8, 8}, 4);
    make_floats(&m, "w", (const size_t[]){6, 1, 3, 2}, 4, draw(0.5));
    make_floats(&m, "b", (const size_t[]){6}, 1, draw(0.1));
    make_floats(&m, "head", (const size_t[]){96, 10}, 2, draw(0.1));
    make_ints(&m, "dilations", (const int64_t[]){2, 4}, 2);
    make_node(&m, "Conv", "conv", "x w b", "c");
    make_node(&m, "Relu", "act", "c", "a");
    make_node(&m, "Flatten", "flatten", "a", "f");
    make_node(&m, "MatMul", "fc", "f head", "y");
    make_output(&m, "y");
    hwv_model model = made_model(13);
    need(tune(&model, &options, NULL, &result, &error), &error, "tune");
    const hwv_id id = hwv_graph_find(model.graph, "w");
    const float *w = hwv_weights_data(model.weights, id);
    assert_int_equal(hwv_graph_value(model.graph, id)->shape.dim[2], 5);
    assert_int_equal(hwv_graph_value(model.graph, id)->shape.dim[3], 5);
    for (size_t i = 0; i < 6 * 25; i++)
        assert_true((w[i] != 0) == (i / 5 % 5 % 2 == 0 && i % 5 % 4 == 0));
    need(hwv_evaluate(&model, &digits, &digits.test, NULL, &after, &error), &error, "evaluate");
    need(hwv_onnx_export(&model, NULL, tuned_path, &error), &error, "export");
    hwv_model read = file_model(tuned_path);
    need(hwv_evaluate(&read, &digits, &digits.test, NULL, &again, &error), &error, "evaluate");
    assert_true(after.loss < 1 && again.loss == after.loss);
    hwv_train_result_free(&result);
    hwv_model_free(&read);
    hwv_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_step),   cmocka_unit_test(test_tunes_and_writes),
        cmocka_unit_test(test_untrained),    cmocka_unit_test(test_threads_and_cuts),
        cmocka_unit_test(test_another_file), cmocka_unit_test(test_names_like_ours),
        cmocka_unit_test(test_damaged),      cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_a_block),      cmocka_unit_test(test_dilated_filters),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
