/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors */
#include "base/built.h"
#include "lanes.h"

#define DECLARE(set) extern const lanes lanes_##set;
HWV_BUILT_LIST(DECLARE)
#define ENTRY(set) [HWV_ISA_##set] = &lanes_##set,
static const lanes *const tables[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)};

const lanes *lanes_get(void)
{
    return tables[hwv_isa_get(0)];
}
