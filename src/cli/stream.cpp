#include "cli/stream.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/utf8.h"
#include "rules/cards.h"
#include "session/answer.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

void require(bool fits, const std::string& message, const std::string& hint) {
  if (!fits) throw Error(ErrorCode::usage, message, hint);
}

/// How many bytes at the end of `text` may be the beginning of `stop`.
std::size_t beginning_of(const std::string& stop, const std::string& text) {
  std::size_t length = std::min(stop.size() - 1, text.size());
  while (length > 0 && !text.ends_with(std::string_view(stop).substr(0, length))) --length;
  return length;
}

/// The part of a final text that what follows cannot change.
std::string final_part(std::string text, const std::vector<std::string>& stops) {
  text.resize(text.size() - utf8::incomplete_tail(text));
  // Where the tokenizer makes whole characters of bytes, an incomplete one is shown as this.
  while (text.ends_with(kReplacement)) text.resize(text.size() - kReplacement.size());
  std::size_t held = 0;
  for (const std::string& stop : stops) held = std::max(held, beginning_of(stop, text));
  text.resize(text.size() - held);
  text.resize(text.find_last_not_of('\n') + 1);
  return text;
}

}  // namespace

void require_streamable(const Plan& plan) {
  const DecodeOptions& options = plan.options;
  require(plan.num == 1, "--stream writes one draft, not " + std::to_string(plan.num),
          "leave --num out");
  require(plan.setup->tokenizer != nullptr,
          "--stream writes text, and the checkpoint has no tokenizer", "leave --stream out");
  require(options.length > 0, "--stream writes what follows the prompt, and -n 0 adds nothing",
          "leave --stream out");
  const Finality finality = options.revise.card->finality;
  const bool by_block = finality == Finality::after_block && options.block > 0;
  require(finality == Finality::at_once || by_block,
          "under --revise " + option_text(options, "revise") + " nothing is final before the end",
          "leave --stream out, or decode in blocks");
}

void Stream::on_step(const StepEvent& event) {
  if (event.final_before <= std::max(final_, plan_.prompt_tokens())) return;
  final_ = event.final_before;
  Generation begun;
  begun.canvas.assign(event.canvas.begin(), event.canvas.begin() + final_);
  const Answer answer = read_answer(plan_, std::move(begun));
  const std::string text =
      final_part(answer.text, answer.stopped ? std::vector<std::string>{} : plan_.stops);
  if (text.size() <= written_.size() || !text.starts_with(written_)) return;
  output_.write(std::string_view(text).substr(written_.size()));
  written_ = text;
}

void Stream::finish(const std::string& line) {
  if (!line.starts_with(written_)) {
    throw std::logic_error("the text changed behind what --stream had written");
  }
  output_.write(std::string_view(line).substr(written_.size()));
}

}  // namespace unmask
