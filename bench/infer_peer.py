#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# ONNX Runtime's side of bench_infer: a process that runs a model over all inputs when it is told to.
#     infer_peer.py FILE.onnx INPUTS THREADS        INPUTS: a .npy file, or a number of drawn samples
# It tries a few batch sizes first and says which was fastest ("ready ..."); then for each line "go N" it runs over all
# inputs N times and answers "SECONDS CPU-SECONDS" (of all threads).
import sys
import time

import numpy as np
import onnxruntime as ort


def batched(path):
    """The model's bytes with a first dimension that is free, where it is fixed at 1 and the onnx package is here."""
    data = open(path, "rb").read()
    try:
        import onnx
    except ImportError:
        return data
    model = onnx.load_from_string(data)
    for value in list(model.graph.input) + list(model.graph.output):
        dims = value.type.tensor_type.shape.dim
        if dims and dims[0].dim_value == 1:
            dims[0].dim_param = "batch"
    return model.SerializeToString()


class Run:
    def __init__(self, path, inputs, threads):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(batched(path), options, providers=["CPUExecutionProvider"])
        x = self.session.get_inputs()[0]
        self.name = x.name
        if inputs.isdigit():
            self.x = np.random.default_rng(1).random((int(inputs), *x.shape[1:]), dtype=np.float32)
        else:
            self.x = np.load(inputs)
        self.most = 1 if x.shape[0] == 1 else len(self.x)
        self.batch = self.most

    def __call__(self):
        for first in range(0, len(self.x), self.batch):
            self.session.run(None, {self.name: self.x[first:first + self.batch]})

    def timed(self, count):
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            self()
        return time.perf_counter() - wall, time.process_time() - cpu

    def choose(self, threads):
        """The batch with the fastest run: the least of several runs in turn."""
        least = {batch: float("inf") for batch in {1, 8, 32, 128, 512, self.most} if batch <= self.most}
        if len(least) > 1:
            del least[1]
        for _ in range(7):
            for self.batch in least:
                least[self.batch] = min(least[self.batch], self.timed(1)[1 if threads == 1 else 0])
        self.batch = min(least, key=least.get)


def main():
    threads = int(sys.argv[3])
    run = Run(sys.argv[1], sys.argv[2], threads)
    run.choose(threads)
    print(f"ready ONNX Runtime {ort.__version__}, batches of {run.batch}", flush=True)
    for line in sys.stdin:
        wall, cpu = run.timed(int(line.split()[1]))
        print(f"{wall:.9f} {cpu:.9f}", flush=True)


main()
