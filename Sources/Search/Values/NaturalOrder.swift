import Bytes

/// The order in which LogsQL sorts values: numbers by value, and runs of digits within texts by value too.
enum NaturalOrder {
    /// Negative, zero or positive: the order that `OrderKey` describes. Numbers that are equal compare as equal
    /// whatever their digits. O(length).
    static func compare(_ left: RawSpan, _ right: RawSpan) -> Int {
        OrderKey.compare(OrderKey(left), left, OrderKey(right), right)
    }

    /// Decides between values that are equal in the order but not in their bytes, so that what is chosen does not
    /// depend on which was seen first: the shorter one comes first. O(length).
    static func compareSpelling(_ left: RawSpan, _ right: RawSpan) -> Int {
        left.byteCount == right.byteCount ? compareBytes(left, right) : left.byteCount < right.byteCount ? -1 : 1
    }

    static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
        left < right ? -1 : left > right ? 1 : 0
    }

    /// Texts in which digits are compared run by run, `a2` before `a10`, and come before anything else, `a1` before
    /// `a-1`. Of runs of equal value the shorter comes first, `a1b` before `a01a`.
    static func compareTexts(_ left: RawSpan, _ right: RawSpan) -> Int {
        var leftAt = 0
        var rightAt = 0
        while leftAt < left.byteCount, rightAt < right.byteCount {
            let leftByte = left[leftAt]
            let rightByte = right[rightAt]
            if leftByte &- 48 < 10, rightByte &- 48 < 10 {
                let leftEnd = digitsEnd(left, from: leftAt)
                let rightEnd = digitsEnd(right, from: rightAt)
                let order = compareDigits(
                    left.slice(leftAt, leftEnd - leftAt), right.slice(rightAt, rightEnd - rightAt))
                if order != 0 { return order }
                leftAt = leftEnd
                rightAt = rightEnd
            } else if leftByte != rightByte {
                let isDigit = (leftByte &- 48 < 10, rightByte &- 48 < 10)
                if isDigit.0 != isDigit.1 { return isDigit.0 ? -1 : 1 }
                return leftByte < rightByte ? -1 : 1
            } else {
                leftAt += 1
                rightAt += 1
            }
        }
        let leftRest = left.byteCount - leftAt
        let rightRest = right.byteCount - rightAt
        return leftRest == rightRest ? 0 : leftRest < rightRest ? -1 : 1
    }

    private static func digitsEnd(_ text: RawSpan, from start: Int) -> Int {
        var at = start
        while at < text.byteCount, text[at] &- 48 < 10 { at += 1 }
        return at
    }

    /// Runs of digits by value, then by their zeros in front.
    private static func compareDigits(_ left: RawSpan, _ right: RawSpan) -> Int {
        var leftStart = 0
        var rightStart = 0
        while leftStart < left.byteCount, left[leftStart] == 48 { leftStart += 1 }
        while rightStart < right.byteCount, right[rightStart] == 48 { rightStart += 1 }
        let leftCount = left.byteCount - leftStart
        let rightCount = right.byteCount - rightStart
        if leftCount != rightCount { return leftCount < rightCount ? -1 : 1 }
        let order = compareBytes(left.slice(leftStart, leftCount), right.slice(rightStart, rightCount))
        return order != 0 ? order : self.order(leftStart, rightStart)
    }

    /// Byte order, which for UTF-8 is code point order. O(length).
    static func compareBytes(_ left: RawSpan, _ right: RawSpan) -> Int {
        let shared = min(left.byteCount, right.byteCount)
        for index in 0..<shared where left[index] != right[index] { return left[index] < right[index] ? -1 : 1 }
        return left.byteCount == right.byteCount ? 0 : left.byteCount < right.byteCount ? -1 : 1
    }
}
