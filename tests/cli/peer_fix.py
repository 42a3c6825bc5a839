# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Runs a model before and after halfwave fix in ONNX Runtime: peer_fix.py BEFORE AFTER INPUTS.npy exact|moves.

Outputs are compared before a last Sigmoid or Softmax. The model must be sound in the eyes of onnx, shapes included."""
import sys

import numpy
import onnx
import onnxruntime


def logits(path):
    """A session whose output is what the last squashing reads."""
    model = onnx.load(path)
    for output in model.graph.output:
        for node in model.graph.node:
            if output.name in node.output and node.op_type in ("Sigmoid", "Softmax", "LogSoftmax", "Tanh"):
                output.name = node.input[0]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Whatever was written with a smaller shape must be said so in the file: no fusion may hide it.
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run(session, inputs):
    port = session.get_inputs()[0]
    if port.shape and port.shape[0] == 1:
        return numpy.concatenate([session.run(None, {port.name: x[None]})[0] for x in inputs])
    return session.run(None, {port.name: inputs})[0]


def main():
    before, after, inputs, promise = sys.argv[1:]
    onnx.checker.check_model(after, full_check=True)
    onnx.shape_inference.infer_shapes(onnx.load(after), check_type=True, strict_mode=True)
    x = numpy.load(inputs)
    a, b = run(logits(before), x), run(logits(after), x)
    if a.shape != b.shape:
        sys.exit(f"{after}: outputs of {b.shape}, before of {a.shape}")
    moved, allowed = float(abs(b - a).max()), 1e-5 * max(1.0, float(abs(a).max()))
    if promise == "exact" and not moved <= allowed:
        sys.exit(f"{after}: outputs moved by {moved}, allowed is {allowed}")
    if promise == "moves" and not moved > allowed:
        sys.exit(f"{after}: outputs moved by {moved} only")


main()
