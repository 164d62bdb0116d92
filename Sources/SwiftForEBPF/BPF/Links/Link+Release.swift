// SPDX-License-Identifier: Apache-2.0

extension Link where Self: ~Copyable {
    /// Lets the attachment go: the program runs no more unless a pin or another handle holds it. Dropping the value
    /// does the same; this says where.
    public consuming func release() {}
}

extension StructOpsLink {
    /// Lets the registration go: it ends unless a pin or another handle holds it. Dropping the value does the same;
    /// this says where.
    public consuming func release() {}
}
