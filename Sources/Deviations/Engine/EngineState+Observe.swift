import Bytes
import Records
import Statistics

extension EngineState {
    /// Adds a batch to the buckets of its records' own times; closes buckets that the newest record has left behind.
    mutating func observe(_ batch: RecordBatch, at position: JournalPosition) {
        self.position = position
        guard batch.tenant == options.tenant, batch.rowCount > 0 else { return }
        counters.rows += UInt64(batch.rowCount)
        let codes = encode(batch)
        var start = 0
        while start < batch.rowCount {
            let bucket = bucketNumber(batch.times[start])
            var end = start + 1
            while end < batch.rowCount, bucketNumber(batch.times[end]) == bucket { end += 1 }
            add(batch, codes, rows: start..<end, bucket: bucket)
            start = end
        }
    }

    func bucketNumber(_ time: Int64) -> Int64 {
        let quotient = time / bucketNanoseconds
        return time < 0 && time % bucketNanoseconds != 0 ? quotient - 1 : quotient
    }

    private mutating func add(_ batch: RecordBatch, _ codes: BatchCodes, rows: Range<Int>, bucket: Int64) {
        guard let place = openPlace(bucket, rows: rows.count) else { return }
        // Moved out, so that the sums are changed in place while the state makes slots.
        var sums = OpenBucket(number: bucket)
        swap(&sums, &open[place])
        sums.rows += rows.count
        addCounts(codes, rows: rows, to: &sums)
        for (measure, logs) in codes.values { addValues(logs, measure: measure, codes, rows: rows, to: &sums) }
        swap(&sums, &open[place])
        keepSamples(batch, codes, rows: rows)
        watchPatterns(batch, codes, rows: rows)
        watchTemplates(batch, codes, rows: rows, place: place)
    }

    /// The position of an open bucket, opened if it may be; counts the rows that have none.
    private mutating func openPlace(_ bucket: Int64, rows: Int) -> Int? {
        guard abs(bucket) < Int64.max / bucketNanoseconds - 1_000 else {
            counters.ahead += UInt64(rows)
            return nil
        }
        if newest != .min && bucket > newest + Int64(EngineLimits.bucketsAhead) {
            rowsAhead += rows
            // A thousand rows in a row are no wrong clock but the time after a pause.
            guard rowsAhead > 1_000 else {
                counters.ahead += UInt64(rows)
                return nil
            }
        }
        rowsAhead = 0
        if newest == .min { newest = bucket }
        if bucket > newest {
            newest = bucket
            close(before: newest - Int64(EngineLimits.openBuckets) + 1)
            samples.startBucket()
            errorSamples.startBucket()
        }
        if bucket <= newest - Int64(EngineLimits.openBuckets) {
            counters.late += UInt64(rows)
            return nil
        }
        if let place = open.lastIndex(where: { $0.number <= bucket }) {
            if open[place].number == bucket { return place }
            open.insert(freshBucket(bucket), at: place + 1)
            return place + 1
        }
        open.insert(freshBucket(bucket), at: 0)
        return 0
    }

    private mutating func freshBucket(_ number: Int64) -> OpenBucket {
        guard var bucket = spare.popLast() else { return OpenBucket(number: number) }
        bucket.reuse(number: number)
        return bucket
    }

    private mutating func addCounts(_ codes: BatchCodes, rows: Range<Int>, to sums: inout OpenBucket) {
        let present = rows.filter { codes.services[$0] != ValueTable.overflow }
        counters.unwatchedServices += UInt64(rows.count - present.count)
        let values = present.map { codes.isError[$0] ? 1.0 : 0 }
        add(values, measure: 0, codes, rows: present, to: &sums)
    }

    private mutating func addValues(
        _ logs: [Double], measure: Int, _ codes: BatchCodes, rows: Range<Int>, to sums: inout OpenBucket
    ) {
        let present = rows.filter { !logs[$0].isNaN && codes.services[$0] != ValueTable.overflow }
        guard !present.isEmpty else { return }
        add(present.map { logs[$0] }, measure: measure, codes, rows: present, to: &sums)
    }

