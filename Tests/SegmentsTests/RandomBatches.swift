import Bytes
import Records
import TestSupport

extension SplitMix {
    mutating func chance(_ oneIn: Int) -> Bool { below(oneIn) == 0 }
    mutating func hex(_ digits: Int, upperCase: Bool = false) -> String {
        let alphabet = Array(upperCase ? "0123456789ABCDEF" : "0123456789abcdef")
        return String((0..<digits).map { _ in alphabet[below(16)] })
    }
}

/// Values of every kind that an encoding claims, and near misses of each.
enum ValueKind: CaseIterable {
    case word, fewWords, constantWord, integers, smallIntegers, negative, hugeIntegers, nearIntegers, fixedDecimals
    case shortDecimals, pythonDecimals, nearDecimals, hex16, hex32, hexUpper, hexMixed, oddHex, uuid, uuidUpper,
        nearUUID
    case ipv4, nearIPv4, timestamps, nearTimestamps, messages, rareMessages, prose, recurringIDs, sparse, binaryish
    case empty, counters, zeroPadded, clock, nearClock, headed

    static let nearMisses = [
        "007", "-0", "1e5", "+1", "0x1F", "", "12.50", "-0.0", ".5", "5.", "1,000", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "00", "1 ", "NaN", "١٢", "0.1e2",
        "18446744073709551616", "0.000000000000000001", "999999999999999999.9", "-", ".", "--1", "1.2.3",
    ]

    func value(_ row: Int, _ random: inout SplitMix) -> String {
        switch self {
        case .word: return "w\(random.below(1_000_000))x"
        case .fewWords: return ["INFO", "INFO", "INFO", "WARN", "ERROR", ""][random.below(6)]
        case .constantWord: return "checkout"
        case .integers: return "\(random.below(100_000))"
        case .smallIntegers: return "\([200, 200, 200, 404, 500][random.below(5)])"
        case .negative: return "\(random.below(2_000) - 1_000)"
        case .hugeIntegers: return "\(Int64(bitPattern: random.next()))"
        case .nearIntegers: return random.chance(40) ? Self.nearMisses[random.below(Self.nearMisses.count)] : "\(row)"
        case .fixedDecimals: return fixed(random.below(9_999_999) - 1_000, digits: 3)
        case .shortDecimals: return "\(Double(random.below(100_000)) / 100)".replacingSuffix(".0")
        case .pythonDecimals: return "\(Double(random.below(100_000) - 500) / 1_000)"
        case .nearDecimals: return random.chance(30) ? Self.nearMisses[random.below(Self.nearMisses.count)] : "0.25"
        case .hex16: return random.hex(16)
        case .hex32: return random.hex(32)
        case .hexUpper: return random.hex(16, upperCase: true)
        case .hexMixed: return random.hex(16, upperCase: random.chance(50))
        case .oddHex: return random.hex(7)
        case .uuid: return uuid(random.hex(32))
        case .uuidUpper: return uuid(random.hex(32, upperCase: true))
        case .nearUUID: return random.chance(40) ? random.hex(36) : uuid(random.hex(32))
        case .ipv4: return (0..<4).map { _ in "\(random.below(256))" }.joined(separator: ".")
        case .nearIPv4: return random.chance(30) ? "10.0.00.\(random.below(400))" : "10.1.2.\(random.below(256))"
        case .timestamps:
            return Timestamp(nanoseconds: 1_700_000_000_123_000_000 + Int64(row) * 1_000_000_000).description
        case .nearTimestamps: return nearTimestamp(row, &random)
        case .messages: return message(&random)
        case .rareMessages:
            return random.chance(3) ? "boot \(random.hex(3)) of unit \(random.hex(9)) at \(row)" : message(&random)
        case .prose: return (0..<random.below(30)).map { _ in random.hex(1 + random.below(9)) }.joined(separator: " ")
        case .recurringIDs: return recurring(row, &random)
        case .sparse: return random.chance(20) ? "\(random.below(50))" : ""
        case .binaryish:
            return String(decoding: (0..<random.below(12)).map { _ in UInt8(random.below(128)) }, as: UTF8.self)
        case .empty: return ""
        case .counters: return "\(1_000_000_000 + row * 7 + random.below(3))"
        case .zeroPadded: return fixed(random.below(1_000_000) + 1_000_000, digits: 0).suffixText(6)
        case .clock: return clock(row, separator: ":") + ",\(100 + random.below(900))"
        case .nearClock: return random.chance(50) ? "2\(random.below(9))9999" : clock(row, separator: "")
        case .headed: return headed(row, &random)
        }
    }

