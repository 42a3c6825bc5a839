# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
"""What moves numbers, behind a convolution and alone, as the conformance test reads cases; see peer_operators.py.

    peer_movement.py FOLDER"""
import numpy as np
from onnx import TensorProto
from onnx.helper import make_node as node

from peer_operators import case, const, floats, number

IMAGES = floats(2, 4, 6, 5)
TOKENS = floats(2, 3, 8)
CONV, KERNEL = node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1]), {"w": floats(8, 4, 3, 3)}


def ints(*numbers):
    return const(*numbers, type=np.int64)


def both(name, nodes, x, weights=None, **more):
    for free in (False, True):
        case(name, nodes, {"x": x}, weights, free=free, **more)


def images(name, nodes, weights=None, **more):
    """c is what a convolution gives, r its activation."""
    both(name, [CONV, node("Relu", ["c"], ["r"])] + nodes, IMAGES, KERNEL | (weights or {}), **more)


def concats():
    for axis in (1, 2, 3, -1):
        images(f"concat_{axis + 1}", [node("Concat", ["c", "r", "c"], ["y"], axis=axis)])
    images("concat_many", [node("Concat", ["c", "r"] * 6, ["y"], axis=1)])
    images("concat_one", [node("Concat", ["r"], ["y"], axis=2)])
    both("concat_tokens", [node("Concat", ["x", "x"], ["y"], axis=1)], TOKENS)
    both("dense_block", [CONV, node("Concat", ["x", "c"], ["d"], axis=1), node("Conv", ["d", "k"], ["e"]),
                         node("Concat", ["d", "e"], ["f"], axis=1), node("Relu", ["f"], ["y"])], IMAGES,
         KERNEL | {"k": floats(3, 12, 1, 1)})
    case("concat_samples", [node("Concat", ["x", "x"], ["y"], axis=0)], {"x": TOKENS})
    case("concat_constant", [node("Concat", ["x", "b"], ["y"], axis=1)], {"x": TOKENS}, {"b": floats(2, 2, 8)})


