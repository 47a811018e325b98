/// All watched series, in chunks: growing neither copies them nor needs room for them twice.
struct SeriesPool: Sendable, RandomAccessCollection, MutableCollection {
    private static let chunk = 256

    private var chunks: [[WatchedSeries]] = []
    private(set) var count = 0

    var startIndex: Int { 0 }
    var endIndex: Int { count }

    subscript(index: Int) -> WatchedSeries {
        @inline(__always) _read { yield chunks[index / Self.chunk][index % Self.chunk] }
        @inline(__always) _modify { yield &chunks[index / Self.chunk][index % Self.chunk] }
    }

    mutating func append(_ series: WatchedSeries) {
        if count % Self.chunk == 0 {
            chunks.append([])
            chunks[chunks.count - 1].reserveCapacity(Self.chunk)
        }
        chunks[chunks.count - 1].append(series)
        count += 1
    }
}
