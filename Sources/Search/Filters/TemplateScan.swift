import Bytes
import Records

/// A text that occurs in every value which a matcher takes.
struct TemplateNeedle: Sendable {
    /// Not empty; in lower case if `foldsCase`.
    var text: [UInt8]
    /// Word boundaries asked for in front and behind.
    var atStart = false
    var atEnd = false
    var foldsCase = false
    /// Whether the occurrence is all that the matcher asks for.
    var decides = true
}

/// Which bytes occur in some texts.
struct ByteSet: Hashable, Sendable {
    private var low: UInt64 = 0
    private var middle: UInt64 = 0
    private var high: UInt64 = 0
    private var top: UInt64 = 0

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: low |= bit
        case 1: middle |= bit
        case 2: high |= bit
        default: top |= bit
        }
    }

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: low
            case 1: middle
            case 2: high
            default: top
            }
        return word >> UInt64(byte & 63) & 1 == 1
    }

    /// The bytes of a column's texts. O(bytes), but O(1) for integers.
    init(_ column: Column) {
        func insertAll(_ bytes: [UInt8]) {
            var seen = [Bool](repeating: false, count: 256)
            for byte in bytes { seen[Int(byte)] = true }
            for byte in 0..<256 where seen[byte] { insert(UInt8(byte)) }
        }
        switch column {
        case .constant(let value): insertAll(value.bytes)
        case .dictionary(_, let values): insertAll(values.arena)
        case .strings(let texts): insertAll(texts.arena)
        case .integers: insertAll(Array("-0123456789".utf8))
        case .times: insertAll(Array("-0123456789TZ:.".utf8))
        }
    }

    /// Whether no byte but `0` to `9` occurs.
    var isSubsetOfDigits: Bool { (low & ~(0x3FF << 48)) | middle | high | top == 0 }

    /// The bytes of the texts in lower case.
    var folded: ByteSet {
        var folded = self
        for byte in UInt8(ascii: "A")...UInt8(ascii: "Z") where contains(byte) { folded.insert(byte | 0x20) }
        // Characters beyond ASCII may fold to anything.
        if high != 0 || top != 0 { (folded.low, folded.middle, folded.high, folded.top) = (.max, .max, .max, .max) }
        return folded
    }
}

/// What a template says of all of its rows.
enum TemplateVerdict: UInt8 { case none, some, all }

/// Decides from the common parts of a template, and from the bytes that occur in its variables, whether its rows can
/// hold a text.
struct TemplateScan {
    private let needle: TemplateNeedle

    init(_ needle: TemplateNeedle) { self.needle = needle }

    func verdict(_ shape: TemplateShape.Content) -> TemplateVerdict {
        var pieces = shape.pieces.map(\.bytes)
        if needle.foldsCase { pieces = pieces.map { Words.lowercased($0.rawSpan) } }
        var isOpen = false
        for (index, piece) in pieces.enumerated() {
            switch occurrence(in: piece, isFirst: index == 0, isLast: index == pieces.count - 1) {
            case .all: return .all
            case .some: isOpen = true
            case .none: break
            }
        }
        if isOpen { return .some }
        // Folding may change more than the bytes of a value: then only these are asked.
        let variables = shape.variables.map { variable in
            needle.foldsCase
                ? TemplateShape.Variable(bytes: variable.bytes.folded, digits: nil, values: nil) : variable
        }
        var walk = TemplateWalk(needle.text, pieces, variables)
        return walk.mayTouchVariable() ? .some : .none
    }

    /// Whether the text occurs within a piece; `.some` if a word boundary depends on the variable beside it.
    private func occurrence(in piece: [UInt8], isFirst: Bool, isLast: Bool) -> TemplateVerdict {
        let text = piece.rawSpan
        var verdict = TemplateVerdict.none
        var at = 0
        while let found = firstRange(of: needle.text.rawSpan, in: text, from: at) {
            let end = found + needle.text.count
            at = found + 1
            guard
                TextSearch.isBounded(
                    text, 0..<piece.count, found, length: needle.text.count, atStart: needle.atStart,
                    atEnd: needle.atEnd)
            else { continue }
            let dependsOnStart = needle.atStart && found == 0 && !isFirst
            let dependsOnEnd = needle.atEnd && end == piece.count && !isLast
            if !dependsOnStart, !dependsOnEnd { return .all }
            verdict = .some
        }
        return verdict
    }
}

/// Looks for a way to lay a text over a template such that some of it falls on a variable.
struct TemplateWalk {
    private let needle: [UInt8]
    private let pieces: [[UInt8]]
    private let variables: [TemplateShape.Variable]
    /// Pairs of variable and place in the needle from which nothing led to the end.
    private var failed: Set<Int> = []

    init(_ needle: [UInt8], _ pieces: [[UInt8]], _ variables: [TemplateShape.Variable]) {
        self.needle = needle
        self.pieces = pieces
        self.variables = variables
    }

    mutating func mayTouchVariable() -> Bool {
        for variable in variables.indices {
            if enter(variable, at: 0) { return true }
            // From the end of the piece in front of the variable.
            let piece = pieces[variable]
            for length in 1..<max(1, min(piece.count + 1, needle.count)) {
                if piece.suffix(length).elementsEqual(needle.prefix(length)), enter(variable, at: length) {
                    return true
                }
            }
        }
        return false
    }

    /// Whether the needle from `place` on fits if its next byte is one of the variable's.
    private mutating func enter(_ variable: Int, at place: Int) -> Bool {
        guard place < needle.count, variables[variable].bytes.contains(needle[place]) else { return false }
        if let values = variables[variable].values { return enter(variable, at: place, values) }
        return inside(variable, place + 1)
    }

    /// The same where the values are known: at the needle's beginning anywhere in one, else at its first byte.
    private mutating func enter(_ variable: Int, at place: Int, _ values: [ByteString]) -> Bool {
        for value in values.map(\.bytes) {
            for start in 0..<(place == 0 ? value.count : min(1, value.count)) {
                let length = min(value.count - start, needle.count - place)
                guard value[start..<start + length].elementsEqual(needle[place..<place + length]) else { continue }
                if place + length == needle.count || behind(variable, place + length) { return true }
            }
        }
        return false
    }

    private mutating func inside(_ variable: Int, _ place: Int) -> Bool {
        if place == needle.count { return true }
        let key = variable * (needle.count + 1) + place
        if failed.contains(key) { return false }
        if variables[variable].bytes.contains(needle[place]), inside(variable, place + 1) { return true }
        if behind(variable, place) { return true }
        failed.insert(key)
        return false
    }

    /// Whether the needle from `place` on fits behind the variable.
    private mutating func behind(_ variable: Int, _ place: Int) -> Bool {
        let next = pieces[variable + 1]
        let length = min(next.count, needle.count - place)
        guard next.prefix(length).elementsEqual(needle[place..<place + length]) else { return false }
        if place + length == needle.count { return true }
        return variable + 1 < variables.count && enter(variable + 1, at: place + length)
    }
}