    /// A time of day.
    private func clock(_ row: Int, separator: String) -> String {
        let second = row * 37
        return [second / 3_600 % 24, second / 60 % 60, second % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
            .joined(separator: separator)
    }

    /// Lines of many kinds behind one head, in which some values stand twice.
    private func headed(_ row: Int, _ random: inout SplitMix) -> String {
        let process = 1_000 + random.below(4)
        let head = "2026-03-0\(1 + row % 9) \(clock(row, separator: ":")),\(100 + random.below(900)) [\(process)] "
        var blocks = SplitMix(seed: UInt64(row / 5))
        let block = Int64(bitPattern: blocks.next())
        switch random.below(6) {
        case 0: return head + "INFO block blk_\(block) from /10.0.0.\(row % 20) to /10.0.0.\(row % 20):50010"
        case 1: return head + "WARN block blk_\(block) is late by \(random.below(99))"
        case 2: return head + "INFO process \(process) of \(process) is alive"
        case 3: return head + "DEBUG \(random.hex(8)) \(random.hex(8)) nothing"
        case 4: return random.chance(9) ? "no head at \(row)" : head + "INFO \(random.below(3)) workers"
        default: return head + "once \(String(UnicodeScalar(UInt8(97 + row % 26)))) in \(row)\u{0}"
        }
    }

    private func fixed(_ scaled: Int, digits: Int) -> String {
        guard digits > 0 else { return "\(scaled)" }
        var text = "\(abs(scaled))"
        while text.utf8.count <= digits { text = "0" + text }
        let split = text.index(text.endIndex, offsetBy: -digits)
        return (scaled < 0 ? "-" : "") + text[..<split] + "." + text[split...]
    }

    private func uuid(_ hex: String) -> String {
        let digits = Array(hex)
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    private func nearTimestamp(_ row: Int, _ random: inout SplitMix) -> String {
        let odd = [
            "2026-02-30T10:00:00Z", "2026-13-01T10:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T10:00:60Z",
            "0000-01-01T00:00:00Z",
        ]
        return random.chance(60) ? odd[random.below(odd.count)] : "2026-03-0\(1 + row % 9)T10:00:00Z"
    }

    private func message(_ random: inout SplitMix) -> String {
        switch random.below(4) {
        case 0:
            return "user \(random.below(500)) logged in from 10.0.0.\(random.below(255)) after \(random.below(90))ms"
        case 1:
            let took = Double(random.below(9_000)) / 10
            return "GET /api/items/\(random.hex(8)) took \(took)ms status=\(200 + random.below(4))"
        case 2: return "cache miss for key=\"session:\(random.hex(12))\" in node\(random.below(20))"
        default: return "payment of \(random.below(10_000)) EUR accepted, order=\(random.below(100_000))"
        }
    }

    private func recurring(_ row: Int, _ random: inout SplitMix) -> String {
        var own = SplitMix(seed: UInt64(max(0, row / 8 - random.below(6))))
        return own.hex(32)
    }
}

extension String {
    func replacingSuffix(_ suffix: String) -> String { hasSuffix(suffix) ? String(dropLast(suffix.count)) : self }
    func suffixText(_ count: Int) -> String { String(suffix(count)) }
}

/// A batch with one column a kind, rows as given.
func randomBatch(rows: Int, kinds: [ValueKind] = ValueKind.allCases, seed: UInt64) -> RecordBatch {
    var random = SplitMix(seed: seed)
    var batch = RecordBatch()
    var time: Int64 = 1_700_000_000_000_000_000
    for _ in 0..<rows {
        time += Int64(random.below(3_000_000)) - 200_000
        batch.times.append(time)
    }
    for (position, kind) in kinds.enumerated() {
        var slices: [RecordBatch.Slice] = []
        for row in 0..<rows {
            let value = kind.value(row, &random)
            slices.append(.init(offset: UInt32(batch.arena.count), length: UInt32(value.utf8.count)))
            batch.arena.append(contentsOf: value.utf8)
        }
        batch.columns.append(.init(name: ByteString("\(kind)\(position)"), slices: slices))
    }
    return batch
}
