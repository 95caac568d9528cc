// Decodes the same prompts at many settings, one prompt at a time, for scripts/measure.py:
//   bench_decoding FOLDER PROMPTS SETTINGS [THREADS] > RESULTS
// PROMPTS has token ids, one prompt on a line. SETTINGS has one setting on a line: a name, a tab,
// and options as name=value ("preset=fast commit=threshold:0.9"); the checkpoint's defaults hold
// otherwise. RESULTS is one JSON object for each setting and prompt.
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "engine/exports.h"
#include "family/family.h"
#include "unmask/error.h"

namespace unmask {
namespace {

using Clock = std::chrono::steady_clock;

struct Setting {
  std::string name;
  DecodeOptions options;
};

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw Error(ErrorCode::usage, path + ": cannot be read");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<int> ids_of(const std::string& line) {
  std::istringstream words(line);
  std::vector<int> ids;
  for (int id = 0; words >> id;) ids.push_back(id);
  return ids;
}

Setting setting_of(const std::string& line, const ModelFacts& facts) {
  Setting setting{line.substr(0, line.find('\t')), facts.defaults};
  std::istringstream words(line.substr(std::min(line.find('\t'), line.size())));
  for (std::string word; words >> word;) {
    const auto equals = std::min(word.find('='), word.size());
    const std::string name = word.substr(0, equals);
    const std::string value = word.substr(std::min(equals + 1, word.size()));
    if (name == "preset") {
      setting.options = preset_options(facts, value);
    } else {
      set_option(setting.options, name, value);
    }
  }
  return setting;
}

void run(Engine& engine, const Setting& setting, const std::vector<std::string>& prompts) {
  for (std::size_t i = 0; i < prompts.size(); ++i) {
    GenerationRequest request;
    request.canvas = {Segment::given(ids_of(prompts[i]))};
    request.options = setting.options;
    request.seed = i;
    const auto begin = Clock::now();
    const Generation answer = engine.generate({&request, 1}, nullptr)[0];
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const std::vector<int> written(answer.canvas.begin() + length_of(request.canvas),
                                   answer.canvas.end());
    std::cout << nlohmann::ordered_json{{"setting", setting.name},
                                        {"prompt", i},
                                        {"ids", written},
                                        {"forwards", answer.forwards},
                                        {"seconds", seconds}}
                     .dump()
              << '\n';
  }
}

int measure(const std::vector<std::string>& words) {
  EngineOptions options;
  options.checkpoint = Checkpoint::open(words[0]);
  options.threads = words.size() > 3 ? std::stoi(words[3]) : 1;
  const ModelFacts facts = read_facts(*options.checkpoint, "");
  const std::unique_ptr<Engine> engine(unmask_engine_create(options));
  const std::vector<std::string> prompts = lines_of(words[1]);
  for (const std::string& line : lines_of(words[2])) {
    const Setting setting = setting_of(line, facts);
    run(*engine, setting, prompts);
    std::cerr << setting.name << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace unmask

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 3 || words.size() > 4) {
    std::cerr << "usage: bench_decoding FOLDER PROMPTS SETTINGS [THREADS]\n";
    return 2;
  }
  try {
    return unmask::measure(words);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
