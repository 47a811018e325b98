import Bytes
import Records

extension EngineState {
    /// Shows the errors among the rows to the pattern watch and reports forms that are new.
    mutating func watchPatterns(_ batch: RecordBatch, _ codes: BatchCodes, rows: Range<Int>) {
        guard codes.message >= 0, let first = rows.first else { return }
        patterns.start(at: batch.times[first], learning: Int64(options.learningDays * 86_400e9))
        for row in rows where codes.isError[row] && codes.services[row] != ValueTable.overflow {
            let message = MinedText.of(batch.value(row: row, column: codes.message))
            guard message.byteCount > 0,
                let news = patterns.add(message, time: batch.times[row], service: codes.services[row])
            else { continue }
            report(news, at: batch.times[row])
        }
    }

    /// A new form of error joins the service's open error finding as a likely cause, or is a finding of its own.
    private mutating func report(_ news: PatternWatch.News, at time: Int64) {
        let service = Int(news.service)
        guard service < baseSlots[0].count, baseSlots[0][service] >= 0 else { return }
        let slot = slots[Int(baseSlots[0][service])]
        let series = slot.valueSeries >= 0 ? slot.valueSeries : slot.rateSeries
        guard series >= 0 else { return }
        let text = news.text.string
        if let number = matchingFinding(.errors, service: news.service, at: time)
            ?? matchingFinding(.pattern, service: news.service, at: time)
        {
            findings[number]?.patterns.append(text)
            findings[number]?.lastAlarm = time
            describe(number)
            return
        }
        let member = Finding.Member(series: series, logDays: 0, onset: news.first, direction: .up)
        var finding = Finding(
            number: nextFinding, group: .pattern, members: [member], change: .shift, onset: news.first,
            detectedAt: time, lastAlarm: time, lastSeen: time)
        finding.patterns = [text]
        finding.score = SeriesDetector.flagScore
        finding.observed = Double(news.count)
        open(finding)
    }
}
