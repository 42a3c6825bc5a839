#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Writes src/act/coefficients.h: polynomials and tables of the smooth activations.
#     python3 tools/coefficients.py > src/act/coefficients.h        (needs mpmath; half a minute)
#
# A polynomial is fitted at Chebyshev nodes by least squares with Lawson's reweighting, which tends to the
# minimax fit; its coefficients are rounded to float one at a time, lowest degree first, and the rest is fitted
# again. The error printed beside each is measured on a grid ten times finer, with the rounded coefficients.
import struct
from mpmath import mp, mpf, tanh, exp, log, matrix, lu_solve, pi, cos

mp.prec = 160


def to_float(x):
    """The nearest float32, as mpf."""
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def text(x):
    """A float32 as an exact C literal."""
    return float(x).hex().replace("0000000p", "p").rstrip() + "f"


def bits(x):
    return struct.unpack("I", struct.pack("f", float(x)))[0]


def from_bits(i):
    return mpf(struct.unpack("f", struct.pack("I", i))[0])


def nodes(lo, hi, count):
    return [(lo + hi) / 2 + (hi - lo) / 2 * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]


def solve(points, target, powers, weight):
    """Weighted least squares with Lawson's reweighting; weight[i] is one over the allowed error."""
    n = len(powers)
    rows = [[w * t**p for p in powers] for t, w in zip(points, weight)]
    rhs = [w * y for y, w in zip(target, weight)]
    lawson = [mpf(1)] * len(points)
    best, best_error = None, None
    for _ in range(12):
        a, b = matrix(n, n), matrix(n, 1)
        for row, y, l in zip(rows, rhs, lawson):
            for i in range(n):
                b[i] += l * row[i] * y
                for j in range(i, n):
                    a[i, j] += l * row[i] * row[j]
        for i in range(n):
            for j in range(i):
                a[i, j] = a[j, i]
        c = lu_solve(a, b)
        residual = [abs(sum(row[i] * c[i] for i in range(n)) - y) for row, y in zip(rows, rhs)]
        worst = max(residual)
        if best is None or worst < best_error:
            best, best_error = [c[i] for i in range(n)], worst
        lawson = [l * (r / worst + mpf("1e-4")) for l, r in zip(lawson, residual)]
        total = sum(lawson)
        lawson = [l / total for l in lawson]
    return best


def fit(f, lo, hi, powers, allowed):
    """Float coefficients of sum c[p] t^p ~ f(t) on [lo, hi], and the largest error / allowed(t)."""
    points = nodes(mpf(lo), mpf(hi), 6 * len(powers) + 6)
    target = [f(t) for t in points]
    weight = [1 / allowed(t) for t in points]
    done, left = {}, list(powers)
    while left:
        c = solve(points, [y - sum(v * t**p for p, v in done.items()) for t, y in zip(points, target)], left, weight)
        done[left[0]] = to_float(c[0])
        left = left[1:]
    fine = nodes(mpf(lo), mpf(hi), 300)
    error = max(abs(sum(v * t**p for p, v in done.items()) - f(t)) / allowed(t) for t in fine)
    return [done[p] for p in powers], error


def array(name, values, comment=None):
    if comment:
        print(f"/* {comment} */")
    print(f"static const float {name}[{len(values)}] = {{")
    for i in range(0, len(values), 4):
        print("    " + " ".join(text(v) + "," for v in values[i:i + 4]))
    print("};")


def scalar(name, value, comment=None):
    print(f"#define {name} {text(value)}" + (f" /* {comment} */" if comment else ""))


def accurate_point(f, near, span):
    """The float near `near` at which f is closest to a float: that table entry is then exact for free."""
    best, best_miss = None, None
    middle = bits(near)
    for i in range(middle - span, middle + span + 1):
        x = from_bits(i)
        y = f(x)
        r = to_float(y)
        miss = abs(y - r) / abs(y)
        if best is None or miss < best_miss:
            best, best_miss = x, miss
    return best


