# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Changed models of a folder, NAME.onnx: ONNX's checker likes them, its shape inference agrees with what they declare, and
ONNX Runtime gives NAME.y.npy for NAME.x.npy."""
import glob
import os
import sys

import numpy
import onnxruntime

try:
    import onnx
except ImportError:
    onnx = None

onnxruntime.set_default_logger_severity(3)
worst = ("", 0.0)
wrong = 0
paths = sorted(glob.glob(os.path.join(sys.argv[1], "*.onnx")))
for path in paths:
    name = os.path.basename(path)
    try:
        if onnx:
            onnx.checker.check_model(path, full_check=True)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        port = session.get_inputs()[0]
        x = numpy.load(path[:-5] + ".x.npy")
        x = x.reshape([len(x)] + port.shape[1:])
        pieces = [row[None] for row in x] if port.shape[0] == 1 else [x]
        got = numpy.concatenate([session.run(None, {port.name: piece})[0] for piece in pieces])
    except Exception as failure:  # whatever these packages raise
        if name.endswith("_6.onnx") and "NOT_IMPLEMENTED" in str(failure):
            continue  # the checker likes it; ONNX Runtime begins with opset 7
        print(f"{name}: {failure}")
        wrong += 1
        continue
    wanted = numpy.load(path[:-5] + ".y.npy").reshape(got.shape)
    error = float(numpy.abs(got - wanted).max() / max(1.0, numpy.abs(wanted).max()))
    if error > worst[1]:
        worst = (name, error)
    if not error <= 1e-5:
        print(f"{name}: differs by {error:.3g}")
        wrong += 1
print(f"{len(paths)} changed models, the largest difference {worst[1]:.3g}, in {worst[0]}")
sys.exit(1 if wrong or len(paths) < int(sys.argv[2]) else 0)
