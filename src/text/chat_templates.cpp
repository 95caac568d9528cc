#include "text/chat_templates.h"

#include <algorithm>

#include "base/utf8.h"
#include "text/unicode.h"

namespace unmask {
namespace {

using Messages = std::span<const ChatMessage>;

// Collects segments; neighbours of one kind are joined.
class Script {
 public:
  Script& scaffold(std::string_view text) { return add(text, true); }
  Script& content(std::string_view text) { return add(text, false); }
  std::vector<ChatSegment> take() { return std::move(segments_); }

 private:
  Script& add(std::string_view text, bool scaffold) {
    if (text.empty()) return *this;
    if (segments_.empty() || segments_.back().scaffold != scaffold) {
      segments_.push_back({"", scaffold});
    }
    segments_.back().text += text;
    return *this;
  }

  std::vector<ChatSegment> segments_;
};

// Python's str.strip(): White_Space and the four separators U+001C to U+001F.
bool is_python_space(char32_t c) { return unicode::is_space(c) || (c >= 0x1C && c <= 0x1F); }

std::string_view trim(std::string_view text) {
  std::size_t first = text.size();
  std::size_t last = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto decoded = utf8::decode(text, at);
    const std::size_t bytes = decoded ? decoded->bytes : 1;
    if (!decoded || !is_python_space(decoded->code_point)) {
      first = std::min(first, at);
      last = at + bytes;
    }
    at += bytes;
  }
  return first < last ? text.substr(first, last - first) : std::string_view();
}

std::string_view without_leading_breaks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of('\n'), text.size()));
}

std::string_view without_trailing_breaks(std::string_view text) {
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

// ---- ChatML: <|im_start|>role\ncontent<|im_end|>\n

void turn(Script& script, std::string_view role, std::string_view content) {
  script.scaffold("<|im_start|>").scaffold(role).scaffold("\n").content(content);
  script.scaffold("<|im_end|>\n");
}

void default_system(Script& script, std::string_view text) {
  script.scaffold("<|im_start|>system\n").scaffold(text).scaffold("<|im_end|>\n");
}

std::vector<ChatSegment> chatml_after(Script script, Messages messages,
                                      const ChatOptions& options) {
  for (const ChatMessage& message : messages) turn(script, message.role, message.content);
  if (options.add_generation_prompt) script.scaffold("<|im_start|>assistant\n");
  return script.take();
}

std::vector<ChatSegment> chatml(Messages messages, const ChatOptions& options, const std::string&) {
  return chatml_after({}, messages, options);
}

// Qwen2, Dream
std::vector<ChatSegment> qwen2(Messages messages, const ChatOptions& options, const std::string&) {
  Script script;
  if (messages[0].role != "system") default_system(script, "You are a helpful assistant.");
  return chatml_after(std::move(script), messages, options);
}

// Qwen2.5, Fast-dLLM v2
std::vector<ChatSegment> qwen25(Messages messages, const ChatOptions& options, const std::string&) {
  Script script;
  if (messages[0].role != "system") {
    default_system(script, "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.");
  }
  return chatml_after(std::move(script), messages, options);
}

// LLaMA-Factory's for Qwen2: every question opens its answer, asked for or not.
std::vector<ChatSegment> llama_factory(Messages messages, const ChatOptions&, const std::string&) {
  Script script;
  if (messages[0].role == "system") {
    turn(script, "system", messages[0].content);
  } else {
    default_system(script, "You are a helpful assistant.");
  }
  for (const ChatMessage& message : messages) {
    if (message.role == "user") {
      turn(script, "user", message.content);
      script.scaffold("<|im_start|>assistant\n");
    } else if (message.role == "assistant") {
      script.content(message.content).scaffold("<|im_end|>\n");
    }
  }
  return script.take();
}

// ---- Qwen3, SDAR, A2D: ChatML with thoughts, which are kept only after the last question

bool is_tool_answer(std::string_view content) {
  return content.starts_with("<tool_response>") && content.ends_with("</tool_response>");
}

std::size_t last_question(Messages messages) {
  for (std::size_t i = messages.size(); i-- > 0;) {
    if (messages[i].role == "user" && !is_tool_answer(messages[i].content)) return i;
  }
  return messages.size() - 1;
}

// "<think>\n...\n</think>\n\nanswer" taken apart, as the template does it.
struct Reply {
  std::string_view thoughts, text;
};

Reply take_apart(std::string_view content) {
  constexpr std::string_view kOpen = "<think>";
  constexpr std::string_view kClose = "</think>";
  const std::size_t first_close = content.find(kClose);
  if (first_close == std::string_view::npos) return {"", content};
  const std::string_view text = content.substr(content.rfind(kClose) + kClose.size());
  std::string_view thoughts = without_trailing_breaks(content.substr(0, first_close));
  if (const std::size_t open = thoughts.rfind(kOpen); open != std::string_view::npos) {
    thoughts.remove_prefix(open + kOpen.size());
  }
  return {without_leading_breaks(thoughts), without_leading_breaks(text)};
}

std::vector<ChatSegment> qwen3(Messages messages, const ChatOptions& options, const std::string&) {
  Script script;
  const std::size_t question = last_question(messages);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].role != "assistant") {
      turn(script, messages[i].role, messages[i].content);
      continue;
    }
    const Reply reply = take_apart(messages[i].content);
    const bool last = i + 1 == messages.size();
    if (i <= question || (!last && reply.thoughts.empty())) {
      turn(script, "assistant", reply.text);
      continue;
    }
    script.scaffold("<|im_start|>assistant\n<think>\n");
    script.content(without_trailing_breaks(reply.thoughts)).scaffold("\n</think>\n\n");
    script.content(without_leading_breaks(reply.text)).scaffold("<|im_end|>\n");
  }
  if (options.add_generation_prompt) {
    script.scaffold("<|im_start|>assistant\n");
    if (!options.thinking) script.scaffold("<think>\n\n</think>\n\n");
  }
  return script.take();
}

