import Bytes

/// What the text of a regular expression says about it, found by reading just enough of the syntax to be sure.
enum RegexpSyntax {
    /// Whether a match in a part of a text is a match in the text, and one digit is as good as any other: no boundary,
    /// anchor or flag occurs, and every class takes all ten digits or none. Then runs of digits can be told apart by
    /// their length alone.
    static func takesDigitsAlike(_ pattern: ByteString) -> Bool {
        var scanner = Scanner(bytes: pattern.bytes)
        return scanner.run()
    }

    private struct Scanner {
        let bytes: [UInt8]
        var at = 0

        private static let digits = UInt8(ascii: "0")...UInt8(ascii: "9")

        mutating func run() -> Bool {
            while at < bytes.count {
                guard step() else { return false }
            }
            return true
        }

        private func peek(_ distance: Int = 0) -> UInt8? { at + distance < bytes.count ? bytes[at + distance] : nil }

        private mutating func step() -> Bool {
            switch bytes[at] {
            case UInt8(ascii: "^"), UInt8(ascii: "$"), Self.digits: return false
            case UInt8(ascii: "\\"): return escape()
            case UInt8(ascii: "["): return charClass()
            case UInt8(ascii: "("): return group()
            case UInt8(ascii: "{"):
                skipCounts()
                return true
            default:
                at += 1
                return true
            }
        }

        /// `\d` and its like, or an escaped character that is no digit.
        private mutating func escape() -> Bool {
            guard let next = peek(1) else { return false }
            at += 2
            if "dDwWsSntrfva".utf8.contains(next) { return true }
            let isLetter = (next | 0x20) &- UInt8(ascii: "a") < 26
            return !isLetter && !Self.digits.contains(next)
        }

        private mutating func group() -> Bool {
            at += 1
            guard peek() == UInt8(ascii: "?") else { return true }
            if peek(1) == UInt8(ascii: ":") {
                at += 2
                return true
            }
            let name = peek(1) == UInt8(ascii: "P") ? 2 : 1
            guard peek(name) == UInt8(ascii: "<") else { return false }
            while let byte = peek(), byte != UInt8(ascii: ">") { at += 1 }
            return true
        }

        /// `{2}`, `{2,}`, `{2,5}`; a brace that is none of these stands for itself.
        private mutating func skipCounts() {
            var end = at + 1
            while end < bytes.count, Self.digits.contains(bytes[end]) || bytes[end] == UInt8(ascii: ",") { end += 1 }
            at = end < bytes.count && bytes[end] == UInt8(ascii: "}") ? end + 1 : at + 1
        }

        private mutating func charClass() -> Bool {
            at += 1
            if peek() == UInt8(ascii: "^") { at += 1 }
            var isFirst = true
            while let byte = peek(), isFirst || byte != UInt8(ascii: "]") {
                isFirst = false
                if byte == UInt8(ascii: "["), peek(1) == UInt8(ascii: ":") {
                    // Every named class takes all digits or none.
                    while let inner = peek(), inner != UInt8(ascii: "]") { at += 1 }
                    at += 1
                    continue
                }
                if byte == UInt8(ascii: "\\"), let next = peek(1), "dDwWsS".utf8.contains(next) {
                    at += 2
                    continue
                }
                guard let low = member() else { return false }
                var high = low
                if peek() == UInt8(ascii: "-"), let behind = peek(1), behind != UInt8(ascii: "]") {
                    at += 1
                    guard let end = member() else { return false }
                    high = end
                }
                let takesNone = high < Self.digits.lowerBound || low > Self.digits.upperBound
                let takesAll = low <= Self.digits.lowerBound && high >= Self.digits.upperBound
                guard takesNone || takesAll else { return false }
            }
            guard peek() != nil else { return false }
            at += 1
            return true
        }

        /// One end of a range. Bytes beyond ASCII are beyond all digits, whatever character they are part of.
        private mutating func member() -> UInt8? {
            guard let byte = peek() else { return nil }
            guard byte == UInt8(ascii: "\\") else {
                at += 1
                return byte
            }
            guard let next = peek(1) else { return nil }
            let isLetter = (next | 0x20) &- UInt8(ascii: "a") < 26
            guard !isLetter || "ntrfva".utf8.contains(next), !Self.digits.contains(next) else { return nil }
            at += 2
            // Control characters are below all digits.
            return isLetter ? 0 : next
        }
    }
}
