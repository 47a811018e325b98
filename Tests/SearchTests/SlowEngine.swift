import Bytes
import QueryLanguage
import Records

/// The language again, a row at a time over dictionaries, in the plainest way: what the engine is held against.
enum SlowEngine {
    typealias Row = [String: String]

    static func run(_ query: Query, _ rows: [(time: Int64, row: Row)]) -> [Row] {
        var output = rows.filter { matches(query.filter, $0.row, $0.time) }.map(\.row)
        for pipe in query.pipes { output = apply(pipe, output) }
        return output
    }

    static func matches(_ filter: Filter, _ row: Row, _ time: Int64) -> Bool {
        switch filter {
        case .all: true
        case .and(let parts): parts.allSatisfy { matches($0, row, time) }
        case .or(let parts): parts.contains { matches($0, row, time) }
        case .not(let part): !matches(part, row, time)
        case .field(let name, let condition): matches(condition, row[name.string] ?? "")
        case .time(let filter): filter.matches(time, now: testNow)
        case .stream, .streamID: fatalError("not generated")
        }
    }

    private static func matches(_ condition: FieldCondition, _ value: String) -> Bool {
        switch condition {
        case .empty: value.isEmpty
        case .any: !value.isEmpty
        case .phrase(let phrase): occurs(phrase.string, in: value, start: true, end: true)
        case .prefix(let phrase): occurs(phrase.string, in: value, start: true, end: false)
        case .substring(let text): occurs(text.string, in: value, start: false, end: false)
        case .exact(let wanted): value == wanted.string
        case .exactPrefix(let prefix): value.hasPrefix(prefix.string)
        case .isIn(.values(let values)): values.contains { $0.string == value }
        case .anyCasePhrase(let phrase):
            occurs(phrase.string.lowercased(), in: value.lowercased(), start: true, end: true)
        case .range(let range): number(value).map(range.contains) ?? false
        case .compare(let comparison): compare(comparison, value)
        case .lengthRange(let range):
            range.lower <= value.unicodeScalars.count && value.unicodeScalars.count <= range.upper
        default: fatalError("not generated")
        }
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }

    static func occurs(_ phrase: String, in value: String, start: Bool, end: Bool) -> Bool {
        let text = Array(value)
        let wanted = Array(phrase)
        guard text.count >= wanted.count else { return false }
        for place in 0...(text.count - wanted.count) where Array(text[place..<place + wanted.count]) == wanted {
            let after = place + wanted.count
            if start, isWord(wanted[0]), place > 0, isWord(text[place - 1]) { continue }
            if end, isWord(wanted[wanted.count - 1]), after < text.count, isWord(text[after]) { continue }
            return true
        }
        return false
    }

    static func number(_ text: String) -> Double? {
        text.first.map { $0.isNumber || $0 == "-" } == true ? Double(text) : nil
    }

    private static func compare(_ comparison: Comparison, _ value: String) -> Bool {
        if let wanted = comparison.number {
            guard let number = number(value) else { return false }
            return switch comparison.comparator {
            case .less: number < wanted
            case .lessOrEqual: number <= wanted
            case .greater: number > wanted
            case .greaterOrEqual: number >= wanted
            }
        }
        let wanted = comparison.operand.string
        return switch comparison.comparator {
        case .less: value < wanted
        case .lessOrEqual: value <= wanted
        case .greater: value > wanted
        case .greaterOrEqual: value >= wanted
        }
    }

