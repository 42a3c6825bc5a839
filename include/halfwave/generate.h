/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Generation: tokens out of a trained model of tokens, one after the other. Token ids in, token ids out; what they stand
 * for says the vocabulary (vocabulary.h). */
#ifndef HALFWAVE_GENERATE_H
#define HALFWAVE_GENERATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/model.h"
#include "halfwave/pool.h"
#include "halfwave/status.h"

HWV_BEGIN

/* A generator has read some tokens and knows the logits of the next. Keys and values of attention are kept, so that a
 * further token costs one position.
 *
 * A model has as many positions as its block is long. When these are used up, the last half of the block (block / 2
 * tokens, rounded down) is read anew at the first positions, and the new token behind it: so a token sees between half a
 * block and a whole one of what came before. Tokens may be fed one by one or many at once: that is the same; the values
 * of the logits are equal.
 *
 * What is known of zeros is used: where a product reads what an activation gave, at one position, and an eighth or more of
 * it is 0, the weights of these units are not read. Sums go in the order of units with one (fused) multiply-add a unit, and
 * end with the addition of +0, whether zeros are left out or not, so the bits are the same. A product with a weight that
 * is not finite is computed with all units. Nothing depends on the number of threads. */
typedef struct hwv_generator hwv_generator;

typedef struct hwv_generator_options {
    const hwv_executor *executor; /* NULL: in the caller; only products of large matrices are shared out */
    bool dense;                   /* leave no zeros out */
} hwv_generator_options;

/* Prepares everything: feeding and sampling allocate nothing. The model must outlive the generator and stay as it is but
 * for its weights (hwv_generator_refresh). options NULL: zeros. Models of the layers embed, pos, norms, fc, act, causal
 * attention, drop, res and unembed are generated with.
 * HWV_ERR_UNSUPPORTED: a model that reads no tokens; a node that is not of such a model, or attention that sees what is
 * to come, by name. HWV_ERR_MEMORY. On failure *generator is NULL. Free with hwv_generator_destroy. */
HWV_API hwv_status hwv_generator_create(hwv_generator **generator, const hwv_model *model,
                                        const hwv_generator_options *options, hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_generator_destroy(hwv_generator *generator);
/* After the model's weights have changed: takes them, and forgets all tokens. */
HWV_API void hwv_generator_refresh(hwv_generator *generator);
/* Forgets all tokens. */
HWV_API void hwv_generator_reset(hwv_generator *generator);

/* Tokens that the model knows, 0 .. classes-1; positions that it has. */
HWV_API size_t hwv_generator_classes(const hwv_generator *generator);
HWV_API size_t hwv_generator_block(const hwv_generator *generator);

/* Reads further tokens. HWV_ERR_ARGUMENT: one that the model does not know, with its place; nothing is read then. */
HWV_API hwv_status hwv_generator_feed(hwv_generator *generator, const int32_t *tokens, size_t count, hwv_error *error);
/* Of the token behind all that were read, [classes]; until the next feed. NULL before the first token. */
HWV_API const float *hwv_generator_logits(const hwv_generator *generator);

/* How a token is drawn: softmax(logits / temperature), of the top_k likeliest tokens, and of these of the fewest likeliest
 * whose probabilities add up to top_p or more. Among equals the lower token counts as likelier. */
typedef struct hwv_sampling {
    double temperature; /* 0: the likeliest; finite, 0 or more */
    size_t top_k;       /* 0, or as many as there are or more: all */
    double top_p;       /* 0 < top_p <= 1 */
    uint64_t seed;
} hwv_sampling;

/* 1, 0, 1, 0. */
HWV_API hwv_sampling hwv_sampling_defaults(void);
/* HWV_ERR_ARGUMENT. */
HWV_API hwv_status hwv_sampling_check(const hwv_sampling *sampling, hwv_error *error);
/* Draws the token behind all that were read, and does not read it. The draw is a function of the logits, the sampling and
 * the number of tokens that were read since the last reset. HWV_ERR_ARGUMENT: nothing was read, or hwv_sampling_check.
 * HWV_ERR_NUMERIC: logits that are NaN or +inf, or -inf all of them. */
HWV_API hwv_status hwv_generator_sample(const hwv_generator *generator, const hwv_sampling *sampling, int32_t *token,
                                        hwv_error *error);

/* Rows of weights behind activations that one position asked for since the generator was made, and those of zeros that
 * were not read. */
typedef struct hwv_generator_rows {
    uint64_t all, skipped;
} hwv_generator_rows;
HWV_API hwv_generator_rows hwv_generator_count(const hwv_generator *generator);

HWV_END

#endif
