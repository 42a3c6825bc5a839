/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Writing a changed file: field by field in the file's order, copied as it lies but for what is changed. */
#include "onnx/change.h"

#include <string.h>

enum { TENSOR_EXTERNAL = 13, TENSOR_LOCATION = 14 };

/* The message at an offset of the file, which was read before: its fields are sound. */
static hwv_proto message_at(const hwv_edit *edit, size_t offset, size_t length)
{
    return (hwv_proto){edit->file->bytes, offset, offset + length, edit->error};
}

/* The next field; false at the end. */
static bool next(hwv_proto *message, hwv_proto_field *field)
{
    return message->at < message->end && hwv_proto_next(message, field) == HWV_OK;
}

static void copy(hwv_text *text, const hwv_proto *message, const hwv_proto_field *field)
{
    hwv_text_add(text, (const char *)message->bytes + field->offset, message->at - field->offset);
}

static void append(hwv_text *text, const hwv_text *more)
{
    hwv_text_add(text, more->data ? more->data : "", more->length);
}

/* ---- tensors -------------------------------------------------------------------------------------- */

static bool is_external(const hwv_edit *edit, const hwv_onnx_tensor *tensor)
{
    hwv_proto message = message_at(edit, tensor->offset, tensor->length);
    hwv_proto_field field;
    bool external = false;
    while (next(&message, &field))
        if (field.number == TENSOR_LOCATION)
            external = field.value == 1;
    return external;
}

/* Whether a field of a tensor says its shape or holds its numbers, however. */
static bool is_content(uint32_t number)
{
    return number == HWV_TENSOR_DIMS || (number >= 4 && number <= 7) || (number >= HWV_TENSOR_RAW && number <= 11) ||
           number == TENSOR_EXTERNAL || number == TENSOR_LOCATION;
}

static void write_tensor(const hwv_edit *edit, hwv_text *text, uint32_t number, const hwv_onnx_tensor *tensor,
                         const hwv_edit_tensor *to)
{
    hwv_proto message = message_at(edit, tensor->offset, tensor->length);
    hwv_proto_field field;
    size_t begin = hwv_proto_begin(text, number);
    for (size_t d = 0; d < to->rank; d++)
        hwv_proto_write_int(text, HWV_TENSOR_DIMS, (int64_t)to->dim[d]);
    while (next(&message, &field))
        if (!is_content(field.number))
            copy(text, &message, &field);
    hwv_proto_write_bytes(text, HWV_TENSOR_RAW, to->data, to->bytes);
    hwv_proto_end(text, begin);
}

/* What a tensor becomes: changed, or taken into the file. False: it stays. */
static bool tensor_becomes(const hwv_edit *edit, const hwv_edit_tensor *changed, bool embed,
                           const hwv_onnx_tensor *tensor, hwv_edit_tensor *to)
{
    if (changed) {
        *to = *changed;
        return true;
    }
    if (!embed || tensor->data == NULL || !is_external(edit, tensor))
        return false;
    *to = (hwv_edit_tensor){
        .rank = tensor->rank, .data = tensor->data, .bytes = tensor->elements * hwv_onnx_type_bytes(tensor->type)};
    memcpy(to->dim, tensor->dim, sizeof to->dim);
    return true;
}

/* ---- nodes ---------------------------------------------------------------------------------------- */

/* The tensor of attribute a of a node, where it becomes another. */
static bool attribute_becomes(const hwv_edit *edit, size_t n, size_t a, bool embed, hwv_edit_tensor *to)
{
    const hwv_onnx_attribute *attribute = &edit->file->nodes[n].attributes[a];
    const size_t number = edit->file->initialiser_count + n;
    if (attribute->type != HWV_ONNX_ATTRIBUTE_TENSOR)
        return false;
    const hwv_edit_tensor *changed =
        attribute->tensor == hwv_edit_tensor_at(edit, number) ? edit->tensors[number] : NULL;
    return tensor_becomes(edit, changed, embed, attribute->tensor, to);
}

static bool node_becomes(const hwv_edit *edit, size_t n, bool embed)
{
    hwv_edit_tensor to;
    bool becomes = edit->nodes[n] != NULL;
    for (size_t a = 0; !becomes && a < edit->file->nodes[n].attribute_count; a++)
        becomes = attribute_becomes(edit, n, a, embed, &to);
    return becomes;
}

