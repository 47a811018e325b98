import Bytes
import QueryLanguage
import Records
import Search
import Testing

/// Pipes by example: rows in, rows out.
@Suite struct PipeTests {
    struct Case: Sendable, CustomStringConvertible {
        var pipe: String
        var rows: [[[String]]]
        var wanted: [String]
        var description: String { pipe }

        init(_ pipe: String, _ rows: [[[String]]], _ wanted: [String]) {
            self.pipe = pipe
            self.rows = rows
            self.wanted = wanted
        }
    }

    static let people: [[[String]]] = [
        [["n", "ann"], ["a", "30"], ["c", "x"]], [["n", "bob"], ["a", "4"], ["c", "y"]], [["n", "cat"], ["a", "30"]],
        [["n", "dan"], ["c", "x"]],
    ]

    static let fields: [Case] = [
        Case("fields n, zz", people, ["n=ann", "n=bob", "n=cat", "n=dan"]),
        Case("fields a*, c", people, ["a=30 | c=x", "a=4 | c=y", "a=30", "c=x"]),
        Case("delete a, c*", people, ["n=ann", "n=bob", "n=cat", "n=dan"]),
        Case("rename n as m, a as n | limit 1", people, ["c=x | m=ann | n=30"]),
        Case("copy n as m | limit 1", people, ["a=30 | c=x | m=ann | n=ann"]),
        Case("rename * as p_* | limit 1", people, ["p_a=30 | p_c=x | p_n=ann"]),
        Case("copy a* as b* | fields b* | limit 1", people, ["b=30"]),
        Case("filter a:>5 | fields n", people, ["n=ann", "n=cat"]),
        Case("fields c | drop_empty_fields", people, ["c=x", "c=y", "c=x"]),
        Case("offset 1 | limit 2 | fields n", people, ["n=bob", "n=cat"]),
    ]

    static let orders: [Case] = [
        Case("sort by (a) | fields n", people, ["n=dan", "n=bob", "n=ann", "n=cat"]),
        Case("sort by (a desc, n desc) | fields n", people, ["n=cat", "n=ann", "n=bob", "n=dan"]),
        Case("sort by (n) desc limit 2 | fields n", people, ["n=dan", "n=cat"]),
        Case("sort by (n) offset 1 limit 2 rank as r | fields n, r", people, ["n=bob | r=2", "n=cat | r=3"]),
        Case(
            "sort by (n desc) partition by (c) limit 1 | sort by (n) | fields n", people, ["n=bob", "n=cat", "n=dan"]),
        Case("first 1 by (a desc) | fields n", people, ["n=ann"]),
        Case("last 1 by (n) | fields n", people, ["n=dan"]),
        Case("uniq by (c) with hits", people, ["c=x | hits=2", "c=y | hits=1", "hits=1"]),
        Case("uniq by (a, c)", people, ["a=30 | c=x", "a=4 | c=y", "a=30", "c=x"]),
        Case("top 2 by (c)", people, ["c=x | hits=2", "hits=1"]),
        Case("top 1 by (a) hits as h rank as r", people, ["a=30 | h=2 | r=1"]),
        Case("fields c | drop_empty_fields | uniq by (c)", people, ["c=x", "c=y"]),
        Case("field_names", people, ["hits=3 | name=a", "hits=3 | name=c", "hits=4 | name=n"]),
        Case("field_values c", people, ["c=x | hits=2", "c=y | hits=1", "hits=1"]),
        Case(
            "facets 1", people,
            [
                "field_name=a | field_value=30 | hits=2", "field_name=c | field_value=x | hits=2",
                "field_name=n | field_value=ann | hits=1",
            ]),
    ]

