/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The graph: values and nodes (SSA), weights, plans, observers, gradient check.
 *
 * A graph is structure only. hwv_weights holds its parameters and state; several plans (a training
 * plan, an evaluation plan with a larger batch) may share one graph and one hwv_weights. Planning
 * computes every size and lays out the arenas; running allocates nothing and cannot fail. */
#ifndef HALFWAVE_GRAPH_H
#define HALFWAVE_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/act.h"
#include "halfwave/gated.h"
#include "halfwave/memory.h"
#include "halfwave/pool.h"
#include "halfwave/status.h"

HWV_BEGIN

#define HWV_MAX_RANK    6
#define HWV_MAX_INPUTS  5
#define HWV_MAX_OUTPUTS 2

/* A dimension that is filled in by the plan. Only dim[0] may be it. */
#define HWV_BATCH SIZE_MAX

typedef struct hwv_shape {
    size_t rank;
    size_t dim[HWV_MAX_RANK];
} hwv_shape;

/* Node kinds, from nodes.def: HWV_NODE_DENSE, HWV_NODE_BIAS, ... with fixed numbers. */
typedef enum hwv_node_kind {
#define HWV_NODE(NUMBER, NAME, name, ...) HWV_NODE_##NAME = (NUMBER),
#include "halfwave/nodes.def"
#undef HWV_NODE
    HWV_NODE_END_
} hwv_node_kind;

typedef uint32_t hwv_id; /* index of a value or of a node */
#define HWV_NO_ID UINT32_MAX

typedef enum hwv_role {
    HWV_ROLE_INPUT,     /* given by the caller before each run */
    HWV_ROLE_PARAMETER, /* trained */
    HWV_ROLE_STATE,     /* kept with the weights, not trained (running statistics) */
    HWV_ROLE_CONSTANT,  /* kept with the weights and never changed: indices, masks, tables of a file */
    HWV_ROLE_ACTIVATION /* computed by a node */
} hwv_role;

typedef enum hwv_element { HWV_ELEMENT_F32, HWV_ELEMENT_I32 } hwv_element;

typedef struct hwv_value {
    char name[64]; /* "x", "fc1.weight", "act1" */
    hwv_role role;
    hwv_element element;
    hwv_shape shape;
    hwv_id producer; /* node, or HWV_NO_ID */
    bool decay;      /* parameters: weight decay applies (not to PReLU slopes) */
} hwv_value;

/* A window that slides over images [batch, height, width, channels]: height first, then width. An output is
 * floor((size + both pads - kernel) / stride) + 1 long; what lies outside is zero for a convolution and not there for
 * a maximum. */
typedef struct hwv_window {
    size_t kernel[2], stride[2];        /* 1 or more */
    size_t pad_before[2], pad_after[2]; /* less than the kernel */
} hwv_window;

/* How pad makes what it adds. */
typedef enum hwv_pad_mode { HWV_PAD_CONSTANT, HWV_PAD_REFLECT, HWV_PAD_EDGE } hwv_pad_mode;

/* What a node needs beyond its inputs; members that its kind does not name are not looked at. */
typedef struct hwv_node_attributes {
    hwv_act act;                /* activation */
    hwv_gate gate;              /* gate: a row of gates.def */
    float smoothing;            /* softmax_cross_entropy: label smoothing */
    hwv_window window;          /* conv2d, max_pool2d, avg_pool2d */
    size_t groups;              /* conv2d: 1 or more, divides the channels of x and of y */
    size_t dilation[2];         /* conv2d: every so many taps of the weight count, the others are 0 and get no gradient;
                                   0 as 1: all count */
    bool count_pad;             /* avg_pool2d: what lies outside counts as zeros (PyTorch's count_include_pad) */
    float epsilon;              /* batch_norm, layer_norm, rms_norm: added to the variance, to the mean square */
    float momentum;             /* batch_norm: running = (1 - momentum) running + momentum batch */
    bool frozen;                /* batch_norm: normalise by the running statistics in training too, and leave them */
    float rate;                 /* dropout: share that is dropped, 0 <= rate < 1 */
    uint32_t stream;            /* dropout: a number of its own in the graph, 0 .. 2^24 - 1 */
    int function;               /* unary, binary, compare, reduce: a row of unaries.def, binaries.def, ... */
    size_t axis;                /* concat, gather: of x; softmax, layer_norm, rms_norm: this one and all behind it */
    unsigned axes;              /* reduce: bit i is axis i */
    bool keep_axes;             /* reduce: what is reduced stays as a dimension of 1 */
    bool logarithm;             /* softmax: its logarithm instead */
    size_t order[HWV_MAX_RANK]; /* transpose: axis i of y is axis order[i] of x */
    hwv_shape shape;            /* reshape, expand, slice: of y */
    ptrdiff_t begin[HWV_MAX_RANK], step[HWV_MAX_RANK]; /* slice: y[i] = x[begin + i step], a step not 0 */
    size_t before[HWV_MAX_RANK], after[HWV_MAX_RANK];  /* pad: elements added in front and behind */
    hwv_pad_mode pad_mode;
    float fill;                  /* pad, constant mode */
    size_t repeat[HWV_MAX_RANK]; /* tile: times each axis */
    hwv_element to;              /* cast */
    size_t heads;                /* attention: 1 or more, divides the width of y */
    bool causal;                 /* attention: a position sees itself and those in front of it only */
} hwv_node_attributes;

