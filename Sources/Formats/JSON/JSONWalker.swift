import Bytes
import CKernels
import Records

/// Turns an indexed run of JSON lines into cells. It reads and fills through spans only, so nothing is allocated,
/// hashed or counted for a field that comes where it came last time; whatever is new makes it stop and be called
/// again.
struct JSONWalker: ~Copyable, ~Escapable {
    typealias Slice = RecordBatch.Slice

    /// The window and its padding.
    let bytes: RawSpan
    let entries: Span<UInt32>
    let backslashes: Span<UInt32>
    let entryCount: Int
    let leads: RawSpan
    let table: Span<UInt32>
    var nodes: MutableSpan<KeyNode>
    var cells: MutableSpan<Slice>
    var times: MutableSpan<Int64>
    let stride: Int
    let timeCandidates: Span<BatchAssembler.Candidate>
    let messageCandidates: Span<BatchAssembler.Candidate>
    /// Bit *p* is set if the time candidate of priority *p* is strict.
    let strictTimes: UInt64
    /// Whether a time that was read stays in its column.
    let keepsTimes: Bool
    /// Why the walk came back.
    var stop = JSONWalkStop.end

    @_lifetime(
        copy bytes, copy entries, copy backslashes, copy leads, copy table, copy nodes, copy cells, copy times,
        copy timeCandidates, copy messageCandidates)
    init(
        bytes: RawSpan, entries: Span<UInt32>, backslashes: Span<UInt32>, entryCount: Int, leads: RawSpan,
        table: Span<UInt32>, nodes: consuming MutableSpan<KeyNode>, cells: consuming MutableSpan<Slice>,
        times: consuming MutableSpan<Int64>, stride: Int, timeCandidates: Span<BatchAssembler.Candidate>,
        messageCandidates: Span<BatchAssembler.Candidate>, strictTimes: UInt64, keepsTimes: Bool
    ) {
        self.bytes = bytes
        self.entries = entries
        self.backslashes = backslashes
        self.entryCount = entryCount
        self.leads = leads
        self.table = table
        self.nodes = nodes
        self.cells = cells
        self.times = times
        self.stride = stride
        self.timeCandidates = timeCandidates
        self.messageCandidates = messageCandidates
        self.strictTimes = strictTimes
        self.keepsTimes = keepsTimes
    }

    /// Reads records until something needs the caller. O(bytes).
    mutating func run(_ state: inout JSONWalkState) -> JSONWalkStop {
        while state.isInRecord || state.cursor.entry < entryCount {
            if !state.isInRecord {
                let first = entries[state.cursor.entry]
                let place = Int(first & entryOffset)
                guard isBlank(state.lineStart, place) else { return .fault(.notAnObject, place: state.lineStart) }
                if kind(first) == .lineFeed {
                    state.blankLines += 1
                    startLine(at: place + 1, &state)
                    continue
                }
                guard kind(first) == .openBrace else { return .fault(.notAnObject, place: place) }
                openRecord(place, &state)
            }
            guard readFields(&state), finishRecord(&state) else { return stop }
        }
        return .end
    }

