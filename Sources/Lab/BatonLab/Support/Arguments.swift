// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Scenarios

// On the command line quantities are written as in a scenario.
extension TimeSpan: ExpressibleByArgument {}
extension BitRate: ExpressibleByArgument {}
extension ByteCount: ExpressibleByArgument {}
extension QueueSize: ExpressibleByArgument {}
extension Probability: ExpressibleByArgument {}
extension Load: ExpressibleByArgument {}
extension Scenario.Client: ExpressibleByArgument {}
