/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The wire writer. The length of a message is put in front of it when it is known: its content moves by a few bytes,
 * as often as messages are nested, which is three or four times. */
#include "onnx/write.h"

#include <string.h>

#include "onnx/model.h"
#include "onnx/proto.h"

enum { VARINT_MOST = 10 };
enum { NODE_ATTRIBUTE = 5 };
enum { ATTRIBUTE_NAME = 1, ATTRIBUTE_FLOAT = 2, ATTRIBUTE_INT = 3, ATTRIBUTE_INTS = 8, ATTRIBUTE_TYPE = 20 };

static size_t encode(unsigned char bytes[VARINT_MOST], uint64_t value)
{
    size_t n = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[n++] = (unsigned char)(value | 0x80);
    bytes[n++] = (unsigned char)value;
    return n;
}

static void write_varint(hwv_text *text, uint64_t value)
{
    unsigned char bytes[VARINT_MOST];
    size_t n = encode(bytes, value);
    hwv_text_add(text, (const char *)bytes, n);
}

static void write_tag(hwv_text *text, uint32_t number, hwv_proto_wire wire)
{
    write_varint(text, (uint64_t)number << 3 | (uint64_t)wire);
}

void hwv_proto_write_int(hwv_text *text, uint32_t number, int64_t value)
{
    write_tag(text, number, HWV_PROTO_VARINT);
    write_varint(text, (uint64_t)value);
}

void hwv_proto_write_float(hwv_text *text, uint32_t number, float value)
{
    uint32_t bits;
    char bytes[4];
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 4; i++)
        bytes[i] = (char)(unsigned char)(bits >> (8 * i));
    write_tag(text, number, HWV_PROTO_FIXED32);
    hwv_text_add(text, bytes, sizeof bytes);
}

void hwv_proto_write_bytes(hwv_text *text, uint32_t number, const void *bytes, size_t size)
{
    write_tag(text, number, HWV_PROTO_LENGTH);
    write_varint(text, size);
    hwv_text_add(text, bytes, size);
}

void hwv_proto_write_text(hwv_text *text, uint32_t number, const char *string)
{
    hwv_proto_write_bytes(text, number, string, strlen(string));
}

size_t hwv_proto_begin(hwv_text *text, uint32_t number)
{
    write_tag(text, number, HWV_PROTO_LENGTH);
    return text->length;
}

void hwv_proto_end(hwv_text *text, size_t begin)
{
    unsigned char bytes[VARINT_MOST];
    if (text->failed)
        return;
    size_t size = text->length - begin, n = encode(bytes, size);
    hwv_text_add(text, (const char *)bytes, n); /* makes room */
    if (text->failed)
        return;
    memmove(text->data + begin + n, text->data + begin, size);
    memcpy(text->data + begin, bytes, n);
}

/* ---- attributes ----------------------------------------------------------------------------------- */

static size_t begin_attribute(hwv_text *text, const char *name, hwv_onnx_attribute_type type)
{
    size_t begin = hwv_proto_begin(text, NODE_ATTRIBUTE);
    hwv_proto_write_text(text, ATTRIBUTE_NAME, name);
    hwv_proto_write_int(text, ATTRIBUTE_TYPE, type);
    return begin;
}

void hwv_attribute_write_int(hwv_text *text, const char *name, int64_t value)
{
    size_t begin = begin_attribute(text, name, HWV_ONNX_ATTRIBUTE_INT);
    hwv_proto_write_int(text, ATTRIBUTE_INT, value);
    hwv_proto_end(text, begin);
}

void hwv_attribute_write_float(hwv_text *text, const char *name, float value)
{
    size_t begin = begin_attribute(text, name, HWV_ONNX_ATTRIBUTE_FLOAT);
    hwv_proto_write_float(text, ATTRIBUTE_FLOAT, value);
    hwv_proto_end(text, begin);
}

void hwv_attribute_write_ints(hwv_text *text, const char *name, const int64_t *values, size_t count)
{
    size_t begin = begin_attribute(text, name, HWV_ONNX_ATTRIBUTE_INTS);
    for (size_t i = 0; i < count; i++)
        hwv_proto_write_int(text, ATTRIBUTE_INTS, values[i]);
    hwv_proto_end(text, begin);
}
