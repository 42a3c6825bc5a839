/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * .npy, and .npz: archives of them. */
#include "fuzz.h"

#include "io/npy.h"
#include "io/zip.h"

static void read_array(const unsigned char *bytes, size_t size)
{
    hwv_npy array;
    hwv_error error;
    if (hwv_npy_parse(&array, bytes, size, &error) != HWV_OK)
        return;
    for (size_t i = 0; i < array.count; i++)
        fuzz_sink += hwv_npy_get(&array, i) > 0;
}

static void read_member(const hwv_zip *zip, const hwv_zip_member *member)
{
    hwv_file content = {0};
    hwv_error error;
    for (size_t i = 0; i < member->name_length; i++)
        fuzz_sink += (unsigned char)member->name[i];
    if (hwv_zip_read(&content, zip, member, &error) != HWV_OK)
        return;
    read_array(content.data, content.size);
    hwv_file_free(&content);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hwv_zip zip = {0};
    hwv_error error;
    read_array(bytes, size);
    if (hwv_zip_parse(&zip, bytes, size, &error) != HWV_OK)
        return 0;
    for (size_t i = 0; i < zip.count; i++)
        read_member(&zip, &zip.members[i]);
    hwv_zip_free(&zip);
    return 0;
}
