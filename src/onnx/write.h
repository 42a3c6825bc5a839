/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Writing protocol buffers. A text that ran out of memory takes no more (text->failed), so that one look at the end is
 * enough. */
#ifndef HWV_ONNX_WRITE_H
#define HWV_ONNX_WRITE_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/text.h"

void hwv_proto_write_int(hwv_text *text, uint32_t number, int64_t value);
void hwv_proto_write_float(hwv_text *text, uint32_t number, float value);
void hwv_proto_write_bytes(hwv_text *text, uint32_t number, const void *bytes, size_t size);
void hwv_proto_write_text(hwv_text *text, uint32_t number, const char *string);
/* A message in a field: what is written between the two is its content. */
size_t hwv_proto_begin(hwv_text *text, uint32_t number);
void hwv_proto_end(hwv_text *text, size_t begin);

/* An attribute of a node, as a field of it. */
void hwv_attribute_write_int(hwv_text *text, const char *name, int64_t value);
void hwv_attribute_write_float(hwv_text *text, const char *name, float value);
void hwv_attribute_write_ints(hwv_text *text, const char *name, const int64_t *values, size_t count);

#endif
