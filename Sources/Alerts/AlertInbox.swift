import Synchronization

/// Where findings wait between two steps: any thread may put one in without waiting.
public final class AlertInbox: Sendable {
    private struct State {
        var notices: [FindingNotice] = []
        var lost = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// O(1). A finding beyond `AlertLimits.waitingFindings` is counted as lost; `AlertCenter.status` shows it.
    public func put(_ notice: FindingNotice) {
        state.withLock { state in
            if state.notices.count < AlertLimits.waitingFindings {
                state.notices.append(notice)
            } else {
                state.lost += 1
            }
        }
    }

    func takeAll() -> [FindingNotice] {
        state.withLock { state in
            defer { state.notices = [] }
            return state.notices
        }
    }

    var lost: Int { state.withLock { $0.lost } }
}
