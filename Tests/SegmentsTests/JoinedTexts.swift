import Bytes
import Segments

/// The texts of a template column, put together from its pieces and variables. O(bytes).
func joinedTexts(of column: TemplateColumn) throws -> [ByteString] {
    var next = [Int](repeating: 0, count: column.templateCount + 1)
    let variables = try (0..<column.templateCount).map { template in
        try (0..<column.variableCount(of: template)).map { try column.variable($0, of: template) }
    }
    let whole = try column.wholeTexts()
    return column.codes.map { code in
        let place = next[Int(code)]
        next[Int(code)] += 1
        guard code > 0 else { return whole.value(place) }
        let template = Int(code) - 1
        var text: [UInt8] = []
        for (position, piece) in column.pieces(of: template).enumerated() {
            text += piece.bytes
            if position < variables[template].count { text += variables[template][position].value(place).bytes }
        }
        return ByteString(text)
    }
}
