import CLZ4
import CZlib
import CZstd

/// One unpacking state of a C library, freed with this object.
///
/// Sendable although unchecked: only its owner, a non-copyable `Decompressor`, calls it, one call at a time; the
/// states are bound to no thread.
@safe
final class Codec: @unchecked Sendable {
    struct Step {
        var consumed = 0
        var failure: String?
    }

    // The states are owned by the one codec that made them.
    @safe
    private enum State {
        case none
        case zlib(UnsafeMutablePointer<z_stream>)
        case zstd(OpaquePointer)
        case lz4(OpaquePointer)
    }

    private let state: State
    /// Whether the input so far ends with a whole member or frame, or is empty.
    private(set) var isAtEnd = true

    init(_ compression: Compression) throws(DecompressionError) {
        let failure = DecompressionError(code: .outOfMemory, offset: 0)
        switch compression {
        case .none: state = .none
        case .gzip:
            // zlib keeps the address of its stream, so the stream stands on the heap until deinit.
            let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            unsafe stream.initialize(to: z_stream())
            // 15 is the largest window; 32 more accepts gzip and zlib headers.
            let size = unsafe Int32(MemoryLayout<z_stream>.size)
            guard unsafe inflateInit2_(stream, 15 + 32, ZLIB_VERSION, size) == Z_OK else {
                unsafe stream.deallocate()
                throw failure
            }
            state = unsafe .zlib(stream)
        case .zstd:
            guard let context = unsafe ZSTD_createDCtx() else { throw failure }
            state = unsafe .zstd(context)
        case .lz4:
            var context: OpaquePointer?
            // The context is written on success only.
            let result = unsafe LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
            guard LZ4F_isError(result) == 0, let made = unsafe context else { throw failure }
            state = unsafe .lz4(made)
        }
    }

    deinit {
        // Each state was made by its library in init and is freed once.
        switch state {
        case .none: break
        case .zlib(let stream):
            unsafe inflateEnd(stream)
            unsafe stream.deallocate()
        case .zstd(let context): unsafe ZSTD_freeDCtx(context)
        case .lz4(let context): unsafe LZ4F_freeDecompressionContext(context)
        }
    }

    /// Unpacks from `input[start...]` into `output`, which it replaces, up to one piece.
    func step(_ input: [UInt8], from start: Int, into output: inout [UInt8]) -> Step {
        var step = Step()
        // The codecs below write at most `room` bytes from the buffer's start and say how many; those are initialised.
        output = unsafe [UInt8](unsafeUninitializedCapacity: Decompressor.pieceBytes) { buffer, count in
            unsafe input.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
                let room = unsafe UnsafeMutableRawBufferPointer(
                    start: buffer.baseAddress, count: Decompressor.pieceBytes)
                switch state {
                case .none: (step, count) = unsafe copy(rest, room)
                case .zlib(let stream): (step, count) = unsafe inflate(stream, rest, room)
                case .zstd(let context): (step, count) = unsafe unpackZstd(context, rest, room)
                case .lz4(let context): (step, count) = unsafe unpackLZ4(context, rest, room)
                }
            }
        }
        return step
    }

    private func copy(_ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer) -> (Step, Int) {
        let count = min(input.count, output.count)
        // Both hold `count` bytes.
        unsafe output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
        return (Step(consumed: count), count)
    }

    private func inflate(
        _ stream: UnsafeMutablePointer<z_stream>, _ input: UnsafeRawBufferPointer,
        _ output: UnsafeMutableRawBufferPointer
    ) -> (Step, Int) {
        guard input.count > 0 || !isAtEnd else { return (Step(), 0) }
        if isAtEnd {
            // Zeros between and behind members are padding.
            let zeros = unsafe input.prefix { $0 == 0 }.count
            if zeros > 0 { return (Step(consumed: zeros), 0) }
        }
        let room = min(input.count, Int(UInt32.max))
        // zlib only reads through `next_in`, though its type does not say so; both buffers outlive the call.
        unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
            mutating: input.bindMemory(to: UInt8.self).baseAddress)
        unsafe stream.pointee.avail_in = UInt32(room)
        unsafe stream.pointee.next_out = unsafe output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let result = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        var step = unsafe Step(consumed: room - Int(stream.pointee.avail_in))
        let count = unsafe output.count - Int(stream.pointee.avail_out)
        switch result {
        case Z_STREAM_END:
            isAtEnd = true
            unsafe inflateReset(stream)
        case Z_OK: isAtEnd = false
        case Z_BUF_ERROR: break
        default:
            let text = unsafe stream.pointee.msg
            step.failure = unsafe text.map { unsafe String(cString: $0) } ?? "zlib error \(result)"
        }
        return (step, count)
    }

    private func unpackZstd(
        _ context: OpaquePointer, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> (Step, Int) {
        guard input.count > 0 || !isAtEnd else { return (Step(), 0) }
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        // Both buffers outlive the call and the library stays within their sizes.
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        var step = unsafe Step(consumed: source.pos)
        if ZSTD_isError(result) != 0 {
            step.failure = unsafe String(cString: ZSTD_getErrorName(result))
        } else {
            isAtEnd = result == 0
        }
        return unsafe (step, target.pos)
    }

    private func unpackLZ4(
        _ context: OpaquePointer, _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> (Step, Int) {
        guard input.count > 0 || !isAtEnd else { return (Step(), 0) }
        var consumed = input.count
        var count = output.count
        // Both buffers outlive the call; the library is told their sizes and answers what it used of them.
        let result = unsafe LZ4F_decompress(context, output.baseAddress, &count, input.baseAddress, &consumed, nil)
        if LZ4F_isError(result) != 0 {
            return (Step(consumed: 0, failure: unsafe String(cString: LZ4F_getErrorName(result))), 0)
        }
        isAtEnd = result == 0
        return (Step(consumed: consumed), count)
    }
}
