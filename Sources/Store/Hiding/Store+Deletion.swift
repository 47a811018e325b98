import Journal
import Records

extension Store {
    /// Hides all rows of a tenant that a filter selects and that are visible now, durably and from everyone who asks
    /// from now on; the segments that hold them are written anew behind it. Answers when that is durable.
    ///
    /// Throws what the compiler says of a text that is no filter, `StoreError`, and `FileError`; after the last it is
    /// unknown whether the next start knows of the deletion. O(segments).
    public func delete(_ filter: String, of tenant: Tenant = .main) throws -> Deletion {
        guard let compiler = options.selectors else { throw StoreError.noSelectors }
        let now = clock.now()
        let selection = RowSelection(try compiler.compile(filter, tenant: tenant, now: now))
        var accepted: Deletion?
        try keeper.change { state in
            guard state.deletions.count < Limits.activeDeletions else {
                throw StoreError.tooManyDeletions(limit: Limits.activeDeletions)
            }
            // What becomes visible meanwhile was not there when this was asked.
            let through = visible.monitor.withLock { $0.lastGroup }
            let segments = state.segments.lazy.filter { $0.tenant == tenant }.map(\.number)
            let deletion = Deletion(
                number: state.generation + 1, tenant: tenant, filter: filter, acceptedAt: now, through: through,
                segments: Set(segments))
            state.deletions.append(deletion)
            accepted = deletion
        } publish: { state in
            visible.monitor.update { visible in
                visible.hide(state.deletions, new: selection)
                visible.upkeepWanted += 1
            }
        }
        sealSoon(tenant)
        return accepted!
    }

    /// So that the bytes of hidden rows leave the journal too.
    private func sealSoon(_ tenant: Tenant) {
        guard visible.monitor.withLock({ !($0.views[tenant]?.memory.isEmpty ?? true) }) else { return }
        journal.beginNewFile()
        visible.monitor.update { $0.wishToSeal() }
    }

    /// Ends a deletion: rows that are still stored are shown again. False if there is none of this number that has
    /// anything left to do.
    public func stopDeletion(_ number: UInt64) throws -> Bool {
        guard deletions.contains(where: { $0.number == number }) else { return false }
        var wasThere = false
        try keeper.change { state in
            wasThere = state.deletions.contains { $0.number == number }
            state.deletions.removeAll { $0.number == number }
        } publish: { state in
            visible.monitor.update { $0.hide(state.deletions) }
        }
        return wasThere
    }

    /// The deletions that still have rows to remove, in the order in which they came.
    public var deletions: [Deletion] { keeper.state.activeDeletions }

    /// The ages of some rows as they are now.
    var expiryRules: [HidingRule] {
        if expiries.isEmpty { return [] }
        let now = clock.now()
        return expiries.map { selection, nanoseconds in
            let (limit, overflow) = now.subtractingReportingOverflow(nanoseconds)
            return HidingRule(selection: selection, scope: .expired(before: overflow ? .min : limit))
        }
    }
}

extension CatalogState {
    /// Throws if a deletion's filter cannot be read: its rows must not come back.
    func hidingRules(_ compiler: (any RowSelectorCompiler)?) throws -> [HidingRule] {
        try activeDeletions.map { deletion in
            guard let compiler else { throw StoreError.noSelectors }
            do {
                let selector = try compiler.compile(deletion.filter, tenant: deletion.tenant, now: deletion.acceptedAt)
                return HidingRule(selection: RowSelection(selector), scope: .deleted(deletion))
            } catch {
                throw StoreError.badFilter(deletion.filter, reason: "\(error)")
            }
        }
    }
}

extension StoreOptions {
    func compiledRetention() throws -> [(selection: RowSelection, nanoseconds: Int64)] {
        try streamRetention.map { rule in
            guard let selectors else { throw StoreError.noSelectors }
            do {
                let selector = try selectors.compile(rule.filter, tenant: .main, now: 0)
                return (RowSelection(selector), rule.nanoseconds)
            } catch {
                throw StoreError.badFilter(rule.filter, reason: "\(error)")
            }
        }
    }
}