    private static func apply(_ pipe: Pipe, _ rows: [Row]) -> [Row] {
        switch pipe {
        case .filter(let filter): return rows.filter { matches(filter, $0, 0) }
        case .fields(let patterns):
            return rows.map { row in row.filter { name, _ in patterns.contains { $0.matches(.init(name)) } } }
        case .limit(let count): return Array(rows.prefix(Int(count)))
        case .offset(let count): return Array(rows.dropFirst(Int(count)))
        case .sort(let sort):
            let sorted = rows.enumerated().sorted { left, right in
                for key in sort.keys {
                    let order = compare(left.element[key.field.string] ?? "", right.element[key.field.string] ?? "")
                    if order != 0 { return (order < 0) != (key.isDescending != sort.isDescending) }
                }
                return left.offset < right.offset
            }.map(\.element)
            let rest = sorted.dropFirst(Int(sort.offset))
            return Array(sort.limit > 0 ? rest.prefix(Int(sort.limit)) : rest)
        case .uniq(let uniq):
            return groups(rows, uniq.fields.map(\.string)).map { key, members in
                var row = key
                if let hits = uniq.hits { row[hits.string] = "\(members.count)" }
                return row
            }
        case .top(let top):
            let counted = groups(rows, top.fields.map(\.string)).map { ($0.key, $0.members.count) }
            let sorted = counted.sorted { left, right in
                if left.1 != right.1 { return left.1 > right.1 }
                for field in top.fields {
                    let (value, other) = (left.0[field.string] ?? "", right.0[field.string] ?? "")
                    // Of several fields the shorter value is the smaller one.
                    if top.fields.count > 1, value.utf8.count != other.utf8.count {
                        return value.utf8.count < other.utf8.count
                    }
                    if value != other { return value.utf8.lexicographicallyPrecedes(other.utf8) }
                }
                return false
            }
            return sorted.prefix(Int(top.count)).map { row, count in row.merging([top.hits.string: "\(count)"]) { $1 } }
        case .stats(let stats):
            var found = groups(rows, stats.groups.map(\.field.string))
            if stats.groups.isEmpty, found.isEmpty { found = [([:], [])] }
            return found.map { key, members in
                var row = key
                for column in stats.columns {
                    let counted = members.filter { row in column.condition.map { matches($0, row, 0) } ?? true }
                    row[column.name.string] = value(column.function, counted)
                }
                return row
            }
        default: fatalError("not generated")
        }
    }

    private static func groups(_ rows: [Row], _ fields: [String]) -> [(key: Row, members: [Row])] {
        var order: [[String]] = []
        var members: [[String]: [Row]] = [:]
        for row in rows {
            let key = fields.map { row[$0] ?? "" }
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(row)
        }
        return order.map { (Dictionary(zip(fields, $0), uniquingKeysWith: { first, _ in first }), members[$0]!) }
    }

    /// The place of a value among all: the number that it is or begins with, a time's year; then what it is.
    private static func place(_ text: String) -> (number: Double, kind: Int) {
        let bytes = Array(text.utf8)
        if text.isEmpty { return (-.infinity, -1) }
        if let number = NumericText.number(bytes.rawSpan) { return (number, 0) }
        if let time = TimeText.timestamp(bytes.rawSpan) { return (1970 + Double(time) / 31_556_952e9, 1) }
        let digits = text.utf8.prefix { (48...57).contains($0) }
        return digits.isEmpty ? (.infinity, 3) : (Double(String(digits)!)!, 2)
    }

