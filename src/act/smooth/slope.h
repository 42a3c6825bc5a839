/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gradients of the smooth operators: dy f'(x) with an error of at most 4 ULP or 4 * 2^-23 |dy|. That is an absolute
 * bound on f', which spares the care for tails that values need; but where f' tends to 0 it becomes 0, and where it
 * tends to 1, 1. Forms by table where there are large ones, and some with small ones. */
#ifndef HWV_ACT_SMOOTH_SLOPE_H
#define HWV_ACT_SMOOTH_SLOPE_H

#include "act/coefficients/slope.h"
#include "act/smooth/elu.h"
#include "act/smooth/fast.h"
#include "act/smooth/gelu.h"
#include "act/smooth/sigmoid.h"
#include "act/smooth/softplus.h"
#include "act/smooth/tanh.h"

/* f' is even, or 1/2 and something odd. */
#define HWV_SLOPE_EVEN(table, name, x) table(name, slope_size(x, name##_last))
#define HWV_SLOPE_HALF(table, name, x) w_add(w_set(0.5f), w_xor_sign(HWV_SLOPE_EVEN(table, name, x), x))
HWV_WORD vw slope_size(vw x, float last)
{
    return w_min(w_set(last), w_abs(x));
}

HWV_WORD vw exp_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_product(dy, y);
}
HWV_WORD vw exp_backward(vw dy, vw x, wp p)
{
    return w_product(dy, exp_forward(x, p));
}

/* 1/(1 + exp(-z)), but 0 where it is small. */
HWV_WORD vw slope_logistic(vw z)
{
#if V_TABLE >= 32
    return HWV_SLOPE_HALF(HWV_PLAIN, hwv_slope_softplus, z);
#elif V_TABLE
    return HWV_SLOPE_HALF(HWV_PLAIN, hwv_fast_sigmoid, z);
#else
    vw one = w_set(1.0f), n = fast_exp_to_0(exp_neg_abs(z), 0.0f);
    vw s = w_div(one, w_add(one, n));
    return w_select(w_lt(z, w_zero()), w_mul(n, s), s);
#endif
}
HWV_WORD vw sigmoid_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_product(dy, w_product(y, w_sub(w_set(1.0f), y)));
}
HWV_WORD vw sigmoid_backward(vw dy, vw x, wp p)
{
#if V_TABLE
    (void)p;
    return w_product(dy, HWV_SLOPE_EVEN(HWV_PLAIN, hwv_slope_sigmoid, x));
#else
    return sigmoid_backward_y(dy, slope_logistic(x), p);
#endif
}

HWV_WORD vw tanh_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_product(dy, w_fnma(y, y, w_set(1.0f)));
}
HWV_WORD vw tanh_backward(vw dy, vw x, wp p)
{
#if V_TABLE >= 32
    (void)p;
    return w_product(dy, HWV_SLOPE_EVEN(HWV_PLAIN, hwv_slope_tanh, x));
#else
    return tanh_backward_y(dy, tanh_forward(x, p), p);
#endif
}
HWV_WORD vw tanhshrink_backward(vw dy, vw x, wp p)
{
    vw t = tanh_forward(x, p);
    return w_product(dy, w_product(t, t));
}

/* With s = 1/(1+e), e = exp(-|z|): s + t on the right of 0 and 1 - (s + t) on the left, t = |v| e s^2, which is the
 * slope of x logistic(z) where x dz/dx = v. |z| <= 85. */
HWV_WORD vw slope_gate(vw z, vw v)
{
    vw one = w_set(1.0f), e = fast_exp(exp_neg_abs(z));
    vw s = w_div(one, w_add(one, e));
    vw right = w_fma(w_product(w_abs(v), e), w_mul(s, s), s);
    return w_select(w_lt(z, w_zero()), w_sub(one, right), right);
}
HWV_WORD vw slope_bound(vw x, float bound)
{
    return w_min(w_set(bound), w_max(w_set(-bound), x));
}
HWV_WORD vw swish_backward(vw dy, vw x, wp p)
{
    /* A beta of 0 makes nothing of an infinite x. */
    vw z = slope_bound(w_product(slope_bound(x, 1e30f), p.p[0]), 85.0f);
    return w_product(dy, slope_gate(z, z));
}
HWV_WORD vw silu_backward(vw dy, vw x, wp p)
{
    (void)p;
#if V_TABLE >= 32
    return w_product(dy, HWV_SLOPE_HALF(HWV_PLAIN, hwv_slope_silu, x));
#else
    vw z = slope_bound(x, 85.0f);
    return w_product(dy, slope_gate(z, z));
#endif
}

