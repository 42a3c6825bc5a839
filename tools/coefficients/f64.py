# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Polynomials of the smooth operators in double: one for all arguments each, so that every set runs the same."""
from mpmath import erfc, exp, floor, ldexp, log, mpf, pi, sqrt, tanh

from fit import nodes, solve


def to_double(x):
    return mpf(float(x))


def fit_double(f, lo, hi, count, allowed):
    """Double coefficients of sum c[i] t^i ~ f(t), i < count, and the largest error / allowed(t)."""
    points = nodes(mpf(lo), mpf(hi), 5 * count)
    weight = [1 / allowed(t) for t in points]
    target = [f(t) for t in points]
    done, left = [], list(range(count))
    # The first few carry the value; the rounding of the rest is far below the last bit of the sum.
    while left:
        c = solve(points, [y - sum(v * t**i for i, v in enumerate(done)) for t, y in zip(points, target)], left, weight)
        take = 1 if len(done) < 3 else len(left)
        done += [to_double(v) for v in c[:take]]
        left = left[take:]
    error = max(abs(sum(v * t**i for i, v in enumerate(done)) - f(t)) / allowed(t) for t in nodes(mpf(lo), mpf(hi), 400))
    return done, error


def parts(x, bits):
    """x as the sum of two doubles, the first with so many bits."""
    e = int(floor(log(abs(x), 2))) + 1 - bits
    high = ldexp(floor(ldexp(x, -e) + mpf(1) / 2), e)
    return high, to_double(x - high)


def text(x):
    return float(x).hex()


def write(out):
    def scalar(name, value):
        out.line(f"#define {name} {text(value)}")

    def array(name, values):
        out.line(f"static const double {name}[{len(values)}] = {{")
        for i in range(0, len(values), 4):
            out.line("    " + " ".join(text(v) + "," for v in values[i:i + 4]))
        out.line("};")

    ln2 = log(mpf(2))
    out.comment("x = n ln 2 + r: ln 2 in two parts, the first short enough that its product with n is exact.")
    scalar("HWV_F64_LOG2E", 1 / ln2)
    high, low = parts(ln2, 40)
    scalar("HWV_F64_LN2_HIGH", high)
    scalar("HWV_F64_LN2_LOW", low)
    edge = ln2 / 2 * mpf("1.001")
    c, error = fit_double(lambda r: (exp(r) - 1 - r) / r**2, -edge, edge, 10, lambda r: exp(r) / r**2)
    out.comment(f"e^r = 1 + (r + r^2 (c0 + ... c9 r^9)), |r| <= 1.001 ln2/2, relative error {float(error):.2e}.")
    array("hwv_f64_exp", c)

    edge = (sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1) * mpf("1.001")

    def rest(z):
        s = sqrt(z)
        return (log((1 + s) / (1 - s)) / s - 2) / z

    c, error = fit_double(rest, mpf(2)**-30, edge**2, 7, lambda z: 1 / z)
    out.comment(f"log((1+s)/(1-s)) = s (2 + z (c0 + ... c6 z^6)), z = s^2, |s| <= {float(edge):.4f}, "
                f"relative error {float(error) / 2:.2e}.")
    array("hwv_f64_log", c)
    scalar("HWV_F64_LOG_EDGE", sqrt(mpf(2)) - 1)

    k, last = mpf(4), mpf(40)

    def tail(t):
        a = k * (1 + t) / (1 - t)
        return exp(a * a / 2) * erfc(a / sqrt(mpf(2))) / 2 * (a + k)

    c, error = fit_double(tail, -1, (last - k) / (last + k), 24, tail)
    out.comment("Phi(-a) = exp(-a^2/2) (c0 + ... c23 t^23) / (a + k), t = (a - k) / (a + k), 0 <= a <= 40, "
                f"relative error {float(error):.2e}.")
    scalar("HWV_F64_NORMAL_K", k)
    array("hwv_f64_normal", c)

    middle = mpf(9) / 8

    def shrink(t):
        s = t + middle
        return (sqrt(s) - tanh(sqrt(s))) / (s * sqrt(s))

    c, error = fit_double(shrink, mpf(2)**-30 - middle, middle, 22, shrink)
    out.comment(f"x - tanh x = x^3 (c0 + ... c21 t^21), t = x^2 - 9/8, |x| <= 3/2, relative error {float(error):.2e}.")
    array("hwv_f64_shrink", c)

    out.comment("gelu_tanh is x sigmoid(K x (x^2 + C)), K = 2 sqrt(2/pi) 0.044715, C = 1/0.044715, in two parts each.")
    third = mpf("0.044715")
    for name, value in (("K", 2 * sqrt(2 / pi) * third), ("C", 1 / third)):
        high = to_double(value)
        scalar(f"HWV_F64_CUBIC_{name}", high)
        scalar(f"HWV_F64_CUBIC_{name}_LOW", value - high)
    scalar("HWV_F64_DENSITY", 1 / sqrt(2 * pi))
