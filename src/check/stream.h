/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network over a stream of samples. */
#ifndef HWV_CHECK_STREAM_H
#define HWV_CHECK_STREAM_H

#include "halfwave/check.h"

/* As hwv_network_stream, watched by an observer of one's own: every layer is shown with its z. */
hwv_status hwv_network_observe(const hwv_network *network, const hwv_observer *observer, const hwv_feed *feed,
                               const hwv_executor *executor, hwv_error *error);

#endif