typedef struct hwv_node {
    hwv_node_kind kind;
    char name[64]; /* layer name for messages: "fc1", "act1" */
    hwv_node_attributes attributes;
    size_t input_count, output_count;
    hwv_id input[HWV_MAX_INPUTS], output[HWV_MAX_OUTPUTS];
} hwv_node;

typedef struct hwv_graph hwv_graph;

/* An empty graph. HWV_ERR_MEMORY. Caller frees. A graph that has plans must not be added to. */
HWV_API hwv_status hwv_graph_create(hwv_graph **graph, hwv_error *error);
HWV_API void hwv_graph_destroy(hwv_graph *graph);

/* Adds a value without producer. Names are unique, 1 to 63 characters. HWV_ERR_ARGUMENT, HWV_ERR_SHAPE,
 * HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_graph_input(hwv_graph *graph, const char *name, hwv_element element, const hwv_shape *shape,
                                   hwv_id *id, hwv_error *error);
HWV_API hwv_status hwv_graph_parameter(hwv_graph *graph, const char *name, const hwv_shape *shape, bool decay,
                                       hwv_id *id, hwv_error *error);
/* State is kept with the weights but not trained: running statistics, caches. */
HWV_API hwv_status hwv_graph_state(hwv_graph *graph, const char *name, const hwv_shape *shape, hwv_id *id,
                                   hwv_error *error);
/* A constant is kept with the weights too, as 4-byte elements of its type in the float block; written by the caller
 * once, never trained. */
HWV_API hwv_status hwv_graph_constant(hwv_graph *graph, const char *name, hwv_element element, const hwv_shape *shape,
                                      hwv_id *id, hwv_error *error);
/* Adds a node; shapes of its outputs are inferred at once (HWV_ERR_SHAPE names the node, what it got
 * and what it accepts). outputs[] receives the ids of the kind's outputs. */
HWV_API hwv_status hwv_graph_node(hwv_graph *graph, hwv_node_kind kind, const char *name,
                                  const hwv_node_attributes *attributes, const hwv_id *inputs, size_t input_count,
                                  hwv_id *outputs, hwv_error *error);

/* Pointers to values and nodes hold until the next addition; NULL for an id that does not exist. */
HWV_API size_t hwv_graph_value_count(const hwv_graph *graph);
HWV_API const hwv_value *hwv_graph_value(const hwv_graph *graph, hwv_id value);
HWV_API size_t hwv_graph_node_count(const hwv_graph *graph);
HWV_API const hwv_node *hwv_graph_node_at(const hwv_graph *graph, hwv_id node);
/* HWV_NO_ID when there is none of that name. */
HWV_API hwv_id hwv_graph_find(const hwv_graph *graph, const char *value_name);
/* "dense", "softmax_cross_entropy", ... */
HWV_API const char *hwv_node_kind_name(hwv_node_kind kind);
/* Whether a node has units that fire: an activation, or a gate, whose units are its columns y and whose z is the gate. What
 * it applies to z becomes *act (which may be NULL). */
HWV_API bool hwv_node_activates(const hwv_node *node, hwv_act *act);

/* ------------------------------------------------------------------------------------------------ */

/* Parameters and state of a graph in one block, in the order they were added ("checkpoint order"). */
typedef struct hwv_weights hwv_weights;

