import Bytes
import CRE2

/// Asks RE2 whether an expression is well formed, so that a wrong one is an error of the query, with its place.
public enum RegexpSyntaxCheck {
    /// The expression as RE2 reads it: `(?<name>` is `(?P<name>` there. O(length).
    public static func adapted(_ expression: ByteString) -> ByteString {
        let bytes = expression.bytes
        guard bytes.contains(UInt8(ascii: "<")) else { return expression }
        var adapted: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let isGroup = bytes[index...].starts(with: "(?<".utf8)
            let next = index + 3 < bytes.count ? bytes[index + 3] : 0
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count {
                adapted += [bytes[index], bytes[index + 1]]
                index += 2
            } else if isGroup, next.isWordByte {
                adapted += Array("(?P<".utf8)
                index += 3
            } else {
                adapted.append(bytes[index])
                index += 1
            }
        }
        return ByteString(adapted)
    }

    enum Verdict: Equatable {
        /// Whether it has a group with a name.
        case good(hasNamedGroup: Bool)
        /// What RE2 says.
        case bad(reason: String)
    }

    /// O(length); the compiled expression is thrown away.
    static func check(_ expression: ByteString) -> Verdict {
        var message = [CChar](repeating: 0, count: 256)
        // Both buffers outlive the call, and their lengths go with them.
        let made = unsafe adapted(expression).bytes.withUnsafeBytes { bytes in
            unsafe message.withUnsafeMutableBufferPointer { error in
                unsafe plumb_re2_new(bytes.baseAddress, bytes.count, 0, error.baseAddress, error.count)
            }
        }
        guard let made = unsafe made else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            return .bad(reason: String(decoding: text, as: UTF8.self))
        }
        // Made above and used nowhere else.
        defer { unsafe plumb_re2_free(made) }
        let groups = unsafe plumb_re2_group_count(made)
        // The name is not kept, only whether there is one.
        return .good(hasNamedGroup: (0..<groups).contains { unsafe plumb_re2_group_name(made, $0 + 1) != nil })
    }
}

extension Parser {
    /// Fails unless the expression, which begins at `start`, is well formed. Answers whether it has a named group.
    @discardableResult
    func checkRegexp(_ expression: ByteString, at start: Int) throws(QueryError) -> Bool {
        switch RegexpSyntaxCheck.check(expression) {
        case .good(let hasNamedGroup): return hasNamedGroup
        case .bad(let reason):
            throw fail(
                "this is no regular expression (\(reason))", at: start, expected: ["\"err(or)?s\"", "\"[0-9]+\""])
        }
    }
}
