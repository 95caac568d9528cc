#include "text/tokenizer_config.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/json.h"
#include "text/tokenizer_json.h"

namespace unmask {
namespace {

constexpr std::uint64_t kLargestFile = 16 << 20;  // of those with settings

std::optional<Json> read_json(const FileSource& files, const std::string& name) {
  const auto file = files.member(name);
  if (!file) return std::nullopt;
  return parse_json(file->text(kLargestFile), name);
}

// A token is given by its text or as an object with "content".
std::string named_token(const JsonField& config, const char* key) {
  if (!config.has(key)) return "";
  const JsonField field = config.at(key);
  return field.value().is_object() ? field.at("content").text() : field.text();
}

void read_named_tokens(const JsonField& field, TokenizerConfig& config) {
  const auto read = [&field](const char* key, std::string& token) {
    if (token.empty()) token = named_token(field, key);
  };
  read("bos_token", config.bos_token);
  read("eos_token", config.eos_token);
  read("pad_token", config.pad_token);
  read("unk_token", config.unk_token);
  read("mask_token", config.mask_token);
}

int id_of_key(const JsonField& decoder, const std::string& key) {
  int id = -1;
  const char* const last = key.data() + key.size();
  const auto [end, problem] = std::from_chars(key.data(), last, id);
  if (problem != std::errc{} || end != last || id < 0 || id > TokenTable::kHighestId) {
    throw decoder.at(key).error("is not named by an id");
  }
  return id;
}

void read_added_tokens_decoder(const JsonField& decoder, TokenizerConfig& config) {
  for (const auto& [key, value] : decoder.value().items()) {
    config.added_tokens.push_back(read_added_token(decoder.at(key), id_of_key(decoder, key)));
  }
}

std::vector<std::string> additional_special_tokens(const JsonField& field) {
  std::vector<std::string> tokens;
  if (!field.has("additional_special_tokens")) return tokens;
  const JsonField list = field.at("additional_special_tokens");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const JsonField token = list.at(i);
    tokens.push_back(token.value().is_object() ? token.at("content").text() : token.text());
  }
  return tokens;
}

// {"<|im_start|>": 151644, ...}: the older file, which does not say what is special.
void read_added_tokens_file(const JsonField& field, const std::vector<std::string>& special,
                            TokenizerConfig& config) {
  for (const auto& [content, value] : field.value().items()) {
    AddedToken token;
    token.id = static_cast<int>(field.at(content).integer(0, TokenTable::kHighestId));
    token.content = content;
    token.special = std::find(special.begin(), special.end(), content) != special.end();
    token.normalized = !token.special;
    config.added_tokens.push_back(std::move(token));
  }
}

void read_chat_templates(const JsonField& field, TokenizerConfig& config) {
  if (!field.has("chat_template")) return;
  const JsonField chat = field.at("chat_template");
  if (!chat.value().is_array()) {
    config.chat_templates.emplace_back("default", chat.text());
    return;
  }
  for (std::size_t i = 0; i < chat.size(); ++i) {
    config.chat_templates.emplace_back(chat.at(i).at("name").text(),
                                       chat.at(i).at("template").text());
  }
}

}  // namespace

TokenizerConfig read_tokenizer_config(const FileSource& files) {
  TokenizerConfig config;
  std::vector<std::string> special;
  if (const auto jinja = files.member("chat_template.jinja")) {
    config.chat_templates.emplace_back("default", jinja->text(kLargestFile));
  }
  if (const auto json = read_json(files, "tokenizer_config.json")) {
    const JsonField field(*json, "tokenizer_config.json");
    config.tokenizer_class = field.text_or("tokenizer_class", "");
    config.add_prefix_space = field.boolean_or("add_prefix_space", false);
    read_named_tokens(field, config);
    special = additional_special_tokens(field);
    if (field.has("added_tokens_decoder")) {
      read_added_tokens_decoder(field.at("added_tokens_decoder"), config);
    }
    if (config.chat_templates.empty()) read_chat_templates(field, config);
  }
  if (const auto json = read_json(files, "special_tokens_map.json")) {
    const JsonField field(*json, "special_tokens_map.json");
    read_named_tokens(field, config);
    const auto more = additional_special_tokens(field);
    special.insert(special.end(), more.begin(), more.end());
  }
  if (config.added_tokens.empty()) {
    if (const auto json = read_json(files, "added_tokens.json")) {
      special.insert(special.end(), {config.bos_token, config.eos_token, config.pad_token,
                                     config.unk_token, config.mask_token});
      read_added_tokens_file(JsonField(*json, "added_tokens.json"), special, config);
    }
  }
  std::sort(config.added_tokens.begin(), config.added_tokens.end(),
            [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return config;
}

}  // namespace unmask
