/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * ZIP archives (PKWARE's APPNOTE.TXT, version 6.3): members that are stored or deflated. Sizes and places come from the
 * central directory at the end; ZIP64, encryption and archives in several files are refused. */
#ifndef HWV_IO_ZIP_H
#define HWV_IO_ZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "halfwave/status.h"
#include "io/file.h"

/* A view of the archive. */
typedef struct hwv_zip_member {
    const char *name; /* not ended by NUL */
    size_t name_length;
    size_t at; /* offset of its entry in the central directory */
    unsigned flags, method;
    uint32_t sum;
    size_t packed, size, header; /* bytes in the archive and unpacked; offset of its local header */
} hwv_zip_member;

/* Owns its list. Zero-initialise; free with hwv_zip_free. */
typedef struct hwv_zip {
    const unsigned char *bytes; /* not owned */
    size_t size, directory;     /* offset of the central directory: members end before it */
    size_t count;
    hwv_zip_member *members;
} hwv_zip;

/* The members of an archive in memory, which must stay as long as *zip is used. HWV_ERR_FORMAT with the offset: no
 * archive, cut off, damaged directory; HWV_ERR_UNSUPPORTED: ZIP64, several files; HWV_ERR_MEMORY. */
hwv_status hwv_zip_parse(hwv_zip *zip, const unsigned char *bytes, size_t size, hwv_error *error);
/* Accepts a zero struct. */
void hwv_zip_free(hwv_zip *zip);

/* Unpacks a member into *content (free with hwv_file_free) and checks its CRC-32. HWV_ERR_FORMAT with an offset in the
 * archive, HWV_ERR_UNSUPPORTED: encrypted, another method, deflated in a build without zlib; HWV_ERR_MEMORY. */
hwv_status hwv_zip_read(hwv_file *content, const hwv_zip *zip, const hwv_zip_member *member, hwv_error *error);

/* Where its packed bytes begin; how they are packed. The same errors as hwv_zip_read, but those of the content. */
hwv_status hwv_zip_locate(const hwv_zip *zip, const hwv_zip_member *member, size_t *at, bool *deflated,
                          hwv_error *error);

#endif
