/// Shapes of one length and first word, and the templates that they form.
struct ShapeGroup: Sendable {
    /// A template within the group.
    struct Leaf: Sendable {
        /// The least number of its shapes.
        var number: Int
        /// Its codes, with `TokenCode.variable` in the columns that differ.
        var pattern: [UInt64]
        /// Places of its shapes in `shapes`.
        var members: [Int]
    }

    /// Ascending by number.
    var shapes: [Shape] = []
    var leaves: [Leaf] = []
    /// Whether shapes came since `leaves` was made.
    var isChanged = false

    /// Leaves that fit more than one shape.
    private var openLeaves: [Int] = []

    /// The first template of several shapes, or with a pattern, that the codes fit. O(such templates × length).
    func leaf(matching codes: [UInt64]) -> Leaf? {
        openLeaves.first { patternMatches(leaves[$0].pattern, codes) }.map { leaves[$0] }
    }

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

    /// Forms the templates anew. O(shapes × length × depth of the tree).
    mutating func divide() {
        guard isChanged else { return }
        isChanged = false
        leaves = ColumnTree(shapes).templates.map { members in
            let first = shapes[members[0]]
            var pattern = first.codes
            for member in members {
                for (column, code) in shapes[member].codes.enumerated() where code != first.codes[column] {
                    pattern[column] = TokenCode.variable
                }
            }
            return Leaf(number: first.number, pattern: pattern, members: members)
        }
        openLeaves = leaves.indices.filter { leaves[$0].members.count > 1 || shapes[leaves[$0].members[0]].isPattern }
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
}
