import Bytes
import Records

/// Parses JSON lines (NDJSON) that arrive in pieces of any size into batches of columns.
///
/// Objects flatten with dots; arrays keep their JSON text and numbers theirs, byte for byte; `true` and `false` are
/// text; `null` and the empty string are missing; of equal keys the last wins. Lines end with LF or CRLF, and blank
/// ones are passed over. A line that is no record is refused alone and described. Unlike the JSON grammar, control
/// bytes other than a line feed may stand unescaped in strings, as careless writers leave them there.
public struct JSONLinesParser: Sendable {
    var assembler: BatchAssembler
    var graph = KeyGraph()
    private var index = JSONIndex()
    private(set) var marks = JSONMarks()
    var state = JSONWalkState()
    /// Lines with padding behind them, where the input has too little.
    private var window: [UInt8] = []
    /// The numbers of cells whose text has escapes.
    var escaped = [UInt32](repeating: 0, count: escapedValues)
    /// Windows that are to be walked as a whole, and how many it were the last time.
    var windowsToWalk = 0
    var pause = 0
    private var splitter = LineSplitter()
    private var generation = 0
    /// Records still to be passed over without being read.
    private var recordsToSkip = 0

    public internal(set) var counts = ParseCounts()
    /// The first `Limits.rejectionExamples` refused lines since the last `takeRejections`.
    public private(set) var rejections: [Rejection] = []
    /// Whether the number of each refused record is kept, for protocols that answer record by record.
    public var listsRejected = false
    /// The numbers of refused records, from 1, blank lines not counted, and why, if they are listed.
    public private(set) var rejectedRecords: [(record: Int, reason: String)] = []

    /// Bytes that are indexed and walked at a time: source, index and cells stay in the second-level cache.
    static let windowBytes = 32 << 10
    /// Keys that a parser may know when it serves another sender.
    private static let keptKeys = 4 * Limits.fieldsPerRecord
    private static let padding = [UInt8](repeating: .lineFeed, count: JSONIndex.padding)

    public init(options: ParseOptions = ParseOptions()) {
        assembler = BatchAssembler(options: options)
    }

    /// Reads more input; an unfinished last line waits for its rest. `arrival` is in nanoseconds since the epoch.
    /// O(bytes).
    public mutating func feed(_ bytes: RawSpan, arrival: Int64) {
        state.arrival = arrival
        var offset = 0
        while offset < bytes.byteCount {
            switch splitter.next(bytes, &offset, window: Self.windowBytes) {
            case .lines(let range): parseLines(bytes, range)
            case .joined(let line): parseLines(line.rawSpan, 0..<line.count)
            case .oversized(let sample): rejectOversized(sample)
            case .partial: return
            }
        }
    }

    /// Ends the input: a last line without a line feed counts as a line.
    public mutating func finish(arrival: Int64) {
        state.arrival = arrival
        switch splitter.takeRest() {
        case .joined(let line): parseLines(line.rawSpan, 0..<line.count)
        case .oversized(let sample): rejectOversized(sample)
        case .lines, .partial: return
        }
    }

    /// The rows at hand as a batch, or nil without any; call it after each feed until it answers nil.
    public mutating func takeBatch() -> RecordBatch? {
        guard let taken = assembler.takeBatch(records: counts.records) else {
            recordsTaken = counts.records
            return nil
        }
        recordsTaken = taken.records
        return taken.batch
    }

    /// The number of the last record, accepted, refused or passed over, that the batches taken so far reach to; all
    /// that were read once `takeBatch` has answered nil.
    public private(set) var recordsTaken = 0

    /// Whether a full batch waits to be taken. Feeding on is allowed, but only holds memory.
    public var hasFullBatch: Bool { assembler.hasFinished || assembler.rowsLeft <= 0 }

    /// Bytes of the rows that wait to be taken in a batch that still grows.
    public var waitingBytes: Int { assembler.waitingBytes }

    /// Bytes that the parser holds, about, but for an unfinished line. O(batches that wait).
    public var memoryBytes: Int { assembler.memoryBytes + window.capacity + index.memoryBytes + marks.memoryBytes }

    /// Whether no row waits to be taken.
    public var isEmpty: Bool { assembler.rowCount == 0 && !assembler.hasFinished }

    /// Frees what is kept ready for more rows; there must be none. The next ones make it anew, which takes a little.
    public mutating func releaseRoom() {
        assembler.releaseRoom()
        window = []
        index = JSONIndex()
        marks = JSONMarks()
    }

    /// The examples of refused lines so far, which are then forgotten.
    public mutating func takeRejections() -> [Rejection] {
        defer { rejections = [] }
        return rejections
    }

    /// What it was made with.
    public var options: ParseOptions { assembler.options }

    /// Whether it may serve another sender: nothing waits to be taken, and it holds no more than is usual.
    public var canStartOver: Bool {
        isEmpty && graph.nodes.count <= Self.keptKeys
            && assembler.idleBytes + window.capacity <= Limits.idleParserBytes
    }

