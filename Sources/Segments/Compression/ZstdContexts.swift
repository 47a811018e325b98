import Bytes
import CZstd
import Machine
import Synchronization

/// Compression contexts kept for reuse: making one costs more than compressing a short column.
final class ZstdContexts: Sendable {
    static let shared = ZstdContexts()

    /// One thread uses a context at a time; it is in the pool otherwise.
    @safe
    private final class Context: @unchecked Sendable {
        // Made in init, freed in deinit, and never handed out beyond a call.
        nonisolated(unsafe) let compressor: OpaquePointer
        nonisolated(unsafe) let decompressor: OpaquePointer

        init() {
            unsafe compressor = ZSTD_createCCtx()
            unsafe decompressor = ZSTD_createDCtx()
        }

        deinit {
            unsafe ZSTD_freeCCtx(compressor)
            unsafe ZSTD_freeDCtx(decompressor)
        }
    }

    /// Idle contexts kept; more threads than this make and drop their own.
    private static let keptContexts = 16
    private let idle = Mutex<[Context]>([])

    private func take() -> Context { idle.withLock { $0.popLast() } ?? Context() }

    private func giveBack(_ context: Context) {
        idle.withLock { if $0.count < Self.keptContexts { $0.append(context) } }
    }

    /// A zstd frame of the bytes, its checksum left out because every column has one. O(length).
    func compress(_ input: RawSpan, level: Int32) -> [UInt8] {
        let context = take()
        defer { giveBack(context) }
        return StageTimes.shared.measure(.compress) { Self.compress(input, level: level, context) }
    }

    private static func compress(_ input: RawSpan, level: Int32, _ context: Context) -> [UInt8] {
        let bound = ZSTD_compressBound(input.byteCount)
        // zstd writes at most `bound` bytes and answers how many; both regions live through the call.
        return unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            let written = unsafe input.withUnsafeBytes { source in
                unsafe ZSTD_compressCCtx(
                    context.compressor, output.baseAddress, output.count, source.baseAddress, source.count, level)
            }
            precondition(ZSTD_isError(written) == 0, "zstd refused to compress")
            count = written
        }
    }

    /// The content of a frame that must have exactly `length` bytes. O(length).
    func decompress(_ input: RawSpan, length: Int) throws(CorruptionError) -> [UInt8] {
        let context = take()
        defer { giveBack(context) }
        var written = 0
        // zstd writes at most `length` bytes; what it did not write is not counted.
        let output = unsafe [UInt8](unsafeUninitializedCapacity: length) { output, count in
            written = unsafe input.withUnsafeBytes { source in
                unsafe ZSTD_decompressDCtx(
                    context.decompressor, output.baseAddress, length, source.baseAddress, source.count)
            }
            count = ZSTD_isError(written) == 0 ? written : 0
        }
        guard output.count == length else {
            throw CorruptionError("zstd frame does not give \(length) bytes", offset: 0)
        }
        return output
    }
}
