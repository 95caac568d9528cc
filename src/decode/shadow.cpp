#include "decode/shadow.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

namespace unmask {

ShadowedCanvas with_shadow(const Canvas& canvas, const Wants& wants, bool logit_shift) {
  const int size = canvas.size(), shift = logit_shift ? 1 : 0;
  ShadowedCanvas shadowed;
  shadowed.ids.assign(canvas.ids().begin(), canvas.ids().end());
  shadowed.positions.resize(canvas.ids().size());
  std::iota(shadowed.positions.begin(), shadowed.positions.end(), 0);
  shadowed.rows = wants.rows;
  const int total = size + static_cast<int>(wants.shadow.size());
  shadowed.visible = at::ones({total, total}, at::kBool);
  shadowed.visible.slice(0, 0, size).slice(1, size, total).fill_(false);
  for (const int position : wants.shadow) {
    const int index = static_cast<int>(shadowed.ids.size());
    shadowed.visible[index][position].fill_(false);
    shadowed.ids.push_back(canvas.mask_id());
    shadowed.positions.push_back(std::max(position - shift, 0));
    shadowed.rows.push_back(index + shift);
  }
  return shadowed;
}

}  // namespace unmask
