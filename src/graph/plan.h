/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How a plan comes about.
 *
 *     draft_nodes   the nodes the output needs, in order, and which gradients are wanted
 *     passes        MASK, WINOGRAD, BRIDGE, BIAS_ACT, FINISH, DENSE_BIAS and SWEEP mark nodes of the draft
 *     draft_steps   the timeline: forward steps, then backward steps in reverse with the sums where a value
 *                   has several consumers; every array with its first and last use
 *     passes        VIEW and IN_PLACE let arrays share a buffer, REUSE lets buffers share memory
 *     bind          arenas are taken, steps become records with pointers
 *
 * An array is the data of a value, its gradient, a mask, or something kept; a buffer is a piece of an arena
 * that one or several arrays use one after another. Array v is the data of value v, array values + v its
 * gradient; the others follow. At first each array has the buffer of its own number. */
#ifndef HWV_GRAPH_PLAN_H
#define HWV_GRAPH_PLAN_H

#include "graph/kind.h"
#include "graph/structure.h"

#define HWV_NONE    SIZE_MAX
#define HWV_FOREVER (SIZE_MAX - 1)

typedef struct hwv_array {
    size_t bytes;  /* at the largest batch */
    size_t buffer; /* HWV_NONE: lives elsewhere (weights, parameter gradients), or not at all */
    size_t writers;
    bool lost;  /* overwritten in place: not there at the end */
    void *data; /* after bind */
} hwv_array;

typedef struct hwv_buffer {
    size_t bytes, first, last; /* steps */
    size_t members, offset;
    bool used, mask; /* mask: lives in the arena of masks */
} hwv_buffer;

typedef struct hwv_draft_node {
    hwv_id node;
    const hwv_kind *kind;
    hwv_demand demand;
    size_t fixed_rows, batch_rows, cols;
    size_t mask, saved; /* arrays */
    size_t fused_bias;  /* draft node of the bias that this node's forward step adds, or HWV_NONE: */
    bool bias_follows;  /* behind the product, else in front of the activation */
    size_t fused_norm;  /* draft node of the batch norm that this node's forward step computes, or HWV_NONE */
    size_t fused_act;   /* draft node of the activation that this node's forward step computes, or HWV_NONE: */
    bool act_apart;     /* into an array of its own, else in place */
    bool folded;        /* computed in another node's forward step */
    /* Pass BRIDGE. Of a batch norm, draft nodes or HWV_NONE: the activation and the pool that its steps compute too, and
     * the convolutions in front and behind that take part; of those the batch norm. */
    size_t bridge_act, bridge_pool, bridge_from, bridge_to;
    size_t before, behind;
    bool bridged; /* folded, and its backward step too */
} hwv_draft_node;

typedef enum hwv_step_kind { HWV_STEP_FORWARD, HWV_STEP_BACKWARD, HWV_STEP_SUM } hwv_step_kind;

/* `to` may take the buffer of `from`: as the same numbers, or by overwriting them. */
typedef struct hwv_pair {
    size_t to, from;
    bool same;
} hwv_pair;

typedef struct hwv_draft_step {
    hwv_step_kind kind;
    size_t draft;                                          /* node of the draft */
    size_t input[HWV_MAX_INPUTS], output[HWV_MAX_OUTPUTS]; /* arrays, HWV_NONE where not used */
    size_t input_gradient[HWV_MAX_INPUTS], output_gradient[HWV_MAX_OUTPUTS];
    size_t before, behind;    /* draft nodes of batch norms whose work this step shares (BRIDGE), or HWV_NONE */
    size_t act_output;        /* array of an activation that is computed apart, or HWV_NONE */
    hwv_id bias;              /* parameter fused into an activation */
    hwv_id summed;            /* STEP_SUM: the value whose gradient is completed */
    bool add[HWV_MAX_INPUTS]; /* the input has a gradient already */
    hwv_pair pair[HWV_MAX_INPUTS];
    size_t pair_count;
} hwv_draft_step;

