import Bytes

/// Which fields hold identifiers of requests, traces and the like.
public enum IdentifierField {
    /// Names that mean an ID whatever the values look like, compared without case, `_`, `-` and `.`, on the name's last
    /// dotted parts.
    private static let endings: [[UInt8]] = [
        "traceid", "spanid", "parentid", "requestid", "correlationid", "transactionid", "sessionid", "eventid",
        "messageid", "jobid", "orderid",
    ].map { Array($0.utf8) }

    /// Whether the name alone says ID. O(length).
    public static func isNamedLikeOne(_ name: ByteString) -> Bool {
        // All endings have that ending, which few names have.
        guard let last = name.bytes.last, last | 0x20 == UInt8(ascii: "d") else { return false }
        let folded = name.bytes.compactMap { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."): nil
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            default: byte
            }
        }
        return endings.contains { folded.suffix($0.count).elementsEqual($0) }
    }

    /// Last words of names under which long numbers are IDs, too; elsewhere they are times or amounts.
    private static let idWords: Set<[UInt8]> = Set(
        ["id", "ids", "oid", "uid", "uuid", "guid", "ulid", "ksuid", "snowflake"].map { Array($0.utf8) })

    /// Whether the last word of a name says ID: `charge_id`, `completionId`, `tweet.id`, `id`. O(length).
    public static func endsInID(_ name: ByteString) -> Bool {
        var start = name.bytes.count
        while start > 0 {
            let byte = name.bytes[start - 1]
            guard byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") else { break }
            start -= 1
            // A capital begins the word, unless the whole name is in capitals.
            let isCapital = byte & 0x20 == 0
            if isCapital, start > 0, name.bytes[start - 1] & 0x20 != 0 { break }
        }
        return idWords.contains(name.bytes[start...].map { $0 | 0x20 })
    }

    /// Where the UUID stands in `{…}` or `urn:uuid:…`; nil for other texts. O(1).
    public static func wrapped(_ text: RawSpan) -> Range<Int>? {
        let range: Range<Int>
        switch text.byteCount {
        case 38 where text[0] == UInt8(ascii: "{") && text[37] == UInt8(ascii: "}"): range = 1..<37
        case 45 where text.slice(0, urn.count).equals(urn.rawSpan): range = urn.count..<45
        default: return nil
        }
        let isDashed = [8, 13, 18, 23].allSatisfy { text[range.lowerBound + $0] == UInt8(ascii: "-") }
        return isDashed ? range : nil
    }

    private static let urn = Array("urn:uuid:".utf8)

    /// The form in which an ID is looked up: hex digits in lower case, dashes of a UUID and what is wrapped around it
    /// removed; other texts unchanged.
    public static func normalized(_ id: ByteString) -> ByteString {
        if let range = wrapped(id.bytes.rawSpan) { return normalized(ByteString(Array(id.bytes[range]))) }
        var folded: [UInt8] = []
        folded.reserveCapacity(id.count)
        for byte in id.bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"): folded.append(byte)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): folded.append(byte | 0x20)
            case UInt8(ascii: "-"): continue
            default: return id
            }
        }
        return folded.isEmpty ? id : ByteString(folded)
    }
}
