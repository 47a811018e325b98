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

    private static func bytes(of parsers: [JSONLinesParser]) -> Int { parsers.reduce(0) { $0 + $1.memoryBytes } }

    /// Bytes that the parsers hold which wait. O(parsers).
    public var memoryBytes: Int { idle.withLock { Self.bytes(of: $0) } }

    /// Keeps a parser for the next request, and lets those go that have waited longest if they are too many
    /// or hold too much.
    public func giveBack(_ parser: consuming JSONLinesParser) {
        guard parser.canStartOver else { return }
        parser.startOver()
        let ready = parser
        idle.withLock { idle in
            idle.append(ready)
            while idle.count > Limits.idleParsers || Self.bytes(of: idle) > Limits.idleParsersBytes, idle.count > 1 {
                idle.removeFirst()
            }
        }
    }
}
