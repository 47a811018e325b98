/// A corpus that does not exist, or a scenario file that says something it may not.
public struct CorpusError: Error, Hashable, Sendable, CustomStringConvertible {
    public var reason: String
    /// Where in the scenario file, for example `retail.json: flows[2].calls[0].service`; empty if there is none.
    public var place: String

    public init(_ reason: String, place: String = "") {
        self.reason = reason
        self.place = place
    }

    public var description: String { place.isEmpty ? reason : "\(place): \(reason)" }
}
