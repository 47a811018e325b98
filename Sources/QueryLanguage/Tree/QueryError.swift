/// Why a text is no query, and where.
public struct QueryError: Error, Hashable, Sendable {
    /// One sentence without a full stop.
    public var message: String
    /// Bytes before the place, counted in UTF-8.
    public var offset: Int
    /// What could stand there instead; may be empty.
    public var expected: [String]
    /// The known name nearest to an unknown one.
    public var suggestion: String?

    public init(_ message: String, offset: Int, expected: [String] = [], suggestion: String? = nil) {
        self.message = message
        self.offset = offset
        self.expected = expected
        self.suggestion = suggestion
    }
}
