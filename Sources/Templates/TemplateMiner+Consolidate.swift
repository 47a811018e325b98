import Bytes

extension TemplateMiner {
    /// First words in which templates of otherwise equal text must differ to be merged: programs and users in front of
    /// a message, of which there are many, against keywords, of which there are few.
    static let mergedFirstWords = 16

    /// Forms the templates anew from all shapes seen so far. Runs by itself as shapes arrive; call it before reading
    /// final numbers. O(shapes × tokens) for what changed, plus O(numbers).
    public mutating func consolidate() {
        newShapes = 0
        settle()
        if shapeCount >= maximumShapes { makeRoom() }
        var merged = [Int32](0..<Int32(statistics.count))
        mergeEqualTexts(&merged)
        // A number's template is found over its shape, that shape's leaf, and the leaf that this one was merged with.
        for group in groups {
            for leaf in group.leaves {
                let template = root(merged, leaf.number)
                for member in leaf.members { templateOf[group.shapes[member].number] = template }
            }
        }
        for number in templateOf.indices where Int(absorbedBy[number]) != number {
            absorbedBy[number] = root(absorbedBy, number)
            templateOf[number] = templateOf[Int(absorbedBy[number])]
        }
    }

    /// Divides, absorbs and opens until nothing changes: each turn but the last leaves fewer shapes.
    private mutating func settle() {
        var before = -1
        while before != shapeCount {
            before = shapeCount
            for group in groups.indices {
                groups[group].divide()
                absorb(in: group, from: Self.absorbedShapes)
            }
            mergeFirstWords()
        }
    }

    /// Templates of many shapes become patterns; their shapes are forgotten.
    private mutating func absorb(in group: Int, from least: Int) {
        let full = groups[group].leaves.indices.filter { groups[group].leaves[$0].members.count >= least }
        if full.isEmpty { return }
        for leaf in full { forget(groups[group].leaves[leaf].members, of: group) }
        groups[group].absorb(full)
    }

    /// Hands the numbers of shapes to the first of them.
    private mutating func forget(_ members: [Int], of group: Int) {
        let shapes = groups[group].shapes
        for member in members {
            numberOf[hashCodes(shapes[member].codes)] = nil
            absorbedBy[shapes[member].number] = Int32(shapes[members[0]].number)
        }
        shapeCount -= members.count - 1
    }

    /// At the limit of shapes: every template becomes a pattern, and those not seen for longest, by event time, are
    /// forgotten until a quarter is free. Their messages stay counted under `overflowNumber`.
    private mutating func makeRoom() {
        for group in groups.indices { absorb(in: group, from: 2) }
        settle()
        let excess = shapeCount - maximumShapes * 3 / 4
        guard excess > 0 else { return }
        var ages: [(last: Int64, number: Int, group: Int)] = []
        for (index, group) in groups.enumerated() {
            for shape in group.shapes { ages.append((statistics[shape.number].last, shape.number, index)) }
        }
        ages.sort { ($0.last, $0.number) < ($1.last, $1.number) }
        var dropped: [Int: Set<Int>] = [:]
        let overflow = overflow(ages[0].last)
        for age in ages.prefix(excess) {
            dropped[age.group, default: []].insert(age.number)
            absorbedBy[age.number] = Int32(overflow)
        }
        for (group, numbers) in dropped {
            for shape in groups[group].shapes where numbers.contains(shape.number) {
                numberOf[hashCodes(shape.codes)] = nil
            }
            groups[group].remove(numbers)
        }
        shapeCount -= min(excess, ages.count)
        dropEmptyGroups()
        cache = ShapeCache()
    }

    private mutating func dropEmptyGroups() {
        let kept = groups.filter { !$0.shapes.isEmpty }
        groups = kept
        groupOf = [:]
        for (index, group) in kept.enumerated() {
            groupOf[Self.groupKey(group.shapes[0].codes.count, group.shapes[0].codes.first ?? 0)] = index
        }
    }

    /// Merges templates that differ in how many words a variable spans, or in nothing but the place where they were
    /// found.
    private func mergeEqualTexts(_ merged: inout [Int32]) {
        var seen: [UInt64: Int] = [:]
        for group in groups {
            for leaf in group.leaves {
                guard let text = collapsedText(leaf.pattern) else { continue }
                if let other = seen[text] {
                    merge(&merged, leaf.number, other)
                } else {
                    seen[text] = leaf.number
                }
            }
        }
    }

    /// Hash of a pattern with neighbouring variables taken together; nil without a static word.
    private func collapsedText(_ pattern: [UInt64]) -> UInt64? {
        guard pattern.contains(where: TokenCode.isWord) else { return nil }
        var text: [UInt64] = []
        for code in pattern where code != TokenCode.variable || text.last != TokenCode.variable { text.append(code) }
        return hashCodes(text)
    }

    /// Makes one pattern, open in its first word, of many templates that differ only there.
    private mutating func mergeFirstWords() {
        var alike: [UInt64: [(group: Int, number: Int)]] = [:]
        for group in groups.indices {
            for leaf in groups[group].leaves {
                guard let first = leaf.pattern.first, TokenCode.isWord(first),
                    leaf.pattern.dropFirst().count(where: TokenCode.isWord) >= 2
                else { continue }
                alike[hashCodes(leaf.pattern.dropFirst()), default: []].append((group, leaf.number))
            }
        }
        // Sorted, because the order of a dictionary differs from run to run.
        for (_, leaves) in alike.sorted(by: { $0.key < $1.key }) where leaves.count >= Self.mergedFirstWords {
            openFirstWord(leaves)
        }
    }

    private mutating func openFirstWord(_ leaves: [(group: Int, number: Int)]) {
        let chosen = leaves.min { $0.number < $1.number }!
        let leaf = groups[chosen.group].leaves.first { $0.number == chosen.number }!
        var pattern = groups[chosen.group].shapes[leaf.members[0]]
        pattern.codes = leaf.pattern
        pattern.codes[0] = TokenCode.variable
        pattern.isPattern = true
        for (group, number) in leaves {
            // The leaf can have changed with another of its group that was opened before.
            guard let leaf = groups[group].leaves.first(where: { $0.number == number }) else { continue }
            forget(leaf.members, of: group)
            let dropped = Set(leaf.members.map { groups[group].shapes[$0].number })
            for number in dropped { absorbedBy[number] = Int32(pattern.number) }
            groups[group].remove(dropped)
            shapeCount -= 1
        }
        add(pattern)
        newShapes -= 1
        groups[groupOf[Self.groupKey(pattern.codes.count, TokenCode.variable)]!].divide()
    }

    private func merge(_ merged: inout [Int32], _ left: Int, _ right: Int) {
        let first = root(merged, left)
        let second = root(merged, right)
        merged[Int(max(first, second))] = min(first, second)
    }

    private func root(_ parents: [Int32], _ number: Int) -> Int32 {
        var at = Int32(number)
        while parents[Int(at)] != at { at = parents[Int(at)] }
        return at
    }
}
