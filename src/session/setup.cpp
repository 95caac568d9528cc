#include "session/setup.h"

#include <unistd.h>

#include <algorithm>

#include "base/log.h"
#include "session/machine.h"
#include "session/model_folder.h"
#include "session/prompt_ids.h"
#include "session/special_ids.h"
#include "unmask/error.h"

namespace unmask {
namespace {

void choose_device(Device device) {
  if (device == Device::cuda) {
    throw Error(ErrorCode::resource, "this version computes on the CPU only",
                "leave --device out, or pass --device cpu");
  }
  if (device == Device::automatic && ::access("/dev/nvidiactl", F_OK) == 0) {
    log::warning(
        "this version does not use the GPU that is here; --device cpu is the same, quietly");
  }
}

EngineOptions engine_options(const ModelOptions& model, const MachineOptions& machine,
                             const std::filesystem::path& folder) {
  choose_device(machine.device);
  EngineOptions options;
  options.checkpoint = folder;
  options.family = model.family;
  options.dtype = machine.dtype;
  options.threads = machine.threads > 0 ? machine.threads : available_threads();
  options.allow_code = model.allow_code;
  options.logit_shift = model.shift;
  return options;
}

/// Null for a checkpoint without a tokenizer whose prompts may come as ids.
std::shared_ptr<const Tokenizer> tokenizer_of(const std::filesystem::path& folder,
                                              Prompts prompts) {
  try {
    return load_tokenizer(folder);
  } catch (const Error& error) {
    if (prompts == Prompts::text) throw;
    log::info(std::string("no text, only ids: ") + error.what());
    return nullptr;
  }
}

/// Mask and end ids: as typed, else as config.json says, else as the tokenizer does.
void settle_ids(const ModelOptions& typed, Setup& setup) {
  ModelFacts& facts = setup.facts;
  if (typed.mask_id) {
    check_ids({&*typed.mask_id, 1}, facts.spec);
    facts.mask_id = *typed.mask_id;
  }
  fill_special_ids(setup.folder, setup.tokenizer.get(), facts);
  require_mask_id(facts);
  if (typed.end_ids) facts.end_ids = *typed.end_ids;
  check_ids(facts.end_ids, facts.spec);
}

/// The end of a turn ends the answer too.
void add_end_of_turn(Setup& setup) {
  const auto end = end_of_turn_id(*setup.format, *setup.tokenizer);
  std::vector<int>& ends = setup.facts.end_ids;
  if (end && std::find(ends.begin(), ends.end(), *end) == ends.end()) ends.push_back(*end);
}

}  // namespace

std::shared_ptr<const Setup> make_setup(const Settings& settings, Prompts prompts,
                                        bool is_conversation) {
  auto setup = std::make_shared<Setup>();
  const ModelOptions& model = settings.model;
  setup->folder = find_model(model.model);
  setup->engine = engine_options(model, settings.machine, setup->folder);
  setup->facts =
      read_facts(CheckpointConfig(setup->folder), model.family, settings.run.preset.value_or(""));
  if (prompts == Prompts::none) return setup;
  setup->engine.family = setup->facts.family;
  if (prompts != Prompts::ids) {
    setup->format =
        choose_chat_format(settings.prompt, is_conversation, setup->folder, setup->facts.thinks);
  }
  setup->tokenizer = tokenizer_of(setup->folder, prompts);
  settle_ids(model, *setup);
  if (setup->format && setup->tokenizer && !model.end_ids) add_end_of_turn(*setup);
  return setup;
}

}  // namespace unmask
