/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The wire reader. */
#include "onnx/proto.h"

#include <stdbool.h>
#include <string.h>

#include "io/bytes.h"

static hwv_status fail_at(const hwv_proto *message, size_t offset, const char *what)
{
    return hwv_fail(message->error, HWV_ERR_FORMAT, "offset %zu: %s", offset, what);
}

/* Up to ten bytes of seven bits, the last with the highest bit clear; the tenth has room for one bit. */
static hwv_status read_varint(hwv_proto *message, uint64_t *value)
{
    size_t start = message->at;
    uint64_t sum = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (message->at == message->end)
            return fail_at(message, start, "a number is cut off by the end of its message");
        uint64_t byte = message->bytes[message->at++];
        if (shift == 63 && byte > 1)
            break;
        sum |= (byte & 0x7f) << shift;
        if (byte < 0x80) {
            *value = sum;
            return HWV_OK;
        }
    }
    return fail_at(message, start, "a number of more than 64 bits");
}

static hwv_status read_length(hwv_proto *message, hwv_proto_field *field)
{
    HWV_TRY(read_varint(message, &field->value));
    if (field->value > message->end - message->at)
        return hwv_fail(message->error, HWV_ERR_FORMAT,
                        "offset %zu: field %u has %llu bytes, but only %zu are left of its message", field->offset,
                        (unsigned)field->number, (unsigned long long)field->value, message->end - message->at);
    field->length = (size_t)field->value;
    return HWV_OK;
}

hwv_status hwv_proto_next(hwv_proto *message, hwv_proto_field *field)
{
    uint64_t tag;
    field->offset = message->at;
    HWV_TRY(read_varint(message, &tag));
    if (tag >> 3 == 0 || tag >> 3 > 0x1fffffff)
        return fail_at(message, field->offset, "no protobuf field begins here (is it an ONNX file?)");
    field->number = (uint32_t)(tag >> 3);
    field->wire = (hwv_proto_wire)(tag & 7);
    field->value = 0;
    field->at = message->at;
    switch (tag & 7) {
    case HWV_PROTO_VARINT:
        HWV_TRY(read_varint(message, &field->value));
        field->length = message->at - field->at;
        return HWV_OK;
    case HWV_PROTO_FIXED64:
    case HWV_PROTO_FIXED32:
        field->length = (tag & 7) == HWV_PROTO_FIXED64 ? 8 : 4;
        break;
    case HWV_PROTO_LENGTH:
        HWV_TRY(read_length(message, field));
        field->at = message->at;
        break;
    default:
        return fail_at(message, field->offset, "a wire type that ONNX does not use (is it an ONNX file?)");
    }
    if (field->length > message->end - message->at)
        return fail_at(message, field->offset, "a number is cut off by the end of its message");
    if (field->wire == HWV_PROTO_FIXED64)
        field->value = hwv_load_le64(message->bytes + message->at);
    else if (field->wire == HWV_PROTO_FIXED32)
        field->value = hwv_load_le32(message->bytes + message->at);
    message->at += field->length;
    return HWV_OK;
}

hwv_status hwv_proto_count(hwv_proto message, size_t counts[HWV_PROTO_COUNTED])
{
    memset(counts, 0, HWV_PROTO_COUNTED * sizeof *counts);
    while (message.at < message.end) {
        hwv_proto_field field;
        HWV_TRY(hwv_proto_next(&message, &field));
        if (field.number < HWV_PROTO_COUNTED)
            counts[field.number]++;
    }
    return HWV_OK;
}

hwv_status hwv_proto_expect(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                            const char *what)
{
    if (field->wire == wire)
        return HWV_OK;
    return hwv_fail(message->error, HWV_ERR_FORMAT, "offset %zu: %s has wire type %d, %d is expected", field->offset,
                    what, (int)field->wire, (int)wire);
}

hwv_status hwv_proto_enter(const hwv_proto *message, const hwv_proto_field *field, const char *what, hwv_proto *inner)
{
    HWV_TRY(hwv_proto_expect(message, field, HWV_PROTO_LENGTH, what));
    *inner = (hwv_proto){message->bytes, field->at, field->at + field->length, message->error};
    return HWV_OK;
}

hwv_status hwv_proto_numbers(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                             const char *what, size_t *count)
{
    *count = 1;
    if (field->wire == wire)
        return HWV_OK;
    HWV_TRY(hwv_proto_expect(message, field, HWV_PROTO_LENGTH, what));
    const unsigned char *p = message->bytes + field->at;
    if (wire != HWV_PROTO_VARINT) {
        size_t size = wire == HWV_PROTO_FIXED64 ? 8 : 4;
        *count = field->length / size;
        return field->length % size == 0 ? HWV_OK : fail_at(message, field->offset, "numbers are cut off");
    }
    *count = 0;
    for (size_t i = 0; i < field->length; i++)
        *count += p[i] < 0x80; /* each ends so */
    bool whole = field->length == 0 || p[field->length - 1] < 0x80;
    return whole ? HWV_OK : fail_at(message, field->offset, "numbers are cut off");
}

hwv_status hwv_proto_read_numbers(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                                  uint64_t *values)
{
    if (field->wire == wire) {
        values[0] = field->value;
        return HWV_OK;
    }
    hwv_proto inner = {message->bytes, field->at, field->at + field->length, message->error};
    for (size_t i = 0; inner.at < inner.end; i++) {
        if (wire == HWV_PROTO_VARINT) {
            HWV_TRY(read_varint(&inner, &values[i]));
        } else if (wire == HWV_PROTO_FIXED64) {
            values[i] = hwv_load_le64(inner.bytes + inner.at);
            inner.at += 8;
        } else {
            values[i] = hwv_load_le32(inner.bytes + inner.at);
            inner.at += 4;
        }
    }
    return HWV_OK;
}

float hwv_proto_float(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;
    float x;
    memcpy(&x, &low, sizeof x);
    return x;
}
