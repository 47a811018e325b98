import Bytes
import Records

extension Column {
    /// A stored column with its values as texts or integers. O(rows + bytes).
    init(_ native: NativeColumn) {
        switch native {
        case .constant(let value): self = .constant(value)
        case .coded(let codes, let values, let hasMissing):
            self = .dictionary(codes: codes.widened, values: values.texts(andEmpty: hasMissing))
        case .plain(.integers(let numbers), nil): self = .integers(numbers)
        case .plain(let values, nil): self = .strings(values.texts())
        case .plain(let values, let presence?):
            let texts = values.texts()
            var offsets: [UInt32] = [0]
            var next = 0
            for row in 0..<presence.rowCount {
                if presence.contains(row) { next += 1 }
                offsets.append(texts.offsets[next])
            }
            self = .strings(StringColumn(arena: texts.arena, offsets: offsets))
        }
    }
}

extension NativeColumn {
    /// The given rows, in the given order, as texts. O(rows + their bytes).
    func gather(_ rows: [Int32]) -> Column {
        if case .constant(let value) = self { return .constant(value) }
        var output = StringColumn()
        output.reserve(rows: rows.count, bytes: rows.count * 16)
        var text: [UInt8] = []
        var isMissing = true
        for row in rows {
            text.removeAll(keepingCapacity: true)
            append(Int(row), to: &text)
            if !text.isEmpty { isMissing = false }
            output.append(text.rawSpan)
        }
        return isMissing ? .missing : .strings(output)
    }

    /// Appends the text of a row. O(length).
    func append(_ row: Int, to output: inout [UInt8]) {
        switch self {
        case .constant(let value): output.append(contentsOf: value.bytes)
        case .coded(let codes, let values, _):
            let code = codes[row]
            if code < values.count { values.append(code, to: &output) }
        case .plain(let values, nil): values.append(row, to: &output)
        case .plain(let values, let presence?):
            if presence.contains(row) { values.append(presence.rank(of: row), to: &output) }
        }
    }
}
