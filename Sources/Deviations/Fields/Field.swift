import Bytes

/// A field that the engine has seen: its role and, if it has few values, those.
struct Field: Sendable {
    var name: ByteString
    var role: FieldRole
    var values: ValueTable
    /// Which codes of a level or status mean an error.
    var errorCodes: [Bool] = [false]
    /// Too many values to break down by, or none that help.
    var isClosed = false
    /// Position among the dimensions, or among the measures for a duration; −1 for none.
    var position = -1

    /// `role`: nil for what the name says; a saved state keeps the role that a field was given first.
    init(name: ByteString, role: FieldRole? = nil) {
        self.name = name
        self.role = role ?? FieldRole(name: name)
        let limit =
            switch self.role {
            case .service: EngineLimits.services
            case .level, .status, .dimension, .template: EngineLimits.valuesPerDimension
            default: 1
            }
        values = ValueTable(limit: limit)
    }

    /// Notes for each new value whether it means an error. O(new values).
    mutating func refreshErrorCodes() {
        while errorCodes.count < values.values.count {
            let value = values.values[errorCodes.count]
            errorCodes.append(role == .level ? Self.isErrorLevel(value) : role == .status && Self.isErrorStatus(value))
        }
    }

    private static let errorLevels: Set<String> = [
        "error", "err", "fatal", "critical", "crit", "alert", "emerg", "emergency", "panic", "severe", "e", "f",
    ]

    static func isErrorLevel(_ value: ByteString) -> Bool { errorLevels.contains(value.string.lowercased()) }

    static func isErrorStatus(_ value: ByteString) -> Bool {
        guard value.count == 3, let number = Int(value.string) else { return false }
        return (500...599).contains(number)
    }
}
