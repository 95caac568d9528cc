// One line of a batch: what it asks for, and how its answer is written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "batch/lines.h"
#include "batch/options.h"
#include "session/prompt.h"

namespace unmask {

/// How a line is written, and therefore its answer.
enum class LineFormat {
  own,                ///< {"id", "prompt" | "messages" | "ids", any option}
  openai_chat,        ///< {"custom_id", "body"} for /v1/chat/completions
  openai_completion,  ///< the same for /v1/completions
  text,               ///< --lines: the line is the prompt
};

/// A line of the input.
struct InputLine {
  std::uint64_t number = 0;  ///< from 1
  std::string text;
  std::uint64_t too_long = 0;  ///< its bytes, where they were too many to be read; else 0
  bool is_answered = false;    ///< already, or by another process: only its id is of interest
};

InputLine to_input_line(Line line);

struct BatchItem {
  std::uint64_t line = 0;  ///< in the input, from 1
  Json id;                 ///< a text or a whole number; null where the line names none
  LineFormat format = LineFormat::own;
  Settings settings;  ///< those of the run with what the line changes
  Prompt prompt;

  /// The id that the answer has: "line-7" where the line names none.
  Json shown_id() const;

  bool is_openai() const {
    return format == LineFormat::openai_chat || format == LineFormat::openai_completion;
  }
};

/// Reads lines. Warns once about each key that means nothing.
class ItemReader {
 public:
  /// `folder` is that of the model. The job must outlive the reader.
  ItemReader(const BatchJob& job, std::filesystem::path folder)
      : job_(job), folder_(std::move(folder)) {}

  /// Fills `item`. What has been understood when an Error is thrown (the id, the format) is in it.
  /// A line without a seed gets one that follows from `seed` and its id.
  void read(const InputLine& line, std::uint64_t seed, BatchItem& item);

 private:
  void read_json(const InputLine& line, BatchItem& item);
  void read_own(const JsonField& line, BatchItem& item);
  void check_model(const std::string& model) const;
  void warn_once(const std::string& key);

  const BatchJob& job_;
  std::filesystem::path folder_;
  std::set<std::string> unknown_keys_;  // those that were warned about
};

/// The id of a line, or null: of one that gives none or that cannot be read.
Json find_line_id(std::string_view text);

}  // namespace unmask
