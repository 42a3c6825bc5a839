/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Formulas of the piecewise linear operators. Values and gradients are chosen by compare and select: a max
 * instruction has its own mind about NaN and -0, and 0 * dy is NaN where dy is infinite. */
#ifndef HWV_ACT_RECTIFIED_H
#define HWV_ACT_RECTIFIED_H

#include "act/predicates.h"

/* identity */
HWV_WORD vw identity_forward(vw x, wp p)
{
    (void)p;
    return x;
}
HWV_WORD vw identity_backward(vw dy, vw x, wp p)
{
    (void)x;
    (void)p;
    return dy;
}
HWV_WORD vw identity_backward_mask(vw dy, wm pass, wp p)
{
    (void)pass;
    (void)p;
    return dy;
}

/* relu: not less than 0 rather than greater keeps -0 and NaN. */
HWV_WORD vw relu_forward(vw x, wp p)
{
    (void)p;
    return w_keep(w_nlt(x, w_zero()), x);
}
HWV_WORD vw relu_backward_mask(vw dy, wm pass, wp p)
{
    (void)p;
    return w_keep(pass, dy);
}
HWV_WORD vw relu_backward(vw dy, vw x, wp p)
{
    return relu_backward_mask(dy, w_nle(x, w_zero()), p);
}

/* leaky_relu */
HWV_WORD vw leaky_relu_forward(vw x, wp p)
{
    return w_select(w_gt(x, w_zero()), x, w_mul(p.p[0], x));
}
HWV_WORD vw leaky_relu_backward_mask(vw dy, wm pass, wp p)
{
    return w_select(pass, dy, w_mul(p.p[0], dy));
}
HWV_WORD vw leaky_relu_backward(vw dy, vw x, wp p)
{
    return leaky_relu_backward_mask(dy, w_gt(x, w_zero()), p);
}

/* clip: the upper bound has the last word where the two cross, as in PyTorch and ONNX. */
HWV_WORD vw clip_forward(vw x, wp p)
{
    vw raised = w_select(w_lt(x, p.p[0]), p.p[0], x);
    return w_select(w_gt(raised, p.p[1]), p.p[1], raised);
}
HWV_WORD vw clip_backward(vw dy, vw x, wp p)
{
    return relu_backward_mask(dy, is_within(x, p), p);
}

/* hardtanh: the same values, but no gradient at the bounds */
HWV_WORD vw hardtanh_forward(vw x, wp p)
{
    return clip_forward(x, p);
}
HWV_WORD vw hardtanh_backward(vw dy, vw x, wp p)
{
    return relu_backward_mask(dy, is_between(x, p), p);
}

/* threshold */
HWV_WORD vw threshold_forward(vw x, wp p)
{
    return w_select(is_not_below(x, p), x, p.p[1]);
}
HWV_WORD vw threshold_backward(vw dy, vw x, wp p)
{
    return relu_backward_mask(dy, is_not_below(x, p), p);
}

/* hardshrink */
HWV_WORD vw hardshrink_forward(vw x, wp p)
{
    return w_keep(is_not_small(x, p), x);
}
HWV_WORD vw hardshrink_backward(vw dy, vw x, wp p)
{
    return relu_backward_mask(dy, is_not_small(x, p), p);
}

/* softshrink: towards 0 by lambd. Two different floats never differ by 0, so y tells what x was. */
HWV_WORD vw softshrink_forward(vw x, wp p)
{
    return w_keep(is_not_small(x, p), w_sub(x, w_xor_sign(p.p[0], x)));
}
HWV_WORD vw softshrink_backward_y(vw dy, vw y, wp p)
{
    return relu_backward_mask(dy, w_ne(y, w_zero()), p);
}

/* hardsigmoid: from 0 at the lower kink p[0] to 1 at the upper one p[1]; a NaN is in neither branch. */
HWV_WORD vw hardsigmoid_forward(vw x, wp p)
{
    vw y = w_div(w_sub(x, p.p[0]), w_sub(p.p[1], p.p[0]));
    y = w_keep(w_nle(x, p.p[0]), y);
    return w_select(w_ge(x, p.p[1]), w_set((v_real)1), y);
}
HWV_WORD vw hardsigmoid_backward_mask(vw dy, wm pass, wp p)
{
    return w_keep(pass, w_div(dy, w_sub(p.p[1], p.p[0])));
}
HWV_WORD vw hardsigmoid_backward(vw dy, vw x, wp p)
{
    return hardsigmoid_backward_mask(dy, is_inside(x, p), p);
}

/* Kernels that do what another one does: ~, the call of that one. An infinite or undefined gradient is selected away
 * by the mask alone, whatever the row; and where y tells what x tells, backward from y is backward from x. */
#define HWV_SHARED_identity_backward_y      ~, HWV_KERNEL(identity, backward)(a)
#define HWV_SHARED_relu_backward_y          ~, HWV_KERNEL(relu, backward)(a)
#define HWV_SHARED_leaky_relu_backward_y    ~, HWV_KERNEL(leaky_relu, backward)(a)
#define HWV_SHARED_clip_backward_mask       ~, HWV_KERNEL(relu, backward_mask)(a)
#define HWV_SHARED_hardtanh_forward         ~, HWV_KERNEL(clip, forward)(a)
#define HWV_SHARED_hardtanh_backward_y      ~, HWV_KERNEL(hardtanh, backward)(a)
#define HWV_SHARED_hardtanh_backward_mask   ~, HWV_KERNEL(relu, backward_mask)(a)
#define HWV_SHARED_threshold_backward_y     ~, HWV_KERNEL(threshold, backward)(a)
#define HWV_SHARED_threshold_backward_mask  ~, HWV_KERNEL(relu, backward_mask)(a)
#define HWV_SHARED_hardshrink_backward_y    ~, HWV_KERNEL(hardshrink, backward)(a)
#define HWV_SHARED_hardshrink_backward_mask ~, HWV_KERNEL(relu, backward_mask)(a)
#define HWV_SHARED_softshrink_backward      ~, HWV_KERNEL(hardshrink, backward)(a)
#define HWV_SHARED_softshrink_backward_mask ~, HWV_KERNEL(relu, backward_mask)(a)

#endif
