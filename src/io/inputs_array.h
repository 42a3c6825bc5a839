/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * One array of samples in a file, front to back. */
#ifndef HWV_IO_INPUTS_ARRAY_H
#define HWV_IO_INPUTS_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/graph.h"
#include "halfwave/status.h"
#include "io/stream.h"

/* X(name, NumPy's code, bytes of an element) */
#define HWV_NUMBER_TYPE_LIST(X)                                                                                        \
    X(F2, "f2", 2)                                                                                                     \
    X(F4, "f4", 4)                                                                                                     \
    X(F8, "f8", 8)                                                                                                     \
    X(I1, "i1", 1)                                                                                                     \
    X(I2, "i2", 2)                                                                                                     \
    X(I4, "i4", 4)                                                                                                     \
    X(I8, "i8", 8)                                                                                                     \
    X(U1, "u1", 1)                                                                                                     \
    X(U2, "u2", 2)                                                                                                     \
    X(U4, "u4", 4)                                                                                                     \
    X(U8, "u8", 8)                                                                                                     \
    X(BOOL, "b1", 1)

typedef enum hwv_number_type {
#define HWV_NUMBER_ENUM(name, code, bytes) HWV_NUMBER_##name,
    HWV_NUMBER_TYPE_LIST(HWV_NUMBER_ENUM)
#undef HWV_NUMBER_ENUM
        HWV_NUMBER_TYPES
} hwv_number_type;

/* How a file's elements lie. */
typedef struct hwv_layout {
    hwv_number_type type;
    size_t bytes;
    bool swapped; /* not in this machine's byte order */
} hwv_layout;

/* elements.c: count elements at `bytes` (any alignment) as floats, times scale. */
void hwv_elements_to_floats(const hwv_layout *layout, const unsigned char *bytes, size_t count, float scale,
                            float *floats);
/* Position of the first that is no whole number of 32 bits with a sign, which ends it; count: all were. */
size_t hwv_elements_to_integers(const hwv_layout *layout, const unsigned char *bytes, size_t count, int32_t *integers);
/* Element i. */
double hwv_element_number(const hwv_layout *layout, const unsigned char *bytes, size_t i);

/* Zero-initialise. */
typedef struct hwv_inputs_array {
    const char *path; /* not owned */
    hwv_shape shape;  /* dim[0]: samples */
    size_t features;  /* elements of a sample */
    hwv_layout layout;
    size_t left;    /* samples that were not read */
    size_t data_at; /* offset of the first element in the content */
    bool repeats;   /* can be opened again */
    bool named;     /* member of an archive */
    hwv_stream *stream;
    unsigned char *piece; /* room to convert */
    float *values;        /* CSV: all of them, and no stream */
    uint32_t *lines;
} hwv_inputs_array;

/* `name`: of the array where the file is an archive (NULL: the only one). Errors as hwv_inputs_open. */
hwv_status hwv_inputs_array_open(hwv_inputs_array *array, const char *path, const char *name, bool csv_labels,
                                 hwv_error *error);
/* What can be opened again is closed; shape and count stay. Accepts a zero struct. */
void hwv_inputs_array_close(hwv_inputs_array *array);
/* The next `rows` samples, no more than are left. `scale` for floats. */
hwv_status hwv_inputs_array_read(hwv_inputs_array *array, size_t rows, bool integers, float scale, void *into,
                                 hwv_error *error);

#endif
