import Bytes
import Records

extension TemplateMiner {
    /// The template to which a number belongs now. O(numbers + shapes): for many, ask `templates` once.
    public func template(_ number: Int) -> Template {
        let root = resolve(number)
        var total = statistics[root]
        total.count = 0
        for other in statistics.indices where Int(templateOf[other]) == root { total.add(statistics[other]) }
        for group in groups {
            if let leaf = group.leaves.first(where: { $0.number == root }) {
                return makeTemplate(root, total, text(of: leaf, in: group), group.shapes[leaf.members[0]].sample)
            }
            if let shape = group.shapes.first(where: { $0.number == root }) {
                return makeTemplate(root, total, text(of: shape, pattern: shape.codes), shape.sample)
            }
        }
        return makeTemplate(root, total, Self.overflowText, [])
    }

    /// All templates as of now, the most frequent first and among equals in the order of their numbers. O(numbers +
    /// shapes × length).
    public var templates: [Template] {
        var totals: [Int: ShapeStatistics] = [:]
        for (number, root) in templateOf.enumerated() {
            if var total = totals[Int(root)] {
                total.add(statistics[number])
                totals[Int(root)] = total
            } else {
                totals[Int(root)] = statistics[number]
            }
        }
        var found: [Template] = []
        for group in groups {
            var isListed = Set<Int>()
            for leaf in group.leaves {
                guard let total = totals[leaf.number] else { continue }
                isListed.insert(leaf.number)
                let text = text(of: leaf, in: group)
                found.append(makeTemplate(leaf.number, total, text, group.shapes[leaf.members[0]].sample))
            }
            for shape in group.shapes where group.isChanged && !isListed.contains(shape.number) {
                guard let total = totals[shape.number] else { continue }
                let text = text(of: shape, pattern: shape.codes)
                found.append(makeTemplate(shape.number, total, text, shape.sample))
            }
        }
        if let overflowNumber, let total = totals[overflowNumber] {
            found.append(makeTemplate(overflowNumber, total, Self.overflowText, []))
        }
        return found.sorted { ($1.count, $0.number) < ($0.count, $1.number) }
    }

    private static let overflowText = Array("<*>".utf8)

    private func makeTemplate(_ number: Int, _ total: ShapeStatistics, _ text: [UInt8], _ sample: [UInt8]) -> Template {
        Template(
            number: number, text: ByteString(text), count: Int(total.count),
            firstSeen: Timestamp(nanoseconds: total.first), lastSeen: Timestamp(nanoseconds: total.last),
            sample: ByteString(sample))
    }

    private func text(of leaf: ShapeGroup.Leaf, in group: ShapeGroup) -> [UInt8] {
        text(of: group.shapes[leaf.members[0]], pattern: leaf.pattern)
    }

    /// The sample's own text, with `<*>` for each token that is a variable in the pattern.
    private func text(of shape: Shape, pattern: [UInt64]) -> [UInt8] {
        var parts = MessageParts()
        var tokenizer = Tokenizer()
        splitter.split(shape.sample.rawSpan, into: &parts)
        tokenizer.read(shape.sample.rawSpan, variables: parts.variables)
        var text: [UInt8] = []
        var cursor = 0
        for (token, code) in zip(tokenizer.tokens, pattern) where code == TokenCode.variable {
            text += shape.sample[cursor..<Int(token.start)]
            text += Self.overflowText
            cursor = Int(token.end)
        }
        return text + shape.sample[cursor...]
    }
}
