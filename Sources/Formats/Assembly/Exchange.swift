/// Puts a new value in a variable's place and answers the old one, without a copy of either.
@inline(__always)
func exchange<Value>(_ variable: inout Value, _ value: consuming Value) -> Value {
    var value = value
    swap(&variable, &value)
    return value
}
