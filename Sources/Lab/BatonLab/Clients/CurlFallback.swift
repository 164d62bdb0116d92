// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// libcurl with HTTP/3 through pycurl (Resources/curl_client.py).
struct CurlFallback: FallingBackClient {
    let setting: ClientSetting
    /// What happens to UDP at the cut. If it is throttled, libcurl has no reason to give up: the script then requests
    /// the load at the cut, and a load that arrives over HTTP/3 counts as well.
    let udp: Scenario.UDPOutage

    static func objection(to load: Load) -> String? {
        if case .body = load { return nil }
        return "client curl loads one body, not '\(load)'; a page needs `client: chromium`, and an upload "
            + "`client: plain`, since `baton serve` accepts no request body"
    }

    func run(
        _ load: Load, following: Int, cut: () throws -> Void, beforeTCP: () throws -> Void
    ) throws -> FallbackTimes {
        guard case .body(let size) = load else { throw Self.refusal(of: load) }
        let learning = try ServedContent.place(.body(ByteCount(bytes: setting.learningBytes)), in: setting.root)
        let path = try ServedContent.place(load, in: setting.root)
        let origin = "https://\(ServerFiles.host):\(BatonServer.port)"
        var arguments = [
            "--resolve", "\(ServerFiles.host):\(BatonServer.port):\(setting.bracketedAddress)",
            "--authority", setting.certificate, "--learn", origin + learning,
            "--learn-bytes", "\(setting.learningBytes)", "--load", origin + path, "--load-bytes", "\(size.bytes)",
            "--following", "\(following)", "--limit-ms", "\(setting.limit.nanoseconds / 1_000_000)",
        ]
        if isUDPThrottled {
            arguments.append("--udp-goes-on")
        }
        return try ClientConversation.run("curl", script: PackageResources.curl_client_py, arguments, setting) {
            client in
            let learned = try client.next("learned")
            _ = try client.next("cut")
            try cut()
            let brokeAt = MonotonicClock.now()
            client.goOn()
            let gaveUpAt = try client.next("gave_up").atNanoseconds ?? MonotonicClock.now()
            try beforeTCP()
            let timeline = FallbackTimeline(
                brokeAt: brokeAt, gaveUpAt: isUDPThrottled ? nil : gaveUpAt, heldAt: gaveUpAt,
                resumedAt: MonotonicClock.now())
            client.goOn()
            let (loaded, followed) = try client.load(following: following)
            return try timeline.times(learned: learned, loaded: loaded, followed: followed)
        }
    }

    private var isUDPThrottled: Bool {
        if case .throttle = udp { return true }
        return false
    }
}
