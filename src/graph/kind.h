/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a node kind is: the six functions of its file, and what they are given.
 *
 *     infer      shapes of the outputs from those of the inputs, or a message
 *     plan       what a run needs: arrays kept for backward, scratch, what may be done in place
 *     forward    one record of the plan's flat list
 *     backward   its reverse: gradients of activations overwrite, of parameters add where told so
 *     reference  forward in double, plain loops, sharing no code with the kernels (gradient check)
 *     example    small graphs around such a node for the gradient check */
#ifndef HWV_GRAPH_KIND_H
#define HWV_GRAPH_KIND_H

#include "graph/structure.h"

/* ---- infer --------------------------------------------------------------------------------------- */

typedef struct hwv_shaping {
    const hwv_node *node;                   /* outputs not set yet */
    const hwv_value *input[HWV_MAX_INPUTS]; /* elements and ranks as given */
    hwv_shape output[HWV_MAX_OUTPUTS];      /* to be filled */
    hwv_element element[HWV_MAX_OUTPUTS];   /* f32 unless the kind says otherwise */
    hwv_error *error;
} hwv_shaping;

/* HWV_ERR_SHAPE: "fc1 (dense): got x [batch, 64], fc1.weight [32, 65]; accepts ..." */
hwv_status hwv_shaping_fail(const hwv_shaping *shaping, const char *accepts);

/* Sizes (height, width) of what a window gives on images of size[2]; false when a kernel or stride is 0, a pad is as
 * large as the kernel, or the padded image smaller than it. */
bool hwv_window_slides(const hwv_window *window, const size_t size[2], size_t output[2]);
#define HWV_WINDOW_ACCEPTS "kernels and strides of 1 or more, pads below the kernel, images not smaller than it"

typedef struct hwv_kind hwv_kind;
typedef struct hwv_record hwv_record;
typedef struct hwv_run hwv_run;
typedef void hwv_record_function(const hwv_record *record, const hwv_run *run);

/* ---- plan ---------------------------------------------------------------------------------------- */

/* What is said of a node's steps (hwv_plan_step_at): how, a constant text, of kinds that know several ways; and the
 * operations of its products as this way takes them, at the largest batch. Nothing is said where it stays zero. */
typedef struct hwv_effort {
    const char *algorithm;
    double flops;
} hwv_effort;

/* Bit i: input i (or output i). */
#define HWV_BIT(i) (1u << (i))

typedef struct hwv_demand {
    /* given */
    const hwv_graph *graph;
    const hwv_node *node;
    size_t batch;      /* largest number of rows */
    size_t rows, cols; /* of input 0 as a matrix [..., last dimension], at the largest batch */
    size_t workers;    /* of the executor */
    bool training;     /* there will be a backward run */
    bool use_mask;     /* keep the mask instead of the input (pass MASK) */
    bool winograd;     /* convolve by Winograd's filtering (pass WINOGRAD) */
    bool fixed;        /* parameters, state and constants hold already what they hold in all runs */
    unsigned wanted;   /* inputs whose gradient is wanted */
    /* to be filled; all zero before */
    unsigned backward_inputs;     /* inputs that backward reads */
    unsigned backward_outputs;    /* outputs that backward reads */
    unsigned accumulates;         /* inputs whose gradient backward adds when hwv_record_add says so (the
                                  plan does it for the others) */
    unsigned overwrites;          /* output 0 may be computed in place of these inputs */
    unsigned gradient_overwrites; /* their gradient may be computed in place of that of output 0 */
    unsigned same;                /* output 0 is this input in another shape */
    unsigned gradient_same;       /* their gradient is that of output 0, unchanged */
    bool
        makes_images; /* forward and backward may make images of input 0 and of the gradient of output 0 (pass BRIDGE) */
    bool finishes;    /* forward calls hwv_record_finish for each block of rows of output 0 that is complete */
    size_t forward_workspace, backward_workspace; /* bytes of scratch during one run */
    size_t saved;                                 /* bytes kept from forward to backward */
    size_t geometry[4];                           /* the kind's own numbers, copied into its records */
    /* Where they are fixed: bytes that `prepare` fills once, when the plan is made, and forward reads as `prepared`. */
    size_t prepared;
    hwv_record_function *prepare;
    hwv_effort forward_effort, backward_effort;
    hwv_error *error;
} hwv_demand;

