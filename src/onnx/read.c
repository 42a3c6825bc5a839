/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ModelProto and GraphProto: opening, parsing and closing. */
#include "onnx/read.h"

#include <string.h>

#include "halfwave/memory.h"

enum { MODEL_IR = 1, MODEL_PRODUCER = 2, MODEL_PRODUCER_VERSION = 3, MODEL_GRAPH = 7, MODEL_OPSET = 8 };
enum { MODEL_METADATA = 14, MODEL_FUNCTIONS = 25 };
enum { OPSET_DOMAIN = 1, OPSET_VERSION = 2 };
enum {
    GRAPH_NODE = 1,
    GRAPH_NAME = 2,
    GRAPH_INITIALISER = 5,
    GRAPH_INPUT = 11,
    GRAPH_OUTPUT = 12,
    GRAPH_VALUE = 13,
    GRAPH_SPARSE = 15
};

/* Structures take at most this much per byte of the file, beyond a start. Real files need at most 18: a value takes 320
 * bytes and is said in 18 or more. */
enum { BYTES_PER_BYTE = 32, BYTES_AT_LEAST = 1 << 16 };

typedef struct owner {
    hwv_onnx model;
    hwv_onnx_storage storage;
} owner;

/* ---- the graph ----------------------------------------------------------------------------------- */

/* Arrays of the graph, being filled. */
typedef struct lists {
    hwv_onnx_node *nodes;
    hwv_onnx_tensor *initialisers;
    hwv_onnx_value *inputs, *outputs, *values;
} lists;

static hwv_status read_value(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *list, size_t *count)
{
    return hwv_onnx_read_value(reader, message, &list[(*count)++]);
}

/* One field that is a message. */
static hwv_status read_entry(hwv_onnx_reader *reader, uint32_t number, hwv_proto message, const lists *to)
{
    hwv_onnx *model = reader->model;
    switch (number) {
    case GRAPH_NODE:
        return hwv_onnx_read_node(reader, message, &to->nodes[model->node_count++]);
    case GRAPH_INITIALISER:
        return hwv_onnx_read_tensor(reader, message, &to->initialisers[model->initialiser_count++]);
    case GRAPH_INPUT:
        return read_value(reader, message, to->inputs, &model->input_count);
    case GRAPH_OUTPUT:
        return read_value(reader, message, to->outputs, &model->output_count);
    default:
        return read_value(reader, message, to->values, &model->value_count);
    }
}

static hwv_status take_lists(hwv_onnx_reader *reader, const size_t *counts, lists *to)
{
    hwv_onnx *model = reader->model;
    HWV_TRY(hwv_onnx_take(reader, counts[GRAPH_NODE], sizeof *to->nodes, &to->nodes));
    HWV_TRY(hwv_onnx_take(reader, counts[GRAPH_INITIALISER], sizeof *to->initialisers, &to->initialisers));
    HWV_TRY(hwv_onnx_take(reader, counts[GRAPH_INPUT], sizeof *to->inputs, &to->inputs));
    HWV_TRY(hwv_onnx_take(reader, counts[GRAPH_OUTPUT], sizeof *to->outputs, &to->outputs));
    HWV_TRY(hwv_onnx_take(reader, counts[GRAPH_VALUE], sizeof *to->values, &to->values));
    model->nodes = to->nodes;
    model->initialisers = to->initialisers;
    model->inputs = to->inputs;
    model->outputs = to->outputs;
    model->values = to->values;
    model->sparse_initialisers = counts[GRAPH_SPARSE] > 0;
    return HWV_OK;
}

static hwv_status read_graph(hwv_onnx_reader *reader, hwv_proto message)
{
    size_t counts[HWV_PROTO_COUNTED];
    lists to;
    reader->model->graph_offset = message.at;
    reader->model->graph_length = message.end - message.at;
    HWV_TRY(hwv_proto_count(message, counts));
    HWV_TRY(take_lists(reader, counts, &to));
    while (message.at < message.end) {
        hwv_proto_field field;
        hwv_proto inner;
        HWV_TRY(hwv_proto_next(&message, &field));
        switch (field.number) {
        case GRAPH_NAME:
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "the graph's name", &reader->model->graph_name));
            break;
        case GRAPH_NODE:
        case GRAPH_INITIALISER:
        case GRAPH_INPUT:
        case GRAPH_OUTPUT:
        case GRAPH_VALUE:
            HWV_TRY(hwv_proto_enter(&message, &field, "an entry of the graph", &inner));
            HWV_TRY(read_entry(reader, field.number, inner, &to));
            break;
        default:
            break;
        }
    }
    return HWV_OK;
}

/* ---- the model ----------------------------------------------------------------------------------- */

