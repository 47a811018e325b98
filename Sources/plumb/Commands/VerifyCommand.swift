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
        do {
            found = try FolderVerification(data) { share in
                if Terminal.errorIsTerminal { Terminal.noteInPlace("verifying \(Int(share * 100)) %") }
            }
        } catch {
            throw CommandFailure.failed("\(error)")
        }
        if Terminal.errorIsTerminal { Terminal.note("") }
        for note in found.notes { Terminal.note("note: " + note) }
        for problem in found.problems { Terminal.print("damaged: " + problem) }
        Terminal.print(
            "\(found.segments) segments with \(Numbers.grouped(found.segmentRows)) records, "
                + "\(Numbers.grouped(found.journalRows)) records in the journal, \(Numbers.bytes(found.bytes))")
        guard found.isSound else { throw CommandFailure.failed("\(data) is damaged in \(found.problems.count) places") }
        Terminal.print("sound")
    }
}
