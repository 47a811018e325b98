#include "cre2.h"

#include <re2/re2.h>

#include <cctype>
#include <cstring>
#include <new>
#include <string>
#include <vector>

namespace {

// Finds the longest run of plain characters that every match of a pattern must contain. It understands just enough of
// the syntax to be sure, and answers "none" for anything else: a top-level alternative, inline flags, \Q and \C.
class LiteralFinder {
public:
    explicit LiteralFinder(const std::string &pattern) : text_(pattern) {}

    std::string find() {
        while (at_ < text_.size()) {
            if (!step()) return std::string();
        }
        close();
        return best_;
    }

private:
    const std::string &text_;
    size_t at_ = 0;
    std::string run_, best_;
    size_t last_ = 0;  // length of the run's last character in bytes, 0 if the last item was no plain character

    void close() {
        if (run_.size() > best_.size()) best_ = run_;
        run_.clear();
        last_ = 0;
    }

    // The item before a quantifier that allows zero repetitions is not required.
    void dropLast() {
        run_.resize(run_.size() - last_);
        close();
    }

    bool step() {
        unsigned char byte = text_[at_];
        switch (byte) {
        case '|': return false;
        case '(': return group();
        case ')': return false;
        case '[': close(); return skipClass();
        case '.': case '^': case '$': close(); at_++; return true;
        case '*': case '?': case '{': dropLast(); return skipQuantifier();
        case '+': close(); at_++; return true;
        case '\\': return escape();
        default: plain(); return true;
        }
    }

    void plain() {
        size_t start = at_++;
        while (at_ < text_.size() && (text_[at_] & 0xC0) == 0x80) at_++;
        last_ = at_ - start;
        run_.append(text_, start, last_);
    }

    bool escape() {
        if (at_ + 1 >= text_.size()) return false;
        unsigned char next = text_[at_ + 1];
        if (ispunct(next)) {
            run_.push_back(static_cast<char>(next));
            last_ = 1;
            at_ += 2;
            return true;
        }
        close();
        if (strchr("dDsSwWbB", next)) {
            at_ += 2;
            return true;
        }
        return false;
    }

    bool skipQuantifier() {
        if (text_[at_] == '{') {
            at_++;
            while (at_ < text_.size() && (isdigit(static_cast<unsigned char>(text_[at_])) || text_[at_] == ',')) at_++;
            if (at_ >= text_.size() || text_[at_] != '}') return false;  // a brace that stands for itself
        }
        at_++;
        return true;
    }

    bool skipClass() {
        at_++;
        if (at_ < text_.size() && text_[at_] == '^') at_++;
        if (at_ < text_.size() && text_[at_] == ']') at_++;
        while (at_ < text_.size() && text_[at_] != ']') {
            if (text_[at_] == '\\') {
                at_ += 2;
            } else if (text_.compare(at_, 2, "[:") == 0) {
                size_t end = text_.find(":]", at_ + 2);
                if (end == std::string::npos) return false;
                at_ = end + 2;
            } else {
                at_++;
            }
        }
        if (at_ >= text_.size()) return false;
        at_++;
        return true;
    }

    // A group's inside is not looked at; only its end is found.
    bool group() {
        close();
        int depth = 0;
        while (at_ < text_.size()) {
            if (text_[at_] == '(') {
                bool special = at_ + 1 < text_.size() && text_[at_ + 1] == '?';
                bool plainGroup = special && (text_.compare(at_, 3, "(?:") == 0 || text_.compare(at_, 4, "(?P<") == 0);
                if (special && !plainGroup) return false;
                depth++;
                at_++;
            } else if (text_[at_] == ')') {
                at_++;
                if (--depth == 0) return true;
            } else if (text_[at_] == '[') {
                if (!skipClass()) return false;
            } else if (text_[at_] == '\\') {
                if (at_ + 1 < text_.size() && (text_[at_ + 1] == 'Q' || text_[at_ + 1] == 'E')) return false;
                at_ += 2;
            } else {
                at_++;
            }
        }
        return false;
    }
};

// The alternatives at the top of a pattern; none where it cannot be sure of them.
std::vector<std::string> alternatives(const std::string &pattern) {
    std::vector<std::string> found(1);
    int depth = 0;
    for (size_t at = 0; at < pattern.size(); at++) {
        char byte = pattern[at];
        size_t start = at;
        if (byte == '\\') {
            if (at + 1 < pattern.size() && (pattern[at + 1] == 'Q' || pattern[at + 1] == 'E')) return {};
            at++;
        } else if (byte == '[') {
            at++;
            if (at < pattern.size() && pattern[at] == '^') at++;
            if (at < pattern.size() && pattern[at] == ']') at++;
            while (at < pattern.size() && pattern[at] != ']') {
                if (pattern[at] == '\\') {
                    at += 2;
                } else if (pattern.compare(at, 2, "[:") == 0) {
                    size_t end = pattern.find(":]", at + 2);
                    if (end == std::string::npos) return {};
                    at = end + 2;
                } else {
                    at++;
                }
            }
            if (at >= pattern.size()) return {};
        } else if (byte == '(') {
            depth++;
        } else if (byte == ')') {
            if (--depth < 0) return {};
        } else if (byte == '|' && depth == 0) {
            found.emplace_back();
            continue;
        }
        found.back().append(pattern, start, at - start + 1);
    }
    return found;
}

re2::StringPiece piece(const void *text, size_t length) {
    return re2::StringPiece(length ? static_cast<const char *>(text) : "", length);
}

}  // namespace

