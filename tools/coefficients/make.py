#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Writes src/act/coefficients/<subject>.h from <subject>.py beside this file: polynomials and tables of the
smooth activations. Needs mpmath.

    python3 tools/coefficients/make.py [--to FOLDER] [SUBJECT...]        all subjects if none is named
"""
import argparse
import importlib
import pathlib
import sys

sys.dont_write_bytecode = True  # no __pycache__ among the sources

from fit import Header  # noqa: E402

SUBJECTS = ["elu", "exp", "f64", "fast", "gelu", "slope", "softplus", "tanh", "tanhshrink"]


def main():
    here = pathlib.Path(__file__).resolve().parent
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--to", type=pathlib.Path, default=here.parent.parent / "src/act/coefficients")
    options.add_argument("subjects", nargs="*", metavar="SUBJECT", default=[])
    asked = options.parse_args()
    for subject in asked.subjects or SUBJECTS:
        if subject not in SUBJECTS:
            sys.exit(f"{subject}: not one of {', '.join(SUBJECTS)}")
        header = Header(subject)
        importlib.import_module(subject).write(header)
        (asked.to / f"{subject}.h").write_text(header.text())


main()
