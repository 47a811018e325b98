import Alerts
import ArgumentParser
import Machine
import Store

/// `plumb verify`: reads every block of a data folder.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read every block of a data folder, and check every checksum and cross-reference.",
        discussion: "Exit code 0 only if all is sound. Example: plumb verify --data ./plumb-data")

    @Option(help: "A data folder that no server has open.")
    var data: String

    func run() throws {
        let found: FolderVerification
        let states: (problems: [String], notes: [String])
        do {
            found = try FolderVerification(data) { share in
                if Terminal.errorIsTerminal { Terminal.noteInPlace("verifying \(Int(share * 100)) %") }
            }
            states = try checkStates()
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        if Terminal.errorIsTerminal { Terminal.note("") }
        let problems = found.problems + states.problems
        for note in found.notes + states.notes { Terminal.note("note: " + note) }
        for problem in problems { Terminal.print("damaged: " + problem) }
        Terminal.print(
            "\(found.segments) segments with \(Numbers.grouped(found.segmentRows)) records, "
                + "\(Numbers.grouped(found.journalRows)) records in the journal, \(Numbers.bytes(found.bytes))")
        guard problems.isEmpty else { throw CommandFailure.failed("\(data) is damaged in \(problems.count) places") }
        Terminal.print("sound")
    }

    /// What the watching and the alerting layer keep beside the records.
    private func checkStates() throws -> (problems: [String], notes: [String]) {
        let system = RealFileSystem()
        var problems: [String] = []
        var notes: [String] = []
        let state = DeviationState(folder: data, system: system)
        do { _ = try state.load() } catch { problems.append("\(error)") }
        if system.exists(state.damagedPath) {
            notes.append("\(state.damagedPath): a state of the deviations that a start could not read and set aside")
        }
        let alerts = try AlertLogVerification(system, directory: data + "/alerts")
        if let problem = alerts.problem { problems.append(problem.description) }
        if let note = alerts.note { notes.append(note) }
        return (problems, notes)
    }
}
