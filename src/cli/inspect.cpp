// The command `inspect`: what a checkpoint is, what it needs and whether it is sound.
#include "base/log.h"
#include "cli/checkup.h"
#include "cli/commands.h"
#include "cli/model_folder.h"
#include "cli/result.h"
#include "cli/values.h"
#include "io/output.h"
#include "text/chat_format.h"
#include "text/tokenizer.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr int kUnsound = static_cast<int>(ErrorCode::checkpoint);

/// What the folder's text half is like; a problem with it is one of the checkpoint.
struct TextFacts {
  std::unique_ptr<Tokenizer> tokenizer;
  std::string chat_format;  ///< "" for none
  std::vector<std::string> problems;
};

TextFacts read_text_facts(const std::filesystem::path& folder) {
  TextFacts facts;
  try {
    facts.tokenizer = load_tokenizer(folder);
  } catch (const Error& error) {
    facts.problems.emplace_back(error.what());
  }
  try {
    if (const auto format = find_chat_format(folder)) facts.chat_format = format->name();
  } catch (const Error& error) {
    facts.problems.emplace_back(error.what());
  }
  return facts;
}

OrderedJson report_json(const std::filesystem::path& folder, const ModelFacts& facts,
                        const TextFacts& text, const Checkup& checkup) {
  OrderedJson json;
  json["schema"] = 1;
  json["path"] = folder.native();
  json["family"] = facts.family;
  json["parameters"] = checkup.parameters;
  json["layers"] = facts.spec.layers;
  json["hidden"] = facts.spec.hidden;
  json["heads"] = facts.spec.heads;
  json["kv_heads"] = facts.spec.kv_heads;
  json["intermediate"] = facts.spec.intermediate;
  json["dtypes"] = checkup.tensors_by_dtype;
  json["stored_bytes"] = checkup.stored_bytes;
  json["memory_bytes"] = {{"f32", checkup.parameters * 4}, {"bf16", checkup.parameters * 2}};
  json["context"] = facts.context > 0 ? OrderedJson(facts.context) : OrderedJson(nullptr);
  json["vocab"] = facts.vocab;
  json["vocab_rows"] = facts.spec.vocab_rows;
  json["mask_id"] = facts.mask_id;
  json["end_ids"] = facts.end_ids;
  json["logit_shift"] = facts.logit_shift;
  json["chat_format"] =
      text.chat_format.empty() ? OrderedJson(nullptr) : OrderedJson(text.chat_format);
  json["options"] = options_json(facts.defaults);
  json["tensors"] = checkup.tensors;
  json["unused_tensors"] = checkup.unused;
  json["non_finite_values"] =
      checkup.non_finite ? OrderedJson(*checkup.non_finite) : OrderedJson(nullptr);
  json["problems"] = checkup.problems;
  json["sound"] = checkup.problems.empty();
  return json;
}

std::string count(std::int64_t number) { return format_count(static_cast<std::uint64_t>(number)); }

std::string token(int id, const TextFacts& text) {
  const std::string spelling = text.tokenizer ? text.tokenizer->token_text(id) : "";
  return std::to_string(id) + (spelling.empty() ? "" : " " + utf8::printable(spelling));
}

std::string line(std::string name, const std::string& value, std::size_t column = 14) {
  name.resize(std::max(column, name.size() + 2), ' ');
  return name + value + '\n';
}

std::string network_lines(const ModelFacts& facts, const Checkup& checkup) {
  const ModelSpec& spec = facts.spec;
  std::string stored;
  for (const auto& [dtype, tensors] : checkup.tensors_by_dtype) {
    stored += dtype + " (" + count(static_cast<std::int64_t>(tensors)) + " tensors), ";
  }
  const std::uint64_t parameters = checkup.parameters;
  return line("parameters", format_count(parameters)) +
         line("network", std::to_string(spec.layers) + " layers of width " + count(spec.hidden) +
                             ", " + std::to_string(spec.heads) + " heads, " +
                             std::to_string(spec.kv_heads) + " key/value heads, feed-forward " +
                             count(spec.intermediate)) +
         line("stored", stored + format_size(checkup.stored_bytes)) +
         line("memory", "f32 " + format_size(parameters * 4) + ", bf16 " +
                            format_size(parameters * 2) + ", for the weights alone") +
         line("context", facts.context > 0 ? count(facts.context) + " tokens" : "not stated");
}

std::string text_lines(const ModelFacts& facts, const TextFacts& text) {
  std::string ends;
  for (const int id : facts.end_ids) ends += (ends.empty() ? "" : ", ") + token(id, text);
  return line("vocabulary", count(facts.vocab) + " tokens, " + count(facts.spec.vocab_rows) +
                                " rows in the network") +
         line("mask token", token(facts.mask_id, text)) + line("end tokens", ends) +
         line("chat format", text.chat_format.empty() ? "none" : text.chat_format);
}

std::string option_lines(const ModelFacts& facts) {
  std::string lines = "defaults\n";
  const OrderedJson options = options_json(facts.defaults);
  for (const auto& [name, value] : options.items()) {
    std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    if (name == "steps" && value == 0) shown = "one per token";
    if (name == "block" && value == 0) shown = "the whole canvas";
    if (name == "temperature" && value == 0) shown = "0: the most probable token, unless asked";
    constexpr std::size_t kOptionColumn = 23;
    if (name != "end-ids") lines += line("  --" + name, shown, kOptionColumn);
  }
  return lines;
}

std::string report_text(const std::filesystem::path& folder, const ModelFacts& facts,
                        const TextFacts& text, const Checkup& checkup) {
  std::string report = line("model", display(folder)) + line("family", facts.family) +
                       network_lines(facts, checkup) + text_lines(facts, text) +
                       option_lines(facts);
  report += line("tensors", count(static_cast<std::int64_t>(checkup.tensors)) + ", " +
                                std::to_string(checkup.unused.size()) + " of them unused");
  if (checkup.non_finite) report += line("not finite", count(*checkup.non_finite) + " values");
  for (const std::string& problem : checkup.problems) report += line("problem", problem);
  return report + line("sound", checkup.problems.empty() ? "yes" : "no");
}

}  // namespace

int run_inspect(const Args& args) {
  if (args.words.size() > 1 || (args.model && !args.words.empty())) {
    throw Error(ErrorCode::usage, "inspect takes one model", "unmask inspect [MODEL]");
  }
  Args named = args;
  if (!args.words.empty()) named.model = args.words.front();
  const Output output(args.output);
  const auto folder = find_model(named);
  const ModelFacts facts = read_facts(CheckpointConfig(folder), args.family);
  const TextFacts text = read_text_facts(folder);
  Checkup checkup = check_weights(folder, facts, args.check_values);
  checkup.problems.insert(checkup.problems.end(), text.problems.begin(), text.problems.end());
  output.write(args.json ? json_line(report_json(folder, facts, text, checkup))
                         : report_text(folder, facts, text, checkup));
  if (checkup.problems.empty()) return 0;
  log::error(display(folder) + " is not sound: " + checkup.problems.front());
  return kUnsound;
}

}  // namespace unmask
