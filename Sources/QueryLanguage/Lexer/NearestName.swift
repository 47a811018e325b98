/// Finds what somebody may have meant.
enum NearestName {
    /// The known name with the fewest single-character edits (swaps of neighbours count as one) from an unknown one,
    /// unless that would change more than a third of it. O(names × length²), for short words.
    static func suggestion(for word: String, among names: [String]) -> String? {
        let typed = Array(word.lowercased().utf8)
        guard !typed.isEmpty, typed.count <= 40 else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = editDistance(typed, Array(name.utf8))
            if distance <= max(1, typed.count / 3), distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// Optimal string alignment distance (Damerau 1964 as bounded by Wagner and Fischer 1974).
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let substitution = last[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(substitution, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            beforeLast = last
            last = current
        }
        return last[right.count]
    }
}
