import Bytes
import Records

/// Parses the line formats other than JSON. A line that does not have the form becomes a plain record: its text is the
/// message, and nothing is lost.
struct TextLinesParser: Sendable {
    let format: LineFormat
    /// Whether lines that go on are joined to one record.
    let joinsLines: Bool
    private var assembler: BatchAssembler
    private var splitter = LineSplitter()
    private var columns: TextColumns
    private var clock = TimestampText()
    private var arrival: Int64 = 0
    /// Plain text: the record that may go on with the next line. CRI: the text of partial lines.
    private var open: [UInt8] = []
    private var openTime: Int64?
    private var repaired: [UInt8] = []
    private var recordsToSkip = 0
    private var generation = 0
    /// Whether the open row has a field for which the batch has no room.
    private var lacksRoom = false

    private(set) var counts = ParseCounts()
    private(set) var rejections: [Rejection] = []

    init(format: LineFormat, options: ParseOptions, joinsLines: Bool) {
        self.format = format
        self.joinsLines = joinsLines
        assembler = BatchAssembler(options: options)
        columns = TextColumns(&assembler)
    }

    mutating func feed(_ bytes: RawSpan, arrival: Int64) {
        self.arrival = arrival
        var offset = 0
        while offset < bytes.byteCount {
            switch splitter.next(bytes, &offset, window: JSONLinesParser.windowBytes) {
            case .lines(let range): readLines(bytes.slice(range.lowerBound, range.count))
            case .joined(let line): readLines(line.rawSpan)
            case .oversized(let sample): rejectOversized(sample)
            case .partial: return
            }
        }
    }

    mutating func finish(arrival: Int64) {
        self.arrival = arrival
        switch splitter.takeRest() {
        case .joined(let line): readLines(line.rawSpan)
        case .oversized(let sample): rejectOversized(sample)
        case .lines, .partial: break
        }
        closeOpenRecord()
    }

    /// Reads one record that was framed outside: it may hold line feeds. O(length).
    mutating func feed(record: RawSpan, arrival: Int64) {
        self.arrival = arrival
        counts.lines += 1
        readRepaired(withoutReturn(withoutEnd(record)))
    }

    /// Some senders end a record by a line feed in spite of its frame.
    @_lifetime(copy record)
    private func withoutEnd(_ record: RawSpan) -> RawSpan {
        let count = record.byteCount
        return count > 0 && record[count - 1] == .lineFeed ? record.slice(0, count - 1) : record
    }

    /// Whether a full batch waits to be taken.
    var hasFullBatch: Bool { assembler.hasFinished || assembler.rowsLeft <= 0 }

    /// Bytes of the rows that wait to be taken.
    var waitingBytes: Int { assembler.waitingBytes }

    var memoryBytes: Int { assembler.memoryBytes }
    var isEmpty: Bool { assembler.rowCount == 0 && !assembler.hasFinished }
    mutating func releaseRoom() { assembler.releaseRoom() }

    mutating func takeBatch() -> RecordBatch? { assembler.takeBatch(records: counts.records)?.batch }

    mutating func takeRejections() -> [Rejection] {
        defer { rejections = [] }
        return rejections
    }

    mutating func skip(records: Int) { recordsToSkip += records }

    // MARK: Lines

    private mutating func readLines(_ lines: RawSpan) {
        var start = 0
        while start < lines.byteCount, let end = firstIndex(of: .lineFeed, in: lines, from: start) {
            counts.lines += 1
            let line = withoutReturn(lines.slice(start, end - start))
            start = end + 1
            if line.byteCount > Limits.recordBytes {
                reject(JSONFault.tooLong.text, line)
            } else {
                readRepaired(line)
            }
        }
    }

    private mutating func readRepaired(_ line: RawSpan) {
        if isWellFormedUTF8(line) { return readLine(line) }
        var text: [UInt8] = []
        counts.replacedBytes += appendRepairingUTF8(line, to: &text)
        readLine(text.rawSpan)
    }

    private mutating func readLine(_ line: RawSpan) {
        if format == .plain { return readPlain(line) }
        if isBlankLine(line) { return }
        if recordsToSkip > 0 {
            recordsToSkip -= 1
            counts.skipped += 1
            return
        }
        beginRow(line)
        var read = readForm(line)
        if lacksRoom {
            // Its columns would make the batch too wide: it begins the next one.
            assembler.clearRow(assembler.rows)
            assembler.close(records: counts.records)
            beginRow(line)
            read = readForm(line)
        }
        if case .row(let time) = read { finishRow(time, line) }
    }