// ---- Llama 3, LLaDA

std::vector<ChatSegment> llama3(Messages messages, const ChatOptions& options,
                                const std::string& bos_token) {
  Script script;
  script.scaffold(bos_token);
  const auto header = [&script](std::string_view role) {
    script.scaffold("<|start_header_id|>").scaffold(role).scaffold("<|end_header_id|>\n\n");
  };
  for (const ChatMessage& message : messages) {
    header(message.role);
    script.content(trim(message.content)).scaffold("<|eot_id|>");
  }
  if (options.add_generation_prompt) header("assistant");
  return script.take();
}

// ---- Ling: LLaDA-MoE, LLaDA2

void open_role(Script& script, std::string_view role) {
  const std::string_view name = role == "user"     ? "HUMAN"
                                : role == "system" ? "SYSTEM"
                                                   : "ASSISTANT";
  script.scaffold("<role>").scaffold(name).scaffold("</role>");
}

std::vector<ChatSegment> ling_after(Script script, Messages messages, const ChatOptions& options) {
  for (const ChatMessage& message : messages) {
    open_role(script, message.role);
    script.content(message.content).scaffold("<|role_end|>");
  }
  if (options.add_generation_prompt) open_role(script, "assistant");
  return script.take();
}

std::vector<ChatSegment> llada2(Messages messages, const ChatOptions& options, const std::string&) {
  return ling_after({}, messages, options);
}

// With the line that turns Ling's thinking off, after the system message if there is one.
std::vector<ChatSegment> ling(Messages messages, const ChatOptions& options, const std::string&) {
  Script script;
  open_role(script, "system");
  if (messages[0].role == "system") {
    script.content(messages[0].content).scaffold("\n");
    messages = messages.subspan(1);
  }
  script.scaffold("detailed thinking off<|role_end|>");
  return ling_after(std::move(script), messages, options);
}

// ---- The model that ships with unmask: contents, each followed by one control piece

std::vector<ChatSegment> llama_unmask(Messages messages, const ChatOptions&, const std::string&) {
  Script script;
  for (const ChatMessage& message : messages) {
    script.content(message.content).scaffold(message.role == "user" ? "<reply>" : "<end>");
  }
  return script.take();
}

}  // namespace

std::span<const BuiltInFormat> built_in_formats() {
  static const std::vector<std::string_view> kChatml{"<|im_start|>", "<|im_end|>"};
  static const std::vector<std::string_view> kHeaders{"<|start_header_id|>", "<|end_header_id|>",
                                                      "<|eot_id|>"};
  static const std::vector<std::string_view> kRoles{"<role>", "</role>", "<|role_end|>"};
  static const BuiltInFormat kFormats[] = {
      {"llama-unmask", llama_unmask, {"<reply>", "<end>"}, "", {0xC8E6536C394F8271}},
      {"chatml", chatml, kChatml, "", {0xABCC246A94341A38}},
      {"qwen2", qwen2, kChatml, "", {0xB467173160C28633, 0x66F1B47A70A318B3}},
      {"qwen2.5", qwen25, kChatml, "", {0x1082B35AE902E09F, 0x635DB94C6F505EF3}},
      {"qwen3", qwen3, kChatml, "", {0x84052AE1877A053F}},
      {"llama-factory", llama_factory, kChatml, "", {0x711C66FEFDFE5058}},
      {"llada", llama3, kHeaders, "<|startoftext|>", {0xAE8AC1F53B8942B4, 0x1ADCECCC7328B21C}},
      {"llama3", llama3, kHeaders, "<|begin_of_text|>", {}},
      {"llada2", llada2, kRoles, "", {0x62A4FC8766DD231A}},
      {"ling", ling, kRoles, "", {}},
  };
  return kFormats;
}

}  // namespace unmask
