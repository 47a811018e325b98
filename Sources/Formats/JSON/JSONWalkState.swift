import Bytes
import CKernels
import Records

/// Where a walk stands within a record. Copied into registers while it runs.
typealias JSONCursor = plumb_json_cursor

/// What a walk keeps from record to record and from one stop to the next.
struct JSONWalkState: Sendable {
    var cursor = JSONCursor()
    /// Whether the walk stopped between two fields of a record.
    var isInRecord = false
    var lineStart = 0
    var row = 0
    /// The enclosing objects of the open one, outermost first.
    var parents = InlineArray<64, UInt32>(repeating: 0)
    /// Nanoseconds, for records without a time.
    var arrival: Int64 = 0
    /// Where unescaped text will stand: behind the window.
    var scratchBase = 0
    /// Strings whose escapes were resolved: appended to the window.
    var scratch: [UInt8] = []
    var clock = TimestampText()
    var accepted = 0
    var mistimed = 0
    var blankLines = 0

    init() {}
}

/// Why a walk came back.
enum JSONWalkStop {
    /// All entries are read.
    case end
    /// A key that the graph does not know: add it and go on.
    case unknownKey(start: Int, length: Int)
    /// A key whose values have no column yet: give it one and go on.
    case needsColumn(node: Int)
    /// The line is no record; the cursor stands before its line feed.
    case fault(JSONFault, place: Int)
}

let entryOffset: UInt32 = 0xFF_FFFF

extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let lineFeed = UInt8(ascii: "\n")
}
