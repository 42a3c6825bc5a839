/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Tallies, as the files of this floor share them. */
#ifndef HWV_CHECK_TALLY_H
#define HWV_CHECK_TALLY_H

#include "halfwave/check.h"

/* Units beyond it have no picture. */
#define HWV_PICTURE_UNITS 512

/* An empty layer. HWV_ERR_MEMORY: *layer is zero. */
hwv_status hwv_layer_tally_init(hwv_layer_tally *layer, const char *name, const char *op, const hwv_act *act,
                                size_t units, size_t features, hwv_error *error);
void hwv_layer_tally_free(hwv_layer_tally *layer);

/* ONNX's operator of an activation; PyTorch's or ours where ONNX has none. */
const char *hwv_act_onnx(const hwv_act *act);

#endif
