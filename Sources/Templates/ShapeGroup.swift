/// Shapes of one length and first word, and the templates that they form.
struct ShapeGroup: Sendable {
    /// A template within the group.
    struct Leaf: Sendable {
        /// Number and slot of its first shape.
        var number: Int
        var slot: Int
        /// Its codes, with `TokenCode.variable` in the columns that differ.
        var pattern: [UInt64]
        /// Places of its shapes in `shapes`, ascending.
        var members: [Int]
        /// Hash of the pattern with neighbouring variables taken together; nil without a static word.
        var textHash: UInt64?
        /// Hash of the pattern behind its first word; nil unless it begins with a word and holds two more.
        var restHash: UInt64?
    }

    /// Ascending by number.
    var shapes: [Shape] = []
    private(set) var leaves: [Leaf] = []
    /// Whether shapes came or went since `leaves` was made.
    private(set) var isChanged = false
    /// Leaves that fit more than one shape.
    private var openLeaves: [Int] = []

    /// The first template of several shapes, or with a pattern, that the codes fit. O(such templates × length).
    func leaf(matching codes: [UInt64]) -> Int? { openLeaves.first { patternMatches(leaves[$0].pattern, codes) } }

    func isPattern(_ leaf: Int) -> Bool { shapes[leaves[leaf].members[0]].isPattern }

    /// Adds a shape at its place in the order of numbers.
    mutating func insert(_ shape: Shape) {
        var at = shapes.count
        while at > 0 && shapes[at - 1].number > shape.number { at -= 1 }
        shapes.insert(shape, at: at)
        isChanged = true
    }

    /// Removes shapes by their numbers.
    mutating func remove(_ numbers: Set<Int>) {
        shapes.removeAll { numbers.contains($0.number) }
        isChanged = true
        divide()
    }

    /// Forms the templates anew if shapes have changed; says whether they had. O(shapes × length × depth of the tree).
    @discardableResult
    mutating func divide() -> Bool {
        guard isChanged else { return false }
        isChanged = false
        leaves = ColumnTree(shapes).templates.map(makeLeaf)
        openLeaves = leaves.indices.filter { leaves[$0].members.count > 1 || isPattern($0) }
        return true
    }

    /// Replaces the shapes of each leaf in `absorbing` by one shape that is the leaf's pattern.
    mutating func absorb(_ absorbing: [Int]) {
        var dropped = Set<Int>()
        for leaf in absorbing {
            let first = leaves[leaf].members[0]
            shapes[first].codes = leaves[leaf].pattern
            shapes[first].isPattern = true
            dropped.formUnion(leaves[leaf].members.dropFirst())
        }
        shapes = shapes.indices.filter { !dropped.contains($0) }.map { shapes[$0] }
        isChanged = true
        divide()
    }

    private func makeLeaf(_ members: [Int]) -> Leaf {
        let first = shapes[members[0]]
        var pattern = first.codes
        for member in members.dropFirst() {
            for (column, code) in shapes[member].codes.enumerated() where code != first.codes[column] {
                pattern[column] = TokenCode.variable
            }
        }
        let words = pattern.count(where: TokenCode.isWord)
        let opensWithWord = pattern.first.map(TokenCode.isWord) ?? false
        return Leaf(
            number: first.number, slot: first.slot, pattern: pattern, members: members,
            textHash: words > 0 ? collapsedText(pattern) : nil,
            restHash: opensWithWord && words > 2 ? hashCodes(pattern.dropFirst()) : nil)
    }

    private func collapsedText(_ pattern: [UInt64]) -> UInt64 {
        var hash = hashCodes([])
        var last: UInt64?
        for code in pattern where code != TokenCode.variable || last != TokenCode.variable {
            hash = mixed(hash ^ code)
            last = code
        }
        return hash
    }
}
