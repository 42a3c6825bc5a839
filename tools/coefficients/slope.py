# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Derivatives as functions of a = |x|: f'(-x) is f'(x), or 1 - f'(x) where 1/2 is taken off here."""
from mpmath import exp, mpf, pi, sech, sqrt

from fast import half, logistic, normal_left, tanh_left
from fit import plain, uniform


def sigmoid(a):
    return logistic(a) * logistic(-a)


def silu(a):
    return logistic(a) + a * sigmoid(a) - half


def gelu(a):
    return half - normal_left(a) + a * exp(-a * a / 2) / sqrt(2 * pi)


def gelu_tanh(a):
    left = tanh_left(a)
    return half - left + a * left * (1 - left) * 2 * sqrt(2 / pi) * (1 + 3 * mpf("0.044715") * a * a)


def write(out):
    out.line("#if V_TABLE >= 32")
    out.table("hwv_slope_sigmoid", "sigmoid'", plain(sigmoid, 32, 3, "1.25", 3, 0, center="2.5"))
    out.table("hwv_slope_tanh", "tanh'", plain(lambda a: sech(a)**2, 32, 3, "0.6875", 4, 0, center="0.75"))
    out.table("hwv_slope_silu", "silu' - 1/2", plain(silu, 32, 3, "1.5", 4, half, center="2.5"))
    out.table("hwv_slope_gelu", "gelu' - 1/2", plain(gelu, 32, 4, "2.125", 4, half, center="1.5"))
    out.table("hwv_slope_gelu_tanh", "gelu_tanh' - 1/2", plain(gelu_tanh, 32, 4, "2", 4, half, center="1.5"))
    out.table("hwv_slope_softplus", "softplus' - 1/2",
              plain(lambda a: logistic(a) - half, 32, 4, "5.75", 4, half, center="2.5"))
    out.line("#elif V_TABLE >= 8")
    out.table("hwv_slope_sigmoid", "sigmoid'", plain(sigmoid, 8, 1, "2", 6, 0, center="2.5"))
    out.table("hwv_slope_gelu", "gelu' - 1/2", uniform(gelu, 8, 6, "5.7", half))
    out.table("hwv_slope_gelu_tanh", "gelu_tanh' - 1/2", uniform(gelu_tanh, 8, 6, "5.3", half))
    out.line("#endif")
