/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ZIP archives. */
#include "io/zip.h"

#include <stdbool.h>
#include <string.h>

#include "halfwave/memory.h"
#include "io/bytes.h"
#include "io/crc32.h"
#include "io/inflate.h"

/* Sizes of the fixed parts, and the longest comment behind the end record. */
enum { LOCAL = 30, ENTRY = 46, END = 22, COMMENT = 65535 };

enum { STORED = 0, DEFLATED = 8 };

enum { ENCRYPTED = 1 }; /* flag */

static bool begins(const unsigned char *p, const char signature[2])
{
    return p[0] == 'P' && p[1] == 'K' && p[2] == (unsigned char)signature[0] && p[3] == (unsigned char)signature[1];
}

/* The end record: the last that a comment of the right length follows. */
static bool find_end(const hwv_zip *zip, size_t *end)
{
    size_t last = zip->size >= END ? zip->size - END : 0, first = last > COMMENT ? last - COMMENT : 0;
    for (size_t at = last + 1; zip->size >= END && at-- > first;)
        if (begins(zip->bytes + at, "\5\6") && hwv_load_le16(zip->bytes + at + 20) == zip->size - END - at) {
            *end = at;
            return true;
        }
    return false;
}

static hwv_status fail_zip64(size_t at, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                    "offset %zu: ZIP64 (members or archives from 4 GiB on, or 65535 members): not supported", at);
}

/* What the end record says: *count members in a directory that ends at *directory_end, where the record begins. */
static hwv_status read_end(hwv_zip *zip, size_t *count, size_t *directory_end, hwv_error *error)
{
    size_t end = 0;
    if (zip->size < 4 || (!begins(zip->bytes, "\3\4") && !begins(zip->bytes, "\5\6")))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset 0: a ZIP archive begins with PK 03 04, this file does not");
    if (!find_end(zip, &end))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the ZIP archive has no end record: it is cut off",
                        zip->size);
    const unsigned char *p = zip->bytes + end;
    size_t bytes = hwv_load_le32(p + 12);
    *directory_end = end;
    *count = hwv_load_le16(p + 10);
    zip->directory = hwv_load_le32(p + 16);
    if (*count == 0xffff || bytes == 0xffffffff || zip->directory == 0xffffffff)
        return fail_zip64(end, error);
    if (hwv_load_le16(p + 4) != 0 || hwv_load_le16(p + 6) != 0 || hwv_load_le16(p + 8) != *count)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "offset %zu: a ZIP archive in several files: not supported",
                        end + 4);
    if (zip->directory > end || bytes != end - zip->directory || *count * ENTRY > bytes)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "offset %zu: a directory of %zu members in %zu bytes at offset %zu does not fit the file",
                        end + 10, *count, bytes, zip->directory);
    return HWV_OK;
}

/* The entry at *at of a directory that ends at `end`; *at moves behind it. */
static hwv_status read_entry(const hwv_zip *zip, hwv_zip_member *m, size_t *at, size_t end, hwv_error *error)
{
    const unsigned char *p = zip->bytes + *at;
    if (end - *at < ENTRY || !begins(p, "\1\2"))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: an entry of the ZIP directory expected", *at);
    size_t name = hwv_load_le16(p + 28), rest = name + hwv_load_le16(p + 30) + hwv_load_le16(p + 32);
    if (end - *at - ENTRY < rest)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: an entry that is longer than the ZIP directory", *at);
    *m = (hwv_zip_member){.name = (const char *)p + ENTRY,
                          .name_length = name,
                          .at = *at,
                          .flags = hwv_load_le16(p + 8),
                          .method = hwv_load_le16(p + 10),
                          .sum = hwv_load_le32(p + 16),
                          .packed = hwv_load_le32(p + 20),
                          .size = hwv_load_le32(p + 24),
                          .header = hwv_load_le32(p + 42)};
    if (m->packed == 0xffffffff || m->size == 0xffffffff || m->header == 0xffffffff)
        return fail_zip64(*at, error);
    *at += ENTRY + rest;
    return HWV_OK;
}

