import Bytes
import QueryLanguage
import Records
import Search
import Segments
import Testing

/// Senders that name their streams share blocks with others that do not: each row has the stream that it brought, or
/// else the one that is made of its fields, as if it stood in a block by itself.
@Suite struct StreamFieldTests {
    private struct Sealed: BlockSnapshot {
        let reader: SegmentReader
        func blocks(in range: ClosedRange<Int64>) -> [any ColumnBlock] { reader.blocks }
        func blocks(withIdentifier id: ByteString) -> [any ColumnBlock] { reader.blocks(withIdentifier: id) }
    }

    private static let given = "000000000000000037537c6ae13889579a766a30a6af1fbe"

    /// `kinds`: which of four senders the rows come from, in turns.
    private func rows(_ kinds: [Int]) -> [(time: Int64, fields: Fields)] {
        (0..<600).map { index in
            let service = index % 5 == 0 ? "web" : "db"
            var fields: Fields = [("_msg", "request \(index) served"), ("n", "\(index)")]
            switch kinds[index % kinds.count] {
            case 0: fields += [("service", service), ("host", "h\(index % 3)")]
            case 1: fields += [("app", "a\(index % 2)"), ("_stream", "{app=\"a\(index % 2)\"}")]
            case 2: fields += [("service", service), ("_stream_id", Self.given)]
            default: fields += [("service", "imp"), ("_stream", "{service=\"imp\"}"), ("_stream_id", Self.given)]
            }
            return (testNow - Int64(600 - index) * 1_000_000, fields)
        }
    }

    @Test(arguments: [[0], [1], [2], [3], [0, 1], [0, 2], [1, 2], [0, 3], [0, 0, 0, 0, 1], [0, 1, 2, 3]])
    func blocksOfManySendersAnswerRowByRow(kinds: [Int]) throws {
        let rows = rows(kinds)
        let bytes = try #require(try SegmentWriter().encode([BatchBlock(RecordBatch(rows: rows))]))
        let sealed = Sealed(reader: try SegmentReader(SharedBytes(bytes)))
        let queries = [
            "* | sort by (n)",
            "{service=\"web\"} | sort by (n)",
            "{app=\"a1\"} | sort by (n)",
            "{service=\"imp\"} | fields n | sort by (n)",
            "_stream_id:\(Self.given) | fields n | sort by (n)",
            "* | stats by (_stream) count() as c | sort by (_stream)",
            "_stream:{app=~\"a0|web\"} | fields n | sort by (n)",
            "* | stats by (_stream_id) count() as c | sort by (_stream_id)",
            "n:<9 | fields _stream, _stream_id, n",
            "_stream:{} | stats count() as c",
            "* | sort by (n desc) | limit 7 | fields n, _stream_id, _stream",
            "{service!=\"web\"} | stats count() as c",
            "_stream:{app=\"a0\"} | stats count() as c",
            "* | stats count_uniq(_stream) as s, count_uniq(_stream_id) as i",
        ]
        for query in queries {
            let expected = lines(try answer(query, timed: rows, batchRows: 1).rows).sorted()
            let together = lines(try answer(query, timed: rows).rows).sorted()
            let stored = lines(try answer(query, over: sealed).rows).sorted()
            #expect(together == expected, "\(kinds) \(query)")
            #expect(stored == expected, "\(kinds) sealed \(query)")
        }
    }
}
