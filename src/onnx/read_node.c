/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * NodeProto and AttributeProto. */
#include <string.h>

#include "onnx/read.h"

enum { NODE_INPUT = 1, NODE_OUTPUT = 2, NODE_NAME = 3, NODE_OP = 4, NODE_ATTRIBUTE = 5, NODE_DOMAIN = 7 };
enum {
    ATTRIBUTE_NAME = 1,
    ATTRIBUTE_FLOAT = 2,
    ATTRIBUTE_INT = 3,
    ATTRIBUTE_STRING = 4,
    ATTRIBUTE_TENSOR = 5,
    ATTRIBUTE_GRAPH = 6,
    ATTRIBUTE_FLOATS = 7,
    ATTRIBUTE_INTS = 8,
    ATTRIBUTE_STRINGS = 9,
    ATTRIBUTE_TYPE = 20
};

/* ---- attributes ---------------------------------------------------------------------------------- */

/* Bytes, which need not be UTF-8, with a NUL behind them. */
static hwv_status read_bytes(hwv_onnx_reader *reader, const hwv_proto *message, const hwv_proto_field *field,
                             const char **bytes)
{
    char *copy;
    HWV_TRY(hwv_proto_expect(message, field, HWV_PROTO_LENGTH, "an attribute's string"));
    HWV_TRY(hwv_onnx_take(reader, field->length + 1, 1, &copy));
    if (field->length)
        memcpy(copy, message->bytes + field->at, field->length);
    *bytes = copy;
    return HWV_OK;
}

/* How many numbers all fields of this number have. */
static hwv_status count_numbers(hwv_proto message, uint32_t number, hwv_proto_wire wire, const char *what,
                                size_t *count)
{
    *count = 0;
    while (message.at < message.end) {
        hwv_proto_field field;
        size_t here;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != number)
            continue;
        HWV_TRY(hwv_proto_numbers(&message, &field, wire, what, &here));
        *count += here; /* at most the bytes of the file */
    }
    return HWV_OK;
}

/* All of them, as 64 bits each. */
static hwv_status read_numbers(hwv_onnx_reader *reader, hwv_proto message, uint32_t number, hwv_proto_wire wire,
                               const char *what, uint64_t **values, size_t *count)
{
    size_t done = 0;
    HWV_TRY(count_numbers(message, number, wire, what, count));
    HWV_TRY(hwv_onnx_take(reader, *count, sizeof **values, values));
    while (message.at < message.end) {
        hwv_proto_field field;
        size_t here;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != number)
            continue;
        HWV_TRY(hwv_proto_numbers(&message, &field, wire, what, &here));
        if (here > 0)
            HWV_TRY(hwv_proto_read_numbers(&message, &field, wire, *values + done));
        done += here;
    }
    return HWV_OK;
}

static hwv_status read_ints(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_attribute *attribute)
{
    uint64_t *bits;
    HWV_TRY(read_numbers(reader, message, ATTRIBUTE_INTS, HWV_PROTO_VARINT, "an attribute's integers", &bits,
                         &attribute->count));
    attribute->ints = (const int64_t *)bits; /* the two types may alias */
    return HWV_OK;
}

static hwv_status read_floats(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_attribute *attribute)
{
    uint64_t *bits;
    float *floats;
    HWV_TRY(read_numbers(reader, message, ATTRIBUTE_FLOATS, HWV_PROTO_FIXED32, "an attribute's floats", &bits,
                         &attribute->count));
    HWV_TRY(hwv_onnx_take(reader, attribute->count, sizeof *floats, &floats));
    for (size_t i = 0; i < attribute->count; i++)
        floats[i] = hwv_proto_float(bits[i]);
    attribute->floats = floats;
    return HWV_OK;
}

static hwv_status read_strings(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_attribute *attribute, size_t count)
{
    const char **strings;
    HWV_TRY(hwv_onnx_take(reader, count, sizeof *strings, &strings));
    attribute->strings = strings;
    attribute->count = 0;
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == ATTRIBUTE_STRINGS)
            HWV_TRY(
                hwv_onnx_read_text(reader, &message, &field, "an attribute's string", &strings[attribute->count++]));
    }
    return HWV_OK;
}

static hwv_status read_attribute_tensor(hwv_onnx_reader *reader, const hwv_proto *message, const hwv_proto_field *field,
                                        hwv_onnx_attribute *attribute)
{
    hwv_onnx_tensor *tensor;
    hwv_proto inner;
    HWV_TRY(hwv_proto_enter(message, field, "an attribute's tensor", &inner));
    HWV_TRY(hwv_onnx_take(reader, 1, sizeof *tensor, &tensor));
    HWV_TRY(hwv_onnx_read_tensor(reader, inner, tensor));
    attribute->tensor = tensor;
    return HWV_OK;
}

