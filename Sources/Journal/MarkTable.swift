import Records

/// How far each agent's numbering has come: durable, on its way, and refused.
///
/// The rules that keep every record exactly once: a batch at or below the durable mark is a repetition and stores
/// nothing; one at or below the mark on its way waits for that; and once a batch was refused, later ones of its agent
/// are refused too until the agent has asked where it stands or sends that batch again. Without the last rule a later
/// batch would raise the mark over the gap, and the refused records would never be sent again.
struct MarkTable: Sendable {
    enum Verdict: Equatable {
        case store
        /// Durable already.
        case repetition
        /// Among what is on its way: its answer is theirs.
        case underWay
        /// A gap would open.
        case refuse
        case tooManyAgents
    }

    private struct Agent {
        var durable: UInt64 = 0
        var admitted: UInt64 = 0
        var inFlight = 0
        /// The lowest mark that was refused since the agent last asked.
        var refused: UInt64?
    }

    private var agents: [String: Agent] = [:]

    init(_ durable: [String: UInt64] = [:]) {
        agents = durable.mapValues { Agent(durable: $0, admitted: $0) }
    }

    func durable(_ agent: String) -> UInt64 { agents[agent]?.durable ?? 0 }
    func isInFlight(_ agent: String) -> Bool { (agents[agent]?.inFlight ?? 0) > 0 }

    func verdict(_ mark: SourceMark) -> Verdict {
        guard let agent = agents[mark.agent] else { return agents.count < Limits.agents ? .store : .tooManyAgents }
        if mark.lastSequence <= agent.durable { return .repetition }
        if let refused = agent.refused, mark.lastSequence > refused { return .refuse }
        return mark.lastSequence <= agent.admitted ? .underWay : .store
    }

    /// The batch with this mark goes on its way.
    mutating func admit(_ mark: SourceMark) {
        agents[mark.agent, default: Agent()].inFlight += 1
        agents[mark.agent]!.admitted = max(agents[mark.agent]!.admitted, mark.lastSequence)
        agents[mark.agent]!.refused = nil
    }

    /// The batch with this mark was turned away or failed.
    mutating func refuse(_ mark: SourceMark) {
        let known = agents[mark.agent]?.refused ?? UInt64.max
        agents[mark.agent, default: Agent()].refused = min(known, mark.lastSequence)
    }

    /// A batch that was on its way is stored.
    mutating func settle(stored mark: SourceMark) {
        agents[mark.agent]!.inFlight -= 1
        agents[mark.agent]!.durable = max(agents[mark.agent]!.durable, mark.lastSequence)
    }

    /// A batch that was on its way is not stored, nor is anything behind it.
    mutating func settle(failed mark: SourceMark) {
        agents[mark.agent]!.inFlight -= 1
        agents[mark.agent]!.admitted = agents[mark.agent]!.durable
        refuse(mark)
    }

    /// The agent learns where it stands and will go on from there.
    mutating func asked(_ agent: String) { agents[agent]?.refused = nil }

    /// Agents with a durable mark.
    var durableMarks: [String: UInt64] { agents.compactMapValues { $0.durable > 0 ? $0.durable : nil } }
}
