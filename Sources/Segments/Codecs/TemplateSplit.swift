import Bytes
import Records
import Templates
import Traces

/// Texts taken apart: which skeleton each has, and where each variable's values stand.
struct TemplateSplit {
    struct Skeleton {
        /// The first text of its kind and where its variables stand in it.
        var model: RecordBatch.Slice
        var variables: [Range<UInt32>]
        var rowCount: Int
        /// One array a variable: where its value stands in the arena, row by row.
        var columns: [[RecordBatch.Slice]] = []

        /// The static text in front of a variable, in the model; at the end that behind the last.
        func piece(before variable: Int) -> Range<UInt32> {
            let start = variable == 0 ? 0 : variables[variable - 1].upperBound
            return start..<(variable == variables.count ? model.length : variables[variable].lowerBound)
        }

        /// Puts a part of a row's text together: some variables and the static text around each; answers where one of
        /// them stands. O(length).
        func write(
            _ row: Int, _ variable: Int, among part: ClosedRange<Int>, _ arena: RawSpan, to text: inout [UInt8]
        ) -> Range<Int> {
            text.removeAll(keepingCapacity: true)
            var place = 0..<0
            for position in part {
                text.append(copying: arena.slice(model, piece(before: position)))
                let value = columns[position][row]
                if position == variable { place = text.count..<(text.count + Int(value.length)) }
                text.append(copying: arena.slice(Int(value.offset), Int(value.length)))
            }
            text.append(copying: arena.slice(model, piece(before: part.upperBound + 1)))
            return place
        }
    }

    /// A skeleton with fewer rows is not worth columns of its own: its texts are kept whole.
    static let rowsFloor = 8
    /// The same in a block that is compressed as a whole, where columns cost next to nothing.
    static let packedRowsFloor = 1
    /// Skeletons of one block at most; further texts are kept whole.
    static let skeletonsLimit = 8_192

    private(set) var skeletons: [Skeleton] = []
    /// A row's skeleton + 1; 0 for a text kept whole.
    private(set) var codes: [UInt32]

    /// The texts kept whole, in the order of their rows.
    private(set) var wholes: [RecordBatch.Slice]

    /// O(bytes).
    init(_ slices: [RecordBatch.Slice], _ arena: RawSpan, rowsFloor: Int, quotes: QuotedText = .words) {
        self.init(TextParts(slices, arena, quotes: quotes), rowsFloor: rowsFloor)
        wholes = codes.indices.filter { codes[$0] == 0 }.map { slices[$0] }
    }

    /// Texts that are taken apart, of kinds with enough rows.
    init(_ parts: TextParts) { self.init(parts, rowsFloor: 1) }

    private init(_ parts: TextParts, rowsFloor: Int) {
        codes = parts.codes
        wholes = parts.wholes
        distribute(parts, rowsFloor)
    }

    /// Keeps the skeletons with enough rows, numbers them anew in the order of their first appearance, and sorts the
    /// variables by skeleton and position.
    private mutating func distribute(_ parts: TextParts, _ rowsFloor: Int) {
        let rowCounts = parts.counts
        var renumbered: [UInt32] = [0]
        var kept: [Skeleton] = []
        // Variables of a text, by old code, so that those of dropped skeletons are passed over.
        let widths = [0] + parts.kinds.map(\.variables.count)
        for (position, kind) in parts.kinds.enumerated() {
            let rows = rowCounts[position + 1]
            renumbered.append(rows >= rowsFloor ? UInt32(kept.count) + 1 : 0)
            guard rows >= rowsFloor else { continue }
            kept.append(Skeleton(model: kind.model, variables: kind.variables, rowCount: rows))
        }
        // One flat array for all columns: where each begins, then a cursor a column.
        var starts: [Int] = [0]
        var total = 0
        for (old, code) in renumbered.enumerated() where code > 0 {
            starts.append(total)
            total += widths[old] * rowCounts[old]
        }
        var flat = [RecordBatch.Slice](repeating: .missing, count: total)
        var rowsSeen = [Int](repeating: 0, count: kept.count + 1)
        let rowsOf = [0] + zip(renumbered, rowCounts).filter { $0.0 > 0 }.map(\.1)
        var next = 0
        for row in codes.indices {
            let old = Int(codes[row])
            let width = widths[old]
            let code = Int(renumbered[old])
            codes[row] = UInt32(code)
            if code > 0 {
                let place = starts[code] + rowsSeen[code]
                for column in 0..<width {
                    flat[place + column * rowsOf[code]] = .init(packed: parts.variables[next + column])
                }
                rowsSeen[code] += 1
            }
            next += width
        }
        for code in kept.indices {
            let rows = rowsOf[code + 1]
            kept[code].columns = kept[code].variables.indices.map { column in
                let start = starts[code + 1] + column * rows
                return Array(flat[start..<(start + rows)])
            }
        }
        skeletons = kept
    }

    /// The rows of each skeleton. O(rows).
    var rowsBySkeleton: [[UInt32]] {
        var rows = skeletons.map { skeleton in
            var own: [UInt32] = []
            own.reserveCapacity(skeleton.rowCount)
            return own
        }
        for (row, code) in codes.enumerated() where code > 0 { rows[Int(code) - 1].append(UInt32(row)) }
        return rows
    }

    /// Whether the texts share skeletons, judged by a sample.
    static func isWorthwhile(
        _ slices: [RecordBatch.Slice], _ arena: RawSpan, quotes: QuotedText = .words
    ) -> Bool {
        guard slices.count >= rowsFloor * 2 else { return false }
        let step = max(1, slices.count / 256)
        let splitter = MessageSplitter(quotes: quotes)
        var parts = MessageParts()
        var seen = KeySet()
        var sampled = 0
        for row in stride(from: 0, to: slices.count, by: step) {
            splitter.split(arena.slice(Int(slices[row].offset), Int(slices[row].length)), into: &parts)
            seen.insert(parts.skeletonHash)
            sampled += 1
        }
        return seen.keys.count * 4 <= sampled * 3
    }
}
