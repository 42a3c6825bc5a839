/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of gated pairs. The formulas are those of the rows; each is written out once in a loop whose tails go
 * through the same code. */
#include "simd/simd.h"
#if V_LANES == 1 || defined(HWV_DOUBLE)
#define V_WIDE 1
#else
#define V_WIDE 2
#endif

#include "act/gated.h"
#include "act/loops.h"
#include "act/rectified.h"
#if defined(HWV_DOUBLE)
#include "act/smooth_f64.h"
#else
#include "act/smooth.h"
#endif

HWV_WORD void gated_forward(const hwv_gated_args *a, hwv_formula *f)
{
    const wp p = {{w_zero(), w_zero()}};
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *value = (const v_real *)a->value + r * a->value_stride;
        const v_real *gate = (const v_real *)a->gate + r * a->gate_stride;
        v_real *y = (v_real *)a->y + r * a->y_stride;
        for (size_t i = 0, n; i < a->cols; i += n) {
            n = a->cols - i < W_LANES ? a->cols - i : W_LANES;
            w_store_part(y + i, w_mul(w_load_part(value + i, n), f(w_load_part(gate + i, n), p)), n);
        }
    }
}

HWV_WORD void gated_backward(const hwv_gated_args *a, hwv_formula *f, hwv_gradient *g)
{
    const wp p = {{w_zero(), w_zero()}};
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *value = (const v_real *)a->value + r * a->value_stride;
        const v_real *gate = (const v_real *)a->gate + r * a->gate_stride;
        const v_real *dy = (const v_real *)a->dy + r * a->dy_stride;
        v_real *dvalue = (v_real *)a->y + r * a->y_stride, *dgate = (v_real *)a->dgate + r * a->dgate_stride;
        for (size_t i = 0, n; i < a->cols; i += n) {
            n = a->cols - i < W_LANES ? a->cols - i : W_LANES;
            vw x = w_load_part(gate + i, n), upstream = w_load_part(dy + i, n);
            vw through = w_mul(upstream, w_load_part(value + i, n));
            w_store_part(dvalue + i, w_mul(upstream, f(x, p)), n);
            w_store_part(dgate + i, g(through, x, p), n);
        }
    }
}

/* Whether gates.def says of the fast tier what ops.def says. */
enum {
#define FAST_SAME     0
#define FAST_BOUND(e) 1
#define FAST_OWN      1
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN, ACCURACY, \
               FAST, ...)                                                                                              \
    FAST_OF_##name = FAST_##FAST,
#include "halfwave/ops.def"
#undef HWV_OP
};
#define HWV_GATE(NUMBER, NAME, name, OP, op, FAST, ...)                                                                \
    _Static_assert((int)FAST_OF_##op == (int)FAST_##FAST, "FAST of " #name " in gates.def");
#include "halfwave/gates.def"
#undef HWV_GATE

#define DEFINE(name, pass, call)                                                                                       \
    static void name##_##pass(const hwv_gated_args *a)                                                                 \
    {                                                                                                                  \
        call;                                                                                                          \
    }
#if V_TABLE && !defined(HWV_DOUBLE)
#define DEFINE_OWN(name, op) DEFINE(name, fast, gated_forward(a, op##_fast))
#define ENTRY_OWN(name)      name##_fast
#else
#define DEFINE_OWN(name, op)
#define ENTRY_OWN(name) name##_forward
#endif
#define DEFINE_SAME(name, op)
#define ENTRY_SAME(name) name##_forward

#define HWV_GATE(NUMBER, NAME, name, OP, op, FAST, ...)                                                                \
    DEFINE(name, forward, gated_forward(a, op##_forward))                                                              \
    DEFINE(name, backward, gated_backward(a, op##_forward, op##_backward))                                             \
    DEFINE_##FAST(name, op)
#include "halfwave/gates.def"
#undef HWV_GATE

const hwv_gated_kernels HWV_TYPED(hwv_gated_kernels) = {.gate = {
#define HWV_GATE(NUMBER, NAME, name, OP, op, FAST, ...)                                                                \
    [NUMBER] = {{name##_forward, ENTRY_##FAST(name)}, name##_backward},
#include "halfwave/gates.def"
                                                        }};