/* The one value of the attribute's type; others that a strange file may have beside it are left alone. */
static hwv_status read_single(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_attribute *attribute)
{
    static const uint32_t number[] = {[HWV_ONNX_ATTRIBUTE_FLOAT] = ATTRIBUTE_FLOAT,
                                      [HWV_ONNX_ATTRIBUTE_INT] = ATTRIBUTE_INT,
                                      [HWV_ONNX_ATTRIBUTE_STRING] = ATTRIBUTE_STRING,
                                      [HWV_ONNX_ATTRIBUTE_TENSOR] = ATTRIBUTE_TENSOR};
    size_t start = message.at;
    if (attribute->type == HWV_ONNX_ATTRIBUTE_STRING)
        attribute->s = ""; /* a value of zero need not be written */
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != number[attribute->type])
            continue;
        switch (field.number) {
        case ATTRIBUTE_FLOAT:
            HWV_TRY(hwv_proto_expect(&message, &field, HWV_PROTO_FIXED32, "an attribute's float"));
            attribute->f = hwv_proto_float(field.value);
            break;
        case ATTRIBUTE_INT:
            HWV_TRY(hwv_onnx_read_int(&message, &field, "an attribute's integer", &attribute->i));
            break;
        case ATTRIBUTE_STRING:
            HWV_TRY(read_bytes(reader, &message, &field, &attribute->s));
            attribute->count = field.length;
            break;
        default:
            HWV_TRY(read_attribute_tensor(reader, &message, &field, attribute));
        }
    }
    if (attribute->type == HWV_ONNX_ATTRIBUTE_TENSOR && !attribute->tensor)
        return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: attribute '%.80s' has no tensor", start,
                        attribute->name);
    return HWV_OK;
}

/* Name and type; what old files do not say follows from what is there. */
static hwv_status read_head(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_attribute *attribute,
                            size_t counts[HWV_PROTO_COUNTED])
{
    int64_t type = 0;
    HWV_TRY(hwv_proto_count(message, counts));
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == ATTRIBUTE_NAME)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "an attribute's name", &attribute->name));
        else if (field.number == ATTRIBUTE_TYPE)
            HWV_TRY(hwv_onnx_read_int(&message, &field, "an attribute's type", &type));
    }
    /* The types of 1 to 8 have the fields 2 to 9. */
    for (int t = HWV_ONNX_ATTRIBUTE_FLOAT; type == 0 && t <= HWV_ONNX_ATTRIBUTE_STRINGS; t++)
        if (counts[t + 1])
            type = t;
    attribute->type =
        type >= 0 && type < HWV_ONNX_ATTRIBUTE_OTHER ? (hwv_onnx_attribute_type)type : HWV_ONNX_ATTRIBUTE_OTHER;
    return HWV_OK;
}

static hwv_status read_attribute(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_attribute *attribute)
{
    size_t counts[HWV_PROTO_COUNTED];
    *attribute = (hwv_onnx_attribute){.name = ""};
    HWV_TRY(read_head(reader, message, attribute, counts));
    switch (attribute->type) {
    case HWV_ONNX_ATTRIBUTE_FLOATS:
        return read_floats(reader, message, attribute);
    case HWV_ONNX_ATTRIBUTE_INTS:
        return read_ints(reader, message, attribute);
    case HWV_ONNX_ATTRIBUTE_STRINGS:
        return read_strings(reader, message, attribute, counts[ATTRIBUTE_STRINGS]);
    case HWV_ONNX_ATTRIBUTE_FLOAT:
    case HWV_ONNX_ATTRIBUTE_INT:
    case HWV_ONNX_ATTRIBUTE_STRING:
    case HWV_ONNX_ATTRIBUTE_TENSOR:
        return read_single(reader, message, attribute);
    default:
        return HWV_OK;
    }
}

/* ---- nodes --------------------------------------------------------------------------------------- */

static hwv_status read_names(hwv_onnx_reader *reader, hwv_proto message, uint32_t number, const char *what,
                             size_t count, const char *const **names)
{
    const char **list;
    HWV_TRY(hwv_onnx_take(reader, count, sizeof *list, &list));
    for (size_t i = 0; i < count;) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == number)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, what, &list[i++]));
    }
    *names = list;
    return HWV_OK;
}

static hwv_status read_attributes(hwv_onnx_reader *reader, hwv_proto message, size_t count, hwv_onnx_node *node)
{
    hwv_onnx_attribute *attributes;
    HWV_TRY(hwv_onnx_take(reader, count, sizeof *attributes, &attributes));
    for (size_t i = 0; i < count;) {
        hwv_proto_field field;
        hwv_proto inner;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != NODE_ATTRIBUTE)
            continue;
        HWV_TRY(hwv_proto_enter(&message, &field, "an attribute", &inner));
        HWV_TRY(read_attribute(reader, inner, &attributes[i++]));
    }
    node->attributes = attributes;
    node->attribute_count = count;
    return HWV_OK;
}

static hwv_status read_labels(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_node *node)
{
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == NODE_NAME)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a node's name", &node->name));
        else if (field.number == NODE_OP)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a node's operator", &node->op));
        else if (field.number == NODE_DOMAIN)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a node's domain", &node->domain));
    }
    if (strcmp(node->domain, "ai.onnx") == 0)
        node->domain = "";
    return HWV_OK;
}

hwv_status hwv_onnx_read_node(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_node *node)
{
    size_t counts[HWV_PROTO_COUNTED];
    *node =
        (hwv_onnx_node){.name = "", .op = "", .domain = "", .offset = message.at, .length = message.end - message.at};
    HWV_TRY(hwv_proto_count(message, counts));
    HWV_TRY(read_labels(reader, message, node));
    node->input_count = counts[NODE_INPUT];
    node->output_count = counts[NODE_OUTPUT];
    HWV_TRY(read_names(reader, message, NODE_INPUT, "a node's input", node->input_count, &node->inputs));
    HWV_TRY(read_names(reader, message, NODE_OUTPUT, "a node's output", node->output_count, &node->outputs));
    hwv_status status = read_attributes(reader, message, counts[NODE_ATTRIBUTE], node);
    if (status != HWV_OK)
        return hwv_fail_prefix(reader->error, status, "node '%.80s' (%.40s): ", node->name, node->op);
    return HWV_OK;
}
