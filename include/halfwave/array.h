/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arrays in NumPy's .npy files, read and written piece by piece: an array may be larger than memory. */
#ifndef HALFWAVE_ARRAY_H
#define HALFWAVE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/status.h"

HWV_BEGIN

/* What NumPy 2 allows. */
#define HWV_ARRAY_DIMS 64

/* X(name, NumPy's code, bytes of an element, what people call it) */
#define HWV_ARRAY_TYPE_LIST(X) X(F32, "f4", 4, "float32") X(F64, "f8", 8, "float64") X(U64, "u8", 8, "uint64")

typedef enum hwv_array_type {
#define HWV_ARRAY_ENUM(name, code, bytes, text) HWV_ARRAY_##name,
    HWV_ARRAY_TYPE_LIST(HWV_ARRAY_ENUM)
#undef HWV_ARRAY_ENUM
        HWV_ARRAY_TYPES
} hwv_array_type;

/* What an array is, without its elements. */
typedef struct hwv_array {
    hwv_array_type type;
    bool fortran; /* elements in Fortran order: the first index runs fastest; never set where both orders are one */
    size_t rank;  /* 0: one element */
    size_t shape[HWV_ARRAY_DIMS];
    size_t count; /* elements, the product of the shape; count * bytes fits a size_t */
} hwv_array;

/* "float32"; bytes of an element. Static storage. */
HWV_API const char *hwv_array_type_name(hwv_array_type type);
HWV_API size_t hwv_array_type_bytes(hwv_array_type type);
/* The same rank and shape? */
HWV_API bool hwv_array_same_shape(const hwv_array *a, const hwv_array *b);

typedef struct hwv_array_reader hwv_array_reader;

/* Opens a .npy file of versions 1.0 to 3.0 and reads its header; "-" is standard input. `types` has a bit 1 << type for
 * each type that will do; both byte orders do. HWV_ERR_IO: cannot be opened or read. HWV_ERR_FORMAT with the offset: no
 * .npy, damaged, cut off, too long. HWV_ERR_UNSUPPORTED: another type, and which would do; records; gzip. HWV_ERR_MEMORY.
 * Messages begin with the path. On failure *reader is NULL. Close with hwv_array_close. */
HWV_API hwv_status hwv_array_open(hwv_array_reader **reader, const char *path, unsigned types, hwv_error *error);
/* Valid as long as the reader. */
HWV_API const hwv_array *hwv_array_of(const hwv_array_reader *reader);
/* The next `count` elements, in the order of the file and the machine's own byte order; no more than are left. Behind the
 * last one it is an error (HWV_ERR_FORMAT) when the file goes on. HWV_ERR_IO, HWV_ERR_FORMAT: the file ends early. */
HWV_API hwv_status hwv_array_read(hwv_array_reader *reader, void *elements, size_t count, hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_array_close(hwv_array_reader *reader);

typedef struct hwv_array_writer hwv_array_writer;

/* Begins a .npy file, little-endian; "-" is standard output. It appears under its name, whole, with hwv_array_commit: until
 * then an old file stays as it is, and may be the one that is being read. HWV_ERR_IO, HWV_ERR_MEMORY. On failure *writer
 * is NULL. End with hwv_array_commit or hwv_array_abandon. */
HWV_API hwv_status hwv_array_create(hwv_array_writer **writer, const char *path, const hwv_array *array,
                                    hwv_error *error);
/* The next `count` elements; no more than are left. HWV_ERR_IO. */
HWV_API hwv_status hwv_array_write(hwv_array_writer *writer, const void *elements, size_t count, hwv_error *error);
/* All elements are written: the file gets its name. Frees the writer, whatever happens. HWV_ERR_IO. */
HWV_API hwv_status hwv_array_commit(hwv_array_writer *writer, hwv_error *error);
/* Nothing is left of the file. Accepts NULL. */
HWV_API void hwv_array_abandon(hwv_array_writer *writer);

HWV_END

#endif
