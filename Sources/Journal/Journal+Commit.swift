import Bytes
import Machine
import Records

extension Journal {
    private enum Work {
        case commit([EncodedEntry])
        case encodeAndCommit([PendingAppend])
        case newFile
        case recover
        case end
    }

    /// The commit thread. `writer` is its own.
    func commitUntilClosed(_ initial: JournalWriter) {
        var writer = initial
        var room = FreeRoom()
        while true {
            switch nextWork() {
            case .commit(let entries):
                commit(entries, &writer, &room)
            case .encodeAndCommit(let pending):
                commit(encodeTogether(pending), &writer, &room)
            case .newFile:
                writer.finishFile()
                publish(&writer) { $0.wantsNewFile = false }
                monitor.wake(JournalState.others)
            case .recover:
                recover(&writer)
            case .end:
                writer.finishFile()
                publish(&writer) { $0.isFinished = true }
                monitor.wake(JournalState.encoder)
                monitor.wake(JournalState.others)
                return
            }
        }
    }

    private func nextWork() -> Work {
        let found = monitor.wait(on: JournalState.committer, timeoutNanoseconds: waitBeforeRecovery) { state -> Work? in
            if state.wantsNewFile { return .newFile }
            if !state.ready.isEmpty {
                return .commit(state.takeReady())
            }
            if state.encodingIsDue { return .encodeAndCommit(state.takeWaiting()) }
            return state.isClosed && state.isDrained ? .end : nil
        }
        return found ?? .recover
    }

    /// Nil while all is well: then there is nothing to wake up for.
    private var waitBeforeRecovery: Int64? {
        monitor.withLock { $0.failure == nil ? nil : options.recoveryNanoseconds }
    }

    private func commit(_ entries: [EncodedEntry], _ writer: inout JournalWriter, _ room: inout FreeRoom) {
        let start = SystemClock().uptime()
        var frame = ByteWriter(
            capacity: FrameHeader.byteCount + entries.reduce(64) { $0 + $1.block.count + 64 + 64 * $1.marks.count })
        var heads = assemble(entries, &frame)
        let waiters = entries.flatMap(\.waiters)
        do throws(FileError) {
            let hasRoom = try room.allows(
                frame.count, reserve: options.reserveBytes, now: start
            ) { () throws(FileError) in try system.freeBytes(at: directory) }
            guard hasRoom else { throw FileError(.noSpace, "write", directory) }
            try writer.append(&frame)
        } catch {
            writer.finishFile()
            let (answers, isNew) = publish(&writer) { state in
                let isNew = state.failure == nil
                if isNew { state.failingSince = SystemClock().uptime() }
                return (state.failEverything(waiters, error.description), isNew)
            }
            answers.give()
            if isNew { options.log?("records are refused until the disk takes them: \(error)") }
            return
        }
        let spent = SystemClock().uptime() - start
        let position = JournalPosition(group: writer.lastGroup)
        for index in heads.indices { heads[index].batch = entries[index].batch }
        let payload = SharedBytes(copying: frame.bytes.rawSpan.extracting(FrameHeader.byteCount...))
        if commit(CommittedGroup(position: position, entries: heads, payload: payload)) { writer.finishFile() }
        publish(&writer) { state in
            state.lastGroup = position
            state.counters.groups += 1
            state.counters.rows += entries.reduce(0) { $0 + $1.rowCount }
            state.counters.writtenBytes += frame.count
            state.counters.syncNanoseconds += spent
            state.counters.longestSyncNanoseconds = max(state.counters.longestSyncNanoseconds, spent)
            return state.succeed(waiters, at: position)
        }.give()
    }

    /// Lays the payload out behind room for the frame header.
    private func assemble(_ entries: [EncodedEntry], _ frame: inout ByteWriter) -> [CommittedGroup.Entry] {
        frame.write([UInt8](repeating: 0, count: FrameHeader.byteCount))
        frame.writeVarint(entries.count)
        return entries.map { entry in
            GroupPayload.writeHead(entry, to: &frame)
            let start = frame.count - FrameHeader.byteCount
            frame.write(entry.block)
            return CommittedGroup.Entry(
                head: GroupEntry(
                    tenant: entry.tenant, rowCount: entry.rowCount, rawBytes: entry.rawBytes, marks: entry.marks,
                    block: start..<(start + entry.block.count)))
        }
    }

    /// A failed disk is well again when a new file with its header can be made durable and the reserve is free.
    private func recover(_ writer: inout JournalWriter) {
        // What the encoder still holds belongs to the failure.
        if monitor.withLock({ $0.isEncoding }) { return }
        do {
            // An eighth more than the reserve, or a disk at the brink would flap.
            let wanted = options.reserveBytes + options.reserveBytes / 8
            guard try system.freeBytes(at: directory) >= wanted else { return }
            writer.finishFile()
            try writer.startFile()
        } catch {
            return
        }
        let since = publish(&writer) { state in
            state.failure = nil
            return state.failingSince
        }
        let tenths = (SystemClock().uptime() - since) / 100_000_000
        options.log?("records are taken again; they were refused for \(tenths / 10).\(tenths % 10) s")
    }

    /// Shares what changed in the writer along with `change`; the encoder may have waited for room.
    @discardableResult
    private func publish<Result>(_ writer: inout JournalWriter, _ change: (inout JournalState) -> Result) -> Result {
        let (result, encodes) = monitor.withLock { state in
            writer.forget(state.removed)
            state.removed = []
            state.ranges = writer.ranges
            state.hasOpenFile = writer.hasFile
            return (change(&state), state.encodingPays || state.isClosed)
        }
        if encodes { monitor.wake(JournalState.encoder) }
        return result
    }
}
