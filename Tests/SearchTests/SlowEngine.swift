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

    /// As the natural order of values: numbers by value, else digit runs by value, else bytes.
    static func compare(_ left: String, _ right: String) -> Int {
        if let leftNumber = number(left), let rightNumber = number(right) {
            return leftNumber < rightNumber ? -1 : leftNumber > rightNumber ? 1 : 0
        }
        func parts(_ text: String) -> [String] {
            var parts: [String] = []
            for scalar in text.unicodeScalars {
                let isDigit = ("0"..."9").contains(scalar)
                if isDigit, let last = parts.last?.unicodeScalars.first, ("0"..."9").contains(last) {
                    parts[parts.count - 1].unicodeScalars.append(scalar)
                } else {
                    parts.append(String(scalar))
                }
            }
            return parts
        }
        for (leftPart, rightPart) in zip(parts(left), parts(right)) where leftPart != rightPart {
            if let leftNumber = Int(leftPart), let rightNumber = Int(rightPart), leftNumber != rightNumber {
                return leftNumber < rightNumber ? -1 : 1
            }
            if Int(leftPart) != nil, Int(rightPart) != nil { continue }
            return Array(leftPart.utf8).lexicographicallyPrecedes(Array(rightPart.utf8)) ? -1 : 1
        }
        let counts = (parts(left).count, parts(right).count)
        if counts.0 != counts.1 { return counts.0 < counts.1 ? -1 : 1 }
        return left == right ? 0 : Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8)) ? -1 : 1
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
        case .minimum(let fields): return all(fields).filter { $0 != "" }.min { compare($0, $1) < 0 } ?? ""
        case .maximum(let fields): return all(fields).filter { $0 != "" }.max { compare($0, $1) < 0 } ?? ""
        case .uniqueValues(let fields, _):
            let values = Set(all(fields)).filter { $0 != "" }.sorted { compare($0, $1) < 0 }
            return "[" + values.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        default: fatalError("not generated")
        }
    }

    private static func text(_ number: Double) -> String { number == number.rounded() ? "\(Int(number))" : "\(number)" }
}
