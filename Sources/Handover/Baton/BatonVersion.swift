// SPDX-License-Identifier: Apache-2.0

/// The version of this source, the one place that says it. Documentation/stability.md says how versions are counted.
public enum BatonVersion {
    /// What `baton --version`, `baton-serve --version` and `baton-lab --version` print.
    public static let current = "0.2.0"
}
