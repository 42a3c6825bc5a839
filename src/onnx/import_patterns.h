/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Patterns: what exporters of old opsets wrote out as several nodes becomes one node again. */
#ifndef HWV_ONNX_IMPORT_PATTERNS_H
#define HWV_ONNX_IMPORT_PATTERNS_H

#include "onnx/import_walk.h"

#define HWV_PATTERN_NODES 20

typedef struct hwv_import_pattern {
    uint32_t x; /* the value that goes in */
    bool norm;  /* a layer norm over the last axis, else an activation */
    hwv_act act;
    float epsilon;
    int64_t axis;                      /* that the file's means are taken over */
    uint32_t weight, bias;             /* values of a norm; HWV_IMPORT_NONE: none */
    uint32_t nodes[HWV_PATTERN_NODES]; /* that it stands for, the last one first */
    size_t node_count;
} hwv_import_pattern;

typedef struct hwv_import_patterns {
    bool *absorbed;             /* of a node: another stands for it */
    hwv_import_pattern **found; /* of a node: it stands for a pattern; NULL: for itself */
} hwv_import_patterns;

/* Looks at every node that is live. HWV_ERR_MEMORY. */
hwv_status hwv_import_patterns_find(hwv_import_patterns *patterns, const hwv_import_walk *walk, hwv_import *import);
/* The node of a pattern as result 0 of the import's node. *done false: it does not fit after all. */
hwv_status hwv_import_pattern_build(hwv_import *import, hwv_import_walk *walk, const hwv_import_pattern *pattern,
                                    bool *done);

/* ---- what the two families of patterns share (import_match.c) ------------------------------------- */

/* Gathers the nodes of a pattern that is being looked for; all functions give false where it does not match. */
typedef struct hwv_import_match {
    const hwv_import_walk *walk;
    hwv_import_pattern *pattern;
} hwv_import_match;

/* Value `v` is output 0 of a node of this operator: *node, which joins the pattern. */
bool hwv_match_op(hwv_import_match *match, uint32_t v, const char *op, uint32_t *node);
/* Operator of the node that gives v, "" where none does. */
const char *hwv_match_operator(const hwv_import_match *match, uint32_t v);
/* v is a constant of one number. */
bool hwv_match_number(const hwv_import_match *match, uint32_t v, double *x);
/* v is a constant: initialiser or Constant node. */
bool hwv_match_constant(const hwv_import_match *match, uint32_t v);
/* v = op(a, number) in this order, or in any where the operator allows it. */
bool hwv_match_with_number(hwv_import_match *match, uint32_t v, const char *op, double *number, uint32_t *a);
/* Within a ten-thousandth. */
bool hwv_match_near(double a, double b);
/* Nobody outside the pattern uses what its nodes, other than the root's, give. */
bool hwv_match_closed(const hwv_import_match *match);

/* x in the pattern's place: the first call sets it, the others compare. */
bool hwv_match_x(hwv_import_match *match, uint32_t v);

/* The value that node `root` gives, as the result of an activation, of a layer norm. */
bool hwv_match_activation(hwv_import_match *match, uint32_t value);
bool hwv_match_layer_norm(hwv_import_match *match, uint32_t value);

#endif
