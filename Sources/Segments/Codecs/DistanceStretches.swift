import Bytes

/// Codes as distances back from the newest one, in one or two byte planes, read a stretch of rows at a time.
struct DistanceStretches {
    private let count: Int
    private let stretchRows: Int
    /// Codes that are known before each stretch.
    private let newest: [Int]

    /// All rows as one stretch.
    init(single count: Int) {
        self.count = count
        stretchRows = max(1, count)
        newest = [0]
    }

    /// Reads what stands in front of the planes.
    init(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
        self.count = count
        stretchRows = CodeCodec.stretchRows
        var newest = [0]
        for _ in 1..<max(1, (count + stretchRows - 1) / stretchRows) {
            newest.append(try reader.readCount(limit: count))
            guard newest[newest.count - 1] >= newest[newest.count - 2] else {
                throw CorruptionError("stretches out of order", offset: reader.offset)
            }
        }
        self.newest = newest
    }

    /// All codes, and the largest of them.
    static func codes(
        _ reader: inout ByteReader, count: Int, width: Int
    ) throws(CorruptionError) -> (codes: [UInt32], largest: UInt32) {
        let start = reader.offset
        let low = width == 0 ? [UInt8](repeating: 0, count: count) : try ByteFrame.read(&reader, length: count)
        let high = width <= 8 ? [] : try ByteFrame.read(&reader, length: count)
        guard width <= 16, let found = SliceKernels.codesFromDistances(low: low.rawSpan, high: high.rawSpan) else {
            throw CorruptionError("distance before the start", offset: start)
        }
        return found
    }

    /// The codes of some rows (ascending): a code is the number of new codes before its row, less its distance, so
    /// zeros are counted from the start of the first row's stretch, and nothing is decoded.
    func codes(_ reader: inout ByteReader, width: Int, rows: [Int]) throws(CorruptionError) -> [UInt32] {
        let start = reader.offset
        guard let first = rows.first, let last = rows.last else {
            try skip(&reader, width: width)
            return []
        }
        let stretch = first / stretchRows
        let planes = try Planes(&reader, count: count, width: width, (stretch * stretchRows)..<(last + 1))
        var codes: [UInt32] = []
        var known = newest[stretch]
        var next = stretch * stretchRows
        for row in rows {
            known += planes.zeros(next..<row)
            next = row
            let distance = planes.distance(row)
            guard distance <= known else { throw CorruptionError("distance before the start", offset: start) }
            codes.append(UInt32(known - distance))
        }
        return codes
    }

    /// The rows of one code, ascending: reads the stretches in which it can stand.
    func rows(of code: Int, _ reader: inout ByteReader, width: Int) throws(CorruptionError) -> [Int] {
        // It first stands where as many codes are known as its number, and recurs while it is not too far back.
        let first = max(0, (newest.firstIndex { $0 > code } ?? newest.count) - 1)
        let furthest = code + (1 << min(width, 16))
        let end = newest.firstIndex { $0 > furthest } ?? newest.count
        let range = (first * stretchRows)..<min(count, end * stretchRows)
        let planes = try Planes(&reader, count: count, width: width, range)
        return planes.rows(of: code, range, newest: newest[first])
    }

    private func skip(_ reader: inout ByteReader, width: Int) throws(CorruptionError) {
        for _ in 0..<((width + 7) / 8) { try ByteFrame.skip(&reader) }
    }

    /// Part of the planes.
    private struct Planes {
        private var low: [UInt8] = []
        private var high: [UInt8] = []
        /// The row of the first byte held.
        private let start: Int

        init(_ reader: inout ByteReader, count: Int, width: Int, _ range: Range<Int>) throws(CorruptionError) {
            start = range.lowerBound
            if width > 0 {
                low = try Self.read(&reader, count, range)
            } else {
                low = .init(repeating: 0, count: range.count)
            }
            if width > 8 { high = try Self.read(&reader, count, range) }
        }

        private static func read(
            _ reader: inout ByteReader, _ count: Int, _ range: Range<Int>
        ) throws(CorruptionError) -> [UInt8] {
            var part: [UInt8] = []
            try ByteFrame.withBytes(&reader, length: count, range) { bytes, first in
                part.append(copying: bytes.slice(range.lowerBound - first, range.count))
            }
            return part
        }

        func distance(_ row: Int) -> Int { Int(low[row - start]) | (high.isEmpty ? 0 : Int(high[row - start]) << 8) }

        func zeros(_ rows: Range<Int>) -> Int {
            let place = rows.lowerBound - start
            return CodeKernels.zeros(
                low: low.rawSpan.slice(place, rows.count),
                high: high.isEmpty ? high.rawSpan : high.rawSpan.slice(place, rows.count))
        }

        func rows(of code: Int, _ range: Range<Int>, newest: Int) -> [Int] {
            CodeKernels.positions(
                of: UInt32(code), low: low.rawSpan, high: high.rawSpan, newest: UInt32(newest)
            ).map { Int($0) + start }
        }
    }
}
