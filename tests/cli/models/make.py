# SPDX-License-Identifier: MIT
# Writes the files beside it, once, with NumPy and the onnx package. Weights are small whole numbers or halves, so that
# every count is the same whatever the order of sums.
#     python3 make.py
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

rng = np.random.default_rng(6)


def whole(*shape):
    return rng.integers(-2, 3, shape).astype("f4")


def save(name, nodes, inputs, outputs, weights, opset=13, domains=()):
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs],
        [numpy_helper.from_array(w, n) for n, w in weights.items()])
    model = helper.make_model(graph, producer_name="halfwave-tests", producer_version="1",
                              opset_imports=[helper.make_opsetid("", opset)] + [helper.make_opsetid(d, 1) for d in domains])
    model.ir_version = 8
    if not domains:
        onnx.checker.check_model(model)
    onnx.save(model, name + ".onnx")


F = TensorProto.FLOAT

# Two layers. Of the first, unit 2 has a bias that nothing outweighs and unit 5 reads nothing; all of the second live.
w1, b1 = whole(8, 4), np.zeros(8, "f4")
w1[0], w1[1], w1[3] = (1, 0, 0, 0), (-1, 1, 0, 0), (0, 0, 1, -1)
b1[2] = -100
w1[5], b1[5] = 0, -0.5
w2, b2 = np.eye(3, 8, dtype="f4") + np.roll(np.eye(3, 8, dtype="f4"), 3, 1), np.zeros(3, "f4")
save("mlp", [helper.make_node("Gemm", ["x", "w1", "b1"], ["h1"], "fc1", transB=1),
             helper.make_node("Relu", ["h1"], ["a1"], "act1"),
             helper.make_node("Gemm", ["a1", "w2", "b2"], ["y"], "fc2", transB=1)],
     [("x", F, ["batch", 4])], [("y", ["batch", 3])], {"w1": w1, "b1": b1, "w2": w2, "b2": b2})
healthy = w1.copy()
healthy[2], healthy[4], healthy[5] = (1, 1, 0, 0), (0, 0, 1, 1), (0, 1, 0, -1)
healthy[6], healthy[7] = (-1, 0, 0, 1), (1, 0, -1, 0)
save("healthy", [helper.make_node("Gemm", ["x", "w1", "b1"], ["h1"], "fc1", transB=1),
                 helper.make_node("Relu", ["h1"], ["a1"], "act1"),
                 helper.make_node("Gemm", ["a1", "w2", "b2"], ["y"], "fc2", transB=1)],
     [("x", F, [1, 4])], [("y", [1, 3])], {"w1": healthy, "b1": np.zeros(8, "f4"), "w2": w2, "b2": b2})

# A convolution on images of any size.
save("conv", [helper.make_node("Conv", ["x", "w", "b"], ["h"], "conv1", pads=[1, 1, 1, 1]),
              helper.make_node("Relu", ["h"], ["a"], "relu1"),
              helper.make_node("GlobalAveragePool", ["a"], ["p"], "gap"),
              helper.make_node("Flatten", ["p"], ["f"], "flatten"),
              helper.make_node("Gemm", ["f", "w2", "b2"], ["y"], "fc", transB=1)],
     [("x", F, ["n", 3, "h", "w"])], [("y", ["n", 2])],
     {"w": whole(4, 3, 3, 3), "b": np.array([0, 0, -200, 0], "f4"), "w2": whole(2, 4), "b2": np.zeros(2, "f4")})

# Two inputs, of which one is numbers of rows in a table.
save("tokens", [helper.make_node("Gather", ["table", "ids"], ["e"], "embed"),
                helper.make_node("Add", ["e", "x"], ["s"], "add"),
                helper.make_node("Relu", ["s"], ["y"], "relu1")],
     [("ids", TensorProto.INT64, ["batch"]), ("x", F, ["batch", 3])], [("y", ["batch", 3])], {"table": whole(5, 3)})

# A part that nothing here runs: what does not depend on it still does.
save("part", [helper.make_node("Relu", ["x"], ["a"], "relu1"),
              helper.make_node("Frobnicate", ["a"], ["b"], "odd", domain="example"),
              helper.make_node("Relu", ["b"], ["y"], "relu2")],
     [("x", F, ["batch", 4])], [("y", ["batch", 4])], {}, domains=["example"])

x = rng.integers(-8, 9, (400, 4)).astype("f4") / 2
np.save("x.npy", x)
np.save("few.npy", x[:20])
z = x @ w1.T + b1
y = np.maximum(z, 0) @ w2.T + b2
np.save("labels.npy", np.argmax(y, 1).astype("u1"))
np.savez_compressed("pre.npz", act1=z.astype("f4"))
bad = x[:4].copy()
bad[1, 2] = np.nan
np.save("nan.npy", bad)
np.savez("tokens.npz", ids=rng.integers(0, 5, 12), x=whole(12, 3))
np.savez("half.npz", ids=np.array([0, 1.5, 2]), x=np.zeros((3, 3), "f4"))
np.savez("far.npz", ids=np.array([0, -5, 5]), x=np.zeros((3, 3), "f4"))
np.save("images.npy", whole(6, 3, 5, 5))
np.save("none.npy", x[:0])

# One number a sample behind a sigmoid: two classes.
save("one", [helper.make_node("Gemm", ["x", "w1", "b1"], ["h1"], "fc1", transB=1),
             helper.make_node("Relu", ["h1"], ["a1"], "act1"),
             helper.make_node("Gemm", ["a1", "w2", "b2"], ["z"], "fc2", transB=1),
             helper.make_node("Sigmoid", ["z"], ["y"], "yes")],
     [("x", F, ["batch", 2])], [("y", ["batch", 1])],
     {"w1": np.array([[1, 0], [-1, 0], [0, 1], [0.5, 1]], "f4"), "b1": np.zeros(4, "f4"),
      "w2": np.array([[0.25, 0.25, -0.5, 0]], "f4"), "b2": np.zeros(1, "f4")})
