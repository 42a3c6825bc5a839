/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Patients for tests: files in the scratch folder, from layer notation. Included after cmocka.h. */
#ifndef TESTS_CHECK_PATIENTS_H
#define TESTS_CHECK_PATIENTS_H

#include "scratch.h"
#include "support.h"

#include "halfwave/train.h"

/* Killed units of a layer: their bias is -60. */
typedef struct killed {
    const char *bias;
    size_t units[4], count;
} killed;

static inline void units_kill(hwv_graph *graph, hwv_weights *weights, const killed *layers, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        float *bias = hwv_weights_data(weights, hwv_graph_find(graph, layers[k].bias));
        assert_non_null(bias);
        for (size_t u = 0; u < layers[k].count; u++)
            bias[layers[k].units[u]] = -60;
    }
}

/* An ONNX file of a model with He's weights, and biases that keep its units alive. */
static inline const char *onnx_file(const char *name, const char *notation, size_t rank, const size_t *dims,
                                    size_t classes, const killed *layers, size_t count)
{
    hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = rank, .classes = classes};
    const char *path = scratch_path(name);
    hwv_model model;
    hwv_error error;
    memcpy(options.dims, dims, rank * sizeof *dims);
    must(hwv_model_build(&model, notation, &options, &error), &error);
    hwv_model_initialise(&model, HWV_INIT_HE, 4);
    for (hwv_id v = 0; v < hwv_graph_value_count(model.graph); v++) {
        const hwv_value *value = hwv_graph_value(model.graph, v);
        for (size_t u = 0; value->role == HWV_ROLE_PARAMETER && value->shape.rank == 1 && u < value->shape.dim[0]; u++)
            hwv_weights_data(model.weights, v)[u] = 1;
    }
    units_kill(model.graph, model.weights, layers, count);
    must(hwv_onnx_export(&model, NULL, path, &error), &error);
    hwv_model_free(&model);
    return path;
}

/* A checkpoint of a few steps of Adam on the digits. */
static inline const char *checkpoint_file(const char *name, const char *notation, size_t steps)
{
    hwv_train_options options = hwv_train_defaults();
    const char *path = scratch_path(name);
    hwv_train_result result;
    hwv_trainer *trainer;
    hwv_model model;
    hwv_data data;
    hwv_error error;
    options.max_steps = steps;
    options.optimizer.optimizer = HWV_OPTIMIZER_ADAM;
    options.optimizer.lr = 0.03;
    options.checkpoint = path;
    must(hwv_data_open(&data, "digits", &error), &error);
    hwv_model_options of = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = data.rank, .classes = data.classes};
    memcpy(of.dims, data.dims, sizeof of.dims);
    must(hwv_model_build(&model, notation, &of, &error), &error);
    must(hwv_trainer_create(&trainer, &model, &data, &options, NULL, &error), &error);
    must(hwv_trainer_run(trainer, &result, &error), &error);
    hwv_trainer_destroy(trainer);
    hwv_train_result_free(&result);
    hwv_model_free(&model);
    hwv_data_close(&data);
    return path;
}

static inline hwv_patient *onnx_patient(const char *path)
{
    const hwv_onnx_import_options options = {.batched = true};
    hwv_patient *patient;
    hwv_error error;
    must(hwv_patient_open_onnx(&patient, path, &options, &error), &error);
    return patient;
}

static inline hwv_patient *checkpoint_patient(const char *path)
{
    hwv_patient *patient;
    hwv_error error;
    must(hwv_patient_open_checkpoint(&patient, path, &error), &error);
    return patient;
}

/* All bytes of a file, to be freed. */
static inline char *bytes_of(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = hwv_calloc(*size + 1, 1);
    assert_true(bytes && fread(bytes, 1, *size, file) == *size);
    fclose(file);
    return bytes;
}

static inline bool same_bytes(const char *a, const char *b)
{
    size_t of_a, of_b;
    char *x = bytes_of(a, &of_a), *y = bytes_of(b, &of_b);
    const bool same = of_a == of_b && memcmp(x, y, of_a) == 0;
    hwv_free(x);
    hwv_free(y);
    return same;
}

/* A change that swaps the activation of layer l. */
static inline hwv_change swapped(const hwv_network *network, size_t l, hwv_op op, float parameter)
{
    hwv_change change;
    hwv_act act = hwv_act_make(op);
    hwv_error error;
    act.param[0] = parameter;
    must(hwv_change_create(&change, network, &error), &error);
    must(hwv_change_act(&change, network->layers[l].node, &act, &error), &error);
    return change;
}

static inline hwv_op op_of(const hwv_network *network, size_t l)
{
    return hwv_graph_node_at(network->graph, network->layers[l].node)->attributes.act.op;
}

#endif
