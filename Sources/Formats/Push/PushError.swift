/// A request of another protocol that cannot be read; nothing of it is taken.
public struct PushError: Error, Sendable, Equatable, CustomStringConvertible {
    public var reason: String
    /// The byte of the unpacked body at which it shows, from 1; nil where the place says nothing.
    public var place: Int?

    /// Whether the other records of the request can be read all the same.
    var isOfOneRecord = false

    public init(_ reason: String, at offset: Int? = nil) { self.init(reason, at: offset, isOfOneRecord: false) }

    init(_ reason: String, at offset: Int?, isOfOneRecord: Bool) {
        self.reason = reason
        self.isOfOneRecord = isOfOneRecord
        place = offset.map { $0 + 1 }
    }

    public var description: String { place.map { "\(reason), at byte \($0)" } ?? reason }
}