def tanh_table(entries, mantissa_bits, offset, degree, last):
    """tanh of a >= 0 by buckets: the exponent and the top mantissa bits of a + offset are the index."""
    last = mpf(last)
    shift = 23 - mantissa_bits
    base, columns, worst = [mpf(0)] * entries, [[mpf(0)] * entries for _ in range(degree + 1)], mpf(0)
    first = bits(mpf(offset)) >> shift
    for k in range(entries):
        lo = max(mpf(0), from_bits((first + k) << shift) - mpf(offset))
        hi = from_bits((first + k + 1) << shift) - mpf(offset)
        i = (first + k) % entries
        if lo >= last:
            base[i], coefficients = last, [mpf(1)] + [mpf(0)] * degree
        elif hi >= last:
            # The limit is exact at and beyond `last`: base there, constant 1.
            base[i] = last
            c, error = fit(lambda t: tanh(t + last) - 1, lo - last, mpf("-1e-9"), range(1, degree + 1), lambda t: mpf(1))
            coefficients, worst = [mpf(1)] + c, max(worst, error)
        elif k == 0:
            # tanh a = a + a^2 (...): relative accuracy down to subnormals, and the zero.
            c, error = fit(lambda t: tanh(t) - t, mpf(2)**-20, hi, range(2, degree + 1), lambda t: tanh(t))
            coefficients, worst = [mpf(0), mpf(1)] + c, max(worst, error)
        else:
            base[i] = accurate_point(tanh, to_float((lo + hi) / 2), 150)
            b, f0 = base[i], to_float(tanh(base[i]))
            c, error = fit(lambda t: tanh(t + b) - f0, lo - b, hi - b, range(1, degree + 1), lambda t: tanh(t + b))
            coefficients, worst = [f0] + c, max(worst, error)
        for j in range(degree + 1):
            columns[j][i] = coefficients[j]
    print(f"/* tanh a, {entries} buckets of a + {offset} by exponent and {mantissa_bits} mantissa bits, a <= {float(last)}, degree {degree},"
          f"\n * largest relative error {float(worst):.2e}. Row 0 holds the bases. */")
    print(f"#define HWV_TANH_SHIFT_{entries} {shift}")
    print(f"#define HWV_TANH_OFFSET_{entries} {offset}f")
    print(f"#define HWV_TANH_LAST_{entries} {text(last)}")
    print(f"#define HWV_TANH_DEGREE_{entries} {degree}")
    print(f"static const float hwv_tanh_{entries}[{degree + 2}][{entries}] = {{")
    for row in [base] + columns:
        print("    {")
        for i in range(0, entries, 4):
            print("        " + " ".join(text(v) + "," for v in row[i:i + 4]))
        print("    },")
    print("};")


def main():
    print("""/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients.py; do not edit. */
#ifndef HWV_ACT_COEFFICIENTS_H
#define HWV_ACT_COEFFICIENTS_H

#include "simd/simd.h"
""")
    ln2 = log(mpf(2))
    print("/* x = n ln 2 + r: ln 2 in two parts, the first short enough that its product with n is exact. */")
    scalar("HWV_LOG2E", to_float(1 / ln2))
    high = mpf(int(ln2 * 2**15 + mpf(1) / 2)) / 2**15
    scalar("HWV_LN2_HIGH", high)
    scalar("HWV_LN2_LOW", to_float(ln2 - high))

    edge = ln2 / 2 * mpf("1.01")
    c, error = fit(lambda r: exp(r) - 1 - r, -edge, edge, range(2, 7), lambda r: mpf(1))
    array("hwv_exp_half", c, f"e^r = 1 + (r + r^2 (c0 + c1 r + ... c4 r^4)), |r| <= 1.01 ln2/2, absolute error {float(error):.2e}.")
    print("#if V_TABLE >= 32")
    edge = ln2 / 32 * mpf("1.01")
    c, error = fit(lambda r: exp(r) - 1 - r, -edge, edge, range(2, 4), lambda r: mpf(1))
    array("hwv_exp_small", c, f"e^r = 1 + r (1 + r (c0 + r c1)), |r| <= 1.01 ln2/32, absolute error {float(error):.2e}.")
    table = [to_float(mpf(2)**(mpf(j) / 16)) for j in range(16)]
    array("hwv_exp2_16", table, "2^(j/16), and what its rounding lost.")
    array("hwv_exp2_16_low", [to_float(mpf(2)**(mpf(j) / 16) - table[j]) for j in range(16)])
    tanh_table(32, 3, "0.625", 5, "9.25")
    print("#elif V_TABLE >= 16")
    tanh_table(16, 2, "0.75", 6, "9.25")
    print("#elif V_TABLE >= 8")
    tanh_table(8, 1, "1.0", 7, "9.25")
    print("#else")
    c, error = fit(lambda t: (tanh(t) - t) if t else mpf(0), mpf(2)**-12, mpf("0.605"), range(3, 12, 2), lambda t: tanh(t))
    array("hwv_tanh_odd", c, f"tanh a = a + a^3 (c0 + c1 a^2 + ... c4 a^8), a <= 0.605, relative error {float(error):.2e}.")
    print("#endif\n\n#endif")


main()