/* All zeros. graph must outlive the weights. HWV_ERR_MEMORY. Free with hwv_weights_destroy. */
HWV_API hwv_status hwv_weights_create(hwv_weights **weights, const hwv_graph *graph, hwv_error *error);
HWV_API void hwv_weights_destroy(hwv_weights *weights);
/* The elements of one parameter, state or constant (integers: as int32_t); NULL for other values. */
HWV_API float *hwv_weights_data(hwv_weights *weights, hwv_id value);
/* The whole block (with zero padding between arrays); parameter gradients of a plan and optimiser
 * moments have the same layout. */
HWV_API float *hwv_weights_block(hwv_weights *weights, size_t *elements);
/* Where a parameter or state starts in the block, in elements; SIZE_MAX for other values. */
HWV_API size_t hwv_weights_offset(const hwv_weights *weights, hwv_id value);
/* How many elements it has there; 0 for other values. */
HWV_API size_t hwv_weights_elements(const hwv_weights *weights, hwv_id value);

/* ------------------------------------------------------------------------------------------------ */

/* Passes over the graph at plan time; each can be switched off by name and agrees with and without. */
#define HWV_PASS_LIST(X)                                                                                               \
    X(BIAS_ACT, bias_act, "bias and activation in one sweep")                                                          \
    X(MASK, mask, "piecewise linear activations keep one bit an element instead of their input")                       \
    X(IN_PLACE, in_place, "activations overwrite their input where nobody else reads it")                              \
    X(REUSE, reuse, "buffers shared by lifetime")                                                                      \
    X(DENSE_BIAS, dense_bias, "bias added by the product of a dense or convolution layer")                             \
    X(FINISH, finish, "bias and activation computed by the convolution or batch norm before them")                     \
    X(SWEEP, sweep, "without training: batch norm and activation in the sweep of the convolution before them")         \
    X(VIEW, view, "a value that is another one in a new shape shares its memory")                                      \
    X(WINOGRAD, winograd, "in training: convolutions of 3x3 and 5x5 by Winograd's filtering, where it suits")          \
    X(BRIDGE, bridge, "in training: batch norm, ReLU and pool as one step, or within the convolutions beside them")

enum {
#define HWV_PASS_ENUM(NAME, name, sentence) HWV_PASS_INDEX_##NAME,
    HWV_PASS_LIST(HWV_PASS_ENUM)
#undef HWV_PASS_ENUM
        HWV_PASS_COUNT
};
enum {
#define HWV_PASS_BIT(NAME, name, sentence) HWV_PASS_##NAME = 1 << HWV_PASS_INDEX_##NAME,
    HWV_PASS_LIST(HWV_PASS_BIT)
#undef HWV_PASS_BIT
        HWV_PASS_ALL = (1 << HWV_PASS_COUNT) - 1
};

typedef struct hwv_plan_options {
    size_t batch;                 /* largest number of rows of a run */
    bool training;                /* plan gradients too */
    unsigned passes;              /* HWV_PASS_* bits */
    const hwv_executor *executor; /* NULL: in the caller */
    const hwv_id *keep;           /* values to be computed and to stay readable after a run; read by */
    size_t keep_count;            /* hwv_plan_create only */
    bool fixed_weights;           /* without training: weights and state hold already what they hold in all runs, so
                                     that they are brought into the order of the kernels once */
    const struct hwv_plan *like;  /* NULL, or a plan of the same graph, weights, output and options but for batch and
                                     executor, which must outlive this one: fixed weights in order are read there */
} hwv_plan_options;

typedef struct hwv_plan hwv_plan;

typedef struct hwv_plan_memory {
    size_t weights, gradients, activations, masks, workspace; /* bytes; workspace: fixed weights in order, too */
} hwv_plan_memory;

/* Lays out a plan. `output` is the value to compute and, in training, to differentiate; nodes it does not
 * need are left out. graph, weights and executor must outlive the plan. HWV_ERR_ARGUMENT: a batch of 0, values
 * that are not of this graph or not in these weights, nothing to train, a plan to be like that is of another graph, other
 * weights or other nodes. HWV_ERR_MEMORY. Free with hwv_plan_destroy. */
HWV_API hwv_status hwv_plan_create(hwv_plan **plan, const hwv_graph *graph, hwv_weights *weights, hwv_id output,
                                   const hwv_plan_options *options, hwv_error *error);
HWV_API void hwv_plan_destroy(hwv_plan *plan);
/* A batch for plans like this (options->batch is not looked at) that are run over many rows: what is alive at once stays in
 * a few MB, so that it is in a cache still when it is read next. A power of two, 1 to 1024; a function of the graph and the
 * options, but not of the executor. Errors of hwv_plan_create. */
