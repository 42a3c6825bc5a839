# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Quotients of two polynomials with float coefficients."""
from mpmath import lu_solve, matrix, mpf

from fit import nodes, to_float


def rational(g, lo, hi, top, bottom, allowed):
    """Float coefficients of M/D ~ g on [lo, hi], D(0) = 1, and the largest error / allowed(t): least squares on
    (M - g D) / D of the step before."""
    points = nodes(mpf(lo), mpf(hi), 8 * (top + bottom))
    values, weight = [g(t) for t in points], [1 / allowed(t) for t in points]
    unknown = [("d", j) for j in range(1, bottom + 1)] + [("m", j) for j in range(top + 1)]
    done = {("d", 0): mpf(1)}
    current = None
    while unknown:
        lawson = [mpf(1)] * len(points)
        best, best_error = None, None
        for step in range(30):
            n = len(unknown)
            a, b = matrix(n, n), matrix(n, 1)
            for t, y, w, l in zip(points, values, weight, lawson):
                den = mpf(1)
                if current:
                    den = sum(v * t**j for (kind, j), v in current.items() if kind == "d")
                row = [(t**j if kind == "m" else -y * t**j) * w / den for kind, j in unknown]
                rhs = -sum((t**j if kind == "m" else -y * t**j) * v for (kind, j), v in done.items()) * w / den
                for i in range(n):
                    b[i] += l * row[i] * rhs
                    for j in range(i, n):
                        a[i, j] += l * row[i] * row[j]
            for i in range(n):
                for j in range(i):
                    a[i, j] = a[j, i]
            c = lu_solve(a, b)
            current = dict(done)
            current.update({u: c[i] for i, u in enumerate(unknown)})
            residual = [abs(ratio(current, t) - y) * w for t, y, w in zip(points, values, weight)]
            worst = max(residual)
            if best is None or worst < best_error:
                best, best_error = dict(current), worst
            if step > 4:
                lawson = [l * (r / worst + mpf("1e-3")) for l, r in zip(lawson, residual)]
                total = sum(lawson)
                lawson = [l / total for l in lawson]
        done[unknown[0]] = to_float(best[unknown[0]])
        current = best
        unknown = unknown[1:]
    fine = nodes(mpf(lo), mpf(hi), 300)
    error = max(abs(ratio(done, t) - g(t)) / allowed(t) for t in fine)
    return [done[("m", j)] for j in range(top + 1)], [done[("d", j)] for j in range(bottom + 1)], error


def ratio(c, t):
    return (sum(v * t**j for (kind, j), v in c.items() if kind == "m") /
            sum(v * t**j for (kind, j), v in c.items() if kind == "d"))
