import Bytes
import QueryLanguage
import Records

/// `format "a <b> c <uc:d>"`: texts with fields between them.
struct FormatPattern: Sendable {
    private enum Part: Sendable {
        case text([UInt8])
        case field(ByteString, option: String)
    }

    private var parts: [Part] = []

    init(_ pattern: ByteString) {
        for step in FieldSlots.steps(of: pattern.bytes) {
            if !step.text.isEmpty { parts.append(.text(step.text)) }
            guard let slot = step.slot else { continue }
            let (option, name) = FieldSlots.optionAndName(slot)
            if !name.isEmpty, name != "_", name != "*" { parts.append(.field(name, option: option)) }
        }
    }

    /// A function that appends the text of a row of the chunk.
    func renderer(_ chunk: Chunk) throws -> (Int, inout [UInt8]) -> Void {
        var columns: [Column] = []
        for part in parts {
            if case .field(let name, _) = part {
                columns.append(try chunk.column(name))
            } else {
                columns.append(.missing)
            }
        }
        let loaded = columns
        return { row, output in
            var value: [UInt8] = []
            for (part, column) in zip(parts, loaded) {
                switch part {
                case .text(let text): output.append(contentsOf: text)
                case .field(_, let option):
                    if option.isEmpty {
                        column.append(row, to: &output)
                    } else {
                        value.removeAll(keepingCapacity: true)
                        column.append(row, to: &value)
                        FormatOptions.append(value, option, to: &output)
                    }
                }
            }
        }
    }
}

/// `format …`.
struct FormatTransform: ChunkTransform {
    let pattern: FormatPattern
    let result: ByteString
    let condition: (any RowFilter)?
    let overwrite: OverwriteRule

    func apply(_ chunk: Chunk) throws -> Chunk? {
        let chunk = chunk.compacted()
        var rows = chunk.rows
        if let condition { try condition.narrow(&rows, of: chunk) }
        let render = try pattern.renderer(chunk)
        try ComputedField.write(result, in: chunk, rows: rows, overwrite: overwrite) { row, output in
            render(row, &output)
        }
        return chunk
    }
}

/// What stands in front of the colon in `<uc:field>`. A value that an option does not fit is left as it is.
enum FormatOptions {
    static func append(_ value: [UInt8], _ option: String, to output: inout [UInt8]) {
        switch option {
        case "q": JSONText.appendPageSafeString(value.rawSpan, to: &output)
        case "uc": appendMapped(value, { $0.uppercaseMapping }, to: &output)
        case "lc": appendMapped(value, { $0.lowercaseMapping }, to: &output)
        case "urlencode": URLCoding.encode(value, to: &output)
        case "urldecode": URLCoding.decode(value, to: &output)
        case "hexencode": for byte in value { appendHexUpper(byte, to: &output) }
        case "hexdecode": appendHexDecoded(value, to: &output)
        case "base64encode": Base64.encode(value, to: &output)
        case "base64decode": output.append(contentsOf: Base64.decoded(value) ?? value)
        default: appendNumeric(value, option, to: &output)
        }
    }

    /// Character by character: one that has no counterpart of one character (`ß`) stays as it is.
    private static func appendMapped(
        _ value: [UInt8], _ mapping: (Unicode.Scalar.Properties) -> String, to output: inout [UInt8]
    ) {
        for scalar in String(decoding: value, as: UTF8.self).unicodeScalars {
            let mapped = mapping(scalar.properties)
            let isSingle = mapped.unicodeScalars.count == 1
            output.append(contentsOf: isSingle ? Array(mapped.utf8) : Array(String(scalar).utf8))
        }
    }

    private static func appendNumeric(_ value: [UInt8], _ option: String, to output: inout [UInt8]) {
        let span = value.rawSpan
        switch option {
        case "duration":
            if let nanoseconds = NumberParser.canonicalInteger(span) {
                return NumberText.appendDuration(nanoseconds, to: &output)
            }
        case "duration_seconds":
            if let nanoseconds = NumberParser.duration(span) {
                return NumberText.append(Double(nanoseconds) / 1e9, to: &output)
            }
        case "ipv4":
            if let number = NumberParser.canonicalInteger(span).flatMap({ UInt32(exactly: $0) }) {
                return NumberText.appendIPv4(number, to: &output)
            }
        case "time":
            if let nanoseconds = unixNanoseconds(span) {
                return Timestamp(nanoseconds: nanoseconds).appendRFC3339(to: &output)
            }
        case "hexnumencode":
            if let exact = UInt64(String(decoding: value, as: UTF8.self)), value.first != UInt8(ascii: "+"),
                value.first != UInt8(ascii: "0") || value.count == 1
            {
                for shift in stride(from: 56, through: 0, by: -8) {
                    appendHexUpper(UInt8(truncatingIfNeeded: exact >> UInt64(shift)), to: &output)
                }
                return
            }
        case "hexnumdecode":
            let digits = value.map { URLCoding.digit($0) }
            if digits.count <= 16, !digits.contains(nil) {
                return NumberText.append(digits.reduce(0) { $0 << 4 | UInt64($1 ?? 0) }, to: &output)
            }
        default: break
        }
        output.append(contentsOf: value)
    }

