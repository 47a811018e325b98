import Bytes

/// What a field's name says about it. Nothing is configured: these are the names that log formats and frameworks use.
enum FieldRole: UInt8, Sendable {
    case service
    case level
    case status
    case message
    case trace
    /// An identifier: neither measured nor broken down by.
    case identifier
    /// A number that measures how long something took.
    case duration
    /// Anything else: broken down by while it has few values.
    case dimension
    /// A number that measures how much something was: bytes, tokens, costs.
    case amount
    /// The form of the message, which no record names: what `TemplateWatch` tells apart.
    case template

    init(name: ByteString) {
        let text = name.string.lowercased()
        let folded = text.filter { $0 != "_" && $0 != "-" && $0 != "." }
        if Self.services.contains(text) {
            self = .service
        } else if Self.levels.contains(text) {
            self = .level
        } else if Self.statuses.contains(text) {
            self = .status
        } else if text == "_msg" {
            self = .message
        } else if folded.hasSuffix("traceid") || folded == "requestid" || folded == "xrequestid"
            || folded == "correlationid"
        {
            self = .trace
        } else if Self.isIdentifier(text, folded) {
            self = .identifier
        } else if Self.isDuration(text) {
            self = .duration
        } else if Self.isAmount(text) {
            self = .amount
        } else {
            self = .dimension
        }
    }

    private static let services: Set<String> = [
        "service", "service.name", "service_name", "svc", "app", "app_name", "application",
        "kubernetes.labels.app", "kubernetes.container_name", "resource.service.name",
    ]
    private static let levels: Set<String> = ["level", "severity", "log.level", "lvl", "severity_text", "loglevel"]
    private static let statuses: Set<String> = [
        "status", "http.status", "http.status_code", "http.response.status_code", "status_code", "statuscode",
        "response_code", "http_status",
    ]

    private static func isIdentifier(_ text: String, _ folded: String) -> Bool {
        folded.hasSuffix("id")
            && (text.hasSuffix("_id") || text.hasSuffix(".id") || text.hasSuffix("Id") || text == "id")
            || folded.hasSuffix("spanid") || folded.hasSuffix("uuid") || folded == "timestamp" || folded == "time"
            || folded.hasSuffix("timestamp")
    }

    private static let words: Set<String> = [
        "duration", "latency", "elapsed", "took", "runtime", "ms", "millis", "milliseconds", "seconds", "secs", "us",
        "micros",
        "microseconds", "nanos", "nanoseconds", "ns", "responsetime", "ttfb",
    ]

    private static func isDuration(_ text: String) -> Bool {
        let parts = text.split { $0 == "_" || $0 == "." || $0 == "-" }.map(String.init)
        if parts.contains(where: words.contains) { return true }
        return text.contains("duration") || text.contains("latency") || text.contains("elapsed")
            || text.hasSuffix("_time") && text != "_time" || text.hasSuffix("millis")
    }

    private static let amounts: Set<String> = [
        "tokens", "bytes", "kb", "mb", "size", "length", "cost", "costs", "usd", "eur", "price", "payload",
    ]

    private static func isAmount(_ text: String) -> Bool {
        let parts = text.split { $0 == "_" || $0 == "." || $0 == "-" }.map(String.init)
        return parts.contains(where: amounts.contains) || text.hasSuffix("tokens") || text.hasSuffix("bytes")
    }

    /// The unit that the name of an amount tells; empty where it does not.
    static func unit(ofAmount name: String) -> String {
        let text = name.lowercased()
        if text.contains("token") { return "tokens" }
        if text.contains("byte") { return "bytes" }
        let parts = Set(text.split { $0 == "_" || $0 == "." || $0 == "-" }.map(String.init))
        return ["kb": "KB", "mb": "MB", "usd": "USD", "eur": "EUR"].first { parts.contains($0.key) }?.value ?? ""
    }

    /// The unit that the name tells; `ms` is what most mean who say nothing.
    static func unit(ofDuration name: String) -> String {
        let text = name.lowercased()
        let parts = Set(text.split { $0 == "_" || $0 == "." || $0 == "-" }.map(String.init))
        if !parts.isDisjoint(with: ["ms", "millis", "milliseconds"]) || text.hasSuffix("ms") { return "ms" }
        if !parts.isDisjoint(with: ["us", "micros", "microseconds"]) { return "µs" }
        if !parts.isDisjoint(with: ["ns", "nanos", "nanoseconds"]) { return "ns" }
        if !parts.isDisjoint(with: ["s", "seconds", "secs", "sec"]) { return "s" }
        return ""
    }
}
