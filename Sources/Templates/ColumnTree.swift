/// Divides the shapes of one length and first word into templates.
///
/// Column by column: where all shapes have the same token, the token is static. Where they differ in few words, each
/// word is its own template (`opened`, `closed`): the column with the fewest words divides first, and the parts are
/// looked at again by themselves. Where they differ in many words, the column is a variable; two suffice if one of them
/// is a variable already, if all of them look like values, or if the word before names them (`user`). What remains when
/// no column divides is one template, provided that enough of it is static: one token beside one variable, three beside
/// two, five beside three. Otherwise the shapes have too little in common and divide on.
///
/// After IPLoM (Makanju et al., 2009), which splits by the column with the least distinct words, and Brain (Yu et al.,
/// 2023), which tells variable columns by their number of distinct words.
struct ColumnTree {
    /// Distinct words from which a column is a variable. Flat between 4 and 6 on the measured sets; below, messages
    /// that differ in a status word are mixed up, above, rare values split.
    static let variableWords = 5

    let shapes: [Shape]
    /// Each template as indices into `shapes`, ascending.
    private(set) var templates: [[Int]] = []

    private struct Column {
        var index: Int
        var words: [UInt64]
        /// Holds delimiters: a difference in structure, never a variable.
        var isStructure: Bool
        /// Two distinct words make it a variable.
        var isLoose: Bool

        var isVariable: Bool { !isStructure && (isLoose || words.count >= ColumnTree.variableWords) }
    }

    /// - Parameter shapes: of equal token counts.
    init(_ shapes: [Shape]) {
        self.shapes = shapes
        if !shapes.isEmpty { divide(Array(shapes.indices)) }
    }

    /// At most as deep as there are columns: each division makes one column static in every part.
    private mutating func divide(_ part: [Int]) {
        if part.count == 1 {
            templates.append(part)
            return
        }
        let columns = differingColumns(part)
        var best: Int?
        var fewest = Int.max
        for column in columns where !column.isVariable && column.words.count < fewest {
            best = column.index
            fewest = column.words.count
        }
        if let best = best ?? weakestColumn(part, columns) {
            for piece in pieces(part, by: best) { divide(piece) }
        } else {
            templates.append(part)
        }
    }

    /// Columns with more than one word, each with its distinct words up to `variableWords` of them.
    private func differingColumns(_ part: [Int]) -> [Column] {
        var columns: [Column] = []
        for index in shapes[part[0]].codes.indices {
            let first = shapes[part[0]].codes[index]
            guard part.contains(where: { shapes[$0].codes[index] != first }) else { continue }
            var column = Column(index: index, words: [], isStructure: false, isLoose: false)
            var hasVariable = false
            var allValues = true
            var allNamed = index > 0
            for shape in part {
                let code = shapes[shape].codes[index]
                hasVariable = hasVariable || code == TokenCode.variable
                allValues = allValues && TokenCode.isValue(code)
                allNamed = allNamed && TokenCode.isNoun(shapes[shape].codes[index - 1])
                column.isStructure = column.isStructure || TokenCode.isDelimiter(code)
                if column.words.count < Self.variableWords, !column.words.contains(code) { column.words.append(code) }
            }
            column.isLoose = hasVariable || allValues || allNamed
            columns.append(column)
        }
        return columns
    }

    /// Where static tokens are too few beside the columns that differ: the one of these with the fewest words.
    private func weakestColumn(_ part: [Int], _ columns: [Column]) -> Int? {
        let codes = shapes[part[0]].codes
        let tokens = codes.count { $0 != TokenCode.variable }
        let differing = columns.count { codes[$0.index] != TokenCode.variable }
        guard tokens - differing < 2 * columns.count - 1 else { return nil }
        return columns.min { distinct(part, $0.index) < distinct(part, $1.index) }?.index
    }

    private func distinct(_ part: [Int], _ column: Int) -> Int { Set(part.map { shapes[$0].codes[column] }).count }

    private func pieces(_ part: [Int], by column: Int) -> [[Int]] {
        var places: [UInt64: Int] = [:]
        var pieces: [[Int]] = []
        for shape in part {
            let code = shapes[shape].codes[column]
            if let place = places[code] {
                pieces[place].append(shape)
            } else {
                places[code] = pieces.count
                pieces.append([shape])
            }
        }
        return pieces
    }
}
