import Records
import TestSupport

/// A small made-up system: services with categories, durations and errors, batch by batch, the same for a seed.
struct Shop {
    var noise: Noise
    /// Records of each service and five minutes at the mean of the day.
    var rowsPerBucket = 40.0
    var trafficFactor: (Int) -> Double = { _ in 1 }
    /// What to multiply a duration with, by service, category and bucket.
    var slowness: (String, String, Int) -> Double = { _, _, _ in 1 }
    /// Errors in a thousand records.
    var errors: (String, Int) -> Double = { _, _ in 4 }
    /// The text of an error, by bucket.
    var errorText: (Int) -> String = { _ in "could not serve the request" }
    /// The text of a record that is no error, by category and bucket.
    var message: (String, Int) -> String = { category, _ in "served \(category)" }
    /// The same by service, duration and bucket, in place of it.
    var messageOfDuration: ((String, Double, Int) -> String)?
    /// Further fields, by bucket and a random number; nil for none.
    var plan: ((Int, UInt64) -> String)?
    var status: ((Int, UInt64) -> String)?
    /// What to multiply a single duration with, by service, bucket and a random number.
    var stall: ((String, Int, UInt64) -> Double)?
    var isSilent: (String, Int) -> Bool = { _, _ in false }

    static let services = ["gateway", "catalog", "cart"]
    static let categories = ["books", "garden", "toys", "music", "pets", "sports"]
    static let start: Int64 = 1_772_409_600_000_000_000
    static let bucket: Int64 = 300_000_000_000

    init(seed: UInt64) { noise = Noise(seed: seed) }

    mutating func batch(bucket: Int) -> RecordBatch {
        var rows: [(time: Int64, fields: [(String, String)])] = []
        for service in Self.services where !isSilent(service, bucket) {
            let wave = 1 + 0.3 * waveform(bucket)
            let mean = rowsPerBucket * wave * trafficFactor(bucket)
            let count = max(0, Int((mean + mean.squareRoot() * noise.normal()).rounded()))
            for _ in 0..<count { rows.append(row(service, bucket)) }
        }
        return RecordBatch(rows: rows)
    }

    private func waveform(_ bucket: Int) -> Double {
        let share = Double(bucket % 288) / 288
        return share < 0.5 ? 4 * share - 1 : 3 - 4 * share
    }

    private mutating func row(_ service: String, _ bucket: Int) -> (time: Int64, fields: [(String, String)]) {
        let category = Self.categories[Int(noise.next() % UInt64(Self.categories.count))]
        let time = Self.start + Int64(bucket) * Self.bucket + Int64(noise.next() % UInt64(Self.bucket))
        let isError = noise.uniform() * 1_000 < errors(service, bucket)
        var duration = 10 * exponent(0.4 * noise.normal()) * slowness(service, category, bucket)
        if let stall { duration *= stall(service, bucket, noise.next() >> 8) }
        var further: [(String, String)] = []
        if let plan { further.append(("plan", plan(bucket, noise.next() >> 8))) }
        if let status { further.append(("status", status(bucket, noise.next() >> 8))) }
        let text = messageOfDuration?(service, duration, bucket) ?? message(category, bucket)
        return (
            time,
            further + [
                ("service", service), ("level", isError ? "error" : "info"), ("category", category),
                ("duration_ms", "\((duration * 1_000).rounded() / 1_000)"), ("trace_id", "t\(noise.next())"),
                ("_msg", isError ? errorText(bucket) : text),
            ]
        )
    }

    private func exponent(_ x: Double) -> Double {
        // e^x as (1 + x/1024)^1024: good enough for noise.
        var value = 1 + x / 1_024
        for _ in 0..<10 { value *= value }
        return value
    }
}