    /// What a line came to.
    private enum Reading {
        case row(time: Int64?)
        /// The next line goes on.
        case partial
    }

    private mutating func beginRow(_ line: RawSpan) {
        assembler.beginRow(bytes: line.byteCount + 64, records: counts.records)
        if generation != assembler.generation {
            generation = assembler.generation
            columns = TextColumns(&assembler)
        }
        lacksRoom = false
    }

    private mutating func readForm(_ line: RawSpan) -> Reading {
        switch format {
        case .logfmt: return .row(time: readLogfmt(line))
        case .syslog: return .row(time: readSyslog(line))
        case .access: return .row(time: readAccess(line))
        case .cri:
            guard let read = CRILine(line) else { return .row(time: readUnformed(line)) }
            open.append(copying: line.slice(read.message.lowerBound, read.message.count))
            if joinsLines && read.isPartial && open.count < Limits.recordBytes { return .partial }
            assembler.set(BatchAssembler.messageColumn, open)
            assembler.set(columns.stream, slice(line, read.stream))
            open.removeAll(keepingCapacity: true)
            return .row(time: read.time)
        case .json, .plain: return .row(time: readUnformed(line))
        }
    }

    private mutating func finishRow(_ time: Int64?, _ line: RawSpan) {
        if assembler.finishRow(time: time, arrival: arrival, clock: &clock, mistimed: &counts.mistimed) {
            counts.accepted += 1
        } else {
            reject("\(JSONFault.badTime.text) in field \(assembler.badTimeField.string)", line)
        }
    }

    /// Takes the whole line as the message.
    private mutating func readUnformed(_ line: RawSpan) -> Int64? {
        assembler.clearRow(assembler.rows)
        assembler.set(BatchAssembler.messageColumn, line)
        return leadingTime(line)
    }

    // MARK: Formats

    private mutating func readLogfmt(_ line: RawSpan) -> Int64? {
        var reader = LogfmtReader()
        columns.beginLogfmtRow()
        var fields = 0
        while reader.next(line) {
            fields += 1
            guard fields <= Limits.fieldsPerRecord, reader.key.count <= Limits.fieldNameBytes else {
                return readUnformed(line)
            }
            guard let column = columns.logfmtColumn(line.slice(reader.key.lowerBound, reader.key.count), &assembler)
            else {
                lacksRoom = true
                return nil
            }
            let value = slice(line, reader.value)
            if reader.hasEscapes {
                var text: [UInt8] = []
                if appendUnescapedJSON(value, to: &text) != nil { text = ByteString(value).bytes }
                assembler.set(column, text.rawSpan)
            } else if reader.hasValue {
                assembler.set(column, value)
            } else {
                assembler.set(column, ByteString("true").bytes)
            }
        }
        return reader.isAtEnd(line) && fields > 0 ? nil : readUnformed(line)
    }

    /// Fields of a syslog line besides its structured data.
    private static let syslogFields = 12

    private mutating func readSyslog(_ line: RawSpan) -> Int64? {
        guard let read = SyslogLine(line, arrival: arrival, clock: &clock) else { return readUnformed(line) }
        if let priority = read.priority {
            assembler.set(columns.priority, ByteString(String(priority)).bytes)
            assembler.set(columns.facility, ByteString(String(priority >> 3)).bytes)
            assembler.set(columns.facilityKeyword, SyslogNames.facilities[priority >> 3].bytes)
            assembler.set(columns.severity, ByteString(String(priority & 7)).bytes)
            assembler.set(columns.level, SyslogNames.severities[priority & 7].bytes)
        }
        assembler.set(columns.format, ByteString(read.isRFC5424 ? "rfc5424" : "rfc3164").bytes)
        assembler.set(columns.host, slice(line, read.host))
        assembler.set(columns.app, slice(line, read.app))
        assembler.set(columns.process, slice(line, read.process))
        assembler.set(columns.messageID, slice(line, read.messageID))
        assembler.set(BatchAssembler.messageColumn, slice(line, read.message))
        if !read.structured.isEmpty {
            var fields = Self.syslogFields
            SyslogData.forEach(slice(line, read.structured)) { name, value in
                fields += name.count <= Limits.fieldNameBytes ? 1 : Limits.fieldsPerRecord
                guard fields <= Limits.fieldsPerRecord, !lacksRoom else { return }
                let name = ByteString(name)
                lacksRoom = assembler.rows > 0 && !assembler.hasRoomForColumn(named: name)
                if !lacksRoom { assembler.set(assembler.column(named: name), value) }
            }
            if fields > Limits.fieldsPerRecord { return readUnformed(line) }
        }
        return read.time
    }

