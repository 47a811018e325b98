import Bytes
import CKernels
import Records

extension JSONWalker {
    /// Reads records as long as they are of the usual form (see `plumb_json_records`). True before a line that is not.
    /// `marks` are those of the first `count` bytes. O(bytes).
    mutating func readRecords(
        _ marks: JSONMarks, _ count: Int, _ endRow: Int, _ place: inout plumb_json_place,
        _ state: inout JSONWalkState, _ escaped: inout [UInt32]
    ) -> Bool {
        precondition(endRow <= stride && endRow <= times.count && bytes.byteCount >= count + JSONIndex.padding)
        let stride = stride
        var isIrregular = false
        // The lists were made for these lines, with their padding and their ends; leads and parents are those that the
        // nodes speak of, a node's followers are nodes, and its column is one that the cells hold.
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe leads.withUnsafeBytes { leads in
                unsafe nodes.withUnsafeMutableBufferPointer { nodes in
                    unsafe cells.withUnsafeMutableBytes { cells in
                        var parents = state.parents.mutableSpan
                        unsafe parents.withUnsafeMutableBufferPointer { parents in
                            isIrregular = unsafe marks.withLists { marked, backslashes in
                                unsafe escaped.withUnsafeMutableBufferPointer { escaped in
                                    var lines = unsafe plumb_json_lines(
                                        bytes: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), length: count,
                                        marks: marked, backslashes: backslashes, nodes: nodes.baseAddress,
                                        lead_bytes: leads.baseAddress?.assumingMemoryBound(to: UInt8.self),
                                        cells: cells.baseAddress?.assumingMemoryBound(to: plumb_slice.self),
                                        stride: stride, parents: parents.baseAddress, deepest: Limits.nestingDepth,
                                        most_fields: Limits.fieldsPerRecord, escaped: escaped.baseAddress,
                                        escaped_room: escaped.count)
                                    return unsafe plumb_json_records(&lines, endRow, &place) != 0
                                }
                            }
                        }
                    }
                }
            }
        }
        return isIrregular
    }
}
