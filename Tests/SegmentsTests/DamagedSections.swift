import Bytes
import Segments
import Testing

/// The bytes of a column: sections stand in the order of the header, from its end on.
func section(of name: ByteString, in bytes: [UInt8]) throws -> Range<Int> {
    let block = try EncodedBlock(bytes)
    let total = block.columnNames.reduce(0) { $0 + block.byteCount(of: $1) }
    var start = bytes.count - total
    for other in block.columnNames {
        let length = block.byteCount(of: other)
        if other == name { return start..<(start + length) }
        start += length
    }
    return 0..<0
}

/// Puts the checksums of a changed section and of the header right.
func repairChecksums(of section: Range<Int>, in bytes: inout [UInt8], from original: [UInt8]) throws {
    let old = crc32c(original.rawSpan.extracting(section))
    let new = crc32c(bytes.rawSpan.extracting(section))
    let headerLength = Int(bytes.rawSpan.loadUInt32(at: 4))
    let place = try #require(
        (12..<(8 + headerLength)).first { bytes.rawSpan.loadUInt32(at: $0) == old })
    for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: new >> UInt32(8 * byte)) }
    let header = crc32c(bytes.rawSpan.extracting(12..<(12 + headerLength)))
    for byte in 0..<4 { bytes[8 + byte] = UInt8(truncatingIfNeeded: header >> UInt32(8 * byte)) }
}