    private mutating func readAccess(_ line: RawSpan) -> Int64? {
        guard let read = AccessLine(line) else { return readUnformed(line) }
        assembler.set(columns.client, slice(line, read.client))
        assembler.set(columns.identity, slice(line, read.identity))
        assembler.set(columns.user, slice(line, read.user))
        assembler.set(BatchAssembler.messageColumn, slice(line, read.request))
        assembler.set(columns.status, slice(line, read.status))
        assembler.set(columns.bytes, slice(line, read.bytes))
        assembler.set(columns.referer, slice(line, read.referer))
        assembler.set(columns.agent, slice(line, read.agent))
        let request = slice(line, read.request)
        if let first = firstIndex(of: 0x20, in: request), let last = firstIndex(of: 0x20, in: request, from: first + 1)
        {
            assembler.set(columns.method, request.slice(0, first))
            assembler.set(columns.path, request.slice(first + 1, last - first - 1))
            assembler.set(columns.proto, request.slice(last + 1, request.byteCount - last - 1))
        }
        return read.time
    }

    // MARK: Plain text

    /// An indented line, and a Java cause, go on with the record before.
    private mutating func readPlain(_ line: RawSpan) {
        let isContinuation =
            joinsLines && !open.isEmpty && line.byteCount > 0
            && (line[0] == 0x20 || line[0] == 0x09 || startsWithCause(line))
        if isContinuation && open.count + line.byteCount < Limits.recordBytes {
            open.append(.lineFeed)
            open.append(copying: line)
            return
        }
        closeOpenRecord()
        if isBlankLine(line) { return }
        open.append(copying: line)
        openTime = leadingTime(line)
    }

    private func startsWithCause(_ line: RawSpan) -> Bool {
        let cause = TextColumns.cause.bytes
        return line.byteCount >= cause.count && line.slice(0, cause.count).equals(cause.rawSpan)
    }

    private mutating func closeOpenRecord() {
        guard !open.isEmpty else { return }
        let record = exchange(&open, [])
        if recordsToSkip > 0 {
            recordsToSkip -= 1
            counts.skipped += 1
            return
        }
        assembler.beginRow(bytes: record.count, records: counts.records)
        assembler.set(BatchAssembler.messageColumn, record.rawSpan)
        finishRow(openTime, record.rawSpan)
        openTime = nil
    }

    /// A date and time at the very beginning of a line, in brackets or not; the text keeps it.
    private mutating func leadingTime(_ line: RawSpan) -> Int64? {
        let start = line.byteCount > 0 && line[0] == .openBracket ? 1 : 0
        guard line.byteCount >= start + 19, line[start + 4] == UInt8(ascii: "-"), line[start + 13] == .colon else {
            return nil
        }
        var end = start + 19
        while end < line.byteCount && end - start < 40 && TextColumns.isTimeByte(line[end]) { end += 1 }
        return clock.parse(line.slice(start, end - start)) ?? clock.parse(line.slice(start, 19))
    }

    // MARK: Rejections

    @_lifetime(copy line)
    private func slice(_ line: RawSpan, _ range: Range<Int>) -> RawSpan { line.slice(range.lowerBound, range.count) }

    private mutating func rejectOversized(_ sample: [UInt8]) { rejectOversized(sample.rawSpan) }

    /// Counts a record that is over the limit and was passed over outside.
    mutating func rejectOversized(_ sample: RawSpan) {
        counts.lines += 1
        reject(JSONFault.tooLong.text, sample)
    }

    private mutating func reject(_ reason: String, _ line: RawSpan) {
        counts.rejected += 1
        guard rejections.count < Limits.rejectionExamples else { return }
        rejections.append(
            Rejection(line: counts.lines, record: counts.records, reason: reason, sample: rejectionSample(line)))
    }
}
