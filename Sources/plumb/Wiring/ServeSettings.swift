import Foundation
import QueryLanguage
import Records
import Search
import Store
import Yams

/// `- filter: '{service="debug"}'` and `days: 3`.
struct FilterRetention: Decodable {
    var filter: String
    var days: Double
}

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
    /// Shorter times for some records: those that a LogsQL filter selects go after so many days.
    var retention: [FilterRetention] = []
    /// MiB that rows may take between their arrival and their segment; agents wait at the bound.
    var ingestMemoryMiB = 96
    /// MiB a second that merging may write, on average.
    var mergeMiBPerSecond = 64
    /// MiB of the disk that stay free; below, nothing is acknowledged.
    var freeDiskMiB = 64
    /// Queries that run at once, and that may wait for a thread.
    var queriesAtOnce = 8
    var queriesWaiting = 64
    /// Rules that are evaluated at once, on places of their own.
    var ruleQueriesAtOnce = 2
    /// MiB that one query may hold for grouping and sorting, and all of them together.
    var queryMemoryMiB = 512
    var allQueriesMemoryMiB = 2_048
    /// MiB of decoded columns that are kept for later queries.
    var queryCacheMiB = 256
    /// Seconds that a query may run, the time in which its client reads left aside.
    var querySeconds = 300.0
    /// Rows that a query may answer with, and those of a subquery.
    var queryRows = Int.max
    var subqueryRows = 5_000_000

    /// Rule files; unless one has rules on deviations, every finding alerts.
    var rules: [String] = []
    /// A routing file in Alertmanager's form.
    var notifications: String?
    /// What stands before links in notifications; the address of HTTP without it.
    var externalURL: String?

    init() {}

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case data, http, tcp, retention
        case retentionDays = "retention_days"
        case retentionBytes = "retention_bytes"
        case ingestMemoryMiB = "ingest_memory_mib"
        case mergeMiBPerSecond = "merge_mib_per_second"
        case freeDiskMiB = "free_disk_mib"
        case queriesAtOnce = "queries_at_once"
        case queriesWaiting = "queries_waiting"
        case ruleQueriesAtOnce = "rule_queries_at_once"
        case queryMemoryMiB = "query_memory_mib"
        case allQueriesMemoryMiB = "all_queries_memory_mib"
        case queryCacheMiB = "query_cache_mib"
        case querySeconds = "query_seconds"
        case queryRows = "query_rows"
        case subqueryRows = "subquery_rows"
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
        retention = try values.decodeIfPresent([FilterRetention].self, forKey: .retention) ?? retention
        ingestMemoryMiB = try values.decodeIfPresent(Int.self, forKey: .ingestMemoryMiB) ?? ingestMemoryMiB
        mergeMiBPerSecond = try values.decodeIfPresent(Int.self, forKey: .mergeMiBPerSecond) ?? mergeMiBPerSecond
        freeDiskMiB = try values.decodeIfPresent(Int.self, forKey: .freeDiskMiB) ?? freeDiskMiB
        queriesAtOnce = try values.decodeIfPresent(Int.self, forKey: .queriesAtOnce) ?? queriesAtOnce
        queriesWaiting = try values.decodeIfPresent(Int.self, forKey: .queriesWaiting) ?? queriesWaiting
        rules = try values.decodeIfPresent([String].self, forKey: .rules) ?? rules
        notifications = try values.decodeIfPresent(String.self, forKey: .notifications)
        externalURL = try values.decodeIfPresent(String.self, forKey: .externalURL)
        ruleQueriesAtOnce = try values.decodeIfPresent(Int.self, forKey: .ruleQueriesAtOnce) ?? ruleQueriesAtOnce
        queryMemoryMiB = try values.decodeIfPresent(Int.self, forKey: .queryMemoryMiB) ?? queryMemoryMiB
        allQueriesMemoryMiB = try values.decodeIfPresent(Int.self, forKey: .allQueriesMemoryMiB) ?? allQueriesMemoryMiB
        queryCacheMiB = try values.decodeIfPresent(Int.self, forKey: .queryCacheMiB) ?? queryCacheMiB
        querySeconds = try values.decodeIfPresent(Double.self, forKey: .querySeconds) ?? querySeconds
        queryRows = try values.decodeIfPresent(Int.self, forKey: .queryRows) ?? queryRows
        subqueryRows = try values.decodeIfPresent(Int.self, forKey: .subqueryRows) ?? subqueryRows
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
                resolvePaths(file)
            } else if try Yams.load(yaml: text) == nil {
                self.init()
            } else {
                throw CommandFailure.wrong("\(file): settings are wanted, one `name: value` a line")
            }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.wrong("\(file): \(error)")
        }
    }

    /// Rule and routing files stand beside the file that names them, wherever the server is started.
    private mutating func resolvePaths(_ file: String) {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        func resolved(_ path: String) -> String { URL(fileURLWithPath: path, relativeTo: folder).path }
        rules = rules.map(resolved)
        notifications = notifications.map(resolved)
    }

    /// What can be decoded may still make no sense.
    private func check(_ file: String) throws {
        func demand(_ holds: Bool, _ key: CodingKeys, _ wanted: String) throws {
            if !holds { throw CommandFailure.wrong("\(file): \(key.rawValue) must be \(wanted)") }
        }
        let days = retentionDays ?? 1
        try demand(days.isFinite && days > 0 && days <= 36_500, .retentionDays, "a number of days up to 36500")
        try demand((retentionBytes ?? 1) > 0, .retentionBytes, "a number of bytes from 1")
        for rule in retention {
            try demand(
                rule.days.isFinite && rule.days > 0 && rule.days <= 36_500, .retention,
                "filters with days of up to 36500 each")
            do {
                _ = try LogsQLSelectors().compile(rule.filter, tenant: .main, now: 0)
            } catch let error as QueryError {
                throw CommandFailure.wrong("\(file): retention: \(error.marked(in: rule.filter))")
            } catch {
                throw CommandFailure.wrong("\(file): retention: \(error)")
            }
        }
        try demand((32...65_536).contains(ingestMemoryMiB), .ingestMemoryMiB, "from 32 to 65536")
        try demand((1...65_536).contains(mergeMiBPerSecond), .mergeMiBPerSecond, "from 1 to 65536")
        try demand((16...1_048_576).contains(freeDiskMiB), .freeDiskMiB, "from 16 to 1048576")
        try demand((1...256).contains(queriesAtOnce), .queriesAtOnce, "from 1 to 256")
        try demand((0...100_000).contains(queriesWaiting), .queriesWaiting, "from 0 to 100000")
        try demand((1...256).contains(ruleQueriesAtOnce), .ruleQueriesAtOnce, "from 1 to 256")
        try demand((1...1_048_576).contains(queryMemoryMiB), .queryMemoryMiB, "from 1 to 1048576")
        try demand((1...1_048_576).contains(allQueriesMemoryMiB), .allQueriesMemoryMiB, "from 1 to 1048576")
        try demand((0...1_048_576).contains(queryCacheMiB), .queryCacheMiB, "from 0 to 1048576")
        try demand(querySeconds > 0 && querySeconds <= 1e9, .querySeconds, "a number of seconds up to 1000000000")
        try demand(queryRows > 0, .queryRows, "a number of rows from 1")
        try demand(subqueryRows > 0, .subqueryRows, "a number of rows from 1")
    }
}

extension ServeSettings {
    /// Bytes that the parsers of TCP connections may hold together; those of HTTP requests may hold half of it.
    var parseBytes: Int { ingestMemoryMiB << 19 }

    /// What the store is told: a quarter of the memory fills before a segment is made of it, while the rest takes what
    /// arrives meanwhile; half may wait for the disk.
    var storeOptions: StoreOptions {
        var options = StoreOptions()
        options.memoryBytes = ingestMemoryMiB << 20
        options.sealBytes = ingestMemoryMiB << 18
        options.journal.queueBytes = ingestMemoryMiB << 19
        options.observerQueueBytes = ingestMemoryMiB << 18
        options.journal.reserveBytes = freeDiskMiB << 20
        options.mergeBytesPerSecond = mergeMiBPerSecond << 20
        options.retentionNanoseconds = retentionDays.map { Int64($0 * 86_400e9) }
        options.maximumBytes = retentionBytes
        options.streamRetention = retention.map {
            StreamRetention(filter: $0.filter, nanoseconds: Int64($0.days * 86_400e9))
        }
        options.selectors = LogsQLSelectors()
        return options
    }
}