    /// Runs of digits, and single bytes of anything else.
    private static func parts(_ text: String) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var wasDigit = false
        for byte in text.utf8 {
            let isDigit = (48...57).contains(byte)
            if isDigit, wasDigit { parts[parts.count - 1].append(byte) } else { parts.append([byte]) }
            wasDigit = isDigit
        }
        return parts
    }

    private static func compareDigits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        let (mine, other) = (Array(left.drop { $0 == 48 }), Array(right.drop { $0 == 48 }))
        if mine.count != other.count { return mine.count < other.count ? -1 : 1 }
        return mine == other ? 0 : mine.lexicographicallyPrecedes(other) ? -1 : 1
    }

    /// Below, within or above the integers of 64 bits; which of those; the digits of one that is none of them.
    private static func exact(_ text: String, _ number: Double) -> (wide: Int, number: Int64, digits: [UInt8]) {
        if let integer = Int64(text) { return (0, integer, []) }
        let digits = Array((text.hasPrefix("-") ? text.dropFirst() : text[...]).utf8)
        let isInteger = !digits.isEmpty && digits[0] != 48 && digits.allSatisfy { (48...57).contains($0) }
        if isInteger { return (number < 0 ? -1 : 1, 0, digits) }
        return (0, Int64(exactly: number) ?? (number < 0 ? .min : .max), [])
    }

    /// As the order of values: numbers by value, times by their moment, else runs of digits by value and bytes.
    static func compare(_ left: String, _ right: String) -> Int {
        let (mine, other) = (place(left), place(right))
        if mine.number != other.number { return mine.number < other.number ? -1 : 1 }
        if mine.kind != other.kind { return mine.kind < other.kind ? -1 : 1 }
        switch mine.kind {
        case 0:
            // What a double does not tell apart: integers do, other numbers as far as 64 bits do.
            let (own, others) = (exact(left, mine.number), exact(right, other.number))
            if own.wide != others.wide { return own.wide < others.wide ? -1 : 1 }
            if own.number != others.number { return own.number < others.number ? -1 : 1 }
            return own.wide * compareDigits(own.digits, others.digits)
        case 1:
            let times = [left, right].map { TimeText.timestamp(Array($0.utf8).rawSpan)! }
            return times[0] == times[1] ? 0 : times[0] < times[1] ? -1 : 1
        default:
            for (part, otherPart) in zip(parts(left), parts(right)) where part != otherPart {
                let isNumber = [part, otherPart].map { (48...57).contains($0[0]) }
                if isNumber[0] != isNumber[1] { return isNumber[0] ? -1 : 1 }
                guard isNumber[0] else { return part[0] < otherPart[0] ? -1 : 1 }
                let order = compareDigits(part, otherPart)
                return order != 0 ? order : part.count < otherPart.count ? -1 : 1
            }
            let counts = (parts(left).count, parts(right).count)
            return counts.0 == counts.1 ? 0 : counts.0 < counts.1 ? -1 : 1
        }
    }

    /// What `min` and `max` go by: of equal values the shorter is the smaller one.
    private static func precedes(_ left: String, _ right: String) -> Bool {
        let order = compare(left, right)
        if order != 0 { return order < 0 }
        if left.utf8.count != right.utf8.count { return left.utf8.count < right.utf8.count }
        return left.utf8.lexicographicallyPrecedes(right.utf8)
    }

    private static func value(_ function: StatsFunction, _ rows: [Row]) -> String {
        func all(_ fields: [FieldPattern]) -> [String] {
            fields.flatMap { field in rows.map { $0[field.name.string] ?? "" } }
        }
        switch function {
        case .count(let fields):
            return
                fields.isEmpty
                ? "\(rows.count)"
                : "\(rows.filter { row in fields.contains { row[$0.name.string] ?? "" != "" } }.count)"
        case .countEmpty(let fields):
            return "\(rows.filter { row in fields.allSatisfy { row[$0.name.string] ?? "" == "" } }.count)"
        case .countUnique(let fields, _):
            let tuples = Set(rows.map { row in fields.map { row[$0.name.string] ?? "" } })
            return "\(tuples.filter { $0.contains { $0 != "" } }.count)"
        case .sum(let fields):
            let numbers = all(fields).compactMap(number)
            return numbers.isEmpty ? "NaN" : text(numbers.reduce(0, +))
        case .minimum(let fields): return all(fields).filter { $0 != "" }.min(by: precedes) ?? ""
        case .maximum(let fields): return all(fields).filter { $0 != "" }.max(by: precedes) ?? ""
        case .uniqueValues(let fields, _):
            let values = Set(all(fields)).filter { $0 != "" }.sorted(by: precedes)
            return "[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        default: fatalError("not generated")
        }
    }

    private static func text(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
}
