// SPDX-License-Identifier: Apache-2.0

import PathEmulator
import Scenarios

/// Chromium, headless, with a fresh profile (Resources/chromium_client.py).
///
/// It can't be paused between giving up on QUIC and connecting, so `beforeTCP` is called right after the cut, before
/// Chromium requests the page that is measured.
struct ChromiumFallback: FallingBackClient {
    let setting: ClientSetting
    /// The browser: a path, or a name in PATH.
    var chromium = "chromium"

    static func objection(to load: Load) -> String? {
        if case .page = load { return nil }
        return "client chromium loads pages only, not '\(load)'; write for example `page 30 x 20kB`"
    }

    func run(
        _ load: Load, following: Int, cut: () throws -> Void, beforeTCP: () throws -> Void
    ) throws -> FallbackTimes {
        guard case .page(let objects, _) = load else { throw Self.refusal(of: load) }
        let learning = try ServedContent.place(.body(ByteCount(bytes: setting.learningBytes)), in: setting.root)
        let page = try ServedContent.place(load, in: setting.root)
        let arguments = [
            "--chromium", chromium, "--host", ServerFiles.host, "--port", "\(BatonServer.port)",
            "--address", setting.bracketedAddress, "--authority", setting.certificate, "--learn", learning,
            "--page", page, "--objects", "\(objects)", "--following", "\(following)",
            "--limit-ms", "\(setting.limit.nanoseconds / 1_000_000)",
            // the next run removes what a killed one leaves there
            "--directory", setting.directory,
        ]
        let script = PackageResources.chromium_client_py
        return try ClientConversation.run("chromium", script: script, arguments, setting) { client in
            let learned = try client.next("learned")
            _ = try client.next("cut")
            try cut()
            let brokeAt = MonotonicClock.now()
            try beforeTCP()
            let timeline = FallbackTimeline(
                brokeAt: brokeAt, gaveUpAt: nil, heldAt: brokeAt, resumedAt: MonotonicClock.now())
            client.goOn()
            let (loaded, followed) = try client.load(following: following)
            return try timeline.times(learned: learned, loaded: loaded, followed: followed)
        }
    }
}
