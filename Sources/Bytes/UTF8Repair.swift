/// Length of the well-formed UTF-8 sequence at `offset`, or 0 if there is none (Unicode 15, table 3-7). O(1).
@inlinable
public func utf8SequenceLength(_ bytes: RawSpan, at offset: Int) -> Int {
    let first = bytes[offset]
    if first < 0x80 { return 1 }
    let left = bytes.byteCount - offset
    func follows(_ distance: Int, _ range: ClosedRange<UInt8> = 0x80...0xBF) -> Bool {
        distance < left && range.contains(bytes[offset + distance])
    }
    switch first {
    case 0xC2...0xDF: return follows(1) ? 2 : 0
    case 0xE0: return follows(1, 0xA0...0xBF) && follows(2) ? 3 : 0
    case 0xED: return follows(1, 0x80...0x9F) && follows(2) ? 3 : 0
    case 0xE1...0xEF: return follows(1) && follows(2) ? 3 : 0
    case 0xF0: return follows(1, 0x90...0xBF) && follows(2) && follows(3) ? 4 : 0
    case 0xF1...0xF3: return follows(1) && follows(2) && follows(3) ? 4 : 0
    case 0xF4: return follows(1, 0x80...0x8F) && follows(2) && follows(3) ? 4 : 0
    default: return 0
    }
}

/// Appends `bytes` to `output`, each ill-formed byte replaced by U+FFFD. Returns how many were replaced. O(length).
public func appendRepairingUTF8(_ bytes: RawSpan, to output: inout [UInt8]) -> Int {
    var replaced = 0
    var offset = 0
    while offset < bytes.byteCount {
        let length = utf8SequenceLength(bytes, at: offset)
        if length == 0 {
            output.append(contentsOf: [0xEF, 0xBF, 0xBD])
            replaced += 1
            offset += 1
        } else {
            for index in offset..<(offset + length) { output.append(bytes[index]) }
            offset += length
        }
    }
    return replaced
}
