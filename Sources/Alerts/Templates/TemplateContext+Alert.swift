import Records

extension TemplateContext {
    /// Adds what a rule and its alert are known by.
    mutating func fill(_ rule: AlertRule, _ alert: Alert, externalURL: String) {
        if case .query(let expression) = rule.source { texts["expr"] = expression }
        texts["for"] = DurationText.print(rule.forNanoseconds)
        texts["alertID"] = alert.fingerprint
        texts["activeAt"] = Timestamp(nanoseconds: alert.activeAt).description
        texts["externalURL"] = externalURL
        guard let evidence = alert.evidence else { return }
        texts["title"] = evidence.title
        texts["series"] = evidence.series
        texts["kind"] = evidence.kind
        texts["onset"] = evidence.onset.map { Timestamp(nanoseconds: $0).description }
        texts["cause"] = evidence.causes.first?.what
        texts["link"] = evidence.link.hasPrefix("/") ? externalURL + evidence.link : evidence.link
        numbers["expectedLow"] = evidence.expectedLow
        numbers["expectedHigh"] = evidence.expectedHigh
        numbers["score"] = evidence.score
    }
}
