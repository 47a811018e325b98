import Bytes

/// Example records of the last hours, kept so that a finding can show some that bear it out.
struct SampleRing: Sendable {
    struct Row: Sendable {
        var time: Int64
        var service: UInt16
        var isError: Bool
        /// By dimension.
        var codes: [UInt16]
        /// By measure, from 1; not-a-number where missing.
        var values: [Float]
        var message: ByteString
        var trace: ByteString
    }

    let capacity: Int
    private(set) var rows: [Row] = []
    private var next = 0
    /// Rows kept of the current bucket.
    private(set) var keptInBucket = 0

    init(capacity: Int) { self.capacity = capacity }

    mutating func startBucket() { keptInBucket = 0 }

    mutating func append(_ row: Row) {
        keptInBucket += 1
        if rows.count < capacity {
            rows.append(row)
        } else {
            rows[next] = row
            next = (next + 1) % capacity
        }
    }
}
