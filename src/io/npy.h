/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * .npy, NumPy's format for one array (numpy.lib.format, versions 1.0 to 3.0). */
#ifndef HWV_IO_NPY_H
#define HWV_IO_NPY_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/status.h"

/* What NumPy 2 allows; an hwv_npy has at most HWV_NPY_DIMS. */
#define HWV_NPY_HEADER_DIMS 64
#define HWV_NPY_DIMS        8

/* X(name, NumPy's code, bytes of an element) */
#define HWV_NPY_TYPE_LIST(X) X(F4, "f4", 4) X(F8, "f8", 8) X(I4, "i4", 4) X(I8, "i8", 8) X(U1, "u1", 1) X(BOOL, "b1", 1)

typedef enum hwv_npy_type {
#define HWV_NPY_TYPE_ENUM(name, code, bytes) HWV_NPY_##name,
    HWV_NPY_TYPE_LIST(HWV_NPY_TYPE_ENUM)
#undef HWV_NPY_TYPE_ENUM
        HWV_NPY_TYPES
} hwv_npy_type;

/* What a file says before its elements. */
typedef struct hwv_npy_header {
    char descr[32];  /* "<f4" */
    size_t descr_at; /* its offset, for messages */
    size_t order_at; /* offset of the word True for Fortran order; 0: C order */
    size_t rank;     /* 0: one element */
    size_t shape[HWV_NPY_HEADER_DIMS];
    size_t count;   /* elements */
    size_t data_at; /* offset of the first element */
} hwv_npy_header;

/* Offset of the first element as the first 12 bytes of a file give it; 0: they are not those of a .npy file, or
 * there are fewer. */
size_t hwv_npy_data_at(const unsigned char *bytes, size_t size);
/* HWV_ERR_FORMAT with the offset: no .npy, cut off, bad header; HWV_ERR_UNSUPPORTED: another version, records, more
 * than HWV_NPY_HEADER_DIMS dimensions. What type it is, and whether count elements fit memory, is for the caller. */
hwv_status hwv_npy_read_header(hwv_npy_header *header, const unsigned char *bytes, size_t size, hwv_error *error);
/* HWV_ERR_FORMAT when a file of `size` bytes is too short or too long for `bytes` of elements. */
hwv_status hwv_npy_check_size(const hwv_npy_header *header, size_t bytes, size_t size, hwv_error *error);

/* Room for any header that is written. */
#define HWV_NPY_HEADER_BYTES 2048
/* Version 1.0, padded so that the elements start at a multiple of 64; returns its bytes. descr: "<f4"; rank at most
 * HWV_NPY_HEADER_DIMS. */
size_t hwv_npy_write_header(char out[HWV_NPY_HEADER_BYTES], const char *descr, bool fortran, size_t rank,
                            const size_t *shape);

/* An array in C order: a view of the file's content. */
typedef struct hwv_npy {
    hwv_npy_type type;
    size_t element_bytes;
    size_t rank; /* 0: one element */
    size_t shape[HWV_NPY_DIMS];
    size_t count;              /* elements */
    size_t data_at;            /* offset of the first element in the file */
    const unsigned char *data; /* little-endian, unaligned: read with hwv_npy_get */
} hwv_npy;

/* HWV_ERR_FORMAT with the offset: no .npy, cut off, bad header, bytes after the end; HWV_ERR_UNSUPPORTED: another
 * element type, big-endian, Fortran order, more than HWV_NPY_DIMS dimensions. */
hwv_status hwv_npy_parse(hwv_npy *array, const unsigned char *bytes, size_t size, hwv_error *error);
/* An hwv_file_promise. */
size_t hwv_npy_promise(const unsigned char *head, size_t size, size_t limit);
/* Element i, i < count, as a double (i8 beyond 2^53 is rounded). */
double hwv_npy_get(const hwv_npy *array, size_t i);

#endif
