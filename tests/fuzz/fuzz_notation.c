/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer notation: on a vector and on images, as the first byte says. */
#include "fuzz.h"

#include <string.h>

#include "halfwave/model.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char text[4096];
    hwv_model model;
    hwv_error error;
    if (size == 0 || size > sizeof text)
        return 0;
    hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {6}, .classes = 3};
    if (bytes[0] % 2)
        options = (hwv_model_options){.act = options.act, .rank = 3, .dims = {9, 8, 2}, .classes = 3};
    if (bytes[0] & 2)
        options.act = (hwv_model_act){.gated = true, .gate = HWV_GATE_REGLU};
    options.norm = (hwv_norm)(bytes[0] / 4 % HWV_NORM_COUNT);
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = 0;
    if (hwv_model_build(&model, text, &options, &error) != HWV_OK)
        return 0;
    fuzz_sink += hwv_model_parameters(&model) + strlen(model.notation);
    hwv_model_free(&model);
    return 0;
}
