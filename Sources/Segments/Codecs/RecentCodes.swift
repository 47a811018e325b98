import Bytes

/// Codes that recur soon after they first appeared (traces), as values of one or two bytes: 0 for a new code, 1 for the
/// one code that recurs all the time (no trace), else the distance back from the next new code and one more. Read by
/// stretches of rows: the number of codes that are known before each stands in front.
///
/// `width u8 | code of the value 1 and one more varint (0: none) | largest distance varint | new codes of each stretch
/// but the last, varints | planes of the values`.
struct RecentCodes {
    private static let stretchRows = 1 << 10
    /// A code is given the value 1 if it stands with one in this many rows.
    private static let rowsPerFixed = 64

    // MARK: Encoding

    private let values: [UInt64]
    private let width: Int
    private let fixedCode: UInt32?
    private let furthest: Int
    private let news: [Int]

    /// Nil where codes did not first appear in ascending order, or do not recur so close to that place that the values
    /// are shorter than codes of `codeWidth` bits. `counts[code]` is how often a code stands there. O(rows).
    init?(_ codes: [UInt32], counts: [UInt32], codeWidth: Int) {
        let most = counts.indices.max { counts[$0] < counts[$1] } ?? 0
        let fixed = Int(counts[most]) * Self.rowsPerFixed >= codes.count ? UInt32(most) : nil
        var values = [UInt64](repeating: 0, count: codes.count)
        var news: [Int] = []
        var newest: UInt32 = 0
        var before: UInt32 = 0
        var furthest: UInt32 = 0
        var bits = 0
        for (row, code) in codes.enumerated() {
            if row > 0, row % Self.stretchRows == 0 {
                news.append(Int(newest - before))
                before = newest
            }
            if code == newest {
                newest += 1
                continue
            }
            guard code < newest else { return nil }
            let distance = newest - code
            values[row] = code == fixed ? 1 : UInt64(distance) + 1
            if code != fixed { furthest = max(furthest, distance) }
            bits &+= BitPacking.width(of: values[row])
        }
        width = BitPacking.width(of: values.reduce(0, max))
        guard width <= 16, Double(bits) < (Double(codeWidth) - 2) * Double(codes.count) else { return nil }
        self.values = values
        self.news = news
        self.furthest = Int(furthest)
        fixedCode = fixed
    }

    func write(effort: EncodingEffort, to writer: inout ByteWriter) {
        writer.write(UInt8(width))
        writer.writeVarint(fixedCode.map { Int($0) + 1 } ?? 0)
        writer.writeVarint(furthest)
        for own in news { writer.writeVarint(own) }
        IntegerCodec.writePlanes(values, width: width, effort: effort, to: &writer)
    }

    // MARK: Decoding

    /// Codes whose planes are not yet read.
    struct Layout {
        private let count: Int
        private let width: Int
        private let fixed: UInt32?
        private let furthest: Int
        /// Codes that are known before each stretch.
        private let newest: [Int]

        /// The reader moves to the planes.
        init(_ reader: inout ByteReader, count: Int) throws(CorruptionError) {
            self.count = count
            width = try IntegerCodec.readWidth(&reader, limit: 16)
            let fixed = try reader.readCount(limit: count)
            self.fixed = fixed > 0 ? UInt32(fixed - 1) : nil
            furthest = try reader.readCount(limit: count)
            var newest = [0]
            for _ in stride(from: RecentCodes.stretchRows, to: count, by: RecentCodes.stretchRows) {
                let own = try reader.readCount(limit: RecentCodes.stretchRows)
                newest.append(newest[newest.count - 1] + own)
            }
            self.newest = newest
        }

        /// All codes; the reader moves behind them. O(rows).
        func codes(_ reader: inout ByteReader, limit: Int) throws(CorruptionError) -> [UInt32] {
            let start = reader.offset
            let found = try codes(&reader, 0..<count)
            guard found.known <= limit else {
                throw CorruptionError("code beyond a dictionary of \(limit)", offset: start)
            }
            return found.codes
        }

        /// The codes of some rows, ascending; reads the stretches from the first to the last of them. The reader moves
        /// behind the planes.
        func codes(_ reader: inout ByteReader, rows: [Int]) throws(CorruptionError) -> [UInt32] {
            guard let first = rows.first, let last = rows.last else {
                for _ in 0..<((width + 7) / 8) { try ByteFrame.skip(&reader) }
                return []
            }
            let start = first / RecentCodes.stretchRows * RecentCodes.stretchRows
            let found = try codes(&reader, start..<(last + 1))
            return rows.map { found.codes[$0 - start] }
        }

        /// The rows of one code, ascending: reads the stretches in which it can stand. The reader moves behind the
        /// planes.
        func rows(of code: Int, _ reader: inout ByteReader) throws(CorruptionError) -> [Int] {
            var range = 0..<count
            if fixed.map(Int.init) != code {
                // It first stands where as many codes are known as its number, and recurs while it is not too far back.
                let first = max(0, (newest.firstIndex { $0 > code } ?? newest.count) - 1)
                let end = newest.firstIndex { $0 > code + furthest } ?? newest.count
                range = (first * RecentCodes.stretchRows)..<min(count, end * RecentCodes.stretchRows)
            }
            let found = try codes(&reader, range)
            return CodeKernels.positions(of: UInt32(code), in: found.codes).map { Int($0) + range.lowerBound }
        }

        /// The codes of a range that begins with a stretch, and how many are known behind it.
        private func codes(
            _ reader: inout ByteReader, _ range: Range<Int>
        ) throws(CorruptionError) -> (codes: [UInt32], known: Int) {
            let start = reader.offset
            let low =
                width > 0 ? try plane(&reader, range) : [UInt8](repeating: 0, count: range.count)
            let high = width > 8 ? try plane(&reader, range) : []
            let known = newest[range.lowerBound / RecentCodes.stretchRows]
            guard
                let found = SliceKernels.codesFromRecent(
                    low: low.rawSpan, high: high.rawSpan, newest: UInt32(known), fixed: fixed ?? .max)
            else { throw CorruptionError("code before the first", offset: start) }
            return found
        }

        private func plane(_ reader: inout ByteReader, _ range: Range<Int>) throws(CorruptionError) -> [UInt8] {
            var part: [UInt8] = []
            try ByteFrame.withBytes(&reader, length: count, range) { bytes, first in
                part.append(copying: bytes.slice(range.lowerBound - first, range.count))
            }
            return part
        }
    }
}