static hwv_status read_directory(hwv_zip *zip, hwv_error *error)
{
    size_t count = 0, at, end = 0;
    HWV_TRY(read_end(zip, &count, &end, error));
    at = zip->directory;
    zip->members = hwv_calloc(count, sizeof *zip->members);
    if (!zip->members)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a directory of %zu members", count);
    for (; zip->count < count; zip->count++)
        HWV_TRY(read_entry(zip, &zip->members[zip->count], &at, end, error));
    return at == end
               ? HWV_OK
               : hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: bytes after the last entry of the ZIP directory", at);
}

hwv_status hwv_zip_parse(hwv_zip *zip, const unsigned char *bytes, size_t size, hwv_error *error)
{
    *zip = (hwv_zip){.bytes = bytes, .size = size};
    hwv_status status = read_directory(zip, error);
    if (status != HWV_OK)
        hwv_zip_free(zip);
    return status;
}

void hwv_zip_free(hwv_zip *zip)
{
    hwv_free(zip->members);
    *zip = (hwv_zip){0};
}

/* Where the member's bytes are. */
static hwv_status find_packed(const hwv_zip *zip, const hwv_zip_member *m, const unsigned char **packed,
                              hwv_error *error)
{
    size_t at = m->header;
    if (m->flags & ENCRYPTED)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "offset %zu: the member is encrypted", m->at + 8);
    if (m->method != STORED && m->method != DEFLATED)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "offset %zu: compression method %u; supported are 0 (stored) and 8 (deflated)", m->at + 10,
                        m->method);
    if (at > zip->directory || zip->directory - at < LOCAL || !begins(zip->bytes + at, "\3\4"))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the header of a member expected", at);
    const unsigned char *p = zip->bytes + at;
    size_t name = hwv_load_le16(p + 26), rest = name + hwv_load_le16(p + 28);
    if (zip->directory - at - LOCAL < rest || zip->directory - at - LOCAL - rest < m->packed)
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "offset %zu: a member of %zu bytes does not fit in front of the ZIP directory", at, m->packed);
    if (name != m->name_length || memcmp(p + LOCAL, m->name, name) != 0)
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the member has another name in the ZIP directory",
                        at + LOCAL);
    /* 1032: the most that deflate makes of a byte. */
    if (m->size / 1032 > m->packed || (m->method == STORED && m->size != m->packed))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: %zu bytes cannot unpack to the %zu that are said",
                        m->at + 20, m->packed, m->size);
    *packed = p + LOCAL + rest;
    return HWV_OK;
}

hwv_status hwv_zip_locate(const hwv_zip *zip, const hwv_zip_member *m, size_t *at, bool *deflated, hwv_error *error)
{
    const unsigned char *packed;
    HWV_TRY(find_packed(zip, m, &packed, error));
    *at = (size_t)(packed - zip->bytes);
    *deflated = m->method == DEFLATED;
    return HWV_OK;
}

static hwv_status unpack(unsigned char *out, const hwv_zip *zip, const hwv_zip_member *m, const unsigned char *packed,
                         hwv_error *error)
{
    size_t at = (size_t)(packed - zip->bytes);
    if (m->method == DEFLATED)
        HWV_TRY(hwv_deflate_unpack(out, m->size, packed, m->packed, at, error));
    else if (m->size > 0)
        memcpy(out, packed, m->size);
    uint32_t sum = hwv_crc32(out, m->size);
    return sum == m->sum ? HWV_OK
                         : hwv_fail(error, HWV_ERR_FORMAT,
                                    "offset %zu: the checksum is %08lx, %08lx is expected: the member is damaged", at,
                                    (unsigned long)sum, (unsigned long)m->sum);
}

hwv_status hwv_zip_read(hwv_file *content, const hwv_zip *zip, const hwv_zip_member *m, hwv_error *error)
{
    const unsigned char *packed = NULL;
    *content = (hwv_file){0};
    HWV_TRY(find_packed(zip, m, &packed, error));
    unsigned char *out = hwv_calloc(m->size, 1);
    if (!out)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for its %zu bytes", m->size);
    hwv_status status = unpack(out, zip, m, packed, error);
    if (status != HWV_OK) {
        hwv_free(out);
        return status;
    }
    *content = (hwv_file){.data = out, .size = m->size, .block = out, .inflated = m->method == DEFLATED};
    return HWV_OK;
}