HWV_API hwv_status hwv_plan_batch(size_t *batch, const hwv_graph *graph, hwv_weights *weights, hwv_id output,
                                  const hwv_plan_options *options, hwv_error *error);
HWV_API hwv_plan_memory hwv_plan_memory_use(const hwv_plan *plan);

/* ---- what a plan does -------------------------------------------------------------------------------- */

/* A node that is computed in another one's step, and the pass that put it there. */
typedef struct hwv_fusion {
    hwv_id node;
    const char *pass;
} hwv_fusion;

#define HWV_MAX_FUSED 4

typedef struct hwv_plan_step {
    hwv_id node;
    bool backward;
    bool sum;              /* adds up the gradients of a value that several nodes read, after `node` gave one */
    const char *algorithm; /* of kinds that know several ways: "direct", "depthwise"; else NULL */
    double flops;          /* operations of products, two a multiply-add, as the algorithm takes them; 0: none */
    size_t bytes;          /* of all arrays that it reads or writes, each once: 0 for a view */
    size_t kept;           /* bytes that it writes and a backward step reads */
    size_t workspace;      /* bytes of scratch */
    hwv_fusion fused[HWV_MAX_FUSED];
    size_t fused_count;
} hwv_plan_step;

/* The steps of a run in their order, forward and then backward ones; all figures at the largest batch. i below the
 * count. */
HWV_API size_t hwv_plan_step_count(const hwv_plan *plan);
HWV_API hwv_plan_step hwv_plan_step_at(const hwv_plan *plan, size_t i);
/* The next runs add the seconds that each step took to seconds[hwv_plan_step_count]; NULL: no longer. */
HWV_API void hwv_plan_time(hwv_plan *plan, double *seconds);

/* ------------------------------------------------------------------------------------------------ */

/* Rows of the next runs, 1 .. batch (batch at the start; more counts as batch, 0 as 1). */
HWV_API void hwv_plan_rows(hwv_plan *plan, size_t rows);
/* Data of a value in this plan, dense, f32 or i32. Inputs are written here before a run and stay as they are;
 * labels must be in [0, classes). The output, what a scalar output's node reads (the logits of a loss), the values to
 * `keep`, and every other value whose memory no pass has given away are read here after it. NULL for the rest
 * and for what the plan does not need; passes = 0 keeps everything. */
HWV_API void *hwv_plan_data(hwv_plan *plan, hwv_id value);
/* An input is read from `data` in the next runs, which must stay as it is meanwhile, instead of the plan's own memory;
 * NULL: from there again. hwv_plan_data of the input is the plan's own memory always. 64-byte alignment is fastest, that of its elements enough. HWV_ERR_ARGUMENT: no input. */
HWV_API hwv_status hwv_plan_lend(hwv_plan *plan, hwv_id input, const void *data, hwv_error *error);
/* Whether the next runs stay in the caller's thread, so that several plans can run at once; else (at the start) they are
 * shared out by the executor. Results are the same. */
HWV_API void hwv_plan_alone(hwv_plan *plan, bool alone);
/* dL/d(value) after backward, NULL where it is not kept (passes = 0 keeps all) or not computed: values that no
 * parameter leads to. That of the output is given by the caller before backward; for an output of one element
 * it is 1 unless overwritten. */
HWV_API float *hwv_plan_gradient(hwv_plan *plan, hwv_id value);
/* Parameter gradients, laid out as hwv_weights_block. */
HWV_API float *hwv_plan_parameter_gradients(hwv_plan *plan, size_t *elements);

/* What random nodes (dropout) draw from in the next runs: a draw is a function of seed, the node's stream, step and
 * element. 0 and 0 at the start. */
HWV_API void hwv_plan_seed(hwv_plan *plan, uint64_t seed, uint32_t step);

/* Runs. A forward run in training also moves the running statistics of batch norms, which are state. Backward follows a forward of the same rows; gradients of activations overwrite, gradients of
 * parameters overwrite or, with `accumulate`, are added to. */
HWV_API void hwv_plan_forward(hwv_plan *plan);
HWV_API void hwv_plan_backward(hwv_plan *plan, bool accumulate);

