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
#include "io/npy.h"

size_t hwv_npy_write_header(char out[HWV_NPY_HEADER_BYTES], const char *descr, bool fortran, size_t rank,
                            const size_t *shape)
{
    /* 64 dimensions of 20 digits and what stands between them fit. */
    memset(out, ' ', HWV_NPY_HEADER_BYTES);
    memcpy(out, "\x93NUMPY\x01\x00", 8);
    size_t at = 10;
    at += (size_t)snprintf(out + at, HWV_NPY_HEADER_BYTES - at, "{'descr': '%s', 'fortran_order': %s, 'shape': (",
                           descr, fortran ? "True" : "False");
    for (size_t i = 0; i < rank; i++)
        at += (size_t)snprintf(out + at, HWV_NPY_HEADER_BYTES - at, i == 0 ? "%zu" : ", %zu", shape[i]);
    at += (size_t)snprintf(out + at, HWV_NPY_HEADER_BYTES - at, rank == 1 ? ",), }" : "), }");
    out[at] = ' ';
    size_t size = (at + 1 + 63) / 64 * 64;
    out[8] = (char)((size - 10) & 0xff);
    out[9] = (char)((size - 10) >> 8);
    out[size - 1] = '\n';
    return size;
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
    char header[HWV_NPY_HEADER_BYTES];
    const size_t size = hwv_npy_write_header(header, "<f4", false, 2, (const size_t[]){rows, columns});
    const size_t count = rows * columns; /* x exists: it fits */
    unsigned char *copy = hwv_host_is_little() ? NULL : little(x, count);
    if (!hwv_host_is_little() && !copy)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for %zu numbers", path, count);
    const hwv_file_part parts[] = {{header, size}, {copy ? (const void *)copy : x, count * sizeof *x}};
    hwv_status status = hwv_file_write_parts(path, parts, 2, error);
    hwv_free(copy);
    return status;
}
