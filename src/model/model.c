/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models: the graph around the layers, and its weights. */
#include "halfwave/model.h"
#include "halfwave/text.h"
#include "model/builder.h"
#include "model/notation.h"

#include <stdio.h>
#include <string.h>

/* ---- what layers call ---------------------------------------------------------------------------- */

const hwv_shape *hwv_builder_shape(const hwv_builder *builder)
{
    return &hwv_graph_value(builder->model->graph, builder->value)->shape;
}

void hwv_builder_name(const hwv_builder *builder, hwv_node_kind kind, const char *word, char name[64])
{
    const hwv_graph *graph = builder->model->graph;
    const size_t length = strlen(word);
    size_t number = 1;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        number += node->kind == kind && strncmp(node->name, word, length) == 0 && node->name[length] >= '0' &&
                  node->name[length] <= '9';
    }
    snprintf(name, 64, "%s%zu", word, number);
}

hwv_status hwv_builder_node_of(hwv_builder *builder, hwv_node_kind kind, const char *name,
                               const hwv_node_attributes *attributes, const hwv_id *inputs, size_t count)
{
    return hwv_graph_node(builder->model->graph, kind, name, attributes, inputs, count, &builder->value,
                          builder->error);
}

hwv_status hwv_builder_node(hwv_builder *builder, hwv_node_kind kind, const char *name,
                            const hwv_node_attributes *attributes, hwv_id parameter)
{
    return hwv_builder_node_of(builder, kind, name, attributes, (hwv_id[]){builder->value, parameter},
                               parameter == HWV_NO_ID ? 1 : 2);
}

hwv_status hwv_builder_parameter(hwv_builder *builder, const char *layer, const char *what, const hwv_shape *shape,
                                 bool decay, hwv_id *id)
{
    char name[80];
    snprintf(name, sizeof name, "%s.%s", layer, what);
    return hwv_graph_parameter(builder->model->graph, name, shape, decay, id, builder->error);
}

hwv_status hwv_builder_state(hwv_builder *builder, const char *layer, const char *what, const hwv_shape *shape,
                             hwv_id *id)
{
    char name[80];
    snprintf(name, sizeof name, "%s.%s", layer, what);
    return hwv_graph_state(builder->model->graph, name, shape, id, builder->error);
}

/* ---- the whole ------------------------------------------------------------------------------------ */

/* The notation itself, or the one a zoo name stands for. */
static hwv_status notation_expand(const char **notation, hwv_error *error)
{
    const char *names[HWV_WORDS_MAX];
    char name[64], list[160] = "";
    size_t count = hwv_zoo_count(), used = 0;
    if (!hwv_notation_is_name(*notation))
        return HWV_OK;
    snprintf(name, sizeof name, "%s", *notation + strspn(*notation, " \t\r\n"));
    name[strcspn(name, " \t\r\n")] = '\0';
    for (size_t i = 0; i < count; i++) {
        names[i] = hwv_zoo_name(i);
        if (strcmp(name, names[i]) == 0) {
            *notation = hwv_zoo_notation(i);
            return HWV_OK;
        }
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
        if (used >= sizeof list)
            used = sizeof list - 1;
    }
    for (size_t i = 0; i < hwv_layer_count(); i++)
        names[count++] = hwv_layer_get(i)->word;
    return hwv_fail(error, HWV_ERR_NAME,
                    "unknown model '%s'%s; a model is a name (%s) or layers such as \"fc 32; act; fc 10\"", name,
                    hwv_name_hint(name, names, count).text, list);
}

static hwv_status options_check(const hwv_model_options *options, hwv_error *error)
{
    if (options->rank < 1 || options->rank > 3)
        return hwv_fail(error, HWV_ERR_SHAPE, "model: samples of %zu dimensions; 1 to 3 are accepted", options->rank);
    if (options->classes < 1)
        return hwv_fail(error, HWV_ERR_SHAPE, "model: 0 classes; 1 or more is accepted");
    if ((unsigned)options->norm >= HWV_NORM_COUNT)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "model: no norm has number %d", (int)options->norm);
    return hwv_model_act_check(&options->act, error);
}