/* ---- run ----------------------------------------------------------------------------------------- */

/* What all records of a run share. */
struct hwv_run {
    size_t rows; /* of the batch */
    const hwv_executor *executor;
    void *workspace;
    bool accumulate; /* parameter gradients are added to */
    bool training;
    uint64_t seed; /* of random nodes */
    uint32_t step;
};

/* One step of a plan, everything looked up. Pointers of arrays that this step does not use are NULL.
 * Where a view or an in-place rule applied, pointers are equal. */
struct hwv_record {
    hwv_record_function *function;
    /* What is looked at after each step lies beside what is needed for it. */
    unsigned shown;                /* to which observers, bit by bit, as a node without units that fire */
    bool observed;                 /* an activation node, or with one folded into it: reported to observers */
    bool gated;                    /* that activation is a gate */
    const hwv_observer *told;      /* of its input in pieces, or NULL */
    const hwv_observer *activator; /* that may compute its activation, or NULL */
    const hwv_node *node;
    const hwv_kind *kind;
    void *input[HWV_MAX_INPUTS], *output[HWV_MAX_OUTPUTS];
    float *input_gradient[HWV_MAX_INPUTS], *output_gradient[HWV_MAX_OUTPUTS];
    const float *bias;    /* added here (passes BIAS_ACT, DENSE_BIAS, FINISH), else NULL */
    const hwv_node *norm; /* batch norm of running statistics computed here (pass SWEEP), else NULL; its inputs: */
    const float *norm_input[HWV_MAX_INPUTS];
    const hwv_node
        *act;         /* activation computed here (FINISH, SWEEP), else NULL; then these are its rows, and the mask */
    void *act_output; /* SWEEP: where it goes while its input stays as output 0; NULL: in place */
    size_t act_fixed_rows, act_batch_rows, act_cols;
    /* Pass BRIDGE. Of a batch norm: what its steps compute too, and whether a convolution in front and one behind take
     * part. Of a convolution: the batch norm's record where input 0 is its z, where the gradient of output 0 is its d. */
    const hwv_node *bridge_act, *bridge_pool;
    bool bridge_from, bridge_to;
    const hwv_record *before, *behind;
    uint64_t *mask;
    size_t mask_stride;
    void *saved, *prepared;
    size_t fixed_rows, batch_rows, cols; /* rows = fixed_rows + batch_rows * rows of the batch */
    size_t geometry[4];
    bool parameter[HWV_MAX_INPUTS]; /* input_gradient[i] is a parameter's, not an activation's or an extra one */
    bool add[HWV_MAX_INPUTS];       /* and has its first gradient already; a sum: something is there */
    const hwv_graph *graph;         /* for kinds whose shapes do not follow from rows, cols and geometry */
};

/* The activation that is computed here, or the record's own node. */
static inline const hwv_node *hwv_record_activation(const hwv_record *record)
{
    return record->act ? record->act : record->node;
}

/* Rows of input 0 as a matrix in this run. */
static inline size_t hwv_record_rows(const hwv_record *record, const hwv_run *run)
{
    return record->fixed_rows + record->batch_rows * run->rows;
}

/* The shape of input i or of output o in this run, the batch filled in. */
hwv_shape hwv_record_input_shape(const hwv_record *record, const hwv_run *run, size_t i);
hwv_shape hwv_record_output_shape(const hwv_record *record, const hwv_run *run, size_t o);

/* Rows of output 0 that are complete: computes the activation of pass FINISH (with the bias before it, in place) or of
 * pass SWEEP, if there is one, while the rows are in the cache. By any worker; the blocks of one run do not overlap. */
void hwv_record_finish(const hwv_record *record, size_t first, size_t rows);

