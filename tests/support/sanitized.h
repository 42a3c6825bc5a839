/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * HWV_SANITIZED: 1 where sanitizers decide the speed, so that no test may demand one. */
#ifndef HWV_TEST_SANITIZED_H
#define HWV_TEST_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HWV_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HWV_SANITIZED 1
#endif
#endif
#ifndef HWV_SANITIZED
#define HWV_SANITIZED 0
#endif

#endif
