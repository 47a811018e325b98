import Bytes
import Records
import Synchronization

/// All that a search in templates asks of one: its common parts and what its variables are made of. Templates of
/// different blocks often have the same, and share one object then.
final class TemplateShape: Sendable {
    struct Variable: Hashable, Sendable {
        /// Bytes that occur in its values.
        var bytes: ByteSet
        /// Digits of the shortest and longest value where all are runs of digits, else nil.
        var digits: ClosedRange<Int>?
        /// The values themselves, in byte order, where there are few.
        var values: [ByteString]?
    }

    /// Values of a variable, and their bytes, that are kept with a shape.
    private static let keptValues = 32
    private static let keptBytes = 2_048

    struct Content: Hashable, Sendable {
        var pieces: [ByteString]
        var variables: [Variable]

        init(_ pieces: [ByteString], _ columns: [Column]) {
            self.pieces = pieces
            variables = columns.map { column in
                let bytes = ByteSet(column)
                return Variable(bytes: bytes, digits: Self.digits(column, bytes), values: Self.values(column))
            }
        }

        private static func values(_ column: Column) -> [ByteString]? {
            switch column {
            case .constant(let value): return value.count <= keptBytes ? [value] : nil
            case .dictionary(_, let values):
                guard values.count <= keptValues, values.arena.count <= keptBytes else { return nil }
                return (0..<values.count).map { values.value($0) }.sorted()
            case .integers, .strings, .times: return nil
            }
        }

        private static func digits(_ column: Column, _ bytes: ByteSet) -> ClosedRange<Int>? {
            let texts: StringColumn
            switch column {
            case .integers(let numbers):
                guard let low = numbers.min(), let high = numbers.max(), low >= 0 else { return nil }
                return DecimalText.digitCount(UInt64(low))...DecimalText.digitCount(UInt64(high))
            case .constant(let value): texts = StringColumn([value])
            case .dictionary(_, let values): texts = values
            case .strings(let values): texts = values
            case .times: return nil
            }
            guard bytes.isSubsetOfDigits, texts.count > 0 else { return nil }
            let lengths = (0..<texts.count).lazy.map { texts.length($0) }
            guard let low = lengths.min(), let high = lengths.max(), low > 0, high <= 32 else { return nil }
            return low...high
        }
    }

    let content: Content
    /// Small and its own; -1 for a shape that was too many.
    let number: Int

    fileprivate init(_ content: Content, number: Int) {
        self.content = content
        self.number = number
    }
}

/// Gives every distinct shape a number, up to a bound.
final class TemplateShapes: Sendable {
    /// About 20 MB; beyond, shapes are judged anew for every block.
    private static let limit = 32_768

    private let shapes = Mutex<[TemplateShape.Content: TemplateShape]>([:])

    func shape(_ content: TemplateShape.Content) -> TemplateShape {
        shapes.withLock { shapes in
            if let shape = shapes[content] { return shape }
            guard shapes.count < Self.limit else { return TemplateShape(content, number: -1) }
            let shape = TemplateShape(content, number: shapes.count)
            shapes[content] = shape
            return shape
        }
    }
}

/// What one search has found out about shapes, shared by its threads.
final class TemplateMemo: Sendable {
    private let verdicts = Mutex<[TemplateVerdict?]>([])

    /// The verdicts on many shapes, each made once a search.
    func verdicts(_ shapes: [TemplateShape], judge: (TemplateShape) -> TemplateVerdict) -> [TemplateVerdict] {
        var found = verdicts.withLock { known in
            shapes.map { $0.number >= 0 && $0.number < known.count ? known[$0.number] : nil }
        }
        var isNew = false
        for index in shapes.indices where found[index] == nil {
            found[index] = judge(shapes[index])
            isNew = isNew || shapes[index].number >= 0
        }
        if isNew {
            verdicts.withLock { known in
                for (index, shape) in shapes.enumerated() where shape.number >= 0 {
                    while known.count <= shape.number { known.append(nil) }
                    known[shape.number] = found[index]
                }
            }
        }
        return found.map { $0 ?? .some }
    }
}