    @inline(__always)
    func kind(_ entry: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: entry >> 24) }

    @inline(__always)
    func isBlank(_ start: Int, _ end: Int) -> Bool {
        var place = start
        while place < end {
            guard isJSONBlank(bytes[place]) else { return false }
            place += 1
        }
        return true
    }

    private func startLine(at place: Int, _ state: inout JSONWalkState) {
        state.lineStart = place
        state.cursor.entry += 1
        state.isInRecord = false
    }

    @inline(__always)
    private func openRecord(_ place: Int, _ state: inout JSONWalkState) {
        state.isInRecord = true
        state.cursor.entry += 1
        state.cursor.end = place + 1
        state.cursor.previous = 0
        state.cursor.parent = 0
        state.cursor.depth = 0
        state.cursor.fields = 0
    }

    // MARK: Fields

    /// Reads the fields of the open record up to and with its closing brace. False if it stopped before: see `stop`.
    @inline(__always)
    private mutating func readFields(_ state: inout JSONWalkState) -> Bool {
        var cursor = state.cursor
        defer { state.cursor = cursor }
        if cursor.previous == 0 && kind(entries[cursor.entry]) == .closeBrace {
            return closeObjects(&cursor, &state) == .done
        }
        while true {
            if readUsualFields(&cursor, &state) { return true }
            let open = entries[cursor.entry]
            let close = entries[cursor.entry + 1]
            let colon = entries[cursor.entry + 2]
            let start = Int(open & entryOffset)
            let keyEnd = Int(close & entryOffset)
            let colonPlace = Int(colon & entryOffset)
            let isTight = start == cursor.end && colonPlace == keyEnd + 1
            guard kind(open) == .quote && kind(close) == .quote && kind(colon) == .colon,
                isTight || isBlank(cursor.end, start) && isBlank(keyEnd + 1, colonPlace)
            else { return failKey(cursor) }
            let node = match(start + 1, keyEnd - start - 1, after: cursor.previous, in: cursor.parent)
            if node == 0 {
                stop = .unknownKey(start: start + 1, length: keyEnd - start - 1)
                return false
            }
            learnLead(node, keyEnd: keyEnd, colon: colonPlace)
            let before = cursor.previous
            cursor.previous = node
            switch readValue(node, after: colonPlace + 1, &cursor, &state) {
            case .stopped:
                cursor.previous = before
                return false
            case .opened: continue
            case .next, .done: break
            }
            switch closeObjects(&cursor, &state) {
            case .next, .opened: continue
            case .done: return true
            case .stopped: return false
            }
        }
    }

    /// Reads fields as long as they take their usual course (see `plumb_json_fields`): nearly all of them. True behind
    /// the record's last brace.
    @inline(__always)
    private mutating func readUsualFields(_ cursor: inout JSONCursor, _ state: inout JSONWalkState) -> Bool {
        precondition(state.row < stride)
        let row = state.row
        let (stride, entryCount, cellCount) = (stride, entries.count, cells.count)
        var isDone = false
        // Each span is handed over with its length or, of what the entries speak of, with the padding behind it; keys
        // and parents are those that the nodes speak of, and a node's successors are nodes.
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe leads.withUnsafeBytes { leads in
                unsafe entries.withUnsafeBufferPointer { entries in
                    unsafe backslashes.withUnsafeBufferPointer { backslashes in
                        unsafe nodes.withUnsafeMutableBufferPointer { nodes in
                            unsafe cells.withUnsafeMutableBytes { cells in
                                var parents = state.parents.mutableSpan
                                unsafe parents.withUnsafeMutableBufferPointer { parents in
                                    var walk = unsafe plumb_json_walk(
                                        bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
                                        lead_bytes: leads.baseAddress?.assumingMemoryBound(to: UInt8.self),
                                        entries: entries.baseAddress, entry_count: entryCount,
                                        backslashes: backslashes.baseAddress, nodes: nodes.baseAddress,
                                        cells: cells.baseAddress?.assumingMemoryBound(to: plumb_slice.self),
                                        cell_count: cellCount, stride: stride, parents: parents.baseAddress,
                                        deepest: Limits.nestingDepth)
                                    isDone = unsafe plumb_json_fields(&walk, row, &cursor) != 0
                                }
                            }
                        }
                    }
                }
            }
        }
        return isDone
    }

    /// Says what is wrong where a key was expected.
    private mutating func failKey(_ cursor: JSONCursor) -> Bool {
        let open = entries[cursor.entry]
        let close = entries[cursor.entry + 1]
        let start = Int(open & entryOffset)
        let behind = Int(close & entryOffset) + 1
        if kind(open) != .quote {
            stop = .fault(.expectedKey, place: start)
        } else if kind(close) != .quote {
            stop = .fault(.unterminatedString, place: start)
        } else if !isBlank(cursor.end, start) {
            stop = .fault(.expectedKey, place: cursor.end)
        } else {
            stop = .fault(.expectedColon, place: behind)
        }
        return false
    }

    /// What a step of the walk came to.
    enum Step: UInt8 {
        /// A value or a comma is read.
        case next
        /// An object was opened.
        case opened
        /// The record's last brace is read.
        case done
        /// `stop` says why.
        case stopped
    }

    /// Ends the walk for now because of a fault.
    @inline(never)
    mutating func fail(_ fault: JSONFault, _ place: Int) -> Step {
        stop = .fault(fault, place: place)
        return .stopped
    }

    /// The node of the key at `start`, or 0. O(length) when it follows a known one, else one hash.
    @inline(__always)
    private mutating func match(_ start: Int, _ length: Int, after previous: UInt32, in parent: UInt32) -> UInt32 {
        let next = nodes[Int(previous)].next
        if isNode(next.0, start, length, parent) { return next.0 }
        if isNode(next.1, start, length, parent) { return next.1 }
        if isNode(next.2, start, length, parent) { return next.2 }
        if isNode(next.3, start, length, parent) { return next.3 }
        return lookUp(start, length, after: previous, in: parent)
    }

    @inline(__always)
    private func isNode(_ index: UInt32, _ start: Int, _ length: Int, _ parent: UInt32) -> Bool {
        let node = nodes[Int(index)]
        return Int(node.length) == length && node.parent == parent
            && bytes.slice(start, length).equals(leads.slice(Int(node.offset) + 1, length))
    }

    /// Asks the table, and notes that the key was seen here.
    private mutating func lookUp(
        _ start: Int, _ length: Int, after previous: UInt32, in parent: UInt32
    ) -> UInt32 {
        // The padding behind the window makes the hash sound for any key.
        let hash = KeyGraph.hash(bytes, start, length, parent: parent)
        var slot = Int(truncatingIfNeeded: hash) & (table.count - 1)
        while table[slot] != 0 {
            let found = table[slot]
            if isNode(found, start, length, parent) {
                nodes[Int(previous)].addFollower(found)
                return found
            }
            slot = (slot + 1) & (table.count - 1)
        }
        return 0
    }

    /// Notes whether a space stands between a key's colon and its value, where the next records will be expected to
    /// have it too.
    @inline(__always)
    private mutating func learnLead(_ node: UInt32, keyEnd: Int, colon: Int) {
        guard colon == keyEnd + 1 else { return }
        let isSpaced = bytes[colon + 1] == UInt8(ascii: " ") && !isJSONBlank(bytes[colon + 2])
        guard isSpaced != nodes[Int(node)].isSpaced else { return }
        nodes[Int(node)].setLead(isSpaced: isSpaced, leads: leads)
    }

    /// After a value: a comma and the next key, or the ends of this and further objects, or of the record.
    @inline(__always)
    private mutating func closeObjects(_ cursor: inout JSONCursor, _ state: inout JSONWalkState) -> Step {
        while true {
            let mark = entries[cursor.entry]
            let place = Int(mark & entryOffset)
            guard place == cursor.end || isBlank(cursor.end, place) else {
                return fail(.expectedCommaOrBrace, cursor.end)
            }
            let isComma = kind(mark) == .comma
            guard isComma || kind(mark) == .closeBrace else {
                return fail(kind(mark) == .lineFeed ? .unterminatedRecord : .expectedCommaOrBrace, place)
            }
            cursor.end = place + 1
            cursor.entry += 1
            if isComma { return .next }
            if cursor.depth == 0 { return .done }
            cursor.depth -= 1
            cursor.parent = state.parents[cursor.depth]
        }
    }
}
