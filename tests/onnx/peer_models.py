# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""Blocks of known networks as their exporters write them, as the conformance test reads cases; see peer_operators.py.

    peer_models.py FOLDER"""
import numpy as np
from onnx import TensorProto
from onnx.helper import make_node as node

from peer_operators import case, floats, number

IMAGES = floats(2, 4, 8, 8)


class Net:
    """Nodes and weights in the order in which they are said; values have the names of their nodes."""

    def __init__(self):
        self.nodes, self.weights, self.count = [], {}, 0

    def weight(self, array):
        name = f"w{len(self.weights)}"
        self.weights[name] = np.asarray(array)
        return name

    def ints(self, *numbers):
        return self.weight(np.array(numbers, np.int64))

    def __call__(self, op, *inputs, outputs=1, **attributes):
        self.count += 1
        names = [f"{op.lower()}_{self.count}" + (f"_{k}" if k else "") for k in range(outputs)]
        given = [i if isinstance(i, str) else self.weight(i) for i in inputs]
        self.nodes.append(node(op, given, names, name=names[0], **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x, channels, filters, kernel, groups=1, stride=1):
        w = floats(filters, channels // groups, kernel, kernel) / np.sqrt(channels / groups * kernel * kernel)
        pad = kernel // 2
        return self("Conv", x, w.astype(np.float32), group=groups, pads=[pad] * 4, strides=[stride] * 2)

    def bn(self, x, n):
        return self("BatchNormalization", x, 1 + floats(n) / 4, floats(n) / 4, floats(n) / 4, abs(floats(n)) + 0.5)

    def linear(self, x, inputs, outputs):
        w = (floats(inputs, outputs) / np.sqrt(inputs)).astype(np.float32)
        return self("Add", floats(outputs), self("MatMul", x, w))

    def hard_swish(self, x):
        clip = self("Clip", self("Add", x, number(3)), number(0), number(6))
        return self("Div", self("Mul", x, clip), number(6))

    def gelu(self, x):
        erf = self("Erf", self("Div", x, number(np.sqrt(2))))
        return self("Mul", self("Mul", x, self("Add", erf, number(1))), number(0.5))

    def layer_norm(self, x, n):
        d = self("Sub", x, self("ReduceMean", x, axes=[-1]))
        v = self("ReduceMean", self("Pow", d, number(2)), axes=[-1])
        y = self("Div", d, self("Sqrt", self("Add", v, number(1e-5))))
        return self("Add", self("Mul", y, 1 + floats(n) / 4), floats(n) / 4)

    def dim(self, x, axis):
        return self("Unsqueeze", self("Gather", self("Shape", x), np.array(axis), axis=0), self.ints(0))

    def case(self, name, inputs, opset=13, free=(False, True), type=TensorProto.FLOAT):
        self.nodes[-1].output[0] = "y"
        for f in free:
            case(name, self.nodes, inputs, self.weights, opset=opset, free=f, type=type)


def residual():
    n = Net()
    a = n("Relu", n.bn(n.conv("x", 4, 8, 3), 8))
    b = n("Relu", n.bn(n.conv(a, 8, 12, 3, stride=2), 12))
    c = n("Relu", n("Add", n.bn(n.conv(b, 12, 12, 3), 12), n.bn(n.conv(a, 8, 12, 1, stride=2), 12)))
    f = n("Flatten", n("GlobalAveragePool", c))
    n("Gemm", f, floats(5, 12), floats(5), transB=1)
    n.case("resnet", {"x": IMAGES})


def mobile():
    n = Net()
    a = n.hard_swish(n.bn(n.conv("x", 4, 8, 3, stride=2), 8))
    b = n.hard_swish(n.bn(n.conv(a, 8, 16, 1), 16))
    c = n.bn(n.conv(b, 16, 16, 5, groups=16), 16)
    s = n("ReduceMean", c, axes=[2, 3])
    s = n("Relu", n("Conv", s, floats(4, 16, 1, 1), floats(4)))
    s = n("HardSigmoid", n("Conv", s, floats(16, 4, 1, 1), floats(16)), alpha=1 / 6, beta=0.5)
    d = n.bn(n.conv(n.hard_swish(n("Mul", c, s)), 16, 8, 1), 8)
    e = n("Add", d, a)
    p = n("Reshape", n("GlobalAveragePool", e), n.ints(-1, 8))
    n("Gemm", n("Clip", p, number(0), number(6)), floats(8, 3))
    n.case("mobilenet", {"x": IMAGES})


def dense_blocks():
    n = Net()
    a = n.conv("x", 4, 8, 3)
    b = n("Concat", a, n.conv(n("Relu", n.bn(a, 8)), 8, 4, 3), axis=1)
    c = n("Concat", b, n.conv(n("Relu", n.bn(b, 12)), 12, 4, 3), axis=1)
    n("AveragePool", n("LeakyRelu", c, alpha=0.1), kernel_shape=[2, 2], strides=[2, 2])
    n.case("densenet", {"x": IMAGES})


def shuffle():
    n = Net()
    a = n.conv("x", 4, 8, 1)
    left, right = n("Split", a, n.ints(4, 4), outputs=2, axis=1)
    a = n("Concat", left, n("Relu", n.conv(right, 4, 4, 3, groups=4)), axis=1)
    a = n("Reshape", a, n("Concat", n.dim("x", 0), n.ints(2, 4, 8, 8), axis=0))
    a = n("Transpose", a, perm=[0, 2, 1, 3, 4])
    a = n("Reshape", a, n("Concat", n.dim("x", 0), n.ints(-1, 8, 8), axis=0))
    n("Relu", n.conv(a, 8, 6, 1))
    n.case("shufflenet", {"x": IMAGES})


def conv_next():
    n = Net()
    a = n.conv("x", 4, 8, 1)
    b = n("Transpose", n.conv(a, 8, 8, 3, groups=8), perm=[0, 2, 3, 1])
    b = n.linear(n.gelu(n.linear(n.layer_norm(b, 8), 8, 16)), 16, 8)
    n("Add", a, n("Transpose", n("Mul", floats(8), b), perm=[0, 3, 1, 2]))
    n.case("convnext", {"x": IMAGES})


def attention(n, x, tokens, size, heads, batch):
    shape = n("Concat", batch, n.ints(tokens, heads, size // heads), axis=0) if batch else n.ints(
        1, tokens, heads, size // heads)
    q, k, v = (n("Reshape", n.linear(x, size, size), shape) for _ in range(3))
    q, v = (n("Transpose", t, perm=[0, 2, 1, 3]) for t in (q, v))
    k = n("Transpose", k, perm=[0, 2, 3, 1])
    p = n("Softmax", n("Div", n("MatMul", q, k), number(np.sqrt(size / heads))), axis=-1)
    y = n("Transpose", n("MatMul", p, v), perm=[0, 2, 1, 3])
    y = n("Reshape", y, n("Concat", batch, n.ints(tokens, size), axis=0) if batch else n.ints(1, tokens, size))
    return n.linear(y, size, size)


def encoder(n, x, tokens, size, batch):
    x = n.layer_norm(n("Add", x, attention(n, x, tokens, size, 2, batch)), size)
    return n.layer_norm(n("Add", x, n.linear(n.gelu(n.linear(x, size, 2 * size)), 2 * size, size)), size)


def transformers():
    n = Net()
    x = encoder(n, "x", 5, 8, n.dim("x", 0))
    n("Gemm", n("ReduceMean", x, axes=[1], keepdims=0), floats(8, 3), floats(3))
    n.case("encoder", {"x": floats(3, 5, 8)})
    n = Net()
    encoder(n, "x", 5, 8, None)
    n.case("encoder_one", {"x": floats(1, 5, 8)}, free=(False,))
    n = Net()  # token ids, and positions that are cut to length
    at = n("Slice", n.weight(floats(1, 9, 8)), n.ints(0), n.ints(5), n.ints(1))
    x = n("Add", n("Gather", n.weight(floats(11, 8)), "x"), at)
    x = encoder(n, x, 5, 8, n.dim("x", 0))
    n("Tanh", n.linear(n("Gather", x, np.array(0), axis=1), 8, 4))
    n.case("tokens", {"x": np.array([[1, 5, 10, 0, 2], [3, 3, 4, 9, 7]], np.int64)})
    n = Net()  # patches, and a token of its own in front of them
    p = n("Conv", "x", floats(8, 4, 4, 4), strides=[4, 4])
    p = n("Transpose", n("Reshape", p, n("Concat", n.dim(p, 0), n.ints(8, -1), axis=0)), perm=[0, 2, 1])
    own = n("Expand", n.weight(floats(1, 1, 8)), n("Concat", n.dim("x", 0), n.ints(1, 8), axis=0))
    x = n("Add", n("Concat", own, p, axis=1), floats(1, 5, 8))
    n("Gather", encoder(n, x, 5, 8, n.dim("x", 0)), np.array(0), axis=1)
    n.case("vit", {"x": IMAGES})


if __name__ == "__main__":
    for write in (residual, mobile, dense_blocks, shuffle, conv_next, transformers):
        write()
