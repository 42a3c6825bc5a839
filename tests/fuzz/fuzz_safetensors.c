/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * safetensors. */
#include "fuzz.h"

#include <string.h>

#include "io/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    hwv_safetensors file;
    hwv_error error;
    if (hwv_safetensors_parse(&file, bytes, size, &error) != HWV_OK)
        return 0;
    for (size_t i = 0; i < file.count; i++) {
        const unsigned char *data = file.tensors[i].data;
        fuzz_sink += strlen(file.tensors[i].name);
        for (size_t k = 0; k < file.tensors[i].bytes; k++)
            fuzz_sink += data[k];
    }
    for (size_t i = 0; i < file.metadata_count; i++)
        fuzz_sink += strlen(file.metadata[i].key) + strlen(file.metadata[i].value);
    hwv_safetensors_free(&file);
    return 0;
}
