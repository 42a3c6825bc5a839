/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * PyTorch: the out= forms of ATen in inference mode, on tensors that are made once; one thread. */
#include "peer.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstring>

namespace
{

struct job {
    at::Tensor out, x, dy, y, buffer;
    void (*call)(job &);
};

struct row {
    const char *op;
    void (*forward)(job &), (*backward)(job &);
};

#define CALL(expression) [](job &j) { expression; }

const row rows[] = {
    {"relu", CALL(at::clamp_min_out(j.out, j.x, 0)), CALL(at::threshold_backward_out(j.out, j.dy, j.x, 0))},
    {"leaky_relu", CALL(at::leaky_relu_out(j.out, j.x, 0.01)),
     CALL(at::leaky_relu_backward_out(j.out, j.dy, j.x, 0.01, false))},
    {"relu6", CALL(at::hardtanh_out(j.out, j.x, 0, 6)), CALL(at::hardtanh_backward_out(j.out, j.dy, j.x, 0, 6))},
    {"hardtanh", CALL(at::hardtanh_out(j.out, j.x, -1, 1)), CALL(at::hardtanh_backward_out(j.out, j.dy, j.x, -1, 1))},
    {"threshold", CALL(at::threshold_out(j.out, j.x, 0, 0)), CALL(at::threshold_backward_out(j.out, j.dy, j.x, 0))},
    {"hardshrink", CALL(at::hardshrink_out(j.out, j.x, 0.5)), nullptr},
    {"softshrink", CALL(at::softshrink_out(j.out, j.x, 0.5)), nullptr},
    {"hardsigmoid", CALL(at::hardsigmoid_out(j.out, j.x)), CALL(at::hardsigmoid_backward_out(j.out, j.dy, j.x))},
    {"hardswish", CALL(at::hardswish_out(j.out, j.x)), CALL(at::hardswish_backward_out(j.out, j.dy, j.x))},
    {"sigmoid", CALL(at::sigmoid_out(j.out, j.x)), CALL(at::sigmoid_backward_out(j.out, j.dy, j.y))},
    {"tanh", CALL(at::tanh_out(j.out, j.x)), CALL(at::tanh_backward_out(j.out, j.dy, j.y))},
    {"exp", CALL(at::exp_out(j.out, j.x)), nullptr},
    {"silu", CALL(at::silu_out(j.out, j.x)), CALL(at::silu_backward_out(j.out, j.dy, j.x))},
    {"elu", CALL(at::elu_out(j.out, j.x)), CALL(at::elu_backward_out(j.out, j.dy, 1, 1, 1, false, j.x))},
    {"celu", CALL(at::celu_out(j.out, j.x, 1)), nullptr},
    {"softplus", CALL(at::softplus_out(j.out, j.x, 1, 20)), CALL(at::softplus_backward_out(j.out, j.dy, j.x, 1, 20))},
    {"logsigmoid", CALL(at::log_sigmoid_out(j.out, j.x)),
     CALL(at::log_sigmoid_backward_out(j.out, j.dy, j.x, j.buffer))},
    {"gelu", CALL(at::gelu_out(j.out, j.x, "none")), CALL(at::gelu_backward_out(j.out, j.dy, j.x, "none"))},
    {"gelu_tanh", CALL(at::gelu_out(j.out, j.x, "tanh")), CALL(at::gelu_backward_out(j.out, j.dy, j.x, "tanh"))},
    /* mish_backward has no out= form. */
    {"mish", CALL(at::mish_out(j.out, j.x)), CALL(j.out = at::mish_backward(j.dy, j.x))},
};

at::Tensor view(const float *data, size_t n)
{
    return at::from_blob(const_cast<float *>(data), {static_cast<int64_t>(n)}, at::kFloat);
}

void *make(const char *op, int backward, const peer_arrays *a)
{
    c10::InferenceMode guard;
    for (const row &r : rows) {
        auto call = backward ? r.backward : r.forward;
        if (!call || std::strcmp(r.op, op) != 0)
            continue;
        job *made = new job{view(a->out, a->n), view(a->x, a->n), view(a->dy, a->n), view(a->y, a->n), {}, call};
        if (std::strcmp(op, "logsigmoid") == 0)
            made->buffer = std::get<1>(at::log_sigmoid_forward(made->x));
        return made;
    }
    return nullptr;
}

void run(void *given, size_t repeats)
{
    c10::InferenceMode guard;
    job &j = *static_cast<job *>(given);
    void *out = j.out.data_ptr();
    for (size_t i = 0; i < repeats; i++)
        j.call(j);
    if (j.out.data_ptr() != out) { /* a call that makes its result: to where it is looked for */
        at::Tensor there = view(static_cast<float *>(out), static_cast<size_t>(j.out.numel()));
        there.copy_(j.out);
        j.out = there;
    }
}

void release(void *given)
{
    delete static_cast<job *>(given);
}

const char *version()
{
    return TORCH_VERSION;
}

const peer table = {"PyTorch", version, make, run, release};

} // namespace

const peer *hwv_peer(void)
{
    at::set_num_threads(1);
    return &table;
}
