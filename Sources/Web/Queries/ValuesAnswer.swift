import Bytes
import Hummingbird

/// `{"values":[{"value":…,"hits":…}]}`: the most frequent first.
struct ValuesAnswer {
    typealias Pair = (value: ByteString, hits: Int)

    private let pairs: [Pair]

    /// `limit`: so many values at most, 0 for all; if there are more, their counts are 0, since nobody could rely on
    /// which of them are shown.
    init(_ pairs: [Pair], limit: Int = 0) {
        let sorted = pairs.sorted { ($1.hits, $0.value) < ($0.hits, $1.value) }
        let isOver = limit > 0 && sorted.count > limit
        self.pairs = isOver ? sorted.prefix(limit).map { ($0.value, 0) } : sorted
    }

    func response(partial: [String]) -> Response {
        .json { json in
            json.array("values", pairs) { json, pair in
                json.object { json in
                    json.field("value", pair.value)
                    json.field("hits", pair.hits)
                }
            }
            if !partial.isEmpty { json.field("partial", partial.joined(separator: "; ")) }
        }
    }
}
