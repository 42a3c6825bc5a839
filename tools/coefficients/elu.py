# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""e^r - 1 for elu, selu and celu, where e^x - 1 near 0 has it alone. Without a table hwv_exp_half serves."""
from mpmath import expm1, log, mpf

from fit import fit


def write(out):
    out.line("#if V_TABLE >= 32")
    edge = log(mpf(2)) / 32 * mpf("1.01")
    c, error = fit(lambda r: expm1(r) - r, -edge, edge, range(2, 5), abs)
    out.comment(f"e^r - 1 = r + r^2 (c0 + c1 r + c2 r^2), |r| <= 1.01 ln2/32, error {float(error):.2e} of r.")
    out.array("hwv_expm1_small", c)
    out.line("#endif")
