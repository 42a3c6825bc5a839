# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""gelu and gelu_tanh. R(t) = Phi(-t) exp(t^2/2), from 1/2 down to 0.027, for 0 <= t <= 15."""
from mpmath import erfc, exp, log, mpf, pi, sqrt

from fit import growing, to_float
from rational import rational


def mills(t):
    return erfc(t / sqrt(mpf(2))) * exp(t * t / 2) / 2


def constants(out):
    factor, c = 2 * sqrt(2 / pi) * mpf("0.044715"), 1 / mpf("0.044715")
    out.comment("gelu_tanh is x times the logistic function of K t (t^2 + C). e^K in the units of exp.h, ln(2)/K in two "
                "parts;\n * C in two parts, of which the first has 16 bits.")
    out.scalar("HWV_CUBIC_K", factor)
    out.scalar("HWV_CUBIC_LOG2E", factor / log(mpf(2)))
    unit = log(mpf(2)) / factor
    high = mpf(int(unit * 2**11 + mpf(1) / 2)) / 2**11
    out.scalar("HWV_CUBIC_LN2_HIGH", high)
    out.scalar("HWV_CUBIC_LN2_LOW", unit - high)
    high = mpf(int(c * 2**11)) / 2**11
    out.scalar("HWV_CUBIC_C_HIGH", high)
    out.scalar("HWV_CUBIC_C_LOW", c - high)


def write(out):
    constants(out)
    root = 1 / sqrt(2 * pi)
    out.comment("1/sqrt(2 pi), and t R for large t.")
    out.scalar("HWV_MILLS_FAR", root)
    out.line("#if V_TABLE >= 32")
    end = to_float(mills(mpf(15)))
    out.table("hwv_mills", "R(a)", growing(mills, 32, 3, "1.0", 4, 15, end, relative=True, points=150))
    out.line("#elif V_TABLE >= 8")
    out.table("hwv_mills", "R(a)", growing(mills, 8, 1, "1.0", 7, 15, end, relative=True, points=150))
    out.line("#else")
    m, d, error = rational(lambda t: (mpf(1) / 2 - mills(t)) / t, mpf(2)**-20, mpf("1.01"), 2, 3, lambda t: mills(t) / t)
    out.comment(f"t R = t/2 - t^2 M/D, t <= 1.01, error {float(error):.2e} of t R.")
    out.array("hwv_mills_near_top", m)
    out.array("hwv_mills_near_bottom", d)
    m, d, error = rational(lambda t: root - t * mills(t), mpf("0.99"), mpf("14.95"), 3, 5, lambda t: t * mills(t))
    out.comment(f"t R = HWV_MILLS_FAR - M/D, 0.99 <= t <= 14.95, error {float(error):.2e} of t R.")
    out.array("hwv_mills_far_top", m)
    out.array("hwv_mills_far_bottom", d)
    out.line("#endif")
