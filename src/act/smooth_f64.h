/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Formulas of the smooth operators in double: the values within 4 ULP, subnormal results included; the gradients
 * within 4 ULP or 4 * 2^-52 * |dy|, which leaves tails of them to absolute error. As in single precision no
 * intermediate value may be subnormal: where a result is, its power of two comes last. */
#ifndef HWV_ACT_SMOOTH_F64_H
#define HWV_ACT_SMOOTH_F64_H

#include "act/smooth/parabolas.h"
#include "act/smooth_f64/exp.h"

/* Where |x| (or a multiple of it) makes exp(-|x|) times any finite factor in use vanish. */
#define F64_FAR 800.0

/* exp; beyond the bounds the result is inf or 0 for good. */
HWV_WORD vw exp_forward(vw x, wp p)
{
    (void)p;
    f64_exp e = f64_exp_parts(w_min(w_set(710), w_max(w_set(-746), x)));
    return f64_scale(f64_mantissa(e), e.n);
}
HWV_WORD vw exp_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, y);
}
HWV_WORD vw exp_backward(vw dy, vw x, wp p)
{
    return exp_backward_y(dy, exp_forward(x, p), p);
}

/* x / (1 + e^-z) with e = e^-|z|: x/(1+e) or x*e/(1+e). */
HWV_WORD vw f64_logistic_times(vw x, wm left, f64_exp e)
{
    vw y = w_div(w_select(left, f64_times(x, e), x), w_add(w_set(1), f64_exp_value(e)));
    return f64_scale(y, w_keep(left, e.n));
}
/* f'(z) of z / (1 + e^-z) in a = |z|, w = z * (what z is multiplied with in its own derivative):
 * s (1 + w (1-s)), and f'(-z) = 1 - f'(z). */
HWV_WORD vw f64_logistic_slope(wm left, vw a, vw w, f64_exp e)
{
    vw v = f64_exp_value(e), q = w_div(w_set(1), w_add(w_set(1), v));
    vw slope = w_mul(w_mul(v, q), w_fnma(w, q, w_set(1)));
    slope = w_keep(w_nlt(w_set(690), a), slope);
    return w_select(left, slope, w_sub(w_set(1), slope));
}

/* sigmoid */
HWV_WORD vw sigmoid_forward(vw x, wp p)
{
    (void)p;
    f64_exp e = f64_exp_parts(w_neg(w_min(w_set(F64_FAR), w_abs(x))));
    wm left = w_lt(x, w_zero());
    vw y = w_div(w_select(left, f64_mantissa(e), w_set(1)), w_add(w_set(1), f64_exp_value(e)));
    return f64_scale(y, w_keep(left, e.n));
}
HWV_WORD vw sigmoid_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, w_mul(y, w_sub(w_set(1), y)));
}
HWV_WORD vw sigmoid_backward(vw dy, vw x, wp p)
{
    return sigmoid_backward_y(dy, sigmoid_forward(x, p), p);
}

/* tanh = E/(E+2), E = e^(2|x|) - 1; it is 1 from 22 on. */
HWV_WORD vw tanh_forward(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(22), w_abs(x)), e = f64_expm1(w_add(a, a));
    return w_xor_sign(w_div(e, w_add(w_set(2), e)), x);
}
HWV_WORD vw tanh_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, w_fnma(y, y, w_set(1)));
}
HWV_WORD vw tanh_backward(vw dy, vw x, wp p)
{
    return tanh_backward_y(dy, tanh_forward(x, p), p);
}

/* The bound on |x| only keeps inf/inf away: the quotient is 1 long before, and its square's reciprocal 0 there. */
HWV_WORD vw softsign_forward(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(1e200), w_abs(x));
    return w_xor_sign(w_div(a, w_add(w_set(1), a)), x);
}
HWV_WORD vw softsign_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw q = w_div(w_set(1), w_add(w_set(1), w_min(w_set(1e200), w_abs(x))));
    return w_mul(w_mul(dy, q), q);
}

/* silu: bounded to the left, where the factor vanishes. */
HWV_WORD vw silu_forward(vw x, wp p)
{
    (void)p;
    f64_exp e = f64_exp_parts(w_neg(w_min(w_set(F64_FAR), w_abs(x))));
    return f64_logistic_times(w_max(w_set(-F64_FAR), x), w_lt(x, w_zero()), e);
}
HWV_WORD vw silu_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(F64_FAR), w_abs(x));
    return w_mul(dy, f64_logistic_slope(w_lt(x, w_zero()), a, a, f64_exp_parts(w_neg(a))));
}

