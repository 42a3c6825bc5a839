/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The checked calls: the arguments' checks, then the call. */
#include "act/checked.h"

static hwv_status check_dtype(hwv_dtype dtype, hwv_error *error)
{
    if ((unsigned)dtype >= HWV_DTYPES)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "no element type has number %d; the last is %d", (int)dtype,
                        HWV_DTYPES - 1);
    return HWV_OK;
}

static hwv_status check_operands(const hwv_operands *operands, hwv_error *error)
{
    const size_t rows = operands->rows, cols = operands->cols;
    for (size_t i = 0; i < HWV_OPERANDS && rows > 0 && cols > 0; i++) {
        const hwv_operand *o = &operands->of[i];
        size_t least = o->kind == HWV_OF_ONE_ROW ? 0 : o->kind == HWV_OF_WORDS ? hwv_mask_words(cols) : cols;
        if (o->name && !o->data)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "%s is NULL for %zu rows of %zu", o->name, rows, cols);
        if (o->name && rows > 1 && o->stride < least)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "rows of %s are %zu apart, but have %zu %s", o->name, o->stride,
                            least, o->kind == HWV_OF_WORDS ? "words" : "elements");
    }
    return HWV_OK;
}

hwv_status hwv_check_act(const hwv_act *act, hwv_dtype dtype, unsigned claims, hwv_operands operands, hwv_error *error)
{
    if (!act)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "the activation is NULL");
    HWV_TRY(hwv_act_check(act, error));
    HWV_TRY(check_dtype(dtype, error));
    const char *name = hwv_op_row(act->op)->name;
    if ((claims & HWV_PIECEWISE) && !(hwv_act_claims(act) & HWV_PIECEWISE))
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s has no mask: it is not piecewise linear", name);
    if ((claims & HWV_GRADIENT_FROM_Y) && !(hwv_act_claims(act) & HWV_GRADIENT_FROM_Y))
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: with these parameters y does not tell the gradient", name);
    return check_operands(&operands, error);
}

hwv_status hwv_check_prelu(hwv_dtype dtype, hwv_slope_axis axis, size_t slopes, hwv_operands operands, hwv_error *error)
{
    HWV_TRY(check_dtype(dtype, error));
    if ((unsigned)axis > HWV_SLOPE_ROWS)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "no axis of slopes has number %d; the last is %d", (int)axis,
                        (int)HWV_SLOPE_ROWS);
    size_t wanted = axis == HWV_SLOPE_SHARED ? 1 : axis == HWV_SLOPE_COLUMNS ? operands.cols : slopes;
    if (slopes != wanted || (slopes == 0 && operands.cols > 0))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "%zu slopes, expected %zu", slopes, wanted > 0 ? wanted : 1);
    return check_operands(&operands, error);
}

hwv_status hwv_check_rrelu(hwv_dtype dtype, float lower, float upper, const hwv_draws *draws, hwv_operands operands,
                           hwv_error *error)
{
    const hwv_act act = {.op = HWV_OP_RRELU, .param = {lower, upper}};
    if (!draws)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "draws is NULL");
    return hwv_check_act(&act, dtype, 0, operands, error);
}

hwv_status hwv_check_gated(hwv_gate gate, hwv_tier tier, hwv_dtype dtype, hwv_operands operands, hwv_error *error)
{
    if ((unsigned)gate >= HWV_GATE_END_)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "no gated pair has number %d; the last is %d", (int)gate,
                        (int)HWV_GATE_END_ - 1);
    const hwv_act act = {.op = hwv_gate_get((size_t)gate)->op, .tier = tier};
    return hwv_check_act(&act, dtype, 0, operands, error);
}

hwv_status hwv_act_try_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                               const void *x, size_t x_stride, hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, 0, HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x)), error));
    hwv_act_forward(act, dtype, rows, cols, y, y_stride, x, x_stride);
    return HWV_OK;
}

hwv_status hwv_act_try_forward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                    size_t y_stride, const void *x, size_t x_stride, uint64_t *mask, size_t mask_stride,
                                    hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, HWV_PIECEWISE, HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_WORDS_OF(mask)),
                          error));
    hwv_act_forward_mask(act, dtype, rows, cols, y, y_stride, x, x_stride, mask, mask_stride);
    return HWV_OK;
}

hwv_status hwv_act_try_bias_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                    size_t y_stride, const void *x, size_t x_stride, const void *bias, uint64_t *mask,
                                    size_t mask_stride, hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, mask ? HWV_PIECEWISE : 0,
                          HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_ONE_OF(bias), HWV_IF_WORDS_OF(mask)), error));
    hwv_act_bias_forward(act, dtype, rows, cols, y, y_stride, x, x_stride, bias, mask, mask_stride);
    return HWV_OK;
}

hwv_status hwv_act_try_backward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                size_t dx_stride, const void *dy, size_t dy_stride, const void *x, size_t x_stride,
                                hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, 0, HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(x)), error));
    hwv_act_backward(act, dtype, rows, cols, dx, dx_stride, dy, dy_stride, x, x_stride);
    return HWV_OK;
}

