/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ValueInfoProto and the TypeProto in it: types and shapes as the file declares them. */
#include "onnx/read.h"

enum { VALUE_NAME = 1, VALUE_TYPE = 2 };
enum { TYPE_TENSOR = 1 };
enum { TENSOR_ELEMENT = 1, TENSOR_SHAPE = 2 };
enum { SHAPE_DIM = 1 };
enum { DIM_VALUE = 1, DIM_SYMBOL = 2 };

static hwv_status read_dim(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *value, size_t d)
{
    hwv_onnx_port *port = &value->port;
    port->dim[d] = -1;
    port->symbol[d] = NULL;
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == DIM_VALUE) {
            HWV_TRY(hwv_onnx_read_int(&message, &field, "a dimension", &port->dim[d]));
            if (port->dim[d] < -1)
                return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: value '%.80s': dimension %zu is %lld",
                                field.offset, value->name, d, (long long)port->dim[d]);
        } else if (field.number == DIM_SYMBOL) {
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a dimension's name", &port->symbol[d]));
            if (port->symbol[d][0] == 0)
                port->symbol[d] = NULL;
        }
    }
    return HWV_OK;
}

static hwv_status read_shape(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *value)
{
    value->port.shaped = true;
    value->port.rank = 0;
    while (message.at < message.end) {
        hwv_proto_field field;
        hwv_proto dim;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != SHAPE_DIM)
            continue;
        if (value->port.rank == HWV_ONNX_DIMS)
            return hwv_fail(reader->error, HWV_ERR_UNSUPPORTED,
                            "offset %zu: value '%.80s' has more than %d dimensions, which is all that is supported",
                            field.offset, value->name, HWV_ONNX_DIMS);
        HWV_TRY(hwv_proto_enter(&message, &field, "a dimension", &dim));
        HWV_TRY(read_dim(reader, dim, value, value->port.rank++));
    }
    return HWV_OK;
}

static hwv_status read_tensor_type(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *value)
{
    while (message.at < message.end) {
        hwv_proto_field field;
        hwv_proto shape;
        int64_t type;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == TENSOR_ELEMENT) {
            HWV_TRY(hwv_onnx_read_int(&message, &field, "a value's element type", &type));
            value->type = type < 0 || type > INT32_MAX ? INT32_MAX : (int32_t)type;
        } else if (field.number == TENSOR_SHAPE) {
            HWV_TRY(hwv_proto_enter(&message, &field, "a value's shape", &shape));
            HWV_TRY(read_shape(reader, shape, value));
        }
    }
    return HWV_OK;
}

static hwv_status read_type(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *value)
{
    while (message.at < message.end) {
        hwv_proto_field field;
        hwv_proto tensor;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != TYPE_TENSOR)
            continue;
        HWV_TRY(hwv_proto_enter(&message, &field, "a tensor's type", &tensor));
        HWV_TRY(read_tensor_type(reader, tensor, value));
    }
    return HWV_OK;
}

hwv_status hwv_onnx_read_value(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *value)
{
    *value = (hwv_onnx_value){.name = "", .offset = message.at, .length = message.end - message.at};
    for (hwv_proto rest = message; rest.at < rest.end;) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&rest, &field));
        if (field.number == VALUE_NAME)
            HWV_TRY(hwv_onnx_read_text(reader, &rest, &field, "a value's name", &value->name));
    }
    while (message.at < message.end) {
        hwv_proto_field field;
        hwv_proto type;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != VALUE_TYPE)
            continue;
        HWV_TRY(hwv_proto_enter(&message, &field, "a value's type", &type));
        HWV_TRY(read_type(reader, type, value));
    }
    value->port.name = value->name;
    value->port.type = value->type ? hwv_onnx_type_name(value->type) : "unknown";
    return HWV_OK;
}
