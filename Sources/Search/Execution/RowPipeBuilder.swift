import Bytes
import QueryLanguage
import Records

/// Pipes that compute fields.
struct RowPipeBuilder {
    let context: QueryContext

    func stages(_ pipe: Pipe) throws -> [Stage] {
        throw SearchError.unsupported("this pipe")
    }
}
