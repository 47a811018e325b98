import Bytes

/// A line of a container runtime: `2016-10-06T00:17:09.669794202Z stdout F message`.
struct CRILine {
    var time: Int64
    /// Byte ranges within the line.
    var stream: Range<Int>
    var message: Range<Int>
    /// Whether the record goes on with the next line of the same stream.
    var isPartial: Bool

    init?(_ line: RawSpan) {
        guard line.byteCount > 20, line[4] == UInt8(ascii: "-"), line[10] == UInt8(ascii: "T"),
            let timeEnd = firstIndex(of: UInt8(ascii: " "), in: line), timeEnd <= 40
        else { return nil }
        var clock = TimestampText()
        guard let time = clock.parse(line.slice(0, timeEnd)),
            let streamEnd = firstIndex(of: UInt8(ascii: " "), in: line, from: timeEnd + 1),
            streamEnd - timeEnd == 7, line.slice(timeEnd + 1, 3).equals([0x73, 0x74, 0x64].rawSpan)
        else { return nil }
        let tag = streamEnd + 1
        guard tag < line.byteCount, line[tag] == UInt8(ascii: "F") || line[tag] == UInt8(ascii: "P") else { return nil }
        // The tag may carry more, after colons.
        let tagEnd = firstIndex(of: UInt8(ascii: " "), in: line, from: tag) ?? line.byteCount
        guard tagEnd == tag + 1 || line[tag + 1] == .colon else { return nil }
        self.time = time
        stream = (timeEnd + 1)..<streamEnd
        message = min(tagEnd + 1, line.byteCount)..<line.byteCount
        isPartial = line[tag] == UInt8(ascii: "P")
    }
}
