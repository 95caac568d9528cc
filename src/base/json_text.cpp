#include "base/json_text.h"

namespace unmask {

std::string json_text(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string json_line(const OrderedJson& json) { return json_text(json) + '\n'; }

}  // namespace unmask
