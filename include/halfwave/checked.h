/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The calls of act.h, gated.h and rrelu.h for callers that cannot vouch for their arguments (bindings, interpreters).
 * Each does what the call of the same name without `try` does; where an argument is wrong it writes nothing and returns
 *     HWV_ERR_ARGUMENT     unknown operator, pair, type, tier or axis; a parameter outside its range; an array that is
 *                          NULL although it has elements; a stride shorter than a row
 *     HWV_ERR_UNSUPPORTED  the row does not have the pass: masks are for HWV_PIECEWISE, backward_y is for
 *                          HWV_GRADIENT_FROM_Y
 * with a sentence in *error, which may be NULL. rows = 0 or cols = 0 is no error and does nothing. What nobody can
 * check, that the arrays are as long as rows and strides say and do not overlap in part, remains the caller's promise.
 * The calls without `try` assert the same in builds without NDEBUG. */
#ifndef HALFWAVE_CHECKED_H
#define HALFWAVE_CHECKED_H

#include "halfwave/gated.h"
#include "halfwave/rrelu.h"

HWV_BEGIN

/* ==== halfwave-checked: the calls of kernels, with their arguments checked ==== */

HWV_API hwv_status hwv_act_try_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                       size_t y_stride, const void *x, size_t x_stride, hwv_error *error);
HWV_API hwv_status hwv_act_try_forward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                            size_t y_stride, const void *x, size_t x_stride, uint64_t *mask,
                                            size_t mask_stride, hwv_error *error);
HWV_API hwv_status hwv_act_try_bias_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                            size_t y_stride, const void *x, size_t x_stride, const void *bias,
                                            uint64_t *mask, size_t mask_stride, hwv_error *error);
HWV_API hwv_status hwv_act_try_backward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                        size_t dx_stride, const void *dy, size_t dy_stride, const void *x,
                                        size_t x_stride, hwv_error *error);
HWV_API hwv_status hwv_act_try_backward_y(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                          size_t dx_stride, const void *dy, size_t dy_stride, const void *y,
                                          size_t y_stride, hwv_error *error);
HWV_API hwv_status hwv_act_try_backward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                             size_t dx_stride, const void *dy, size_t dy_stride, const uint64_t *mask,
                                             size_t mask_stride, hwv_error *error);
HWV_API hwv_status hwv_act_try_fires(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, const void *x,
                                     size_t x_stride, uint64_t *mask, size_t mask_stride, uint64_t *nans,
                                     hwv_error *error);

HWV_API hwv_status hwv_prelu_try_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                                         const void *x, size_t x_stride, const void *slope, hwv_slope_axis axis,
                                         size_t slopes, uint64_t *mask, size_t mask_stride, hwv_error *error);
HWV_API hwv_status hwv_prelu_try_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride,
                                          const void *dy, size_t dy_stride, const void *x, size_t x_stride,
                                          const void *slope, hwv_slope_axis axis, size_t slopes, void *dslope,
                                          hwv_error *error);

HWV_API hwv_status hwv_rrelu_try_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                                         const void *x, size_t x_stride, float lower, float upper,
                                         const hwv_draws *draws, uint64_t *mask, size_t mask_stride, hwv_error *error);
HWV_API hwv_status hwv_rrelu_try_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride,
                                          const void *dy, size_t dy_stride, const void *x, size_t x_stride,
                                          const uint64_t *mask, size_t mask_stride, float lower, float upper,
                                          const hwv_draws *draws, hwv_error *error);

HWV_API hwv_status hwv_gated_try_forward(hwv_gate kind, hwv_tier tier, hwv_dtype dtype, size_t rows, size_t cols,
                                         void *y, size_t y_stride, const void *value, size_t value_stride,
                                         const void *gate, size_t gate_stride, hwv_error *error);
HWV_API hwv_status hwv_gated_try_backward(hwv_gate kind, hwv_dtype dtype, size_t rows, size_t cols, void *dvalue,
                                          size_t dvalue_stride, void *dgate, size_t dgate_stride, const void *dy,
                                          size_t dy_stride, const void *value, size_t value_stride, const void *gate,
                                          size_t gate_stride, hwv_error *error);

HWV_END

#endif
