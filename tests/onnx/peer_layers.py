# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Layers in the forms that exporters write, as the conformance test reads cases; see peer_operators.py.

    peer_layers.py FOLDER"""
import numpy as np
from onnx import TensorProto
from onnx.helper import make_node as node

from peer_operators import case, const, floats, number

IMAGES = floats(2, 4, 9, 8)
LINES = floats(2, 4, 11)


def both(name, nodes, x, weights=None, **more):
    for free in (False, True):
        case(name, nodes, {"x": x}, weights, free=free, **more)


def convolutions():
    forms = [
        ("plain", dict(), 1, (3, 3)),
        ("pads", dict(pads=[1, 2, 0, 1]), 1, (3, 3)),
        ("pads_large", dict(pads=[3, 1, 4, 2]), 1, (3, 3)),
        ("stride", dict(strides=[2, 3], pads=[1, 1, 1, 1]), 1, (3, 3)),
        ("groups", dict(group=2), 2, (3, 3)),
        ("depthwise", dict(group=4, pads=[1, 1, 1, 1]), 4, (3, 3)),
        ("dilated", dict(dilations=[2, 3], pads=[2, 3, 2, 3]), 1, (3, 2)),
        ("upper", dict(auto_pad="SAME_UPPER", strides=[2, 2]), 1, (3, 2)),
        ("lower", dict(auto_pad="SAME_LOWER", strides=[2, 3]), 1, (2, 4)),
        ("valid", dict(auto_pad="VALID"), 1, (2, 2)),
        ("point", dict(), 1, (1, 1)),
        ("point_pads", dict(pads=[1, 1, 1, 1]), 1, (1, 1)),
    ]
    for name, attributes, groups, kernel in forms:
        weights = {"w": floats(8, 4 // groups, *kernel), "b": floats(8)}
        both(f"conv_{name}", [node("Conv", ["x", "w", "b"], ["y"], **attributes)], IMAGES, weights)
    both("conv_no_bias", [node("Conv", ["x", "w"], ["y"], kernel_shape=[3, 3])], IMAGES, {"w": floats(8, 4, 3, 3)})
    for name, attributes, groups in [("plain", dict(pads=[1, 1]), 1), ("groups", dict(group=2, strides=[2]), 2),
                                     ("dilated", dict(dilations=[2]), 1)]:
        weights = {"w": floats(6, 4 // groups, 3), "b": floats(6)}
        nodes = [node("Conv", ["x", "w", "b"], ["c"], **attributes), node("Relu", ["c"], ["r"]),
                 node("BatchNormalization", ["r", "s", "b", "m", "v"], ["y"])]
        weights |= {"s": floats(6), "m": floats(6), "v": abs(floats(6)) + 0.5}
        both(f"lines_{name}", nodes, LINES, weights)
    case("conv_computed", [node("Conv", ["x", "w"], ["y"])], {"x": IMAGES, "w": floats(2, 4, 3, 3)})


def pools():
    forms = [
        ("plain", dict(kernel_shape=[2, 3])),
        ("stride", dict(kernel_shape=[3, 3], strides=[2, 2])),
        ("pads", dict(kernel_shape=[3, 3], pads=[1, 0, 2, 1], strides=[2, 1])),
        ("ceil", dict(kernel_shape=[3, 3], strides=[2, 3], ceil_mode=1)),
        ("ceil_pads", dict(kernel_shape=[3, 2], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1)),
        ("upper", dict(kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER")),
        ("lower", dict(kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_LOWER")),
    ]
    for name, attributes in forms:
        for op in ("MaxPool", "AveragePool"):
            both(f"{op}_{name}", [node(op, ["x"], ["y"], **attributes)], IMAGES)
        if "ceil_mode" not in attributes:
            both(f"counted_{name}", [node("AveragePool", ["x"], ["y"], count_include_pad=1, **attributes)], IMAGES)
    both("counted_large", [node("AveragePool", ["x"], ["y"], count_include_pad=1, kernel_shape=[2, 2],
                                pads=[1, 1, 1, 1])], IMAGES)
    for op in ("MaxPool", "AveragePool"):
        both(f"lines_{op}", [node(op, ["x"], ["y"], kernel_shape=[3], strides=[2], pads=[1, 1])], LINES)
    for op in ("GlobalAveragePool", "GlobalMaxPool"):
        for name, x in [("images", IMAGES), ("lines", LINES), ("volumes", floats(2, 3, 4, 3, 2))]:
            both(f"{op}_{name}", [node(op, ["x"], ["y"])], x)
        conv = node("Conv", ["x", "w"], ["c"])
        both(f"{op}_flat", [conv, node(op, ["c"], ["g"]), node("Flatten", ["g"], ["y"])], IMAGES,
             {"w": floats(8, 4, 3, 3)})


def dense():
    rows = floats(3, 5)
    for transposed in (0, 1):
        for name, bias in [("vector", floats(4)), ("row", floats(1, 4)), ("number", number(2)), ("none", None)]:
            weights = {"w": floats(4, 5) if transposed else floats(5, 4)}
            if bias is not None:
                weights["c"] = bias
            both(f"gemm_{name}_{transposed}", [node("Gemm", ["x", *weights], ["y"], transB=transposed)], rows, weights)
            both(f"gemm_{name}_{transposed}_scaled", [node("Gemm", ["x", *weights], ["y"], transB=transposed, alpha=0.5,
                                                          beta=2.0)], rows, weights)
    case("gemm_transposed", [node("Gemm", ["x", "w", "c"], ["y"], transA=1)], {"x": floats(5, 3)},
         {"w": floats(5, 4), "c": floats(3, 1)})
    case("gemm_computed", [node("Gemm", ["x", "w", "c"], ["y"], transB=1)],
         {"x": rows, "w": floats(4, 5), "c": floats(4)})
    tokens = floats(2, 3, 5)
    both("matmul_tokens", [node("MatMul", ["x", "w"], ["p"]), node("Add", ["b", "p"], ["y"])], tokens,
         {"w": floats(5, 4), "b": floats(4)})
    both("matmul_stack", [node("MatMul", ["x", "w"], ["y"])], floats(2, 3, 4, 5), {"w": floats(3, 5, 2)})
    both("matmul_vector", [node("MatMul", ["x", "w"], ["y"])], tokens, {"w": floats(5)})
    both("attention", [node("Transpose", ["x"], ["t"], perm=[0, 2, 1]), node("MatMul", ["x", "t"], ["s"]),
                       node("Softmax", ["s"], ["p"], axis=-1), node("MatMul", ["p", "x"], ["y"])], tokens)
    case("matmul_vectors", [node("MatMul", ["x", "w"], ["y"])], {"x": floats(5), "w": floats(5)})
    case("matmul_row", [node("MatMul", ["x", "w"], ["y"])], {"x": floats(5), "w": floats(2, 5, 3)})
    for axis in range(-3, 4):
        case(f"flatten_{axis + 3}", [node("Flatten", ["x"], ["y"], axis=axis)], {"x": tokens})


def norms():
    for rank, x in [(2, floats(3, 6)), (3, floats(2, 6, 5)), (4, floats(2, 6, 4, 3)), (5, floats(2, 6, 3, 2, 2))]:
        weights = {"s": floats(6), "b": floats(6), "m": floats(6), "v": abs(floats(6)) + 0.5}
        both(f"batch_norm_{rank}", [node("BatchNormalization", ["x", *weights], ["n"], epsilon=1e-3),
                                    node("Relu", ["n"], ["y"])], x, weights)
    for axis, size in [(-1, (5,)), (1, (4, 5)), (2, (5,))]:
        both(f"layer_norm_{axis + 1}", [node("LayerNormalization", ["x", "w", "b"], ["y"], axis=axis)], floats(3, 4, 5),
             {"w": floats(*size), "b": floats(*size)})
    both("layer_norm_no_bias", [node("LayerNormalization", ["x", "w"], ["y"])], floats(3, 4, 5), {"w": floats(5)})


def activations():
    forms = [("Relu", {}, 13), ("LeakyRelu", dict(alpha=0.3), 13), ("Sigmoid", {}, 13), ("Tanh", {}, 13),
             ("Elu", dict(alpha=0.7), 13), ("Selu", dict(alpha=1.2, gamma=0.9), 13), ("Celu", dict(alpha=1.5), 13),
             ("Softplus", {}, 13), ("Softsign", {}, 13), ("HardSigmoid", dict(alpha=0.3, beta=0.4), 13),
             ("HardSwish", {}, 14), ("ThresholdedRelu", dict(alpha=0.5), 13), ("Shrink", dict(lambd=0.4), 13),
             ("Shrink", dict(lambd=0.4, bias=0.4), 13), ("Mish", {}, 18), ("Gelu", {}, 20),
             ("Gelu", dict(approximate="tanh"), 20), ("Clip", dict(min=-0.5, max=0.7), 6), ("Clip", dict(max=0.7), 6)]
    for i, (op, attributes, opset) in enumerate(forms):
        for name, x in [("rows", floats(3, 5)), ("images", IMAGES)]:
            both(f"{op}_{i}_{name}", [node(op, ["x"], ["y"], **attributes)], x * 2, opset=max(opset, 7))
    for name, ends in [("both", ["l", "h"]), ("low", ["l"]), ("high", ["", "h"]), ("none", [])]:
        weights = {"l": number(-0.5), "h": number(0.7)}
        both(f"clip_13_{name}", [node("Clip", ["x", *ends], ["y"])], IMAGES,
             {k: v for k, v in weights.items() if k in ends}, opset=13)
    case("clip_computed", [node("Clip", ["x", "l", "h"], ["y"])],
         {"x": IMAGES, "l": number(-0.5), "h": number(0.7)}, opset=13)
    case("clip_integers", [node("Clip", ["x", "l", "h"], ["y"])], {"x": np.arange(-6, 6)},
         {"l": np.array(-3), "h": np.array(2)}, opset=13, type=TensorProto.INT64)
    for name, slope in [("one", const(0.3)), ("channels", floats(4, 1, 1)), ("columns", floats(8)),
                        ("all", floats(4, 9, 8)), ("wide", floats(1, 4, 1, 1))]:
        both(f"prelu_{name}", [node("PRelu", ["x", "s"], ["y"])], IMAGES, {"s": slope})
    both("prelu_rows", [node("PRelu", ["x", "s"], ["y"])], floats(3, 5), {"s": floats(5)})
    both("prelu_conv", [node("Conv", ["x", "w"], ["c"]), node("PRelu", ["c", "s"], ["y"])], IMAGES,
         {"w": floats(8, 4, 3, 3), "s": floats(8, 1, 1)})


def shapes():
    conv, weights = node("Conv", ["x", "w"], ["c"]), {"w": floats(8, 4, 3, 3)}
    both("flatten_conv", [conv, node("Flatten", ["c"], ["f"]), node("MatMul", ["f", "m"], ["y"])], IMAGES,
         weights | {"m": floats(8 * 7 * 6, 3)})
    for name, target in [("batch", [-1, 8 * 42]), ("copy", [0, -1]), ("split", [0, 2, 4, -1])]:
        both(f"reshape_{name}", [conv, node("Reshape", ["c", "t"], ["y"])], IMAGES,
             weights | {"t": np.array(target, np.int64)})
    case("reshape_fixed", [conv, node("Reshape", ["c", "t"], ["y"])], {"x": IMAGES},
         weights | {"t": np.array([2, 8, 42], np.int64)})
    for i, order in enumerate([(0, 2, 3, 1), (0, 3, 1, 2), (0, 2, 1, 3), (3, 0, 1, 2), (0, 1, 3, 2)]):
        both(f"transpose_{i}", [conv, node("Transpose", ["c"], ["y"], perm=order)], IMAGES, weights)
        both(f"transpose_{i}_plain", [node("Transpose", ["x"], ["t"], perm=order), node("Relu", ["t"], ["y"])], IMAGES)
    both("residual", [conv, node("Relu", ["c"], ["r"]), node("Conv", ["r", "k"], ["d"], pads=[1, 1, 1, 1]),
                      node("Add", ["d", "r"], ["y"])], IMAGES, weights | {"k": floats(8, 8, 3, 3)})
    both("squeeze_excite", [conv, node("GlobalAveragePool", ["c"], ["g"]), node("Conv", ["g", "k"], ["e"]),
                            node("Sigmoid", ["e"], ["s"]), node("Mul", ["c", "s"], ["y"])], IMAGES,
         weights | {"k": floats(8, 8, 1, 1)})
    both("squeeze", [conv, node("GlobalAveragePool", ["c"], ["g"]), node("Squeeze", ["g", "a"], ["y"])], IMAGES,
         weights | {"a": const(2, 3, type=np.int64)})
    both("unsqueeze", [node("Unsqueeze", ["x", "a"], ["u"]), node("Relu", ["u"], ["y"])], floats(3, 5),
         {"a": const(1, -1, type=np.int64)})
    both("first", [node("Unsqueeze", ["x", "a"], ["u"]), node("Relu", ["u"], ["y"])], floats(3, 5),
         {"a": const(0, type=np.int64)})


for write in (convolutions, pools, dense, norms, activations, shapes):
    write()
