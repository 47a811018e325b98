import Bytes
import CKernels
import Records

/// Collects rows into columns until a batch is taken: the part that all parsers share.
///
/// Cells stand column by column in one array, `stride` rows to a column, so that a parser fills them through one
/// span; a batch gets copies of the rows that are used. Column 0 is `_msg`.
struct BatchAssembler: Sendable {
    typealias Slice = RecordBatch.Slice

    /// A column that may hold the time or the message, and its place in the list of options (0 is best).
    struct Candidate: Sendable {
        var column: Int
        var priority: Int
    }

    let options: ParseOptions
    var arena: [UInt8] = []
    /// `stride` entries, of which `rows` are used.
    var times: [Int64] = []
    var cells: [Slice] = []
    /// The same for the codes of values, where rows came through `takeRows`; no meaning elsewhere.
    private var codes: [UInt32] = []
    private var coder = ColumnCoder()
    /// Rows of the current batch that are coded: all of them or none.
    private var codedRows = 0
    private(set) var stride = 0
    /// Rows for which room was asked last.
    private var wantedRows = 0
    var rows = 0
    /// Rows before those, of a batch whose rows have few of many columns each.
    private var sparse = SparseRows()
    /// Whether completed rows go there.
    private(set) var isWide = false
    /// Of the last row refused for its time.
    var badTimeField = StandardFields.time
    private(set) var names: [ByteString] = []
    private var positions: [ByteString: Int] = [:]
    /// Best first.
    private(set) var timeCandidates: [Candidate] = []
    private(set) var messageCandidates: [Candidate] = []
    /// Complete batches with the number of records, accepted or not, up to their ends.
    private var finished: [(batch: RecordBatch, records: Int)] = []
    /// Bytes for which the arena of a batch has room from the start: what the largest of the latest took, since growing
    /// copies all of it into pages that are fresh.
    private var arenaRoom = 0

    /// Set in a column position for a field that the options drop.
    static let ignored = -1
    static let messageColumn = 0

    init(options: ParseOptions) {
        self.options = options
        _ = column(named: StandardFields.message)
    }

    // MARK: Columns

    /// The position of a column, made if it is new; `ignored` if the options drop the field. The empty name means
    /// `_msg`, as in VictoriaLogs.
    mutating func column(named name: ByteString) -> Int {
        if let position = positions[name] { return position }
        if name.isEmpty { return Self.messageColumn }
        if rows == 0, (names.count + 1) * stride > Limits.cellsPerBatch { narrow() }
        let isIgnored = name != StandardFields.message && options.ignores(name)
        let position = isIgnored ? Self.ignored : names.count
        positions[name] = position
        if position == Self.ignored { return position }
        names.append(name)
        cells.append(contentsOf: repeatElement(.missing, count: stride))
        if !isWide { codes.append(contentsOf: repeatElement(0, count: stride)) }
        if let priority = options.timeFields.firstIndex(of: name) {
            Self.insert(Candidate(column: position, priority: priority), into: &timeCandidates)
        } else if name == StandardFields.time {
            Self.insert(Candidate(column: position, priority: options.timeFields.count), into: &timeCandidates)
        }
        if let priority = options.messageFields.firstIndex(of: name) {
            Self.insert(Candidate(column: position, priority: priority), into: &messageCandidates)
        }
        return position
    }

    private static func insert(_ candidate: Candidate, into list: inout [Candidate]) {
        let place = list.firstIndex { $0.priority > candidate.priority } ?? list.count
        list.insert(candidate, at: place)
    }

    /// Whether a time in this column is taken at its word: a bad one rejects the record.
    func isStrictTime(_ column: Int) -> Bool {
        !options.keepsTimes && (options.isTimeStrict || names[column] == StandardFields.time)
    }

    /// Bit *p* is set if the time candidate of priority *p* is strict.
    var strictTimes: UInt64 {
        timeCandidates.reduce(0) { $0 | (isStrictTime($1.column) ? 1 << UInt64(min($1.priority, 63)) : 0) }
    }

    /// Whether a column may be added without widening the batch beyond its limit.
    func hasRoomForColumn(named name: ByteString) -> Bool {
        positions[name] != nil || (names.count + 1) * stride <= Limits.cellsPerBatch
    }

    /// Rows that may still be added before a batch reaches its limits.
    var rowsLeft: Int {
        if !isWide { return min(Limits.rowsPerBatch, Limits.cellsPerBatch / max(names.count, 16)) - rows }
        if sparse.count >= Limits.valuesOfWideBatch { return 0 }
        return min(Limits.rowsPerBatch, Limits.cellsOfWideBatch / names.count) - rowCount
    }

