/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The check: which units of a network never fire, how sure that is, and why.
 *
 * n samples (independent; `group` joins K of them to one) and N looks at a unit (dense: N = n; convolution: samples x
 * positions). Everything is taken on the pre-activation z, in evaluation mode, on the unfolded graph. Rates use looks,
 * evidence uses samples. NaNs are counted apart and fire nowhere. All looks are counted; means and standard deviations, of z
 * of |h| and of a layer's input, are estimates by nature: where a sample has 64 looks or more, they are taken over one of each
 * 4 in a row, from 128 on over one of each 16: look e g + d (e = 4 or 16), d the exclusive or of the digits of g in base e.
 *
 *     hwv_tally      what was counted: adds up over shards, can be saved, merged and made elsewhere
 *     hwv_diagnosis  what follows from it: verdicts, evidence, causes
 *
 * Definitions:
 *     fires      the operator's predicate (z > 0 for the relu family)
 *     silent     fired in no sample
 *     dead       silent, the operator flat there, and n at least ln(0.05) / ln(1 - bound), 299 for 1 %
 *     inert      silent, but the operator slopes there (leaky_relu, prelu; smooth ones whose |f'| is at least 1 % of its
 *                largest); never in a verdict
 *     rare       rate above 0 and below 1 %;  always on: rate 1;  constant: z has no variance
 *     dormant    mean |h| at most 0.025 of the layer's mean of it (Sokar et al., ICML 2023); in a layer of zeros all are
 *     saturated  more than 95 % of the looks where |f'| is below 1 % of its largest, on one flat side
 *     bound      a unit that was silent in n samples fires in less than 1 - 0.05^(1/n) of them, with 95 % confidence;
 *                all U silent units of a layer together in less than 1 - (0.05/U)^(1/n)
 *     rarefaction  expected number of silent units had only m of the n samples been seen: the sum over units of
 *                C(n - k, m) / C(n, m), k: samples in which the unit fired
 * Zeros are not death: the share of zero entries is reported apart and takes part in no verdict. */
#ifndef HALFWAVE_CHECK_H
#define HALFWAVE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/data.h"
#include "halfwave/network.h"
#include "halfwave/text.h"

HWV_BEGIN

/* ---- what is counted ------------------------------------------------------------------------------- */

/* A sum in two doubles, hi the nearest to the whole: order and shards do not matter for ordinary ranges of numbers. */
typedef struct hwv_sum2 {
    double hi, lo;
} hwv_sum2;

typedef struct hwv_unit_tally {
    uint64_t fired;                /* looks */
    uint64_t fired_samples;        /* samples (groups) with at least one */
    uint64_t zeros;                /* looks where h is 0 */
    uint64_t nans;                 /* looks where z is NaN */
    uint64_t low, high;            /* looks on the flat side towards -inf, +inf: |f'| below 1 % of its largest */
    float min, max;                /* of z, NaNs apart; +inf and -inf before the first look */
    uint64_t summed;               /* looks behind the sums: numbers, no NaNs */
    hwv_sum2 z, square, magnitude; /* sums of z, z^2 and |h| over those */
} hwv_unit_tally;

/* Samples x units at the beginning of the data, for pictures: share of the looks of a sample that fired, in 255ths,
 * rounded up. */
#define HWV_PICTURE_SAMPLES 64

typedef struct hwv_layer_tally {
    char *name;
    char op[32]; /* ONNX's operator, "Relu" */
    hwv_act act; /* the operator here; prelu's slopes are not kept */
    size_t units;
    uint64_t looks, samples; /* at each unit; samples: groups */
    hwv_unit_tally *unit;
    /* The input of the dense layer or convolution in front: features (channels), sums over looks; 0 where there is none.
     * Squares are summed over all features: the spread of an input is that of the whole. */
    size_t features;
    uint64_t input_looks; /* behind the sums */
    hwv_sum2 *input, input_square;
    size_t picture_samples;
    uint8_t *picture; /* [picture_samples][units]; units beyond 512 are left out: NULL */
} hwv_layer_tally;

/* Owns everything. Zero-initialise; free with hwv_tally_free. */
typedef struct hwv_tally {
    char *model;   /* for people: name of the file */
    size_t group;  /* samples that count as one, at least 1 */
    uint64_t rows; /* samples before grouping; samples (groups) after: */
    uint64_t samples;
    hwv_layer_tally *layers;
    size_t layer_count;
} hwv_tally;

HWV_API void hwv_tally_free(hwv_tally *tally);
/* Adds `from` to *into: exactly what counting both sets at once would have given (pictures: those of *into, filled up).
 * HWV_ERR_MISMATCH: other layers, operators, units or groups, and which; *into is unchanged then. */