/* What an observer sees of a node with units that fire (hwv_node_activates) after its forward (dz, dy: NULL) or its
 * backward run.
 * Pointers are valid during the call only; NULL where a pass removed or overwrote the array, and in a backward
 * run also where backward does not read it. A plan with passes = 0 shows z and y of every forward and dz and dy
 * of every backward run; masks exist in training with HWV_PASS_MASK. A training plan with HWV_PASS_BRIDGE does not report
 * the activations that pass took between two convolutions. Observers must not change anything but the y of `activate`.
 * The mask is the *pass* predicate. */
typedef struct hwv_observation {
    hwv_id node;
    size_t rows, cols;            /* cols: units */
    const float *z, *y, *dz, *dy; /* rows x cols; y and dy dense, */
    size_t z_stride;              /* rows of z and of dz so many elements apart: cols, of a gate 2 cols */
    const uint64_t *mask;
    size_t mask_stride;
} hwv_observation;

/* Some rows and columns of the input of a node, x the first of them. */
typedef struct hwv_observed_piece {
    hwv_id node;
    size_t first, rows;     /* of all_rows */
    size_t column, columns; /* of x_stride; column is a multiple of 512 */
    const float *x;         /* rows x_stride elements apart */
    size_t x_stride, all_rows;
} hwv_observed_piece;

typedef struct hwv_observer {
    void *self;
    void (*forward)(void *self, const hwv_observation *seen);  /* may be NULL */
    void (*backward)(void *self, const hwv_observation *seen); /* may be NULL */
    /* The other nodes that this plan runs as steps of their own, after their forward run: z is input 0, rows x cols its
     * matrix, dense, y output 0 (of the nodes that were folded into this one too), whatever their types; may be NULL. */
    void (*node)(void *self, const hwv_observation *seen);
    /* Which of those, asked of each when observers are added or go; NULL: all of them. */
    bool (*chooses)(void *self, hwv_id node);
    /* Input 0 of a dense node that was chosen for `node`, in pieces, each while the product has it at hand, and before `node` is
     * told of it whole; may be NULL. Only where the plan runs on one thread and is not in training, and then every element
     * once; first is a multiple of 16; not for all shapes. Of several observers with such a function the first is told. */
    void (*piece)(void *self, const hwv_observed_piece *seen);
    /* Computes y of an activation in the plan's place: rows first .. first + rows - 1 of its matrix, in which z and y lie, the
     * bits of hwv_act_forward; so it can see z while it is near. False: it did not, and the plan does, y being anything. Then
     * `forward` is told as ever; may be NULL. Only where the plan runs on one thread and is not in training; not for all
     * activations: never for prelu, a gate, or where y overwrites z. Rows come in order where that thread takes an executor's
     * tasks in order. Of several observers with such a function the first is asked. */
    bool (*activate)(void *self, hwv_id node, size_t first, size_t rows, const float *z, float *y);
} hwv_observer;

/* Up to HWV_MAX_OBSERVERS a plan; HWV_ERR_ARGUMENT beyond. Every node with units that fire is reported in order. */
#define HWV_MAX_OBSERVERS 8
HWV_API hwv_status hwv_plan_observe(hwv_plan *plan, const hwv_observer *observer, hwv_error *error);
HWV_API void hwv_plan_unobserve(hwv_plan *plan, void *self);

/* ------------------------------------------------------------------------------------------------ */

/* One case of the gradient check: analytic f32 gradients of a small graph against central differences
 * of its double-precision reference, every coordinate. */
typedef struct hwv_gradcheck_result {
    char name[64];      /* "relu", "dense", "mlp: fc 5; prelu; fc 3" */
    char kind[16];      /* "operator", "node", "model" */
    size_t coordinates; /* compared */
    double worst;       /* largest |analytic - numeric| / max(1, largest |numeric|) */
    double limit;
    bool passed;
    char where[96]; /* the worst coordinate: "fc1.weight[3,2]: 0.25, expected 0.5" */
} hwv_gradcheck_result;

/* Calls `each` for every case; `only` (may be NULL) picks cases whose name is or starts with it
 * (HWV_ERR_NAME when there is none). `plant` (may be NULL) names an operator or node whose derivative
 * is made wrong on purpose, so that the check itself can be checked. *failed: number of failures. */
HWV_API hwv_status hwv_gradcheck(const char *only, const char *plant, uint64_t seed,
                                 void (*each)(void *self, const hwv_gradcheck_result *result), void *self,
                                 size_t *failed, hwv_error *error);

HWV_END

#endif
