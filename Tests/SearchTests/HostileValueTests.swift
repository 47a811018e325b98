import Bytes
import QueryLanguage
import Records
import Search
import TestSupport
import Testing

/// Values made to break parsers, through every pipe and function that looks into values: nothing may crash, and rows
/// neither come nor go.
@Suite struct HostileValueTests {
    static let pieces = [
        "{", "}", "[", "]", "\"", "\\", ":", ",", "<", ">", "=", " ", "\t", "\n", "-", ".", "+", "/", "\u{1B}[", "m",
        "0", "9", "255", "1e308",
        "1e999", "9223372036854775808", "NaN", "Inf", "0x", "é", "тест", "\u{1F600}", "\u{0}", "<165>", "1 ",
        "Jun  3 12:08:33 ", "\\u", "\\ud800",
        "null", "true", "{\"a\":", "[[[[", "2025-06-10T12:00:00Z", "10.0.0.1", "5ms", "KiB", "$1", "`", "'", "&lt;",
        "%zz", "a=b ", "[x y=\"z\\",
    ]

    static let pipes = [
        "unpack_json", "unpack_logfmt", "unpack_syslog", "unpack_words as w", "unroll by (_msg)",
        "json_array_len(_msg) l", "len(_msg) l",
        "hash(_msg) h", "collapse_nums", "collapse_nums prettify", "decolorize", #"extract "<a> <b>=<c>""#,
        #"extract "\"<q>\"x<r>""#,
        #"extract_regexp "(?P<a>[0-9]+)|(?P<b>x)""#, #"replace ("\\", "y")"#,
        #"replace_regexp ("[^a-z]*", "$0${1}$$")"#,
        #"format "<q:_msg><uc:_msg><lc:_msg><urlencode:_msg><urldecode:_msg><hexdecode:_msg>""#,
        #"format "<base64decode:_msg><time:_msg><duration:_msg>""#,
        #"format "<ipv4:_msg><hexnumencode:_msg><hexnumdecode:_msg><duration_seconds:_msg>""#,
        "math _msg * 2 as x, round(_msg, 0.1) as y",
        "pack_json", "pack_logfmt", "split \",\" as p", "split \"\" as p", "time_add 200y at _msg", "sort by (_msg)",
        "uniq by (_msg)",
        "stats by (_msg) count() c", "stats by (_msg:10) count() c", "stats by (_msg:/8) count() c",
        "stats histogram(_msg) h, quantile(0.9, _msg) q",
        "stats min(_msg) a, max(_msg) b, sum(_msg) c, avg(_msg) d, sum_len(_msg) e",
        "stats uniq_values(_msg) u, values(_msg) v, row_max(_msg) r",
        "filter _msg:>5", "filter ~\"a.*b\"", "filter i(NULL)", "filter _msg:pattern_match(\"<N>\")",
        "filter ipv4_range(\"10.0.0.0/8\")",
        "filter len_range(3, 9)", "filter seq(a, b)", "filter {a=\"b\"}", "patterns", "top 5 by (_msg)", "facets",
    ]

    @Test(arguments: pipes) func pipeSurvives(_ pipe: String) throws {
        var random = SplitMix(seed: 99)
        let rows: [Fields] = (0..<300).map { _ in
            let parts = (0..<Int.random(in: 0...7, using: &random)).map { _ in
                Self.pieces.randomElement(using: &random)!
            }
            return [("_msg", parts.joined()), ("k", "1")]
        }
        let found = try answer("* | \(pipe)", rows, batchRows: 37, workers: 2)
        let changesCount = ["unroll", "sort", "uniq", "stats", "filter", "patterns", "top", "facets"].contains {
            pipe.hasPrefix($0)
        }
        if !changesCount { #expect(found.count == rows.count) }
    }
}