    static let stats: [Case] = [
        Case("stats count() n, count(a) a, count_empty(c) e, count_uniq(c) u", people, ["a=3 | e=1 | n=4 | u=2"]),
        Case("stats sum(a) s, avg(a) m, min(a) lo, max(a) hi", people, ["hi=30 | m=21.333333333333332 | s=64"]),
        Case("stats by (c) count() n, max(n) m", people, ["c=x | m=dan | n=2", "c=y | m=bob | n=1", "m=cat | n=1"]),
        Case("stats sum(zz) s, min(zz) m, count() if (c:x) x", people, ["s=NaN | x=2"]),
        Case("stats uniq_values(a) u, values(c) v", people, [#"u=["4","30"] | v=["x","y","","x"]"#]),
        Case("stats quantile(0.5, a) q, median(a) m, quantile(1, a) t", people, ["m=30 | q=30 | t=30"]),
        Case("stats row_max(a, n) r, row_min(a) s", people, [#"r={"n":"ann"} | s={"n":"bob","a":"4","c":"y"}"#]),
        Case("stats sum_len(n) l, row_any(n) r, count_uniq(a, c) u", people, [#"l=12 | r={"n":"ann"} | u=4"#]),
        Case("stats json_values(n) sort by (n desc) limit 2 j", people, [#"j=["{\"n\":\"dan\"}","{\"n\":\"cat\"}"]"#]),
        Case("stats by (a:10) count() n", people, ["a=30 | n=2", "a=0 | n=1", "n=1"]),
        Case("filter n:=nobody | stats count() n", people, ["n=0"]),
        Case("filter n:=nobody | stats by (c) count() n", people, []),
        Case(
            "stats histogram(a) h", [[["a", "1"]], [["a", "1"]], [["a", "12"]]],
            [#"h=[{"vmrange":"8.799e-01...1.000e+00","hits":2},{"vmrange":"1.136e+01...1.292e+01","hits":1}]"#]),
        Case(
            "stats by (ip:/24) count() n", [[["ip", "1.2.3.4"]], [["ip", "1.2.3.5"]], [["ip", "9.8.7.6"]]],
            ["ip=1.2.3.0 | n=2", "ip=9.8.7.0 | n=1"]),
        Case("stats by (a) count() n | sort by (n desc, a) | limit 1", people, ["a=30 | n=2"]),
        Case("count() n", people, ["n=4"]),
    ]

    static let texts: [Case] = [
        Case(
            #"extract "ip=<ip> port=<p>""#,
            [[["_msg", "x ip=1.2.3.4 port=80"]], [["_msg", "none"], ["ip", "old"]]],
            ["_msg=x ip=1.2.3.4 port=80 | ip=1.2.3.4 | p=80", "_msg=none"]),
        Case(
            #"extract "ip=<ip> " keep_original_fields"#, [[["_msg", "ip=1 "], ["ip", "old"]]], ["_msg=ip=1  | ip=old"]),
        Case(
            #"extract "<ip> <_> <path> <_> <ua>" | fields ip, path, ua"#,
            [[["_msg", #"1.2.3.4 GET /foo/bar?baz 404 "Mozilla  foo bar baz" some tail"#]]],
            ["ip=1.2.3.4 | path=/foo/bar?baz | ua=Mozilla  foo bar baz"]),
        Case(
            #"extract '"message":<m>' | fields m"#, [[["_msg", #"{"a":1,"message":"say \"hi\"","b":2}"#]]],
            [#"m=say "hi""#]),
        Case(
            #"extract_regexp "(?P<ip>([0-9]+[.]){3}[0-9]+)" | fields ip"#, [[["_msg", "from 10.0.0.1:80"]]],
            ["ip=10.0.0.1"]),
        Case(
            #"format "<n>:<uc:n> <q:n> <hexencode:n> <base64encode:n> <urlencode:n>" as r | fields r"#,
            [[["n", "a b"]]], [#"r=a b:A B "a b" 612062 YSBi a+b"#]),
        Case(
            #"format "<duration:d> <ipv4:i> <time:t> <hexnumencode:i>" as r | fields r"#,
            [[["d", "3661500000000"], ["i", "16909060"], ["t", "1749556800"]]],
            ["r=1h1m1.5s 1.2.3.4 2025-06-10T12:00:00Z 0000000001020304"]),
        Case(#"replace ("a", "bb") at n | fields n"#, [[["n", "banana"]]], ["n=bbbnbbnbb"]),
        Case(#"replace ("a", "bb") at n limit 1 | fields n"#, [[["n", "banana"]]], ["n=bbbnana"]),
        Case(#"replace if (k:1) ("a", "") at n"#, [[["n", "a"], ["k", "1"]], [["n", "a"]]], ["k=1", "n=a"]),
        Case(
            #"replace_regexp ("host-(.+?)-foo", "$1") | fields _msg"#, [[["_msg", "a host-x1-foo host-y-foo b"]]],
            ["_msg=a x1 y b"]),
        Case(
            "math a + b * 2 as c, c / 4 as d, round(d, 0.1) as e | fields c, d, e",
            [[["a", "1"], ["b", "2.5"]], [["a", "x"], ["b", "1"]]], ["c=6 | d=1.5 | e=1.5", "c=NaN | d=NaN | e=NaN"]),
        Case(
            "math 2 ^ 10 as p, 7 % 4 as r, 6 & 3 as x, a default 5 as y, max(1, a, 3) as m, abs(-2) as z "
                + "| fields p, r, x, y, m, z",
            [[["k", "v"]]], ["m=3 | p=1024 | r=3 | x=2 | y=5 | z=2"]),
        Case("math 1MiB / 2 as h, 1m30s as d | fields h, d", [[["k", "v"]]], ["d=90000000000 | h=524288"]),
        Case("len(n) l | fields l", [[["n", "äb"]]], ["l=3"]),
        Case("json_array_len(n) l | fields l", [[["n", "[1,\"a\",{\"b\":[]}]"]], [["n", "x"]]], ["l=3", "l=0"]),
        Case(
            "collapse_nums | fields _msg", [[["_msg", "2024-10-20T12:34:56Z request duration 1.34s"]]],
            ["_msg=<N>-<N>-<N>T<N>:<N>:<N>Z request duration <N>.<N>s"]),
        Case(
            "collapse_nums prettify | fields _msg",
            [[["_msg", "2edfed59-3e98-4073-bbb2-28d321ca71a7 - [2024/12/08 15:21:02] 10.71.20.32 GET /foo 200"]]],
            ["_msg=<UUID> - [<DATETIME>] <IP4> GET /foo <N>"]),
        Case("decolorize | fields _msg", [[["_msg", "\u{1B}[31mred\u{1B}[0m plain"]]], ["_msg=red plain"]),
        Case(
            "pack_json fields (a, c*) as j | fields j", people,
            [#"j={"a":"30","c":"x"}"#, #"j={"a":"4","c":"y"}"#, #"j={"a":"30"}"#, #"j={"c":"x"}"#]),
        Case("pack_logfmt fields (a, b) as j | fields j", [[["a", "x y"], ["b", "1"]]], [#"j=a="x y" b=1"#]),
        Case(
            "unpack_json from j | delete j", [[["j", #"{"a":{"b":1,"c":"x"},"d":[1,2],"e":null,"f":true}"#]]],
            ["a.b=1 | a.c=x | d=[1,2] | f=true"]),
        Case(
            #"unpack_json from j fields (a, z) result_prefix "p_" | delete j"#,
            [[["j", #"{"a":"1","b":"2"}"#]], [["j", "no"]]], ["p_a=1", ""]),
        Case("unpack_logfmt | delete _msg", [[["_msg", #"a=1 b="x y" c= flag d=é"#]]], ["a=1 | b=x y | d=é"]),
        Case("unpack_words from n as w | fields w", [[["n", "foo, bar-foo"]]], [#"w=["foo","bar","foo"]"#]),
        Case("unpack_words from n as w drop_duplicates | fields w", [[["n", "foo, bar-foo"]]], [#"w=["foo","bar"]"#]),
        Case(
            "unroll by (a, b)", [[["a", #"["x",2,{"k":1}]"#], ["b", "[true]"], ["c", "1"]]],
            ["a=x | b=true | c=1", "a=2 | c=1", #"a={"k":1} | c=1"#]),
        Case(#"split "," from n as p | fields p"#, [[["n", "a,b,,c"]]], [#"p=["a","b","","c"]"#]),
        Case("time_add 1h at t | fields t", [[["t", "2025-06-10T12:00:00Z"]]], ["t=2025-06-10T13:00:00Z"]),
        Case(
            "unpack_syslog | fields level, hostname, app_name, proc_id, message, facility_keyword, timestamp",
            [[["_msg", "<165>Jun  3 12:08:33 abcd systemd[1]: Starting"]]],
            [
                "app_name=systemd | facility_keyword=local4 | hostname=abcd | level=notice | "
                    + "message=Starting | proc_id=1 | timestamp=2025-06-03T12:08:33.000Z"
            ]),
        Case(
            #"unpack_syslog | fields timestamp, hostname, app_name, x.y, message, format"#,
            [[["_msg", #"<34>1 2025-06-03T12:08:33.123Z host app 12 id [x y="a\"b"] hello"#]]],
            [
                #"app_name=app | format=rfc5424 | hostname=host | message=hello | "#
                    + #"timestamp=2025-06-03T12:08:33.123Z | x.y=a"b"#
            ]),
    ]

    @Test(arguments: fields + orders + stats + texts)
    func pipeByExample(_ test: Case) throws {
        let rows = test.rows.map { row in row.map { ($0[0], $0[1]) } as Fields }
        for batchRows in [100, 1] {
            let found = try answer("* | \(test.pipe)", rows, batchRows: batchRows, workers: 2)
            #expect(lines(found) == test.wanted, "\(test.pipe), \(batchRows) rows a block")
        }
    }
}
