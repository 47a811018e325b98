import Search
import Testing

/// Pipes whose fields nobody reads are left out; the answers stay the same.
@Suite struct UnreadFieldsTests {
    static let rows: [Fields] = (0..<40).map { index in
        [
            ("_msg", "level=\(index % 3) user=u\(index % 7) took=\(index)ms"),
            ("j", "{\"a\":\"\(index % 4)\",\"b\":\"x\"}"),
            ("a", "\(index % 5)"), ("n", "\(index)"), ("c", index % 2 == 0 ? "x" : "y"),
        ]
    }

    static let makers = [
        "unpack_json from j", "unpack_json from j fields (b)", "unpack_json from j result_prefix 'p_'",
        "unpack_json if (c:x) from j", "unpack_logfmt", "unpack_logfmt result_prefix 'p_'",
        "extract 'user=<user> took=<n>'", "extract 'user=<_> took=<took>ms'", "format '<n>-<c>' as a",
        "format if (a:1) '<n>' as z", "math n * 2 as n, n + 1 as m", "len(_msg) as n", "hash(c) as c",
        "replace ('u', 'v') at _msg", "replace_regexp ('[0-9]+', 'N') at a", "collapse_nums at _msg", "pack_json as a",
        "split ' ' from _msg as c", "extract_regexp '(?P<c>[0-9]+)ms'",
    ]

    static let readers = [
        "count() r", "stats by (a) count() r | sort by (a)", "stats by (c) sum(n) s, count() if (a:1) r | sort by (c)",
        "stats count(user) r, max(b) x, count_uniq(m) u",
        "stats count() if (b:x z:\"\") r, count() if (a:eq_field(c)) e",
        "uniq by (a, c) | sort by (a, c)", "top 3 by (user)", "fields c | stats count_uniq(c) r",
        "fields a | stats count_uniq(c) r, count_uniq(a) s", "filter p_a:1 | count() r", "filter _msg:v | count() r",
        "sort by (n desc) | limit 7 | stats values(c) r", "limit 9 | stats sum(took) r, quantile(0.5, n) q",
        "field_values c | sort by (c)", "stats by (level) count() r | sort by (level)", "stats count(*) r, sum(*) s",
        "stats max(p_*) r, min(a*) s", "stats row_max(n, a) r", "unpack_json from a | stats count_uniq(_msg) r",
        "extract 'u<x>' from c | stats count_uniq(x) r", "format '<a>' as q | stats by (q) count() r | sort by (q)",
    ]

    @Test(arguments: makers) func answersStay(_ maker: String) throws {
        for reader in Self.readers {
            let found = try answer("* | \(maker) | \(reader)", Self.rows)
            // Behind `drop_empty_fields`, which looks at all fields, nothing is left out.
            let whole = try answer("* | \(maker) | drop_empty_fields | \(reader)", Self.rows)
            #expect(lines(found) == lines(whole), "\(maker) | \(reader)")
        }
    }

    /// What would not fit into memory is not even made.
    @Test func whatNobodyReadsDoesNotRun() throws {
        let limits = QueryLimits()
        let big = (0..<2_000).map { row in
            [("_msg", (0..<40).map { "k\(row)_\($0)=\($0)" }.joined(separator: " "))] as Fields
        }
        var small = limits
        small.memoryBytes = 4 << 20
        #expect(throws: SearchError.self) { try answer("* | unpack_logfmt", big, limits: small) }
        #expect(lines(try answer("* | unpack_logfmt | count() r", big, limits: small)) == ["r=2000"])
    }
}
