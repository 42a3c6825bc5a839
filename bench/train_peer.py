#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# PyTorch's side of bench_train: a process that takes training steps when it is told to.
#     train_peer.py MODEL THREADS                 MODEL: lenet, vgg-small or mlp
#     train_peer.py MODEL THREADS try             its settings, each with its time of a step
#     train_peer.py MODEL THREADS run SETTING     serves: for each line "go N" it takes N steps and answers
#                                                 "SECONDS CPU-SECONDS" (of all threads)
# Without a fourth word it lets processes of their own try its settings and environments, then becomes the server with
# the fastest: its memory is that of one model, not of all that were tried.
import json
import os
import subprocess
import sys
import time

SAMPLES = 2048  # as many as bench_train has: they fit no cache of a core, but stay off the disk
MODELS = {"lenet": ((1, 28, 28), 64), "vgg-small": ((3, 32, 32), 128), "mlp": ((64,), 32)}

# What has to be said before the library is loaded: its widest instruction set, how its threads wait.
ENVIRONMENTS = [{"ATEN_CPU_CAPABILITY": "avx512"}]
WAITS = [{"OMP_WAIT_POLICY": "ACTIVE"}, {"OMP_WAIT_POLICY": "PASSIVE"}]


def vgg_small(nn):
    layers, before = [], 3
    for width in 32, 64, 128:
        for _ in range(2):
            layers += [nn.Conv2d(before, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
            before = width
        layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 4 * 4, 10))


def build(name, nn):
    if name == "mlp":
        return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10))
    if name == "lenet":
        return nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(64 * 7 * 7, 512), nn.ReLU(), nn.Linear(512, 10))
    return vgg_small(nn)


class Run:
    """A model with its data and its optimiser in one of the settings that are tried."""

    def __init__(self, torch, name, setting):
        shape, self.batch = MODELS[name]
        layout = torch.channels_last if "channels_last" in setting else torch.contiguous_format
        torch.manual_seed(1)
        self.torch, self.setting = torch, setting
        self.model = build(name, torch.nn).to(memory_format=layout)
        self.images = torch.rand(SAMPLES, *shape)
        if len(shape) == 3:
            self.images = self.images.contiguous(memory_format=layout)
        self.labels = torch.randint(10, (SAMPLES,))
        update = {"foreach": True} if "foreach" in setting else {"fused": True} if "fused" in setting else {}
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9, **update)
        self.loss = torch.nn.CrossEntropyLoss()
        self.order, self.at = torch.randperm(SAMPLES), 0

    def steps(self, count):
        for _ in range(count):
            if self.at + self.batch > SAMPLES:
                self.order, self.at = self.torch.randperm(SAMPLES), 0
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


def settings(name):
    layouts = ["contiguous"] if name == "mlp" else ["contiguous", "channels_last"]
    return [[layout] + update for layout in layouts for update in ([], ["foreach"], ["fused"])]


def tried(torch, name, threads, candidates):
    """[seconds, setting] of each: the least of several short rounds in turn."""
    runs, which = [], 1 if threads == 1 else 0
    for setting in candidates:
        try:
            runs.append(Run(torch, name, setting))
            runs[-1].steps(2)
        except (TypeError, RuntimeError, ValueError):  # an update that this version does not know
            runs = [run for run in runs if run.setting is not setting]
    count = 2 if name != "mlp" else 200
    least = [float("inf")] * len(runs)
    for _ in range(3):
        for i, run in enumerate(runs):
            least[i] = min(least[i], timed(run, count)[which] / count)
    return [[seconds, run.setting] for run, seconds in zip(runs, least)]


def loaded(threads):
    import torch
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    return torch


def ask(name, threads, environment, only):
    """The results of a process that tries these settings (None: all) in an environment; [] when it fails."""
    words = [sys.executable, __file__, name, str(threads), "try"] + ([json.dumps(only)] if only else [])
    done = subprocess.run(words, env={**os.environ, **environment}, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return []
    results = json.loads(done.stdout)
    for seconds, setting in results:
        said = ", ".join(setting + [f"{k}={v}" for k, v in environment.items()])
        print(f"{name}, {threads} threads, {said}: {1e3 * seconds:.3g} ms a step", file=sys.stderr)
    return [(seconds, setting, environment) for seconds, setting in results]


def choose(name, threads):
    results = ask(name, threads, {}, None)
    if not results:
        sys.exit("PyTorch could not be tried")
    best = min(results, key=lambda result: result[0])
    for environments in [ENVIRONMENTS] + ([WAITS] if threads > 1 else []):
        for extra in environments:
            results += ask(name, threads, {**best[2], **extra}, best[1])
        best = min(results, key=lambda result: result[0])
    return best


def serve(torch, name, setting, environment):
    run = Run(torch, name, setting)
    said = ", ".join([torch.__version__.split("+")[0]] + setting + environment)
    print(f"ready PyTorch {said}", flush=True)
    for line in sys.stdin:
        wall, cpu = timed(run, int(line.split()[1]))
        print(f"{wall:.9f} {cpu:.9f}", flush=True)


def main():
    name, threads = sys.argv[1], int(sys.argv[2])
    os.environ["OMP_NUM_THREADS"] = str(threads)
    if len(sys.argv) == 3:
        _, setting, environment = choose(name, threads)
        said = [json.dumps([setting, [f"{k}={v}" for k, v in environment.items()]])]
        os.environ.update(environment)
        os.execv(sys.executable, [sys.executable, __file__, name, str(threads), "run"] + said)
    elif sys.argv[3] == "try":
        candidates = [json.loads(sys.argv[4])] if len(sys.argv) > 4 else settings(name)
        print(json.dumps(tried(loaded(threads), name, threads, candidates)))
    else:
        serve(loaded(threads), name, *json.loads(sys.argv[4]))


if __name__ == "__main__":
    main()