/* swish: the product with beta is rounded, and e^z would multiply that error by |z|. */
HWV_WORD vw f64_swish_bounded(vw x)
{
    return w_min(w_set(1e300), w_max(w_set(-1e300), x));
}
HWV_WORD vw swish_forward(vw x, wp p)
{
    vw bounded = f64_swish_bounded(x), z = w_mul(p.p[0], bounded), far = w_set(F64_FAR);
    wm near = w_nlt(far, w_abs(z)), left = w_lt(z, w_zero());
    vw lost = w_keep(near, f64_lost(p.p[0], bounded, z));
    f64_exp e = f64_exp_parts_low(w_neg(w_min(far, w_abs(z))), w_xor_sign(lost, z));
    return w_keep(wm_or(near, wm_not(left)), f64_logistic_times(x, left, e));
}
HWV_WORD vw swish_backward(vw dy, vw x, wp p)
{
    vw z = w_mul(p.p[0], f64_swish_bounded(x)), a = w_min(w_set(F64_FAR), w_abs(z));
    return w_mul(dy, f64_logistic_slope(w_lt(z, w_zero()), a, a, f64_exp_parts(w_neg(a))));
}

/* elu and its kin: the part left of 0 is a factor times e^z - 1. */
HWV_WORD vw f64_expm1_left(vw z)
{
    return f64_expm1(w_max(w_set(-50), w_min(w_zero(), z)));
}
HWV_WORD vw f64_exp_left(vw z)
{
    f64_exp e = f64_exp_parts(w_max(w_set(-746), w_min(w_zero(), z)));
    return f64_scale(f64_mantissa(e), e.n);
}
/* elu and selu: p[0] left and p[1] right of 0. */
HWV_WORD vw elu_forward(vw x, wp p)
{
    return w_select(w_gt(x, w_zero()), w_mul(p.p[1], x), w_mul(p.p[0], f64_expm1_left(x)));
}
HWV_WORD vw elu_backward(vw dy, vw x, wp p)
{
    return w_mul(dy, w_select(w_gt(x, w_zero()), p.p[1], w_mul(p.p[0], f64_exp_left(x))));
}
HWV_WORD vw elu_backward_y(vw dy, vw y, wp p)
{
    return w_mul(dy, w_select(w_gt(y, w_zero()), p.p[1], w_add(y, p.p[0])));
}

/* celu: alpha in p[0]. It is x as far as doubles can tell where x/alpha might be subnormal. */
HWV_WORD vw celu_forward(vw x, wp p)
{
    return w_select(w_gt(x, w_set(-1e-290)), x, w_mul(p.p[0], f64_expm1_left(w_div(x, p.p[0]))));
}
HWV_WORD vw celu_backward(vw dy, vw x, wp p)
{
    return w_select(w_gt(x, w_zero()), dy, w_mul(dy, f64_exp_left(w_div(x, p.p[0]))));
}
HWV_WORD vw celu_backward_y(vw dy, vw y, wp p)
{
    return w_select(w_gt(y, w_zero()), dy, w_mul(dy, w_add(w_set(1), w_div(y, p.p[0]))));
}

/* log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), times 1/divisor; left of -60 it is e^z. lost: z is so much less. */
HWV_WORD vw f64_softplus(vw z, vw lost, vw divisor)
{
    wm tail = w_lt(z, w_set(-60));
    f64_exp e = f64_exp_parts_low(w_neg(w_min(w_set(F64_FAR), w_abs(z))), w_xor_sign(lost, z));
    vw y = w_add(w_max(w_zero(), z), f64_log1p(f64_exp_value(e)));
    return f64_scale(w_div(w_select(tail, f64_mantissa(e), y), divisor), w_keep(tail, e.n));
}
HWV_WORD vw softplus_forward(vw x, wp p)
{
    vw bounded = f64_swish_bounded(x), z = w_mul(p.p[0], bounded);
    vw lost = w_keep(w_nlt(w_set(F64_FAR), w_abs(z)), f64_lost(p.p[0], bounded, z));
    return w_select(w_gt(z, p.p[1]), x, f64_softplus(z, lost, p.p[0]));
}
HWV_WORD vw softplus_backward(vw dy, vw x, wp p)
{
    vw z = w_mul(p.p[0], x);
    return w_select(w_gt(z, p.p[1]), dy, w_mul(dy, sigmoid_forward(z, p)));
}
HWV_WORD vw logsigmoid_forward(vw x, wp p)
{
    (void)p;
    return w_neg(f64_softplus(w_neg(x), w_zero(), w_set(1)));
}
HWV_WORD vw logsigmoid_backward(vw dy, vw x, wp p)
{
    return w_mul(dy, sigmoid_forward(w_neg(x), p));
}