def slices():
    for i, (starts, ends, axes, steps) in enumerate([
        ((1,), (5,), (1,), (1,)), ((-4,), (-1,), (-1,), (1,)), ((6, 0), (-9999, 9999), (1, 2), (-2, 3)),
        ((0, 1, 2), (9, 4, 4), (1, 2, 3), (3, 1, 1)), ((-1,), (-(2**63),), (3,), (-1,)),
        ((0,), (2**63 - 1,), (0,), (1,)),
    ]):
        images(f"slice_{i}", [node("Slice", ["c", "s", "e", "a", "t"], ["y"])],
               {"s": ints(*starts), "e": ints(*ends), "a": ints(*axes), "t": ints(*steps)})
    images("slice_9", [node("Slice", ["c"], ["y"], starts=[1, 2], ends=[-1, 5], axes=[1, 3])], opset=9)
    both("slice_no_axes", [node("Slice", ["x", "s", "e"], ["y"])], TOKENS, {"s": ints(0, 1), "e": ints(99, 3)})
    case("slice_samples", [node("Slice", ["x", "s", "e"], ["y"])], {"x": TOKENS}, {"s": ints(1), "e": ints(2)})
    images("focus", [node("Slice", ["r", f"s{k}", "e", "a", "t"], [f"p{k}"]) for k in range(4)] +
           [node("Concat", ["p0", "p1", "p2", "p3"], ["y"], axis=1)],
           {f"s{k}": ints(k % 2, k // 2) for k in range(4)} | {"e": ints(99, 99), "a": ints(2, 3), "t": ints(2, 3)})
    for axis in (1, 2, -1):
        size = IMAGES.shape[axis] if axis != 1 else 8
        parts = {"p": ints(1, size - 3, 2)}
        images(f"split_{axis + 1}", [node("Split", ["c", "p"], ["k", "l", "m"], axis=axis),
                                     node("Concat", ["m", "k", "l"], ["y"], axis=axis)], parts)
    images("split_gate", [node("Split", ["c"], ["k", "l"], axis=1), node("Sigmoid", ["l"], ["s"]),
                          node("Mul", ["k", "s"], ["y"])])
    images("split_11", [node("Split", ["c"], ["k", "y"], axis=1, split=[3, 5])], opset=11)
    images("split_18", [node("Split", ["c"], ["k", "l", "y"], axis=1, num_outputs=3)], opset=18)
    images("shuffle", [node("Reshape", ["c", "t"], ["g"]), node("Transpose", ["g"], ["h"], perm=[0, 2, 1, 3, 4]),
                       node("Reshape", ["h", "u"], ["i"]), node("Split", ["i"], ["k", "l"], axis=1),
                       node("Sub", ["k", "l"], ["y"])], {"t": ints(0, 2, 4, 6, 5), "u": ints(0, 8, 6, 5)})


def pads():
    for i, (amounts, mode) in enumerate([
        ((0, 0, 1, 2, 0, 0, 3, 0), "constant"), ((0, 0, 1, 2, 0, 0, 3, 4), "reflect"),
        ((0, 1, 1, 0, 0, 2, 0, 5), "edge"), ((0, -1, 2, -2, 0, 0, -3, 1), "constant"), ((0,) * 8, "reflect"),
    ]):
        images(f"pad_{i}", [node("Pad", ["c", "p", "v"], ["y"], mode=mode)],
               {"p": ints(*amounts), "v": number(0.75)})
        images(f"pad_{i}_10", [node("Pad", ["c"], ["y"], mode=mode, pads=list(amounts), value=0.5)], opset=10)
    images("pad_axes", [node("Pad", ["c", "p", "", "a"], ["y"])], {"p": ints(1, 2, 3, 4), "a": ints(-1, 2)}, opset=18)
    both("pad_conv", [node("Pad", ["x", "p"], ["q"]), node("Conv", ["q", "w"], ["y"])], IMAGES,
         KERNEL | {"p": ints(0, 0, 1, 1, 0, 0, 2, 2)})
    case("pad_integers", [node("Pad", ["x", "p", "v"], ["y"])], {"x": np.arange(6).reshape(2, 3)},
         {"p": ints(1, 0, 0, 2), "v": np.array(-7)}, type=TensorProto.INT64)


def repeats():
    for i, shape in enumerate([(1, 8, 6, 5), (1, 1, 1, 1), (6, 5)]):
        images(f"expand_{i}", [node("Expand", ["c", "s"], ["y"])], {"s": ints(*shape)})
    images("expand_mean", [node("ReduceMean", ["c"], ["m"], axes=[2, 3]), node("Expand", ["m", "s"], ["e"]),
                           node("Mul", ["e", "c"], ["y"])], {"s": ints(1, 8, 6, 5)})
    images("tile", [node("Tile", ["c", "r3"], ["y"])], {"r3": ints(1, 2, 1, 3)})
    both("tile_tokens", [node("Tile", ["x", "r"], ["y"])], TOKENS, {"r": ints(1, 1, 2)})
    weights = {"zero": ints(0), "token": floats(1, 1, 8), "ones": ints(1, 1), "tail": ints(1, 8)}
    samples = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"])]
    tokens = [("expand", "tail", "Expand", ["token", "t"]), ("ones", "ones", "Expand", ["token", "t"]),
              ("tile", "ones", "Tile", ["token", "t"]), ("zeros", "tail", "ConstantOfShape", ["t"])]
    for name, behind, op, inputs in tokens:
        both(f"token_{name}", samples + [node("Concat", ["n", behind], ["t"], axis=0), node(op, inputs, ["e"]),
                                         node("Concat", ["e", "x"], ["y"], axis=1)], TOKENS, weights)


def gathers():
    for axis in (1, 2, 3):
        images(f"gather_{axis}", [node("Gather", ["c", "i"], ["y"], axis=axis)], {"i": ints(2, 0, -1, 2)})
        images(f"gather_one_{axis}", [node("Gather", ["c", "i"], ["y"], axis=axis)], {"i": np.array(-2)})
    both("gather_first_token", [node("Gather", ["x", "i"], ["g"], axis=1), node("Gemm", ["g", "w"], ["y"])], TOKENS,
         {"i": np.array(0), "w": floats(8, 3)})
    both("gather_matrix", [node("Gather", ["x", "i"], ["y"], axis=2)], TOKENS, {"i": ints(1, 2, 3, 0).reshape(2, 2)})
    case("gather_samples", [node("Gather", ["x", "i"], ["y"])], {"x": TOKENS}, {"i": ints(1, 1, 0)})
    rows = np.array([[1, 4, 0], [2, 2, -1]])
    both("embedding", [node("Gather", ["t", "x"], ["e"]), node("Add", ["e", "p"], ["y"])], rows,
         {"t": floats(5, 7), "p": floats(3, 7)})
    both("gather_elements", [node("ArgMax", ["x"], ["m"], axis=2), node("GatherElements", ["x", "m"], ["y"], axis=2)],
         TOKENS)
    case("gather_elements_first", [node("GatherElements", ["x", "i"], ["y"])], {"x": TOKENS},
         {"i": np.array([[[0, 1, -1, -2]]])})
    for upper in (0, 1):
        both(f"trilu_{upper}", [node("Trilu", ["x", "k"], ["y"], upper=upper)], TOKENS, {"k": np.array(1)})
    case("trilu_integers", [node("Trilu", ["x"], ["y"])], {"x": np.arange(12).reshape(3, 4)}, type=TensorProto.INT64)


def blocks():
    for mode in ("DCR", "CRD"):
        images(f"depth_{mode}", [node("DepthToSpace", ["c"], ["y"], blocksize=2, mode=mode)])
    both("space", [node("SpaceToDepth", ["x"], ["d"], blocksize=2), node("Conv", ["d", "w"], ["y"])],
         floats(2, 3, 6, 4), {"w": floats(5, 12, 1, 1)})
    for name, x in [("images", IMAGES), ("lines", floats(2, 4, 7)), ("volumes", floats(2, 4, 3, 2, 2))]:
        both(f"instance_{name}", [node("InstanceNormalization", ["x", "s", "b"], ["y"], epsilon=1e-3)], x,
             {"s": floats(4), "b": floats(4)})
    images("instance_conv", [node("InstanceNormalization", ["c", "s", "b"], ["n"]), node("Relu", ["n"], ["y"])],
           {"s": floats(8), "b": floats(8)})
    images("group", [node("GroupNormalization", ["c", "s", "b"], ["y"], num_groups=2)],
           {"s": floats(8), "b": floats(8)}, opset=21)


def resizes():
    forms = [
        ("twice", (2, 2), dict()), ("asymmetric", (2, 2), dict(coordinate_transformation_mode="asymmetric",
                                                               nearest_mode="floor")),
        ("uneven", (1.5, 2.6), dict(nearest_mode="round_prefer_ceil")), ("smaller", (0.6, 0.7), dict()),
        ("smaller_ceil", (0.6, 0.7), dict(nearest_mode="ceil", coordinate_transformation_mode="asymmetric")),
        ("width", (1, 3), dict(coordinate_transformation_mode="pytorch_half_pixel", nearest_mode="floor")),
        ("twice_linear", (2, 2), dict(mode="linear")),
        ("corners_nearest", (0.5, 0.6), dict(coordinate_transformation_mode="align_corners")),
        ("corners", (2, 2), dict(mode="linear", coordinate_transformation_mode="align_corners")),
        ("smaller_linear", (0.6, 0.7), dict(mode="linear", coordinate_transformation_mode="asymmetric")),
        ("pytorch_linear", (2.5, 0.2), dict(mode="linear", coordinate_transformation_mode="pytorch_half_pixel")),
        ("cubic", (2, 1.4), dict(mode="cubic")),
        ("cubic_inside", (0.8, 1.7), dict(mode="cubic", exclude_outside=1, cubic_coeff_a=-0.5)),
    ]
    for name, (height, width), attributes in forms:
        images(f"resize_{name}", [node("Resize", ["c", "", "s"], ["y"], **attributes)],
               {"s": const(1, 1, height, width)}, opset=13)
    for mode in ("nearest", "linear"):
        case(f"resize_sizes_{mode}", [CONV, node("Resize", ["c", "", "", "s"], ["r"], mode=mode),
                                      node("Relu", ["r"], ["y"])], {"x": IMAGES}, KERNEL | {"s": ints(2, 8, 9, 7)})
    images("resize_axes", [node("Resize", ["c", "", "s"], ["y"], axes=[3, 2])], {"s": const(2, 3)}, opset=18)
    images("resize_10", [node("Resize", ["c", "s"], ["y"])], {"s": const(1, 1, 2, 0.5)}, opset=10)
    images("upsample_9", [node("Upsample", ["c", "s"], ["y"])], {"s": const(1, 1, 2, 3)}, opset=9)
    images("upsample_7", [node("Upsample", ["c"], ["y"], scales=[1.0, 1.0, 2.0, 2.0])], opset=7)
    images("upsample_join", [node("MaxPool", ["r"], ["p"], kernel_shape=[2, 1], strides=[2, 1]),
                             node("Resize", ["p", "", "s"], ["u"]), node("Concat", ["u", "c"], ["y"], axis=1)],
           {"s": const(1, 1, 2, 1)})


for write in (concats, slices, pads, repeats, gathers, blocks, resizes):
    write()
