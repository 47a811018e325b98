import Foundation
import Yams

/// What `plumb serve` can be told; every part has a default.
struct ServeSettings: Decodable {
    /// The data folder.
    var data = "./plumb-data"
    /// `HOST:PORT` of HTTP and of TCP.
    var http = "127.0.0.1:7780"
    var tcp = "127.0.0.1:7781"
    /// Days after which records are removed; nil keeps them.
    var retentionDays: Double?
    /// Bytes that segments may take; the oldest days go first.
    var retentionBytes: Int?
    /// Queries that run at once, and that may wait for a thread.
    var queriesAtOnce = 8
    var queriesWaiting = 64
    /// MiB that one query may hold for grouping and sorting.
    var queryMemoryMiB = 512
    /// Seconds that one query may take; nil for any time.
    var querySeconds: Double?

    /// Rule files; without any, every finding alerts.
    var rules: [String] = []
    /// A routing file in Alertmanager's form.
    var notifications: String?
    /// What stands before links in notifications; the address of HTTP without it.
    var externalURL: String?

    init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case data, http, tcp
        case retentionDays = "retention_days"
        case retentionBytes = "retention_bytes"
        case queriesAtOnce = "queries_at_once"
        case queriesWaiting = "queries_waiting"
        case queryMemoryMiB = "query_memory_mib"
        case querySeconds = "query_seconds"
        case rules, notifications
        case externalURL = "external_url"
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        data = try values.decodeIfPresent(String.self, forKey: .data) ?? data
        http = try values.decodeIfPresent(String.self, forKey: .http) ?? http
        tcp = try values.decodeIfPresent(String.self, forKey: .tcp) ?? tcp
        retentionDays = try values.decodeIfPresent(Double.self, forKey: .retentionDays)
        retentionBytes = try values.decodeIfPresent(Int.self, forKey: .retentionBytes)
        queriesAtOnce = try values.decodeIfPresent(Int.self, forKey: .queriesAtOnce) ?? queriesAtOnce
        queriesWaiting = try values.decodeIfPresent(Int.self, forKey: .queriesWaiting) ?? queriesWaiting
        rules = try values.decodeIfPresent([String].self, forKey: .rules) ?? rules
        notifications = try values.decodeIfPresent(String.self, forKey: .notifications)
        externalURL = try values.decodeIfPresent(String.self, forKey: .externalURL)
        queryMemoryMiB = try values.decodeIfPresent(Int.self, forKey: .queryMemoryMiB) ?? queryMemoryMiB
        querySeconds = try values.decodeIfPresent(Double.self, forKey: .querySeconds)
    }

    /// Reads a file. An unknown key is an error, since it is most likely a misspelt one.
    init(file: String) throws {
        let bytes = try Input.all(file)
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            if let keys = (try Yams.load(yaml: text) as? [String: Any])?.keys.sorted() {
                let known = CodingKeys.allCases.map(\.rawValue)
                for key in keys where !known.contains(key) {
                    throw CommandFailure.wrong(
                        "\(file): unknown setting \(key); known: \(known.joined(separator: ", "))")
                }
                self = try YAMLDecoder().decode(ServeSettings.self, from: text)
                try check(file)
            } else {
                self.init()
            }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.wrong("\(file): \(error)")
        }
    }

    /// What can be decoded may still make no sense.
    private func check(_ file: String) throws {
        func demand(_ holds: Bool, _ key: CodingKeys, _ wanted: String) throws {
            if !holds { throw CommandFailure.wrong("\(file): \(key.rawValue) must be \(wanted)") }
        }
        let days = retentionDays ?? 1
        try demand(days.isFinite && days > 0 && days <= 36_500, .retentionDays, "a number of days up to 36500")
        try demand((retentionBytes ?? 1) > 0, .retentionBytes, "a number of bytes from 1")
        try demand((1...256).contains(queriesAtOnce), .queriesAtOnce, "from 1 to 256")
        try demand((0...100_000).contains(queriesWaiting), .queriesWaiting, "from 0 to 100000")
        try demand((0.001...86_400).contains(querySeconds ?? 1), .querySeconds, "from 0.001 to 86400")
        try demand((1...1_048_576).contains(queryMemoryMiB), .queryMemoryMiB, "from 1 to 1048576")
    }
}