HWV_API hwv_status hwv_tally_merge(hwv_tally *into, const hwv_tally *from, hwv_error *error);
/* Statistics files (docs/statistics.md): JSON, whole or not at all. */
HWV_API hwv_status hwv_tally_save(const hwv_tally *tally, const char *path, hwv_error *error);
/* HWV_ERR_IO, HWV_ERR_FORMAT with position and what would be accepted, HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_tally_load(hwv_tally *tally, const char *path, hwv_error *error);
HWV_API hwv_status hwv_tally_parse(hwv_tally *tally, const char *name, const void *bytes, size_t size,
                                   hwv_error *error);

/* ---- counting -------------------------------------------------------------------------------------- */

typedef struct hwv_counter hwv_counter;

/* Counts while a plan of `network` runs: layers are the network's. One counter serves a plan, or several one after the
 * other; network and executor must outlive it. HWV_ERR_MEMORY. Free with hwv_counter_destroy. */
HWV_API hwv_status hwv_counter_create(hwv_counter **counter, const hwv_network *network, size_t group,
                                      const hwv_executor *executor, hwv_error *error);
HWV_API void hwv_counter_destroy(hwv_counter *counter);
/* To be given to hwv_plan_observe; the plan needs z (no HWV_PASS_IN_PLACE, _BIAS_ACT, _FINISH). */
HWV_API hwv_observer hwv_counter_observer(hwv_counter *counter);
/* Before every run: how many samples it has. */
HWV_API void hwv_counter_rows(hwv_counter *counter, size_t rows);
/* The end of a shard: a group that is not full counts as one. */
HWV_API void hwv_counter_close(hwv_counter *counter);
/* What was counted so far moves into *tally; the counter starts anew. HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_counter_take(hwv_counter *counter, hwv_tally *tally, hwv_error *error);

/* Pre-activations of one layer that were dumped elsewhere: the next `rows` samples of z [rows][positions][units], in
 * units of `act`. The layer is the first one of that name in the tally, or a new one. Several calls add up.
 * HWV_ERR_SHAPE: no units, or another number of them than before; HWV_ERR_MISMATCH: another operator or other parameters
 * than before; HWV_ERR_MEMORY. */
HWV_API hwv_status hwv_tally_count(hwv_tally *tally, const char *layer, const hwv_act *act, size_t rows,
                                   size_t positions, size_t units, const float *z, const hwv_executor *executor,
                                   hwv_error *error);

/* Runs `network` over data in runs of a size that the network alone decides, and counts. `next` gives up to `rows`
 * samples of every input (0 at the end of a shard, and again at the end of all) and must not fail silently. `lend` (may be
 * NULL) is asked first: samples that lie in memory as they are wanted need not be copied; from[i] must hold until the shard
 * has ended, 0 means that there are none here, and `next` is asked. Several runs may be filled before the first begins. With
 * counter NULL nothing is counted (to time the run itself). outputs (may be NULL) is called for each run, in their order,
 * after it. */
typedef struct hwv_feed {
    void *self;
    hwv_status (*next)(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error);
    hwv_status (*lend)(void *self, size_t rows, const void **from, size_t *got, hwv_error *error);
    bool (*more)(void *self); /* another shard follows */
    void (*outputs)(void *self, size_t rows, hwv_plan *plan);
} hwv_feed;
HWV_API hwv_status hwv_network_stream(const hwv_network *network, hwv_counter *counter, const hwv_feed *feed,
                                      const hwv_executor *executor, hwv_error *error);

/* What hwv_network_stream plans anew each time, kept for several feeds: memory, and weights in the order of the kernels,
 * which must not change meanwhile. outputs: feeds may ask for them; then all outputs of the network are computed. network,
 * counter and executor must outlive it. HWV_ERR_MEMORY, HWV_ERR_UNSUPPORTED: nothing can be computed; *session is NULL then.
 * Free with hwv_session_destroy (NULL: nothing happens). */
typedef struct hwv_session hwv_session;
HWV_API hwv_status hwv_session_create(hwv_session **session, const hwv_network *network, hwv_counter *counter,
                                      bool outputs, const hwv_executor *executor, hwv_error *error);
/* As hwv_network_stream. */
HWV_API hwv_status hwv_session_run(hwv_session *session, const hwv_feed *feed, hwv_error *error);
HWV_API void hwv_session_destroy(hwv_session *session);
/* The same with a counter of its own, whose counts become *tally. HWV_ERR_MEMORY, errors of the feed. Free with
 * hwv_tally_free. */
HWV_API hwv_status hwv_network_count(hwv_tally *tally, const hwv_network *network, size_t group, const hwv_feed *feed,
                                     const hwv_executor *executor, hwv_error *error);

