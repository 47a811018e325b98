import Bytes
import Records

/// A group that has just become durable, as the commit thread hands it over before anyone is answered.
public struct CommittedGroup: Sendable {
    public struct Entry: Sendable {
        public var head: GroupEntry
        /// The rows as they were encoded; nil without rows.
        public var batch: RecordBatch?
    }

    public var position: JournalPosition
    public var entries: [Entry]
    /// The payload; the entries' block ranges count from its start.
    public var payload: SharedBytes
}
