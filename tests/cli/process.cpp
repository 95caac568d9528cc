#include "cli/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <thread>

namespace unmask::testing {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  Pipe() { EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  std::array<int, 2> ends{-1, -1};
};

void set_environment(const std::vector<std::pair<std::string, std::string>>& environment) {
  ::setenv("UNMASK_MODEL", model_folder("llada").c_str(), 1);
  ::setenv("TERM", "xterm", 1);
  ::unsetenv("NO_COLOR");
  for (const auto& [name, value] : environment) {
    if (value.empty()) {
      ::unsetenv(name.c_str());
    } else {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
}

[[noreturn]] void execute(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<char*> raw = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) raw.push_back(const_cast<char*>(argument.c_str()));
  raw.push_back(nullptr);
  ::execv(program.c_str(), raw.data());
  ::_exit(127);
}

void become_child(const Launch& launch, const Pipe& in, const Pipe& out, const Pipe& err) {
  const bool reads_pipe = launch.input || launch.silent_input;
  ::dup2(reads_pipe ? in.ends[0] : ::open("/dev/null", O_RDONLY), STDIN_FILENO);
  const int file = launch.output_path.empty()
                       ? out.ends[1]
                       : ::open(launch.output_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(err.ends[1], STDERR_FILENO);
  for (const int stream : launch.closed) ::close(stream);
  ::signal(SIGPIPE, SIG_DFL);
  set_environment(launch.environment);
  execute(launch.program, launch.arguments);
}

void read_some(int descriptor, std::string& text) {
  std::array<char, 65536> buffer{};
  ssize_t got = 0;
  while ((got = ::read(descriptor, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void take_status(pid_t child, Finished& finished) {
  int status = 0;
  ::waitpid(child, &status, 0);
  finished.by_signal = WIFSIGNALED(status);
  finished.status = finished.by_signal ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Finished launch(const Launch& launch) {
  Pipe in;
  Pipe out;
  Pipe err;
  const auto begin = Clock::now();
  const pid_t child = ::fork();
  if (child == 0) become_child(launch, in, out, err);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  if (launch.output_closed_early) out.close_end(0);

  Finished finished;
  std::thread writer([&] {
    if (!launch.input) return;
    ::signal(SIGPIPE, SIG_IGN);
    const char* next = launch.input->data();
    std::size_t left = launch.input->size();
    while (left > 0) {
      const ssize_t written = ::write(in.ends[1], next, left);
      if (written <= 0) break;
      next += written;
      left -= static_cast<std::size_t>(written);
    }
    in.close_end(1);
  });
  std::thread reader([&] {
    if (!launch.output_closed_early) read_some(out.ends[0], finished.out);
  });
  std::thread signaller([&] {
    if (launch.while_running) launch.while_running(child);
  });
  read_some(err.ends[0], finished.err);
  reader.join();
  writer.join();
  signaller.join();
  take_status(child, finished);
  finished.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  return finished;
}

Finished unmask(const std::vector<std::string>& arguments) {
  Launch plain;
  plain.arguments = arguments;
  return launch(plain);
}

Finished unmask_with_input(const std::string& text, const std::vector<std::string>& arguments) {
  Launch piped;
  piped.arguments = arguments;
  piped.input = text;
  return launch(piped);
}

Finished unmask_on_terminal(const std::vector<std::string>& arguments, const std::string& typed,
                            const std::vector<std::pair<std::string, std::string>>& environment) {
  int terminal = -1;
  winsize size{24, 80, 0, 0};
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    set_environment(environment);
    execute(UNMASK_BINARY, arguments);
  }
  EXPECT_EQ(::write(terminal, typed.data(), typed.size()), std::ssize(typed));
  Finished finished;
  read_some(terminal, finished.out);
  take_status(child, finished);
  ::close(terminal);
  return finished;
}

std::string model_folder(const std::string& name) {
  return std::string(UNMASK_FIXTURES) + "/" + name + "/model";
}

bool has_engine() { return UNMASK_HAS_ENGINE != 0; }

void EngineTest::SetUp() {
  if (!has_engine()) GTEST_SKIP() << "built without the engine (UNMASK_ENGINE=OFF)";
}

Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

Json result_of(const Words& arguments) {
  const Finished finished = unmask(arguments + Words{"--json"});
  EXPECT_EQ(finished.status, 0) << finished.err;
  return parse_json(finished.out, "result");
}

}  // namespace unmask::testing
