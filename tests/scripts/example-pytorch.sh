#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# examples/watch_pytorch.py: statistics that PyTorch's hooks counted agree with a check of the same model's ONNX file.
# Skipped without PyTorch.
. "$(dirname "$0")/../support/script.sh"
use_tool
python=
for candidate in ${PYTHON:-} python3 /usr/bin/python3; do
    if "$candidate" -c 'import numpy, torch' 2>/dev/null; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || skip "python3 with torch is not here"

cat >compare.py <<'END'
import sys

import numpy as np
import torch
from torch import nn

sys.path.insert(0, sys.argv[1])
from watch_pytorch import Watch

torch.manual_seed(6)
model = nn.Sequential(nn.Conv2d(3, 12, 3, padding=1), nn.ReLU(inplace=True), nn.Conv2d(12, 8, 3), nn.LeakyReLU(0.2),
                      nn.Flatten(), nn.Linear(8 * 16, 20), nn.ReLU(), nn.Linear(20, 4), nn.Sigmoid()).eval()
with torch.no_grad():
    model[0].bias[[1, 5]] = -50   # dead
    model[0].bias[2] = 6          # always on
    model[2].bias[3] = -1e4       # inert
    model[5].bias[7] = -1e4
x = torch.randn(330, 3, 6, 6)
halves = []
for part, batch in (("a.json", x[:200]), ("b.json", x[200:])):
    watch = Watch(model, "pytorch")
    with torch.no_grad():
        for piece in batch.split(64):
            watch.batch(len(piece))
            model(piece)
    watch.save(part)
    # The next part counts with hooks of its own.
    for module in model:
        module._forward_pre_hooks.clear()
        module._forward_hooks.clear()
np.save("x.npy", x.numpy())
torch.onnx.export(model, x[:1], "model.onnx", opset_version=13, input_names=["x"],
                  dynamic_axes={"x": {0: "batch"}})
END
"$python" compare.py "$source_dir/examples" >log 2>&1 || {
    cat log
    finding "the example does not run"
    finish
}
"$tool" merge -q a.json b.json -o all.json >log || finding "its files are not accepted"
"$tool" check all.json --json >hooks.json || true
"$tool" check model.onnx --data x.npy --json >onnx.json || true
# same PATH: equal in both.
same() {
    for file in hooks onnx; do
        "$get" "$1" <$file.json >$file.got || finding "$file: nothing at $1"
    done
    cmp -s hooks.got onnx.got || finding "$1: '$(cat hooks.got)' by hooks, '$(cat onnx.got)' of the ONNX file"
}
same verdict
same samples
same layers
for layer in 0 1 2 3; do
    for member in op units looks samples verdict 'silent_units.*' 'dead_units.*' 'inert_units.*' 'always_on_units.*'; do
        same "layers.$layer.$member"
    done
done
[ "$("$get" 'layers.0.dead_units.*' <hooks.json)" = "1 5" ] || finding "the planted units are not found"
case " $("$get" 'layers.1.inert_units.*' <hooks.json) " in
*" 3 "*) ;;
*) finding "the inert unit is not found" ;;
esac
finish
