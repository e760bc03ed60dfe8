#pragma once

#include <string_view>

namespace atlasjob {

/// Follows text on its way to a terminal, to know where something may be inserted: not inside an
/// escape sequence (ECMA-48) nor inside a UTF-8 character.
class EscapeState {
  public:
    void feed(std::string_view bytes);
    bool is_between_characters() const { return state_ == State::text && missing_ == 0; }

  private:
    enum class State {
        text,
        escape,      ///< After ESC.
        control,     ///< After ESC [, until a byte from 0x40 to 0x7e.
        string,      ///< After ESC ], ESC P, …, until BEL or ESC \.
        string_end,  ///< In a string, after ESC.
    };

    void take(unsigned char byte);
    void take_text(unsigned char byte);
    static State after_escape(unsigned char byte);

    State state_ = State::text;
    int missing_ = 0;  ///< Bytes of the current character that have not arrived yet.
};

}  // namespace atlasjob
