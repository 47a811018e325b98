import Bytes
import QueryLanguage
import Records

/// `limit n`.
final class LimitPipe: OrderedPipe {
    private var left: Int

    init(_ count: UInt64) { left = Int(clamping: count) }

    var isDone: Bool { left == 0 }

    func push(_ chunk: Chunk) -> Chunk? {
        guard left > 0 else { return nil }
        let selected = chunk.rows.setCount
        if selected > left { chunk.rows.truncate(toFirst: left) }
        left -= min(left, selected)
        return chunk
    }
}

/// `offset n`.
final class OffsetPipe: OrderedPipe {
    private var left: Int

    init(_ count: UInt64) { left = Int(clamping: count) }

    func push(_ chunk: Chunk) -> Chunk? {
        guard left > 0 else { return chunk }
        let selected = chunk.rows.setCount
        let dropped = min(left, selected)
        left -= dropped
        if dropped == selected { return nil }
        chunk.rows.dropFirst(dropped)
        return chunk
    }
}