static void write_attribute(const hwv_edit *edit, hwv_text *text, hwv_proto message, const hwv_onnx_tensor *tensor,
                            const hwv_edit_tensor *to)
{
    hwv_proto_field field;
    size_t begin = hwv_proto_begin(text, HWV_NODE_ATTRIBUTE_FIELD);
    while (next(&message, &field)) {
        if (field.number == HWV_ATTRIBUTE_TENSOR && field.at == tensor->offset)
            write_tensor(edit, text, HWV_ATTRIBUTE_TENSOR, tensor, to);
        else
            copy(text, &message, &field);
    }
    hwv_proto_end(text, begin);
}

static void write_names(hwv_text *text, uint32_t number, const char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hwv_proto_write_text(text, number, names[i]);
}

static bool is_left_out(const hwv_edit_node *node, const char *name)
{
    for (size_t i = 0; i < sizeof node->without / sizeof node->without[0]; i++)
        if (node->without[i] && strcmp(node->without[i], name) == 0)
            return true;
    return node->op != NULL;
}

static void write_node(const hwv_edit *edit, hwv_text *text, size_t n, bool embed)
{
    static const hwv_edit_node same;
    const hwv_onnx_node *node = &edit->file->nodes[n];
    const hwv_edit_node *to = edit->nodes[n] ? edit->nodes[n] : &same;
    hwv_proto message = message_at(edit, node->offset, node->length);
    hwv_proto_field field;
    hwv_edit_tensor tensor;
    size_t attribute = 0;
    bool inputs = false, outputs = false;
    append(text, &to->before);
    if (to->replaced)
        return;
    size_t begin = hwv_proto_begin(text, HWV_GRAPH_NODE);
    while (next(&message, &field)) {
        if (field.number == HWV_NODE_INPUT_FIELD && to->inputs) {
            write_names(text, field.number, to->inputs, inputs ? 0 : to->input_count);
            inputs = true;
        } else if (field.number == HWV_NODE_OUTPUT_FIELD && to->outputs) {
            write_names(text, field.number, to->outputs, outputs ? 0 : to->output_count);
            outputs = true;
        } else if (field.number == HWV_NODE_OP_FIELD && to->op) {
            hwv_proto_write_text(text, HWV_NODE_OP_FIELD, to->op);
        } else if (field.number == HWV_NODE_ATTRIBUTE_FIELD) {
            size_t a = attribute++;
            if (is_left_out(to, node->attributes[a].name))
                continue;
            if (attribute_becomes(edit, n, a, embed, &tensor))
                write_attribute(edit, text, message_at(edit, field.at, field.length), node->attributes[a].tensor,
                                &tensor);
            else
                copy(text, &message, &field);
        } else {
            copy(text, &message, &field);
        }
    }
    append(text, &to->attributes);
    hwv_proto_end(text, begin);
    append(text, &to->after);
}

/* ---- values --------------------------------------------------------------------------------------- */

/* Fields on the way from a ValueInfoProto to the length of a dimension. */
static const uint32_t way[] = {2, 1, 2, 1, 1};
enum { WAY_DIMENSION = 3, WAY_LENGTH = 4 };

static void write_way(hwv_text *text, uint32_t number, hwv_proto message, size_t step, const hwv_shape *shape,
                      size_t *dimension)
{
    hwv_proto_field field;
    size_t begin = hwv_proto_begin(text, number);
    while (next(&message, &field)) {
        bool on = field.number == way[step];
        if (on && step < WAY_LENGTH && field.wire == HWV_PROTO_LENGTH) {
            write_way(text, field.number, (hwv_proto){message.bytes, field.at, field.at + field.length, message.error},
                      step + 1, shape, dimension);
            *dimension += step == WAY_DIMENSION;
        } else if (on && step == WAY_LENGTH && *dimension < shape->rank && shape->dim[*dimension] != HWV_BATCH &&
                   (int64_t)field.value > 0) {
            hwv_proto_write_int(text, field.number, (int64_t)shape->dim[*dimension]);
        } else {
            copy(text, &message, &field);
        }
    }
    hwv_proto_end(text, begin);
}