static hwv_status read_opset(hwv_onnx_reader *reader, hwv_proto message)
{
    const char *domain = "";
    int64_t version = 1;
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == OPSET_DOMAIN)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a domain", &domain));
        else if (field.number == OPSET_VERSION)
            HWV_TRY(hwv_onnx_read_int(&message, &field, "an opset", &version));
    }
    if (domain[0] == 0 || strcmp(domain, "ai.onnx") == 0)
        reader->model->opset = version;
    return HWV_OK;
}

/* A field other than the graph. */
static hwv_status read_detail(hwv_onnx_reader *reader, const hwv_proto *message, const hwv_proto_field *field)
{
    hwv_onnx *model = reader->model;
    hwv_proto inner;
    switch (field->number) {
    case MODEL_IR:
        return hwv_onnx_read_int(message, field, "the format's version", &model->ir_version);
    case MODEL_PRODUCER:
        return hwv_onnx_read_text(reader, message, field, "the producer's name", &model->producer);
    case MODEL_PRODUCER_VERSION:
        return hwv_onnx_read_text(reader, message, field, "the producer's version", &model->producer_version);
    case MODEL_OPSET:
        HWV_TRY(hwv_proto_enter(message, field, "an opset", &inner));
        return read_opset(reader, inner);
    case MODEL_METADATA:
        HWV_TRY(hwv_proto_enter(message, field, "an entry of the metadata", &inner));
        return hwv_onnx_read_metadata(reader, inner);
    case MODEL_FUNCTIONS:
        model->functions = true;
        return HWV_OK;
    default:
        return HWV_OK;
    }
}

static hwv_status read_model(hwv_onnx_reader *reader)
{
    hwv_onnx *model = reader->model;
    hwv_proto message = {model->bytes, 0, model->size, reader->error}, graph = {0};
    size_t counts[HWV_PROTO_COUNTED];
    HWV_TRY(hwv_proto_count(message, counts));
    if (counts[MODEL_GRAPH] != 1)
        return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: %zu graphs, one is expected (is it an ONNX file?)",
                        model->size, counts[MODEL_GRAPH]);
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == MODEL_GRAPH)
            HWV_TRY(hwv_proto_enter(&message, &field, "the graph", &graph));
        else
            HWV_TRY(read_detail(reader, &message, &field));
    }
    /* Required since version 3; a file that was cut off after its graph shows here. */
    if (model->ir_version >= 3 && counts[MODEL_OPSET] == 0)
        return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: the file ends without saying its opset",
                        model->size);
    HWV_TRY(read_graph(reader, graph));
    return hwv_onnx_index(reader);
}

/* ---- opening and closing ------------------------------------------------------------------------- */

static hwv_status begin(hwv_onnx **file, const char *name, hwv_error *error)
{
    owner *own = hwv_calloc(1, sizeof *own + strlen(name) + 1);
    *file = NULL;
    if (!own)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to read it", name);
    char *path = (char *)(own + 1);
    memcpy(path, name, strlen(name));
    own->model = (hwv_onnx){
        .path = path, .opset = 1, .producer = "", .producer_version = "", .graph_name = "", .storage = &own->storage};
    *file = &own->model;
    return HWV_OK;
}

static hwv_status parse(hwv_onnx **file, const void *bytes, size_t size, bool beside, hwv_error *error)
{
    hwv_onnx *model = *file;
    hwv_onnx_reader reader = {model, model->storage, beside, error};
    size_t bound;
    model->bytes = bytes;
    model->size = size;
    reader.storage->bound =
        hwv_size_mul(size, BYTES_PER_BYTE, &bound) && hwv_size_add(bound, BYTES_AT_LEAST, &bound) ? bound : SIZE_MAX;
    hwv_status status = read_model(&reader);
    if (status == HWV_OK)
        return HWV_OK;
    status = hwv_fail_prefix(error, status, "%s: ", model->path);
    hwv_onnx_close(model);
    *file = NULL;
    return status;
}

hwv_status hwv_onnx_open(hwv_onnx **file, const char *path, hwv_error *error)
{
    HWV_TRY(begin(file, path, error));
    hwv_file *content = &(*file)->storage->file;
    hwv_status status = hwv_file_map(content, path, 0, error);
    if (status == HWV_OK)
        return parse(file, content->data, content->size, true, error);
    hwv_onnx_close(*file);
    *file = NULL;
    return status;
}

hwv_status hwv_onnx_parse(hwv_onnx **file, const char *name, const void *bytes, size_t size, hwv_error *error)
{
    HWV_TRY(begin(file, name, error));
    return parse(file, bytes, size, false, error);
}

hwv_status hwv_onnx_parse_beside(hwv_onnx **file, const char *path, const void *bytes, size_t size, hwv_error *error)
{
    HWV_TRY(begin(file, path, error));
    return parse(file, bytes, size, true, error);
}

void hwv_onnx_close(hwv_onnx *file)
{
    if (!file)
        return;
    hwv_onnx_storage_free(file->storage);
    hwv_free(file); /* the first member of its owner */
}
