import Records

extension JournalState {
    /// Queues a batch, or answers at once why not.
    mutating func admit(_ batch: RecordBatch, _ waiter: Waiter, queueBytes: Int) -> Waiter.Answer? {
        if isClosed { return .failure(.closed) }
        var batch = batch
        if let mark = waiter.mark {
            guard waiter.sent!.agent.utf8.count <= Limits.agentNameBytes else {
                return .failure(.storage("agent names have at most \(Limits.agentNameBytes) bytes"))
            }
            switch marks.verdict(mark) {
            case .store: break
            case .repetition: return .success(lastGroup)
            case .underWay: batch = RecordBatch(tenant: batch.tenant)
            case .refuse: return .failure(.storage("a batch before this one of agent \(mark.agent) was not stored"))
            case .tooManyAgents: return .failure(.storage("more than \(Limits.agents) agents"))
            }
        }
        if let failure { return refuse(waiter, .storage(failure)) }
        // One batch larger than the queue must still pass when nothing else waits.
        if unanswered > 0 && unansweredBytes + waiter.bytes > queueBytes {
            return refuse(waiter, .busy(retryAfterSeconds: 1))
        }
        if batch.rowCount == 0 && waiter.mark == nil { return .success(lastGroup) }
        if let mark = waiter.mark { marks.admit(mark) }
        unanswered += 1
        unansweredBytes += waiter.bytes
        waiting.append(PendingAppend(batch: batch, waiter: waiter))
        waitingRows += batch.rowCount
        return nil
    }

    private mutating func refuse(_ waiter: Waiter, _ error: SinkError) -> Waiter.Answer {
        if let mark = waiter.mark { marks.refuse(mark) }
        return .failure(error)
    }
}
