import Bytes
import Records

extension JSONWalker {
    /// Reads the value behind a colon into its cell, or opens the object that stands there.
    mutating func readValue(
        _ node: UInt32, after start: Int, _ cursor: inout JSONCursor, _ state: inout JSONWalkState
    ) -> Step {
        let mark = entries[cursor.entry + 3]
        let place = Int(mark & entryOffset)
        let mode = kind(mark)
        if mode == .openBrace { return openObject(node, start, place, &cursor, &state) }
        let column = nodes[Int(node)].column
        if column == KeyNode.unassigned {
            stop = .needsColumn(node: Int(node))
            return .stopped
        }
        let slice: Slice
        switch mode {
        case .quote:
            let closing = entries[cursor.entry + 4]
            let end = Int(closing & entryOffset)
            guard place == start || isBlank(start, place) else { return fail(.badLiteral, start) }
            guard kind(closing) == .quote else { return fail(.unterminatedString, place) }
            while Int(backslashes[cursor.slash]) < place { cursor.slash += 1 }
            if Int(backslashes[cursor.slash]) < end {
                guard let text = unescape(place + 1, end, &state) else {
                    return fail(.badEscape, Int(backslashes[cursor.slash]))
                }
                slice = text
            } else {
                // The empty value has one form only, so that a cell never points behind a later arena.
                slice = end == place + 1 ? .missing : window(place + 1, end)
            }
            cursor.entry += 5
            cursor.end = end + 1
        case .comma, .closeBrace:
            var first = start
            var last = place
            while first < last && isJSONBlank(bytes[first]) { first += 1 }
            while last > first && isJSONBlank(bytes[last - 1]) { last -= 1 }
            guard first < last else { return fail(.expectedValue, first) }
            switch classifyScalar(bytes, from: first, to: last) {
            case .text: slice = window(first, last)
            case .null: slice = .missing
            case .badNumber: return fail(.badNumber, first)
            case .badLiteral: return fail(.badLiteral, first)
            }
            cursor.entry += 3
            cursor.end = place
        case .openBracket:
            guard isBlank(start, place) else { return fail(.badLiteral, start) }
            var entry = cursor.entry + 3
            if let fault = skipArray(&entry, depth: cursor.depth) { return fail(fault.0, fault.1) }
            let end = Int(entries[entry - 1] & entryOffset) + 1
            while Int(backslashes[cursor.slash]) < place { cursor.slash += 1 }
            if let bad = badEscape(from: cursor.slash, before: end) { return fail(.badEscape, bad) }
            slice = window(place, end)
            cursor.entry = entry
            cursor.end = end
        default:
            return fail(mode == .lineFeed ? .unterminatedRecord : .expectedValue, start)
        }
        cursor.fields += 1
        if column >= 0 { cells[Int(column) * stride + state.row] = slice }
        return .next
    }

    @inline(__always)
    private func window(_ start: Int, _ end: Int) -> Slice {
        Slice(offset: UInt32(truncatingIfNeeded: start), length: UInt32(truncatingIfNeeded: end - start))
    }

    private mutating func openObject(
        _ node: UInt32, _ start: Int, _ place: Int, _ cursor: inout JSONCursor, _ state: inout JSONWalkState
    ) -> Step {
        guard isBlank(start, place) else { return fail(.badLiteral, start) }
        // The record itself is the first level.
        guard cursor.depth + 1 < Limits.nestingDepth else { return fail(.tooDeep, place) }
        cursor.entry += 4
        cursor.end = place + 1
        if kind(entries[cursor.entry]) == .closeBrace {
            let closing = Int(entries[cursor.entry] & entryOffset)
            guard isBlank(place + 1, closing) else { return fail(.expectedKey, place + 1) }
            cursor.entry += 1
            cursor.end = closing + 1
            return .next
        }
        state.parents[cursor.depth] = cursor.parent
        cursor.depth += 1
        cursor.parent = node
        return .opened
    }

    /// Resolves the escapes of a string behind the window. Nil if one is unknown.
    private func unescape(_ start: Int, _ end: Int, _ state: inout JSONWalkState) -> Slice? {
        let from = state.scratch.count
        guard appendUnescapedJSON(bytes.slice(start, end - start), to: &state.scratch) == nil else { return nil }
        return Slice(offset: UInt32(state.scratchBase + from), length: UInt32(state.scratch.count - from))
    }

    // MARK: Arrays