    /// Makes ready for another sender of the same options; what was learned of keys and the room for rows stay.
    public mutating func startOver() {
        precondition(canStartOver)
        splitter = LineSplitter()
        recordsToSkip = 0
        recordsTaken = 0
        counts = ParseCounts()
        rejections = []
        rejectedRecords = []
        listsRejected = false
    }

    /// Passes over the next records without reading them: they are stored already.
    public mutating func skip(records: Int) { recordsToSkip += records }

    /// Bytes of the line that is not complete yet.
    public var partialBytes: Int { splitter.pending.count }

    // MARK: Windows

    private mutating func parseLines(_ source: RawSpan, _ range: Range<Int>) {
        var offset = range.lowerBound
        if recordsToSkip > 0 { offset += skipRecords(source.slice(range.lowerBound, range.count)) }
        while offset < range.upperBound { offset += parseWindow(source, offset..<range.upperBound) }
    }

    private mutating func skipRecords(_ lines: RawSpan) -> Int {
        var offset = 0
        while recordsToSkip > 0, let end = firstIndex(of: .lineFeed, in: lines, from: offset) {
            counts.lines += 1
            if !isBlankLine(lines.slice(offset, end - offset)) {
                counts.skipped += 1
                recordsToSkip -= 1
            }
            offset = end + 1
        }
        return offset
    }

    /// Parses whole lines and returns how many bytes it took: all, unless the batch became too wide on the way.
    private mutating func parseWindow(_ source: RawSpan, _ lines: Range<Int>) -> Int {
        if assembler.arena.count + lines.count > Limits.bytesPerBatch || assembler.rowsLeft <= 0
            || graph.nodes.count > KeyGraph.nodeLimit
        {
            assembler.close(records: counts.records)
            if graph.nodes.count > KeyGraph.nodeLimit { assembler.forgetColumns() }
        }
        if generation != assembler.generation {
            generation = assembler.generation
            graph = KeyGraph()
        }
        // Where enough stands behind the lines, they are read in place.
        if source.byteCount - lines.upperBound >= JSONIndex.padding {
            return parsePadded(source.slice(lines.lowerBound, lines.count + JSONIndex.padding), lines.count)
        }
        // One giant line must not hold its window for ever.
        var window = exchange(&window, [])
        window.removeAll(keepingCapacity: window.capacity < 16 * Self.windowBytes)
        window.append(copying: source.slice(lines.lowerBound, lines.count))
        window.append(copying: Self.padding.rawSpan)
        let taken = parsePadded(window.rawSpan, lines.count)
        self.window = window
        return taken
    }

    private mutating func parsePadded(_ padded: RawSpan, _ count: Int) -> Int {
        let isUsual = windowsToWalk == 0 && count <= Limits.recordBytes
        if isUsual { marks.scan(padded) }
        guard isUsual ? marks.isValidUTF8 : isWellFormedUTF8(padded.slice(0, count)) else {
            return parseRepaired(padded.slice(0, count))
        }
        state.scratchBase = count
        let firstRow = assembler.rows
        if !isUsual && windowsToWalk > 0 { windowsToWalk -= 1 }
        let taken = isUsual ? readRecords(padded, count) : walkLines(padded, 0..<count)
        takeRows(from: firstRow, padded.slice(0, count + ColumnCoder.padding))
        // The rest of the window begins a new batch, which is less wide.
        if taken < count, !assembler.isWide { assembler.close(records: counts.records) }
        assembler.dropOrphans()
        return taken
    }

    private mutating func takeRows(from first: Int, _ source: RawSpan) {
        var scratch = exchange(&state.scratch, [])
        if !scratch.isEmpty { scratch.append(copying: Self.padding.rawSpan) }
        assembler.takeRows(from: first, window: source, scratch: scratch.rawSpan)
        scratch.removeAll(keepingCapacity: scratch.capacity < 16 * Self.windowBytes)
        state.scratch = scratch
    }

    /// Bytes that are no UTF-8 are replaced before anything is read.
    private mutating func parseRepaired(_ window: RawSpan) -> Int {
        var repaired: [UInt8] = []
        repaired.reserveCapacity(window.byteCount + 64)
        counts.replacedBytes += appendRepairingUTF8(window, to: &repaired)
        var offset = 0
        while offset < repaired.count {
            offset += parseWindow(repaired.rawSpan, offset..<repaired.count)
        }
        return window.byteCount
    }

    /// How many entries of the index to walk: all, or as many lines as the batch still has room for.
    private mutating func entriesToRead() -> Int {
        let room = max(assembler.rowsAtOnce, 1)
        guard index.lines > room else {
            assembler.reserveRows(index.lines)
            return index.entryCount
        }
        assembler.reserveRows(room)
        var lines = 0
        for entry in 0..<index.entryCount where UInt8(truncatingIfNeeded: index.entries[entry] >> 24) == .lineFeed {
            lines += 1
            if lines == room { return entry + 1 }
        }
        return index.entryCount
    }

    /// Indexes and walks whole lines and returns where it stopped: behind them, unless the batch became too long or too
    /// wide on the way. `isReserved`: there is room for as many rows.
    mutating func walkLines(_ padded: RawSpan, _ lines: Range<Int>, isReserved: Bool = false) -> Int {
        index.scan(padded, lines)
        let entries = isReserved ? index.entryCount : entriesToRead()
        state.cursor = JSONCursor()
        state.isInRecord = false
        state.lineStart = lines.lowerBound
        return walk(padded, entries: entries)
    }

