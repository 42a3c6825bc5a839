/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Files as models to be trained on, and written again: the file's own structure with other numbers. */
#include "onnx/tuned.h"

#include <string.h>

#include "halfwave/memory.h"
#include "onnx/model.h"

/* ---- in -------------------------------------------------------------------------------------------- */

static void print_dims(hwv_text *text, const size_t *dim, size_t rank)
{
    for (size_t i = 0; i < rank; i++)
        hwv_text_printf(text, "%s%zu", i > 0 ? " x " : "", dim[i]);
}

static hwv_status refuse_samples(const hwv_onnx *file, const hwv_onnx_port *port, const hwv_model_options *options,
                                 hwv_error *error)
{
    hwv_text sample = {0}, taken = {0};
    print_dims(&sample, options->dims, options->rank);
    for (size_t i = 0; i < port->rank; i++)
        if (port->dim[i] >= 0)
            hwv_text_printf(&taken, "%s%lld", i > 0 ? ", " : "", (long long)port->dim[i]);
        else
            hwv_text_printf(&taken, "%s%.20s", i > 0 ? ", " : "", port->symbol[i] ? port->symbol[i] : "*");
    hwv_status status =
        hwv_fail(error, HWV_ERR_SHAPE, "%s: samples of %s, but the input '%.80s' takes [%s]", file->path,
                 sample.data ? sample.data : "another shape", port->name, taken.data ? taken.data : "");
    hwv_text_free(&sample);
    hwv_text_free(&taken);
    return status;
}

/* The shape of the file's only input for such samples. */
static hwv_status shape_of(hwv_shape *shape, const hwv_onnx *file, const hwv_model_options *options, hwv_error *error)
{
    size_t dim[3] = {options->dims[0], options->dims[1], options->dims[2]};
    if (hwv_onnx_input_count(file) != 1)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: it has %zu inputs; models of one can be trained", file->path,
                        hwv_onnx_input_count(file));
    const hwv_onnx_port port = hwv_onnx_input(file, 0);
    *shape = (hwv_shape){.rank = options->rank + 1, .dim = {HWV_BATCH, dim[0], dim[1], dim[2]}};
    if (!port.shaped)
        return HWV_OK;
    if (options->rank == 3)
        (void)hwv_onnx_fit_channels(&port, dim);
    if (!hwv_onnx_fit(shape, &port, dim, options->rank))
        return refuse_samples(file, &port, options, error);
    shape->dim[0] = HWV_BATCH;
    return HWV_OK;
}

/* The file's network for samples of this shape. It is the same each time, names too. */
static hwv_status import(hwv_network *network, hwv_onnx_trace **trace, const hwv_onnx *file,
                         const hwv_model_options *options, hwv_error *error)
{
    hwv_shape shape;
    HWV_TRY(shape_of(&shape, file, options, error));
    const hwv_onnx_import_options how = {.shapes = &shape, .shape_count = 1, .batched = true, .trace = trace};
    return hwv_onnx_import(network, file, &how, error);
}

/* ---- out ------------------------------------------------------------------------------------------- */

/* Which numbers a file is written with. */
typedef enum numbers {
    NUMBERS_FILE,  /* those it has */
    NUMBERS_MODEL, /* the model's */
    NUMBERS_OTHER  /* none that it has, and for each value its own: two values of one tensor do not agree */
} numbers;

/* The convolution that reads a value as its filters, if they are dilated. */
static const hwv_node *dilated(const hwv_graph *graph, hwv_id id)
{
    for (hwv_id n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, n);
        const size_t *d = node->attributes.dilation;
        if (node->kind == HWV_NODE_CONV2D && node->input[1] == id && (d[0] > 1 || d[1] > 1))
            return node;
    }
    return NULL;
}

