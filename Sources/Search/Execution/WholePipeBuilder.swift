import Bytes
import QueryLanguage
import Records

/// Pipes that look beyond the rows at hand: other queries, other rows, the blocks themselves.
struct WholePipeBuilder {
    let context: QueryContext

    func stages(_ pipe: Pipe) throws -> [Stage] {
        throw SearchError.unsupported("this pipe")
    }
}
