import Bytes
import Formats
import Records
import TestSupport
import Testing

/// Random records are written by a slow, obvious writer and must come back field by field however the bytes are cut.
@Suite struct JSONRoundTripTests {
    static let pieces: [[Int]] = [[1 << 20], [1], [7, 64, 3], [63, 1, 65], [4096], [300]]

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func comesBack(seed: UInt64) {
        var generator = SplitMix(seed: seed)
        var text: [UInt8] = []
        var expected: [[String: String]] = []
        for _ in 0..<200 {
            var fields: [String: String] = ["_time": "7"]
            var record = "{"
            var names = Set<String>()
            for _ in 0..<Int.random(in: 0...9, using: &generator) {
                let name = Self.name(&generator)
                guard names.insert(name).inserted else { continue }
                if record.count > 1 { record += Self.space(&generator) + "," + Self.space(&generator) }
                let (json, value) = Self.value(&generator)
                record += Self.quote(name, &generator) + Self.space(&generator) + ":" + Self.space(&generator) + json
                for (path, leaf) in value where !leaf.isEmpty { fields[name + path] = leaf }
            }
            record += Self.space(&generator) + "}" + (Bool.random(using: &generator) ? "\n" : "\r\n")
            if Int.random(in: 0..<20, using: &generator) == 0 {
                text += Array(record.utf8).prefix(record.utf8.count / 2).filter { $0 != 0x0A } + [0x0A]
                text.removeLast()
                text += Array("\u{1}broken\n".utf8)
            }
            text += Array(record.utf8)
            expected.append(fields)
        }
        for sizes in Self.pieces {
            let parsed = parse(text, pieces: sizes)
            #expect(parsed.rows == expected, "seed \(seed), pieces \(sizes)")
        }
    }

    static func space(_ generator: inout SplitMix) -> String {
        Int.random(in: 0..<6, using: &generator) == 0 ? [" ", "\t", "  "].randomElement(using: &generator)! : ""
    }

    static func name(_ generator: inout SplitMix) -> String {
        let fixed = ["service", "level", "http_status_code_of_the_answer", "x", "naïve", "a\"b", "值", "q\\"]
        if Int.random(in: 0..<4, using: &generator) > 0 { return fixed.randomElement(using: &generator)! }
        return "k\(Int.random(in: 0..<40, using: &generator))"
    }

    static func characters(_ generator: inout SplitMix) -> String {
        let pool: [String] = [
            "a", "7", " ", "\"", "\\", "\n", "{", "}", "[", "]", ",", ":", "é", "😀", "\u{1}", "/", "\u{7F}", "€",
        ]
        return (0..<Int.random(in: 0..<70, using: &generator)).map { _ in pool.randomElement(using: &generator)! }
            .joined()
    }

    /// JSON text of a string, some characters escaped that need not be.
    static func quote(_ text: String, _ generator: inout SplitMix) -> String {
        var json = "\""
        for scalar in text.unicodeScalars {
            let must = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
            if must || Int.random(in: 0..<12, using: &generator) == 0 {
                for unit in String(scalar).utf16 {
                    let hex = String(unit, radix: 16)
                    json += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
                }
            } else {
                json.unicodeScalars.append(scalar)
            }
        }
        return json + "\""
    }

    /// JSON text of a value, and the leaves that it stands for by their path.
    static func value(_ generator: inout SplitMix, depth: Int = 0) -> (String, [String: String]) {
        switch Int.random(in: 0..<(depth < 3 ? 10 : 7), using: &generator) {
        case 0: return ("null", [:])
        case 1: return ("true", ["": "true"])
        case 2:
            let number =
                "\(Int.random(in: -1000...1000, using: &generator)).\(Int.random(in: 0...99, using: &generator))"
            return (number, ["": number])
        case 3...6:
            let text = characters(&generator)
            return (quote(text, &generator), ["": text])
        case 7:
            let items = (0..<Int.random(in: 0..<4, using: &generator)).map { _ in value(&generator, depth: depth + 1).0
            }
            let json = "[" + items.joined(separator: space(&generator) + ",") + "]"
            return (json, ["": json])
        default:
            var leaves: [String: String] = [:]
            var parts: [String] = []
            for number in 0..<Int.random(in: 0..<4, using: &generator) {
                let (json, inner) = value(&generator, depth: depth + 1)
                parts.append("\"f\(number)\":" + space(&generator) + json)
                for (path, leaf) in inner { leaves[".f\(number)\(path)"] = leaf }
            }
            return ("{" + parts.joined(separator: ",") + space(&generator) + "}", leaves)
        }
    }
}
