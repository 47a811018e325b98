import Bytes
import Formats

/// Small helpers around the formats that commands print and read.
enum JSONLine {
    static func append(_ text: ByteString, to output: inout [UInt8]) {
        appendJSONString(text.bytes.rawSpan, to: &output)
    }

    /// Nanoseconds since the epoch, nil for what is no time.
    static func time(_ text: String) -> Int64? {
        var reader = TimestampText()
        let bytes = Array(text.utf8)
        return reader.parse(bytes.rawSpan)
    }
}
