// Every denoising step as a line of JSON.
#pragma once

#include <string>
#include <string_view>

#include "base/descriptor.h"
#include "unmask/events.h"

namespace unmask {

/// Writes the file of --trace: a header line, then one line for each step in which a position was
/// committed or revised:
/// {"step":k,"block":b,"ids":[...],"committed":[...],"revised":[...],"confidence":[...]}
/// With several drafts each line also says whose it is: "draft":i.
class Trace : public Events {
 public:
  /// Creates or empties the file and writes `header`, a JSON object, as its first line.
  /// Error{failure} when it cannot be written, here and below.
  Trace(const std::string& path, std::string_view header, bool several_drafts);

  void on_step(const StepEvent& event) override;

  /// Writes what is still in memory. Not written by the destructor: it could not report a failure.
  void finish();

 private:
  void flush();

  std::string path_;
  Descriptor file_;
  bool several_drafts_;
  std::string pending_;
};

}  // namespace unmask
