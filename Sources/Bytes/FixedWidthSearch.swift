/// Positions of the values that equal `pattern` in a run of values as long as it, without gaps. O(length).
public func positionsOfFixedWidth(_ pattern: RawSpan, in values: RawSpan) -> [Int] {
    let width = pattern.byteCount
    guard width > 0 else { return [] }
    let count = values.byteCount / width
    var positions: [Int] = []
    guard width >= 8 else {
        for index in 0..<count where values.slice(index * width, width).equals(pattern) { positions.append(index) }
        return positions
    }
    let head = pattern.loadUInt64(at: 0)
    for index in 0..<count {
        // (index + 1) * width <= byteCount and width >= 8.
        let word = unsafe values.unsafeLoadUnaligned(fromUncheckedByteOffset: index &* width, as: UInt64.self)
        if UInt64(littleEndian: word) == head, values.slice(index * width, width).equals(pattern) {
            positions.append(index)
        }
    }
    return positions
}
