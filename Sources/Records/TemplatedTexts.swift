import Bytes

/// A column of texts held as what they have in common and what varies, so that a search can answer from the common
/// parts and put together only the texts that it must see.
///
/// A text of template *t* is `pieces[0] variable[0] pieces[1] … variable[n - 1] pieces[n]`; no variable is empty.
public protocol TemplatedTexts: Sendable {
    /// One a row: its template + 1, or 0 for a text that is kept whole.
    var codes: [UInt32] { get }
    var templateCount: Int { get }
    /// The common parts of a template, one more than it has variables; any may be empty.
    func pieces(of template: Int) -> [ByteString]
    /// A variable of a template: one value a row of that template, in the order of the rows. O(rows of the template).
    func variable(_ variable: Int, of template: Int) throws -> ColumnVector
    /// The texts that are kept whole, in the order of their rows; `.missing` if there are none.
    func wholeTexts() throws -> ColumnVector
}

/// A block that may hold columns as `TemplatedTexts`.
public protocol TemplatedBlock: ColumnBlock {
    /// Nil if the column is not held so; then `column(_:)` is the way.
    func templatedTexts(_ name: ByteString) throws -> (any TemplatedTexts)?
}
