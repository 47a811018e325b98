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
        /// All texts of its kind.
        var texts: [RecordBatch.Slice] = []
        /// One array a variable: where its value stands in the arena, row by row.
        var columns: [[RecordBatch.Slice]] = []
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

    /// Every text's variables, one behind the other.
    private var variables: [RecordBatch.Slice] = []

    /// O(bytes).
    init(_ slices: [RecordBatch.Slice], _ arena: RawSpan, rowsFloor: Int) {
        codes = [UInt32](repeating: 0, count: slices.count)
        variables.reserveCapacity(slices.count * 3)
        let rowCounts = takeApart(slices, arena)
        distribute(slices, rowCounts, rowsFloor)
    }

    /// Gives every text its code and lays its variables down. Answers the rows of each code.
    private mutating func takeApart(_ slices: [RecordBatch.Slice], _ arena: RawSpan) -> [Int] {
        let splitter = MessageSplitter()
        var parts = MessageParts()
        var hashes = KeySet()
        var rowCounts = [0]
        // The variables of all models one behind the other, so that comparing with one touches no array of arrays.
        var bounds: [Range<UInt32>] = []
        var starts = [0]
        var models: [RecordBatch.Slice] = []
        for (row, slice) in slices.enumerated() {
            let text = arena.slice(Int(slice.offset), Int(slice.length))
            splitter.split(text, into: &parts)
            let (position, isNew) = hashes.place(of: parts.skeletonHash)
            if isNew {
                guard skeletons.count < Self.skeletonsLimit else { break }
                skeletons.append(Skeleton(model: slice, variables: parts.variables))
                rowCounts.append(0)
                models.append(slice)
                bounds.append(contentsOf: parts.variables)
                starts.append(bounds.count)
            } else {
                let own = starts[position]..<starts[position + 1]
                let model = arena.slice(Int(models[position].offset), Int(models[position].length))
                guard Self.isOfKind(model, bounds, own, text, parts.variables) else { continue }
            }
            codes[row] = UInt32(position) + 1
            rowCounts[position + 1] += 1
            for range in parts.variables {
                variables.append(.init(offset: slice.offset + range.lowerBound, length: UInt32(range.count)))
            }
        }
        return rowCounts
    }

    /// Compares the static pieces byte for byte: equal hashes are a hint, not a proof.
    private static func isOfKind(
        _ model: RawSpan, _ bounds: borrowing [Range<UInt32>], _ own: Range<Int>, _ text: RawSpan,
        _ variables: borrowing [Range<UInt32>]
    ) -> Bool {
        guard own.count == variables.count else { return false }
        var modelStart = 0
        var textStart = 0
        for index in 0..<own.count {
            let modelBounds = bounds[own.lowerBound + index]
            let textBounds = variables[index]
            guard
                model.slice(modelStart, Int(modelBounds.lowerBound) - modelStart)
                    .equals(text.slice(textStart, Int(textBounds.lowerBound) - textStart))
            else { return false }
            modelStart = Int(modelBounds.upperBound)
            textStart = Int(textBounds.upperBound)
        }
        return model.slice(modelStart, model.byteCount - modelStart)
            .equals(text.slice(textStart, text.byteCount - textStart))
    }

    /// Keeps the skeletons with enough rows, numbers them anew in the order of their first appearance, and sorts the
    /// variables by skeleton and position.
    private mutating func distribute(_ slices: [RecordBatch.Slice], _ rowCounts: [Int], _ rowsFloor: Int) {
        var renumbered: [UInt32] = [0]
        var kept: [Skeleton] = []
        // Variables of a text, by old code, so that those of dropped skeletons are passed over.
        let widths = [0] + skeletons.map(\.variables.count)
        for (position, skeleton) in skeletons.enumerated() {
            let rows = rowCounts[position + 1]
            renumbered.append(rows >= rowsFloor ? UInt32(kept.count) + 1 : 0)
            guard rows >= rowsFloor else { continue }
            kept.append(skeleton)
            kept[kept.count - 1].texts.reserveCapacity(rows)
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
                for column in 0..<width { flat[place + column * rowsOf[code]] = variables[next + column] }
                rowsSeen[code] += 1
                kept[code - 1].texts.append(slices[row])
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
        variables = []
    }

    /// The rows of each skeleton. O(rows).
    var rowsBySkeleton: [[UInt32]] {
        var rows = skeletons.map { skeleton in
            var own: [UInt32] = []
            own.reserveCapacity(skeleton.texts.count)
            return own
        }
        for (row, code) in codes.enumerated() where code > 0 { rows[Int(code) - 1].append(UInt32(row)) }
        return rows
    }

    /// Whether the texts share skeletons, judged by a sample.
    static func isWorthwhile(_ slices: [RecordBatch.Slice], _ arena: RawSpan) -> Bool {
        guard slices.count >= rowsFloor * 2 else { return false }
        let step = max(1, slices.count / 256)
        let splitter = MessageSplitter()
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
