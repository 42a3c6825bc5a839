# SPDX-License-Identifier: MIT
# Counts in PyTorch what `halfwave check` counts, by forward hooks, and writes it as a statistics file
# (docs/statistics.md): any model can be checked, exported or not, on as many machines as you like.
#
#     watch = Watch(model)                    # hooks on every activation module
#     model.eval()
#     with torch.no_grad():
#         for x, _ in loader:                 # the data that the verdict shall speak of
#             watch.batch(len(x))
#             model(x)
#     watch.save("part-1.json")
#
#     halfwave check part-1.json              or: halfwave merge part-*.json -o all.json; halfwave check all.json
import json

import torch
from torch import nn

# PyTorch's module: its name here, and the attributes that are parameters here.
ACTIVATIONS = {nn.ReLU: ("relu", {}), nn.ReLU6: ("relu6", {}), nn.LeakyReLU: ("leaky_relu", {"slope": "negative_slope"}),
               nn.GELU: ("gelu", {}), nn.SiLU: ("silu", {}), nn.Sigmoid: ("sigmoid", {}), nn.Tanh: ("tanh", {}),
               nn.Hardswish: ("hardswish", {}), nn.ELU: ("elu", {"alpha": "alpha"})}


class Layer:
    def __init__(self, name, module):
        self.name, (self.act, parameters) = name, ACTIVATIONS[type(module)]
        self.params = {ours: getattr(module, theirs) for ours, theirs in parameters.items()}
        self.looks = self.samples = 0
        self.sums = {}  # an array for each member of the file, an element a unit
        # z is seen before the module runs, for it may work in place; in double, so that sums are good ones.
        module.register_forward_pre_hook(lambda m, args: setattr(self, "z", self.by_unit(args[0]).double()))
        module.register_forward_hook(lambda m, args, out: self.count(self.z, self.by_unit(out).double()))

    @staticmethod
    def by_unit(x):
        """[samples][positions][units]: of images the units are channels (axis 1 of 4), else the last axis."""
        x = x.detach().movedim(1, -1) if x.dim() == 4 else x.detach()
        return x.reshape(x.shape[0], -1, x.shape[-1])

    def count(self, z, h):
        fires, nan = z > 0, z.isnan()  # the predicate of all that stand above; NaN fires nowhere
        self.samples += z.shape[0]
        self.looks += z.shape[0] * z.shape[1]
        number = z.masked_fill(nan, 0)
        self.add("fired", fires.sum((0, 1)))  # looks
        self.add("fired_samples", fires.any(1).sum(0))  # samples: what evidence counts
        self.add("zeros", (h == 0).sum((0, 1)))
        self.add("nans", nan.sum((0, 1)))
        self.add("sum", number.sum((0, 1)))
        self.add("square_sum", number.square().sum((0, 1)))
        self.add("magnitude_sum", h.nan_to_num().abs().sum((0, 1)))
        self.add("min", z.masked_fill(nan, float("inf")).amin((0, 1)), torch.minimum)
        self.add("max", z.masked_fill(nan, float("-inf")).amax((0, 1)), torch.maximum)

    def add(self, member, values, how=torch.add):
        self.sums[member] = how(self.sums[member], values) if member in self.sums else values

    def as_json(self):
        arrays = {member: [x if abs(x) != float("inf") else None for x in values.tolist()]
                  for member, values in self.sums.items()}
        return {"name": self.name, "act": self.act, "params": self.params, "looks": self.looks,
                "samples": self.samples, **arrays}


class Watch:
    def __init__(self, model, name="model"):
        self.name, self.rows = name, 0
        self.layers = [Layer(n, m) for n, m in model.named_modules() if type(m) in ACTIVATIONS]

    def batch(self, rows):
        """Before each batch: how many samples it has."""
        self.rows += rows

    def save(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"schema": 4, "kind": "halfwave statistics", "model": self.name, "group": 1, "rows": self.rows,
                       "samples": self.rows, "layers": [layer.as_json() for layer in self.layers]}, file)
