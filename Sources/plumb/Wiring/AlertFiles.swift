import Alerts

/// The rule files and the routing file of the settings.
struct AlertFiles {
    var rules: RuleSet
    var routing: Routing

    /// Unless the files have rules on deviations every finding alerts; without a routing file nobody is told, but
    /// alerts are shown.
    init(_ settings: ServeSettings) throws {
        do {
            rules =
                settings.rules.isEmpty
                ? .standard
                : RuleSet(
                    merging: try settings.rules.map {
                        try RuleSet(parsing: try Input.all($0), file: $0, checkQuery: RuleQuery.check)
                    }
                ).withStandard()
            routing =
                try settings.notifications.map { try Routing(parsing: try Input.all($0), file: $0) } ?? .standard()
        } catch let error as SettingsError {
            throw CommandFailure.wrong("\(error)")
        }
    }
}
