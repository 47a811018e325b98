import Bytes

/// Which of a block's columns play which part in an explanation, told by their names.
struct WindowFields {
    private(set) var service: ByteString?
    private(set) var operation: ByteString?
    private(set) var trace: ByteString?
    private(set) var span: ByteString?
    private(set) var parent: ByteString?
    private(set) var message: ByteString?
    /// The field that says how long a span took, and milliseconds a unit; nil where the name does not tell.
    private(set) var duration: (name: ByteString, milliseconds: Double?)?
    private(set) var hasLevel = false
    private(set) var others: [(name: ByteString, role: FieldRole)] = []

    private static let operations = [
        "operation", "operationname", "spanname", "name", "httproute", "route", "endpoint", "methodname", "rpcmethod",
        "uripath", "urlpath", "path", "method", "httpmethod",
    ]
    private static let services = [
        "service", "servicename", "resourceservicename", "svc", "app", "appname", "application", "containername",
        "kubernetescontainername", "container", "podname", "pod",
    ]
    private static let durations = [
        "durationms": 1, "durationus": 1e-3, "durationns": 1e-6, "durationmicros": 1e-3,
        "durationnanos": 1e-6, "durations": 1e3, "durationseconds": 1e3, "latencyms": 1, "elapsedms": 1, "tookms": 1,
        "responsetimems": 1,
    ]

    private static let unitless: Set<String> = ["duration", "latency", "elapsed", "took"]

    init(_ names: [ByteString]) {
        var ranks = (service: Int.max, operation: Int.max)
        for name in names {
            let folded = name.string.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." }
            if let rank = Self.services.firstIndex(of: folded), rank < ranks.service {
                (service, ranks.service) = (name, rank)
            }
            if let rank = Self.operations.firstIndex(of: folded), rank < ranks.operation {
                (operation, ranks.operation) = (name, rank)
            }
            if folded.hasSuffix("parentspanid") || folded == "parentid" || folded == "parentspan" {
                parent = parent ?? name
            } else if folded.hasSuffix("spanid") || folded == "span" {
                span = span ?? name
            } else if folded.hasSuffix("traceid") || folded == "trace" {
                trace = trace ?? name
            }
            if let unit = Self.durations[folded], duration?.milliseconds == nil { duration = (name, unit) }
            if Self.unitless.contains(folded), duration == nil { duration = (name, nil) }
            others.append((name, Self.role(name, folded)))
            if others.last?.role == .level { hasLevel = true }
            if name.string == "_msg" { message = name }
        }
        if trace == nil { trace = others.first { $0.role == .trace }?.name }
        // Numbers of all spans go by one field's name or another's: whichever has a known unit, else the first.
        if duration == nil, let first = others.first(where: { $0.role == .duration }) { duration = (first.name, nil) }
    }

    private static func role(_ name: ByteString, _ folded: String) -> FieldRole {
        if folded == "statuscode" || folded.hasSuffix("statuscode") { return .status }
        if folded == "span" || folded == "trace" || folded == "parentspan" || folded == "parentid" {
            return .identifier
        }
        return FieldRole(name: name)
    }
}
