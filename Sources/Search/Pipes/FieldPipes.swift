import Bytes
import QueryLanguage
import Records

/// `filter …`.
struct FilterTransform: ChunkTransform {
    let filter: any RowFilter

    func apply(_ chunk: Chunk) throws -> Chunk? {
        try filter.narrow(&chunk.rows, of: chunk)
        return chunk.rows.isEmpty ? nil : chunk
    }
}

/// `fields a, b*`: these and no others. A named field that a row lacks is empty.
struct FieldsTransform: ChunkTransform {
    let patterns: [FieldPattern]

    func apply(_ chunk: Chunk) -> Chunk? {
        if patterns.contains(.all) { return chunk }
        var fields: [(name: ByteString, from: ByteString)] = []
        for pattern in patterns {
            if pattern.isPrefix {
                for name in chunk.names where pattern.matches(name) { fields.append((name, name)) }
            } else {
                fields.append((pattern.name, pattern.name))
            }
        }
        chunk.show(fields)
        return chunk
    }
}

/// `delete a, b*`.
struct DeleteTransform: ChunkTransform {
    let patterns: [FieldPattern]

    func apply(_ chunk: Chunk) -> Chunk? {
        chunk.show(chunk.names.filter { name in !patterns.contains { $0.matches(name) } }.map { ($0, $0) })
        return chunk
    }
}

/// `copy a as b`, `rename a as b`: one mapping after another, so that later ones see what earlier ones did.
struct MappingTransform: ChunkTransform {
    let mappings: [FieldMapping]
    let removesSource: Bool

    func apply(_ chunk: Chunk) -> Chunk? {
        for mapping in mappings { apply(mapping, to: chunk) }
        return chunk
    }

    private func apply(_ mapping: FieldMapping, to chunk: Chunk) {
        let names = chunk.names
        let source = mapping.source
        let moved: [(name: ByteString, from: ByteString)]
        if source.isPrefix {
            moved = names.filter(source.matches).map { name in
                let rest = name.bytes.dropFirst(source.name.count)
                return (
                    mapping.target.isPrefix ? ByteString(mapping.target.name.bytes + rest) : mapping.target.name, name
                )
            }
        } else {
            moved = [(mapping.target.name, source.name)]
        }
        let targets = Set(moved.map(\.name))
        let sources = Set(moved.map(\.from))
        let kept = names.filter { !targets.contains($0) && !(removesSource && sources.contains($0)) }
        if moved.count == 1, moved[0].name == moved[0].from { return }
        chunk.show(kept.map { ($0, $0) } + moved)
    }
}

/// `drop_empty_fields`: rows without any value are dropped; empty fields are never printed anyway.
struct DropEmptyTransform: ChunkTransform {
    func apply(_ chunk: Chunk) throws -> Chunk? {
        chunk.rows = try StatsFields.present([], in: chunk, rows: chunk.rows)
        guard !chunk.rows.isEmpty else { return nil }
        let shown = try chunk.names.filter { name in
            var rows = chunk.rows
            try FieldFilter(field: name, matcher: PresentMatcher()).narrow(&rows, of: chunk)
            return !rows.isEmpty
        }
        chunk.show(shown.map { ($0, $0) })
        return chunk
    }
}
