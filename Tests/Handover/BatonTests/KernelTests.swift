// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// Tests on the running kernel. They run one after the other, because they share its registry of congestion controls
/// and measure time.
@Suite(.serialized, .kernel, .kernelTestsNeedRoot) struct KernelTests {}
