#include "cli/setup.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "cli/command.h"
#include "cli/machine.h"
#include "cli/model_folder.h"
#include "cli/prompt_ids.h"
#include "cli/special_ids.h"
#include "unmask/error.h"

namespace unmask {
namespace {

void choose_device(const Args& args) {
  if (args.device == Device::cuda) {
    throw Error(ErrorCode::resource, "this version computes on the CPU only",
                "leave --device out, or pass --device cpu");
  }
  if (args.device == Device::automatic && ::access("/dev/nvidiactl", F_OK) == 0) {
    log::warning(
        "this version does not use the GPU that is here; --device cpu is the same, quietly");
  }
}

/// Null for a checkpoint without a tokenizer whose prompts may come as ids.
std::shared_ptr<const Tokenizer> find_tokenizer_of(const Args& args, const Setup& setup) {
  try {
    return load_tokenizer(setup.folder);
  } catch (const Error& error) {
    if (args.ids.empty() && args.command->name != "batch") throw;
    log::info(std::string("no text, only ids: ") + error.what());
    return nullptr;
  }
}

/// Mask and end ids: as typed, else as config.json says, else as the tokenizer does.
void settle_ids(const Args& args, Setup& setup) {
  ModelFacts& facts = setup.facts;
  if (args.mask_id) {
    check_ids({&*args.mask_id, 1}, facts.spec);
    facts.mask_id = *args.mask_id;
  }
  fill_special_ids(setup.folder, setup.tokenizer.get(), facts);
  require_mask_id(facts);
  if (args.end_ids) facts.end_ids = *args.end_ids;
  check_ids(facts.end_ids, facts.spec);
}

/// The end of a turn ends the answer too.
void add_end_of_turn(Setup& setup) {
  const auto end = end_of_turn_id(*setup.format, *setup.tokenizer);
  std::vector<int>& ends = setup.facts.end_ids;
  if (end && std::find(ends.begin(), ends.end(), *end) == ends.end()) ends.push_back(*end);
}

}  // namespace

std::shared_ptr<const Setup> make_setup(const Args& args) {
  auto setup = std::make_shared<Setup>();
  setup->folder = find_model(args);
  setup->engine = engine_options(args, setup->folder);
  setup->facts = read_facts(CheckpointConfig(setup->folder), args.family, args.preset.value_or(""));
  setup->engine.family = setup->facts.family;
  setup->engine.logit_shift = args.shift;
  if (args.ids.empty()) setup->format = choose_chat_format(args, setup->folder);
  setup->tokenizer = find_tokenizer_of(args, *setup);
  settle_ids(args, *setup);
  if (setup->format && setup->tokenizer && !args.end_ids) add_end_of_turn(*setup);
  return setup;
}

EngineOptions engine_options(const Args& args, const std::filesystem::path& folder) {
  choose_device(args);
  EngineOptions options;
  options.checkpoint = folder;
  options.family = args.family;
  options.dtype = args.dtype;
  options.threads = args.threads > 0 ? args.threads : available_threads();
  options.allow_code = args.allow_code;
  return options;
}

}  // namespace unmask
