#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# PyTorch's side of bench_train: a process that takes training steps when it is told to.
#     train_peer.py MODEL THREADS        MODEL: lenet or vgg-small
# It chooses the fastest of its settings first and says so ("ready ..."); then for each line "go N" it
# takes N steps and answers "SECONDS CPU-SECONDS" (of all threads).
import os
import sys
import time

threads = int(sys.argv[2])
os.environ["OMP_NUM_THREADS"] = str(threads)
import torch  # noqa: E402  (the line above must come first)
from torch import nn  # noqa: E402

torch.set_num_threads(threads)
torch.set_num_interop_threads(1)

SAMPLES = 2048  # as many as bench_train has: they fit no cache of a core, but stay off the disk


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64 * 7 * 7, 512), nn.ReLU(), nn.Linear(512, 10))


def vgg_small():
    layers, before = [], 3
    for width in 32, 64, 128:
        for _ in range(2):
            layers += [nn.Conv2d(before, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 4 * 4, 10))


MODELS = {"lenet": (lenet, (1, 28, 28), 64), "vgg-small": (vgg_small, (3, 32, 32), 128)}


class Run:
    """A model with its data and its optimiser in one of the settings that are tried."""

    def __init__(self, name, channels_last, foreach):
        build, shape, self.batch = MODELS[name]
        layout = torch.channels_last if channels_last else torch.contiguous_format
        torch.manual_seed(1)
        self.setting = ("channels_last" if channels_last else "contiguous") + (", foreach" if foreach else "")
        self.model = build().to(memory_format=layout)
        self.images = torch.rand(SAMPLES, *shape).contiguous(memory_format=layout)
        self.labels = torch.randint(10, (SAMPLES,))
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9, foreach=foreach)
        self.loss = nn.CrossEntropyLoss()
        self.order, self.at = torch.randperm(SAMPLES), 0

    def steps(self, count):
        for _ in range(count):
            if self.at + self.batch > SAMPLES:
                self.order, self.at = torch.randperm(SAMPLES), 0
            chosen = self.order[self.at:self.at + self.batch]
            self.at += self.batch
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.model(self.images[chosen]), self.labels[chosen])
            loss.backward()
            self.optimizer.step()


def timed(run, count):
    wall, cpu = time.perf_counter(), time.process_time()
    run.steps(count)
    return time.perf_counter() - wall, time.process_time() - cpu


def best(name):
    """The setting with the fastest step: the least of several short rounds in turn."""
    runs = [Run(name, layout, foreach) for layout in (False, True) for foreach in (False, True)]
    which = 1 if threads == 1 else 0
    least = [float("inf")] * len(runs)
    for run in runs:
        run.steps(3)
    for _ in range(5):
        for i, run in enumerate(runs):
            least[i] = min(least[i], timed(run, 2)[which] / 2)
    for run, seconds in zip(runs, least):
        print(f"{name}, {run.setting}: {1e3 * seconds:.1f} ms a step", file=sys.stderr)
    return runs[least.index(min(least))]


def main():
    run = best(sys.argv[1])
    print(f"ready PyTorch {torch.__version__}, {run.setting}", flush=True)
    for line in sys.stdin:
        wall, cpu = timed(run, int(line.split()[1]))
        print(f"{wall:.9f} {cpu:.9f}", flush=True)


main()
