import AsyncHTTPClient
import Foundation
import Intake
import NIOCore
import NIOHTTP1
import NIOPosix
import Records

/// A running server, asked over HTTP.
struct ServerClient: Sendable {
    /// `http://HOST:PORT`, without a slash at the end.
    let base: String
    /// Whose records are asked for.
    private let tenant: Tenant

    /// Answers are streamed, so there is no limit on a whole one; this is how long the server may be silent.
    private static let silenceSeconds: Int64 = 300
    /// The largest answer that is read as one document.
    private static let documentBytes = 64 << 20

    /// A server that is not there is said at once, not waited for.
    private static let http: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(3)
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// Accepts `HOST:PORT` as well.
    init(_ address: String, tenant: Tenant = .main) {
        self.tenant = tenant
        let trimmed = address.hasSuffix("/") ? String(address.dropLast()) : address
        base = trimmed.contains("://") ? trimmed : "http://" + trimmed
    }

    /// A JSON document.
    func document<Answer: Decodable>(_ path: String, _ arguments: [(String, String)] = [], as type: Answer.Type)
        async throws
        -> Answer
    {
        let body = try await send(request(path, arguments)).body.collect(upTo: Self.documentBytes)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(body.readableBytesView))
    }

    /// An answer of any kind, as it comes.
    func stream(
        _ path: String, _ arguments: [(String, String)] = [], _ consume: (ByteBuffer) async throws -> Void
    ) async throws {
        for try await chunk in try await send(request(path, arguments)).body { try await consume(chunk) }
    }

    /// A POST with a body; the answer's status and text.
    func post(_ path: String, _ arguments: [(String, String)] = [], body: ByteBuffer) async throws -> (UInt, String) {
        var request = request(path, arguments)
        request.method = .POST
        request.body = .bytes(body)
        let answer = try await execute(request)
        return (answer.status.code, String(buffer: try await answer.body.collect(upTo: Self.documentBytes)))
    }

    private func request(_ path: String, _ arguments: [(String, String)]) -> HTTPClientRequest {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        func encoded(_ text: String) -> String { text.addingPercentEncoding(withAllowedCharacters: allowed) ?? text }
        let query = arguments.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
        var request = HTTPClientRequest(url: base + path + (query.isEmpty ? "" : "?" + query))
        if tenant != .main {
            request.headers.add(name: "AccountID", value: "\(tenant.account)")
            request.headers.add(name: "ProjectID", value: "\(tenant.project)")
        }
        return request
    }

    private func send(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        let answer = try await execute(request)
        guard (200..<300).contains(answer.status.code) else {
            let text = String(buffer: try await answer.body.collect(upTo: 1 << 20))
                .trimmingCharacters(in: .whitespacesAndNewlines)
            // The server found the query wrong, and says where.
            if answer.status == .badRequest { throw CommandFailure.wrong(text) }
            throw CommandFailure.failed("\(base) answered \(answer.status.code): \(text)")
        }
        return answer
    }

    private func execute(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        do {
            return try await Self.http.execute(request, timeout: .seconds(Self.silenceSeconds))
        } catch let error as HTTPClientError {
            throw CommandFailure.failed("no server answers at \(base): \(error.shortDescription)")
        } catch let error as NIOConnectionError {
            throw CommandFailure.failed("no server answers at \(base): \(NetworkErrorText.text(of: error))")
        } catch let error as IOError {
            throw CommandFailure.failed("no server answers at \(base): \(NetworkErrorText.text(of: error))")
        }
    }
}
