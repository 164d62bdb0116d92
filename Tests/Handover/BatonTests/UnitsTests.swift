// SPDX-License-Identifier: Apache-2.0

import BPF
import Baton
import BatonShared
import Testing

@Suite struct UnitsTests {
    @Test(
        arguments: [
            ("60s", 60_000_000_000), ("60", 60_000_000_000), ("250ms", 250_000_000), ("1.5s", 1_500_000_000),
            ("2m", 120_000_000_000), ("1h", 3_600_000_000_000), ("100us", 100_000), ("7ns", 7), ("0s", 0),
        ] as [(String, UInt64)])
    func durations(text: String, nanoseconds: UInt64) {
        #expect(Duration(text: text)?.nanoseconds == nanoseconds)
    }

    @Test(arguments: ["", "s", "-1s", "1x", "1 s", "1.2.3s", "+1s", "1e3s", ".", "99999999999999999999s"])
    func noDurations(text: String) {
        #expect(Duration(text: text) == nil)
    }

    @Test func bareUnit() {
        #expect(Duration(text: "100", bareUnit: "ms") == .milliseconds(100))
        #expect(Duration(text: "100s", bareUnit: "ms") == .seconds(100))
    }

    @Test(
        arguments: [
            ("400000", 400_000), ("1MiB", 1_048_576), ("64KiB", 65_536), ("1.5MB", 1_500_000), ("1GiB", 1_073_741_824),
            ("12B", 12), ("18446744073709551615", .max),
        ] as [(String, UInt64)])
    func sizes(text: String, bytes: UInt64) {
        #expect(ByteCount.parse(text) == bytes)
    }

    @Test(arguments: ["", "MiB", "-1", "1 MiB", "1mib", "0x10", "18446744073709551616", "99999999GiB999"])
    func noSizes(text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test func texts() {
        #expect(Duration.milliseconds(1500).text == "1.5s")
        #expect(Duration.microseconds(50).text == "50us")
        #expect(Duration.seconds(60).text == "60s")
        #expect(ByteCount.text(625_000) == "625kB")
        #expect(ByteCount.text(1_048_576) == "1.05MB")
        #expect(ByteCount.text(999) == "999B")
    }
}

@Suite struct RemoteEndpointTests {
    @Test(arguments: ["192.0.2.1", "2001:db8::1", "::1", "255.255.255.255"])
    func roundTrip(text: String) {
        #expect(RemoteEndpoint(text)?.description == text)
    }

    @Test func oneKeyForBothForms() {
        #expect(RemoteEndpoint("::ffff:192.0.2.1") == RemoteEndpoint("192.0.2.1"))
        #expect(RemoteEndpoint("192.0.2.1")?.isIPv4 == true)
        #expect(RemoteEndpoint("2001:db8::1")?.isIPv4 == false)
    }

    @Test func fromBytes() {
        let bytes: [UInt8] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
        #expect(RemoteEndpoint(bytes: bytes) == RemoteEndpoint("2001:db8::1"))
        #expect(RemoteEndpoint(bytes: bytes.dropLast()) == nil)
    }

    @Test(arguments: ["", "1.2.3", "1.2.3.4.5", "256.1.1.1", "host", "2001:db8::1::2", "fe80::1%eth0", "1.2.3.4 "])
    func refused(text: String) {
        #expect(RemoteEndpoint(text) == nil)
    }
}

@Suite struct SettingsTests {
    @Test func defaultsAreValid() throws { try Settings().validate() }

    @Test func refused() {
        func expect(_ change: (inout Settings) -> Void) {
            var settings = Settings()
            change(&settings)
            let error = #expect(throws: BPFError.self) { try settings.validate() }
            #expect(error?.code == .invalid)
        }
        expect { $0.capacity = 0 }
        expect { $0.capacity = 16_777_217 }
        expect { $0.maxWindowBytes = 0 }
        expect { $0.maxWindowBytes = (1 << 30) + 1 }
        expect { $0.lifetime = .milliseconds(999) }
        expect { $0.lifetime = .seconds(86_401) }
        expect { $0.maxJumpBytes = 0 }
        expect { $0.minimumWindowBytes = (1 << 30) + 1 }
        expect { $0.betaPercent = 9 }
        expect { $0.betaPercent = 91 }
        expect { $0.rttPercent = 0...1000 }
        expect { $0.rttPercent = 50...100_001 }
        expect { $0.rttPercent = 50...50 }
    }
}