/* gelu = x Phi(x), from Phi(-a) = exp(-a^2/2) M(a), a = |x|; beyond 40 it is 0. The square's rounding error goes into
 * the exponent. */
#define F64_NORMAL_FAR 40.0
HWV_WORD vw gelu_forward(vw x, wp p)
{
    (void)p;
    const vw half = w_set(0.5), one = w_set(1), k = w_set(HWV_F64_NORMAL_K), double_k = w_set(2 * HWV_F64_NORMAL_K);
    wm left = w_lt(x, w_zero());
    vw a = w_min(w_set(F64_NORMAL_FAR), w_abs(x)), s = w_mul(a, a);
    /* q (1 + r) = 1/(a+k) to twice the bits; d + d_low = a + k (Knuth's two-sum). */
    vw d = w_add(a, k), part = w_sub(d, k), d_low = w_add(w_sub(a, part), w_sub(k, w_sub(d, part)));
    vw q = w_div(one, d), r = w_fnma(d_low, q, f64_lost(d, q, one));
    /* t = (a-k)/(a+k) = 1 - 2kq (1 + r). With r goes to the exponent what it would change in t, where 1.1 is near the
     * slope of the polynomial's logarithm as long as q is not small. */
    vw t = w_fnma(double_k, q, one), turn = w_fma(w_mul(w_set(1.1 * 2 * HWV_F64_NORMAL_K), q), r, r);
    f64_exp e = f64_exp_parts_low(w_mul(w_neg(half), s), w_fma(half, f64_lost(a, a, s), turn));
    /* The polynomial's last sum and what it loses; both times 1 + m, with one rounding. */
    const vw first = w_set(hwv_f64_normal[0]);
    vw more = f64_horner(t, hwv_f64_normal + 1, (int)(sizeof hwv_f64_normal / sizeof hwv_f64_normal[0]) - 1);
    vw sum = w_fma(more, t, first), sum_low = w_fma(more, t, w_sub(first, sum));
    vw y = w_mul(w_mul(a, q), w_add(sum, w_fma(sum, e.m, sum_low)));
    return w_sub(w_max(w_zero(), x), f64_scale(y, w_select(left, e.n, w_max(w_set(-900), e.n))));
}
HWV_WORD vw gelu_backward(vw dy, vw x, wp p)
{
    (void)p;
    const vw k = w_set(HWV_F64_NORMAL_K);
    vw a = w_min(w_set(F64_NORMAL_FAR), w_abs(x)), q = w_div(w_set(1), w_add(a, k));
    vw m = w_mul(q, F64_POLYNOMIAL(w_mul(w_sub(a, k), q), hwv_f64_normal));
    vw e = f64_exp_value(f64_exp_parts(w_mul(w_set(-0.5), w_mul(a, a))));
    vw slope = w_keep(w_nlt(w_set(37), a), w_mul(e, w_fnma(a, w_set(HWV_F64_DENSITY), m)));
    return w_mul(dy, w_select(w_lt(x, w_zero()), slope, w_sub(w_set(1), slope)));
}