/* A feed of the first `count` samples of a part, in order, for networks of one input. data and part must outlive it. */
typedef struct hwv_part_feed {
    const hwv_data *data;
    const hwv_data_part *part;
    size_t count; /* at most part->count */
    size_t given; /* so far */
} hwv_part_feed;
/* From the first sample on. The feed is `feed`'s, which must outlive it. */
HWV_API hwv_feed hwv_part_feed_open(hwv_part_feed *feed);

/* ---- gradients ------------------------------------------------------------------------------------- */

/* Root mean squares per layer with labels: of dL/dz and h, L the cross-entropy of one sample from the first output's logits,
 * so that the number of samples does not matter; of a sequence the sum over its tokens, so that their number does not. A last softmax or sigmoid is stepped over; a single logit is that of yes
 * (label 1) against no (label 0). Batch norms use their running statistics, dropout is off. */
typedef struct hwv_layer_flow {
    const char *name; /* of the network's layer */
    double gradient;  /* RMS of dL/dz over looks and units; NAN where no parameter is in front */
    double signal;    /* RMS of h */
    double zero;      /* share of entries of dL/dz that are exactly 0 */
    /* RMS of dL/dz that mean-field theory (He et al. 2015) makes of the one at the logits, walking back: a product multiplies
     * mean squares by |W|^2 / inputs, an activation by the mean of f'(z)^2 for a normal z of the size that was measured
     * (1/2 for relu), a norm by its scale; branches that meet add. NAN where something else is in between. */
    double theory;
} hwv_layer_flow;
typedef struct hwv_flow {
    hwv_layer_flow *layers;
    size_t layer_count, samples;
    double loss; /* mean, of sequences over tokens */
} hwv_flow;
/* Over the first `samples` labelled ones that `feed` gives, or as many as there are; labels[i] for sample i, of
 * sequences labels[samples][tokens]. Names are the network's. HWV_ERR_UNSUPPORTED: the first output is neither
 * [samples, classes] nor [samples, tokens, classes]; HWV_ERR_FORMAT: a label that is no class;
 * HWV_ERR_ARGUMENT: no samples; errors of the feed; HWV_ERR_MEMORY. Free with hwv_flow_free. */
HWV_API hwv_status hwv_flow_measure(hwv_flow *flow, const hwv_network *network, const hwv_feed *feed,
                                    const int32_t *labels, size_t samples, const hwv_executor *executor,
                                    hwv_error *error);
HWV_API void hwv_flow_free(hwv_flow *flow);

/* ---- attention ------------------------------------------------------------------------------------- */

/* How evenly the heads of an attention node share out their weight: for a query that sees n keys with shares p, the entropy
 * -sum p log2 p is 0 where one key has it all and log2 n where all have the same. Means over the queries that see two keys
 * or more; NAN where there is none, or where a share is NaN. */
typedef struct hwv_head_entropy {
    double bits;
    double evenness; /* the same as a share of log2 n, 0 .. 1 */
} hwv_head_entropy;
typedef struct hwv_attention_entropy {
    const char *name; /* of the node in the graph */
    size_t heads;
    hwv_head_entropy *head;
} hwv_attention_entropy;
/* Of the attention nodes, and of softmax nodes over the keys of scores [batch, heads, queries, keys], where a key with share
 * 0 is not seen. Over all samples that `feed` gives; may be none. Names are the graph's. Errors of the feed; HWV_ERR_MEMORY.
 * Free with hwv_attention_entropy_free. */
HWV_API hwv_status hwv_attention_entropy_measure(hwv_attention_entropy **nodes, size_t *count,
                                                 const hwv_network *network, const hwv_feed *feed,
                                                 const hwv_executor *executor, hwv_error *error);
HWV_API void hwv_attention_entropy_free(hwv_attention_entropy *nodes, size_t count);

/* ---- what follows ---------------------------------------------------------------------------------- */

typedef enum hwv_verdict {
    HWV_VERDICT_HEALTHY,
    HWV_VERDICT_LOOK,
    HWV_VERDICT_CANNOT_TELL,
    HWV_VERDICT_SICK
} hwv_verdict;
/* "healthy", "look", "cannot_tell", "sick" */
HWV_API const char *hwv_verdict_name(hwv_verdict verdict);

typedef struct hwv_diagnosis_options {
    double bound;     /* rate below which a silent unit counts as dead: 0.01 */
    double fail_over; /* share of dead units above which a layer is sick: 0.10 */
} hwv_diagnosis_options;
HWV_API hwv_diagnosis_options hwv_diagnosis_defaults(void);

