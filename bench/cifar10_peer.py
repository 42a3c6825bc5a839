#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# A whole training run on CIFAR-10 in PyTorch, to be set beside ours of the same recipe:
#     halfwave train --data cifar10:FOLDER --normalize --flip --shift 4 --model vgg-small --batch 128 --lr 0.1 \
#         --nesterov --weight-decay 5e-4 --schedule cosine --warmup 500 --epochs N
#     cifar10_peer.py FOLDER EPOCHS [THREADS]       FOLDER: data_batch_1.bin to data_batch_5.bin, test_batch.bin
# Writes a line of JSON for each epoch. Evaluation is not in its seconds. Needs torch and numpy.
import json
import math
import os
import sys
import time

threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
os.environ["OMP_NUM_THREADS"] = str(threads)
import numpy  # noqa: E402  (the line above must come first)
import torch  # noqa: E402
from torch import nn  # noqa: E402
from train_peer import vgg_small  # noqa: E402

BATCH, RATE, WARMUP, DECAY, SHIFT = 128, 0.1, 500, 5e-4, 4


def read(folder, names):
    records = numpy.concatenate([numpy.fromfile(os.path.join(folder, n), numpy.uint8).reshape(-1, 3073) for n in names])
    images = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).copy()).float() / 255
    return images, torch.from_numpy(records[:, 0].astype(numpy.int64))


def augment(images, black):
    """Flips every other image, then moves each by up to SHIFT pixels; what comes in is black."""
    flip = torch.rand(len(images)) < 0.5
    images = torch.where(flip[:, None, None, None], images.flip(3), images)
    size = images.shape[2]
    padded = black.expand(len(images), 3, size + 2 * SHIFT, size + 2 * SHIFT).clone()
    padded[:, :, SHIFT:-SHIFT, SHIFT:-SHIFT] = images
    moved = torch.empty_like(images)
    for i, (y, x) in enumerate(torch.randint(2 * SHIFT + 1, (len(images), 2)).tolist()):
        moved[i] = padded[i, :, y:y + size, x:x + size]
    return moved.contiguous(memory_format=torch.channels_last)


def rate(step, total):
    if step < WARMUP:
        return RATE * (step + 1) / WARMUP
    return RATE / 2 * (1 + math.cos(math.pi * (step - WARMUP) / (total - WARMUP)))


def error(model, images, labels):
    model.eval()
    with torch.no_grad():
        wrong = sum((model(images[i:i + 500]).argmax(1) != labels[i:i + 500]).sum().item()
                    for i in range(0, len(images), 500))
    model.train()
    return wrong / len(images)


def main():
    folder, epochs = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    images, labels = read(folder, [f"data_batch_{i}.bin" for i in range(1, 6)])
    test, test_labels = read(folder, ["test_batch.bin"])
    mean = images.mean((0, 2, 3))[None, :, None, None]
    deviation = images.transpose(0, 1).flatten(1).std(1, unbiased=False)[None, :, None, None]
    images, test, black = (images - mean) / deviation, (test - mean) / deviation, -mean / deviation
    test = test.contiguous(memory_format=torch.channels_last)
    model = vgg_small(nn).to(memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=0.9, nesterov=True, weight_decay=DECAY)
    criterion = nn.CrossEntropyLoss()
    batches = [slice(i, i + BATCH) for i in range(0, len(images), BATCH)]
    total, step, seconds = epochs * len(batches), 0, 0.0
    for epoch in range(1, epochs + 1):
        begun, losses, order = time.perf_counter(), 0.0, torch.randperm(len(images))
        for batch in batches:
            chosen = order[batch]
            for group in optimizer.param_groups:
                group["lr"] = rate(step, total)
            optimizer.zero_grad(set_to_none=True)
            loss = criterion(model(augment(images[chosen], black)), labels[chosen])
            loss.backward()
            optimizer.step()
            losses += loss.item() * len(chosen)
            step += 1
        seconds += time.perf_counter() - begun
        print(json.dumps({"epoch": epoch, "loss": losses / len(images), "test_error": error(model, test, test_labels),
                          "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
