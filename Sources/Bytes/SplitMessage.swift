import CKernels

/// The most variables that `splitMessage` finds in one message; the last one then reaches to the message's end.
public let maximumVariables = Int(PLUMB_MAX_VARIABLES)

/// What `splitMessage` found beside the bounds of the variables.
public struct MessageSplit: Hashable, Sendable {
    /// Variables found.
    public var count: Int
    /// Hash of the text between the variables.
    public var textHash: UInt64
    /// Hash of the variables that hold no digit, with their places; 0 where there are none.
    public var wordsHash: UInt64
}

/// What of a text in double quotes is a variable.
public enum QuotedText: Sendable {
    /// Up to four words; of anything else what stands in it, as elsewhere.
    case words
    /// All that stands between two quotes, be it empty: lines of access logs.
    case whole

    /// As the kernel takes it.
    var areWhole: Int32 { self == .whole ? 1 : 0 }
}

/// Finds the variables of a log message and hashes the text between them: the rules are in `message_split.c`, and what
/// they mean in `MessageSplitter`.
///
/// - Parameters:
///   - quotes: what a variable in double quotes is.
///   - bounds: scratch space of `2 * maximumVariables` elements; receives start and end of each variable, in bytes.
///   - portably: without vector instructions, for tests that compare the two.
/// - Complexity: O(length), 32 bytes a step where AVX2 is.
public func splitMessage(
    _ message: RawSpan, quotes: QuotedText = .words, bounds: inout [UInt32], portably: Bool = false
) -> MessageSplit {
    precondition(bounds.count >= 2 * maximumVariables && message.byteCount < UInt32.max)
    var hashes = PlumbMessageHashes()
    // The kernel reads `byteCount` bytes and writes at most the pairs that the precondition makes room for.
    let count = unsafe message.withUnsafeBytes { bytes in
        unsafe bounds.withUnsafeMutableBufferPointer { bounds in
            portably
                ? unsafe plumb_split_message_portable(
                    bytes.baseAddress, bytes.count, quotes.areWhole, bounds.baseAddress, &hashes)
                : unsafe plumb_split_message(
                    bytes.baseAddress, bytes.count, quotes.areWhole, bounds.baseAddress, &hashes)
        }
    }
    return MessageSplit(count: count, textHash: hashes.text, wordsHash: hashes.words)
}