/* Whether the kind itself has to add the record's bias to output 0: hwv_record_finish does not. */
static inline bool hwv_record_adds_bias(const hwv_record *record)
{
    return record->act == NULL || record->norm || record->act_output;
}

/* Whether the gradient of input i is added to what is there. Never that of a computed input: what is there is what
 * the last run left. */
static inline bool hwv_record_add(const hwv_record *record, const hwv_run *run, size_t i)
{
    return record->add[i] || (record->parameter[i] && run->accumulate);
}

/* ---- reference ----------------------------------------------------------------------------------- */

typedef struct hwv_reference {
    const hwv_node *node;
    const hwv_shape *shape[HWV_MAX_INPUTS]; /* the batch filled in */
    const double *input[HWV_MAX_INPUTS];    /* integers as doubles */
    size_t elements[HWV_MAX_INPUTS];
    const hwv_shape *output_shape[HWV_MAX_OUTPUTS]; /* so too */
    double *output[HWV_MAX_OUTPUTS];
    double *bend; /* lowered by kinds other than activations to how far the inputs are from where an output bends */
} hwv_reference;

/* ---- example ------------------------------------------------------------------------------------- */

/* A small graph around one node of the kind for the gradient check: every float that it reads is a parameter, so
 * that every gradient is computed. `example` is called with variant = 0, 1, ... until variants are done. */
typedef struct hwv_example {
    hwv_graph *graph; /* empty */
    size_t variant;
    hwv_error *error;
    /* to be filled */
    size_t variants; /* how many there are */
    hwv_id output;
    size_t sums;       /* terms of the longest chain of sums, forward and backward: what rounding grows with */
    uint32_t integers; /* integer inputs are drawn below this */
} hwv_example;

/* A parameter; its values are drawn from (-1, 1). */
hwv_status hwv_example_parameter_shaped(hwv_example *example, const char *name, const hwv_shape *shape, hwv_id *id);
/* The same with up to three dimensions (0 ends them). */
hwv_status hwv_example_parameter(hwv_example *example, const char *name, size_t dim0, size_t dim1, size_t dim2,
                                 hwv_id *id);
/* A node of up to two inputs (b may be HWV_NO_ID); its output 0 becomes the example's output. */
hwv_status hwv_example_node(hwv_example *example, hwv_node_kind kind, const char *name,
                            const hwv_node_attributes *attributes, hwv_id a, hwv_id b);
/* The same with any number of inputs. */
hwv_status hwv_example_node_of(hwv_example *example, hwv_node_kind kind, const char *name,
                               const hwv_node_attributes *attributes, const hwv_id *inputs, size_t count);

/* ---- the table ----------------------------------------------------------------------------------- */

struct hwv_kind {
    hwv_node_kind kind;
    const char *name;
    size_t least_inputs, most_inputs, outputs;
    const char *onnx;
    int onnx_opset;
    const char *sentence;
    hwv_status (*infer)(hwv_shaping *shaping);
    hwv_status (*plan)(hwv_demand *demand);
    hwv_record_function *forward, *backward;
    void (*reference)(const hwv_reference *reference);
    hwv_status (*example)(hwv_example *example);
};

size_t hwv_kind_count(void);
const hwv_kind *hwv_kind_get(size_t i);
/* NULL for a number that is not in the table. */
const hwv_kind *hwv_kind_row(hwv_node_kind kind);

#define HWV_NODE(NUMBER, NAME, name, ...)                                                                              \
    hwv_status hwv_node_##name##_infer(hwv_shaping *shaping);                                                          \
    hwv_status hwv_node_##name##_plan(hwv_demand *demand);                                                             \
    void hwv_node_##name##_forward(const hwv_record *record, const hwv_run *run);                                      \
    void hwv_node_##name##_backward(const hwv_record *record, const hwv_run *run);                                     \
    void hwv_node_##name##_reference(const hwv_reference *reference);                                                  \
    hwv_status hwv_node_##name##_example(hwv_example *example);
#include "halfwave/nodes.def"
#undef HWV_NODE

#endif