/* gelu_tanh = x sigmoid(z), z = K x (x^2 + C), in two parts. It is 0 beyond -23. */
#define F64_CUBIC_FAR 23.0
HWV_WORD vw gelu_tanh_forward(vw x, wp p)
{
    (void)p;
    const vw k = w_set(HWV_F64_CUBIC_K), c = w_set(HWV_F64_CUBIC_C);
    vw a = w_min(w_set(F64_CUBIC_FAR), w_abs(x));
    vw s = w_mul(a, a), v = w_add(s, c), part = w_sub(v, s);
    /* v + v_low = a^2 + C (Knuth's two-sum) */
    vw v_low = w_add(w_sub(s, w_sub(v, part)), w_sub(c, part));
    v_low = w_add(w_sub(v_low, f64_lost(a, a, s)), w_set(HWV_F64_CUBIC_C_LOW));
    vw t = w_mul(a, v), t_low = w_sub(w_mul(a, v_low), f64_lost(a, v, t));
    vw z = w_mul(k, t), low = w_fma(k, t_low, w_sub(w_mul(t, w_set(HWV_F64_CUBIC_K_LOW)), f64_lost(k, t, z)));
    f64_exp e = f64_exp_parts_low(w_neg(z), w_neg(low));
    return f64_logistic_times(w_max(w_set(-F64_CUBIC_FAR), x), w_lt(x, w_zero()), e);
}
HWV_WORD vw gelu_tanh_backward(vw dy, vw x, wp p)
{
    (void)p;
    const vw k = w_set(HWV_F64_CUBIC_K), c = w_set(HWV_F64_CUBIC_C);
    vw a = w_min(w_set(F64_CUBIC_FAR), w_abs(x)), s = w_mul(a, a), ka = w_mul(k, a);
    vw z = w_mul(ka, w_add(s, c)), w = w_mul(ka, w_fma(w_set(3), s, c));
    return w_mul(dy, f64_logistic_slope(w_lt(x, w_zero()), z, w, f64_exp_parts(w_neg(z))));
}

/* mish = x tanh(log(1 + e^x)); with e = e^-|x| that factor is e (1 - (e + e^2)/(2 + 2e + e^2)) to the left and
 * 1 - 2e^2/(1 + 2e + 2e^2) to the right: what is taken from 1 is small where the rest is exact. */
HWV_WORD vw mish_forward(vw x, wp p)
{
    (void)p;
    const vw one = w_set(1), two = w_set(2);
    wm left = w_lt(x, w_zero());
    f64_exp e = f64_exp_parts(w_neg(w_min(w_set(F64_FAR), w_abs(x))));
    vw v = f64_exp_value(e), u = w_add(v, v), square = w_mul(v, v);
    vw above = w_add(square, w_select(left, v, square));
    vw below = w_add(u, w_select(left, w_add(two, square), w_fma(u, v, one)));
    vw factor = w_sub(one, w_div(above, below)), bounded = w_max(w_set(-F64_FAR), x);
    return f64_scale(w_mul(w_select(left, f64_times(bounded, e), bounded), factor), w_keep(left, e.n));
}
/* f' = w + x (1 - w^2) sigmoid(x), w = t/d, 1 - w^2 = u (2t+u) / d^2, u = d - t. */
HWV_WORD vw mish_backward(vw dy, vw x, wp p)
{
    (void)p;
    const vw one = w_set(1), two = w_set(2);
    wm left = w_lt(x, w_zero());
    vw a = w_min(w_set(F64_FAR), w_abs(x)), v = f64_exp_value(f64_exp_parts(w_neg(a)));
    vw t = w_select(left, w_mul(v, w_add(v, two)), w_fma(two, v, one));
    vw u = w_select(left, two, w_mul(w_add(v, v), v)), q = w_div(one, w_add(t, u));
    vw s = w_div(w_select(left, v, one), w_add(one, v));
    vw bend = w_mul(w_mul(w_mul(u, q), w_mul(w_fma(two, t, u), q)), s);
    vw slope = w_fma(t, q, w_mul(w_xor_sign(a, x), bend));
    /* Left of -690 the floor of e would show. */
    return w_mul(dy, w_keep(wm_or(w_nlt(w_set(690), a), wm_not(left)), slope));
}

/* tanhshrink: a polynomial where x and tanh(x) are close. */
HWV_WORD vw tanhshrink_forward(vw x, wp p)
{
    vw s = w_mul(x, x), t = w_fma(x, x, w_set(-1.125));
    vw near = w_mul(x, w_mul(s, F64_HORNER(t, hwv_f64_shrink)));
    return w_select(w_lt(w_abs(x), w_set(1.5)), near, w_sub(x, tanh_forward(x, p)));
}
HWV_WORD vw tanhshrink_backward(vw dy, vw x, wp p)
{
    vw y = tanh_forward(x, p);
    return w_mul(dy, w_mul(y, y));
}

#endif