    /// The same before completed rows must be taken.
    var rowsAtOnce: Int { isWide ? min(rowsLeft, max(Self.fewestRows, Self.wideCells / names.count)) : rowsLeft }

    /// Rows of the current batch.
    var rowCount: Int { sparse.rowCount + rows }

    /// Gives up room for rows, of which none is complete, so that more columns have room.
    private mutating func narrow() {
        let next = max(64, wantedRows)
        guard next < stride else { return }
        var moved = [Slice](repeating: .missing, count: next * names.count)
        for column in names.indices { moved[column * next] = cells[column * stride] }
        cells = moved
        if !isWide { codes = [UInt32](repeating: 0, count: next * names.count) }
        times.removeLast(stride - next)
        stride = next
    }

    /// Makes room for more rows; moves the columns apart if there is none. O(cells) when it grows, which doubles.
    mutating func reserveRows(_ more: Int) {
        let wanted = rows + more
        wantedRows = wanted
        guard wanted > stride else { return }
        // Wide rows are taken out of their cells after so many at the latest; twice the room a time is enough.
        let most = isWide ? max(Self.fewestRows, Self.wideCells / names.count) : Limits.rowsPerBatch
        let next = max(wanted, min(stride * 2, most), isWide ? Self.fewestRows : 64)
        var moved = [Slice](repeating: .missing, count: next * names.count)
        var movedCodes = [UInt32](repeating: 0, count: isWide ? 0 : next * names.count)
        for column in names.indices {
            for row in 0..<rows { moved[column * next + row] = cells[column * stride + row] }
            for row in 0..<codedRows { movedCodes[column * next + row] = codes[column * stride + row] }
        }
        cells = moved
        codes = movedCodes
        times.append(contentsOf: repeatElement(0, count: next - stride))
        stride = next
    }

    /// Moves the values of the rows from `first` on out of the window in which they were parsed, or out of `scratch`
    /// where they point behind it, into the arena; both end with padding. O(cells + bytes).
    mutating func takeRows(from first: Int, window: RawSpan, scratch: RawSpan) {
        if isWide {
            if scratch.byteCount == 0 { return takeWideRows(window) }
            // Few values are in the scratch, and wide rows are few in a window.
            var both: [UInt8] = []
            both.append(copying: window.slice(0, window.byteCount - ColumnCoder.padding))
            both.append(copying: scratch)
            return takeWideRows(both.rawSpan)
        }
        precondition(first == codedRows)
        coder.take(
            first..<rows, columns: names.count, stride: stride, cells: &cells, codes: &codes, source: window,
            more: scratch, arena: &arena)
        codedRows = rows
        becomeWideIfThin(from: first)
    }

    /// Forgets what was written for a row that is not to be.
    mutating func clearRow(_ row: Int) {
        for column in names.indices { cells[column * stride + row] = .missing }
    }

    // MARK: Batches

    /// The oldest batch that is complete, or the rows at hand as a batch, or nil; and how many of the `records` read
    /// so far it reaches to.
    mutating func takeBatch(records: Int) -> (batch: RecordBatch, records: Int)? {
        if finished.isEmpty { close(records: records) }
        return finished.isEmpty ? nil : finished.removeFirst()
    }

    /// Bytes that stay while no row waits.
    var idleBytes: Int {
        cells.capacity * 8 + codes.capacity * 4 + arena.capacity + coder.memoryBytes + sparse.memoryBytes
    }

    /// Bytes that are held now, rows and what is kept ready for more.
    var memoryBytes: Int { finished.reduce(idleBytes) { $0 + $1.batch.memoryBytes } }

    /// Frees what is kept ready for more rows. There must be none at hand.
    mutating func releaseRoom() {
        precondition(rowCount == 0 && finished.isEmpty)
        cells = []
        codes = []
        times = []
        stride = 0
        arena = []
        arenaRoom = 0
        coder.forgetColumns()
        sparse = SparseRows()
    }

    /// Bytes of the rows of the current batch, about.
    var waitingBytes: Int { arena.count + sparse.count * MemoryLayout<plumb_entry>.stride }

    /// Whether a batch waits that will not grow any more.
    var hasFinished: Bool { !finished.isEmpty }

    /// Frees the bytes of lines that came to no row: without rows nothing refers to them, and nothing would ever take
    /// them away. There must be no open row.
    mutating func dropOrphans() {
        if rowCount == 0 { arena.removeAll(keepingCapacity: true) }
    }