    /// The first escape that JSON does not know among the backslashes from `first` on that stand before `end`.
    private func badEscape(from first: Int, before end: Int) -> Int? {
        var slash = first
        while Int(backslashes[slash]) < end {
            let place = Int(backslashes[slash])
            guard jsonEscapeLength(bytes, at: place) > 0 else { return place }
            // An escaped backslash stands in the list itself.
            slash += Int(backslashes[slash + 1]) == place + 1 ? 2 : 1
        }
        return nil
    }

    /// Passes over the array whose bracket is `entries[entry]` and checks its form on the way; `entry` ends behind the
    /// closing bracket. O(entries).
    private func skipArray(_ entry: inout Int, depth: Int) -> (JSONFault, Int)? {
        // Bit *d* tells whether level *d* is an object; the walk ends when the first level is closed.
        var objects: UInt64 = 0
        var level = 0
        var end = Int(entries[entry] & entryOffset)
        while true {
            let mark = entries[entry]
            let place = Int(mark & entryOffset)
            switch kind(mark) {
            case .openBracket, .openBrace:
                guard isBlank(end, place) else { return (.badLiteral, end) }
                level += 1
                guard depth + 1 + level <= Limits.nestingDepth else { return (.tooDeep, place) }
                let isObject = kind(mark) == .openBrace
                objects = isObject ? objects | 1 << UInt64(level - 1) : objects & ~(1 << UInt64(level - 1))
                entry += 1
                end = place + 1
                let following = entries[entry]
                let isEmpty = kind(following) == (isObject ? UInt8.closeBrace : .closeBracket)
                if isEmpty && isBlank(end, Int(following & entryOffset)) { break }
                if isObject, let fault = skipKey(&entry, &end) { return fault }
                continue
            case .quote:
                guard isBlank(end, place) else { return (.badLiteral, end) }
                guard kind(entries[entry + 1]) == .quote else { return (.unterminatedString, place) }
                end = Int(entries[entry + 1] & entryOffset) + 1
                entry += 2
            case .comma, .closeBrace, .closeBracket:
                if let fault = checkScalar(&end, place) { return fault }
            default:
                return (kind(mark) == .lineFeed ? .unterminatedRecord : .expectedValue, place)
            }
            if let fault = closeLevels(&entry, &end, &level, objects) { return fault }
            if level == 0 { return nil }
        }
    }

    private func skipKey(_ entry: inout Int, _ end: inout Int) -> (JSONFault, Int)? {
        let open = Int(entries[entry] & entryOffset)
        guard kind(entries[entry]) == .quote, isBlank(end, open) else { return (.expectedKey, end) }
        guard kind(entries[entry + 1]) == .quote else { return (.unterminatedString, open) }
        let close = Int(entries[entry + 1] & entryOffset)
        let colon = Int(entries[entry + 2] & entryOffset)
        guard kind(entries[entry + 2]) == .colon, isBlank(close + 1, colon) else {
            return (.expectedColon, close + 1)
        }
        entry += 3
        end = colon + 1
        return nil
    }

    private func checkScalar(_ end: inout Int, _ place: Int) -> (JSONFault, Int)? {
        var first = end
        var last = place
        while first < last && isJSONBlank(bytes[first]) { first += 1 }
        while last > first && isJSONBlank(bytes[last - 1]) { last -= 1 }
        guard first < last else { return (.expectedValue, first) }
        switch classifyScalar(bytes, from: first, to: last) {
        case .text, .null: break
        case .badNumber: return (.badNumber, first)
        case .badLiteral: return (.badLiteral, first)
        }
        end = place
        return nil
    }

    /// After a value within an array: a comma (and a key, in an object), or the ends of levels.
    private func closeLevels(_ entry: inout Int, _ end: inout Int, _ level: inout Int, _ objects: UInt64) -> (
        JSONFault, Int
    )? {
        while level > 0 {
            let mark = entries[entry]
            let place = Int(mark & entryOffset)
            let isObject = objects >> UInt64(level - 1) & 1 == 1
            let expected: JSONFault = isObject ? .expectedCommaOrBrace : .expectedCommaOrBracket
            guard isBlank(end, place) else { return (expected, end) }
            if kind(mark) == .comma {
                entry += 1
                end = place + 1
                return isObject ? skipKey(&entry, &end) : nil
            }
            guard kind(mark) == (isObject ? UInt8.closeBrace : .closeBracket) else {
                return (kind(mark) == .lineFeed ? .unterminatedRecord : expected, place)
            }
            entry += 1
            end = place + 1
            level -= 1
        }
        return nil
    }
}
