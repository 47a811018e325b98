import Machine

/// A line that shows how far long work is: redrawn in place on a terminal; elsewhere a plain line now and then.
struct ProgressBar {
    private let label: String
    private let unit: String
    private let clock: any WallClock
    private let started: Int64
    private var lastDrawn: Int64 = 0
    private static let secondsBetweenPlainLines: Int64 = 15

    init(_ label: String, unit: String, clock: any WallClock) {
        self.label = label
        self.unit = unit
        self.clock = clock
        started = clock.now()
        lastDrawn = started
    }

    var elapsedSeconds: Double { max(1e-9, Double(clock.now() - started) / 1e9) }

    /// Redraws at most ten times a second.
    ///
    /// - Parameters:
    ///   - done: how many units are done.
    ///   - total: how many there are, nil where nobody knows.
    ///   - detail: what else to say, such as the backlog.
    mutating func update(done: Int, total: Int?, detail: String = "") {
        let now = clock.now()
        let interval: Int64 = Terminal.errorIsTerminal ? 100_000_000 : Self.secondsBetweenPlainLines * 1_000_000_000
        guard now - lastDrawn >= interval else { return }
        lastDrawn = now
        draw(done: done, total: total, detail: detail)
    }

    /// Draws the end and leaves it standing.
    func finish(done: Int, detail: String = "") {
        draw(done: done, total: done, detail: detail)
        if Terminal.errorIsTerminal { Terminal.note("") }
    }

    private func draw(done: Int, total: Int?, detail: String) {
        let rate = Int(Double(done) / elapsedSeconds)
        var text = "\(label) "
        if let total, total > 0, !Terminal.errorIsTerminal {
            text += "\(min(100, done * 100 / total)) %, "
        } else if let total, total > 0 {
            let width = 30
            let filled = min(width, done * width / total)
            let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
            text += "\(bar) \(min(100, done * 100 / total)) %  "
        }
        text += "\(Numbers.grouped(done)) \(unit), \(Numbers.grouped(rate))/s"
        if !detail.isEmpty { text += ", \(detail)" }
        if Terminal.errorIsTerminal { Terminal.noteInPlace(text) } else { Terminal.note(text) }
    }
}
