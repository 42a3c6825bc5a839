/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The wire writer. The length of a message is put in front of it when it is known: its content moves by a few bytes,
 * as often as messages are nested, which is three or four times. */
#include "onnx/write.h"

#include <string.h>

#include "onnx/proto.h"

enum { VARINT_MOST = 10 };

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
