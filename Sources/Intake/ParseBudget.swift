import Records
import Synchronization

/// Bytes that the parsers of all senders of one kind may hold together. Each sender may have some megabytes at hand;
/// with hundreds of them that would be gigabytes.
public final class ParseBudget: Sendable {
    /// Past it a sender is read no further before others have given something back.
    public let limitBytes: Int
    private let held = Atomic<Int>(0)

    public init(limitBytes: Int = Limits.parseBytes) {
        precondition(limitBytes > 0)
        self.limitBytes = limitBytes
    }

    /// What the senders have told so far.
    public var heldBytes: Int { held.load(ordering: .relaxed) }
    /// Whether nothing more should be parsed for now.
    public var isSpent: Bool { heldBytes >= limitBytes }
    /// Whether a parser without rows should not keep its room for the next ones: what idle senders keep is then at most
    /// half of the budget, so that there is always one with rows, whose storing gives back.
    public var isScarce: Bool { heldBytes >= limitBytes / 2 }

    /// A sender holds more, or less.
    public func add(_ bytes: Int) { held.add(bytes, ordering: .relaxed) }
}
