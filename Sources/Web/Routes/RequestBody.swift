import Bytes
import Formats
import Hummingbird

/// Takes the bytes of a request's body, unpacked, as they come.
protocol BodySink: ~Copyable {
    mutating func take(_ bytes: RawSpan) async throws
    /// The body was read to its end.
    mutating func finish() async throws
}

/// Keeps a body that can only be read as a whole.
struct WholeBody: ~Copyable, BodySink {
    private(set) var bytes: [UInt8] = []

    mutating func take(_ bytes: RawSpan) { self.bytes.append(copying: bytes) }
    func finish() {}
}

extension Request {
    /// Hands the body over and answers why it was refused, if it was. `foreignCoding`: a content encoding that the
    /// protocol itself undoes. O(bytes).
    func readBody<Sink: BodySink & ~Copyable>(
        limit: Int, foreignCoding: String? = nil, into sink: inout Sink
    ) async throws -> (any Error)? {
        var refusal: (any Error)?
        var coding = headers[.contentEncoding] ?? ""
        if coding.lowercased() == foreignCoding { coding = "" }
        let compression = Compression(contentEncoding: coding)
        if compression == nil {
            let message = "Content-Encoding \(coding) is not understood: gzip, zstd or lz4"
            refusal = AnswerError(.unsupportedMediaType, message)
        }
        var unpacking = try Unpacking(compression ?? .none, limit: limit)
        var bytes = 0
        // After a refusal the rest is read and dropped: a client that is still sending would not see the answer.
        for try await buffer in body {
            bytes += buffer.readableBytes
            guard bytes <= limit else {
                refusal = AnswerError(.contentTooLarge, "a request may have \(limit >> 20) MiB")
                break
            }
            guard refusal == nil else { continue }
            do { try await unpacking.take(buffer.readableBytesSpan, into: &sink) } catch { refusal = error }
        }
        guard refusal == nil else { return refusal }
        do {
            try unpacking.finish()
            try await sink.finish()
        } catch {
            return error
        }
        return nil
    }
}

private struct Unpacking: ~Copyable {
    private var decompressor: Decompressor?

    init(_ compression: Compression, limit: Int) throws {
        decompressor = compression == .none ? nil : try Decompressor(compression, outputLimit: limit)
    }

    mutating func take<Sink: BodySink & ~Copyable>(_ bytes: RawSpan, into sink: inout Sink) async throws {
        guard decompressor != nil else { return try await sink.take(bytes) }
        decompressor!.feed(bytes)
        var piece: [UInt8] = []
        while try decompressor!.next(into: &piece) { try await sink.take(piece.rawSpan) }
    }

    mutating func finish() throws {
        if decompressor != nil { try decompressor!.finish() }
    }
}
