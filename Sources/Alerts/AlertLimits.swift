/// Every bound of this module: name, unit, reason, and what the user sees there.
public enum AlertLimits {
    /// Alerts that are pending or firing at once. A rule that would go over it is in error, and says so on
    /// `/api/v1/alerts`.
    public static let activeAlerts = 10_000
    /// Resolved alerts kept for looking back; the oldest go first.
    public static let resolvedAlerts = 1_000
    /// Nanoseconds between evaluations of a group, at least. Shorter ones are refused when the file is read.
    public static let shortestInterval: Int64 = 1_000_000_000
    /// Findings that wait for the next step. More are counted as lost and shown; the watching layer groups them before.
    public static let waitingFindings = 10_000
    /// Sample lines that an alert carries.
    public static let sampleLines = 5
    /// Bytes of one sample line; longer ones are cut with an ellipsis.
    public static let sampleLineBytes = 2_000
    /// Trace IDs that an alert carries.
    public static let traceIDs = 10
    /// Alerts in one notification; the payload's `truncatedAlerts` says how many were left out.
    public static let alertsPerNotification = 100
    /// Notifications that wait for their receivers. The oldest is dropped and counted when one more comes.
    public static let waitingDeliveries = 1_000
    /// Nanoseconds for which a delivery is tried again; a day later nobody is helped by it. Then it is dropped and
    /// counted.
    public static let deliveryAge: Int64 = 24 * 3_600_000_000_000
    /// Nanoseconds between the first and the second try; doubled each time up to `longestBackOff`.
    public static let firstBackOff: Int64 = 1_000_000_000
    public static let longestBackOff: Int64 = 300_000_000_000
    /// Incidents kept; the oldest resolved ones go first.
    public static let incidents = 2_000
    /// Entries in an incident's history; later ones are only counted.
    public static let incidentEvents = 200
    /// Nanoseconds after its end within which an incident that fires again is the same incident.
    public static let incidentReopening: Int64 = 15 * 60_000_000_000
    /// Evaluations of one backtest; a longer one is refused before it begins.
    public static let backtestEvaluations = 200_000
    /// Bytes of state log beyond which it is written anew with live entries only.
    public static let stateLogBytes = 8 << 20
}