/* All but what lies between the taps of a dilated filter, which is not trained. */
static void other_fill(float *data, size_t elements, const hwv_graph *graph, hwv_id id)
{
    const float number = (float)id + 2;
    const hwv_node *node = dilated(graph, id);
    const size_t *kernel = node ? node->attributes.window.kernel : NULL;
    for (size_t i = 0; i < elements; i++)
        if (node == NULL || (i / kernel[1] % kernel[0] % node->attributes.dilation[0] == 0 &&
                             i % kernel[1] % node->attributes.dilation[1] == 0))
            data[i] = data[i] == number ? number + 0.5f : number;
}

/* Parameters and state that the model has too; of the rest nothing is trained. */
static hwv_status change_fill(hwv_change *change, const hwv_model *model, numbers which, hwv_error *error)
{
    const hwv_graph *graph = change->network->graph;
    for (hwv_id id = 0; which != NUMBERS_FILE && id < hwv_graph_value_count(graph); id++) {
        const hwv_value *value = hwv_graph_value(graph, id);
        const hwv_id there = hwv_graph_find(model->graph, value->name);
        if ((value->role != HWV_ROLE_PARAMETER && value->role != HWV_ROLE_STATE) || there == HWV_NO_ID)
            continue;
        const size_t elements = hwv_weights_elements(change->network->weights, id);
        float *data = hwv_change_data(change, id);
        if (data == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the weights of %s", change->network->name);
        if (which == NUMBERS_MODEL)
            memcpy(data, hwv_weights_data(model->weights, there), elements * sizeof *data);
        else
            other_fill(data, elements, graph, id);
    }
    return HWV_OK;
}

/* Appends the file with such numbers; nothing lies beside it any more. */
static hwv_status rewrite(hwv_text *bytes, const hwv_onnx *file, const hwv_model *model, numbers which,
                          hwv_error *error)
{
    hwv_network network;
    hwv_onnx_trace *trace = NULL;
    hwv_change change = {0};
    HWV_TRY(import(&network, &trace, file, &model->options, error));
    hwv_status status = hwv_change_create(&change, &network, error);
    if (status == HWV_OK)
        status = change_fill(&change, model, which, error);
    if (status == HWV_OK)
        status = hwv_onnx_change(bytes, file, trace, &change, true, error);
    hwv_change_free(&change);
    hwv_onnx_trace_free(trace);
    hwv_network_free(&network);
    return status;
}

hwv_status hwv_onnx_tuned(hwv_text *bytes, const hwv_model *model, hwv_error *error)
{
    hwv_onnx *file;
    if (model->file == NULL)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "a network without its file cannot be written");
    HWV_TRY(hwv_onnx_parse(&file, model->notation, model->file, model->file_bytes, error));
    hwv_status status = rewrite(bytes, file, model, NUMBERS_MODEL, error);
    hwv_onnx_close(file);
    return status;
}

/* ---- the model ------------------------------------------------------------------------------------- */

/* Whether all that is trained can be written, which is better known before: shared or computed weights cannot. */
static hwv_status writable(const hwv_onnx *file, const hwv_model *model, hwv_error *error)
{
    hwv_text bytes = {0};
    hwv_status status = rewrite(&bytes, file, model, NUMBERS_OTHER, error);
    hwv_text_free(&bytes);
    return status == HWV_ERR_UNSUPPORTED ? hwv_fail_prefix(error, status, "weights could not be written again: ")
                                         : status;
}

static hwv_status finish(hwv_model *model, const hwv_onnx *file, hwv_error *error)
{
    hwv_text bytes = {0};
    HWV_TRY(writable(file, model, error));
    hwv_status status = rewrite(&bytes, file, model, NUMBERS_FILE, error);
    model->file = (unsigned char *)bytes.data;
    model->file_bytes = bytes.length;
    return status;
}

hwv_status hwv_onnx_model(hwv_model *model, const hwv_onnx *file, const hwv_model_options *options, hwv_error *error)
{
    hwv_network network;
    *model = (hwv_model){0};
    HWV_TRY(import(&network, NULL, file, options, error));
    hwv_status status = hwv_model_of_network(model, &network, options, error);
    hwv_network_free(&network);
    if (status == HWV_OK)
        status = finish(model, file, error);
    if (status != HWV_OK)
        hwv_model_free(model);
    return status;
}
