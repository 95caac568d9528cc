// A checkpoint's own chat template, evaluated. It is data: nothing in it reaches outside of the
// values that it is given, and what it takes is bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "text/jinja/budget.h"

namespace unmask {

namespace jinja {
struct Program;
}

/// A stretch of a rendered conversation: the template's own words, or somebody's.
struct ChatSegment {
  std::string text;
  bool scaffold = false;
};

/// What a template is rendered with, as transformers' apply_chat_template does it.
struct Conversation {
  OrderedJson messages = OrderedJson::array();  ///< objects with "role" and mostly "content"
  OrderedJson tools, documents;                 ///< lists; null where there are none
  std::vector<std::pair<std::string, OrderedJson>> variables;  ///< such as enable_thinking
  bool add_generation_prompt = true;
  bool continue_final_message = false;  ///< end within the last message, to go on with it
  std::optional<std::string> bos_token, eos_token;
};

class ChatTemplate {
 public:
  /// `name` stands in messages ("chat_template.jinja"). Error{checkpoint} with line and column
  /// where the text is no template, needs what is not supported here, or is too large.
  static ChatTemplate parse(std::string_view text, const std::string& name,
                            const jinja::Limits& limits = {});

  /// The conversation as text, neighbouring segments of different kinds. Scaffold is what the
  /// template and the begin and end tokens are made of, and the names of the usual roles; all else
  /// is given: no special token may be read from it. `now`: seconds since 1970 of local time.
  /// Error{usage} with exactly the message of the template's raise_exception, and for a final
  /// message that cannot be continued; Error{checkpoint} with line and column for every other
  /// failure.
  std::vector<ChatSegment> render(const Conversation& conversation, std::int64_t now) const;

  /// Whether the template reads a variable of that name anywhere.
  bool uses(std::string_view variable) const;

 private:
  ChatTemplate() = default;

  std::shared_ptr<const jinja::Program> program_;
  std::string text_;
  jinja::Limits limits_;
};

/// Seconds since 1970 of local time, now; UNMASK_NOW ("2025-03-04T05:06:07") is now where it is
/// set.
std::int64_t local_now();

}  // namespace unmask
