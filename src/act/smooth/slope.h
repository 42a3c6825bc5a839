/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gradients of the smooth operators: dy f'(x) with an error of at most 4 ULP or 4 * 2^-23 |dy|. That is an absolute
 * bound on f', which spares the care for tails that values need; but where f' tends to 0 it becomes 0. */
#ifndef HWV_ACT_SMOOTH_SLOPE_H
#define HWV_ACT_SMOOTH_SLOPE_H

#include "act/smooth/elu.h"
#include "act/smooth/exp.h"
#include "act/smooth/gelu.h"
#include "act/smooth/sigmoid.h"
#include "act/smooth/softplus.h"
#include "act/smooth/tanh.h"

/* e^x for |x| <= 85. */
HWV_WORD vw slope_exp(vw x)
{
    return exp_normal(exp_parts(x), 1);
}
HWV_WORD vw slope_power(vw x, float low, float high)
{
    return slope_exp(w_min(w_set(high), w_max(w_set(low), x)));
}

HWV_WORD vw exp_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, y);
}
HWV_WORD vw exp_backward(vw dy, vw x, wp p)
{
    return w_mul(dy, exp_forward(x, p));
}

/* 1/(1 + exp(-z)), but 0 where it is small. */
HWV_WORD vw slope_logistic(vw z)
{
    vw one = w_set(1.0f), e = slope_exp(w_max(w_set(-85.0f), exp_neg_abs(z)));
    vw s = w_div(one, w_add(one, e));
    return w_select(w_lt(z, w_zero()), w_keep(w_nlt(z, w_set(-85.0f)), w_mul(e, s)), s);
}
HWV_WORD vw sigmoid_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, w_mul(y, w_sub(w_set(1.0f), y)));
}
HWV_WORD vw sigmoid_backward(vw dy, vw x, wp p)
{
    return sigmoid_backward_y(dy, slope_logistic(x), p);
}
HWV_WORD vw tanh_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, w_fnma(y, y, w_set(1.0f)));
}
HWV_WORD vw tanh_backward(vw dy, vw x, wp p)
{
    return tanh_backward_y(dy, tanh_forward(x, p), p);
}
HWV_WORD vw tanhshrink_backward(vw dy, vw x, wp p)
{
    vw t = tanh_forward(x, p);
    return w_mul(w_mul(t, t), dy);
}

/* With s = 1/(1+e), e = exp(-|z|): s + t on the right of 0 and 1 - (s + t) on the left, t = |v| e s^2, which is the
 * slope of x logistic(z) where x dz/dx = v. */
HWV_WORD vw slope_gate(vw z, vw v)
{
    vw one = w_set(1.0f), e = slope_exp(w_max(w_set(-85.0f), exp_neg_abs(z)));
    vw s = w_div(one, w_add(one, e));
    vw right = w_fma(w_mul(w_abs(v), e), w_mul(s, s), s);
    return w_select(w_lt(z, w_zero()), w_sub(one, right), right);
}
HWV_WORD vw swish_backward(vw dy, vw x, wp p)
{
    /* A beta of 0 makes nothing of an infinite x. */
    vw bound = w_set(1e30f), z = w_mul(w_min(bound, w_max(w_neg(bound), x)), p.p[0]);
    z = w_min(w_set(85.0f), w_max(w_set(-85.0f), z));
    return w_mul(dy, slope_gate(z, z));
}
HWV_WORD vw silu_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw z = w_min(w_set(85.0f), w_max(w_set(-85.0f), x));
    return w_mul(dy, slope_gate(z, z));
}
HWV_WORD vw gelu_tanh_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw c = w_min(w_set(10.0f), w_max(w_set(-10.0f), x)), s = w_mul(c, c), k = w_mul(w_set(HWV_CUBIC_K), c);
    vw middle = w_set(HWV_CUBIC_C_HIGH + HWV_CUBIC_C_LOW);
    return w_mul(dy, slope_gate(w_mul(k, w_add(s, middle)), w_mul(k, w_fma(w_set(3.0f), s, middle))));
}

/* 1 + w on the right and -w on the left, w = t phi(t) - Phi(-t) = e^(-t^2/2) (t / sqrt(2 pi) - R). */
HWV_WORD vw gelu_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw t = w_max(w_set(0x1p-40f), w_min(w_set(12.5f), w_abs(x)));
    vw e = slope_exp(w_mul(w_set(-0.5f), w_mul(t, t))), r = w_div(gelu_mills(t), t);
    vw w = w_mul(e, w_sub(w_mul(t, w_set(HWV_MILLS_FAR)), r));
    w = w_keep(w_nlt(w_set(12.0f), t), w);
    return w_mul(dy, w_select(w_lt(x, w_zero()), w_neg(w), w_add(w_set(1.0f), w)));
}

/* q (n(n+2) + 4x n(n+1) q), n = e^x, q = 1/(n(n+2) + 2). */
HWV_WORD vw mish_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw c = w_min(w_set(20.0f), w_max(w_set(-80.0f), x)), n = slope_exp(c), two = w_set(2.0f);
    vw a = w_mul(n, w_add(n, two)), q = w_div(w_set(1.0f), w_add(a, two));
    vw b = w_mul(w_mul(n, w_add(n, w_set(1.0f))), q);
    vw slope = w_mul(q, w_fma(w_mul(w_set(4.0f), c), b, a));
    return w_mul(dy, w_keep(w_nlt(x, w_set(-60.0f)), slope));
}

HWV_WORD vw softplus_backward(vw dy, vw x, wp p)
{
    vw d = w_mul(dy, slope_logistic(w_mul(x, p.p[0])));
    return w_select(w_gt(x, softplus_linear(p.p[0], p.p[1])), dy, d);
}
HWV_WORD vw logsigmoid_backward(vw dy, vw x, wp p)
{
    (void)p;
    return w_mul(dy, slope_logistic(w_neg(x)));
}

/* As kernels: p[1] on the right, p[0] e^x or e^(x p[1]) on the left. From y, e^x is y/p[0] + 1. */
HWV_WORD vw slope_left(vw x)
{
    return w_keep(w_nlt(x, w_set(-85.0f)), slope_power(x, -85.0f, 0.0f));
}
HWV_WORD vw elu_backward(vw dy, vw x, wp p)
{
    return w_mul(dy, w_select(w_gt(x, w_zero()), p.p[1], w_mul(p.p[0], slope_left(x))));
}
HWV_WORD vw elu_backward_y(vw dy, vw y, wp p)
{
    return w_mul(dy, w_select(w_gt(y, w_zero()), p.p[1], w_add(y, p.p[0])));
}
HWV_WORD vw celu_backward(vw dy, vw x, wp p)
{
    return w_mul(dy, w_select(w_gt(x, w_zero()), w_set(1.0f), slope_left(w_mul(x, p.p[1]))));
}
HWV_WORD vw celu_backward_y(vw dy, vw y, wp p)
{
    return w_mul(dy, w_select(w_gt(y, w_zero()), w_set(1.0f), w_fma(y, p.p[1], w_set(1.0f))));
}

#endif
