import Bytes

/// A message taken apart: static text interleaved with variables. `MessageSplitter` fills it; one value is reused for
/// many messages, so that nothing is allocated a message.
public struct MessageParts: Sendable {
    /// Hash of the static pieces and their borders. Messages with equal static pieces and as many variables have equal
    /// hashes; the reverse holds but for collisions, so whoever must be certain compares the pieces.
    public var skeletonHash: UInt64 = 0
    /// Hash of the variables that hold no digit (`user=alice`), with their places; 0 where there are none.
    public var wordsHash: UInt64 = 0
    /// Byte ranges of the variables, ascending, disjoint and never empty; two may touch. At most `maximumVariables`.
    public var variables: [Range<UInt32>] = []

    var bounds = [UInt32](repeating: 0, count: 2 * maximumVariables)

    public init() { variables.reserveCapacity(maximumVariables) }
}
