import Records

/// A place in a scenario file: reads members and says where one is missing or of the wrong kind.
struct ScenarioNode {
    var value: JSONValue
    var place: String

    func error(_ reason: String) -> CorpusError { CorpusError(reason, place: place) }

    func optional(_ key: String) -> ScenarioNode? {
        value[key].map { ScenarioNode(value: $0, place: "\(place).\(key)") }
    }

    func member(_ key: String) throws(CorpusError) -> ScenarioNode {
        guard let node = optional(key) else { throw error("\"\(key)\" is missing") }
        return node
    }

    func text() throws(CorpusError) -> String {
        guard let text = value.text else { throw error("a string expected") }
        return text
    }

    func number() throws(CorpusError) -> Double {
        guard let number = value.double else { throw error("a number expected") }
        return number
    }

    /// A number of things: 0 … 2⁵³.
    func count() throws(CorpusError) -> Int {
        guard let number = value.integer, (0...(1 << 53)).contains(number) else {
            throw error("a whole number, 0 or more, expected")
        }
        return Int(number)
    }

    func elements() throws(CorpusError) -> [ScenarioNode] {
        guard let elements = value.elements else { throw error("a list expected") }
        return elements.enumerated().map { ScenarioNode(value: $1, place: "\(place)[\($0)]") }
    }

    func members() throws(CorpusError) -> [(key: String, node: ScenarioNode)] {
        guard let members = value.members else { throw error("an object expected") }
        return members.map { ($0.key, ScenarioNode(value: $0.value, place: "\(place).\($0.key)")) }
    }

    func strings() throws(CorpusError) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    func numbers() throws(CorpusError) -> [Double] {
        var numbers: [Double] = []
        for element in try elements() { numbers.append(try element.number()) }
        return numbers
    }

    /// `2026-03-02T10:00:00Z` as nanoseconds since the epoch.
    func instant() throws(CorpusError) -> Int64 {
        let text = try text()
        guard let match = text.wholeMatch(of: #/(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z/#),
            let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), let hour = Int64(match.4),
            let minute = Int64(match.5), let second = Int64(match.6),
            (1...12).contains(month), (1...CivilDate.days(inMonth: month, ofYear: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { throw error("a time such as 2026-03-02T10:00:00Z expected, not \(text)") }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        return (days * 86_400 + hour * 3_600 + minute * 60 + second) * Timestamp.nanosecondsPerSecond
    }
}
