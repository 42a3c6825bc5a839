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
HWV_WORD vw identity_backward_y(vw dy, vw y, wp p)
{
    return identity_backward(dy, y, p);
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
HWV_WORD vw relu_backward_y(vw dy, vw y, wp p)
{
    return relu_backward(dy, y, p);
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
HWV_WORD vw leaky_relu_backward_y(vw dy, vw y, wp p)
{
    return leaky_relu_backward(dy, y, p);
}

#endif
