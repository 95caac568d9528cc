#include "session/setup.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "session/machine.h"
#include "session/model_folder.h"
#include "session/prompt_ids.h"
#include "session/special_ids.h"
#include "text/tokenizer_files.h"
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
                             std::shared_ptr<const Checkpoint> checkpoint) {
  choose_device(machine.device);
  EngineOptions options;
  options.checkpoint = std::move(checkpoint);
  options.family = model.family;
  options.dtype = machine.dtype;
  options.threads = machine.threads > 0 ? machine.threads : available_threads();
  options.allow_code = model.allow_code;
  options.logit_shift = model.shift;
  return options;
}

/// Null for a checkpoint without a tokenizer whose prompts may come as ids.
std::shared_ptr<const Tokenizer> tokenizer_of(const TokenizerFiles& files, Prompts prompts) {
  try {
    return load_tokenizer(files);
  } catch (const Error& error) {
    if (prompts == Prompts::text) throw;
    log::info(std::string("no text, only ids: ") + error.what());
    return nullptr;
  }
}

/// Mask and end ids: as typed, else as config.json says, else as the tokenizer does.
void settle_ids(const ModelOptions& typed, const TokenizerFiles& files, Setup& setup) {
  ModelFacts& facts = setup.facts;
  if (typed.mask_id) {
    check_ids({&*typed.mask_id, 1}, facts.spec);
    facts.mask_id = *typed.mask_id;
  }
  fill_special_ids(files, setup.tokenizer.get(), facts);
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
  setup->checkpoint = open_model(model.model);
  setup->engine = engine_options(model, settings.machine, setup->checkpoint);
  setup->facts = read_facts(*setup->checkpoint, model.family, settings.run.preset.value_or(""));
  if (prompts == Prompts::none) return setup;
  setup->engine.family = setup->facts.family;
  const TokenizerFiles files(setup->checkpoint);
  if (prompts != Prompts::ids) {
    setup->format = choose_chat_format(settings.prompt, is_conversation, files);
  }
  setup->tokenizer = tokenizer_of(files, prompts);
  settle_ids(model, files, *setup);
  if (setup->format && setup->tokenizer && !model.end_ids) add_end_of_turn(*setup);
  return setup;
}

}  // namespace unmask
