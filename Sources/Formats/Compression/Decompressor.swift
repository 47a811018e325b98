import Bytes
import CLZ4
import CZlib
import CZstd

/// Unpacks a stream that arrives in pieces, and hands it out in pieces of bounded size, so that a small packed input
/// cannot fill the memory.
///
///     decompressor.feed(chunk)
///     while try decompressor.next(into: &piece) { parser.feed(piece.rawSpan, arrival: now) }
///     …
///     try decompressor.finish()
public struct Decompressor: ~Copyable, Sendable {
    /// Bytes handed out at a time, at most.
    public static let pieceBytes = 128 << 10

    private let codec: Codec
    private let outputLimit: Int
    private var input: [UInt8] = []
    private var inputOffset = 0
    private var consumed = 0
    private var produced = 0

    /// `outputLimit` bounds the unpacked bytes of the whole stream.
    public init(_ compression: Compression, outputLimit: Int) throws(DecompressionError) {
        codec = try Codec(compression)
        self.outputLimit = outputLimit
    }

    /// Takes more packed input. It is held until `next` has used it up. O(bytes).
    public mutating func feed(_ bytes: RawSpan) {
        if inputOffset == input.count {
            input.removeAll(keepingCapacity: true)
        } else {
            input.removeFirst(inputOffset)
        }
        inputOffset = 0
        input.append(copying: bytes)
    }

    /// Replaces `output` by the next unpacked bytes. False, and no bytes, if there are none without more input.
    public mutating func next(into output: inout [UInt8]) throws(DecompressionError) -> Bool {
        while true {
            let step = codec.step(input, from: inputOffset, into: &output)
            inputOffset += step.consumed
            consumed += step.consumed
            produced += output.count
            if let reason = step.failure { throw DecompressionError(code: .corrupt(reason), offset: consumed) }
            guard produced <= outputLimit else {
                output = []
                throw DecompressionError(code: .overLimit(bytes: outputLimit), offset: consumed)
            }
            if !output.isEmpty { return true }
            if step.consumed == 0 { return false }
        }
    }

    /// Checks that the stream has come to its end. All input must have been taken out by `next`.
    public func finish() throws(DecompressionError) {
        guard codec.isAtEnd && inputOffset == input.count else {
            throw DecompressionError(code: .truncated, offset: consumed)
        }
    }

    /// Unpacks all at once: for small inputs. O(output).
    public static func unpack(
        _ bytes: RawSpan, _ compression: Compression, outputLimit: Int
    ) throws(DecompressionError) -> [UInt8] {
        var decompressor = try Decompressor(compression, outputLimit: outputLimit)
        var output: [UInt8] = []
        var piece: [UInt8] = []
        decompressor.feed(bytes)
        while try decompressor.next(into: &piece) { output.append(contentsOf: piece) }
        try decompressor.finish()
        return output
    }
}
