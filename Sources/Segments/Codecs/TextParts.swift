import Bytes
import Machine
import Records

/// The texts of a column's rows taken apart by kind, variables and all else that they are made of in one arena.
struct TextParts {
    struct Kind {
        /// A text of the kind, and where its variables stand in it.
        var model: RecordBatch.Slice
        var variables: [Range<UInt32>]

        /// The text between the variables.
        var pieces: [RecordBatch.Slice] {
            var pieces: [RecordBatch.Slice] = []
            var start: UInt32 = 0
            for variable in variables {
                pieces.append(.init(offset: model.offset + start, length: variable.lowerBound - start))
                start = variable.upperBound
            }
            pieces.append(.init(offset: model.offset + start, length: model.length - start))
            return pieces
        }
    }

    var kinds: [Kind] = []
    /// A row's kind + 1; 0 for a text that is kept whole. Kinds are numbered as they appear first.
    var codes: [UInt32]
    /// Rows of each code.
    var counts: [Int]
    /// Those of all texts of a kind, one text behind the other: offset in the low half, length in the high half.
    var variables: [UInt64]
    /// The texts that are kept whole.
    var wholes: [RecordBatch.Slice]
    /// Of all texts.
    var byteCount: Int
    /// A bit a row of the block, low bits first, set for those that have a text: all that is said above is of these.
    var bits: [UInt8] = []
    var rowCount: Int

    var missing: Int { rowCount - codes.count }

    /// O(bytes).
    init(_ slices: [RecordBatch.Slice], _ arena: RawSpan, quotes: QuotedText = .words) {
        var found = TextKinds(texts: slices.count, kindsLimit: TemplateSplit.skeletonsLimit, quotes: quotes)
        self.init(slices, arena, &found)
    }

    /// The same where some of the texts have been taken apart already.
    init(_ slices: [RecordBatch.Slice], _ arena: RawSpan, _ found: inout TextKinds) {
        StageTimes.shared.measure(.templates) { found.split(slices.rawSpan, arena, until: slices.count) }
        for kind in 0..<found.count {
            kinds.append(Kind(model: slices[Int(found.firstRows[kind])], variables: found.bounds(of: kind)))
        }
        let codes = found.codes
        self.codes = codes
        counts = CodeKernels.counts(codes, limit: found.count + 1)
        variables = found.takeVariables()
        wholes = codes.indices.filter { codes[$0] == 0 }.map { slices[$0] }
        byteCount = slices.reduce(0) { $0 + Int($1.length) }
        rowCount = slices.count
    }

    /// Without texts so far.
    init(rowCount: Int) {
        codes = []
        counts = [0]
        variables = []
        wholes = []
        byteCount = 0
        bits = [UInt8](repeating: 0, count: (rowCount + 7) / 8)
        self.rowCount = rowCount
        codes.reserveCapacity(rowCount)
        variables.reserveCapacity(rowCount * 4)
    }

    /// Every row's text, laid in the arena. O(bytes).
    func slices(in arena: inout [UInt8]) -> [RecordBatch.Slice] {
        let pieces = kinds.map(\.pieces)
        var parts: [RecordBatch.Slice] = []
        parts.reserveCapacity(codes.count * 6)
        var texts: [RecordBatch.Slice] = []
        texts.reserveCapacity(codes.count)
        var nextVariable = 0
        var nextWhole = 0
        precondition(arena.count + byteCount <= UInt32.max, "a block of over 4 GiB")
        var end = UInt32(arena.count)
        for code in codes {
            let start = end
            if code == 0 {
                parts.append(wholes[nextWhole])
                end += wholes[nextWhole].length
                nextWhole += 1
            } else {
                let own = pieces[Int(code) - 1]
                for (position, piece) in own.enumerated() {
                    parts.append(piece)
                    end += piece.length
                    guard position + 1 < own.count else { break }
                    let variable = RecordBatch.Slice(packed: variables[nextVariable])
                    parts.append(variable)
                    end += variable.length
                    nextVariable += 1
                }
            }
            texts.append(.init(offset: start, length: end - start))
        }
        arena += SliceKernels.gather(parts.rawSpan, arena.rawSpan, byteCount: Int(end) - arena.count)
        guard missing > 0 else { return texts }
        return PresenceKernels.places(bits, rows: rowCount).map {
            $0 == FixedKernels.none ? .missing : texts[Int($0)]
        }
    }
}

extension TextKinds {
    /// Where the variables stand in the first text of a kind.
    func bounds(of kind: Int) -> [Range<UInt32>] {
        (Int(starts[kind])..<Int(starts[kind + 1])).map { bounds[2 * $0]..<bounds[2 * $0 + 1] }
    }
}

extension RecordBatch.Slice {
    /// Offset in the low half, length in the high half.
    @inline(__always)
    init(packed: UInt64) {
        self.init(offset: UInt32(truncatingIfNeeded: packed), length: UInt32(truncatingIfNeeded: packed >> 32))
    }

    @inline(__always)
    var packed: UInt64 { UInt64(offset) | UInt64(length) << 32 }
}
