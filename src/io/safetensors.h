/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * safetensors (https://github.com/huggingface/safetensors, format section of its README): 8 bytes of
 * header length, a JSON header, then the tensors' bytes, little-endian, without gaps. */
#ifndef HWV_IO_SAFETENSORS_H
#define HWV_IO_SAFETENSORS_H

#include <stddef.h>

#include "halfwave/status.h"
#include "halfwave/text.h"

#define HWV_TENSOR_DIMS 8

/* X(name, bytes of an element) */
#define HWV_TENSOR_TYPE_LIST(X) X(F32, 4) X(F64, 8) X(I64, 8) X(U8, 1) X(I32, 4)

typedef enum hwv_tensor_type {
#define HWV_TENSOR_TYPE_ENUM(name, bytes) HWV_TENSOR_##name,
    HWV_TENSOR_TYPE_LIST(HWV_TENSOR_TYPE_ENUM)
#undef HWV_TENSOR_TYPE_ENUM
        HWV_TENSOR_TYPES
} hwv_tensor_type;

/* "F32"; bytes of one element. */
const char *hwv_tensor_type_name(hwv_tensor_type type);
size_t hwv_tensor_type_bytes(hwv_tensor_type type);

/* A named array. A view: name and data belong to the file it was read from, or to who writes it. */
typedef struct hwv_tensor_entry {
    const char *name;
    hwv_tensor_type type;
    size_t rank; /* 0: one element */
    size_t shape[HWV_TENSOR_DIMS];
    const void *data; /* read: unaligned, little-endian as in the file: memcpy it to where it belongs */
    size_t bytes;
} hwv_tensor_entry;

typedef struct hwv_metadata {
    const char *key, *value;
} hwv_metadata;

/* A read file. Owns everything its pointers lead to. Zero-initialise. */
typedef struct hwv_safetensors {
    size_t count;
    const hwv_tensor_entry *tensors; /* in the order of their bytes */
    size_t metadata_count;
    const hwv_metadata *metadata; /* in the order of the header */
    void *owner;                  /* private */
} hwv_safetensors;

/* Reads a file. HWV_ERR_IO; HWV_ERR_FORMAT with the byte offset: cut off, bad header, sizes that do not fit
 * the shape, overlaps, gaps, names used twice, bytes after the last tensor; HWV_ERR_UNSUPPORTED: another
 * dtype, more than HWV_TENSOR_DIMS dimensions, a big-endian machine; HWV_ERR_MEMORY. */
hwv_status hwv_safetensors_read(hwv_safetensors *file, const char *path, hwv_error *error);
/* The same from memory, which must stay as long as *file is used. */
hwv_status hwv_safetensors_parse(hwv_safetensors *file, const void *bytes, size_t size, hwv_error *error);
/* Accepts a zero struct. */
void hwv_safetensors_free(hwv_safetensors *file);
/* By name; NULL when there is none. */
const hwv_tensor_entry *hwv_safetensors_find(const hwv_safetensors *file, const char *name);
const char *hwv_safetensors_metadata(const hwv_safetensors *file, const char *key);

/* Writes tensors in the given order with metadata (may be none), whole or not at all; equal input gives equal
 * bytes. Header and data start at multiples of 8; tensors follow each other without gaps, as the format demands.
 * `bytes` of the entries may be 0: it is computed. HWV_ERR_ARGUMENT: a name or key twice, `__metadata__` as
 * name, sizes beyond size_t; HWV_ERR_UNSUPPORTED: a big-endian machine; HWV_ERR_IO, HWV_ERR_MEMORY. */
hwv_status hwv_safetensors_write(const char *path, const hwv_tensor_entry *tensors, size_t count,
                                 const hwv_metadata *metadata, size_t metadata_count, hwv_error *error);
/* The bytes of such a file, appended to a text. The same errors, but HWV_ERR_IO. */
hwv_status hwv_safetensors_append(hwv_text *bytes, const hwv_tensor_entry *tensors, size_t count,
                                  const hwv_metadata *metadata, size_t metadata_count, hwv_error *error);

#endif
