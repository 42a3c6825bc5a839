/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the parts of the reader share. Every array is counted before it is filled, everything comes from one storage
 * whose size the file's size bounds, and no message is entered from one of its own kind: graphs in attributes are
 * skipped, so that the depth of calls does not depend on the file. */
#ifndef HWV_ONNX_READ_H
#define HWV_ONNX_READ_H

#include "io/file.h"
#include "onnx/model.h"
#include "onnx/proto.h"

/* A file with weights beside the model. */
typedef struct hwv_onnx_external {
    struct hwv_onnx_external *next;
    char *path;
    hwv_file file;
} hwv_onnx_external;

/* What an hwv_onnx owns. */
typedef struct hwv_onnx_storage {
    struct hwv_onnx_block *blocks; /* newest first */
    size_t used, bound;            /* bytes taken, and at most */
    hwv_file file;                 /* zero when parsed from the caller's memory */
    hwv_onnx_external *external;   /* newest first */
    /* indices, made once: inputs that are no initialisers, and operators in order of first use */
    const hwv_onnx_value **ports;
    struct hwv_onnx_operator *operators;
    size_t port_count, operator_count;
    const char *producer; /* with its version */
} hwv_onnx_storage;

/* An operator of the file and how often it occurs. */
typedef struct hwv_onnx_operator {
    const hwv_onnx_node *first;
    size_t count;
} hwv_onnx_operator;

typedef struct hwv_onnx_reader {
    hwv_onnx *model;
    hwv_onnx_storage *storage;
    bool beside; /* external data may be read: there is a path */
    hwv_error *error;
} hwv_onnx_reader;

/* hwv_onnx_parse of what came from the file at `path`, or is to be written beside it: external data is read from there. */
hwv_status hwv_onnx_parse_beside(hwv_onnx **file, const char *path, const void *bytes, size_t size, hwv_error *error);

/* Zeroed, aligned as malloc's; count 0 gives NULL in *piece. HWV_ERR_MEMORY; HWV_ERR_FORMAT: more than a file of this
 * size can justify. */
hwv_status hwv_onnx_take(hwv_onnx_reader *reader, size_t count, size_t size, void *piece);
void hwv_onnx_storage_free(hwv_onnx_storage *storage);

/* A field's text, copied with a NUL behind it. Texts with NULs in them or that are no UTF-8 are refused. */
hwv_status hwv_onnx_read_text(hwv_onnx_reader *reader, const hwv_proto *message, const hwv_proto_field *field,
                              const char *what, const char **text);
/* A field's integer. */
hwv_status hwv_onnx_read_int(const hwv_proto *message, const hwv_proto_field *field, const char *what, int64_t *value);

/* The messages of the names. tensor->name is set before anything of it can fail. */
hwv_status hwv_onnx_read_tensor(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor);
hwv_status hwv_onnx_read_value(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_value *value);
hwv_status hwv_onnx_read_node(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_node *node);
/* An entry of metadata_props; what it says of our keys is looked at when it is asked for. */
hwv_status hwv_onnx_read_metadata(hwv_onnx_reader *reader, hwv_proto message);

/* Fills the storage's indices, in no more than n log n steps. */
hwv_status hwv_onnx_index(hwv_onnx_reader *reader);

/* The bytes of a tensor in a file beside the model, from the entries of its message. */
hwv_status hwv_onnx_read_external(hwv_onnx_reader *reader, hwv_proto message, hwv_onnx_tensor *tensor, size_t bytes);

#endif
