import Records

/// Explains a window of time: compares its records with those of a baseline window, and ranks the services by how
/// likely each is the root of the difference. Needs no training: ten minutes of each are enough.
///
/// Give it the blocks of both windows, in any order, then ask. Memory is bounded: of more than 600,000 records only
/// every second trace is kept, then every fourth, and so on.
public struct WindowExplainer: Sendable {
    private var rows: WindowRows

    /// Both in nanoseconds since the epoch; neither may be empty, and they must not overlap.
    public init(window: Range<Int64>, baseline: Range<Int64>) {
        precondition(!window.isEmpty && !baseline.isEmpty && !window.overlaps(baseline))
        rows = WindowRows(baseline: baseline, window: window)
    }

    /// What blocks must be looked at: the smallest range that holds both windows.
    public var range: ClosedRange<Int64> {
        min(rows.window.lowerBound, rows.baseline.lowerBound)...max(rows.window.upperBound, rows.baseline.upperBound)
            - 1
    }

    /// Whether any of a block's rows may lie in one of the windows.
    public func wants(_ range: ClosedRange<Int64>) -> Bool {
        [rows.window, rows.baseline].contains { $0.lowerBound <= range.upperBound && range.lowerBound < $0.upperBound }
    }

    /// Takes a block's rows that lie in either window. O(cells).
    public mutating func add(_ block: any ColumnBlock) throws { try rows.add(block) }

    /// O(rows · log rows).
    public consuming func explanation() -> Explanation {
        rows.settleForms()
        let concentrations = Concentrations(rows)
        let ranking = RootRanking(rows, amounts: concentrations.amountMasses)
        let writer = ExplanationWriter(rows: rows, ranking: ranking, concentrations: concentrations)
        return writer.explanation()
    }
}
