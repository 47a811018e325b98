import Web

struct NoAlerts: AlertBoard {
    func alerts() async -> [AlertView] { [] }
    func incidents() async -> [IncidentView] { [] }
}
