/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * TensorProto. Raw bytes and packed floats are used where they lie; what is encoded otherwise (integers as varints,
 * half floats in them) is written out as little-endian elements, as raw bytes would have been. */
#include <string.h>

#include "halfwave/memory.h"
#include "onnx/read.h"

enum {
    TENSOR_DIMS = 1,
    TENSOR_TYPE = 2,
    TENSOR_SEGMENT = 3,
    TENSOR_FLOATS = 4,
    TENSOR_INT32S = 5,
    TENSOR_INT64S = 7,
    TENSOR_NAME = 8,
    TENSOR_RAW = 9,
    TENSOR_DOUBLES = 10,
    TENSOR_UINT64S = 11,
    TENSOR_LOCATION = 14
};

static hwv_status fail(const hwv_onnx_reader *reader, const hwv_onnx_tensor *tensor, size_t offset, const char *what)
{
    return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: tensor '%.80s': %s", offset, tensor->name, what);
}

/* ---- type and shape ------------------------------------------------------------------------------ */

static hwv_status read_name(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor)
{
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number == TENSOR_NAME)
            HWV_TRY(hwv_onnx_read_text(reader, &message, &field, "a tensor's name", &tensor->name));
    }
    return HWV_OK;
}

static hwv_status read_dims(hwv_onnx_reader *reader, const hwv_proto *message, const hwv_proto_field *field,
                            hwv_onnx_tensor *tensor)
{
    uint64_t dims[HWV_ONNX_DIMS];
    size_t count;
    HWV_TRY(hwv_proto_numbers(message, field, HWV_PROTO_VARINT, "a tensor's dimensions", &count));
    if (count > HWV_ONNX_DIMS - tensor->rank)
        return hwv_fail(reader->error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: tensor '%.80s' has more than %d dimensions, which is all that is supported",
                        field->offset, tensor->name, HWV_ONNX_DIMS);
    HWV_TRY(hwv_proto_read_numbers(message, field, HWV_PROTO_VARINT, dims));
    for (size_t i = 0; i < count; i++) {
        if (dims[i] > INT64_MAX || dims[i] > SIZE_MAX)
            return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: tensor '%.80s': dimension %zu is %lld",
                            field->offset, tensor->name, tensor->rank, (long long)dims[i]);
        tensor->dim[tensor->rank++] = (size_t)dims[i];
    }
    return HWV_OK;
}

/* The product of the dimensions; 0 when one is 0, whatever the others are. */
static bool multiply(hwv_onnx_tensor *tensor)
{
    tensor->elements = 1;
    for (size_t i = 0; i < tensor->rank; i++)
        if (tensor->dim[i] == 0)
            tensor->elements = 0;
    for (size_t i = 0; i < tensor->rank; i++)
        if (!hwv_size_mul(tensor->elements, tensor->dim[i], &tensor->elements))
            return false;
    return true;
}

/* Where the numbers are. */
typedef struct sources {
    hwv_proto_field raw; /* number 0: none */
    bool external;
} sources;

static hwv_status read_shape(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor, sources *from)
{
    int64_t number = 0;
    size_t start = message.at;
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        switch (field.number) {
        case TENSOR_DIMS:
            HWV_TRY(read_dims(reader, &message, &field, tensor));
            break;
        case TENSOR_TYPE:
            HWV_TRY(hwv_onnx_read_int(&message, &field, "a tensor's type", &number));
            tensor->type = number < 0 || number > INT32_MAX ? INT32_MAX : (int32_t)number;
            break;
        case TENSOR_SEGMENT:
            return hwv_fail(reader->error, HWV_ERR_UNSUPPORTED,
                            "offset %zu: tensor '%.80s' is in segments, which is not supported", field.offset,
                            tensor->name);
        case TENSOR_RAW:
            HWV_TRY(hwv_proto_expect(&message, &field, HWV_PROTO_LENGTH, "a tensor's raw data"));
            from->raw = field;
            break;
        case TENSOR_LOCATION:
            HWV_TRY(hwv_onnx_read_int(&message, &field, "where a tensor's data are", &number));
            from->external = number == 1;
            break;
        default:
            break;
        }
    }
    return multiply(tensor) ? HWV_OK : fail(reader, tensor, start, "its dimensions multiply to more than memory has");
}

/* ---- numbers in typed fields --------------------------------------------------------------------- */

