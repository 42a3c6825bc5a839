# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Runs NAME.onnx of a folder in ONNX Runtime on NAME.x.npy, one and all samples at once, and compares with NAME.y.npy.

Where the package onnx is there, its checker has to like the files too."""
import glob
import os
import sys

import numpy
import onnxruntime

try:
    import onnx
except ImportError:
    onnx = None

types = {"tensor(float)": numpy.float32, "tensor(int64)": numpy.int64}
worst = ("", 0.0)
wrong = 0
paths = sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx")))
paths = [path for path in paths if os.path.exists(path[:-5] + ".x.npy")]
for path in paths:
    name = os.path.basename(path)
    if onnx:
        onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    x = numpy.load(path[:-5] + ".x.npy")
    x = x.reshape([len(x)] + port.shape[1:]).astype(types[port.type])
    wanted = numpy.load(path[:-5] + ".y.npy").reshape([len(x)] + session.get_outputs()[0].shape[1:])
    got = session.run(["logits"], {"x": x})[0]
    single = numpy.concatenate([session.run(["logits"], {"x": row[None]})[0] for row in x])
    scale = numpy.abs(wanted).max()
    for y in (got, single):
        error = float(numpy.abs(y - wanted).max() / scale)
        if error > worst[1]:
            worst = (name, error)
        if not error <= 2.0**-15:  # the bound of test_export.c
            print(f"{name}: differs by {error:.3g} of the largest logit")
            wrong += 1
print(f"{len(paths)} models, the largest difference {worst[1]:.3g} of the largest logit, in {worst[0]}")
sys.exit(1 if wrong or len(paths) < 40 else 0)
