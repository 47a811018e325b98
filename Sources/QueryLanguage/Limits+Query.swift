import Records

extension Limits {
    /// Bytes of a query. Longer ones are refused: a list of a hundred thousand IDs still fits. In one release run 3.3
    /// MB of IDs in a list took 41 ms to read, and 2.7 MB of words joined by `or` 0.19 s.
    public static let queryBytes = 4 << 20
    /// Parentheses, negations, subqueries and function calls inside one another. Deeper ones are refused, so that no
    /// query can exhaust the stack.
    public static let queryDepth = 100
    /// Operators and operands of one `math` expression. Longer ones are refused, for the same reason.
    public static let mathNodes = 1_000
}
