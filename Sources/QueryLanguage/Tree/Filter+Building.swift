extension Filter {
    /// Both filters, without needless nesting. O(parts).
    public func intersected(with other: Filter) -> Filter {
        var parts: [Filter] = []
        for side in [self, other] {
            switch side {
            case .all: continue
            case .and(let inner): parts += inner
            default: parts.append(side)
            }
        }
        return parts.isEmpty ? .all : parts.count == 1 ? parts[0] : .and(parts)
    }

    /// Whether a `_time` filter stands anywhere in it, subqueries apart. O(nodes).
    public var mentionsTime: Bool {
        switch self {
        case .time: true
        case .and(let parts), .or(let parts): parts.contains(where: \.mentionsTime)
        case .not(let inner): inner.mentionsTime
        case .all, .field, .stream, .streamID: false
        }
    }
}
