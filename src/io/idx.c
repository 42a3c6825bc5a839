/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * IDX. */
#include "io/idx.h"

#include "halfwave/memory.h"
#include "io/bytes.h"

hwv_status hwv_idx_parse_header(hwv_idx *idx, const unsigned char *bytes, size_t size, hwv_error *error)
{
    *idx = (hwv_idx){0};
    if (size < 4)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends inside the IDX header", size);
    if (bytes[0] != 0 || bytes[1] != 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset 0: found %02x %02x, an IDX file begins with 00 00", bytes[0],
                        bytes[1]);
    if (bytes[2] != 0x08)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "offset 2: values of IDX type 0x%02x, only unsigned bytes (0x08) are supported", bytes[2]);
    if (bytes[3] == 0 || bytes[3] > HWV_IDX_DIMS)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "offset 3: %u dimensions, 1 to %d are supported",
                        (unsigned)bytes[3], HWV_IDX_DIMS);
    idx->rank = bytes[3];
    idx->data_at = 4 + 4 * idx->rank;
    if (size < idx->data_at)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends inside the IDX header", size);
    idx->count = 1;
    for (size_t i = 0; i < idx->rank; i++) {
        idx->shape[i] = hwv_load_be32(bytes + 4 + 4 * i);
        if (!hwv_size_mul(idx->count, idx->shape[i], &idx->count))
            return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the dimensions' product does not fit memory",
                            4 + 4 * i);
    }
    return HWV_OK;
}

hwv_status hwv_idx_parse(hwv_idx *idx, const unsigned char *bytes, size_t size, hwv_error *error)
{
    HWV_TRY(hwv_idx_parse_header(idx, bytes, size, error));
    size_t there = size - idx->data_at;
    if (there < idx->count)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the file ends after %zu of the %zu values its header says",
                        size, there, idx->count);
    if (there > idx->count)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: bytes after the %zu values its header says",
                        idx->data_at + idx->count, idx->count);
    idx->data = bytes + idx->data_at;
    return HWV_OK;
}

size_t hwv_idx_promise(const unsigned char *head, size_t size, size_t limit)
{
    hwv_idx idx;
    size_t bytes;
    if (hwv_idx_parse_header(&idx, head, size, NULL) != HWV_OK)
        return size;
    return hwv_size_add(idx.data_at, idx.count, &bytes) && bytes < limit ? bytes : limit;
}
