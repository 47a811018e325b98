import Formats
import Records
import Synchronization

/// Parsers between two requests. A new one must learn its sender's keys and make room for rows and values, which costs
/// a request of a mebibyte a third of its parsing.
public final class ParserPool: Sendable {
    private let idle = Mutex<[JSONLinesParser]>([])

    public init() {}

    /// The parser that was given back last with these options, or a new one. O(idle parsers).
    public func take(_ options: ParseOptions) -> JSONLinesParser {
        let known = idle.withLock { idle in
            idle.lastIndex { $0.options == options }.map { idle.remove(at: $0) }
        }
        return known ?? JSONLinesParser(options: options)
    }

    /// Keeps a parser for the next request, and lets the one go that has waited longest if there are too many.
    public func giveBack(_ parser: consuming JSONLinesParser) {
        guard parser.canStartOver else { return }
        parser.startOver()
        let ready = parser
        idle.withLock { idle in
            if idle.count >= Limits.idleParsers { idle.removeFirst() }
            idle.append(ready)
        }
    }
}
