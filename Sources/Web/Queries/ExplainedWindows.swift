import Deviations
import Records

/// The window that somebody names, and the one that it is compared with.
public struct ExplainedWindows: Sendable {
    public var window: Range<Int64>
    public var baseline: Range<Int64>

    /// What is wrong with the windows that were asked for.
    public struct WindowError: Error, CustomStringConvertible {
        public var description: String
    }

    /// `arguments`: `start` and `end`, and, if the baseline is not to be as long a time right before, `baseline_start`
    /// and `baseline_end`. `now`: nanoseconds since the epoch. Throws `TimeArgumentError` or `WindowError`.
    public init(_ arguments: [String: String], now: Int64) throws {
        func moment(_ name: String) throws -> TimeArgument? {
            try arguments[name].map { try TimeArgument($0, name: name, now: now) }
        }
        guard let start = try moment("start")?.first else {
            throw WindowError(description: "start is missing: the beginning of the window to be explained")
        }
        let end = try moment("end")?.end ?? now
        guard start < end else { throw WindowError(description: "start must be before end") }
        window = start..<end
        let first = try moment("baseline_start")?.first
        let last = try moment("baseline_end")?.end
        let baselineEnd = last ?? (first.map { max(min(start, $0 &+ (end - start)), $0) } ?? start)
        let baselineStart = first ?? (baselineEnd &- (end - start))
        guard baselineStart < baselineEnd else {
            throw WindowError(description: "baseline_start must be before baseline_end")
        }
        baseline = baselineStart..<baselineEnd
        guard !baseline.overlaps(window) else { throw WindowError(description: "baseline and window overlap") }
    }

    public init(window: Range<Int64>, baseline: Range<Int64>) {
        self.window = window
        self.baseline = baseline
    }

    /// Reads both windows and explains the difference. O(rows of the windows).
    public func explanation(over snapshot: any BlockSnapshot) throws -> Explanation {
        var explainer = WindowExplainer(window: window, baseline: baseline)
        for range in [baseline, window] {
            let other = range == window ? baseline : window
            for block in snapshot.blocks(in: range.lowerBound...(range.upperBound - 1)) {
                // A block that lies in both windows is read once.
                let isInOther =
                    block.timeRange.lowerBound < other.upperBound && other.lowerBound <= block.timeRange.upperBound
                if range == window && isInOther { continue }
                try explainer.add(block)
            }
        }
        return explainer.explanation()
    }
}
