# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Small graphs of arithmetic, reductions and softmax around a convolution, as the conformance test reads cases:

    peer_operators.py FOLDER    writes FOLDER/node/NAME/model.onnx and test_data_set_0/*.pb

Outputs are ONNX Runtime's, or NumPy's where that runs no opset 6. Each graph is written with a fixed and with a free
number of samples. Needs onnx, onnxruntime and numpy."""
import os
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.helper import make_node as node

random = np.random.default_rng(1)
out = os.path.join(sys.argv[1], "node")


def floats(*shape):
    return random.standard_normal(shape).astype(np.float32)


def const(*numbers, type=np.float32):
    return np.array(numbers, type)


def number(x):
    return np.array(x, np.float32)


def type_of(array):
    return helper.np_dtype_to_tensor_dtype(array.dtype)


def run(path, inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"]).run(None, inputs)


def save(path, array, name):
    with open(path, "wb") as file:
        file.write(numpy_helper.from_array(np.asarray(array), name).SerializeToString())


def case(name, nodes, inputs, weights=None, type=TensorProto.FLOAT, opset=17, free=False, wanted=None):
    """One case; the last node gives y."""
    weights = weights or {}
    given = [
        helper.make_tensor_value_info(k, type_of(v), (["N"] + list(v.shape[1:])) if free else v.shape)
        for k, v in inputs.items()
    ]
    if opset < 7:  # initialisers are inputs, too
        given += [helper.make_tensor_value_info(k, type_of(v), v.shape) for k, v in weights.items()]
    graph = helper.make_graph(
        nodes,
        name,
        given,
        [helper.make_tensor_value_info("y", type, None)],
        [numpy_helper.from_array(v, k) for k, v in weights.items()],
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8 if opset > 6 else 3
    )
    folder = os.path.join(out, "test_" + name + ("_free" if free else ""))
    os.makedirs(os.path.join(folder, "test_data_set_0"))
    path = os.path.join(folder, "model.onnx")
    onnx.save(model, path)
    y = wanted if wanted is not None else run(path, inputs)[0]
    for i, (k, v) in enumerate(inputs.items()):
        save(os.path.join(folder, "test_data_set_0", f"input_{i}.pb"), v, k)
    save(os.path.join(folder, "test_data_set_0", "output_0.pb"), y, "y")


IMAGES = floats(2, 3, 5, 4)
KERNEL = floats(6, 3, 3, 3)
ROWS = floats(3, 5, 4)


def behind_conv(name, nodes, weights=None, **more):
    conv = node("Conv", ["x", "kernel"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
    for free in (False, True):
        case(name, [conv] + nodes, {"x": IMAGES}, {"kernel": KERNEL, **(weights or {})}, free=free, **more)


def of_rows(name, nodes, weights=None, **more):
    for free in (False, True):
        case(name, nodes, {"x": ROWS}, weights, free=free, **more)


def reductions():
    behind_conv("scale", [node("ReduceMean", ["c"], ["m"], axes=[2, 3]), node("Exp", ["m"], ["e"]),
                          node("Mul", ["c", "e"], ["y"])])
    for name, op, axes in [("mean", "ReduceMean", [2, 3]), ("mean_negative", "ReduceMean", [-1, -2]),
                           ("max_channels", "ReduceMax", [1]), ("l2", "ReduceL2", [1, 2]),
                           ("log_sum_exp", "ReduceLogSumExp", [3])]:
        for keep in (0, 1):
            behind_conv(f"{name}_{keep}", [node(op, ["c"], ["y"], axes=axes, keepdims=keep)])
    behind_conv("sum_13", [node("ReduceSum", ["c", "a"], ["y"], keepdims=0)], {"a": const(3, type=np.int64)})
    for axis in (1, 2, 3):
        for op in ("ArgMax", "ArgMin"):
            behind_conv(f"{op}_{axis}", [node(op, ["c"], ["y"], axis=axis, keepdims=axis % 2)],
                        type=TensorProto.INT64)
    of_rows("row_reduce", [node("ReduceLogSumExp", ["x"], ["y"], axes=[1], keepdims=0)])
    of_rows("mean_18", [node("ReduceMean", ["x", "a"], ["y"], keepdims=0)], {"a": const(1, 2, type=np.int64)},
            opset=18)
    of_rows("noop", [node("ReduceSum", ["x"], ["y"], noop_with_empty_axes=1)], opset=18)
    x = {"x": floats(2, 3, 4, 5) / 10}
    case("sum_all", [node("ReduceSum", ["x"], ["y"], keepdims=0)], x)
    case("max_all", [node("ReduceMax", ["x"], ["y"])], x)
    case("scalars", [node("ReduceSum", ["x"], ["s"], keepdims=0), node("Add", ["s", "s"], ["t"]),
                     node("ReduceMean", ["t"], ["u"], keepdims=0), node("Exp", ["u"], ["e"]),
                     node("Reciprocal", ["e"], ["y"])], x)


def softmaxes():
    for op in ("Softmax", "LogSoftmax", "Hardmax"):
        for axis in (1, 2, 3, -1):
            behind_conv(f"{op}_{axis}", [node(op, ["c"], ["y"], axis=axis)])
            behind_conv(f"{op}_{axis}_11", [node(op, ["c"], ["y"], axis=axis)], opset=11)
        of_rows(f"row_{op}", [node(op, ["x"], ["y"], axis=1)])
    behind_conv("softmax_times", [node("Softmax", ["c"], ["s"], axis=3), node("Mul", ["s", "c"], ["y"])])
    case("softmax_0", [node("Softmax", ["x"], ["y"], axis=0)], {"x": ROWS})


def arithmetic():
    zero = number(0)
    for name, b in [("channels", floats(6, 1, 1)), ("wide", floats(1, 6, 1, 1)), ("columns", floats(4)),
                    ("number", number(2)), ("long", floats(1, 1, 6, 1, 1))]:
        for op in ("Add", "Sub", "Mul", "Div", "Min", "Max"):
            behind_conv(f"{op}_{name}", [node(op, ["b", "c"], ["y"])], {"b": b})
    for name, b in [("2", number(2)), ("2_long", np.full((1, 1, 1, 1, 1), 2, np.float32)),
                    ("integer", const(3, type=np.int64))]:
        behind_conv(f"pow_{name}", [node("Pow", ["c", "b"], ["y"])], {"b": b})
    behind_conv("mod", [node("Mod", ["c", "b"], ["y"], fmod=1)], {"b": const(0.7)})
    behind_conv("where", [node("Greater", ["c", "z"], ["g"]), node("Where", ["g", "c", "b"], ["y"])],
                {"z": zero, "b": floats(6, 1, 1)})
    behind_conv("not", [node("Less", ["c", "z"], ["g"]), node("Not", ["g"], ["n"]),
                        node("Cast", ["n"], ["y"], to=TensorProto.FLOAT)], {"z": zero})
    behind_conv("cast_int", [node("Cast", ["c"], ["y"], to=TensorProto.INT64)], type=TensorProto.INT64)
    behind_conv("cast_bool", [node("Floor", ["c"], ["f"]), node("Cast", ["f"], ["y"], to=TensorProto.BOOL)],
                type=TensorProto.BOOL)
    behind_conv("several", [node("Max", ["c", "b", "z"], ["m"]), node("Mean", ["m", "c", "b"], ["n"]),
                            node("Sum", ["n", "c"], ["y"])], {"b": floats(6, 1, 1), "z": zero})
    behind_conv("one_sign", [node("Log", ["z"], ["l"]), node("Add", ["c", "l"], ["s"]),
                             node("IsInf", ["s"], ["y"], detect_positive=0)], {"z": const(0, 1, 2, 0)},
                type=TensorProto.BOOL)
    of_rows("more_dimensions", [node("Mul", ["x", "b"], ["y"])], {"b": floats(2, 1, 5, 4)})


def opset_6():
    x = floats(2, 3, 4, 5)
    for name, op, b, axis, wanted in [
        ("middle", "Add", floats(3, 4), 1, lambda b: x + b[None, :, :, None]),
        ("tail", "Sub", floats(5), None, lambda b: x - b),
        ("first", "Div", floats(2), 0, lambda b: x / b[:, None, None, None]),
        ("greater", "Greater", floats(3, 4), 1, lambda b: x > b[None, :, :, None]),
    ]:
        more = {} if axis is None else {"axis": axis}
        case(f"{name}_6", [node(op, ["x", "b"], ["y"], broadcast=1, **more)], {"x": x}, {"b": b}, opset=6,
             wanted=wanted(b), type=TensorProto.BOOL if op == "Greater" else TensorProto.FLOAT)


def integers():
    x = random.integers(-9, 9, (3, 4))
    b = random.integers(1, 5, (4,))
    for op in ("Add", "Sub", "Mul", "Div", "Mod", "Min", "Max", "Pow"):
        case(f"integers_{op}", [node(op, ["x", "b"], ["y"])], {"x": x}, {"b": b}, type=TensorProto.INT64)
    case("integers_pow_floats", [node("Pow", ["x", "b"], ["y"])], {"x": abs(x)}, {"b": const(1.5, 2, 0.5, 3)},
         type=TensorProto.INT64)
    case("integers_sum", [node("ReduceSum", ["x", "a"], ["y"], keepdims=0)], {"x": x},
         {"a": const(1, type=np.int64)}, type=TensorProto.INT64)
    case("integers_unary", [node("Abs", ["x"], ["a"]), node("Neg", ["a"], ["n"]), node("Sign", ["x"], ["s"]),
                            node("Mul", ["n", "s"], ["y"])], {"x": x}, type=TensorProto.INT64)
    case("cast_like", [node("CastLike", ["x", "l"], ["y"])], {"x": ROWS, "l": x}, type=TensorProto.INT64)


if __name__ == "__main__":
    for write in (reductions, softmaxes, arithmetic, opset_6, integers):
        write()
