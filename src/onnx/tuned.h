/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models of files, written again. */
#ifndef HWV_ONNX_TUNED_H
#define HWV_ONNX_TUNED_H

#include "halfwave/onnx.h"

/* Appends the model's file with the weights that the model has now; what did not change stays byte for byte. */
hwv_status hwv_onnx_tuned(hwv_text *bytes, const hwv_model *model, hwv_error *error);

#endif
