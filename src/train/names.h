/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Finding a name in a list, with the message that a wrong one gets. */
#ifndef HWV_TRAIN_NAMES_H
#define HWV_TRAIN_NAMES_H

#include <stddef.h>

#include "halfwave/status.h"

/* Position of `name` in names[count]; HWV_ERR_NAME offers the nearest one and the list. what: "optimizer". */
hwv_status hwv_list_find(size_t *position, const char *what, const char *name, const char *const *names, size_t count,
                         hwv_error *error);

#endif
