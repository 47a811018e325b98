import Bytes

extension TemplateMiner {
    /// First words in which templates of otherwise equal text must differ to be merged: programs and users in front of
    /// a message, of which there are many, against keywords, of which there are few.
    static let mergedFirstWords = 16

    /// What a consolidation does to slots: where the shape in a slot went.
    struct Moves {
        /// By slot: the slot that took it over, itself, or -1 if it was forgotten.
        var target: [Int32]
        var isEmpty = true

        /// Hands a slot's messages and numbers to another. O(1).
        mutating func move(_ slot: Int, to other: Int) {
            guard slot != other else { return }
            target[slot] = Int32(other)
            isEmpty = false
        }

        func final(_ slot: Int32) -> Int32 {
            var at = slot
            while at >= 0 && target[Int(at)] != at { at = target[Int(at)] }
            return at
        }
    }

    /// Forms the templates anew from all shapes seen so far. Runs by itself as shapes arrive; call it before reading
    /// final numbers. O(shapes × tokens) for what changed, plus O(templates log templates).
    public mutating func consolidate() {
        newShapes = 0
        var moves = Moves(target: Array(0..<Int32(numbers.count)))
        settle(&moves)
        if shapeCount >= maximumShapes { makeRoom(&moves) }
        if !moves.isEmpty { apply(moves) }
        let merged = mergedTemplates()
        for group in groups.indices {
            for leaf in groups[group].leaves.indices {
                let template = merged[groups[group].leaves[leaf].slot]
                for member in groups[group].leaves[leaf].members {
                    templateOf[groups[group].shapes[member].slot] = template
                }
            }
        }
    }

    /// Divides, absorbs and opens until nothing changes: each turn but the last leaves fewer shapes.
    private mutating func settle(_ moves: inout Moves) {
        var before = -1
        while before != shapeCount {
            before = shapeCount
            for group in groups.indices where groups[group].divide() {
                absorb(in: group, from: Self.absorbedShapes, &moves)
            }
            mergeFirstWords(&moves)
        }
    }

    /// Templates of at least so many shapes, two or more, become patterns; their shapes are forgotten. Ends, because
    /// each turn but the last leaves fewer shapes.
    private mutating func absorb(in group: Int, from least: Int, _ moves: inout Moves) {
        while true {
            let full = groups[group].leaves.indices.filter { groups[group].leaves[$0].members.count >= least }
            if full.isEmpty { return }
            for index in full {
                let leaf = groups[group].leaves[index]
                hand(leaf, of: group, to: leaf.slot, &moves)
            }
            groups[group].absorb(full)
        }
    }

    /// Hands the messages of a leaf's shapes to a slot, but for that slot's own.
    private mutating func hand(_ leaf: ShapeGroup.Leaf, of group: Int, to slot: Int, _ moves: inout Moves) {
        for member in leaf.members {
            slotOfCodes[hashCodes(groups[group].shapes[member].codes)] = nil
            moves.move(groups[group].shapes[member].slot, to: slot)
        }
        shapeCount -= leaf.members.count - 1
    }

    /// Brings numbers and counts to the slots that took shapes over, and frees the slots left.
    private mutating func apply(_ moves: Moves) {
        for slot in moves.target.indices where Int(moves.target[slot]) != slot {
            statistics[Int(max(0, moves.final(Int32(slot))))].add(statistics[slot])
            statistics[slot] = ShapeStatistics()
            freeSlots.append(Int32(slot))
        }
        slotOf = slotOf.compactMapValues {
            let final = moves.final($0)
            return final < 0 ? nil : final
        }
        cache = ShapeCache()
    }

    // MARK: merging across groups

