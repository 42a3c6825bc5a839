# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Values of the fast tier, as functions of a = |x|. A given constant 0 makes f(0) exact."""
from mpmath import erfc, exp, log1p, mpf, pi, sqrt, tanh

from fit import plain, uniform

half = mpf(1) / 2


def logistic(z):
    return 1 / (1 + exp(-z))


def normal_left(a):
    """The normal distribution's share below -a."""
    return erfc(a / sqrt(mpf(2))) / 2


def tanh_left(a):
    """What gelu_tanh puts in its place."""
    return logistic(-2 * sqrt(2 / pi) * (a + mpf("0.044715") * a**3))


def softplus(a):
    return log1p(exp(-a))


def write(out):
    out.line("#if V_TABLE >= 32")
    out.table("hwv_fast_sigmoid", "1/(1 + e^-a) - 1/2",
              plain(lambda a: logistic(a) - half, 32, 3, "1.375", 3, half, [0]))
    out.table("hwv_fast_tanh", "tanh a", plain(tanh, 32, 3, "0.625", 4, 1, [0, 1]))
    out.table("hwv_fast_silu", "a/(1 + e^a)", plain(lambda a: a * logistic(-a), 32, 3, "1.375", 4, 0, [0]))
    out.table("hwv_fast_gelu", "a Phi(-a)", plain(lambda a: a * normal_left(a), 32, 5, "5.75", 3, 0, [0]))
    out.table("hwv_fast_gelu_tanh", "the same of gelu_tanh",
              plain(lambda a: a * tanh_left(a), 32, 5, "5.5", 3, 0, [0]))
    out.table("hwv_fast_softplus", "log(1 + e^-a)", plain(softplus, 32, 4, "5.75", 4, 0))
    out.line("#elif V_TABLE >= 8")
    out.table("hwv_fast_sigmoid", "1/(1 + e^-a) - 1/2",
              plain(lambda a: logistic(a) - half, 8, 1, "2", 6, half, center="2.5"))
    out.table("hwv_fast_gelu", "a Phi(-a)", uniform(lambda a: a * normal_left(a), 8, 6, "5.4", 0, [0]))
    out.table("hwv_fast_gelu_tanh", "the same of gelu_tanh", uniform(lambda a: a * tanh_left(a), 8, 6, "5.1", 0, [0]))
    out.table("hwv_fast_softplus", "log(1 + e^-a)", plain(softplus, 8, 1, "2", 7, 0, center="2.5"))
    out.line("#endif")
