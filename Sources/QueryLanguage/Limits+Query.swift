import Records

extension Limits {
    /// Bytes of a query. Longer ones are refused: a list of a hundred thousand IDs still fits, and parsing stays in
    /// milliseconds.
    public static let queryBytes = 4 << 20
    /// Parentheses, negations, subqueries and function calls inside one another. Deeper ones are refused, so that no
    /// query can exhaust the stack.
    public static let queryDepth = 100
    /// Operators and operands of one `math` expression. Longer ones are refused, for the same reason.
    public static let mathNodes = 1_000
}