/* The field that holds the numbers of a type. */
static uint32_t typed_field(int32_t type, hwv_proto_wire *wire)
{
    *wire = HWV_PROTO_VARINT;
    switch (type) {
    case HWV_ONNX_FLOAT:
        *wire = HWV_PROTO_FIXED32;
        return TENSOR_FLOATS;
    case HWV_ONNX_DOUBLE:
        *wire = HWV_PROTO_FIXED64;
        return TENSOR_DOUBLES;
    case HWV_ONNX_INT64:
        return TENSOR_INT64S;
    case HWV_ONNX_UINT32:
    case HWV_ONNX_UINT64:
        return TENSOR_UINT64S;
    default:
        return TENSOR_INT32S;
    }
}

static hwv_status count_numbers(hwv_proto message, uint32_t number, hwv_proto_wire wire, size_t *count, size_t *fields,
                                hwv_proto_field *last)
{
    *count = *fields = 0;
    while (message.at < message.end) {
        hwv_proto_field field;
        size_t here;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != number)
            continue;
        HWV_TRY(hwv_proto_numbers(&message, &field, wire, "a tensor's numbers", &here));
        *count += here;
        *fields += 1;
        *last = field;
    }
    return HWV_OK;
}

/* The numbers of one field as elements of `bytes` bytes each; those that do not fit lose their upper bits, as a cast
 * would. */
static hwv_status write_numbers(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                                size_t count, size_t bytes, bool boolean, unsigned char **to)
{
    hwv_proto rest = *message;
    hwv_proto_field one = *field;
    size_t width = wire == HWV_PROTO_FIXED64 ? 8 : 4;
    rest.at = field->at;
    for (size_t i = 0; i < count; i++) {
        uint64_t value;
        if (field->wire != wire) { /* packed: the next as a field of its own */
            one.at = rest.at;
            if (wire == HWV_PROTO_VARINT) {
                size_t n = 1;
                while (rest.bytes[rest.at + n - 1] >= 0x80)
                    n++;
                one.length = n;
            } else {
                one.length = width;
            }
            rest.at += one.length;
        }
        HWV_TRY(hwv_proto_read_numbers(message, &one, wire, &value));
        if (boolean)
            value = value != 0;
        for (size_t b = 0; b < bytes; b++)
            *(*to)++ = (unsigned char)(value >> (8 * b));
    }
    return HWV_OK;
}

static hwv_status read_typed(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor, size_t bytes)
{
    hwv_proto_wire wire;
    hwv_proto_field field = {0};
    uint32_t number = typed_field(tensor->type, &wire);
    size_t count, fields, start = message.at;
    HWV_TRY(count_numbers(message, number, wire, &count, &fields, &field));
    if (count != tensor->elements)
        return hwv_fail(reader->error, HWV_ERR_FORMAT, "offset %zu: tensor '%.80s': %zu numbers, its shape needs %zu",
                        start, tensor->name, count, tensor->elements);
    if (fields == 1 && wire != HWV_PROTO_VARINT) { /* as raw bytes are */
        tensor->data = message.bytes + field.at;
        return HWV_OK;
    }
    unsigned char *data;
    HWV_TRY(hwv_onnx_take(reader, tensor->elements, bytes, &data));
    tensor->data = data;
    while (message.at < message.end) {
        size_t here;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number != number)
            continue;
        HWV_TRY(hwv_proto_numbers(&message, &field, wire, "a tensor's numbers", &here));
        HWV_TRY(write_numbers(&message, &field, wire, here, bytes, tensor->type == HWV_ONNX_BOOL, &data));
    }
    return HWV_OK;
}

/* ---- tensors ------------------------------------------------------------------------------------- */

hwv_status hwv_onnx_read_tensor(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor)
{
    static const unsigned char nothing[1];
    sources from = {0};
    size_t bytes, total;
    *tensor = (hwv_onnx_tensor){.name = "", .offset = message.at, .length = message.end - message.at};
    HWV_TRY(read_name(reader, message, tensor));
    HWV_TRY(read_shape(reader, message, tensor, &from));
    bytes = hwv_onnx_type_bytes(tensor->type);
    if (bytes == 0)
        return HWV_OK;
    if (!hwv_size_mul(tensor->elements, bytes, &total))
        return fail(reader, tensor, tensor->offset, "its elements take more than memory has");
    if (from.external)
        return hwv_onnx_read_external(reader, message, tensor, total);
    if (from.raw.number) {
        if (from.raw.length != total)
            return hwv_fail(reader->error, HWV_ERR_FORMAT,
                            "offset %zu: tensor '%.80s' has %zu bytes, its shape and type need %zu", from.raw.offset,
                            tensor->name, from.raw.length, total);
        tensor->data = message.bytes + from.raw.at;
    } else {
        HWV_TRY(read_typed(reader, message, tensor, bytes));
    }
    if (total == 0)
        tensor->data = nothing;
    return HWV_OK;
}
