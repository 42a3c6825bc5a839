# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Polynomials and bucket tables with float coefficients.

A polynomial is fitted at Chebyshev nodes by least squares with Lawson's reweighting, which tends to the minimax
fit; its coefficients are rounded to float one at a time, lowest degree first, and the rest is fitted again. The
error given beside each is measured on a finer grid, with the rounded coefficients.
"""
import multiprocessing
import os
import struct
from dataclasses import dataclass

from mpmath import cos, lu_solve, matrix, mp, mpf, pi

mp.prec = 160


def to_float(x):
    """The nearest float32, as mpf."""
    return mpf(struct.unpack("f", struct.pack("f", float(x)))[0])


def bits(x):
    return struct.unpack("I", struct.pack("f", float(x)))[0]


def from_bits(i):
    return mpf(struct.unpack("f", struct.pack("I", i))[0])


def one(_):
    """The allowed error of a fit whose error is absolute."""
    return mpf(1)


_work = None


def _call(item):
    return _work(item)


def each(function, items):
    """[function(item) for item in items], on all processors; function may be a closure: it is inherited."""
    global _work
    _work = function
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        return pool.map(_call, items, chunksize=1)


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


def fit(f, lo, hi, powers, allowed=one, fixed=None):
    """Float coefficients of sum c[p] t^p ~ f(t) on [lo, hi], and the largest error / allowed(t).

    fixed: {power: coefficient} of those that are given; they are not returned."""
    points = nodes(mpf(lo), mpf(hi), 6 * len(powers) + 6)
    target = [f(t) for t in points]
    weight = [1 / allowed(t) for t in points]
    done, left = dict(fixed or {}), list(powers)
    while left:
        c = solve(points, [y - sum(v * t**p for p, v in done.items()) for t, y in zip(points, target)], left, weight)
        done[left[0]] = to_float(c[0])
        left = left[1:]
    fine = nodes(mpf(lo), mpf(hi), 300)
    error = max(abs(sum(v * t**p for p, v in done.items()) - f(t)) / allowed(t) for t in fine)
    return [done[p] for p in powers], error


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


@dataclass
class Table:
    """Rows of a bucket table: the bases, if any, then the coefficients from the constant up."""
    rows: list
    error: mpf
    ints: dict  # what a kernel needs to know beside the rows
    floats: dict
    about: str


def _table(entries, degree, bucket, ints, floats, about):
    """bucket(k) gives (place, base or None, coefficients, error)."""
    made = each(bucket, range(entries))
    base, columns = [mpf(0)] * entries, [[mpf(0)] * entries for _ in range(degree + 1)]
    for i, b, coefficients, _ in made:
        base[i] = b
        for j in range(degree + 1):
            columns[j][i] = coefficients[j]
    rows = columns if base[0] is None else [base] + columns
    return Table(rows, max(error for *_, error in made), dict(ints, degree=degree), floats, about)


def growing(f, entries, mantissa_bits, offset, degree, last, limit, first=None, relative=False, points=0):
    """A table of f(a), 0 <= a <= last, whose buckets are the exponent and the top mantissa bits of a + offset.

    The last bucket has its base at `last` and the constant `limit`, so that f is exactly that from there on.
    first: coefficients of the bucket at 0, given from the constant up; its base is 0 then. relative: the error is
    relative to f. points: bases are sought among so many floats on each side of the middle, for a value of f
    that is nearly a float; else they are the middle."""
    last, offset, limit = mpf(last), mpf(offset), mpf(limit)
    shift = 23 - mantissa_bits
    start = bits(offset) >> shift
    first = [mpf(v) for v in first or []]

    def bucket(k):
        lo = max(mpf(0), from_bits((start + k) << shift) - offset)
        hi = from_bits((start + k + 1) << shift) - offset
        i = (start + k) % entries
        if lo >= last:
            return i, last, [limit] + [mpf(0)] * degree, mpf(0)
        allowed = f if relative else one
        if hi >= last:
            b, lo, hi, given = last, lo - last, mpf("-1e-9"), [limit]
        elif k == 0 and first:
            b, lo, given = mpf(0), mpf(2)**-20, first
        else:
            b = to_float((lo + hi) / 2)
            b = accurate_point(f, b, points) if points else b
            given = [to_float(f(b))] if points else []
            lo, hi = lo - b, hi - b
        c, error = fit(lambda t: f(t + b), lo, hi, range(len(given), degree + 1),
                       lambda t: abs(allowed(t + b)) if relative else mpf(1), dict(enumerate(given)))
        return i, b, given + c, error

    reach = from_bits((start + entries) << shift) - offset
    if reach < last:
        raise ValueError(f"the buckets end at {float(reach)}, before {float(last)}")
    return _table(entries, degree, bucket,
                  {"shift": shift}, {"offset": offset, "last": last},
                  f"{entries} buckets of a + {float(offset):g} by exponent and {mantissa_bits} mantissa bits, "
                  f"a <= {float(last):g}, degree {degree},\n * largest {'relative' if relative else 'absolute'} error "
                  "%s. Row 0 holds the bases.")


def plain(f, entries, mantissa_bits, offset, degree, limit, first=None, center=0):
    """The same buckets without a row of bases: one lookup less, for absolute errors. The last bucket is the
    constant `limit`. The polynomials are in a - center, at the price of some cancellation, which a center amid
    the steep part lessens."""
    offset, limit, center = mpf(offset), mpf(limit), mpf(center)
    shift = 23 - mantissa_bits
    start = bits(offset) >> shift
    first = [mpf(v) for v in first or []]

    def edge(k):
        return from_bits((start + k) << shift) - offset

    def bucket(k):
        i = (start + k) % entries
        if k == entries - 1:
            return i, None, [limit] + [mpf(0)] * degree, abs(f(edge(k)) - limit)
        given = first if k == 0 else []
        lo = edge(k) if k else mpf(2)**-20
        c, error = fit(lambda t: f(t + center), lo - center, edge(k + 1) - center, range(len(given), degree + 1), one,
                       dict(enumerate(given)))
        return i, None, given + c, error

    return _table(entries, degree, bucket, {"shift": shift}, {"offset": offset, "last": edge(entries - 1), "center": center},
                  f"{entries} buckets of a + {float(offset):g} by exponent and {mantissa_bits} mantissa bits, "
                  f"constant from {float(edge(entries - 1)):g}, degree {degree},\n * largest absolute error %s.")


def uniform(f, entries, degree, last, limit, first=None):
    """A table of f(a), a >= 0, in t = a * scale - k, k = a * scale rounded, |t| <= 1/2. The last bucket is the
    constant `limit`, from `last` on; there is no row of bases. first: as above."""
    limit = mpf(limit)
    scale = to_float((mpf(entries) - mpf(3) / 2) / mpf(last))
    first = [mpf(v) for v in first or []]

    def bucket(k):
        if k == entries - 1:
            return k, None, [limit] + [mpf(0)] * degree, abs(f(mpf(last)) - limit)
        given = first if k == 0 else []
        lo, hi = (mpf(2)**-20 if k == 0 else -mpf(1) / 2), mpf(1) / 2
        c, error = fit(lambda t: f((t + k) / scale), lo, hi, range(len(given), degree + 1), one,
                       dict(enumerate(given)))
        return k, None, given + c, error

    return _table(entries, degree, bucket, {}, {"scale": scale, "last": (entries - 1) / scale},
                  f"{entries} buckets of the same width, constant from {float(last):g}, degree {degree},\n * largest "
                  "absolute error %s.")


def text(x):
    """A float32 as an exact C literal."""
    return float(to_float(x)).hex().replace("0000000p", "p").rstrip() + "f"


class Header:
    """The text of src/act/coefficients/<subject>.h."""

    def __init__(self, subject):
        guard = f"HWV_ACT_COEFFICIENTS_{subject.upper()}_H"
        self.lines = [f"""/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from {subject}.py beside it; do not edit. */
