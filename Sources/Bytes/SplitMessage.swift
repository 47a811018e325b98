import CKernels

/// The most variables that `splitMessage` finds in one message; the last one then reaches to the message's end.
public let maximumVariables = Int(PLUMB_MAX_VARIABLES)

/// Finds the variables of a log message and hashes the text between them: the rules are in `message_split.c`, and what
/// they mean in `MessageSplitter`.
///
/// - Parameters:
///   - bounds: scratch space of `2 * maximumVariables` elements; receives start and end of each variable, in bytes.
/// - Returns: the number of variables and the hash. O(length), 32 bytes a step where AVX2 is.
public func splitMessage(_ message: RawSpan, bounds: inout [UInt32]) -> (variables: Int, hash: UInt64) {
    precondition(bounds.count >= 2 * maximumVariables && message.byteCount < UInt32.max)
    var hash: UInt64 = 0
    // The kernel reads `byteCount` bytes and writes at most the pairs that the precondition makes room for.
    let count = unsafe message.withUnsafeBytes { bytes in
        unsafe bounds.withUnsafeMutableBufferPointer { bounds in
            unsafe plumb_split_message(bytes.baseAddress, bytes.count, bounds.baseAddress, &hash)
        }
    }
    return (count, hash)
}

/// `splitMessage` without vector instructions, for tests that compare the two.
public func splitMessagePortably(_ message: RawSpan, bounds: inout [UInt32]) -> (variables: Int, hash: UInt64) {
    precondition(bounds.count >= 2 * maximumVariables && message.byteCount < UInt32.max)
    var hash: UInt64 = 0
    // As above.
    let count = unsafe message.withUnsafeBytes { bytes in
        unsafe bounds.withUnsafeMutableBufferPointer { bounds in
            unsafe plumb_split_message_portable(bytes.baseAddress, bytes.count, bounds.baseAddress, &hash)
        }
    }
    return (count, hash)
}
