#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# A transformer as PyTorch exports it, with feed-forward units that were killed: check finds exactly these on samples of
# tokens, fix cuts them, and ONNX Runtime gives the same before and after where a Python with it is there
# (HALFWAVE_PYTHON, else python3). Skipped without PyTorch.
. "$(dirname "$0")/../support/script.sh"
use_tool
torch=
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import numpy, torch' 2>/dev/null; then
        torch=$candidate
        break
    fi
done
[ -n "$torch" ] || skip "python3 with torch is not here"
python=${HALFWAVE_PYTHON:-python3}
"$python" -c 'import numpy, onnx, onnxruntime' 2>/dev/null || python=

cat >export.py <<'END'
import inspect

import numpy as np
import torch
from torch import nn

TOKENS, LENGTH, WIDTH, HEADS = 50, 16, 32, 4


class Block(nn.Module):
    def __init__(self, units):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, units), nn.Linear(units, WIDTH)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (t.view(batch, length, HEADS, width // HEADS).transpose(1, 2)
                   for t in self.qkv(self.ln1(x)).split(width, dim=2))
        p = q @ k.transpose(-2, -1) / (width // HEADS)**0.5
        p = p.masked_fill(~torch.tril(torch.ones(length, length, dtype=torch.bool)), float("-inf")).softmax(-1)
        x = x + self.out((p @ v).transpose(1, 2).reshape(batch, length, width))
        return x + self.down(torch.relu(self.up(self.ln2(x))))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(TOKENS, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks, self.ln = nn.Sequential(Block(64), Block(48)), nn.LayerNorm(WIDTH)
        self.logits = nn.Linear(WIDTH, TOKENS, bias=False)
        self.logits.weight = self.tokens.weight

    def forward(self, x):
        x = self.tokens(x) + self.positions(torch.arange(x.shape[1]))
        return self.logits(self.ln(self.blocks(x)))


torch.manual_seed(0)
model = Transformer().eval()
with torch.no_grad():
    model.blocks[0].up.bias[[3, 17, 40]] = -100
    model.blocks[1].up.bias[5] = -100
x = torch.randint(0, TOKENS, (400, LENGTH))
np.save("x.npy", x.numpy())
# The older exporter, which needs no other package, is the only one before 2.5 and the second one since.
old = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
for opset in 14, 16:
    torch.onnx.export(model, (x[:2],), f"opset{opset}.onnx", opset_version=opset, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **old)
END
"$torch" export.py >log 2>&1 || skip "this PyTorch does not export: $(tail -n 1 log)"

# same PATH EXPECTED: what stands in the JSON.
same() {
    found=$("$get" "$1" <got.json) || finding "$model: nothing at $1"
    [ "$found" = "$2" ] || finding "$model: $1 is '$found', expected '$2'"
}
for model in opset14 opset16; do
    "$tool" check "$model.onnx" --data x.npy --json >got.json || finding "$model: check: exit $?"
    same layers.0.units 64
    same 'layers.0.dead_units.*' "3 17 40"
    same layers.1.units 48
    same 'layers.1.dead_units.*' 5
    "$tool" fix -q "$model.onnx" --data x.npy --prune -o fixed.onnx --json >got.json || finding "$model: fix: exit $?"
    same equal true
    same units_before 112
    same units_after 108
    same dead_after 0
    [ -z "$python" ] || "$python" "$source_dir/tests/cli/peer_fix.py" "$model.onnx" fixed.onnx x.npy exact ||
        finding "$model: ONNX Runtime gives something else"
done
finish
