#include "batch/openai.h"

#include <array>
#include <string_view>

#include "base/utf8.h"
#include "batch/line_options.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::string_view kChat = "/v1/chat/completions";
constexpr std::string_view kCompletions = "/v1/completions";

/// Their names of our options.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kRenamed = {{
    {"max_tokens", "length"},
    {"max_completion_tokens", "length"},
    {"max_output_tokens", "length"},
    {"n", "num"},
}};

/// Fields that do not change what is written.
constexpr std::array<std::string_view, 6> kIgnored = {
    "user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"};

/// Fields that would, and that are refused unless they say what is done anyway.
constexpr std::array<std::string_view, 14> kUnsupported = {"stream",
                                                           "echo",
                                                           "logprobs",
                                                           "top_logprobs",
                                                           "best_of",
                                                           "suffix",
                                                           "tools",
                                                           "tool_choice",
                                                           "functions",
                                                           "frequency_penalty",
                                                           "logit_bias",
                                                           "response_format",
                                                           "presence_penalty",
                                                           "modalities"};

template <std::size_t size>
bool contains(const std::array<std::string_view, size>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether a value asks for nothing: null, false, 0, 1 candidate, an empty object, plain text.
bool asks_for_nothing(std::string_view key, const Json& value) {
  if (value.is_null() || value == false || value.empty()) return true;
  if (key == "response_format") return value.is_object() && value.value("type", "") == "text";
  if (key == "best_of") return value == 1;
  if (key == "tool_choice") return value == "none";
  if (key == "modalities") return value == Json::array({"text"});
  return value.is_number() && value == 0;
}

LineFormat endpoint(const JsonField& line) {
  const std::string method = line.text_or("method", "POST");
  if (method != "POST") throw line.at("method").error("must be \"POST\"");
  const JsonField body = line.at("body");
  const std::string fallback(body.has("messages") ? kChat : kCompletions);
  const std::string url = line.text_or("url", fallback);
  if (url == kChat) return LineFormat::openai_chat;
  if (url == kCompletions) return LineFormat::openai_completion;
  throw line.at("url").error(
      "is '" + utf8::printable(url) + "', which cannot be answered here",
      "there are " + std::string(kChat) + " and " + std::string(kCompletions));
}

/// A prompt of /v1/completions: a text, or token ids.
void read_completion_prompt(const JsonField& prompt, BatchItem& item) {
  item.settings.prompt.raw = true;  // it is continued as it stands
  if (prompt.value().is_string()) {
    item.prompt.text = prompt.text();
    return;
  }
  const Json& list = prompt.value();
  if (!list.is_array() || (!list.empty() && !list.front().is_number())) {
    throw prompt.error("is neither a text nor a list of token ids",
                       "several prompts are several lines");
  }
  item.prompt.ids = to_ids(prompt);
}

/// Content as a text, or in parts of which each must be one.
std::string content_text(const JsonField& content) {
  if (content.value().is_string()) return content.text();
  std::string text;
  for (std::size_t i = 0; i < content.size(); ++i) {
    const JsonField part = content.at(i);
    const std::string type = part.text_or("type", "text");
    if (type != "text") {
      throw part.at("type").error("is '" + utf8::printable(type) + "'; this model takes text");
    }
    text += part.at("text").text();
  }
  return text;
}

void read_messages(const JsonField& messages, BatchItem& item) {
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const JsonField message = messages.at(i);
    std::string role = message.at("role").text();
    if (role == "developer") role = "system";
    item.prompt.messages.push_back({std::move(role), content_text(message.at("content"))});
  }
  if (item.prompt.messages.empty()) throw messages.error("holds no messages");
}

std::string_view our_name(std::string_view key) {
  for (const auto& [theirs, ours] : kRenamed) {
    if (theirs == key) return ours;
  }
  return key;
}

OrderedJson choice(const BatchItem& item, const Plan& plan, const Answer& answer,
                   std::size_t index) {
  const std::string text = answer_text(plan, answer);
  OrderedJson json = {{"index", index}};
  if (item.format == LineFormat::openai_chat) {
    json["message"] = {{"role", "assistant"}, {"content", text}};
  } else {
    json["text"] = text;
  }
  json["logprobs"] = nullptr;
  json["finish_reason"] = answer.stopped || answer.finish == Finish::end ? "stop" : "length";
  return json;
}

}  // namespace

bool is_openai_line(const Json& line) {
  return line.contains("custom_id") || line.contains("body");
}

std::string read_openai_line(const BatchJob& job, const JsonField& line, BatchItem& item,
                             std::vector<std::string>& unknown) {
  item.format = endpoint(line);
  const bool chat = item.format == LineFormat::openai_chat;
  const JsonField body = line.at("body");
  const std::string_view source = chat ? "messages" : "prompt";
  for (const auto& [key, value] : body.value().items()) {
    if (key == "model" || key == source || contains(kIgnored, key) || value.is_null()) continue;
    const bool unsupported = contains(kUnsupported, key);
    if (unsupported && !asks_for_nothing(key, value)) {
      throw body.at(key).error("cannot be done here");
    }
    if (unsupported) continue;
    if (!set_line_option(job, std::string(our_name(key)), body.at(key), item.settings)) {
      unknown.push_back(key);
    }
  }
  if (chat) {
    read_messages(body.at("messages"), item);
  } else {
    read_completion_prompt(body.at("prompt"), item);
  }
  return body.text_or("model", "");
}

OrderedJson openai_answer(const BatchItem& item, const Plan& plan, const Answers& answers,
                          std::int64_t created) {
  const bool chat = item.format == LineFormat::openai_chat;
  const std::string number = std::to_string(item.line);
  OrderedJson choices = OrderedJson::array();
  const std::size_t tokens = answers.tokens();
  const auto prompt_tokens = static_cast<std::size_t>(plan.prompt_tokens());
  for (const Answer& draft : answers.drafts) {
    choices.push_back(choice(item, plan, draft, choices.size()));
  }
  const OrderedJson body = {{"id", (chat ? "chatcmpl-" : "cmpl-") + number},
                            {"object", chat ? "chat.completion" : "text_completion"},
                            {"created", created},
                            {"model", plan.setup->checkpoint->path().filename().native()},
                            {"choices", std::move(choices)},
                            {"usage",
                             {{"prompt_tokens", prompt_tokens},
                              {"completion_tokens", tokens},
                              {"total_tokens", prompt_tokens + tokens}}}};
  return {{"id", "batch_req_" + number},
          {"custom_id", item.shown_id()},
          {"response", {{"status_code", 200}, {"request_id", "req_" + number}, {"body", body}}},
          {"error", nullptr}};
}

}  // namespace unmask
