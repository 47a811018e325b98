import Bytes
import Records

extension TemplateMiner {
    /// The template to which a number belongs now. O(shapes + their tokens): for many, ask `templates` once.
    public func template(_ number: Int) -> Template {
        let root = resolve(number)
        // `templates` holds every template that has a message, and numbers are given out with one.
        return templates.first { $0.number == root } ?? makeTemplate(root, ShapeStatistics(), Self.mark, [])
    }

    /// Whether a number is that of a shape that is kept, neither absorbed into a pattern nor forgotten. O(1).
    public func isShape(_ number: Int) -> Bool { number > 0 && slotOf[number].map { numbers[Int($0)] } == number }

    /// The text of a shape that is kept, its variables as `<*>`; nil for other numbers. O(shapes).
    public func text(ofShape number: Int) -> ByteString? {
        for group in groups {
            guard let shape = group.shapes.first(where: { $0.number == number }) else { continue }
            return ByteString(text(shape.sample, shape.codes))
        }
        return nil
    }

    /// All templates as of now, the most frequent first and among equals in the order of their numbers.
    /// O(shapes × tokens).
    public var templates: [Template] {
        var totals = [ShapeStatistics](repeating: ShapeStatistics(), count: numbers.count)
        for slot in statistics.indices { totals[Int(templateOf[slot])].add(statistics[slot]) }
        var found: [Template] = []
        var isListed = [Bool](repeating: false, count: numbers.count)
        for group in groups {
            for leaf in group.leaves where totals[leaf.slot].count > 0 && Int(templateOf[leaf.slot]) == leaf.slot {
                isListed[leaf.slot] = true
                let sample = group.shapes[leaf.members[0]].sample
                found.append(makeTemplate(leaf.number, totals[leaf.slot], text(sample, leaf.pattern), sample))
            }
        }
        // Shapes that came since the templates were formed and fit none of them.
        for group in groups where group.isChanged {
            for shape in group.shapes where totals[shape.slot].count > 0 && !isListed[shape.slot] {
                let text = text(shape.sample, shape.codes)
                found.append(makeTemplate(shape.number, totals[shape.slot], text, shape.sample))
            }
        }
        if totals[0].count > 0 { found.append(makeTemplate(Self.forgottenNumber, totals[0], Self.mark, [])) }
        return found.sorted { ($1.count, $0.number) < ($0.count, $1.number) }
    }

    private static let mark = Array("<*>".utf8)

    private func makeTemplate(_ number: Int, _ total: ShapeStatistics, _ text: [UInt8], _ sample: [UInt8]) -> Template {
        let isEmpty = total.count == 0
        return Template(
            number: number, text: ByteString(text), count: Int(total.count),
            firstSeen: Timestamp(nanoseconds: isEmpty ? 0 : total.first),
            lastSeen: Timestamp(nanoseconds: isEmpty ? 0 : total.last), sample: ByteString(sample))
    }

    /// The sample's own text, with `<*>` for each token that is a variable in the pattern.
    private func text(_ sample: [UInt8], _ pattern: [UInt64]) -> [UInt8] {
        var parts = MessageParts()
        var tokenizer = Tokenizer()
        splitter.split(sample.rawSpan, into: &parts)
        tokenizer.read(sample.rawSpan, variables: parts.variables)
        var text: [UInt8] = []
        var cursor = 0
        for (range, code) in zip(tokenizer.ranges, pattern) where code == TokenCode.variable {
            text += sample[cursor..<Int(range.lowerBound)]
            text += Self.mark
            cursor = Int(range.upperBound)
        }
        return text + sample[cursor...]
    }
}
