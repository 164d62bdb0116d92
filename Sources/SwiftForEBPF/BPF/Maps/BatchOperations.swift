// SPDX-License-Identifier: Apache-2.0

/// Whether maps are read and written many entries at a time where the kernel can (Linux 5.6).
package enum BatchOperations {
    /// Tests of the other way turn it off.
    @TaskLocal package static var areAllowed = true
}