    /// Unix time in seconds, milliseconds, microseconds or nanoseconds, told apart by size. Of a decimal, digits behind
    /// the point are filled up to thousandths, millionths or billionths and counted in these: `1.5` is 1500.
    private static func unixNanoseconds(_ text: RawSpan) -> Int64? {
        var digits = ByteString(text).bytes
        if let point = digits.firstIndex(of: UInt8(ascii: ".")) {
            let fraction = digits.count - point - 1
            guard point > 0, fraction > 0, fraction <= 9 else { return nil }
            digits.remove(at: point)
            digits += repeatElement(UInt8(ascii: "0"), count: (3 - fraction % 3) % 3)
            // `0.5` is as good as `500`.
            while digits.count > 1, digits.first == UInt8(ascii: "0") { digits.removeFirst() }
        }
        // A power of ten is as good as its zeros.
        let power = digits.contains { $0 | 0x20 == UInt8(ascii: "e") } ? NumberParser.plain(text) : nil
        guard let integer = power.flatMap(Int64.init(exactly:)) ?? NumberParser.canonicalInteger(digits.rawSpan) else {
            return nil
        }
        let size = integer.magnitude
        if size < 1 << 31 { return integer &* 1_000_000_000 }
        if size < 1 << 31 * 1_000 { return integer &* 1_000_000 }
        return size < 1 << 31 * 1_000_000 ? integer &* 1_000 : integer
    }

    private static func appendHexUpper(_ byte: UInt8, to output: inout [UInt8]) {
        let alphabet = Array("0123456789ABCDEF".utf8)
        output.append(alphabet[Int(byte >> 4)])
        output.append(alphabet[Int(byte & 15)])
    }

    /// Pairs that are no hexadecimal digits stay as they are, and so does a digit that is left over.
    private static func appendHexDecoded(_ value: [UInt8], to output: inout [UInt8]) {
        var rest = value[...]
        while rest.count >= 2 {
            let pair = rest.prefix(2)
            rest = rest.dropFirst(2)
            if let high = URLCoding.digit(pair[pair.startIndex]), let low = URLCoding.digit(pair[pair.startIndex + 1]) {
                output.append(high << 4 | low)
            } else {
                output.append(contentsOf: pair)
            }
        }
        output.append(contentsOf: rest)
    }
}

/// Percent encoding as in query arguments: blanks as `+`.
enum URLCoding {
    static func encode(_ value: [UInt8], to output: inout [UInt8]) {
        let alphabet = Array("0123456789ABCDEF".utf8)
        for byte in value {
            if Words.isASCIIWordByte(byte) || byte == 45 || byte == 46 {
                output.append(byte)
            } else if byte == 32 {
                output.append(UInt8(ascii: "+"))
            } else {
                output += [UInt8(ascii: "%"), alphabet[Int(byte >> 4)], alphabet[Int(byte & 15)]]
            }
        }
    }

    static func decode(_ value: [UInt8], to output: inout [UInt8]) {
        var at = 0
        while at < value.count {
            if value[at] == UInt8(ascii: "%"), at + 2 < value.count, let high = digit(value[at + 1]),
                let low = digit(value[at + 2])
            {
                output.append(high << 4 | low)
                at += 3
            } else {
                output.append(value[at] == UInt8(ascii: "+") ? 32 : value[at])
                at += 1
            }
        }
    }

    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}

/// RFC 4648 with padding; line breaks inside are passed over.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ value: [UInt8], to output: inout [UInt8]) {
        for start in stride(from: 0, to: value.count, by: 3) {
            let group = value[start..<min(start + 3, value.count)]
            var bits: UInt32 = 0
            for byte in group { bits = bits << 8 | UInt32(byte) }
            bits <<= UInt32(8 * (3 - group.count))
            for place in 0..<4 {
                output.append(
                    place <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
    }

    static func decoded(_ value: [UInt8]) -> [UInt8]? {
        let letters = value.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        var trimmed = letters[...]
        while trimmed.last == UInt8(ascii: "=") { trimmed.removeLast() }
        guard letters.count % 4 == 0, letters.count - trimmed.count <= 2 else { return nil }
        var output: [UInt8] = []
        var bits: UInt32 = 0
        var held = 0
        for byte in trimmed {
            guard let code = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 | UInt32(code)
            held += 6
            if held >= 8 {
                held -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> UInt32(held)))
            }
        }
        return output
    }
}
