#include "batch/line_options.h"

#include <algorithm>
#include <string_view>

#include "session/prompt.h"
#include "unmask/options.h"

namespace unmask {
namespace {

/// The value as it would have been typed.
std::string as_typed(const JsonField& field) {
  const Json& value = field.value();
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return value.dump();
  if (const auto number = unread_number(value)) return *number;  // for the option to refuse
  if (!value.is_array()) throw field.error("is neither a number nor a text");
  std::string ids;
  for (const int id : to_ids(field)) ids += (ids.empty() ? "" : " ") + std::to_string(id);
  return ids;
}

/// A switch is turned on, or off by its negation; what has none is off unless it is turned on.
void set_decoding_option(const OptionSpec& spec, bool is_negation, const JsonField& value,
                         RunOptions& run) {
  const auto type = [&](std::string_view text) {
    std::erase_if(run.decoding, [&](const auto& option) { return option.first == spec.name; });
    if (!text.empty()) run.type(spec.name, text);
  };
  if (!spec.value.empty()) return type(as_typed(value));
  const bool on = value.boolean();
  if (is_negation) {
    if (on) type("off");
  } else {
    type(on ? "on" : spec.name.starts_with("no-") ? "" : "off");
  }
}

void set_stops(const Setting<Settings>& setting, const JsonField& value, Settings& settings) {
  settings.run.stops.clear();
  if (value.value().is_string()) return setting.access.set(settings, value.text());
  for (std::size_t i = 0; i < value.size(); ++i) {
    setting.access.set(settings, value.at(i).text());
  }
}

void set_one(const Setting<Settings>& setting, const JsonField& value, Settings& settings) {
  if (setting.repeatable) {
    set_stops(setting, value, settings);
  } else if (setting.value.empty()) {
    if (value.boolean()) setting.access.set(settings, "");
  } else {
    setting.access.set(settings, as_typed(value));
  }
}

}  // namespace

bool set_line_option(const BatchJob& job, const std::string& key, const JsonField& value,
                     Settings& settings) {
  std::string name = key;
  std::replace(name.begin(), name.end(), '_', '-');
  for (const OptionSpec& spec : option_specs()) {
    const bool is_negation = spec.value.empty() && name == "no-" + std::string(spec.name);
    if (name != spec.name && !is_negation) continue;
    set_decoding_option(spec, is_negation, value, settings.run);
    return true;
  }
  for (const Setting<Settings>& setting : unmask::settings()) {
    if (setting.name != name || !setting.per_line) continue;
    set_one(setting, value, settings);
    return true;
  }
  if (!job.for_all.contains(name)) return false;
  throw value.error("can only be set for the whole run", "unmask batch --" + name);
}

}  // namespace unmask
