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

    /// The form in which an ID is looked up: hex digits in lower case, dashes of a UUID removed; other texts unchanged.
    public static func normalized(_ id: ByteString) -> ByteString {
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