struct plumb_re2 {
    RE2 expression;
    // A match holds one of these; none where nothing is known.
    std::vector<std::string> literals;
    std::vector<std::string> names;

    plumb_re2(const std::string &pattern, const RE2::Options &options) : expression(pattern, options) {
        if (!expression.ok()) return;
        if (options.case_sensitive()) {
            for (const std::string &alternative : alternatives(pattern)) {
                literals.push_back(LiteralFinder(alternative).find());
                if (!literals.back().empty()) continue;
                literals.clear();
                break;
            }
        }
        names.resize(static_cast<size_t>(expression.NumberOfCapturingGroups()) + 1);
        for (const auto &entry : expression.CapturingGroupNames()) {
            names[static_cast<size_t>(entry.first)] = entry.second;
        }
    }
};

plumb_re2 *plumb_re2_new(const void *pattern, size_t length, int case_insensitive, char *error, size_t error_capacity) {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_case_sensitive(!case_insensitive);
    options.set_max_mem(64 << 20);
    std::string message;
    try {
        plumb_re2 *made = new plumb_re2(std::string(length ? static_cast<const char *>(pattern) : "", length), options);
        if (made->expression.ok()) return made;
        message = made->expression.error();
        delete made;
    } catch (const std::bad_alloc &) {
        message = "out of memory";
    }
    if (error_capacity > 0) {
        size_t count = message.size() < error_capacity - 1 ? message.size() : error_capacity - 1;
        memcpy(error, message.data(), count);
        error[count] = 0;
    }
    return nullptr;
}

void plumb_re2_free(plumb_re2 *expression) { delete expression; }

int plumb_re2_search(const plumb_re2 *expression, const void *text, size_t length) {
    return expression->expression.Match(piece(text, length), 0, length, RE2::UNANCHORED, nullptr, 0);
}

int plumb_re2_match_whole(const plumb_re2 *expression, const void *text, size_t length) {
    return expression->expression.Match(piece(text, length), 0, length, RE2::ANCHOR_BOTH, nullptr, 0);
}

int plumb_re2_capture(const plumb_re2 *expression, const void *text, size_t length, size_t start, ptrdiff_t *groups,
                      size_t group_count) {
    re2::StringPiece inlined[16];
    std::vector<re2::StringPiece> heap;
    re2::StringPiece *pieces = inlined;
    if (group_count > 16) {
        heap.resize(group_count);
        pieces = heap.data();
    }
    re2::StringPiece whole = piece(text, length);
    int count = static_cast<int>(group_count);
    if (!expression->expression.Match(whole, start, length, RE2::UNANCHORED, pieces, count)) return 0;
    for (size_t index = 0; index < group_count; index++) {
        bool took_part = pieces[index].data() != nullptr;
        groups[2 * index] = took_part ? pieces[index].data() - whole.data() : -1;
        groups[2 * index + 1] = took_part ? groups[2 * index] + static_cast<ptrdiff_t>(pieces[index].size()) : -1;
    }
    return 1;
}

size_t plumb_re2_group_count(const plumb_re2 *expression) { return expression->names.size() - 1; }

const char *plumb_re2_group_name(const plumb_re2 *expression, size_t index) {
    if (index >= expression->names.size() || expression->names[index].empty()) return nullptr;
    return expression->names[index].c_str();
}

size_t plumb_re2_literal_count(const plumb_re2 *expression) { return expression->literals.size(); }

const void *plumb_re2_literal(const plumb_re2 *expression, size_t index, size_t *length) {
    *length = index < expression->literals.size() ? expression->literals[index].size() : 0;
    return *length ? expression->literals[index].data() : nullptr;
}
