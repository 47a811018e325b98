import Bytes
import CRE2
import QueryLanguage

/// A regular expression that does not compile.
public struct RegexpError: Error, Sendable, CustomStringConvertible {
    public var pattern: String
    /// What RE2 says.
    public var reason: String

    public var description: String { "bad regular expression \(pattern): \(reason)" }
}

/// A compiled RE2 expression: matching takes time linear in the text, whatever the expression. Any number of threads
/// may use one at once.
@safe
final class Regexp: Sendable {
    // RE2 objects are immutable and made for concurrent use; freed once, in deinit.
    private nonisolated(unsafe) let expression: OpaquePointer
    let pattern: ByteString
    /// Texts of which every match contains one; none when nothing is known.
    let requiredLiterals: [[UInt8]]
    /// Name of each capture group, the first at index 0; nil for one without a name.
    let groupNames: [ByteString?]

    init(_ pattern: ByteString, caseInsensitive: Bool = false) throws(RegexpError) {
        var message = [CChar](repeating: 0, count: 256)
        // Both buffers outlive the call, and their lengths go with them.
        let made = unsafe RegexpSyntaxCheck.adapted(pattern).bytes.withUnsafeBytes { bytes in
            unsafe message.withUnsafeMutableBufferPointer { error in
                unsafe plumb_re2_new(
                    bytes.baseAddress, bytes.count, caseInsensitive ? 1 : 0, error.baseAddress, error.count)
            }
        }
        guard let made = unsafe made else {
            let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            throw RegexpError(pattern: pattern.string, reason: String(decoding: text, as: UTF8.self))
        }
        unsafe expression = made
        self.pattern = pattern
        requiredLiterals = (0..<(unsafe plumb_re2_literal_count(made))).map { index in
            var length = 0
            // The literal lives as long as the expression; it is copied here.
            let literal = unsafe plumb_re2_literal(made, index, &length)
            return unsafe [UInt8](UnsafeRawBufferPointer(start: literal, count: length))
        }
        let groups = unsafe plumb_re2_group_count(made)
        groupNames = (0..<groups).map { index in
            // A terminated string that lives as long as the expression; copied here.
            unsafe plumb_re2_group_name(made, index + 1).map { unsafe ByteString(String(cString: $0)) }
        }
    }

    deinit { unsafe plumb_re2_free(expression) }

    /// Whether any part of the text matches. O(length).
    func search(_ text: RawSpan) -> Bool {
        // The span is only read, within the call.
        unsafe text.withUnsafeBytes { unsafe plumb_re2_search(expression, $0.baseAddress, $0.count) != 0 }
    }

    /// Whether the whole text matches. O(length).
    func matchesWhole(_ text: RawSpan) -> Bool {
        // The span is only read, within the call.
        unsafe text.withUnsafeBytes { unsafe plumb_re2_match_whole(expression, $0.baseAddress, $0.count) != 0 }
    }

    /// The first match at or after `start`: start and end of the whole match and of each group, -1 for a group that
    /// took no part. `groups` needs `2 * (groupNames.count + 1)` places. O(length).
    func capture(_ text: RawSpan, from start: Int, into groups: inout [Int]) -> Bool {
        precondition(start <= text.byteCount && groups.count >= 2 * (groupNames.count + 1))
        // The span is only read and `groups` has room for every offset, as checked.
        return unsafe text.withUnsafeBytes { bytes in
            unsafe groups.withUnsafeMutableBufferPointer { places in
                unsafe plumb_re2_capture(
                    expression, bytes.baseAddress, bytes.count, start, places.baseAddress, groupNames.count + 1) != 0
            }
        }
    }
}