enum {
    HWV_UNIT_SILENT = 1 << 0,
    HWV_UNIT_DEAD = 1 << 1,
    HWV_UNIT_INERT = 1 << 2,
    HWV_UNIT_RARE = 1 << 3,
    HWV_UNIT_ALWAYS_ON = 1 << 4,
    HWV_UNIT_CONSTANT = 1 << 5,
    HWV_UNIT_DORMANT = 1 << 6,
    HWV_UNIT_SATURATED_LOW = 1 << 7,
    HWV_UNIT_SATURATED_HIGH = 1 << 8
};

typedef struct hwv_unit_diagnosis {
    unsigned is;       /* HWV_UNIT_* */
    double rate;       /* fired / looks */
    double mean, std;  /* of z */
    double bias, pull; /* b and w.mu, with batch norm folded in; NAN where the layer in front is not known */
    double norm;       /* of the row of weights; NAN */
    double margin;     /* largest z in units of std: how far from waking (negative: never there) */
} hwv_unit_diagnosis;

/* Why units of a layer are silent, the first that applies. */
typedef enum hwv_cause {
    HWV_CAUSE_NONE, /* none are silent */
    HWV_CAUSE_UNKNOWN,
    HWV_CAUSE_UPSTREAM, /* what they read is dead: their row of the input is constant */
    HWV_CAUSE_ZERO_ROW, /* their weights are zero (pruned, or decayed): z is the bias */
    HWV_CAUSE_INPUT,    /* the layer's input is not centred (gamma over 1) and its pull outweighs the spread */
    HWV_CAUSE_BIAS,     /* a negative bias outweighs everything */
    HWV_CAUSE_NORM,     /* the norm in front: scale near zero or a negative shift */
    HWV_CAUSE_WEIGHTS   /* the weights themselves point away from the data, whose mean is not to blame */
} hwv_cause;
/* "none", "unknown", "upstream", "zero_row", "input_not_centred", "bias", "norm", "weights" */
HWV_API const char *hwv_cause_name(hwv_cause cause);

#define HWV_RAREFACTION 6
typedef struct hwv_layer_diagnosis {
    const hwv_layer_tally *tally;
    hwv_verdict verdict;
    size_t silent, dead, inert, rare, always_on, constant, dormant,
        saturated; /* silent: flat ones only, as in verdicts */
    uint64_t nans;
    double mean_rate, zeros; /* shares of looks */
    double rate_bound;       /* a silent unit fires in less than this share of samples (95 %) */
    double joint_bound;      /* all silent ones of the layer; NAN without any */
    size_t rarefaction_count;
    struct {
        uint64_t n;
        double silent;              /* expected */
    } rarefaction[HWV_RAREFACTION]; /* n/32 .. n, ascending; the last is what was counted */
    bool falling;            /* still fewer silent units with more samples: by more than half a unit from n/2 to n */
    uint64_t samples_needed; /* to settle it; 0: settled */
    double gamma;            /* |mean| / |std| of the input; NAN where it is not known */
    double dead_bias, dead_pull, dead_spread, live_bias, live_pull, live_spread; /* medians over units; NAN */
    hwv_cause cause;
    char why[200]; /* a phrase for people, "" without silent units */
    hwv_unit_diagnosis *unit;
} hwv_layer_diagnosis;

typedef struct hwv_diagnosis {
    const hwv_tally *tally;
    hwv_diagnosis_options options;
    hwv_verdict verdict; /* the worst in the order sick, cannot tell, look, healthy */
    size_t units, silent, dead, inert;
    uint64_t samples_needed;
    hwv_layer_diagnosis *layers; /* of tally->layers */
    size_t layer_count;
} hwv_diagnosis;

/* network (may be NULL: no weights, no causes but those that statistics show) and tally must outlive it. HWV_ERR_ARGUMENT:
 * options out of range, a tally of other layers. HWV_ERR_MEMORY. Free with hwv_diagnosis_free. */
HWV_API hwv_status hwv_diagnose(hwv_diagnosis *diagnosis, const hwv_tally *tally, const hwv_network *network,
                                const hwv_diagnosis_options *options, hwv_error *error);
HWV_API void hwv_diagnosis_free(hwv_diagnosis *diagnosis);

/* Samples that make a silent unit dead at `bound`: the smallest n with 1 - 0.05^(1/n) <= bound. */
HWV_API uint64_t hwv_samples_needed(double bound);
/* 1 - (0.05 / units)^(1/n) */
HWV_API double hwv_rate_bound(uint64_t samples, size_t units);
/* C(n - k, m) / C(n, m): chance that a unit that fired in k of n samples is silent in m of them. */
HWV_API double hwv_silent_chance(uint64_t n, uint64_t k, uint64_t m);

HWV_END

#endif