/* The shape that a value is to be declared with, where the file says another. */
static const hwv_shape *value_becomes(const hwv_edit *edit, const hwv_onnx_value *value)
{
    uint32_t number = hwv_import_names_find(&edit->walk.names, value->name);
    const hwv_shape *shape = number == HWV_IMPORT_NO_NAME ? NULL : edit->shapes[number];
    bool differs = false;
    if (shape == NULL || !value->port.shaped || value->port.rank != shape->rank)
        return NULL;
    for (size_t d = 0; d < shape->rank; d++)
        differs = differs || (value->port.dim[d] > 0 && shape->dim[d] != HWV_BATCH &&
                              (uint64_t)value->port.dim[d] != shape->dim[d]);
    return differs ? shape : NULL;
}

static bool write_value(const hwv_edit *edit, hwv_text *text, uint32_t number, const hwv_onnx_value *value)
{
    const hwv_shape *shape = value_becomes(edit, value);
    size_t dimension = 0;
    if (shape == NULL)
        return false;
    write_way(text, number, message_at(edit, value->offset, value->length), 0, shape, &dimension);
    return true;
}

/* ---- the graph ------------------------------------------------------------------------------------ */

/* How many of each were written. */
typedef struct counts {
    size_t nodes, initialisers, inputs, outputs, values;
} counts;

static bool write_initialiser(const hwv_edit *edit, hwv_text *text, size_t i, bool embed)
{
    hwv_edit_tensor to;
    if (!tensor_becomes(edit, edit->tensors[i], embed, &edit->file->initialisers[i], &to))
        return false;
    write_tensor(edit, text, HWV_GRAPH_INITIALISER, &edit->file->initialisers[i], &to);
    return true;
}

/* A field that is written anew; false: it is to be copied. */
static bool write_field(const hwv_edit *edit, hwv_text *text, uint32_t number, counts *done, bool embed)
{
    const hwv_onnx *file = edit->file;
    switch (number) {
    case HWV_GRAPH_NODE:
        if (!node_becomes(edit, done->nodes++, embed))
            return false;
        write_node(edit, text, done->nodes - 1, embed);
        return true;
    case HWV_GRAPH_INITIALISER:
        return write_initialiser(edit, text, done->initialisers++, embed);
    case HWV_GRAPH_INPUT:
        return write_value(edit, text, number, &file->inputs[done->inputs++]);
    case HWV_GRAPH_OUTPUT:
        return write_value(edit, text, number, &file->outputs[done->outputs++]);
    case HWV_GRAPH_VALUE:
        return write_value(edit, text, number, &file->values[done->values++]);
    default:
        return false;
    }
}

static void write_graph(const hwv_edit *edit, hwv_text *text, bool embed)
{
    const hwv_onnx *file = edit->file;
    hwv_proto message = message_at(edit, file->graph_offset, file->graph_length);
    hwv_proto_field field;
    counts done = {0};
    size_t begin = hwv_proto_begin(text, HWV_MODEL_GRAPH);
    while (next(&message, &field)) {
        if (!write_field(edit, text, field.number, &done, embed))
            copy(text, &message, &field);
        if (field.number == HWV_GRAPH_INITIALISER && done.initialisers == file->initialiser_count)
            append(text, &edit->initialisers);
        if (field.number == HWV_GRAPH_INPUT && done.inputs == file->input_count)
            append(text, &edit->inputs);
    }
    if (file->initialiser_count == 0)
        append(text, &edit->initialisers);
    if (file->input_count == 0)
        append(text, &edit->inputs);
    hwv_proto_end(text, begin);
}

hwv_status hwv_edit_write(hwv_edit *edit, bool embed, hwv_text *bytes)
{
    hwv_proto message = message_at(edit, 0, edit->file->size);
    hwv_proto_field field;
    while (next(&message, &field)) {
        if (field.number == HWV_MODEL_GRAPH)
            write_graph(edit, bytes, embed);
        else
            copy(bytes, &message, &field);
    }
    return bytes->failed ? hwv_edit_memory(edit) : HWV_OK;
}
