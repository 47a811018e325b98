import Bytes
import QueryLanguage
import Records

/// `field_names`: each field with the number of rows in which it is not empty.
final class FieldNamesAccumulator: PipeAccumulator {
    private let result: ByteString
    private var counts: [ByteString: Int] = [:]

    init(result: ByteString) { self.result = result }

    func add(_ chunk: Chunk) throws {
        for name in chunk.names {
            var rows = chunk.rows
            let alwaysPresent =
                chunk.blockSource?.shape == .records && chunk.isStored(name)
                && [StandardFields.time, StandardFields.stream, StandardFields.streamID].contains(name)
            if !alwaysPresent { try FieldFilter(field: name, matcher: PresentMatcher()).narrow(&rows, of: chunk) }
            let count = rows.setCount
            if count > 0 { counts[name, default: 0] += count }
        }
    }

    func merge(_ other: any PipeAccumulator) {
        guard let other = other as? FieldNamesAccumulator else { return }
        counts.merge(other.counts) { $0 + $1 }
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        let names = counts.keys.sorted()
        guard !names.isEmpty else { return }
        let hits = names.map { Int64(counts[$0] ?? 0) }
        try emit(
            Chunk(columns: [(result, .strings(StringColumn(names))), ("hits", .integers(hits))], rowCount: names.count))
    }
}

/// `facets`: the most frequent values of every field.
final class FacetsAccumulator: PipeAccumulator {
    private struct Facet {
        var table = KeyTable()
        var counts: [Int] = []
        var isDropped = false
    }

    private let pipe: FacetsPipe
    private var facets: [ByteString: Facet] = [:]
    private var order: [ByteString] = []
    private var rowCount = 0
    private var memory: MemoryMeter

    init(_ pipe: FacetsPipe, budget: QueryBudget) {
        self.pipe = pipe
        memory = MemoryMeter(budget)
    }

    func add(_ chunk: Chunk) throws {
        rowCount += chunk.rows.setCount
        for name in chunk.names {
            var facet = take(name)
            if !facet.isDropped { count(CodedColumn(try chunk.column(name), rows: chunk.rows), chunk.rows, in: &facet) }
            facets[name] = facet
        }
        try memory.set(facets.values.reduce(0) { $0 + $1.table.memoryBytes })
    }

    private func take(_ name: ByteString) -> Facet {
        if let facet = facets.removeValue(forKey: name) { return facet }
        order.append(name)
        return Facet()
    }

    private func count(_ column: CodedColumn, _ rows: Bitmap, in facet: inout Facet) {
        var counts = [Int](repeating: 0, count: column.count)
        if let codes = column.codes {
            rows.visit { counts[Int(codes[$0])] += 1 }
        } else {
            counts[0] = rows.setCount
        }
        for code in counts.indices where counts[code] > 0 && !facet.isDropped {
            add(column.value(code), counts[code], to: &facet)
        }
    }

    private func add(_ value: ByteString, _ count: Int, to facet: inout Facet) {
        if value.isEmpty { return }
        let number = facet.table.insert(value.bytes.rawSpan).number
        if number == facet.counts.count { facet.counts.append(0) }
        facet.counts[number] += count
        if value.count > Int(clamping: pipe.maximumValueLength)
            || facet.counts.count > Int(clamping: pipe.maximumValuesPerField)
        {
            facet = Facet(isDropped: true)
        }
    }

    func merge(_ other: any PipeAccumulator) {
        guard let other = other as? FacetsAccumulator else { return }
        rowCount += other.rowCount
        for name in other.order {
            var facet = take(name)
            if let theirs = other.facets[name], !facet.isDropped {
                if theirs.isDropped { facet = Facet(isDropped: true) }
                for index in 0..<theirs.counts.count where !facet.isDropped {
                    add(theirs.table.keys.value(index), theirs.counts[index], to: &facet)
                }
            }
            facets[name] = facet
        }
    }

    func finish(_ emit: (Chunk) throws -> Void) throws {
        var names: [ByteString] = []
        var values: [ByteString] = []
        var hits: [Int64] = []
        for name in order.sorted() {
            guard let facet = facets[name], !facet.isDropped, !facet.counts.isEmpty else { continue }
            if facet.counts.count == 1, facet.counts[0] == rowCount, !pipe.keepsConstantFields { continue }
            // Natural order decides between equal counts: a stable sort keeps it.
            let best = NaturalOrder.sorted(facet.table.keys).sorted { facet.counts[$0] > facet.counts[$1] }
            for index in best.prefix(Int(clamping: pipe.count)) {
                names.append(name)
                values.append(facet.table.keys.value(index))
                hits.append(Int64(facet.counts[index]))
            }
        }
        guard !names.isEmpty else { return }
        try emit(
            Chunk(
                columns: [
                    ("field_name", .strings(StringColumn(names))), ("field_value", .strings(StringColumn(values))),
                    ("hits", .integers(hits)),
                ], rowCount: names.count))
    }
}