    /// Walks what is indexed, adding keys and columns as they turn up. Returns where it stopped.
    private mutating func walk(_ window: RawSpan, entries: Int) -> Int {
        while true {
            state.row = assembler.rows
            state.accepted = 0
            state.blankLines = 0
            state.mistimed = 0
            let stop = withWalker(window, entries: entries) { walker, state in walker.run(&state) }
            assembler.rows = state.row
            counts.accepted += state.accepted
            counts.mistimed += state.mistimed
            counts.lines += state.accepted + state.blankLines
            switch stop {
            case .end: return state.lineStart
            case .unknownKey(let start, let length):
                if let fault = addKey(window, start, length) { reject(fault, at: start, window) }
            case .needsColumn(let node):
                let name = graph.names[node]
                if assembler.rows > 0 && !assembler.hasRoomForColumn(named: name) {
                    assembler.clearRow(assembler.rows)
                    return state.lineStart
                }
                graph.nodes[node].column = Int32(assembler.column(named: name))
            case .fault(let fault, let place):
                reject(fault, at: place, window)
            }
        }
    }

    /// A span into a part of `self` would borrow all of it, so the arrays stand in locals while the walker runs; none
    /// is copied.
    mutating func withWalker<Result>(
        _ padded: RawSpan, entries: Int, _ body: (inout JSONWalker, inout JSONWalkState) -> Result
    ) -> Result {
        let index = index
        let leads = graph.leads
        let table = graph.table
        let timeCandidates = assembler.timeCandidates
        let messageCandidates = assembler.messageCandidates
        var nodes = exchange(&graph.nodes, [])
        var cells = exchange(&assembler.cells, [])
        var times = exchange(&assembler.times, [])
        defer {
            graph.nodes = nodes
            assembler.cells = cells
            assembler.times = times
        }
        var walker = JSONWalker(
            bytes: padded, entries: index.entries.span, backslashes: index.backslashes.span, entryCount: entries,
            leads: leads.rawSpan, table: table.span, nodes: nodes.mutableSpan,
            cells: cells.mutableSpan, times: times.mutableSpan, stride: assembler.stride,
            timeCandidates: timeCandidates.span, messageCandidates: messageCandidates.span,
            strictTimes: assembler.strictTimes, keepsTimes: assembler.options.keepsTimes)
        return body(&walker, &state)
    }

    private mutating func addKey(_ window: RawSpan, _ start: Int, _ length: Int) -> JSONFault? {
        if state.cursor.fields >= Limits.fieldsPerRecord { return .tooManyFields }
        let key = window.slice(start, length)
        let parent = state.cursor.parent
        var name = graph.names[Int(parent)].bytes
        if parent != 0 { name.append(UInt8(ascii: ".")) }
        guard appendUnescapedJSON(key, to: &name) == nil else { return .badEscape }
        guard name.count <= Limits.fieldNameBytes else { return .keyTooLong }
        graph.add(key, name: ByteString(name), parent: parent)
        return nil
    }

    // MARK: Rejections

    /// Drops what the line has written so far and moves to the next line.
    private mutating func reject(_ fault: JSONFault, at place: Int, _ window: RawSpan) {
        let reason =
            if case .badTime = fault { badTime() } else { "\(fault.text), at byte \(place - state.lineStart + 1)" }
        assembler.clearRow(state.row)
        while UInt8(truncatingIfNeeded: index.entries[state.cursor.entry] >> 24) != .lineFeed {
            state.cursor.entry += 1
        }
        let end = Int(index.entries[state.cursor.entry] & entryOffset)
        let line = window.slice(state.lineStart, end - state.lineStart)
        counts.lines += 1
        note(reason, line)
        state.cursor.entry += 1
        state.lineStart = end + 1
        state.isInRecord = false
    }

    /// Names the strict field that holds no time, and the place of its value unless that was written with escapes.
    private func badTime() -> String {
        guard let (name, slice) = assembler.badTime(row: state.row) else { return JSONFault.badTime.text }
        let reason = "\(JSONFault.badTime.text) in field \(name.string)"
        let offset = Int(slice.offset)
        guard offset < state.scratchBase else { return reason }
        return "\(reason), at byte \(offset - state.lineStart + 1)"
    }

    private mutating func rejectOversized(_ sample: [UInt8]) {
        counts.lines += 1
        if recordsToSkip > 0 {
            recordsToSkip -= 1
            counts.skipped += 1
        } else {
            note(JSONFault.tooLong.text, sample.rawSpan)
        }
    }

    private mutating func note(_ reason: String, _ line: RawSpan) {
        counts.rejected += 1
        if listsRejected { rejectedRecords.append((counts.records, reason)) }
        guard rejections.count < Limits.rejectionExamples else { return }
        rejections.append(
            Rejection(line: counts.lines, record: counts.records, reason: reason, sample: rejectionSample(line)))
    }
}
