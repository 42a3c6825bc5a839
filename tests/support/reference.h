/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reference vectors kept outside the repository: HWV_REFERENCE/CASE/NAME.npy and CASE/case.json. The
 * reader is independent of the library's own .npy reader. Where the folder is missing
 * reference_missing() says so and the test skips itself:
 *     plain program:  if (reference_missing()) return 77;
 *     cmocka:         if (reference_missing()) skip();                                              */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REFERENCE_MAX_DIMS 8

/* Owns its arrays; reference_free. `values` is always there (int64 above 2^53 would be rounded),
 * `f32` or `i64` only where the file holds that type. */
typedef struct reference_array {
    size_t dims, shape[REFERENCE_MAX_DIMS], count;
    double *values;
    float *f32;
    int64_t *i64;
} reference_array;

/* True, with a word on stderr, when the folder is not there. */
bool reference_missing(void);
/* Reads an array; false, with the reason on stderr, when there is none or it is damaged. */
bool reference_load(reference_array *array, const char *case_name, const char *array_name);
/* The same for any .npy file (format 1.0 or 2.0, little-endian f4, f8, i8, u1, C order). */
bool reference_load_file(reference_array *array, const char *path);
void reference_free(reference_array *array);

/* A number of CASE/case.json by its path, members and positions separated by '/':
 * "tolerance/arrays/out/limit", "loss_rounding_level/0". The strings "inf", "-inf", "nan" and "-0.0"
 * count as numbers, true and false as 1 and 0. False (with a word on stderr) when there is none. */
bool reference_number(const char *case_name, const char *path, double *number);
/* A string of case.json, cut to size - 1 bytes; no escapes are undone. */
bool reference_string(const char *case_name, const char *path, char *text, size_t size);
/* The limit of the "normalised maximum" rule for an array such as "out" or "grad_x"; NaN when there
 * is none, so that every comparison fails. */
double reference_limit(const char *case_name, const char *array_name);

#endif