/* clang-format off */
#ifndef {guard}
#define {guard}

#include "simd/simd.h"
"""]

    def text(self):
        return "\n".join(self.lines + ["\n#endif"]) + "\n"

    def line(self, line):
        self.lines.append(line)

    def comment(self, comment):
        self.line(f"/* {comment} */")

    def scalar(self, name, value):
        self.line(f"#define {name} {text(value)}")

    def _values(self, values, indent):
        for i in range(0, len(values), 4):
            self.line(indent + " ".join(text(v) + "," for v in values[i:i + 4]))

    def array(self, name, values):
        self.line(f"static const float {name}[{len(values)}] = {{")
        self._values(values, "    ")
        self.line("};")

    def table(self, name, what, table):
        """name[rows][entries], name_degree and the like, of the table of `what`."""
        self.comment(f"{what}: " + table.about % f"{float(table.error):.2e}")
        self.line("enum { " + ", ".join(f"{name}_{key} = {value}" for key, value in table.ints.items()) + " };")
        for key, value in table.floats.items():
            self.line(f"static const float {name}_{key} = {text(value)};")
        self.line(f"static const float {name}[{len(table.rows)}][{len(table.rows[0])}] = {{")
        for row in table.rows:
            self.line("    {")
            self._values(row, "        ")
            self.line("    },")
        self.line("};")