/* Owns its arrays. */
typedef struct hwv_draft {
    const hwv_graph *graph;
    hwv_id output;
    const hwv_plan_options *options;
    hwv_error *error;
    hwv_draft_node *nodes;
    size_t node_count;
    hwv_draft_step *steps; /* forward_count of them, then the backward ones */
    size_t step_count, forward_count;
    hwv_array *arrays;
    hwv_buffer *buffers; /* as many as arrays */
    size_t array_count, array_capacity;
    bool *needed;          /* of each value: computed or read by this plan */
    bool *wanted;          /* of each value: has a gradient */
    size_t *uses;          /* of each value: nodes of the draft that read it */
    size_t *contributions; /* of each value: gradients seen so far */
    size_t workspace;      /* bytes */
    size_t prepared;       /* bytes */
} hwv_draft;

/* Array of a value's gradient. */
static inline size_t hwv_draft_gradient(const hwv_draft *draft, hwv_id value)
{
    return draft->graph->value_count + value;
}

hwv_status hwv_draft_nodes(hwv_draft *draft);
hwv_status hwv_draft_steps(hwv_draft *draft);
void hwv_draft_free(hwv_draft *draft);

/* Whether a value must be readable after a run: the output, what a scalar output's node reads (the logits of a
 * loss), and what was asked for. */
bool hwv_draft_kept(const hwv_draft *draft, hwv_id value);
/* Whether one node alone reads a value, and nobody from outside: passes may then do without it. */
bool hwv_draft_private(const hwv_draft *draft, hwv_id value);
/* The draft's node that computes a value, HWV_NONE for a given one. */
size_t hwv_draft_producer(const hwv_draft *draft, hwv_id value);

/* The value that the steps of a batch norm compute with what pass BRIDGE gave them. */
hwv_id hwv_draft_bridged_output(const hwv_draft *draft, const hwv_draft_node *norm);

/* The passes. */
void hwv_pass_mask(hwv_draft *draft);
void hwv_pass_winograd(hwv_draft *draft);
void hwv_pass_bridge(hwv_draft *draft);
void hwv_pass_bias_act(hwv_draft *draft);
void hwv_pass_dense_bias(hwv_draft *draft);
void hwv_pass_finish(hwv_draft *draft);
void hwv_pass_sweep(hwv_draft *draft);
/* views: of the same numbers; overwrite: of what is done with. */
void hwv_pass_in_place(hwv_draft *draft, bool views, bool overwrite);
/* Gives every used buffer its offset, with or without sharing; the sizes of the two arenas. */
hwv_status hwv_pass_reuse(hwv_draft *draft, bool share, size_t *activations, size_t *masks);

/* A pointer to the memory of an input. */
typedef struct hwv_place {
    hwv_id input;
    void **pointer;
} hwv_place;

struct hwv_plan {
    const hwv_graph *graph;
    hwv_weights *weights;
    hwv_run run;
    const hwv_executor *executor; /* of the options; that of the run may be NULL instead */
    hwv_record *records;          /* forward_count of them, then backward_count */
    size_t forward_count, backward_count, batch;
    hwv_observer observers[HWV_MAX_OBSERVERS];
    size_t observer_count;
    hwv_arena activations, masks, gradients, workspace, prepared;
    void **data;       /* of each value, NULL where it does not outlive the run */
    hwv_place *places; /* everything that reads an input, or a view of one */
    size_t place_count;
    float **gradient; /* the same for gradients */
    float *parameter_gradients;
    size_t value_count;
    hwv_plan_memory memory;
    hwv_plan_step *steps; /* of each record */
    double *seconds;      /* of each record, of hwv_plan_time; NULL: not timed */
};

/* plan->steps, from a draft whose arrays are bound. HWV_ERR_MEMORY. */
hwv_status hwv_plan_describe(hwv_plan *plan, const hwv_draft *draft);

/* Makes the gradients that nodes of this kind (and of this operator, unless op < 0) compute wrong by a
 * 64th, to see the gradient check fail. */
void hwv_plan_plant(hwv_plan *plan, hwv_node_kind kind, int op);

#endif