    /// Adds one value a row to the slot of its service and to those of its dimensions' values.
    private mutating func add(
        _ values: [Double], measure: Int, _ codes: BatchCodes, rows: [Int], to sums: inout OpenBucket
    ) {
        var targets = [Int32](repeating: -1, count: rows.count)
        for index in rows.indices {
            let service = Int(codes.services[rows[index]])
            let known = service < baseSlots[measure].count ? baseSlots[measure][service] : -1
            targets[index] =
                known >= 0 ? known : Int32(baseSlot(measure: measure, service: service, bucket: sums.number))
        }
        sums.reserve(slots: slots.count)
        sums.add(values, to: targets)
        if measure > 0 { addTails(values, to: targets, &sums) }
        for (dimension, column) in codes.parts where measure == 0 || !isLevel[dimension] {
            addParts(values, measure: measure, dimension: dimension, codes.services, column, rows: rows, to: &sums)
            guard measure > 0, isRoute[dimension], !tails.isEmpty else { continue }
            let table = partSlots[measure][dimension]
            for (index, row) in rows.enumerated() {
                let place = Int(codes.services[row]) * Self.codesPerService + Int(column[row])
                targets[index] = column[row] != 0 && place < table.count ? table[place] : -1
            }
            addTails(values, to: targets, &sums)
        }
    }

    /// The same for the slots of one dimension's values. Slots are made in the order of their first rows.
    private mutating func addParts(
        _ values: [Double], measure: Int, dimension: Int, _ services: [UInt16], _ column: [UInt16], rows: [Int],
        to sums: inout OpenBucket
    ) {
        var next = 0
        while true {
            next = sums.add(values, rows: rows, from: next, partSlots[measure][dimension]) { row, slots in
                let code = Int(column[row])
                guard code != 0 else { return OpenBucket.noSlot }
                let place = Int(services[row]) * Self.codesPerService + code
                return place < slots.count ? slots[place] : OpenBucket.unknownSlot
            }
            guard next < rows.count else { return }
            let row = rows[next]
            let made = partSlot(
                measure: measure, dimension: dimension, service: Int(services[row]), code: Int(column[row]),
                bucket: sums.number)
            sums.reserve(slots: slots.count)
            if let made { sums.add([values[next]], to: [Int32(made)]) } else { counters.unwatchedParts += 1 }
            next += 1
        }
    }

    /// Keeps about 24 rows of a bucket, and up to 8 errors, chosen by their place in the stream.
    private mutating func keepSamples(_ batch: RecordBatch, _ codes: BatchCodes, rows: Range<Int>) {
        let every = max(1, rowsInLastBucket / 24)
        var row = rows.lowerBound + Int(truncatingIfNeeded: counters.rows &* 31) % every
        while row < rows.upperBound, samples.keptInBucket < 32 {
            samples.append(sample(batch, codes, row: row))
            row += every
        }
        guard errorSamples.keptInBucket < 8 else { return }
        for row in rows where codes.isError[row] {
            errorSamples.append(sample(batch, codes, row: row))
            if errorSamples.keptInBucket >= 8 { return }
        }
    }

    private func sample(_ batch: RecordBatch, _ codes: BatchCodes, row: Int) -> SampleRing.Row {
        var parts = [UInt16](repeating: 0, count: dimensions.count)
        for (dimension, column) in codes.parts { parts[dimension] = column[row] }
        var values = [Float](repeating: .nan, count: measures.count + 1)
        for (measure, logs) in codes.values { values[measure] = Float(logs[row]) }
        func text(_ column: Int) -> ByteString {
            guard column >= 0 else { return .empty }
            let slice = batch.columns[column].slice(row)
            return ByteString(batch.arena.rawSpan.slice(Int(slice.offset), min(Int(slice.length), 512)))
        }
        return SampleRing.Row(
            time: batch.times[row], service: codes.services[row], isError: codes.isError[row], codes: parts,
            values: values, message: text(codes.message), trace: text(codes.trace))
    }
}
