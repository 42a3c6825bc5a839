/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Protocol buffers on the wire: the fields of a message one after the other, every length checked against the message
 * around it. Groups, which ONNX never had, are refused. Messages give the offset in the file. */
#ifndef HWV_ONNX_PROTO_H
#define HWV_ONNX_PROTO_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"

typedef enum hwv_proto_wire {
    HWV_PROTO_VARINT = 0,
    HWV_PROTO_FIXED64 = 1,
    HWV_PROTO_LENGTH = 2,
    HWV_PROTO_FIXED32 = 5
} hwv_proto_wire;

/* A message that is being read: bytes[at..end) of the file are left. */
typedef struct hwv_proto {
    const unsigned char *bytes; /* of the file */
    size_t at, end;
    hwv_error *error;
} hwv_proto;

typedef struct hwv_proto_field {
    uint32_t number;
    hwv_proto_wire wire;
    uint64_t value;    /* varint and fixed */
    size_t at, length; /* of the payload */
    size_t offset;     /* of the tag, for messages */
} hwv_proto_field;

/* The next field; only while at < end. HWV_ERR_FORMAT. */
hwv_status hwv_proto_next(hwv_proto *message, hwv_proto_field *field);

/* How often each field with a number below this occurs. */
enum { HWV_PROTO_COUNTED = 32 };
hwv_status hwv_proto_count(hwv_proto message, size_t counts[HWV_PROTO_COUNTED]);

/* Refuses a field of another wire type; `what` names it. */
hwv_status hwv_proto_expect(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                            const char *what);
/* The message in a field. */
hwv_status hwv_proto_enter(const hwv_proto *message, const hwv_proto_field *field, const char *what, hwv_proto *inner);

/* Numbers of a repeated field, packed or one a field: how many there are in this field, and they themselves. `wire` is
 * that of one number. */
hwv_status hwv_proto_numbers(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                             const char *what, size_t *count);
/* values[] must have room for them. Fixed ones as their bits. */
hwv_status hwv_proto_read_numbers(const hwv_proto *message, const hwv_proto_field *field, hwv_proto_wire wire,
                                  uint64_t *values);

/* The float whose bits these are. */
float hwv_proto_float(uint64_t bits);

#endif
