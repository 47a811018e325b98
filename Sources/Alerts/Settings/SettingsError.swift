/// A rule or routing file that says something it may not: where, and what was expected there.
public struct SettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    public var file: String
    /// From 1; 0 where the file as a whole is meant.
    public var line: Int
    public var reason: String

    public init(_ reason: String, file: String, line: Int) {
        self.reason = reason
        self.file = file
        self.line = line
    }

    public var description: String { line > 0 ? "\(file):\(line): \(reason)" : "\(file): \(reason)" }
}
