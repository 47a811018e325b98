/// What a series measures and of which records.
public struct SeriesLabel: Sendable, Hashable, CustomStringConvertible {
    /// `records`, `error share`, or the name of a numeric field.
    public var measure: String
    /// Empty for records without a service.
    public var service: String
    /// The field that the records share besides the service; nil for all records of the service.
    public var field: String?
    public var value: String?

    public init(measure: String, service: String, field: String? = nil, value: String? = nil) {
        self.measure = measure
        self.service = service
        self.field = field
        self.value = value
    }

    public var labels: [(name: String, value: String)] {
        var labels = [(name: "service", value: service)]
        if let field, let value { labels.append((field, value)) }
        return labels
    }

    public var description: String {
        "\(measure){" + labels.map { "\($0.name)=\"\($0.value)\"" }.joined(separator: ",") + "}"
    }
}