hwv_status hwv_act_try_backward_y(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                  size_t dx_stride, const void *dy, size_t dy_stride, const void *y, size_t y_stride,
                                  hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, HWV_GRADIENT_FROM_Y, HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(y)),
                          error));
    hwv_act_backward_y(act, dtype, rows, cols, dx, dx_stride, dy, dy_stride, y, y_stride);
    return HWV_OK;
}

hwv_status hwv_act_try_backward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx,
                                     size_t dx_stride, const void *dy, size_t dy_stride, const uint64_t *mask,
                                     size_t mask_stride, hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, HWV_PIECEWISE, HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_WORDS_OF(mask)),
                          error));
    hwv_act_backward_mask(act, dtype, rows, cols, dx, dx_stride, dy, dy_stride, mask, mask_stride);
    return HWV_OK;
}

hwv_status hwv_act_try_fires(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, const void *x,
                             size_t x_stride, uint64_t *mask, size_t mask_stride, uint64_t *nans, hwv_error *error)
{
    HWV_TRY(hwv_check_act(act, dtype, 0, HWV_ARRAYS(HWV_ROWS_OF(x), HWV_WORDS_OF(mask)), error));
    hwv_act_fires(act, dtype, rows, cols, x, x_stride, mask, mask_stride, nans);
    return HWV_OK;
}

hwv_status hwv_prelu_try_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride, const void *x,
                                 size_t x_stride, const void *slope, hwv_slope_axis axis, size_t slopes, uint64_t *mask,
                                 size_t mask_stride, hwv_error *error)
{
    HWV_TRY(hwv_check_prelu(dtype, axis, slopes,
                            HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_ONE_OF(slope), HWV_IF_WORDS_OF(mask)),
                            error));
    hwv_prelu_forward(dtype, rows, cols, y, y_stride, x, x_stride, slope, axis, slopes, mask, mask_stride);
    return HWV_OK;
}

hwv_status hwv_prelu_try_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride, const void *dy,
                                  size_t dy_stride, const void *x, size_t x_stride, const void *slope,
                                  hwv_slope_axis axis, size_t slopes, void *dslope, hwv_error *error)
{
    HWV_TRY(hwv_check_prelu(dtype, axis, slopes,
                            HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(x), HWV_ONE_OF(slope)), error));
    hwv_prelu_backward(dtype, rows, cols, dx, dx_stride, dy, dy_stride, x, x_stride, slope, axis, slopes, dslope);
    return HWV_OK;
}

hwv_status hwv_rrelu_try_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride, const void *x,
                                 size_t x_stride, float lower, float upper, const hwv_draws *draws, uint64_t *mask,
                                 size_t mask_stride, hwv_error *error)
{
    HWV_TRY(hwv_check_rrelu(dtype, lower, upper, draws,
                            HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_IF_WORDS_OF(mask)), error));
    hwv_rrelu_forward(dtype, rows, cols, y, y_stride, x, x_stride, lower, upper, draws, mask, mask_stride);
    return HWV_OK;
}

hwv_status hwv_rrelu_try_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride, const void *dy,
                                  size_t dy_stride, const void *x, size_t x_stride, const uint64_t *mask,
                                  size_t mask_stride, float lower, float upper, const hwv_draws *draws,
                                  hwv_error *error)
{
    const hwv_operand given[] = {HWV_ROWS_OF(x), HWV_WORDS_OF(mask)};
    HWV_TRY(hwv_check_rrelu(dtype, lower, upper, draws,
                            HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), given[x == NULL && mask != NULL]), error));
    hwv_rrelu_backward(dtype, rows, cols, dx, dx_stride, dy, dy_stride, x, x_stride, mask, mask_stride, lower, upper,
                       draws);
    return HWV_OK;
}

hwv_status hwv_gated_try_forward(hwv_gate kind, hwv_tier tier, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                                 size_t y_stride, const void *value, size_t value_stride, const void *gate,
                                 size_t gate_stride, hwv_error *error)
{
    HWV_TRY(
        hwv_check_gated(kind, tier, dtype, HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(value), HWV_ROWS_OF(gate)), error));
    hwv_gated_forward(kind, tier, dtype, rows, cols, y, y_stride, value, value_stride, gate, gate_stride);
    return HWV_OK;
}

hwv_status hwv_gated_try_backward(hwv_gate kind, hwv_dtype dtype, size_t rows, size_t cols, void *dvalue,
                                  size_t dvalue_stride, void *dgate, size_t dgate_stride, const void *dy,
                                  size_t dy_stride, const void *value, size_t value_stride, const void *gate,
                                  size_t gate_stride, hwv_error *error)
{
    HWV_TRY(hwv_check_gated(
        kind, HWV_ACCURATE, dtype,
        HWV_ARRAYS(HWV_ROWS_OF(dvalue), HWV_ROWS_OF(dgate), HWV_ROWS_OF(dy), HWV_ROWS_OF(value), HWV_ROWS_OF(gate)),
        error));
    hwv_gated_backward(kind, dtype, rows, cols, dvalue, dvalue_stride, dgate, dgate_stride, dy, dy_stride, value,
                       value_stride, gate, gate_stride);
    return HWV_OK;
}
