// The Chinese of the error messages that a person at a terminal can meet. In `en` each {} is what
// changes, such as an id; in `zh` {1} is the first of them, {2} the second.
#pragma once

#include <span>
#include <string_view>

namespace rootlet {

struct MessageTemplate {
  std::string_view en, zh;
};

// The first that matches counts.
std::span<const MessageTemplate> message_templates();

// Words inside messages: states, "none", "standard input", reasons of the system.
std::span<const MessageTemplate> message_words();

}  // namespace rootlet
