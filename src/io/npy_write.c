/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Writing .npy, version 1.0: the header is padded so that the elements start at a multiple of 64. */
#include <stdio.h>
#include <string.h>

#include "halfwave/data.h"
#include "halfwave/memory.h"
#include "io/bytes.h"
#include "io/file.h"

enum { HEADER = 128 };

static void write_header(char header[HEADER], size_t rows, size_t columns)
{
    memset(header, ' ', HEADER);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = HEADER - 10;
    header[9] = 0;
    int n = snprintf(header + 10, HEADER - 10, "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu, %zu), }", rows,
                     columns);
    header[10 + n] = ' ';
    header[HEADER - 1] = '\n';
}

/* A copy in the order of the file, for big-endian machines. */
static unsigned char *little(const float *x, size_t count)
{
    unsigned char *bytes = hwv_calloc(count, 4);
    for (size_t i = 0; bytes && i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &x[i], 4);
        for (size_t b = 0; b < 4; b++)
            bytes[4 * i + b] = (unsigned char)(bits >> (8 * b));
    }
    return bytes;
}

hwv_status hwv_npy_write(const char *path, const float *x, size_t rows, size_t columns, hwv_error *error)
{
    char header[HEADER];
    write_header(header, rows, columns);
    const size_t count = rows * columns; /* x exists: it fits */
    unsigned char *copy = hwv_host_is_little() ? NULL : little(x, count);
    if (!hwv_host_is_little() && !copy)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for %zu numbers", path, count);
    const hwv_file_part parts[] = {{header, HEADER}, {copy ? (const void *)copy : x, count * sizeof *x}};
    hwv_status status = hwv_file_write_parts(path, parts, 2, error);
    hwv_free(copy);
    return status;
}
