let wholePathTestsAreWritten = false