HWV_WORD vw gelu_backward(vw dy, vw x, wp p)
{
    (void)p;
#if V_TABLE
    return w_product(dy, HWV_SLOPE_HALF(HWV_FAST_GELU, hwv_slope_gelu, x));
#else
    /* 1 + w on the right and -w on the left, w = t phi(t) - Phi(-t) = e^(-t^2/2) (t / sqrt(2 pi) - R). */
    vw t = w_max(w_set(0x1p-40f), slope_size(x, 12.5f));
    vw e = fast_exp(w_mul(w_set(-0.5f), w_mul(t, t))), r = w_div(gelu_mills(t), t);
    vw w = w_mul(e, w_sub(w_mul(t, w_set(0x1.988454p-2f)), r));
    w = w_keep(w_nlt(w_set(12.0f), t), w);
    return w_mul(dy, w_select(w_lt(x, w_zero()), w_neg(w), w_add(w_set(1.0f), w)));
#endif
}
HWV_WORD vw gelu_tanh_backward(vw dy, vw x, wp p)
{
    (void)p;
#if V_TABLE
    return w_product(dy, HWV_SLOPE_HALF(HWV_FAST_GELU, hwv_slope_gelu_tanh, x));
#else
    vw c = slope_bound(x, 10.0f), s = w_mul(c, c), k = w_mul(w_set(HWV_CUBIC_K), c);
    vw middle = w_set(HWV_CUBIC_C_HIGH + HWV_CUBIC_C_LOW), z = slope_bound(w_mul(k, w_add(s, middle)), 85.0f);
    return w_mul(dy, slope_gate(z, w_mul(k, w_fma(w_set(3.0f), s, middle))));
#endif
}

/* With n = e^x, m = n (n + 1) and d = m + n + 2: 1 - 2/d + 4x m/d^2. */
HWV_WORD vw mish_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw c = w_max(w_set(-60.0f), w_min(w_set(20.0f), x)), n = fast_exp_to_0(c, 20.0f);
    vw m = w_fma(n, n, n), q = w_div(w_set(1.0f), w_add(m, w_add(n, w_set(2.0f))));
    vw rise = w_product(w_mul(w_set(4.0f), m), c);
    return w_product(dy, w_fma(q, w_fma(rise, q, w_set(-2.0f)), w_set(1.0f)));
}

HWV_WORD vw softplus_backward(vw dy, vw x, wp p)
{
    vw d = w_product(dy, slope_logistic(w_product(x, p.p[0])));
    return w_select(w_gt(x, softplus_linear(p.p[0], p.p[1])), dy, d);
}
HWV_WORD vw logsigmoid_backward(vw dy, vw x, wp p)
{
    (void)p;
    return w_product(dy, slope_logistic(w_neg(x)));
}

/* As kernels: p[1] on the right, p[0] e^x or e^(x p[1]) on the left. From y, e^x is y/p[0] + 1. */
HWV_WORD vw elu_backward(vw dy, vw x, wp p)
{
    vw left = w_product(p.p[0], fast_exp_to_0(x, 0.0f));
    return w_product(dy, w_select(w_gt(x, w_zero()), p.p[1], left));
}
HWV_WORD vw elu_backward_y(vw dy, vw y, wp p)
{
    return w_product(dy, w_select(w_gt(y, w_zero()), p.p[1], w_add(y, p.p[0])));
}
HWV_WORD vw celu_backward(vw dy, vw x, wp p)
{
    return w_product(dy, fast_exp_to_0(w_product(x, p.p[1]), 0.0f));
}
HWV_WORD vw celu_backward_y(vw dy, vw y, wp p)
{
    return w_product(dy, w_fma(w_min(w_zero(), y), p.p[1], w_set(1.0f)));
}

#endif
