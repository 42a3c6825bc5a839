#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# PyTorch's side of bench_train: a process that takes training steps when it is told to.
#     train_peer.py MODEL THREADS                 MODEL: lenet, vgg-small, mlp or char-gpt
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
MODELS = {"lenet": ((1, 28, 28), 64), "vgg-small": ((3, 32, 32), 128), "mlp": ((64,), 32), "char-gpt": ((64,), 12)}
TOKENS, CHARACTERS = 1003854, 65  # as many as bench_train has

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


def char_gpt(torch, fused):
    """nanoGPT with ReLU and biases; fused: by the attention that PyTorch has since 2.0."""
    nn, functional = torch.nn, torch.nn.functional
    blocks, heads, width, length = 4, 4, 128, MODELS["char-gpt"][0][0]

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            later = torch.ones(length, length, dtype=torch.bool).triu(1)
            self.register_buffer("later", later, persistent=False)

        def forward(self, x):
            batch = x.shape[0]
            q, k, v = (part.view(batch, length, heads, width // heads).transpose(1, 2)
                       for part in self.qkv(x).split(width, dim=2))
            if fused:
                y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            else:
                scores = (q @ k.transpose(2, 3)) * (width // heads) ** -0.5
                y = scores.masked_fill(self.later, float("-inf")).softmax(3) @ v
            return self.out(y.transpose(1, 2).reshape(batch, length, width))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.ln1, self.attn, self.ln2 = nn.LayerNorm(width), Attention(), nn.LayerNorm(width)
            self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))

        def forward(self, x):
            x = x + self.attn(self.ln1(x))
            return x + self.mlp(self.ln2(x))

    class Gpt(nn.Module):
        def __init__(self):
            super().__init__()
            self.tokens, self.positions = nn.Embedding(CHARACTERS, width), nn.Embedding(length, width)
            self.blocks, self.ln = nn.Sequential(*(Block() for _ in range(blocks))), nn.LayerNorm(width)
            for name, parameter in self.named_parameters():
                if parameter.dim() > 1:
                    last = name.endswith(("out.weight", "mlp.2.weight"))
                    nn.init.normal_(parameter, std=0.02 * ((2 * blocks) ** -0.5 if last else 1))
                elif name.endswith("bias"):
                    nn.init.zeros_(parameter)

        def forward(self, x):
            h = self.ln(self.blocks(self.tokens(x) + self.positions.weight))
            return functional.linear(h, self.tokens.weight).flatten(0, 1)

    return Gpt()


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
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9, **update(setting))
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


class TextRun:
    """The same of a model of text: AdamW that decays matrices, gradients clipped, blocks from anywhere in the text."""

    def __init__(self, torch, name, setting):
        (self.block,), self.batch = MODELS[name]
        torch.manual_seed(1)
        self.torch, self.setting = torch, setting
        self.model = char_gpt(torch, "sdpa" in setting)
        self.text = torch.randint(CHARACTERS, (TOKENS,), dtype=torch.int16)
        parameters = list(self.model.parameters())
        groups = [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.1},
                  {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), **update(setting))
        self.loss = torch.nn.CrossEntropyLoss()
        self.offsets = torch.arange(self.block + 1)

    def steps(self, count):
        for _ in range(count):
            starts = self.torch.randint(TOKENS - self.block, (self.batch, 1))
            blocks = self.text[starts + self.offsets].long()
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss(self.model(blocks[:, :-1]), blocks[:, 1:].flatten())
            loss.backward()
            self.torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()


def run_of(torch, name, setting):
    return (TextRun if name == "char-gpt" else Run)(torch, name, setting)


def update(setting):
    return {"foreach": True} if "foreach" in setting else {"fused": True} if "fused" in setting else {}


def timed(run, count):
    wall, cpu = time.perf_counter(), time.process_time()
    run.steps(count)
    return time.perf_counter() - wall, time.process_time() - cpu


def settings(name):
    ways = {"mlp": ["contiguous"], "char-gpt": ["plain", "sdpa"]}.get(name, ["contiguous", "channels_last"])
    return [[way] + update for way in ways for update in ([], ["foreach"], ["fused"])]


def tried(torch, name, threads, candidates):
    """[seconds, setting] of each: the least of several short rounds in turn."""
    runs, which = [], 1 if threads == 1 else 0
    for setting in candidates:
        try:
            runs.append(run_of(torch, name, setting))
            runs[-1].steps(2)
        except (AttributeError, TypeError, RuntimeError, ValueError):  # what this version does not know
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
    run = run_of(torch, name, setting)
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
