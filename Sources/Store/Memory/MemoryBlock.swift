import Records
import Segments

/// A block of the memory table: rows of one tenant that the journal holds and no segment does yet.
struct MemoryBlock: Sendable {
    var block: EncodedBlock
    /// The groups whose rows it holds; blocks that were joined span several.
    var groups: ClosedRange<UInt64>
    var rawBytes: Int
    var byteCount: Int

    /// What it counts against the memory table's limit, bytes. Long values that pack well must not pile up, since
    /// sealing has to unpack them, nor what is known of columns of which each has few values.
    var weight: Int { max(byteCount + block.headerBytes, rawBytes / Limits.rawBytesPerMemoryByte) }
}
