// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where people read.
enum Terminal {
    /// Characters in a line, at least 40; nil if the descriptor is no terminal.
    static func width(of descriptor: Int32) -> Int? {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
        // a terminal that does not know its size says 0
        return size.ws_col == 0 ? 80 : max(40, Int(size.ws_col))
    }
}