    /// Completes the current batch, if it has rows; it ends with record number `records`. O(columns × rows).
    mutating func close(records: Int) {
        guard rowCount > 0 else { return dropOrphans() }
        var batch = RecordBatch(tenant: options.tenant)
        if isWide { takeWideRows(nil) }
        batch.times = isWide ? sparse.times : Array(times[..<rows])
        batch.arena = arena
        arena = []
        arenaRoom = max(batch.arena.count + batch.arena.count / 8, arenaRoom - arenaRoom / 4)
        arena.reserveCapacity(min(arenaRoom, Limits.bytesPerBatch))
        if isWide { batch.columns = takeWideColumns() } else { batch.columns = takeColumns() }
        let used = batch.columns.count
        batch.addExtraFields(options.extraFields)
        if let fields = options.streamFields { batch.addStream(of: fields) }
        finished.append((batch, records))
        if names.count > Self.wideColumns && used < names.count / 2 { forgetColumns() }
    }

    /// The columns of rows in cells, which are empty then.
    private mutating func takeColumns() -> [RecordBatch.Column] {
        var columns: [RecordBatch.Column] = []
        for column in names.indices where takeColumn(column) {
            let range = (column * stride)..<(column * stride + rows)
            let recurrence = codedRows == rows ? coder.recurrence(of: column, codes: codes[range]) : .unknown
            columns.append(
                RecordBatch.Column(name: names[column], slices: Array(cells[range]), recurrence: recurrence))
            for cell in range { cells[cell] = .missing }
        }
        if codedRows > 0 { coder.startBatch() }
        rows = 0
        codedRows = 0
        return columns
    }

    /// Whether any row of the current batch has the field.
    private func takeColumn(_ column: Int) -> Bool {
        let span = cells.span.extracting((column * stride)..<(column * stride + rows))
        var lengths: UInt32 = 0
        for row in span.indices { lengths |= span[row].length }
        return lengths != 0
    }

    // MARK: Wide rows

    /// Columns from which a batch may be wide: fewer cost little where they are missing.
    static let wideColumns = 256
    /// A batch is wide if fewer than one in this many of its cells has a value.
    private static let thinness = 4
    /// Cells of rows that are parsed at a time, so that they stay in the second-level cache, and the fewest rows.
    private static let wideCells = 128 << 10
    static let fewestRows = 16

    /// Moves all completed rows out of their cells. `window` as in `takeRows`; nil if their values are in the arena.
    private mutating func takeWideRows(_ window: RawSpan?) {
        sparse.take(
            times[..<rows], columns: names.count, stride: stride, cells: &cells, source: window, arena: &arena)
        rows = 0
        codedRows = 0
    }

    /// Keeps the batch value by value from now on if the rows from `first` on have few of many columns.
    mutating func becomeWideIfThin(from first: Int) {
        guard names.count > Self.wideColumns, first < rows, !isWide else { return }
        var present = 0
        for column in names.indices {
            let start = column * stride
            let missing = SliceKernels.missing(cells.rawSpan.slice((start + first) * 8, (rows - first) * 8))
            present += rows - first - missing
        }
        guard present * Self.thinness < names.count * (rows - first) else { return }
        takeWideRows(nil)
        isWide = true
        coder.forgetColumns()
        codes = []
        cells = []
        times = []
        stride = 0
    }

    /// Takes completed rows out of their cells if there are some dozens of a wide batch.
    mutating func takeWideRowsIfMany() {
        guard names.count > Self.wideColumns, rows >= max(Self.fewestRows, Self.wideCells / names.count) else { return }
        if isWide {
            takeWideRows(nil)
        } else if rows.isMultiple(of: Self.fewestRows) {
            becomeWideIfThin(from: rows - Self.fewestRows)
        }
    }

    private mutating func takeWideColumns() -> [RecordBatch.Column] {
        let isThin = sparse.count * Self.thinness < names.count * rowCount
        if !isThin {
            isWide = false
            codes = [UInt32](repeating: 0, count: cells.count)
        }
        return sparse.takeColumns(names)
    }

    /// Counts how often the columns were forgotten; whoever holds positions must drop them when it changes.
    private(set) var generation = 0

    /// Starts over without columns: for senders whose field names never repeat. There must be no open rows.
    mutating func forgetColumns() {
        precondition(rowCount == 0)
        isWide = false
        names = []
        positions = [:]
        timeCandidates = []
        messageCandidates = []
        cells = []
        codes = []
        coder.forgetColumns()
        times = []
        stride = 0
        generation += 1
        _ = column(named: StandardFields.message)
    }
}
