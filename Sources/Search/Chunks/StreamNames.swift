import Bytes
import Records

/// `_stream` and `_stream_id` of records that were stored without them.
enum StreamNames {
    /// `{host="a",service="b"}` from those default stream fields that a row has, names in byte order; `{}` without any.
    static func column(rowCount: Int, of field: (ByteString) throws -> Column) rethrows -> Column {
        let fields = StandardFields.defaultStream.sorted()
        let everyRow = Bitmap(count: rowCount, full: true)
        var parts: [CodedColumn] = []
        for name in fields { parts.append(CodedColumn(try field(name), rows: everyRow)) }
        let tuples = CodedTuples(parts, rows: everyRow, rowCount: rowCount)
        var values = StringColumn()
        for index in 0..<tuples.count {
            let labels = zip(fields, tuples.parts(index)).map { field, code in (field, code) }
            var text: [UInt8] = [UInt8(ascii: "{")]
            for (position, (field, code)) in labels.enumerated() {
                let value = parts[position].value(Int(code))
                guard !value.isEmpty else { continue }
                if text.count > 1 { text.append(UInt8(ascii: ",")) }
                text.append(contentsOf: field.bytes)
                text.append(UInt8(ascii: "="))
                JSONText.appendString(value.bytes.rawSpan, to: &text)
            }
            text.append(UInt8(ascii: "}"))
            values.append(text.rawSpan)
        }
        guard let codes = tuples.codes else { return .constant(values.value(0)) }
        return .dictionary(codes: codes, values: values)
    }

    /// Tenant (account and project, 8 hex digits each) and a 128-bit hash of the stream's name in hex.
    static func identifiers(of streams: Column, tenant: Tenant) -> Column {
        func identifier(_ name: RawSpan) -> ByteString {
            var text: [UInt8] = []
            appendHex(UInt64(tenant.account), digits: 8, to: &text)
            appendHex(UInt64(tenant.project), digits: 8, to: &text)
            appendHex(hash64(name), digits: 16, to: &text)
            appendHex(hash64(name, seed: 1), digits: 16, to: &text)
            return ByteString(text)
        }
        switch streams {
        case .constant(let name): return .constant(identifier(name.bytes.rawSpan))
        case .dictionary(let codes, let names):
            return .dictionary(codes: codes, values: StringColumn((0..<names.count).map { identifier(names[$0]) }))
        case .strings(let names): return .strings(StringColumn((0..<names.count).map { identifier(names[$0]) }))
        case .integers, .times: return .missing
        }
    }

    static func appendHex(_ value: UInt64, digits: Int, to output: inout [UInt8]) {
        let alphabet = Array("0123456789abcdef".utf8)
        for index in stride(from: digits - 1, through: 0, by: -1) {
            output.append(alphabet[Int(value >> UInt64(index * 4) & 15)])
        }
    }

    /// The labels of `{a="b",c="d"}`; nil if the text is none.
    static func labels(_ stream: RawSpan) -> [(name: ByteString, value: ByteString)]? {
        var labels: [(ByteString, ByteString)] = []
        let count = stream.byteCount
        guard count >= 2, stream[0] == UInt8(ascii: "{"), stream[count - 1] == UInt8(ascii: "}") else { return nil }
        var at = 1
        while at < count - 1 {
            guard let equals = firstIndex(of: UInt8(ascii: "="), in: stream, from: at), equals + 1 < count else {
                return nil
            }
            let name = ByteString(stream.slice(at, equals - at))
            guard let (value, end) = JSONText.string(stream, at: equals + 1) else { return nil }
            labels.append((name, ByteString(value)))
            at = end
            if at < count - 1 {
                guard stream[at] == UInt8(ascii: ",") else { return nil }
                at += 1
            }
        }
        return labels
    }
}
