# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""log(1 + e), 0 <= e <= 1, for softplus and logsigmoid."""
from mpmath import log1p, mpf

from fit import fit


def write(out):
    c, error = fit(lambda e: log1p(e) / e - 1, mpf(2)**-20, mpf(1), range(1, 10), lambda e: log1p(e) / e)
    out.comment(f"log(1 + e) = e (1 + e (c0 + c1 e + ... c8 e^8)), 0 <= e <= 1, relative error {float(error):.2e}.")
    out.array("hwv_log1p", c)
