/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Checkpoints with a change of their model's network: what stays and what is cut, and training that goes on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "cut_units.h"
#include "halfwave/onnx.h"
#include "io/safetensors.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

static hwv_data digits;
static char first[300], second[300], third[300];

static int setup(void **state)
{
    (void)state;
    const char *folder = folder_make();
    hwv_error error;
    digits = digits_open();
    need(hwv_data_normalize(&digits, NULL, NULL, &error), &error, "normalize");
    snprintf(first, sizeof first, "%s/a.safetensors", folder);
    snprintf(second, sizeof second, "%s/b.safetensors", folder);
    snprintf(third, sizeof third, "%s/c.safetensors", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(first);
    remove(second);
    remove(third);
    *strrchr(first, '/') = '\0';
    hwv_data_close(&digits);
    return rmdir(first);
}

/* ---- patients --------------------------------------------------------------------------------------- */

/* A trained checkpoint in memory, its network, and a change of that. */
typedef struct patient {
    char *bytes;
    size_t size;
    hwv_network network;
    hwv_change change;
} patient;

static void patient_take(patient *p, char *bytes, size_t size)
{
    hwv_error error;
    hwv_model model;
    p->bytes = bytes;
    p->size = size;
    need(hwv_checkpoint_parse(&model, "patient", p->bytes, p->size, &error), &error, "parse");
    need(hwv_network_of_model(&p->network, &model, "patient", &error), &error, "network");
    need(hwv_change_create(&p->change, &p->network, &error), &error, "change");
}

static void patient_free(patient *p)
{
    hwv_change_free(&p->change);
    hwv_network_free(&p->network);
    free(p->bytes);
}

static hwv_train_options options_of(hwv_optimizer optimizer)
{
    hwv_train_options options = hwv_train_defaults();
    options.epochs = 2;
    options.optimizer.optimizer = optimizer;
    options.optimizer.lr = optimizer == HWV_OPTIMIZER_ADAM ? 0.002 : 0.02;
    options.optimizer.weight_decay = 0.001;
    return options;
}

static void patient_train(patient *p, const char *notation, hwv_optimizer optimizer)
{
    hwv_train_options options = options_of(optimizer);
    hwv_train_result result;
    hwv_error error;
    size_t size;
    options.max_steps = 50; /* in the second epoch: there is a history */
    options.checkpoint = first;
    need(train(&digits, notation, HWV_OP_RELU, &options, NULL, NULL, &result, &error), &error, "train");
    hwv_train_result_free(&result);
    char *bytes = file_bytes(first, &size);
    patient_take(p, bytes, size);
}

static hwv_text changed_of(const patient *p)
{
    hwv_text changed = {0};
    hwv_error error;
    need(hwv_checkpoint_change(&changed, "patient", p->bytes, p->size, &p->change, &error), &error, "change");
    return changed;
}

static void change_act(patient *p, const char *node, const char *text)
{
    hwv_act act;
    assert_int_equal(hwv_act_parse(&act, text, NULL), HWV_OK);
    assert_int_equal(hwv_change_act(&p->change, node_named(&p->change, node), &act, NULL), HWV_OK);
}

static void change_norm(patient *p, const char *act)
{
    const hwv_id node = node_named(&p->change, act);
    const hwv_id z = hwv_graph_node_at(p->network.graph, node)->input[0];
    const hwv_shape *shape = &hwv_graph_value(p->network.graph, z)->shape;
    hwv_norm_change *norm = hwv_change_norm(&p->change, node, shape->dim[shape->rank - 1], 1e-5f);
    for (size_t i = 0; i < norm->units; i++) {
        norm->mean[i] = 0.1f;
        norm->variance[i] = 0.9f;
    }
}

/* ---- nothing ---------------------------------------------------------------------------------------- */

static void test_nothing_changes_nothing(void **state)
{
    (void)state;
    patient p;
    patient_train(&p, "conv 3 4; bn; act prelu; pool 2; fc classes", HWV_OPTIMIZER_ADAM);
    hwv_text changed = changed_of(&p);
    assert_int_equal(changed.length, p.size);
    assert_memory_equal(changed.data, p.bytes, p.size);
    hwv_text_free(&changed);
    patient_free(&p);
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

typedef struct pair {
    hwv_safetensors old, now;
} pair;

static const float *floats(const hwv_safetensors *file, const char *name, float *into, size_t *count)
{
    const hwv_tensor_entry *tensor = hwv_safetensors_find(file, name);
    if (!tensor)
        fail_msg("no tensor %s", name);
    memcpy(into, tensor->data, tensor->bytes);
    *count = tensor->bytes / sizeof *into;
    return into;
}

/* Rows 0, 2, ... of fc1 are left, columns 0, 2, ... of fc2; `fresh` columns of fc2 begin anew. */
static void check_cut(const pair *files, const char *prefix, bool fresh)
{
    static float old[4096], now[4096];
    static const char *const tensors[] = {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias", "act1.slope"};
    for (size_t t = 0; t < 5; t++) {
        char name[100];
        size_t before, after, columns = t == 0 ? 64 : t == 2 ? 12 : 1, rows = t == 0 || t == 1 || t == 4 ? 12 : 10;
        size_t at = 0;
        snprintf(name, sizeof name, "%s%s", prefix, tensors[t]);
        floats(&files->old, name, old, &before);
        floats(&files->now, name, now, &after);
        assert_int_equal(before, rows * columns);
        for (size_t i = 0; i < rows; i++)
            for (size_t k = 0; k < columns; k++) {
                if ((rows == 12 && i % 2) || (t == 2 && k % 2))
                    continue;
                bool begins = fresh && t == 2 && k == 4;
                assert_true(now[at] == (begins ? 0 : old[i * columns + k]));
                assert_true(begins || t == 4 || old[i * columns + k] != 0);
                at++;
            }
        assert_int_equal(after, at);
    }
}

static void test_cut_along(void **state)
{
    (void)state;
    patient p;
    pair files;
    patient_train(&p, "fc 12; act prelu; fc classes", HWV_OPTIMIZER_ADAM);
    cut_units(&p.change, "fc1.product", 1, 2);
    uint8_t *fresh = hwv_change_fresh(&p.change, hwv_graph_find(p.network.graph, "fc2.weight"));
    for (size_t i = 0; i < 10; i++)
        fresh[i * 12 + 4] = fresh[i * 12 + 5] = 1; /* column 5 is cut too */
    hwv_text changed = changed_of(&p);
    assert_int_equal(hwv_safetensors_parse(&files.old, p.bytes, p.size, NULL), HWV_OK);
    assert_int_equal(hwv_safetensors_parse(&files.now, changed.data, changed.length, NULL), HWV_OK);
    check_cut(&files, "", false);
    check_cut(&files, "optimizer.moment1.", true);
    check_cut(&files, "optimizer.moment2.", true);

    /* All else is as it was. */
    static const char *const tensors[] = {"train.wrong", "train.losses", "train.history", "data.mean",
                                          "data.deviation"};
    for (size_t i = 0; i < 5; i++) {
        const hwv_tensor_entry *a = hwv_safetensors_find(&files.old, tensors[i]);
        const hwv_tensor_entry *b = hwv_safetensors_find(&files.now, tensors[i]);
        assert_int_equal(a->bytes, b->bytes);
        assert_memory_equal(a->data, b->data, a->bytes);
        assert_memory_equal(a->shape, b->shape, sizeof a->shape);
    }
    assert_int_equal(files.now.count, files.old.count);
    assert_int_equal(files.now.metadata_count, files.old.metadata_count);
    for (size_t i = 0; i < files.old.metadata_count; i++) {
        const char *key = files.old.metadata[i].key, *value = hwv_safetensors_metadata(&files.now, key);
        bool same = strcmp(files.old.metadata[i].value, value) == 0;
        assert_true(same == (strcmp(key, "model") != 0 && strcmp(key, "sha256") != 0));
    }
    hwv_safetensors_free(&files.old);
    hwv_safetensors_free(&files.now);
    hwv_text_free(&changed);
    patient_free(&p);
}

/* Names move when a norm comes in front: old moments go with what they were of, new parameters have zeros. */
static void test_names_that_move(void **state)
{
    (void)state;
    static float old[4096], now[4096];
    patient p;
    pair files;
    size_t before, after;
    patient_train(&p, "conv 3 4; act; conv 3 6; bn; act; gap; fc classes", HWV_OPTIMIZER_SGD);
    change_norm(&p, "act1");
    change_act(&p, "act2", "prelu(slope=0)");
    hwv_text changed = changed_of(&p);
    assert_int_equal(hwv_safetensors_parse(&files.old, p.bytes, p.size, NULL), HWV_OK);
    assert_int_equal(hwv_safetensors_parse(&files.now, changed.data, changed.length, NULL), HWV_OK);
    static const char *const names[][2] = {{"optimizer.moment1.bn1.weight", "optimizer.moment1.bn2.weight"},
                                           {"bn1.running_var", "bn2.running_var"},
                                           {"optimizer.moment1.conv1.weight", "optimizer.moment1.conv1.weight"}};
    for (size_t i = 0; i < 3; i++) {
        floats(&files.old, names[i][0], old, &before);
        floats(&files.now, names[i][1], now, &after);
        assert_int_equal(before, after);
        assert_memory_equal(old, now, before * sizeof *old);
    }
    static const char *const zeros[] = {"optimizer.moment1.bn1.weight", "optimizer.moment1.bn1.bias",
                                        "optimizer.moment1.act2.slope", "act2.slope"};
    for (size_t i = 0; i < 4; i++) {
        floats(&files.now, zeros[i], now, &after);
        assert_int_equal(after, i < 2 ? 4 : 6);
        for (size_t e = 0; e < after; e++)
            assert_true(now[e] == 0);
    }
    assert_null(hwv_safetensors_find(&files.now, "conv1.bias"));
    assert_null(hwv_safetensors_find(&files.now, "optimizer.moment1.conv1.bias"));
    hwv_safetensors_free(&files.old);
    hwv_safetensors_free(&files.now);
    hwv_text_free(&changed);
    patient_free(&p);
}

/* ---- evaluation ------------------------------------------------------------------------------------- */

static hwv_evaluation evaluation_of(const char *bytes, size_t size)
{
    hwv_model model;
    hwv_evaluation evaluation = {0};
    hwv_error error;
    need(hwv_checkpoint_parse(&model, "changed", bytes, size, &error), &error, "parse");
    need(hwv_evaluate(&model, &digits, &digits.test, NULL, &evaluation, &error), &error, "evaluate");
    hwv_model_free(&model);
    return evaluation;
}

/* Every third unit of `product` is made dead by new numbers, then cut: nothing is lost. */
static void kill_and_cut(const char *notation, const char *product, const char *weight, const char *bias)
{
    patient p, dead;
    patient_train(&p, notation, HWV_OPTIMIZER_SGD);
    hwv_id weight_id = hwv_graph_find(p.network.graph, weight);
    const hwv_shape *shape = &hwv_graph_value(p.network.graph, weight_id)->shape;
    size_t each = 1;
    for (size_t a = 1; a < shape->rank; a++)
        each *= shape->dim[a];
    float *w = hwv_change_data(&p.change, weight_id);
    float *b = hwv_change_data(&p.change, hwv_graph_find(p.network.graph, bias));
    for (size_t i = 0; i < shape->dim[0]; i += 3) {
        memset(w + i * each, 0, each * sizeof *w);
        b[i] = -1;
    }
    hwv_text killed = changed_of(&p);
    patient_take(&dead, killed.data, killed.length);
    cut_units(&dead.change, product, 0, 3);
    hwv_text pruned = changed_of(&dead);
    hwv_evaluation trained = evaluation_of(p.bytes, p.size), before = evaluation_of(dead.bytes, dead.size);
    hwv_evaluation after = evaluation_of(pruned.data, pruned.length);
    assert_true(before.loss != trained.loss);
    assert_true(after.error == before.error);
    assert_float_equal(after.loss, before.loss, 1e-6);
    assert_true(pruned.length < dead.size);
    hwv_text_free(&pruned);
    patient_free(&dead); /* its bytes are `killed` */
    patient_free(&p);
}

static void test_dead_units_are_not_missed(void **state)
{
    (void)state;
    kill_and_cut("fc 24; act; fc 16; act; fc classes", "fc1.product", "fc1.weight", "fc1.bias");
    kill_and_cut("conv 5 8; act; pool 2; fc 12; act; fc classes", "conv1.product", "conv1.weight", "conv1.bias");
    kill_and_cut("conv 3 8; bn; act; pool 2; conv 3 6; bn; act; fc classes", "conv1", "bn1.weight", "bn1.bias");
    kill_and_cut("conv 3 6; bn; act; res { conv 3 7; bn; act; conv 3 6; bn }; act; gap; fc classes", "conv2",
                 "bn2.weight", "bn2.bias");
}

/* ---- going on --------------------------------------------------------------------------------------- */

static void change_all(patient *p, const char *product)
{
    cut_units(&p->change, product, 0, 3);
    change_act(p, "act1", "prelu(slope=0)");
    change_act(p, "act2", "leaky_relu(slope=0.01)");
    change_norm(p, "act2");
}

/* From `from` to the end, or to `steps` of the whole run, which is written to `to`. */
static void go_on(const char *notation, hwv_optimizer optimizer, size_t threads, size_t steps, const char *from,
                  const char *to, char sha256[65])
{
    hwv_train_options options = options_of(optimizer);
    hwv_train_result result;
    hwv_pool *pool;
    hwv_error error;
    need(hwv_pool_create(&pool, threads, &error), &error, "pool");
    options.executor = hwv_pool_executor(pool);
    options.max_steps = steps;
    options.checkpoint = to;
    need(train(&digits, notation, HWV_OP_RELU, &options, NULL, from, &result, &error), &error, "resume");
    assert_true(isfinite(result.train_loss) && result.train_loss < 2.2);
    assert_string_equal(result.diverged, "");
    memcpy(sha256, result.weights_sha256, 65);
    hwv_train_result_free(&result);
    hwv_pool_destroy(pool);
}

static void resume_and_compare(const char *notation, const char *product, hwv_optimizer optimizer)
{
    patient p;
    hwv_model model;
    hwv_safetensors file;
    hwv_error error;
    char one[65], two[65], cut[65];
    static float slopes[100], moments[100];
    size_t count;
    patient_train(&p, notation, optimizer);
    change_all(&p, product);
    hwv_text changed = changed_of(&p);
    need(hwv_checkpoint_parse(&model, "changed", changed.data, changed.length, &error), &error, "parse");
    file_put(first, changed.data, changed.length);
    go_on(model.notation, optimizer, 1, 0, first, second, one);
    go_on(model.notation, optimizer, 2, 0, first, third, two);
    assert_string_equal(one, two);
    go_on(model.notation, optimizer, 2, 61, first, third, cut);
    assert_string_not_equal(one, cut);
    go_on(model.notation, optimizer, 1, 0, third, third, cut);
    assert_string_equal(one, cut);
    /* Slopes learn. */
    assert_int_equal(hwv_safetensors_read(&file, second, NULL), HWV_OK);
    floats(&file, "act1.slope", slopes, &count);
    floats(&file, "optimizer.moment1.act1.slope", moments, &count);
    for (size_t i = 0; i < count; i++)
        assert_true(slopes[i] != 0 && moments[i] != 0);
    hwv_safetensors_free(&file);
    hwv_model_free(&model);
    hwv_text_free(&changed);
    patient_free(&p);
}

static void test_training_goes_on(void **state)
{
    (void)state;
    static const char *const models[][2] = {
        {"fc 24; act; fc 16; act; fc classes", "fc1.product"},
        {"conv 5 6; act; pool 2; conv 5 8; act; pool 2; fc 12; act; fc classes", "conv2.product"},
        {"conv 3 6; bn; act; conv 3 6; bn; act; pool 2; conv 3 9; bn; act; pool 2; fc classes", "conv2"},
        {"conv 3 6; bn; act; res { conv 3 7 stride 2; bn; act; conv 3 9; bn }; act; gap; fc classes", "conv2"},
    };
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        resume_and_compare(models[i][0], models[i][1], HWV_OPTIMIZER_SGD);
        resume_and_compare(models[i][0], models[i][1], HWV_OPTIMIZER_ADAM);
    }
}

/* ---- what is refused -------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    (void)state;
    patient p;
    hwv_text changed = {0};
    hwv_error error;
    patient_train(&p, "fc 12; act; fc classes", HWV_OPTIMIZER_ADAM);
    cut_units(&p.change, "fc1.product", 0, 1);
    assert_int_equal(hwv_checkpoint_change(&changed, "patient", p.bytes, p.size, &p.change, &error),
                     HWV_ERR_UNSUPPORTED);
    assert_string_equal(error.text,
                        "patient: model: layer 1, column 1: the cut leaves no output; 1 or more are accepted");
    assert_null(changed.data);

    /* A file that is not whole, or was changed. */
    for (size_t cut = 0; cut < p.size; cut += cut < 64 ? 1 : p.size / 97) {
        char *part = malloc(cut + 1);
        memcpy(part, p.bytes, cut);
        assert_int_equal(hwv_checkpoint_change(&changed, "patient", part, cut, &p.change, &error), HWV_ERR_FORMAT);
        assert_null(changed.data);
        free(part);
    }
    p.bytes[p.size - 200] ^= 1;
    assert_int_equal(hwv_checkpoint_change(&changed, "patient", p.bytes, p.size, &p.change, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "patient: the tensors are not those"));
    patient_free(&p);
}

static void test_of_another_checkpoint(void **state)
{
    (void)state;
    patient p, other;
    hwv_text changed = {0};
    hwv_error error;
    patient_train(&p, "fc 12; act; fc classes", HWV_OPTIMIZER_ADAM);
    patient_train(&other, "fc 13; act; fc classes", HWV_OPTIMIZER_ADAM);
    assert_int_equal(hwv_checkpoint_change(&changed, "patient", p.bytes, p.size, &other.change, &error),
                     HWV_ERR_MISMATCH);
    assert_null(changed.data);
    patient_free(&other);
    patient_free(&p);
}

/* A model of an ONNX file has no notation to change. */
static void test_of_a_file(void **state)
{
    (void)state;
    patient p;
    hwv_model written = model_make(&digits, "fc 12; act; fc classes", HWV_OP_RELU), model;
    hwv_model_options about = model_options(&digits, HWV_OP_RELU);
    hwv_train_options options = options_of(HWV_OPTIMIZER_SGD);
    hwv_trainer *trainer;
    hwv_onnx *file;
    hwv_text changed = {0};
    hwv_error error;
    size_t size;
    need(hwv_onnx_export(&written, NULL, second, &error), &error, "export");
    need(hwv_onnx_open(&file, second, &error), &error, "open");
    need(hwv_onnx_model(&model, file, &about, &error), &error, "model");
    need(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), &error, "create");
    need(hwv_trainer_save(trainer, first, &error), &error, "save");
    char *bytes = file_bytes(first, &size);
    patient_take(&p, bytes, size);
    assert_int_equal(hwv_checkpoint_change(&changed, "patient", p.bytes, p.size, &p.change, &error),
                     HWV_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "patient: its model is not of layer notation but of the file"));
    assert_null(changed.data);
    patient_free(&p);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    hwv_onnx_close(file);
    hwv_model_free(&written);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    patient p;
    patient_train(&p, "conv 3 6; act; pool 2; fc 9; act; fc classes", HWV_OPTIMIZER_ADAM);
    change_all(&p, "conv1.product");
    hwv_status status = HWV_ERR_MEMORY;
    size_t failed = 0, live = allocations_live();
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_text changed = {0};
        hwv_error error = {0};
        allocations_fail_at(n);
        status = hwv_checkpoint_change(&changed, "patient", p.bytes, p.size, &p.change, &error);
        allocations_fail_at(0);
        hwv_text_free(&changed);
        assert_int_equal(allocations_live(), live);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_memory_equal(error.text, "patient: ", 9);
            failed++;
        }
    }
    assert_true(failed > 30);
    patient_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_changes_nothing), cmocka_unit_test(test_cut_along),
        cmocka_unit_test(test_names_that_move),         cmocka_unit_test(test_dead_units_are_not_missed),
        cmocka_unit_test(test_training_goes_on),        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_of_another_checkpoint),   cmocka_unit_test(test_of_a_file),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
