#include "batch/answer.h"

#include "base/json.h"
#include "batch/openai.h"

namespace unmask {

OrderedJson answer_json(const BatchItem& item, const Plan& plan, const Answers& answers,
                        std::int64_t created) {
  OrderedJson json = {{"line", item.line}};
  if (item.is_openai()) {
    json.update(openai_answer(item, plan, answers, created));
    return json;
  }
  json["id"] = item.shown_id();
  if (answers.drafts.size() == 1) {
    json.update(result_json(plan, answers.drafts.front(), answers.timing));
    return json;
  }
  for (const Answer& draft : answers.drafts) {
    json["drafts"].push_back(result_json(plan, draft, answers.timing));
  }
  return json;
}

OrderedJson error_json(const BatchItem& item, const Error& error) {
  OrderedJson problem = {{"code", error_code(error)}, {"message", error.what()}};
  if (!error.hint().empty()) problem["hint"] = error.hint();
  if (const auto* json = dynamic_cast<const JsonError*>(&error)) problem["column"] = json->column();
  OrderedJson json = {{"line", item.line}, {"error", std::move(problem)}};
  if (item.is_openai()) {
    json["custom_id"] = item.shown_id();
    json["response"] = nullptr;
  } else {
    json["id"] = item.shown_id();
  }
  return json;
}

std::string error_code(const Error& error) {
  switch (error.code()) {
    case ErrorCode::usage:
      return "usage";
    case ErrorCode::checkpoint:
      return "checkpoint";
    case ErrorCode::resource:
      return "resource";
    default:
      return "failure";
  }
}

}  // namespace unmask
