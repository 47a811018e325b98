import Bytes

/// What stood at the variables of a form while it was new: decides which of them are worth watching, and how.
///
/// A number is watched by its level unless it tells things apart (`order 17`), only grows, or says again what a field
/// says. A variable of few values, words or codes, is watched by their shares. The rest, such as names of machines, has
/// too many values and is left alone.
struct VariableTrial: Sendable {
    /// Messages that decide.
    static let messages = 40
    /// Variables of a message that are looked at, and values told apart of each.
    static let variables = 12
    static let values = 13
    /// Longer values are no words that few take turns at.
    static let longestValue = 48
    /// Of one form.
    private static let levels = 4
    private static let shares = 4
    /// Values of one variable that get a series of their own.
    static let valuesWatched = 8

    struct Value: Sendable {
        var text: ByteString
        var count = 1
    }

    struct Variable: Sendable {
        var numbers = 0
        var wholes = 0
        var rises = 0
        var falls = 0
        var last = Double.nan
        var values: [Value] = []
        /// A value that found no place among them.
        var hasMore = false
        /// By field, in how many messages it said the same.
        var repeats: [Value] = []
    }

    /// What a field says in the same record.
    struct Known {
        var field: ByteString
        var text: ByteString
        /// Not-a-number where it is none.
        var number: Double
    }

    /// How a variable is to be watched.
    struct Verdict: Equatable {
        var variable: Int
        var kind: VariablePlace.Kind
        var values: [ByteString] = []
    }

    var first: Int64
    var last: Int64
    var count = 0
    /// The first message.
    var sample: ByteString
    var variables: [Variable]

    init(_ message: ByteString, variables count: Int, bucket: Int64) {
        first = bucket
        last = bucket
        sample = message
        variables = [Variable](repeating: Variable(), count: min(count, Self.variables))
    }

    func isOver(at bucket: Int64) -> Bool { count >= Self.messages && bucket - first >= 12 }

    /// Takes in a message of the form. O(variables).
    mutating func add(_ message: RawSpan, _ ranges: [Range<UInt32>], known: [Known], bucket: Int64) {
        count += 1
        last = max(last, bucket)
        for place in variables.indices where place < ranges.count {
            let text = message.slice(Int(ranges[place].lowerBound), ranges[place].count)
            variables[place].add(ByteString(text), number: NumberText.double(text), known: known)
        }
    }

    /// Which variables to watch. O(variables · values).
    func verdicts() -> [Verdict] {
        let form = VariableText(sample)
        var verdicts: [Verdict] = []
        var left = (levels: Self.levels, shares: Self.shares)
        for (place, variable) in variables.enumerated() {
            guard let kind = kind(of: variable, at: place, form) else { continue }
            if kind == .shares {
                guard left.shares > 0 else { continue }
                left.shares -= 1
                verdicts.append(Verdict(variable: place, kind: kind, values: variable.frequent))
            } else if left.levels > 0 {
                left.levels -= 1
                verdicts.append(Verdict(variable: place, kind: kind))
            }
        }
        return verdicts
    }

    private func kind(of variable: Variable, at place: Int, _ form: VariableText) -> VariablePlace.Kind? {
        let name = form.name(of: place)
        guard !variable.isRepeated(in: count), !EngineState.isPassing(ByteString(name)) else { return nil }
        guard 20 * variable.numbers >= 19 * count else {
            return variable.isFew && variable.values.allSatisfy { !Self.isName($0.text) } ? .shares : nil
        }
        guard form.isApart(place) else { return nil }
        let tellsApart = VariableText.isIdentifying(name)
        if tellsApart || variable.holdsCodes { return variable.isFew ? .shares : nil }
        if 5 * max(variable.rises, variable.falls) >= 4 * count { return nil }
        return variable.wholes == variable.numbers ? .level : .fineLevel
    }

    /// Digits in a longer word: a pod, an address, a date, a hash.
    private static func isName(_ text: ByteString) -> Bool {
        text.count > longestValue
            || text.count >= 5 && text.bytes.contains { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
    }
}

extension VariableTrial.Variable {
    var isFew: Bool { !hasMore && values.count < VariableTrial.values }

    /// Whole numbers of three digits, a few of them: statuses and the like, whose mean says nothing.
    var holdsCodes: Bool {
        isFew && values.count > 1 && wholes == numbers
            && values.allSatisfy { $0.text.count == 3 && $0.text.bytes[0] != UInt8(ascii: "-") }
    }

    /// The values that get series of their own: none where there is but one, of which the others are the complement.
    var frequent: [ByteString] {
        let ordered = values.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
        return ordered.count == 1
            ? ordered.map(\.text)
            : ordered.prefix(VariableTrial.valuesWatched).filter { $0.count >= 2 }.map(\.text)
    }

    func isRepeated(in messages: Int) -> Bool { repeats.contains { 5 * $0.count >= 4 * messages } }

    fileprivate mutating func add(_ text: ByteString, number: Double?, known: [VariableTrial.Known]) {
        if let number {
            numbers += 1
            if number == number.rounded() { wholes += 1 }
            if number > last { rises += 1 }
            if number < last { falls += 1 }
            last = number
        }
        if let place = values.firstIndex(where: { $0.text == text }) {
            values[place].count += 1
        } else if values.count < VariableTrial.values {
            values.append(VariableTrial.Value(text: text))
        } else {
            hasMore = true
        }
        for one in known where one.text == text || number.map({ Self.says($0, one.number) }) == true {
            if let place = repeats.firstIndex(where: { $0.text == one.field }) {
                repeats[place].count += 1
            } else {
                repeats.append(VariableTrial.Value(text: one.field))
            }
        }
    }

    /// Whether a number of a message is that of a field, rounded or in another unit perhaps.
    private static func says(_ number: Double, _ field: Double) -> Bool {
        guard field.isFinite, field > 0, number > 0 else { return false }
        return [1, 1_000, 0.001].contains { unit in
            let same = field * unit
            return abs(number - same) <= max(0.05 * same, same >= 5 ? 1 : 0.05 * same)
        }
    }
}
