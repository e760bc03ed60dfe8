#include "runner/attempt/escape_state.h"

namespace atlasjob {

namespace {

constexpr unsigned char kEscape = 0x1b;
constexpr unsigned char kBell = 0x07;

/// How many bytes follow the first one of a UTF-8 character.
int bytes_after(unsigned char first) {
    if (first >= 0xf0) return 3;
    if (first >= 0xe0) return 2;
    return first >= 0xc0 ? 1 : 0;
}

bool is_continuation(unsigned char byte) {
    return (byte & 0xc0U) == 0x80U;
}

}  // namespace

void EscapeState::feed(std::string_view bytes) {
    for (const char byte : bytes)
        take(static_cast<unsigned char>(byte));
}

void EscapeState::take(unsigned char byte) {
    switch (state_) {
        case State::text:
            take_text(byte);
            break;
        case State::escape:
            state_ = after_escape(byte);
            break;
        case State::control:
            if (byte == kEscape) state_ = State::escape;
            if (byte >= 0x40 && byte <= 0x7e) state_ = State::text;
            break;
        case State::string:
            if (byte == kBell) state_ = State::text;
            if (byte == kEscape) state_ = State::string_end;
            break;
        case State::string_end:
            state_ = byte == '\\' ? State::text : after_escape(byte);
            break;
    }
}

void EscapeState::take_text(unsigned char byte) {
    if (missing_ > 0 && is_continuation(byte)) {
        --missing_;
        return;
    }
    // Also after a character that was cut short: the terminal shows a replacement and goes on.
    missing_ = bytes_after(byte);
    if (byte == kEscape) state_ = State::escape;
}

EscapeState::State EscapeState::after_escape(unsigned char byte) {
    switch (byte) {
        case '[':
            return State::control;
        case ']':
        case 'P':
        case 'X':
        case '^':
        case '_':
            return State::string;
        default:
            // Intermediate bytes, as in ESC ( B.
            return byte == kEscape || (byte >= 0x20 && byte <= 0x2f) ? State::escape : State::text;
    }
}

}  // namespace atlasjob
