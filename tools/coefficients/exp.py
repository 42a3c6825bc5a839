# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""The exponential that the smooth operators share: x = n ln 2 + r, e^x = 2^n e^r."""
from mpmath import exp, log, mpf

from fit import fit, to_float


def write(out):
    ln2 = log(mpf(2))
    out.comment("x = n ln 2 + r: ln 2 in two parts, the first short enough that its product with n is exact.")
    out.scalar("HWV_LOG2E", 1 / ln2)
    high = mpf(int(ln2 * 2**15 + mpf(1) / 2)) / 2**15
    out.scalar("HWV_LN2_HIGH", high)
    out.scalar("HWV_LN2_LOW", ln2 - high)

    edge = ln2 / 2 * mpf("1.01")
    c, error = fit(lambda r: exp(r) - 1 - r, -edge, edge, range(2, 7))
    out.comment("e^r = 1 + (r + r^2 (c0 + c1 r + ... c4 r^4)), |r| <= 1.01 ln2/2, "
                f"absolute error {float(error):.2e}.")
    out.array("hwv_exp_half", c)
    out.line("#if V_TABLE >= 32")
    edge = ln2 / 32 * mpf("1.01")
    c, error = fit(lambda r: exp(r) - 1 - r, -edge, edge, range(2, 4))
    out.comment(f"e^r = 1 + r (1 + r (c0 + r c1)), |r| <= 1.01 ln2/32, absolute error {float(error):.2e}.")
    out.array("hwv_exp_small", c)
    table = [to_float(mpf(2)**(mpf(j) / 16)) for j in range(16)]
    out.comment("2^(j/16), and what its rounding lost.")
    out.array("hwv_exp2_16", table)
    out.array("hwv_exp2_16_low", [mpf(2)**(mpf(j) / 16) - table[j] for j in range(16)])
    out.line("#endif")