/* A model that begins with embed reads tokens, and has a label for each. */
static hwv_status inputs_add(hwv_model *model, bool tokens, hwv_error *error)
{
    const hwv_model_options *options = &model->options;
    hwv_shape x = {.rank = options->rank + 1, .dim = {HWV_BATCH}}, labels = {.rank = 1, .dim = {HWV_BATCH}};
    for (size_t i = 0; i < options->rank; i++)
        x.dim[i + 1] = options->dims[i];
    if (tokens && options->rank != 1)
        return hwv_fail(error, HWV_ERR_SHAPE, "model: embed reads samples of tokens; these have %zu dimensions",
                        options->rank);
    if (tokens)
        labels = x;
    HWV_TRY(hwv_graph_input(model->graph, "x", tokens ? HWV_ELEMENT_I32 : HWV_ELEMENT_F32, &x, &model->input, error));
    return hwv_graph_input(model->graph, "labels", HWV_ELEMENT_I32, &labels, &model->labels, error);
}

static hwv_status loss_add(hwv_model *model, const hwv_builder *builder)
{
    const hwv_shape *shape = hwv_builder_shape(builder);
    hwv_node_attributes attributes = {.smoothing = model->options.smoothing};
    hwv_id inputs[2] = {builder->value, model->labels};
    const size_t rank = hwv_graph_value(model->graph, model->labels)->shape.rank + 1;
    if (shape->rank != rank || shape->dim[rank - 1] != model->options.classes) {
        hwv_text got = {0};
        for (size_t i = 1; i < shape->rank; i++)
            hwv_text_printf(&got, "%s%zu", i > 1 ? "x" : "", shape->dim[i]);
        hwv_status status = hwv_fail(builder->error, HWV_ERR_SHAPE,
                                     "model: layer %zu is the last and has %s outputs, the data has %zu classes%s; "
                                     "accepted is a last layer \"fc %zu\" or \"fc classes\"%s",
                                     builder->layer, got.data ? got.data : "other", model->options.classes,
                                     rank > 2 ? " for each token" : "", model->options.classes,
                                     rank > 2 ? ", or \"unembed\", behind layers that keep a row for each token" : "");
        hwv_text_free(&got);
        return status;
    }
    model->logits = builder->value;
    return hwv_graph_node(model->graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", &attributes, inputs, 2, &model->loss,
                          builder->error);
}

static hwv_status model_fill(hwv_model *model, hwv_layer_places *places, const char *notation, hwv_error *error)
{
    hwv_builder builder = {.model = model,
                           .options = &model->options,
                           .text = notation,
                           .table = HWV_NO_ID,
                           .widened = HWV_NO_ID,
                           .places = places,
                           .error = error};
    hwv_builder first = builder;
    HWV_TRY(options_check(&model->options, error));
    model->notation = hwv_strdup(notation);
    if (model->notation == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a model");
    HWV_TRY(hwv_graph_create(&model->graph, error));
    HWV_TRY(inputs_add(model, hwv_builder_accept(&first, "embed"), error));
    builder.value = model->input;
    HWV_TRY(hwv_notation_read(&builder));
    if (hwv_builder_character(&builder, '}'))
        return hwv_builder_fail(&builder, HWV_ERR_ARGUMENT, builder.at - 1, "a '}' without its '{'");
    HWV_TRY(loss_add(model, &builder));
    return hwv_weights_create(&model->weights, model->graph, error);
}

hwv_status hwv_model_build_placed(hwv_model *model, hwv_layer_places *places, const char *notation,
                                  const hwv_model_options *options, hwv_error *error)
{
    *model = (hwv_model){.options = *options};
    HWV_TRY(notation_expand(&notation, error));
    hwv_status status = model_fill(model, places, notation, error);
    if (status != HWV_OK)
        hwv_model_free(model);
    return status;
}

hwv_status hwv_model_build(hwv_model *model, const char *notation, const hwv_model_options *options, hwv_error *error)
{
    return hwv_model_build_placed(model, NULL, notation, options, error);
}

void hwv_model_free(hwv_model *model)
{
    hwv_weights_destroy(model->weights);
    hwv_graph_destroy(model->graph);
    hwv_free(model->notation);
    hwv_free(model->file);
    *model = (hwv_model){0};
}

size_t hwv_model_parameters(const hwv_model *model)
{
    size_t total = 0;
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        total += value->role == HWV_ROLE_PARAMETER ? hwv_weights_elements(model->weights, (hwv_id)v) : 0;
    }
    return total;
}
