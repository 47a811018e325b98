import ArgumentParser
import Bytes
import Foundation
import Machine
import Records
import Search
import Store
import Traces

/// Where a command reads: a server, or a data folder that no server has open.
struct SourceOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A server.", valueName: "URL"))
    var server: String?
    @Option(help: ArgumentHelp("A data folder that no server has open.", valueName: "DIR"))
    var data: String?

    @Option(help: ArgumentHelp("Whose records: ACCOUNT or ACCOUNT:PROJECT; 0:0 without it.", valueName: "TENANT"))
    var tenant: String?

    static let defaultServer = "http://127.0.0.1:7780"

    /// Throws if the text is no tenant.
    var wantedTenant: Tenant {
        get throws {
            let parts = (tenant ?? "0").split(separator: ":", omittingEmptySubsequences: false).map { UInt32($0) }
            guard let account = parts[0], parts.count <= 2, let project = parts.count == 2 ? parts[1] : 0 else {
                throw CommandFailure.wrong("--tenant must be two numbers such as 12:34, not \"\(tenant ?? "")\"")
            }
            return Tenant(account: account, project: project)
        }
    }

    /// The server, asked for that tenant.
    var client: ServerClient {
        get throws { ServerClient(server ?? Self.defaultServer, tenant: try wantedTenant) }
    }

    func validate() throws {
        if server != nil && data != nil { throw ValidationError("--server and --data exclude each other") }
    }

    /// The records of a request, earliest first.
    struct Trace {
        var records: [TraceRecord]
        /// One JSON object a record.
        var lines: [String]
        var engineMicroseconds: Double
        /// Whether there are more records than these.
        var isCut: Bool
        /// Why records may be missing; nil if none are known to be.
        var partial: String?
    }

    func trace(_ id: String) async throws -> Trace {
        if let data { return try Self.trace(id, folder: data, tenant: tenant == nil ? nil : try wantedTenant) }
        let client = try client
        let path = "/api/v1/trace/" + (id.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? id)
        let document = try await client.document(path, as: TraceDocument.self)
        let records = document.records.map { fields in
            TraceRecord(
                time: Self.time(fields["_time"] ?? ""),
                fields: fields.filter { $0.key != "_time" }.sorted { $0.key < $1.key }
                    .map { (ByteString($0.key), ByteString($0.value)) })
        }
        return Trace(
            records: records, lines: records.map(Self.line), engineMicroseconds: document.engineMicroseconds,
            isCut: document.isCut, partial: document.partial)
    }

    /// Without a tenant, of all.
    private static func trace(_ id: String, folder: String, tenant: Tenant?) throws -> Trace {
        let store = try readOnly(folder)
        let start = SystemClock().uptime()
        let (traces, partial) = try withoutDamage(of: store) {
            let snapshots = store.tenants.filter { tenant == nil || $0 == tenant }.map { store.snapshot($0) }
            let traces = try snapshots.map { try TraceLookup.find(ByteString(id), in: $0) }
            return (traces, snapshots.compactMap(\.damageNote).first)
        }
        let found = traces.flatMap(\.records).sorted { $0.time < $1.time }
        let elapsed = Double(SystemClock().uptime() - start) / 1_000
        return Trace(
            records: found, lines: found.map(line), engineMicroseconds: elapsed,
            isCut: traces.contains(where: \.isCut), partial: partial)
    }

    /// Does what reads a folder, again without a block that turns out to be damaged: the rest stays readable, and what
    /// is left out is said.
    static func withoutDamage<Result>(
        of store: ReadOnlyStore, while mayRepeat: () -> Bool = { true }, _ work: () throws -> Result
    ) throws -> Result {
        defer { for error in store.damage { Terminal.note("damaged, left out: \(error)") } }
        for _ in 0..<Limits.damagedBlocksPerQuery {
            do {
                return try work()
            } catch let error as CorruptionError where mayRepeat() {
                store.quarantine(error)
            }
        }
        return try work()
    }

    static func readOnly(_ folder: String) throws -> ReadOnlyStore {
        do {
            return try ReadOnlyStore(folder, selectors: LogsQLSelectors())
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }

    private static func line(_ record: TraceRecord) -> String {
        var text: [UInt8] = []
        text += "{\"_time\":\"\(Timestamp(nanoseconds: record.time))\"".utf8
        for field in record.fields {
            text.append(UInt8(ascii: ","))
            JSONLine.append(field.name, to: &text)
            text.append(UInt8(ascii: ":"))
            JSONLine.append(field.value, to: &text)
        }
        text.append(UInt8(ascii: "}"))
        return String(decoding: text, as: UTF8.self)
    }

    private static func time(_ text: String) -> Int64 { JSONLine.time(text) ?? 0 }
}