    /// Templates by slot, once those are merged that differ only in how many words a variable spans.
    private func mergedTemplates() -> [Int32] {
        var texts: [(hash: UInt64, number: Int, slot: Int)] = []
        for group in groups.indices {
            for leaf in groups[group].leaves.indices {
                guard let hash = groups[group].leaves[leaf].textHash else { continue }
                texts.append((hash, groups[group].leaves[leaf].number, groups[group].leaves[leaf].slot))
            }
        }
        texts.sort { ($0.hash, $0.number) < ($1.hash, $1.number) }
        var merged = Array(0..<Int32(numbers.count))
        var first = 0
        for index in texts.indices {
            if texts[index].hash != texts[first].hash { first = index }
            merged[texts[index].slot] = Int32(texts[first].slot)
        }
        return merged
    }

    /// Makes one pattern, open in its first word, of many templates that differ only there.
    private mutating func mergeFirstWords(_ moves: inout Moves) {
        var rests: [(hash: UInt64, number: Int, group: Int)] = []
        for group in groups.indices {
            for leaf in groups[group].leaves.indices {
                guard let hash = groups[group].leaves[leaf].restHash else { continue }
                rests.append((hash, groups[group].leaves[leaf].number, group))
            }
        }
        rests.sort { ($0.hash, $0.number) < ($1.hash, $1.number) }
        var first = 0
        for index in rests.indices where index + 1 == rests.count || rests[index + 1].hash != rests[first].hash {
            if index - first + 1 >= Self.mergedFirstWords {
                openFirstWord(rests[first...index].map { ($0.group, $0.number) }, &moves)
            }
            first = index + 1
        }
    }

    /// - Parameter leaves: ascending by number.
    private mutating func openFirstWord(_ leaves: [(group: Int, number: Int)], _ moves: inout Moves) {
        let chosen = groups[leaves[0].group].leaves.first { $0.number == leaves[0].number }
        // A leaf can have changed with another of its group that was opened before.
        guard let chosen else { return }
        var pattern = groups[leaves[0].group].shapes[chosen.members[0]]
        pattern.codes = chosen.pattern
        pattern.codes[0] = TokenCode.variable
        pattern.isPattern = true
        for (group, number) in leaves {
            guard let leaf = groups[group].leaves.first(where: { $0.number == number }) else { continue }
            hand(leaf, of: group, to: pattern.slot, &moves)
            shapeCount -= 1
            groups[group].remove(Set(leaf.members.map { groups[group].shapes[$0].number }))
            absorb(in: group, from: Self.absorbedShapes, &moves)
        }
        // Its group is divided in the next turn of `settle`, since there are fewer shapes now.
        add(pattern)
    }

    // MARK: forgetting

    /// At the limit of shapes: every template becomes a pattern, and those not seen for longest, by event time, are
    /// forgotten until half of the room is free.
    private mutating func makeRoom(_ moves: inout Moves) {
        for group in groups.indices { absorb(in: group, from: 2, &moves) }
        settle(&moves)
        let excess = shapeCount - maximumShapes / 2
        guard excess > 0 else { return }
        var lastSeen = statistics.map(\.last)
        for slot in lastSeen.indices {
            let final = Int(moves.final(Int32(slot)))
            lastSeen[final] = max(lastSeen[final], lastSeen[slot])
        }
        var ages: [(last: Int64, number: Int, group: Int)] = []
        for group in groups.indices {
            for shape in groups[group].shapes { ages.append((lastSeen[shape.slot], shape.number, group)) }
        }
        ages.sort { ($0.last, $0.number) < ($1.last, $1.number) }
        var forgotten: [Int: Set<Int>] = [:]
        for age in ages.prefix(excess) { forgotten[age.group, default: []].insert(age.number) }
        for (group, numbers) in forgotten {
            for shape in groups[group].shapes where numbers.contains(shape.number) {
                slotOfCodes[hashCodes(shape.codes)] = nil
                moves.target[shape.slot] = -1
            }
            groups[group].remove(numbers)
        }
        moves.isEmpty = false
        shapeCount -= excess
        dropEmptyGroups()
    }

    private mutating func dropEmptyGroups() {
        groups.removeAll { $0.shapes.isEmpty }
        groupOf = [:]
        for (index, group) in groups.enumerated() {
            groupOf[Self.groupKey(group.shapes[0].codes.count, group.shapes[0].codes.first ?? 0)] = index
        }
    }
}
