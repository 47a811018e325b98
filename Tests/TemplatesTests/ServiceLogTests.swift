import Bytes
import Templates
import TestSupport
import Testing

/// The kinds of values that services print, written in format strings as a letter in braces.
private func value(_ kind: Character, _ random: inout SplitMix) -> String {
    func number(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
    func hex(_ digits: Int) -> String {
        String((0..<digits).map { _ in "0123456789abcdef".randomElement(using: &random)! })
    }
    let people = [
        "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "trent", "walter",
    ]
    switch kind {
    case "n": return "\(number(100_000))"
    case "f": return "\(number(1_000)).\(number(1_000))"
    case "a": return "10.\(number(200)).\(number(200)).\(number(200))"
    case "u": return people.randomElement(using: &random)!
    case "h": return "\(["web", "db", "cache", "queue"].randomElement(using: &random)!)-\(number(30)).shop.internal"
    case "x": return hex(16)
    case "i": return "\(hex(8))-\(hex(4))-\(hex(4))-\(hex(4))-\(hex(12))"
    case "p":
        return
            "/srv/\(people.randomElement(using: &random)!)/\(hex(4)).\(["json", "log"].randomElement(using: &random)!)"
    case "l": return (0...number(5)).map { _ in "\(number(50))" }.joined(separator: ", ")
    case "q": return "orders-\(hex(9))-\(hex(5))"
    default: preconditionFailure("no kind of value")
    }
}

private let formats = [
    "connect() to {a}:{n} failed (111: Connection refused) while connecting to upstream",
    "connect() to {a}:{n} failed (110: Connection timed out) while connecting to upstream",
    "client {a} closed keepalive connection", "worker process {n} exited with code {n}", "worker process {n} started",
    "checkpoint starting: time", "checkpoint starting: xlog",
    "checkpoint complete: wrote {n} buffers ({f}%); write={f} s, sync={f} s, total={f} s",
    "automatic vacuum of table \"{u}.public.{u}\": index scans: {n}", "deadlock detected by process {n}",
    "password authentication failed for user \"{u}\"", "connection authorized: user={u} database={u} application={u}",
    "Successfully assigned shop/{q} to {h}", "Back-off restarting failed container {u} in pod {q}",
    "Pulling image \"registry.shop.internal/{u}:{n}\"",
    "Readiness probe failed: HTTP probe failed with statuscode: {n}",
    "Started Session {n} of user {u}.", "Stopped Session {n} of user {u}.", "session opened for user {u} by (uid={n})",
    "Out of memory: Killed process {n} ({u}) total-vm:{n}kB, anon-rss:{n}kB", "device {x} entered promiscuous mode",
    "[Consumer clientId={u}, groupId={u}] Resetting offset for partition {u}-{n} to offset {n}.",
    "[Producer clientId={u}] Cluster ID: {x}", "rebalancing partitions {l} of topic {u}",
    "cart {i} expired after {n} ms",
    "order {i} accepted for customer {n}", "order {i} rejected for customer {n}", "payment of {f} EUR captured by {u}",
    "wrote {p} in {n}ms", "cannot read {p}: permission denied", "cannot read {p}: no such file", "cache hit for {x}",
    "cache miss for {x}", "retrying in {f}s", "leader elected: {h}", "disk {n} is {n}% full", "shutting down", "ready",
]

private func stream(seed: UInt64, count: Int) -> (messages: [String], truth: [Int]) {
    var random = SplitMix(seed: seed)
    var messages: [String] = []
    var truth: [Int] = []
    for _ in 0..<count {
        let format = Int.random(in: 0..<formats.count, using: &random)
        var message = ""
        var rest = Substring(formats[format])
        while let open = rest.firstIndex(of: "{") {
            message += rest[..<open]
            message += value(rest[rest.index(after: open)], &random)
            rest = rest[rest.index(open, offsetBy: 3)...]
        }
        messages.append(message + rest)
        truth.append(format)
    }
    return (messages, truth)
}

@Suite struct ServiceLogTests {
    /// Every format of the programs is found as one template, once its values have varied enough.
    @Test(arguments: 1...4)
    func findsTheFormatsOfServices(seed: UInt64) {
        let (messages, truth) = stream(seed: seed, count: 4_000)
        let (miner, numbers) = mine(messages)
        let wrong = partition(numbers).symmetricDifference(partition(truth)).flatMap { $0 }
        let texts = Set(wrong.map { "\(miner.template(numbers[$0]).text) <- \(formats[truth[$0]])" })
        #expect(wrong.isEmpty, "seed \(seed): \(texts.sorted())")
    }
}
