# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""tanh of a = |x|. The first bucket is a + a^2 (...): relative accuracy down to the subnormals, and the zero."""
from mpmath import mpf, tanh

from fit import fit, growing


def write(out):
    out.line("#if V_TABLE >= 32")
    out.table("hwv_tanh", "tanh a", growing(tanh, 32, 3, "0.625", 5, "9.25", 1, [0, 1], relative=True, points=150))
    out.line("#elif V_TABLE >= 8")
    out.table("hwv_tanh", "tanh a", growing(tanh, 8, 1, "1.0", 7, "9.25", 1, [0, 1], relative=True, points=150))
    out.line("#else")
    c, error = fit(lambda t: tanh(t) - t, mpf(2)**-12, mpf("0.605"), range(3, 12, 2), tanh)
    out.comment(f"tanh a = a + a^3 (c0 + c1 a^2 + ... c4 a^8), a <= 0.605, relative error {float(error):.2e}.")
    out.array("hwv_tanh_odd", c)
    out.line("#endif")
