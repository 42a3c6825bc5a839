/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Decimal numbers, the same in every locale. */
#ifndef HWV_IO_NUMBER_H
#define HWV_IO_NUMBER_H

#include <stddef.h>

/* Reads [+-]digits[.digits][e[+-]digits] (digits on one side of the point are enough) at the beginning
 * of text[length] into *value, correctly rounded, infinite when too large. Returns the bytes used, 0
 * when no number begins there. */
size_t hwv_number_parse(const char *text, size_t length, double *value);

#define HWV_NUMBER_BYTES 40

/* The shortest digits that read back as `value`, which must be finite; a valid JSON number. */
void hwv_number_format(char out[HWV_NUMBER_BYTES], double value);
void hwv_number_format_float(char out[HWV_NUMBER_BYTES], float value);

#endif
