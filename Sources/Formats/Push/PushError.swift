/// A request of another protocol that cannot be read; nothing of it is taken.
public struct PushError: Error, Sendable, Equatable, CustomStringConvertible {
    public var reason: String
    /// The byte of the unpacked body at which it shows, from 1; nil where the place says nothing.
    public var place: Int?

    public init(_ reason: String, at offset: Int? = nil) {
        self.reason = reason
        place = offset.map { $0 + 1 }
    }

    public var description: String { place.map { "\(reason), at byte \($0)" } ?? reason }
}
