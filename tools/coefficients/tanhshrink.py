# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""a - tanh a, which is a^3 (1/3 - ...) near 0. The table ends at 9.25, from where it is a - 1."""
from mpmath import mpf, tanh

from fit import fit, growing


def shrink(t):
    if abs(t) < mpf("1e-3"):
        s = t * t
        return t * s * (mpf(1) / 3 - s * (mpf(2) / 15 - s * (mpf(17) / 315 - s * mpf(62) / 2835)))
    return t - tanh(t)


def write(out):
    out.line("#if V_TABLE >= 32")
    first = [0, 0, 0]
    out.table("hwv_shrink", "a - tanh a", growing(shrink, 32, 3, "0.625", 6, "9.25", "8.25", first, relative=True, points=150))
    out.line("#elif V_TABLE >= 8")
    out.table("hwv_shrink", "a - tanh a", growing(shrink, 8, 1, "1.0", 11, "9.25", "8.25", first, relative=True, points=150))
    out.line("#else")
    c, error = fit(shrink, mpf(2)**-10, mpf("1.26"), range(3, 22, 2), shrink)
    out.comment(f"a - tanh a = a^3 (c0 + c1 a^2 + ... c9 a^18), a <= 1.26, relative error {float(error):.2e}.")
    out.array("hwv_shrink_odd", c)
    out.line("#endif")
